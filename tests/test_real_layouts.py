"""Official documents as they are met in the world: pages, copies of databases, decrees, laws. All words are invented."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

import making
from policykb.corpus.check import check
from policykb.corpus.corpus import Corpus
from policykb.corpus.entry_format import dump
from policykb.domain.issuers import Authority
from policykb.domain.vocabulary import Vocabulary
from policykb.importing.official.draft import Draft, read_document
from policykb.importing.paragraphs import without_space
from policykb.importing.sources import read_lines

AUTHORITY = Authority.load(None)
SENTENCE = "各地要做好雨水收集设施的登记，按月报送有关情况，不得迟延。"


def read(text: str, name: str = "a.txt") -> Draft:
    return read_document(read_lines(text.encode(), name=name), AUTHORITY)


def picked(draft: Draft, *keys: str) -> dict[str, Any]:
    return {key: draft.value(key) for key in keys}


def page(issued: str, published: str, number: str, body: str) -> str:
    table = f"""<table><tr><td>索 引 号：</td><td>000014349/2031-00999</td><td>主题分类：</td><td>综合政务</td></tr>
<tr><td>发文机关：</td><td>国务院办公厅</td><td>成文日期：</td><td>{issued}</td></tr>
<tr><td>标　　题：</td><td>国务院办公厅关于雨水收集的通知</td></tr>
<tr><td>发文字号：</td><td>{number}</td><td>发布日期：</td><td>{published}</td></tr></table>"""
    return making.page(f"<table><tr><td>{table}</td></tr></table>{body}").decode()


def test_text_in_the_cell_of_a_table_that_lays_out_the_page_is_text() -> None:
    body = f"""<table><tr><td><table><tr><td id="UCAP-CONTENT"><p>国务院办公厅关于雨水收集的通知</p><p>国办发〔2031〕99号</p>
<p>各省、自治区、直辖市人民政府：</p><p>{SENTENCE}</p><p>国务院办公厅</p><p>2031年7月1日</p></td></tr></table></td></tr></table>"""
    draft = read(page("2031年07月01日", "2031年07月12日", "国办发〔2031〕99号", body), "a.html")
    assert draft.body == (SENTENCE,)
    assert picked(draft, "date", "published") == {"date": date(2031, 7, 1), "published": date(2031, 7, 12)}
    assert draft.doubts == ()


def test_published_years_later_it_keeps_the_day_of_issue_and_that_is_doubted() -> None:
    body = f"<div><p>各有关单位：</p><p>{SENTENCE}</p><p>国务院办公厅</p><p>1996年6月29日</p></div>"
    draft = read(page("1996年06月29日", "2018年12月24日", "国办发〔1996〕25号", body), "a.html")
    assert picked(draft, "date", "published") == {"date": date(1996, 6, 29), "published": date(2018, 12, 24)}
    (doubt,) = draft.doubts
    assert "2018-12-24" in doubt
    assert draft.policy().published == date(2018, 12, 24)


def test_a_publication_in_another_year_than_the_number_is_no_day_of_issue() -> None:
    draft = read(f"发布日期：2031-01-20　发文字号：财建〔2030〕9号\n关于雨水收集的通知\n{SENTENCE}\n")
    assert picked(draft, "date", "published") == {"date": None, "published": date(2031, 1, 20)}
    assert "财建〔2030〕9号" in draft.doubts[0]


def test_an_announcement_without_addressees_keeps_its_first_sentence() -> None:
    first = "为规范雨水收集，我部组织制定了《雨水登记规则（试行）》，现将有关事项公告如下："
    draft = read(
        f"关于发布《雨水登记规则（试行）》的公告\n{first}\n一、{SENTENCE}\n特此公告。\n生态环境部\n2031年5月14日\n"
    )
    assert draft.body == (first, f"一、{SENTENCE}", "特此公告。")


@pytest.mark.parametrize("between", ["\n\n", "　　"])
def test_every_department_that_signs_issues(between: str) -> None:
    names = ("河西市科学技术委员会", "河西市发展和改革委员会", "河西市教育委员会")
    draft = read(
        f"关于印发《雨水方案》的通知\n\n河科〔2031〕17号\n\n各有关单位：\n\n{SENTENCE}\n\n{between.join(names)}\n\n2031年7月10日\n"
    )
    assert picked(draft, "issuers", "date") == {"issuers": names, "date": date(2031, 7, 10)}
    assert draft.body == (SENTENCE,)


def test_a_red_head_with_fewer_departments_does_not_drop_those_that_sign() -> None:
    draft = read(
        f"生态环境部文件\n环水〔2031〕3号\n关于雨水收集的通知\n各有关单位：\n{SENTENCE}\n生态环境部\n财政部\n2031年3月1日\n"
    )
    assert draft.value("issuers") == ("生态环境部", "财政部")


@pytest.mark.parametrize(
    ("head", "number"), [("", None), ("生态环境部令\n第17号\n", "生态环境部令第17号")], ids=["bare", "with its number"]
)
def test_an_order_is_issued_by_the_department_of_the_minister_who_signs(head: str, number: str | None) -> None:
    draft = read(
        f"{head}雨水收集管理办法\n《雨水收集管理办法》已于2031年7月10日由生态环境部2031年第3次部务会议审议通过，现予公布，"
        "自2032年1月1日起施行。\n生态环境部部长　张某某\n2031年10月16日\n雨水收集管理办法\n第一章　总　则\n"
        "第一条　为了收集雨水，制定本办法。\n"
    )
    assert picked(draft, "title", "issuers", "date", "effective", "kind", "number") == {
        "title": "雨水收集管理办法",
        "issuers": ("生态环境部",),
        "date": date(2031, 10, 16),
        "effective": date(2032, 1, 1),
        "kind": "办法",
        "number": number,
    }


NPC = "全国人民代表大会常务委员会"


@pytest.mark.parametrize(
    ("lines", "expected", "acts"),
    [
        (
            "（1997年11月1日第八届全国人民代表大会常务委员会第二十八次会议通过　2007年10月28日第十届全国人民代表大会常务委员会"
            "第三十次会议修订　根据2018年10月26日第十三届全国人民代表大会常务委员会第六次会议《关于修改〈中华人民共和国风能法〉等"
            "十五部法律的决定》第二次修正）",
            {"date": date(2018, 10, 26), "issuers": (NPC,), "number": None},
            ["通过", "修订", "修正"],
        ),
        (
            "1996年5月27日 中华人民共和国国务院令第197号发布\n2013年12月7日 《国务院关于修改部分行政法规的决定》修订\n"
            "2017年12月26日 中华人民共和国国务院令第696号修订\n2018年3月1日 施行",
            {"date": date(2017, 12, 26), "issuers": ("国务院",), "number": "国务院令第696号"},
            ["公布", "修订", "修订"],
        ),
        (
            "2021年7月27日 河西市第十八届人民代表大会常务委员会第四十二次会议通过\n"
            "2021年9月30日 河东省第十三届人民代表大会常务委员会第三十次会议批准",
            {"date": date(2021, 9, 30), "issuers": ("河西市人民代表大会常务委员会",), "number": None},
            ["通过", "批准"],
        ),
        (
            "（2001年3月1日国务院批准\n2001年3月20日公安部令第9号发布）",
            {"date": date(2001, 3, 20), "issuers": ("公安部",), "number": "公安部令第9号"},
            ["批准", "公布"],
        ),
        (
            "2003年8月18日 海关总署、商务部第4号令公布",
            {"date": date(2003, 8, 18), "issuers": ("海关总署", "商务部"), "number": "海关总署、商务部令第4号"},
            ["公布"],
        ),
    ],
    ids=["law", "regulation", "approved", "bracket of two lines", "number before 令"],
)
def test_the_history_of_a_law(lines: str, expected: dict[str, Any], acts: list[str]) -> None:
    draft = read(f"雨水收集条例\n\n{lines}\n\n第一章　总则\n\n第一条　为了收集雨水，制定本条例。\n")
    expected["issuers"] = tuple(AUTHORITY.get(name) or name for name in expected["issuers"])
    assert picked(draft, *expected) == expected
    policy = draft.policy()
    assert [event["act"] for event in policy.history] == acts
    for line in lines.split("\n"):
        assert without_space(line)[:12] in without_space("".join(draft.body)), "the history stays in the text"


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("二0一二年一月九日", date(2012, 1, 9)),
        ("二O一二年一月九日", date(2012, 1, 9)),
        ("二Ｏ一二年一月九日", date(2012, 1, 9)),
        ("2016年06月30日09时30分", date(2016, 6, 30)),
        ("民國 112 年 06 月 28 日", date(2023, 6, 28)),
        ("中華民國一百零七年一月二十六日", date(2018, 1, 26)),
        ("民國百年一月一日", date(2011, 1, 1)),
    ],
)
def test_dates_as_they_are_written(written: str, day: date) -> None:
    draft = read(f"关于雨水收集的通知\n各有关单位：\n{SENTENCE}\n生态环境部办公厅\n{written}\n")
    assert picked(draft, "date", "issuers") == {"date": day, "issuers": ("生态环境部",)}


def test_a_date_alone_before_what_is_attached() -> None:
    draft = read(
        f"河西市人民政府办公室关于印发《雨水办法》的通知\n（河府发〔2012〕3号）\n各县（区）人民政府：\n　　{SENTENCE}\n"
        "　　二○一二年一月九日\n雨水办法\n　　第一条　为了收集雨水，制定本办法。\n"
    )
    assert draft.value("date") == date(2012, 1, 9)


def test_the_title_of_the_page_is_not_the_documents() -> None:
    text = f"关于印发《雨水规定》的通知\n国信办发文〔2031〕1号\n各有关单位：\n{SENTENCE}\n"
    assert read(f"雨水规定\n{text}").value("title") == "关于印发《雨水规定》的通知"
    twice = "【法宝引证码】 CLI.12.0000001\n原文链接：https://example.org/lar/0000.html\n关于印发《雨水规定》的通知\n"
    draft = read(twice + text)
    assert picked(draft, "title", "number") == {
        "title": "关于印发《雨水规定》的通知",
        "number": "国信办发文〔2031〕1号",
    }


def test_a_law_of_taiwan_by_its_labels() -> None:
    draft = read(
        "法規名稱：雨水收集條例\n修正日期：民國 112 年 06 月 28 日\n法規類別：行政＞經濟部＞產業目\n第 1 條\n為收集雨水，特制定本條例。\n"
    )
    assert picked(draft, "title", "date", "kind", "issuers") == {
        "title": "雨水收集條例",
        "date": date(2023, 6, 28),
        "kind": "条例",
        "issuers": None,
    }
    assert draft.body[-1] == "為收集雨水，特制定本條例。"


@pytest.mark.parametrize("nothing", ["无", "暂无", "-", ""])
def test_a_label_without_a_value_gives_none(nothing: str) -> None:
    draft = read(
        f"国务院关于雨水的报告\n\n发布日期: 2031年10月28日\n发布机构: {nothing}\n发文字号: {nothing}\n分类: \n来源: https://example.org/1.htm\n\n"
        f"国务院关于雨水的报告\n全国人民代表大会常务委员会：\n{SENTENCE}\n"
    )
    assert picked(draft, "issuers", "number", "subject") == {"issuers": ("国务院",), "number": None, "subject": None}


@pytest.mark.parametrize(
    ("title", "kind", "status"),
    [
        ("国务院办公厅对十届全国人大四次会议第7240号建议的答复", "答复", "正式"),
        ("国务院办公厅关于雨水收集的复函", "复函", "正式"),
        ("全国人民代表大会关于雨水收集的决议", "决议", "正式"),
        ("《雨水收集办法》解读", "解读", "解读"),
        ("雨水收集政策问答", "问答", "解读"),
        ("国务院关于雨水收集的批复", "批复", "正式"),
    ],
)
def test_kinds_of_their_own(title: str, kind: str, status: str) -> None:
    draft = read(f"{title}\n国办函〔2031〕71号\n某某代表：\n{SENTENCE}\n国务院办公厅\n2031年9月7日\n")
    assert picked(draft, "title", "kind", "status") == {"title": title, "kind": kind, "status": status}


def test_who_publishes_a_document_need_not_have_issued_it() -> None:
    draft = read(
        "# 河西市人民政府办公厅印发《关于支持雨水收集的若干措施》的通知\n\n**发布日期**: 2031-12-26\n**发布机构**: 河西市科学技术委员会\n\n"
        f"河府办规〔2031〕15号\n\n相关区人民政府：\n\n　　{SENTENCE}\n\n河西市人民政府办公厅\n\n2031年12月2日\n",
        "a.md",
    )
    assert picked(draft, "issuers", "date", "published") == {
        "issuers": ("河西市人民政府办公厅",),
        "date": date(2031, 12, 2),
        "published": date(2031, 12, 26),
    }


def test_what_was_left_out_is_counted_by_what_it_is() -> None:
    draft = read(
        page("2031年07月01日", "2031年07月12日", "国办发〔2031〕99号", f"<div><p>{SENTENCE * 3}</p></div>"), "a.html"
    )
    assert {*map(type, draft.dropped.values())} == {int}


def test_front_matter_of_a_site_and_its_containers() -> None:
    text = f"---\ntitle: 雨水收集办法\ndate: 2031-01-01\n---\n\n::: tip 修订信息\n（2030年12月19日生态环境部令第29号公布）\n:::\n\n## 第一章 总则\n\n{SENTENCE}\n"
    draft = read(text, "a.md")
    assert picked(draft, "title", "date", "number") == {
        "title": "雨水收集办法",
        "date": date(2030, 12, 19),
        "number": "生态环境部令第29号",
    }


def test_a_law_that_was_amended_while_in_force_is_not_doubted(tmp_path: Path) -> None:
    text = "雨水收集条例\n\n（1997年11月1日国务院令第9号公布　2018年10月26日国务院令第19号修订）\n\n第一条　本条例自2008年4月1日起施行。\n"
    corpus = Corpus(tmp_path)
    policy = read(text).policy()
    (tmp_path / f"{policy.id}.md").write_text(dump(policy), encoding="utf-8")
    assert check(corpus, AUTHORITY, Vocabulary.load(None)) == []
