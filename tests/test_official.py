"""Reading one official document: laid out by GB/T 9704, or a page of a government site."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import making
from policykb.domain.issuers import Authority
from policykb.errors import PolicyKBError
from policykb.importing.formats.source import Source
from policykb.importing.official.draft import Draft, read_document
from policykb.importing.paragraphs import without_space
from policykb.importing.sources import read_lines
from properties import examples

AUTHORITY = Authority.load(None)
Document = list[making.Placed]

# Documents of different make; names, numbers and texts are invented.
NOTICE: Document = [
    ("left", "000018"),
    ("left", "特急"),
    ("center", "国务院办公厅文件"),
    ("center", "国办发〔2031〕139号"),
    ("center", "国务院办公厅关于印发《推进乡村"),
    ("center", "风能利用行动方案》的通知"),
    ("left", "各省、自治区、直辖市人民政府，国务院各部委、各直属机构："),
    (
        "indent",
        "《推进乡村风能利用行动方案》已经国务院同意，现印发给你们，请结合实际认真抓好落实，遇到重要情况及时报告。",
    ),
    ("indent", "附件：任务分工表"),
    ("right", "国务院办公厅"),
    ("right", "2031年7月30日"),
    ("indent", "（此件公开发布）"),
    ("center", "推进乡村风能利用行动方案"),
    ("indent", "为了让村庄用上自己的风，特制定本方案，各地可以参照执行，也可以提出自己的做法。"),
    ("indent", "一、总体要求"),
    ("indent", "到2035年，建成示范村500个以上，年发电量达到20亿千瓦时，运行维护队伍基本健全，村民得到的收益逐年增加。"),
    ("indent", "抄送：党中央各部门，全国人大常委会办公厅。"),
    ("indent", "国务院办公厅秘书局 2031年8月1日印发"),
]
NOTICE_FOUND = {
    "title": "国务院办公厅关于印发《推进乡村风能利用行动方案》的通知",
    "issuers": ("国务院办公厅",),
    "number": "国办发〔2031〕139号",
    "date": date(2031, 7, 30),
    "documents": ("推进乡村风能利用行动方案",),
    "kind": "通知",
    "status": "正式",
}
JOINT: Document = [
    ("center", "国家发展改革委"),
    ("center", "国家能源局"),
    ("center", "文件"),
    ("center", "发改能源〔2031〕 1234 号"),
    ("center", "国家发展改革委 国家能源局"),
    ("center", "关于做好冬季储热试点工作的通知"),
    ("left", "各省、自治区、直辖市发展改革委、能源局，新疆生产建设兵团发展改革委，有关中央企业："),
    ("indent", "冬季供热关系千家万户，现就试点工作有关事项通知如下："),
    ("indent", "一、选好试点。每个省份选择三个以内的县，优先考虑风光资源较好、电价机制健全的地方，避免一哄而上。"),
    ("indent", "二、管好资金。"),
    ("indent", "本通知自2031年11月1日起施行，有效期三年。"),
    ("right", "国家发展改革委"),
    ("right", "国 家 能 源 局"),
    ("right", "2031年9月12日"),
]
JOINT_FOUND = {
    "title": "国家发展改革委 国家能源局关于做好冬季储热试点工作的通知",
    "issuers": ("国家发展和改革委员会", "国家能源局"),
    "number": "发改能源〔2031〕1234号",
    "date": date(2031, 9, 12),
    "effective": date(2031, 11, 1),
    "kind": "通知",
}
ANNOUNCEMENT: Document = [
    ("center", "中华人民共和国生态环境部"),
    ("center", "公 告"),
    ("center", "2031年 第5号"),
    ("center", "关于发布《民用炉具排放标准》的公告"),
    ("indent", "为了改善冬季空气质量，现批准《民用炉具排放标准》为国家标准，由我部与国家市场监督管理总局联合发布。"),
    ("indent", "该标准自2032年1月1日起实施，具体内容可在我部网站查询，各地不得自行改变适用范围和数值。"),
    ("indent", "特此公告。"),
    ("right", "生态环境部"),
    ("right", "二〇三一年三月五日"),
]
ANNOUNCEMENT_FOUND = {
    "title": "关于发布《民用炉具排放标准》的公告",
    "issuers": ("生态环境部",),
    "number": "生态环境部公告2031年第5号",
    "date": date(2031, 3, 5),
    "effective": date(2032, 1, 1),
    "documents": ("民用炉具排放标准",),
    "kind": "公告",
}
DECREE: Document = [
    ("center", "中华人民共和国国务院令"),
    ("center", "第 899 号"),
    ("indent", "《河湖生态流量条例》已经2031年1月5日国务院第23次常务会议通过，现予公布，自2031年5月1日起施行。"),
    ("right", "总理 某某"),
    ("right", "2031年1月25日"),
    ("center", "河湖生态流量条例"),
    ("center", "第一章 总则"),
    ("indent", "第一条 为了让河湖保有必要的水，制定本条例，在中华人民共和国境内的河流、湖泊适用本条例的各项规定。"),
    ("indent", "第二条 本条例自2031年5月1日起施行。"),
]
DECREE_FOUND = {
    "title": "河湖生态流量条例",
    "issuers": ("国务院",),
    "number": "国务院令第899号",
    "date": date(2031, 1, 25),
    "effective": date(2031, 5, 1),
    "kind": "行政法规",
}
CONSULTATION: Document = [
    ("center", "环办便函〔2031〕87号"),
    ("center", "关于公开征求《城市雨水花园设计导则（征求意见稿）》意见的通知"),
    ("left", "各有关单位："),
    ("indent", "为了规范雨水花园的设计，我部组织编制了导则的征求意见稿，现公开征求意见，请于2031年4月15日前反馈。"),
    ("indent", "联系人：设计处 电话：010-00000000"),
    ("right", "生态环境部办公厅"),
    ("right", "2031年3月14日"),
]
CONSULTATION_FOUND = {
    "title": "关于公开征求《城市雨水花园设计导则（征求意见稿）》意见的通知",
    "issuers": ("生态环境部",),
    "number": "环办便函〔2031〕87号",
    "date": date(2031, 3, 14),
    "status": "征求意见稿",
    "documents": ("城市雨水花园设计导则（征求意见稿）",),
}
OPINION: Document = [
    ("center", "中共中央 国务院关于促进山区共同富裕的意见"),
    ("center", "（2031年6月3日）"),
    ("indent", "促进山区共同富裕是一件大事，需要各方面长期努力，现提出以下意见，请各地区各部门结合实际贯彻落实。"),
    ("indent", "一、总体要求"),
    ("indent", "坚持从实际出发，宜林则林、宜牧则牧，让山里人在家门口就能过上好日子，让绿水青山产生长久的效益。"),
]
OPINION_FOUND = {
    "title": "中共中央 国务院关于促进山区共同富裕的意见",
    "issuers": ("中共中央", "国务院"),
    "kind": "意见",
    "date": date(2031, 6, 3),
}
TRIAL: Document = [
    ("center", "工业和信息化部办公厅关于印发《再生塑料追溯管理办法（试行）》的通知"),
    ("center", "工信厅节函〔2031〕56号"),
    ("left", "各省、自治区、直辖市及计划单列市工业和信息化主管部门："),
    ("indent", "现将办法印发给你们，请认真执行，并把执行中的情况和问题及时告诉我们，以便今后加以修改和完善。"),
    ("right", "工业和信息化部办公厅"),
    ("right", "2031年12月1日"),
    ("center", "再生塑料追溯管理办法（试行）"),
    ("indent", "第一条 为了让再生塑料来路清楚，制定本办法，凡在境内生产和销售再生塑料颗粒的单位都应当遵守本办法。"),
    ("indent", "第二条 本办法自印发之日起施行。"),
]
TRIAL_FOUND = {
    "title": "工业和信息化部办公厅关于印发《再生塑料追溯管理办法（试行）》的通知",
    "issuers": ("工业和信息化部",),
    "number": "工信厅节函〔2031〕56号",
    "date": date(2031, 12, 1),
    "effective": date(2031, 12, 1),
    "status": "试行",
    "documents": ("再生塑料追溯管理办法（试行）",),
}
DOCUMENTS: dict[str, tuple[Document, dict[str, Any]]] = {
    "notice": (NOTICE, NOTICE_FOUND),
    "joint": (JOINT, JOINT_FOUND),
    "announcement": (ANNOUNCEMENT, ANNOUNCEMENT_FOUND),
    "decree": (DECREE, DECREE_FOUND),
    "consultation": (CONSULTATION, CONSULTATION_FOUND),
    "opinion": (OPINION, OPINION_FOUND),
    "trial": (TRIAL, TRIAL_FOUND),
}
MAKES = {
    "txt": making.as_text,
    "pdf": making.as_pdf,
    "docx": making.as_docx,
    "html": making.as_html,
    "gb.html": lambda document: making.as_html(document, charset="gb2312"),
}


def found(draft: Draft) -> dict[str, Any]:
    return {key: one.value for key, one in draft.found.items()}


def read(data: bytes, name: str) -> Draft:
    return read_document(read_lines(data, name=name), AUTHORITY)


@pytest.mark.parametrize("make", MAKES)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_official_document_in_every_make(name: str, make: str) -> None:
    document, expected = DOCUMENTS[name]
    draft = read(MAKES[make](document), f"{name}.{make}")
    assert {key: value for key, value in found(draft).items() if key in expected} == expected
    whole = without_space("".join(text for _, text in document))
    body = without_space("".join(draft.body))
    paragraphs = [without_space(text) for place, text in document if place == "indent" and text.endswith("。")]
    for paragraph in paragraphs:
        if not paragraph.startswith("抄送"):
            assert paragraph in [without_space(text) for text in draft.body]
    assert not Counter(body) - Counter(whole), "characters were added"


ARTICLE = "<p>为了让更多的人用上干净的水，制定本方案，请各单位认真落实，不断总结经验。</p>" * 3

GOV_TABLE = making.page(
    """<table class="bd1"><tr><td><b>索&nbsp; 引&nbsp; 号：</b></td><td>000014349/2031-00053</td>
<td><b>主题分类：</b></td><td>资源能源、环境\\其他</td></tr>
<tr><td><b>发文机关：</b></td><td>国务院办公厅</td><td><b>成文日期：</b></td><td>2031年07月30日</td></tr>
<tr><td><b>标　　题：</b></td><td colspan="3">国务院办公厅关于印发《饮水安全工作方案》的通知</td></tr>
<tr><td><b>发文字号：</b></td><td>国办发〔2031〕39号</td><td><b>发布日期：</b></td><td>2031年08月02日</td></tr></table>
<div id="UCAP-CONTENT"><p>国务院办公厅关于印发<br>《饮水安全工作方案》的通知</p><p>国办发〔2031〕39号</p>
<p>各省、自治区、直辖市人民政府：</p>"""
    + ARTICLE
    + """<p>国务院办公厅</p><p>2031年7月30日</p></div><div class="tools">【打印】 【关闭】</div>""",
    head='<meta name="PubDate" content="2031-08-02 17:00"><meta name="ContentSource" content="某网">'
    '<meta name="ArticleTitle" content="国务院办公厅关于印发《饮水安全工作方案》的通知">',
)
MINISTRY_LIST = making.page(
    """<div class="headInfo"><ul><li>名　　称：关于做好饮水监测的通知</li><li>索 引 号：000014672/2031-00123</li>
<li>分　　类：水环境</li><li>发布机关：生态环境部办公厅</li><li>生成日期：2031-03-14</li>
<li>文　　号：环办水体[2031]87号</li></ul></div><div class="content"><p>各省、自治区、直辖市生态环境厅（局）：</p>"""
    + ARTICLE
    + "<p>生态环境部办公厅</p><p>2031年3月14日</p></div>",
    charset="GB2312",
)
LAYOUT_TABLES = making.page(
    """<table width="1000"><tr><td width="200"><a href="/a">机构设置</a></td><td>
<h1>国家能源局关于印发《地热资源利用规划》的通知</h1>
<p>发布时间：2031-05-06　来源：国家能源局　字号：[ 大 中 小 ]</p>
<table><tr><td><p>国能发新能〔2031〕31号</p><p>各派出机构：</p>"""
    + ARTICLE
    + "<p>国家能源局</p><p>2031年4月28日</p></td></tr></table></td></tr></table>",
)
LABELS_APART = making.page(
    """<div class="info"><div>发文机关：</div><div>财政部</div><div>发文字号：</div><div>财建〔2031〕7号</div>
<div>主题分类：</div><div>财政</div><div>施行日期：</div><div>2031-06-01</div></div><h2>关于清洁取暖补助的通知</h2><div>"""
    + ARTICLE
    + "</div>",
)
LOCAL = making.page(
    """<div><h1>某某市人民政府关于加快建设海绵城市的意见</h1><p>某府发〔2031〕2号</p><p>各县（市、区）人民政府：</p>"""
    + ARTICLE
    + "<p>某某市人民政府</p><p>2031年2月3日</p></div>",
)


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        pytest.param(
            GOV_TABLE,
            {
                "title": "国务院办公厅关于印发《饮水安全工作方案》的通知",
                "issuers": ("国务院办公厅",),
                "number": "国办发〔2031〕39号",
                "date": date(2031, 7, 30),
                "published": date(2031, 8, 2),
                "subject": "资源能源、环境\\其他",
                "index": "000014349/2031-00053",
                "documents": ("饮水安全工作方案",),
            },
            id="table",
        ),
        pytest.param(
            MINISTRY_LIST,
            {
                "title": "关于做好饮水监测的通知",
                "issuers": ("生态环境部",),
                "number": "环办水体〔2031〕87号",
                "date": date(2031, 3, 14),
                "subject": "水环境",
            },
            id="list in GB2312",
        ),
        pytest.param(
            LAYOUT_TABLES,
            {
                "title": "国家能源局关于印发《地热资源利用规划》的通知",
                "issuers": ("国家能源局",),
                "number": "国能发新能〔2031〕31号",
                "date": date(2031, 4, 28),
                "published": date(2031, 5, 6),
                "documents": ("地热资源利用规划",),
            },
            id="layout tables",
        ),
        pytest.param(
            LABELS_APART,
            {
                "title": "关于清洁取暖补助的通知",
                "issuers": ("财政部",),
                "number": "财建〔2031〕7号",
                "subject": "财政",
                "effective": date(2031, 6, 1),
            },
            id="labels in lines of their own",
        ),
        pytest.param(
            LOCAL,
            {
                "title": "某某市人民政府关于加快建设海绵城市的意见",
                "number": "某府发〔2031〕2号",
                "date": date(2031, 2, 3),
                "kind": "意见",
            },
            id="local",
        ),
    ],
)
def test_page_of_a_government_site(page: bytes, expected: dict[str, Any]) -> None:
    draft = read(page, "page.html")
    assert {key: value for key, value in found(draft).items() if key in expected} == expected
    text = "".join(draft.body)
    assert text.count("为了让更多的人用上干净的水") == 3
    for other in ("首页", "打印", "版权所有", "一图读懂", "索引号", "当前位置"):
        assert other not in text


def test_two_places_make_a_value_surer() -> None:
    both, one = read(GOV_TABLE, "a.html").found, read(MINISTRY_LIST, "b.html").found
    assert both["date"].where.count(";") == 1
    assert both["date"].confidence > one["number"].confidence
    assert all(0 < value.confidence <= 1 for value in both.values())


def test_what_is_not_found_is_missing_and_no_date_is_invented() -> None:
    draft = read("关于做好某项工作的通知\n请各单位把这件事办好。\n".encode(), "a.txt")
    assert found(draft)["title"] == "关于做好某项工作的通知"
    assert draft.missing == ("issuers", "number", "date", "effective", "subject")
    assert (draft.policy().id, draft.policy().date) == ("关于做好某项工作的通知", None)
    policy = draft.policy(date=date(2031, 1, 2), issuers=("财政部",))
    assert (policy.id, policy.issuers, policy.number) == ("2031-01-02-关于做好某项工作的通知", ("财政部",), None)
    assert policy.body == "请各单位把这件事办好。"


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("财建〔２０３１〕１２号", "财建〔2031〕12号"),
        ("财建［2031］１２号", "财建〔2031〕12号"),
        ("第１２号", "财政部公告第12号"),
    ],
)
def test_digits_of_any_width_make_a_number(number: str, expected: str) -> None:
    text = f"财政部公告\n\n{number}\n\n关于做好某项工作的公告\n\n请各单位把这件事办好。\n"
    assert found(read(text.encode(), "a.txt"))["number"] == expected


@pytest.mark.parametrize("number", ["财建〔２０３１〕１２号", "财建［2031］12号"])
def test_a_number_of_any_width_behind_a_title(number: str) -> None:
    title = "财政部关于做好２０３１年工作的通知"
    values = found(read(f"{title}（{number}）\n\n各省财政厅：\n\n请办好。\n".encode(), "a.txt"))
    assert (values["title"], values["number"]) == (title, "财建〔2031〕12号")


def test_policy_of_a_draft() -> None:
    policy = read_document(read_lines(GOV_TABLE, name="a.html"), AUTHORITY, url="https://example.org/1").policy()
    assert policy.id == "2031-07-30-国务院办公厅关于印发饮水安全工作方案的通知"
    assert policy.source == "https://example.org/1"
    assert policy.documents == ("饮水安全工作方案",)
    assert (policy.date, policy.published, policy.tags) == (date(2031, 7, 30), date(2031, 8, 2), ())


def test_date_of_publication_stands_in_for_that_of_issue_and_says_so() -> None:
    stated = read(MINISTRY_LIST.replace("生成日期".encode("gb2312"), "发布日期".encode("gb2312")), "a.html").found
    assert "published" not in read(making.as_text(JOINT), "a.txt").found
    alone = read(
        "发布日期：2031-02-03　发文机关：财政部\n关于某事的通知\n请办好这件事，不得有误。\n".encode(), "a.txt"
    ).found
    assert (alone["date"].value, "published" in alone) == (date(2031, 2, 3), False)
    assert "no date of issue" in alone["date"].where
    assert alone["date"].confidence < stated["date"].confidence


def test_dates_in_the_text_are_not_the_documents() -> None:
    text = """关于某事的通知
财政部：
根据2019年3月4日的会议，参照《旧办法》自2020年1月1日起施行的规定，办理以下事项。
会议定于2032年5月6日召开。
"""
    draft = read(text.encode(), "a.txt")
    assert not {"date", "published", "effective"} & draft.found.keys()


def test_footers_and_head_lines_leave_the_text() -> None:
    draft = read(making.as_pdf(NOTICE, head="内部资料", per_page=8), "a.pdf")
    body = "".join(draft.body)
    for gone in ("000018", "特急", "抄送", "此件公开", "— 1 —", "内部资料", "8月1日印发"):
        assert gone not in body
    assert "抄送：党中央各部门，全国人大常委会办公厅。" in draft.left_out


def test_text_copied_from_a_page_with_what_stood_above_it() -> None:
    text = """某府发〔2031〕20号《某某省人民政府关于保护古树的意见》
浏览量:          时间:2031-01-17 23:45:19
某某省人民政府关于保护古树的意见
某府发〔2031〕20号
各市人民政府,各县(市、区)人民政府,省政府各部门:
古树是活的文物,现就保护工作提出以下意见:
一、摸清家底
每棵古树都要有档案。
某某省人民政府
2031年1月8日
"""
    draft = read(text.encode(), "a.txt")
    assert {key: found(draft)[key] for key in ("title", "number", "issuers", "date")} == {
        "title": "某某省人民政府关于保护古树的意见",
        "number": "某府发〔2031〕20号",
        "issuers": ("某某省人民政府",),
        "date": date(2031, 1, 8),
    }
    assert draft.found["issuers"].confidence < 0.85
    assert draft.body == ("古树是活的文物,现就保护工作提出以下意见:", "一、摸清家底", "每棵古树都要有档案。")


def test_date_and_source_under_the_title_of_a_news_site() -> None:
    text = """国家能源局开展风光资源普查
2031/4/19 20:04:38 新闻来源:国家能源局
国家能源局综合司关于开展风光资源普查的通知
各省(自治区、直辖市)能源局:
请按时完成普查工作。
国家能源局综合司
2031年4月8日
"""
    draft = read(text.encode(), "a.txt")
    assert {key: found(draft)[key] for key in ("title", "published", "date", "issuers")} == {
        "title": "国家能源局综合司关于开展风光资源普查的通知",
        "published": date(2031, 4, 19),
        "date": date(2031, 4, 8),
        "issuers": ("国家能源局",),
    }


def test_signature_and_date_in_one_line() -> None:
    text = "关于某事的通知\n财政部、教育部：\n请办好这件事，不得有误。\n国家能源局 2031年5月6日\n"
    draft = read(text.encode(), "a.txt").found
    assert (draft["date"].value, draft["issuers"].value) == (date(2031, 5, 6), ("国家能源局",))


def test_a_date_in_a_schedule_is_no_signature() -> None:
    text = "关于某会的通知\n请各单位派人参加，并做好准备。\n一、时间\n2031年5月6日\n二、地点\n北京。\n"
    assert "date" not in read(text.encode(), "a.txt").found


def test_table_becomes_a_table_of_markdown() -> None:
    rows = [["地区", "数量|家"], ["甲省", "12"], ["乙省", "8"]]
    data = making.as_docx([("left", "关于某事的通知"), ("left", "名额分配见下表，请遵照执行。")], tables=[rows])
    assert read(data, "a.docx").body == (
        "名额分配见下表，请遵照执行。",
        "| 地区 | 数量\\|家 |\n| --- | --- |\n| 甲省 | 12 |\n| 乙省 | 8 |",
    )


def test_empty_rows_of_a_table_stop_nothing() -> None:
    text = "|\n" * 60 + "关于某事的通知\n\n正文在此，请遵照执行。\n"
    assert read(text.encode(), "a.md").found["title"].value == "关于某事的通知"


def test_front_matter_of_markdown() -> None:
    text = "---\n发文字号: 财建〔2031〕9号\n发布日期: 2031-02-03\n---\n\n# 关于某事的通知\n\n请办好这件事，不得有误。\n"
    assert found(read(text.encode(), "a.md")) | {"status": ""} == {
        "title": "关于某事的通知",
        "number": "财建〔2031〕9号",
        "date": date(2031, 2, 3),
        "kind": "通知",
        "status": "",
    }


def test_list_without_a_sentence_keeps_its_lines() -> None:
    lines = ["绿色工厂名单", *(f"第{n}家工厂" for n in range(1, 60))]
    draft = read("\n".join(lines).encode(), "a.txt")
    assert found(draft)["title"] == "绿色工厂名单"
    assert [without_space(text) for text in draft.body] == lines[1:]


PIECES = st.sampled_from(
    [
        "\0",
        "\x1b",
        "\x85",
        "《》",
        "\n",
        "：",
        "。",
        "国务院办公厅",
        "文件",
        "国办发〔2024〕39号",
        "关于印发",
        "《",
        "》",
        "的通知",
        "各省：",
        "附件：",
    ]
    + [
        "2024年7月30日",
        "（",
        "）",
        "生态环境部",
        "公告",
        "第5号",
        "自2024年5月1日起施行",
        "一、",
        "发布日期：",
        "索引号：",
    ]
    + ["\t", "抄送：", "印发", "x", " ", "\u3000", "①", "部长"]
)


@given(st.lists(PIECES | st.text(max_size=5), max_size=40).map("".join))
@example("国务院办公厅?")
@example("的通知（国办发〔2024〕39号")
@example("关于甲的通知（国办发〔2024〕39号）")
@example("国办发〔2024〕39号）：关于甲的通知")
@example("太好了！\n关于甲的通知\n各市：\n现予印发。\n")
@examples(150)
def test_any_text_is_read_and_no_character_is_lost(text: str) -> None:
    try:
        source: Source = read_lines(text.encode("utf-8", "surrogatepass"), name="a.txt")
    except PolicyKBError:
        return
    draft = read_document(source, AUTHORITY)
    kept, whole = "".join((*draft.body, *draft.left_out)), "".join(line.text for line in source.lines)
    marks = str.maketrans("", "", "|-\\")  # of tables in Markdown
    assert Counter(without_space(kept.translate(marks))) == Counter(without_space(whole.translate(marks)))
    for one in draft.found.values():
        assert one.value not in (None, "", ())
    assert making.control_characters(draft.found) == set()
    assert making.control_characters(draft) <= {"\n", "\t"}  # lines that are left out stand as they are


@pytest.mark.parametrize(
    ("clause", "effective", "expires"),
    [
        ("本通知自2031年9月1日起施行，有效期五年。", date(2031, 9, 1), date(2036, 8, 31)),
        ("本通知自印发之日起试行，试行期两年。", None, date(2033, 7, 29)),
        ("本通知自2031年9月1日至2032年12月31日施行。", date(2031, 9, 1), date(2032, 12, 31)),
    ],
)
def test_first_and_last_day_are_read_with_their_sentence(clause: str, effective: date | None, expires: date) -> None:
    lines = ["关于甲工作的通知", "各单位：", "现将有关事项通知如下。", clause, "国务院办公厅", "2031年7月30日"]
    draft = read_document(read_lines("\n".join(lines).encode(), name="甲.txt"), AUTHORITY)
    assert (draft.value("effective"), draft.value("expires")) == (effective, expires)
    assert clause.rstrip("。") in draft.found["expires"].where
    assert draft.policy().expires == expires
