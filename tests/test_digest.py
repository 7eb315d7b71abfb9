"""Digests: their order and groups, every form of them, and that nothing in a document becomes markup."""

from __future__ import annotations

import io
import json
import re
import sys
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import icalendar
import pytest
from docx import Document
from docx.enum.text import WD_LINE_SPACING, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml.ns import qn
from docx.shared import Pt
from hypothesis import given
from hypothesis import strategies as st

from goldens import assert_golden
from policykb.digest import digest, manifest
from policykb.digest.digest import Digest
from policykb.digest.key_dates import Deadlines
from policykb.digest.manifest import Manifest
from policykb.domain.daterange import DateRange
from policykb.domain.policy import Policy
from policykb.errors import DataError, OutputError, SourceError
from policykb.render import body, digest_view, digests
from policykb.render.labels import Labels
from policykb.render.word.markup import NAMESPACES, from_html
from properties import examples

LABELS = Labels.load(None)
DEADLINES = Deadlines.load(None)

RULES = Policy(
    "2024-02-04-交易管理条例", "交易管理条例", date(2024, 2, 4), ("国务院",), ("碳市场",), "行政法规", "正式",
    effective=date(2024, 5, 1), number="国令第775号",
    body=(
        "\n条例首次规定交易制度。\n\n## 框架\n\n- 主体：重点排放单位。\n"
        "- 履约：2023年度配额在2024年12月31日前完成清缴。\n"
    ),
)  # fmt: skip
DRAFT = Policy(
    "2024-03-15-核算指南", "核算指南（征求意见稿）", date(2024, 3, 15),
    ("生态环境部",), ("碳核算", "碳市场"), "指南", "征求意见稿",
    documents=("核算与报告指南 铝冶炼", "核查技术指南 铝冶炼"),
    body="就两份指南征求意见，请于2024年4月10日前将意见反馈至部里。\n- 边界\n- 因子0.5703 tCO2/MWh\n",
)  # fmt: skip
PLAN = Policy(
    "2024-03-15-行动方案", "行动方案", date(2024, 3, 15),
    ("国家发展和改革委员会", "生态环境部"), ("节能降碳", "碳核算"), "方案", "正式", issuer_count=10,
    body=(
        "部署 **十大行动**，见[全文](https://www.gov.cn/a?b=1&c=2)。\n\n1. 一\n2. 二\n\n"
        "| 行业 | 目标 |\n| --- | --- |\n| 钢铁 | 10% |\n"
    ),
)  # fmt: skip
MEETING = Policy(
    "2024-12-11-会议", "会议", date(2024, 12, 11), (), (), "会议", date_end=date(2024, 12, 12), body="明确九大任务。"
)
HOSTILE = Policy(
    "2024-06-01-\"><script>alert(1)</script>", "<script>alert(1)</script> & \"题\" *强* | [链](x)", date(2024, 6, 1),
    ("<img src=x onerror=alert(2)>",), ("<b>标签</b>",), "通知", "]]><x>", documents=("《<i>》",), number="1\x0b\x002",
    body=(
        "<script>alert(3)</script><img src='http://evil.example/x.png'>\n\n[点](javascript:alert(4)) "
        "[实体](java&#115;cript:alert(5)) ![图](http://evil.example/y.png) --> <!-- policykb-digest\n{}\n-->\n\n"
        "<style>body{display:none}</style>\n\n[定义]: javascript:alert(6)\n\n```\n</pre><script>7</script>\n```\n"
        "- 2025年1月1日前完成<iframe src='//evil.example'></iframe>\n"
    ),
)  # fmt: skip
POLICIES = (MEETING, PLAN, RULES, DRAFT)
FORMATS = ("md", "html", "docx", "atom", "ics", "json")


def make(policies: Iterable[Policy] = POLICIES, **options: object) -> Digest:
    given: dict[str, Any] = {
        "query": "碳市场 --during 2024", "period": DateRange(date(2024, 1, 1), date(2025, 1, 1)),
        "today": date(2024, 4, 1), "state": "0123456789abcdef", "deadlines": DEADLINES,
    }  # fmt: skip
    return digest.build(policies, **(given | options))


def render(made: Digest, format: str, style: str = "full", corpus: Path | None = None) -> bytes:
    return digests.render(made, format, style, labels=LABELS, corpus=corpus)


def names(made: Digest) -> list[tuple[str, list[str], list[str]]]:
    return [
        (digest_view.heading(s, made, LABELS), [e.policy.title for e in s.entries], [e.policy.title for e in s.also])
        for s in made.sections
    ]


# Order, groups, what is set apart


def test_entries_stand_in_order_of_date_whatever_order_they_come_in() -> None:
    expected = ["交易管理条例", "核算指南（征求意见稿）", "行动方案", "会议"]
    for policies in (POLICIES, POLICIES[::-1], POLICIES[2:] + POLICIES[:2]):
        assert [e.policy.title for e in make(policies).entries] == expected


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("month", [("2024年2月", 1, 0), ("2024年3月", 2, 0), ("2024年12月", 1, 0)]),
        ("quarter", [("2024年一季度", 3, 0), ("2024年四季度", 1, 0)]),
        ("issuer", [("生态环境部", 1, 1), ("国务院", 1, 0), ("国家发展和改革委员会", 1, 0), ("未注明发文机关", 1, 0)]),
        ("tag", [("碳市场", 1, 1), ("碳核算", 1, 1), ("节能降碳", 1, 0), ("未加标签", 1, 0)]),
        ("kind", [("会议", 1, 0), ("指南", 1, 0), ("方案", 1, 0), ("行政法规", 1, 0)]),
        ("none", [("", 4, 0)]),
    ],
)
def test_groups(group: str, expected: list[tuple[str, int, int]]) -> None:
    assert sorted((n, len(a), len(b)) for n, a, b in names(make(group=group))) == sorted(expected)


def test_groups_of_names_have_the_largest_first_and_the_nameless_last() -> None:
    assert [name for name, _, _ in names(make(group="issuer"))][0] == "生态环境部"
    assert [name for name, _, _ in names(make(group="tag"))][-1] == "未加标签"


def test_the_head_says_what_there_is() -> None:
    made = make()
    assert made.issuers == (("生态环境部", 2), ("国务院", 1), ("国家发展和改革委员会", 1))
    assert made.tags == (("碳市场", 2), ("碳核算", 2), ("节能降碳", 1))
    head = dict(digest_view.overview(made, LABELS))
    assert head["收录文件"] == "4项"
    assert head["时期"] == "2024年"
    assert head["检索条件"] == "碳市场 --during 2024"


@pytest.mark.parametrize("format", ["md", "html", "docx"])
def test_the_state_of_the_corpus_stands_at_the_end_and_not_in_the_head(format: str) -> None:
    earlier = Manifest("", "2023-01-01..2023-12-31", "fedcba9876543210", {})
    said = "语料状态 0123456789abcdef；前次摘编的语料状态 fedcba9876543210"
    data = render(make(since=earlier), format)
    if format == "docx":
        document = Document(io.BytesIO(data))
        assert document.paragraphs[-1].text == said
        assert document.core_properties.identifier == "0123456789abcdef"
        text = document.element.xml
    else:
        text = data.decode().rpartition("<!--")[0]
        assert ('content="0123456789abcdef"' in text) == (format == "html")
        text = text.replace(' content="0123456789abcdef"', "")
    assert text.count("0123456789abcdef") == text.count("fedcba9876543210") == 1
    assert said in text
    assert text.rindex("会议") < text.index(said) or format == "docx"


def test_drafts_and_coming_days_are_set_apart() -> None:
    made = make()
    assert [e.policy.title for e in made.drafts] == ["核算指南（征求意见稿）"]
    assert [(str(k.day), k.kind, e.policy.title) for k, e in made.coming] == [
        ("2024-04-10", "consultation", "核算指南（征求意见稿）"),
        ("2024-05-01", "effective", "交易管理条例"),
        ("2024-12-31", "deadline", "交易管理条例"),
    ]
    assert [k.kind for k, _ in make(today=date(2024, 5, 2)).coming] == ["deadline"]
    assert make(today=date(2026, 1, 1)).coming == ()


def test_a_period_without_bounds_is_that_of_the_entries() -> None:
    made = make(period=DateRange())
    assert str(made.span) == "2024-02-04..2024-12-11"


def test_nothing_selected_is_an_error_that_says_so() -> None:
    with pytest.raises(OutputError, match="no entry in 2024 for 碳市场 --during 2024"):
        make([])


@pytest.mark.parametrize("options", [{"group": "week"}])
def test_unknown_groups(options: dict[str, object]) -> None:
    with pytest.raises(OutputError, match="unknown group week; known are month, quarter"):
        make(**options)


@pytest.mark.parametrize(("format", "style"), [("pdf", "full"), ("md", "long")])
def test_unknown_forms(format: str, style: str) -> None:
    with pytest.raises(OutputError, match="unknown (format pdf|style long); known are"):
        render(make(), format, style)


# Days in the text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("须在2024年12月31日前完成清缴。", [("deadline", "须在2024年12月31日前完成清缴")]),
        ("2024年度清缴于2025年12月31日之前完成，不得延期", [("deadline", "2024年度清缴于2025年12月31日之前完成")]),
        ("净卖出量统计截止时间为2025年12月31日。", [("deadline", "净卖出量统计截止时间为2025年12月31日")]),
        ("意见反馈截止日期：2024年7月14日", [("consultation", "意见反馈截止日期：2024年7月14日")]),
        ("请于2024年7月14日前书面反馈意见", [("consultation", "请于2024年7月14日前书面反馈意见")]),
        ("不迟于 2024-09-30 提交", [("deadline", "不迟于 2024-09-30 提交")]),
        ("- **清缴**：2024年12月31日前", [("deadline", "清缴：2024年12月31日前")]),
        # The end of a year or month is a day.
        ("2025年底前完成", [("deadline", "2025年底前完成")]),
        ("2025年底前的量化任务：研制20项", [("deadline", "2025年底前的量化任务：研制20项")]),
        # Before the document: a condition, or history.
        ("2017年3月14日前已获备案的减排量", []),
        ("2023年12月31日前完成", []),
        # Not a deadline.
        ("2025年1月1日前已登记的", []),
        ("2025年1月1日前后公布", []),
        ("自2025年1月1日起施行", []),
        ("到2030年", []),
        ("到2025年底", []),
        ("2025年底前的工作", []),
        ("2023年底前完成", []),
        ("截止时间另定。2025年1月1日起公布", []),
        ("启动时间为2025年1月1日", []),
    ],
)
def test_deadlines(text: str, expected: list[tuple[str, str]]) -> None:
    policy = Policy("a", "a", date(2024, 6, 1), (), body=text)
    assert [(key.kind, key.text) for key in DEADLINES.find(policy)] == expected


@pytest.mark.parametrize(
    ("text", "who"),
    [
        (
            "各省、自治区、直辖市生态环境主管部门应于2024年12月31日前组织重点排放单位完成清缴。",
            "各省、自治区、直辖市生态环境主管部门",
        ),
        ("重点排放单位应当按照要求，于2024年12月31日前完成清缴", "重点排放单位"),
        ("- 重点排放单位的清缴期限：2023年度配额清缴在2024年12月31日前完成", "重点排放单位"),
        ("请各省级生态环境厅（局）于2024年7月31日前将核查结果报送我部", "各省级生态环境厅（局）"),
        ("省级主管部门组织重点排放单位于2024年12月31日前完成清缴", "重点排放单位"),
        ("2024年12月31日前，重点排放单位应当完成清缴", "重点排放单位"),
        ("纳入配额管理的重点排放单位均须在2025年6月底前提交报告", "纳入配额管理的重点排放单位"),
        ("请有关单位和个人于2024年7月14日前书面反馈意见", "有关单位和个人"),
        # Not said: who is given something, who is only named, and a name that stands in another sentence.
        ("将结果于2024年12月31日前报送省级生态环境主管部门", ""),
        ("核证自愿减排量如在2017年3月14日前已获主管部门备案，使用期限为2024年12月31日前", ""),
        ("企业供应链要求在2024年12月31日前公布", ""),
        ("重点排放单位应当减排。清缴须在2024年12月31日前完成", ""),
    ],
)
def test_who_has_to_do_it(text: str, who: str) -> None:
    found = DEADLINES.find(Policy("a", "a", date(2024, 6, 1), (), body=text))
    assert [key.who for key in found] == [who]
    assert found[0].sentence in text


def test_a_document_without_a_date_sets_no_deadline() -> None:
    policy = Policy("a", "a", None, (), effective=date(2024, 7, 1), body="须在2024年12月31日前完成。")
    assert [key.kind for key in DEADLINES.find(policy)] == ["effective"]


def test_a_knowledge_base_adds_words(tmp_path: Path) -> None:
    (tmp_path / "deadlines.toml").write_text('after = ["到期"]\ndrafts = ["草案"]\n', encoding="utf-8")
    words = Deadlines.load(tmp_path)
    policy = Policy("a", "a", date(2024, 6, 1), (), status="草案", body="配额2025年1月1日到期")
    assert [key.kind for key in words.find(policy)] == ["deadline"]
    assert words.is_draft(policy)
    assert not DEADLINES.is_draft(policy)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("behind = []\n", "deadlines.toml: behind: no such key"),
        ("after = 3\n", "deadlines.toml: after: must be"),
        ("after = [1]\n", "deadlines.toml: after: must be"),
        ("after = [", "deadlines.toml:1: not TOML"),
    ],
)
def test_wrong_words_are_named(text: str, problem: str, tmp_path: Path) -> None:
    (tmp_path / "deadlines.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=problem):
        Deadlines.load(tmp_path)


# Forms


@pytest.mark.parametrize("style", digests.STYLES)
@pytest.mark.parametrize("format", ["md", "html"])
def test_golden_documents(format: str, style: str) -> None:
    assert_golden(f"digest-{style}.{format}", render(make(), format, style))


@pytest.mark.parametrize(("format", "style"), [("json", "full"), ("atom", "full"), ("ics", "full")])
def test_golden_data(format: str, style: str) -> None:
    assert_golden(f"digest.{format}", render(make(), format, style))


@pytest.mark.parametrize("style", digests.STYLES)
@pytest.mark.parametrize("format", FORMATS)
def test_the_same_digest_is_the_same_bytes(format: str, style: str) -> None:
    assert render(make(POLICIES), format, style) == render(make(POLICIES[::-1]), format, style)


def test_markdown_is_clean() -> None:
    text = render(make((*POLICIES, HOSTILE)), "md").decode()
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert not re.search(r"[ \t]$|\n\n\n", text, re.M)
    headings = re.findall(r"^(#+) (.*)", text, re.M)
    assert [len(marks) for marks, _ in headings[:4]] == [1, 2, 2, 2]
    assert ("####", "框架") in headings


def test_json_is_what_it_says() -> None:
    data = json.loads(render(make(), "json", "brief"))
    assert (data["format"], data["total"], data["query"]) == (1, 4, "碳市场 --during 2024")
    [entry] = data["sections"][0]["entries"]
    assert entry["summary"] == "条例首次规定交易制度。"
    assert "body" not in entry
    assert entry["dates"] == [
        {"date": "2024-05-01", "kind": "effective", "text": ""},
        {"date": "2024-12-31", "kind": "deadline", "text": "2023年度配额在2024年12月31日前完成清缴"},
    ]


class Seen(HTMLParser):
    """The elements, attributes and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_html_stands_alone_and_its_links_lead_somewhere() -> None:
    page = render(make(group="tag"), "html").decode()
    seen = Seen(page)
    ids = [attributes["id"] for _, attributes in seen.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in seen.tags:
        assert tag not in ("script", "link", "img", "iframe", "object", "base")
        assert not any(name.startswith("on") or name in ("src", "style") for name in attributes)
        if (target := attributes.get("href") or "").startswith("#"):
            assert target[1:] in ids
    assert "@import" not in page
    assert "url(" not in page
    assert "@media print" in page
    assert "另见：" in seen.text


def test_atom_is_a_feed() -> None:
    atom = "{http://www.w3.org/2005/Atom}"
    feed = ElementTree.fromstring(render(make((*POLICIES, HOSTILE)), "atom"))
    assert feed.tag == f"{atom}feed"
    for element in (feed, *feed.findall(f"{atom}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{atom}{name}")) == 1
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00\+08:00", element.findtext(f"{atom}updated") or "")
        assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", element.findtext(f"{atom}id") or "")
    assert feed.find(f"{atom}author/{atom}name") is not None
    entries = feed.findall(f"{atom}entry")
    assert [e.findtext(f"{atom}title") for e in entries][0] == "会议"
    assert len({e.findtext(f"{atom}id") for e in entries}) == 5
    for entry in entries:
        assert entry.find(f"{atom}content") is not None or not entry.findtext(f"{atom}summary")


def test_the_calendar_is_one() -> None:
    data = render(make((*POLICIES, HOSTILE)), "ics")
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    assert data.count(b"\n") == data.count(b"\r\n")
    events: list[Any] = icalendar.Calendar.from_ical(data.decode()).walk("VEVENT")
    assert [(e["DTSTART"].dt, (e["DTEND"].dt - e["DTSTART"].dt).days) for e in events] == [
        (date(2024, 4, 10), 1), (date(2024, 5, 1), 1), (date(2024, 12, 31), 1), (date(2025, 1, 1), 1),
    ]  # fmt: skip
    assert str(events[0]["SUMMARY"]) == "征求意见截止：核算指南（征求意见稿）"
    assert str(events[1]["SUMMARY"]) == "施行：交易管理条例"
    assert len({str(e["UID"]) for e in events}) == 4
    assert "国务院\n条例首次规定交易制度。" in str(events[1]["DESCRIPTION"])


def test_a_calendar_without_days_is_an_error() -> None:
    with pytest.raises(OutputError, match="none of the 1 entries sets a day"):
        render(make([MEETING]), "ics")


def test_a_long_line_of_the_calendar_is_folded_between_characters() -> None:
    long = replace(RULES, title="碳🌱" * 60)
    [event] = icalendar.Calendar.from_ical(render(make([replace(long, body="")]), "ics").decode()).walk("VEVENT")
    assert str(event["SUMMARY"]) == "施行：" + "碳🌱" * 60


# Word


def word(made: Digest, style: str = "full", corpus: Path | None = None) -> Any:
    return Document(io.BytesIO(render(made, "docx", style, corpus)))


def test_word_has_real_headings_and_lists() -> None:
    paragraphs = [(p.style.name, p.text) for p in word(make()).paragraphs]
    assert paragraphs[0] == ("Title", "政策摘编：2024年")
    for expected in (
        ("Heading 1", "2024年2月"),
        ("Heading 2", "交易管理条例"),
        ("Heading 3", "框架"),
        ("List Bullet", "主体：重点排放单位。"),
        ("List Number", "1.\t一"),
        ("List Number", "2.\t二"),
        ("Body Text", "条例首次规定交易制度。"),
        ("Body Text", "部署 十大行动，见全文（https://www.gov.cn/a?b=1&c=2）。"),
    ):
        assert expected in paragraphs


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("**粗**", ["b"]),
        ("**粗`码`**", ["b", "rFonts b"]),
        ("*斜**粗***", ["i", "b i"]),
        ("H<sub>2</sub>", ["", "vertAlign"]),
        ("<sup>上<sub>下</sub></sup>", ["vertAlign", "vertAlign"]),
    ],
)
def test_marks_stand_in_the_order_of_the_schema(text: str, marks: list[str]) -> None:
    [paragraph] = from_html(body.to_html(text, level=1))
    runs = ElementTree.fromstring(paragraph.replace("<w:p>", f"<w:p {NAMESPACES}>")).iter(qn("w:r"))
    found = [[mark.tag for mark in run.findall(f"{qn('w:rPr')}/*")] for run in runs]
    assert [" ".join(tag.split("}")[1] for tag in tags) for tags in found] == marks


def test_a_cell_of_word_keeps_its_lines_and_an_address_is_printed_once() -> None:
    table = from_html(body.to_html("| 甲 | 乙 |\n|---|---|\n| 一<br>二 | 三 |", level=1))[0]
    assert '一</w:t><w:br/><w:t xml:space="preserve">二' in table
    [printed] = from_html(body.to_html("<https://www.gov.cn/a?b=1&c=2>", level=1))
    assert printed.count("www.gov.cn") == 1
    assert "1." not in "".join(from_html("<ol><li></li></ol><p>后文</p>"))


def test_word_styles_have_east_asian_fonts_and_no_theme_fonts() -> None:
    document = word(make())
    for name, font in (("Normal", "宋体"), ("Body Text", "宋体"), ("Title", "黑体"), ("Heading 1", "黑体")):
        fonts = document.styles[name].element.rPr.rFonts
        assert fonts.get(qn("w:eastAsia")) == font
        assert not any("Theme" in key for key in fonts.attrib)
    indent = document.styles["Body Text"].element.pPr.ind
    assert indent.get(qn("w:firstLineChars")) == "200"


def test_word_has_contents_page_numbers_and_repeated_table_heads() -> None:
    document = word(make())
    xml = document.element.xml
    assert 'TOC \\o "1-2"' in xml
    assert 'w:fldCharType="begin" w:dirty="true"' in xml  # Word fills it when it opens the document
    for level in (1, 2):
        [tab] = document.styles[f"toc {level}"].paragraph_format.tab_stops
        assert (tab.leader, tab.alignment) == (WD_TAB_LEADER.DOTS, WD_TAB_ALIGNMENT.RIGHT)
    section = document.sections[0]
    footer = section.footer._element.xml
    assert "PAGE" in footer
    assert "NUMPAGES" in footer
    assert (section.page_width.mm, section.page_height.mm) == (pytest.approx(210, 1), pytest.approx(297, 1))


def test_word_has_one_table_for_the_period() -> None:
    document = word(make(), "table")
    assert "TOC" not in document.element.xml  # the groups are rows
    _overview, table = document.tables
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    heads = [row.cells[0].text for row in table.rows if len({cell._tc for cell in row.cells}) == 1]
    assert heads == ["2024年2月", "2024年3月", "2024年12月"]
    [cell] = [row.cells[3] for row in table.rows if row.cells[3].text == "征求意见稿"]
    room = cell.width - 2 * 60 * 635  # its margins
    assert room >= len(cell.text) * document.styles["Table Text"].font.size
    assert table.rows[2].cells[0].width - 2 * 60 * 635 >= 10 * 0.6 * document.styles["Table Text"].font.size
    rules = document.styles["Table Grid"].element.xpath(".//w:tblBorders/*")
    assert [rule.get(qn("w:color")) for rule in rules] == ["C9D0DA"] * 6
    height = document.styles["Table Text"].paragraph_format
    assert (height.line_spacing_rule, height.line_spacing) == (WD_LINE_SPACING.EXACTLY, Pt(13))


def test_word_says_in_a_table_what_stands_elsewhere_too() -> None:
    table = word(make(group="tag"), "table").tables[1]
    texts = [row.cells[1].text for row in table.rows]
    assert "另见：核算指南（征求意见稿）" in texts


def test_word_properties_and_times_are_fixed() -> None:
    data = render(make(), "docx")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert len(archive.namelist()) == len(set(archive.namelist()))
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                ElementTree.fromstring(archive.read(name))
    properties = Document(io.BytesIO(data)).core_properties
    assert (properties.title, str(properties.created)[:10]) == ("政策摘编：2024年", "2024-12-31")


def test_a_knowledge_base_brings_its_own_word_styles(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    own = word(make())
    own.styles["Heading 1"].font.name = "Kaiti"
    own.save(tmp_path / "templates" / "reference.docx")
    made = word(make(), corpus=tmp_path)
    assert made.styles["Heading 1"].font.name == "Kaiti"
    assert [p.text for p in made.paragraphs].count("政策摘编：2024年") == 1
    (tmp_path / "templates" / "reference.docx").write_bytes(b"not a zip")
    with pytest.raises(OutputError, match="reference.docx: not a Word document"):
        word(make(), corpus=tmp_path)


# Nothing becomes markup


def test_no_document_becomes_markup_in_html() -> None:
    for style in digests.STYLES:
        for group in digest.GROUPS:
            page = render(make((*POLICIES, HOSTILE), group=group), "html", style).decode()
            seen = Seen(page)
            assert not {tag for tag, _ in seen.tags} & {"script", "img", "iframe", "b", "i", "x"}
            assert [tag for tag, _ in seen.tags].count("style") == 1
            targets = [str(attributes["href"]) for tag, attributes in seen.tags if "href" in attributes]
            assert all(target.startswith(("#", "https://www.gov.cn/")) for target in targets)
            assert "<script>alert(1)</script>" in seen.text
            assert page.count("<!--") == 1  # the manifest, which the documents cannot imitate


def test_no_document_becomes_html_in_markdown() -> None:
    for style in digests.STYLES:
        text = render(make((*POLICIES, HOSTILE)), "md", style).decode()
        before, mark, after = text.partition("<!-- policykb-digest\n")
        assert mark
        assert not re.search("<[A-Za-z/!?]", before + after)
        assert not re.search(r"\]\(\s*javascript|^\[.*\]:\s*javascript", text, re.M)


def test_no_document_becomes_markup_in_word() -> None:
    xml = word(make((*POLICIES, HOSTILE))).element.xml
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in xml
    assert "<script" not in xml


def test_a_table_row_stays_a_row() -> None:
    text = render(make([HOSTILE]), "md", "table").decode()
    [row] = [line for line in text.split("\n") if line.startswith("| 2024-06-01")]
    assert len(re.findall(r"(?<!\\)\|", row)) == 7


plain = st.text(alphabet="ab碳- #\n.1)(：:\"'/　%*`>|<&[]_~=", max_size=60)


@given(plain)
def test_the_fast_way_to_html_is_the_same_html(text: str) -> None:
    spaced = body._spaced(text)
    if fast := body._simple(spaced):
        assert fast == body._converter().reset().convert(spaced)


def test_the_fast_way_is_taken_for_the_shipped_corpus() -> None:
    files = list((Path(__file__).parents[1] / "corpus/2024").glob("*.md"))
    bodies = [file.read_text(encoding="utf-8").split("\n---\n", 1)[1] for file in files]
    assert sum(bool(body._simple(body._spaced(text))) for text in bodies) >= 0.9 * len(bodies) > 0


@given(st.text(max_size=200))
def test_any_body_gives_clean_html_and_markdown(text: str) -> None:
    seen = Seen(body.to_html(text, level=4))
    assert {tag for tag, _ in seen.tags} <= body._TAGS
    assert not re.search("<[A-Za-z/!?]", body.to_markdown(text, level=4))


text = st.text(max_size=30)
some_text = st.none() | text
policies = st.builds(
    Policy, text, text, st.dates(date(1950, 1, 1), date(2100, 12, 1)), st.lists(text, max_size=3).map(tuple),
    tags=st.lists(text, max_size=2).map(tuple), kind=some_text, status=some_text, number=some_text, body=st.text(),
    documents=st.lists(text, max_size=2).map(tuple), issuer_count=st.none() | st.integers(0, 99),
    effective=st.none() | st.dates(date(1950, 1, 1), date(2100, 12, 1)),
)  # fmt: skip


@examples(25)
@given(st.lists(policies, min_size=1, max_size=3, unique_by=lambda policy: policy.id), st.sampled_from(digest.GROUPS))
def test_any_policies_make_any_digest(found: list[Policy], group: str) -> None:
    made = make(found, period=DateRange(), group=group)
    for format in FORMATS:
        if format == "ics" and not any(entry.dates for entry in made.entries):
            continue
        data = render(made, format)
        if format in ("md", "html"):
            assert manifest._parse(manifest._text(data)).entries == dict(made.manifest.entries)
    ElementTree.fromstring(render(made, "atom"))


def test_deep_nesting_does_not_break_a_digest() -> None:
    deep = replace(RULES, body="> " * 3000 + "深\n\n" + "[" * 5000)
    for format in ("md", "html", "docx", "atom"):
        assert render(make([deep]), format)


@pytest.mark.parametrize(
    ("text", "level", "expected"),
    [
        ("# 一\n\n## 二", 4, "<h4>一</h4>\n<h5>二</h5>"),
        ("### 三", 4, "<h4>三</h4>"),
        ("# 一\n\n###### 六", 5, "<h5>一</h5>\n<h6>六</h6>"),
        ("段落：\n- 一\n- 二", 4, "<p>段落：</p>\n<ul>\n<li>一</li>\n<li>二</li>\n</ul>"),
    ],
)
def test_headings_move_below_the_documents_own(text: str, level: int, expected: str) -> None:
    assert body.to_html(text, level=level) == expected


@pytest.mark.parametrize("text", ["1. 总则", "12) 项", "# 题", "- 项", "*甲*_乙_", "1.5度", "a\\b"])
def test_plain_text_is_shown_as_it_is(text: str) -> None:
    for around in ("{}", "## {}"):
        assert body.to_text(around.format(body.escape(text))) == text


def test_code_is_not_taken_for_headings() -> None:
    assert body.to_markdown("## 一\n\n```\n# 注释\n```\n", level=4) == "#### 一\n\n```\n# 注释\n```"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\n摘要一。\n摘要二。\n\n- 要点", "摘要一。 摘要二。"),
        ("## 题\n\n摘要。", "摘要。"),
        ("- 要点一\n- 要点二", "要点一"),
        ("> 引文\n\n| 表 |", ""),
        ("", ""),
    ],
)
def test_the_summary_is_the_first_paragraph(text: str, expected: str) -> None:
    assert body.summary(text) == expected


# Since an earlier digest


def changed() -> Sequence[Policy]:
    new = replace(PLAN, id="2024-11-01-新", title="新通知", date=date(2024, 11, 1))
    return (RULES, replace(DRAFT, status="正式"), PLAN, new)  # the meeting has gone


@pytest.mark.parametrize("format", ["md", "html", "docx", "json"])
def test_only_what_is_new_or_changed_since(format: str, tmp_path: Path) -> None:
    earlier = tmp_path / f"earlier.{format}"
    earlier.write_bytes(render(make((*POLICIES, HOSTILE)), format))
    made = make(changed(), since=manifest.load(earlier))
    assert [(e.policy.title, e.change) for e in made.entries] == [
        ("核算指南（征求意见稿）", "changed"),
        ("新通知", "new"),
    ]
    assert made.since
    assert (made.since.new, made.since.changed, made.since.removed) == (1, 1, (HOSTILE.id, MEETING.id))
    assert made.since.manifest.query == "碳市场 --during 2024"
    # The next digest goes on from this one, though most entries are not written in it.
    later = tmp_path / f"later.{format}"
    later.write_bytes(render(made, format))
    again = make(changed(), since=manifest.load(later))
    assert again.entries == ()
    for form in ("md", "html", "docx", "json", "atom"):
        assert render(again, form)
    assert "与前次摘编相比没有新增或变动。" in render(again, "md").decode()


def test_every_shown_field_counts_as_a_change() -> None:
    fields: dict[str, Any] = {
        "title": "改", "date": date(2024, 3, 16), "issuers": ("国务院",), "tags": (), "kind": None, "status": None,
        "documents": ("甲",), "number": "1", "issuer_count": 11, "effective": date(2025, 1, 1),
        "date_end": date(2024, 3, 17), "source": "报告", "body": "改",
    }  # fmt: skip
    for name, value in fields.items():
        assert manifest.content_hash(replace(PLAN, **{name: value})) != manifest.content_hash(PLAN)
    assert manifest.content_hash(replace(PLAN, extra={"note": 1}, id="x")) == manifest.content_hash(PLAN)


@given(st.dictionaries(st.text(max_size=30), st.text(max_size=20), max_size=5), st.text(max_size=30))
def test_a_manifest_survives_a_comment(entries: dict[str, str], query: str) -> None:
    whole = Manifest(query, "2024", "0", entries)
    text = manifest.comment(whole)
    assert text.count("-->") == 1
    assert manifest._parse(manifest.dump(whole)) == whole


@pytest.mark.parametrize(
    "data",
    [
        b"", b"# nothing", b"\xff\xfe", b"{}", b'{"manifest": 3}', b"PK\x03\x04", b"<!-- policykb-digest\n{\n-->",
        b'{"manifest": {"format": 2}}', b"[" * 100_000,
        b'{"manifest": {"format": 1, "query": 1, "period": "", "state": "", "entries": {}}}',
    ],
)  # fmt: skip
def test_what_is_no_digest_is_an_error(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.md").write_bytes(data)
    with pytest.raises(SourceError, match=re.escape("x.md: not a digest that policykb wrote")):
        manifest.load(tmp_path / "x.md")
    with pytest.raises(SourceError, match="cannot be read"):
        manifest.load(tmp_path / "missing.md")


# Templates


def own_template(folder: Path, name: str, text: str) -> Path:
    (folder / "templates").mkdir()
    (folder / "templates" / name).write_text(text, encoding="utf-8")
    return folder


def test_a_knowledge_base_replaces_a_template(tmp_path: Path) -> None:
    corpus = own_template(tmp_path, "digest.md.j2", "{% for e in digest.entries %}{{ e.policy.title }}\n{% endfor %}")
    text = render(make((*POLICIES, HOSTILE)), "md", corpus=corpus).decode()
    assert text.startswith("交易管理条例\n核算指南（征求意见稿）\n")
    assert '&lt;script>alert(1)&lt;/script> &amp; "题" \\*强\\* \\| \\[链\\](x)' in text


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("好\n{% if %}", "digest.md.j2, line 2: "),
        ("好\n\n{{ nothing }}", "digest.md.j2, line 3: 'nothing' is undefined"),
        ("{{ digest.nothing }}", "digest.md.j2, line 1: "),
        ("{{ 1 / 0 }}", "digest.md.j2, line 1: division by zero"),
        ("好\n{{ title | nothing }}", "digest.md.j2, line 2: No filter named 'nothing'"),
        ("{% include 'nothing' %}", "template nothing is missing"),
        ("{{ ''.__class__.__mro__[1].__subclasses__() }}", "digest.md.j2, line 1: "),
        ("{{ digest.entries[0].policy.title + 3 }}", "digest.md.j2, line 1: "),
    ],
)
def test_a_wrong_template_is_named_with_its_line(text: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=re.escape(problem)):
        render(make(), "md", corpus=own_template(tmp_path, "digest.md.j2", text))


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is bounded on Linux alone")
@pytest.mark.parametrize(
    "text", ["{{ 'x'.ljust(10 ** 10) }}", "{{ '%9000000000d' % 1 }}", "{{ 1 | string | center(10 ** 10) }}"]
)
def test_a_template_takes_only_so_much_memory(text: str, tmp_path: Path) -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_AS)
    with pytest.raises(OutputError, match=re.escape("digest.md.j2, line 1: it takes too much memory")):
        render(make(), "md", corpus=own_template(tmp_path, "digest.md.j2", text))
    assert resource.getrlimit(resource.RLIMIT_AS) == before
