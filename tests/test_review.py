"""Reading a review: the reference report in every format, other layouts, and anything at all."""

from __future__ import annotations

import html
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import making
from policykb.corpus.corpus import Corpus
from policykb.corpus.entry_format import parse
from policykb.domain.issuers import Authority
from policykb.domain.policy import Policy
from policykb.errors import PolicyKBError
from policykb.importing.blocks import blocks
from policykb.importing.formats.source import Source
from policykb.importing.intake import import_reviews
from policykb.importing.paragraphs import without_space
from policykb.importing.review.review import Review, ReviewEntry, parse_review, to_policies
from policykb.importing.sources import read_lines
from properties import examples

AUTHORITY = Authority.load(None)
CORPUS = Path(__file__).parents[1] / "corpus"
MEE, NDRC, MOF, NEA = "生态环境部", "国家发展和改革委员会", "财政部", "国家能源局"


def read(text: str, name: str = "review.txt") -> Review:
    return parse_review(read_lines(text.encode(), name=name), AUTHORITY)


def written(entry: ReviewEntry) -> str:
    return entry.label + entry.heading + entry.marker + "".join(entry.body)


def assert_complete(report: Review, source: Source) -> None:
    """Every without_space character of the source stands in exactly one place of the report."""
    parts = [*map(written, report.entries), *(passage.text for passage in (*report.skipped, *report.leftovers))]
    assert Counter(without_space("".join(parts))) == Counter(without_space("".join(line.text for line in source.lines)))


# ---- The reference report


@pytest.fixture(scope="module")
def reference() -> Source:
    return read_lines(making.report_or_skip())


@pytest.fixture(scope="module")
def report(reference: Source) -> Review:
    return parse_review(reference, AUTHORITY)


def test_all_forty_entries_and_nothing_else(report: Review, reference: Source) -> None:
    assert len(report.entries) == 40
    assert report.leftovers == ()
    assert report.title == "2024年全国碳市场交易数据分析及各季度运行报告"
    assert_complete(report, reference)
    quarters = Counter(entry.policy.source.rpartition("，")[2] for entry in report.entries)
    assert quarters == {"一季度": 9, "二季度": 17, "三季度": 7, "四季度": 7}


def test_bodies_are_complete_character_by_character(report: Review) -> None:
    """The text under each marker, counted straight from the file, is the body of its entry."""
    lines = making.report_or_skip().read_text(encoding="utf-8").split("\n")
    for entry in report.entries:
        whole = without_space("".join(lines[entry.line_from - 1 : entry.line_to]))
        assert whole.count("要点分析：") == 1
        assert without_space("".join(entry.body)) == whole.partition("要点分析：")[2]
        assert without_space(entry.label + entry.heading) == whole.partition("要点分析：")[0]
        assert all(paragraph == paragraph.strip() and "\n" not in paragraph for paragraph in entry.body)


def test_paragraphs_of_the_report(report: Review) -> None:
    assert [len(entry.body) for entry in report.entries] == (
        [1] * 8 + [2] + [1] * 12 + [2, 1, 1, 1, 2] + [2, 2, 2, 2, 2, 2, 2] + [2, 7, 2, 1, 1, 1, 1]
    )
    assert {entry.marker for entry in report.entries} == {"要点分析："}


def test_other_chapters_are_skipped_with_their_lines(report: Review) -> None:
    chapters = [passage for passage in report.skipped if passage.reason.startswith("chapter")]
    assert {without_space(passage.reason)[8:12] for passage in chapters} == {
        "一季度市",
        "二季度市",
        "三季度市",
        "四季度市",
    }
    captions = [passage.text for passage in report.skipped if passage.reason == "caption"]
    assert len(captions) == 16
    taken = {line for entry in report.entries for line in range(entry.line_from, entry.line_to + 1)}
    for passage in report.skipped:
        assert not taken & set(range(passage.line_from, passage.line_to + 1))


def test_report_against_the_corpus_made_by_hand(report: Review) -> None:
    by_hand = [parse(path.read_text(encoding="utf-8"), id=path.stem) for path in (CORPUS / "2024").glob("*.md")]
    facts: dict[tuple[object, ...], Policy] = {(p.date, p.issuers, p.kind, p.status): p for p in by_hand}
    assert len(facts) == len(by_hand) == 40
    titles = 0
    for policy in to_policies(report):
        other = facts.pop((policy.date, policy.issuers, policy.kind, policy.status))
        assert policy.issuer_count == other.issuer_count
        assert (policy.date_end, policy.effective, policy.source) == (other.date_end, other.effective, other.source)
        # The report misprints 若干 and 排放核查, and by hand an attachment counts as a document.
        if policy.documents and "放核查" not in policy.documents[1].replace("排放核查", ""):
            assert policy.documents == other.documents
        titles += policy.title == other.title
    assert not facts
    assert titles == 36  # three pairs of guidelines have their common title from a person, and one is the misprint


@pytest.mark.parametrize(
    ("number", "documents"),
    [
        (3, ("关于推进实施水泥行业超低排放的意见", "关于推进实施焦化行业超低排放的意见")),
        (9, ("企业温室气体排放核算与报告指南 铝冶炼行业", "企业温室气体排放核查技术指南 铝冶炼行业")),
        (10, ("关于严格控制氢氟碳化物化工生产建设项目的通知（征求意见稿）",)),
        (16, ("2021年电力二氧化碳排放因子",)),
        (26, ("2023、2024年度全国碳排放权交易发电行业配额总量和分配方案（征求意见稿）",)),
        (27, ("进一步强化碳达峰碳中和标准计量体系建设行动方案（2024—2025年）",)),
        (28, ("加快构建碳排放双控制度体系工作方案",)),
        (40, ("中央经济工作会议",)),
    ],
)
def test_documents_of_the_report(report: Review, number: int, documents: tuple[str, ...]) -> None:
    assert report.entries[number - 1].read.documents == documents


def test_actions_of_the_report(report: Review) -> None:
    assert Counter(entry.read.action for entry in report.entries) == {
        "印发": 22, "发布": 11, "公开征求意见": 4, "颁布": 1, "举行": 1, None: 1,
    }  # fmt: skip


def test_report_is_read_in_well_under_a_second(reference: Source) -> None:
    start = time.process_time()
    parse_review(reference, AUTHORITY)
    assert time.process_time() - start < 1


Make = Callable[[list[str], list[str]], bytes]  # of the report's printed lines, or of its paragraphs


def heading_level(paragraph: str) -> str:
    if "季度市场运行" in paragraph[:8]:
        return "h1"
    return "h2" if paragraph.endswith("相关政策文件") else "h3" if is_date(paragraph) else "left"


def is_date(paragraph: str) -> bool:
    return paragraph.startswith("2024年") and len(paragraph) < 16 and paragraph.endswith("日")


def flowing_pdf(lines: list[str], paragraphs: list[str]) -> bytes:
    document = [("indent" if text[-1] in "。；" else "left", text) for text in paragraphs]
    return making.as_pdf(document, head="碳市场季刊", per_page=34, measure=78)


def markdown(lines: list[str], paragraphs: list[str]) -> bytes:
    marks = {"h1": "# ", "h2": "## ", "h3": "### ", "left": ""}
    return "\n\n".join(marks[heading_level(text)] + text for text in paragraphs).encode()


def page_of_breaks(lines: list[str], paragraphs: list[str]) -> bytes:
    return making.page(f"<p>{'<br>'.join('　　' + html.escape(text) for text in paragraphs)}</p>")


MAKES: dict[str, Make] = {
    "lines.pdf": lambda lines, _: making.as_pdf(
        [("left", text) for text in lines], head="报告", per_page=36, measure=90
    ),
    "flowing.pdf": flowing_pdf,
    "styled.docx": lambda _, paragraphs: making.as_docx([(heading_level(text), text) for text in paragraphs]),
    "lines.docx": lambda lines, _: making.as_docx([("left", text) for text in lines]),
    "page.html": lambda _, paragraphs: making.as_html([("left", text) for text in paragraphs]),
    "lines.html": lambda lines, _: making.as_html([("left", text) for text in lines], charset="gb2312"),
    "breaks.html": page_of_breaks,
    "review.md": markdown,
    "gb18030.txt": lambda lines, _: "\r\n".join(lines).encode("gb18030"),
    "utf16.txt": lambda lines, _: "\n".join(lines).encode("utf-16-be"),
    "paragraphs.txt": lambda _, paragraphs: "\n".join(paragraphs).encode("utf-8-sig"),
}


@pytest.mark.parametrize("name", MAKES)
def test_report_in_every_format_gives_the_same_forty(name: str, report: Review, reference: Source) -> None:
    lines, paragraphs = [line.text for line in reference.lines], [block.text for block in blocks(reference.lines)]
    source = read_lines(MAKES[name](lines, paragraphs), name=name)
    other = parse_review(source, AUTHORITY)
    assert_complete(other, source)
    assert other.leftovers == ()
    got, want = to_policies(other), to_policies(report)
    assert [policy.id for policy in got] == [policy.id for policy in want]
    # A space at the end of a line, between two Han characters, is lost with the line end.
    bodies = [[without_space(paragraph) for paragraph in policy.body.split("\n\n")] for policy in want]
    assert [[without_space(paragraph) for paragraph in policy.body.split("\n\n")] for policy in got] == bodies
    assert [replace(policy, body="") for policy in got] == [replace(policy, body="") for policy in want]


# ---- Other layouts

LAYOUTS = {
    "date in markdown headings": """# 政策月报

## 2031-01-10 生态环境部印发《甲方案》

甲的内容。

## 2031/1/12 财政部、国家能源局关于印发《乙计划》的通知

乙的内容。
""",
    "days under a year": """政策汇编
2031年
1月10日
生态环境部印发《甲方案》
要点分析：甲的内容。
1月12日
财政部、国家能源局发布《乙计划》
要点分析：乙的内容。
""",
    "days in brackets": """2031年1月政策速览
【1.10】生态环境部印发《甲方案》
甲的内容。
【1.12】财政部、国家能源局关于印发《乙计划》的通知
乙的内容。
""",
    "numbered, date first": """2031年政策清单
1. 2031年1月10日，生态环境部印发《甲方案》
主要内容：甲的内容。
2、2031.1.12 财政部、国家能源局印发《乙计划》
主要内容：乙的内容。
""",
    "numbered, date last": """2031年政策清单
（一）生态环境部印发《甲方案》（2031年1月10日）
甲的内容。
（二）财政部、国家能源局印发《乙计划》（2031-01-12）
乙的内容。
""",
    "sentences": """政策动态
2031年1月10日，生态环境部印发《甲方案》，甲的内容。
1月12日，财政部、国家能源局联合发布《乙计划》，乙的内容。
""",
    "heading and body in one paragraph": """政策动态
2031年1月10日
生态环境部印发《甲方案》。甲的内容。
2031年1月12日
财政部、国家能源局联合发布《乙计划》：乙的内容。
""",
    "numbered, day last": """2031年政策清单
1. 生态环境部印发《甲方案》（1月10日）
甲的内容。
2. 财政部、国家能源局印发《乙计划》（1月12日）
乙的内容。
""",
    "days under a month": """2031年政策汇编
1月
10日
生态环境部印发《甲方案》
要点：甲的内容。
12日 财政部、国家能源局印发《乙计划》
要点：乙的内容。
""",
    "date under the heading": """政策要闻
生态环境部印发《甲方案》
2031-01-10
甲的内容。
财政部、国家能源局印发《乙计划》
发布时间：2031年1月12日
乙的内容。
""",
    "departments beside the date": """政策要闻
■ 2031年1月10日 | 生态环境部
《甲方案》
甲的内容。
■ 2031年1月12日 | 财政部、国家能源局
《乙计划》
乙的内容。
""",
    "fields": """政策清单
1. 甲方案
发布日期：2031年1月10日
发布机构：生态环境部
主要内容：甲的内容。
2. 乙计划
发布时间：2031-01-12　发布机构：财政部、国家能源局
主要内容：乙的内容。
""",
    "fields only": """政策清单
文件名称：甲方案
发文机关：生态环境部
发布日期：2031年1月10日
主要内容：甲的内容。
文件名称：乙计划
发文机关：财政部、国家能源局
发布日期：2031年1月12日
主要内容：乙的内容。
""",
    "table": """# 一览

| 序号 | 日期 | 发文机关 | 文件名称 | 主要内容 |
|---|---|---|---|---|
| 1 | 2031-01-10 | 生态环境部 | 甲方案 | 甲的内容。 |
| 2 | 2031.1.12 | 财政部、国家能源局 | 关于印发《乙计划》的通知 | 乙的内容。 |
""",
    "table without a head, pasted": """一览
2031-01-10\t生态环境部\t甲方案\t甲的内容。
2031-01-12\t财政部、国家能源局\t《乙计划》\t乙的内容。
""",
    "Chinese numerals": """政策汇编
二〇三一年一月十日
生态环境部印发《甲方案》
甲的内容。
二〇三一年一月十二日
财政部、国家能源局印发《乙计划》
乙的内容。
""",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layout(layout: str) -> None:
    source = read_lines(LAYOUTS[layout].encode(), name="review.md" if "# " in LAYOUTS[layout] else "review.txt")
    report = parse_review(source, AUTHORITY)
    assert_complete(report, source)
    assert report.leftovers == ()
    assert [
        (entry.policy.date, entry.policy.issuers, entry.read.documents, entry.body) for entry in report.entries
    ] == [
        (date(2031, 1, 10), (MEE,), ("甲方案",), ("甲的内容。",)),
        (date(2031, 1, 12), (MOF, NEA), ("乙计划",), ("乙的内容。",)),
    ]


def test_table_in_word_and_in_a_page_with_merged_dates() -> None:
    rows = [["日期", "部门", "文件", "要点"], ["1月10日", MEE, "甲方案", "甲一。\n甲二。"], ["", NEA, "乙计划", "乙。"]]
    as_word = making.as_docx([("h1", "2031年政策"), ("left", "见下表。")], tables=[rows])
    cells = f"<tr><td rowspan=2>1月10日</td><td>{MEE}</td><td>甲方案</td><td><p>甲一。</p><p>甲二。</p></td></tr>"
    cells += f"<tr><td>{NEA}</td><td>乙计划</td><td>乙。</td></tr>"
    head = "".join(f"<th>{text}</th>" for text in rows[0])
    as_page = making.page(f"<h1>2031年政策</h1><p>见下表。</p><table><tr>{head}</tr>{cells}</table>")
    for data in (as_word, as_page):
        report = parse_review(read_lines(data, name="x"), AUTHORITY)
        assert [
            (entry.policy.date, entry.policy.issuers, entry.policy.title, entry.body) for entry in report.entries
        ] == [
            (date(2031, 1, 10), (MEE,), "甲方案", ("甲一。", "甲二。")),
            (date(2031, 1, 10), (NEA,), "乙计划", ("乙。",)),
        ]


def test_two_documents_under_one_date() -> None:
    text = "2031年1月10日\n生态环境部印发《甲方案》\n要点分析：甲。\n财政部印发《乙方案》\n要点分析：乙。\n"
    assert [(entry.policy.date.day, entry.policy.title, entry.body) for entry in read(text).entries] == [
        (10, "甲方案", ("甲。",)),
        (10, "乙方案", ("乙。",)),
    ]


@pytest.mark.parametrize(
    ("label", "first", "last"),
    [
        ("2031年12月11日-12日", (12, 11), (12, 12)),
        ("2031 年 12 月 11 日—12 日", (12, 11), (12, 12)),
        ("2031年11月30日至12月2日", (11, 30), (12, 2)),
        ("2031-12-11 至 2031-12-12", (12, 11), (12, 12)),
        ("【12.11】", (12, 11), None),
        ("一、2031年12月11日（星期四）", (12, 11), None),
        ("**2031年12月11日**", (12, 11), None),
        ("12月11日", (12, 11), None),
        ("日期：2031/12/11", (12, 11), None),
    ],
)
def test_dates_of_entries(label: str, first: tuple[int, int], last: tuple[int, int] | None) -> None:
    report = read(f"# 2031年政策\n\n{label}\n\n生态环境部印发《甲方案》\n\n内容。\n", "a.md")
    assert [(entry.policy.date, entry.policy.date_end) for entry in report.entries] == [
        (date(2031, *first), date(2031, *last) if last else None)
    ]


def test_a_date_at_the_start_of_a_line_of_the_body_opens_no_entry() -> None:
    text = "\n".join(
        ["2031年1月10日", "生态环境部印发《甲方案》", "要点分析：早在"]
        + ["2030年2月3日，生态环境部印发《乙方案》，", "2030年5月1日起施行的《丙办法》也有规定。"]
        + ["2030年6月7日，财政部发布《丁计划》，两者应当衔接。"]
    )
    report = read(text)
    assert [entry.policy.title for entry in report.entries] == ["甲方案"]


def test_headings_over_dated_sentences_belong_to_them() -> None:
    report = read(
        "2031年一周要闻\n关键词：规划\n《甲规划》印发\n1月24日,国务院发布《甲规划》,提出目标。《规划》分三步走。\n"
        "《乙方案》出台\n1月25日,国家能源局印发《乙方案》,部署任务。\n"
    )
    assert [(entry.policy.date.day, entry.policy.title, entry.body) for entry in report.entries] == [
        (24, "甲规划", ("提出目标。《规划》分三步走。",)),
        (25, "乙方案", ("部署任务。",)),
    ]
    assert report.entries[1].heading.startswith("《乙方案》出台")


def test_numbered_headings_over_dated_sentences() -> None:
    report = read(
        "2031年1月政策月报\n一、国家政策\n1. 生态环境部印发《甲方案》\n1月10日，生态环境部印发《甲方案》，提出三项任务。\n"
        "2. 国家能源局发布《乙计划》\n1月12日，国家能源局发布《乙计划》。计划分三步走。\n二、市场行情\n价格平稳。\n"
    )
    assert [(entry.policy.date.day, entry.policy.title, entry.body) for entry in report.entries] == [
        (10, "甲方案", ("提出三项任务。",)),
        (12, "乙计划", ("计划分三步走。",)),
    ]
    assert report.leftovers == ()


def test_effective_date_and_number_and_source() -> None:
    report = read(
        "2031年政策\n一季度相关政策文件\n2031年1月10日\n生态环境部印发《甲办法》（环气候〔2031〕 5 号）\n"
        "要点：该办法自2031年3月1日起施行，《乙办法》自2030年1月1日起施行。\n二季度市场行情\n价格上涨。\n"
    )
    (entry,) = report.entries
    assert (entry.policy.effective, entry.policy.number) == (date(2031, 3, 1), "环气候〔2031〕5号")
    assert entry.policy.source == "2031年政策，一季度"
    assert [(passage.reason, passage.line_from) for passage in report.skipped][-1] == ("chapter: 二季度市场行情", 7)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1月10日\n生态环境部印发《甲方案》\n", "a date without a year"),
        ("2031年1月10日\n收盘价再创新高\n", "a date without a document"),
        ("今天天气很好。\n", "no entry recognised"),
    ],
)
def test_what_is_not_understood_is_listed(text: str, reason: str) -> None:
    report = read("政策汇编\n" + text)
    assert report.entries == ()
    assert reason in report.leftovers[0].reason
    assert report.leftovers[0].line_from == 2


def test_row_without_a_date_is_left_over() -> None:
    table = "| 日期 | 文件 |\n|---|---|\n| 2031-01-10 | 甲方案 |\n| 待定 | 乙方案 |\n"
    report = read(table, "a.md")
    assert [entry.policy.title for entry in report.entries] == ["甲方案"]
    assert [(passage.line_from, passage.text) for passage in report.leftovers] == [(4, "待定 乙方案")]


def test_text_of_a_policy_chapter_outside_entries_is_left_over() -> None:
    report = read("2031年政策\n相关政策文件\n以下按日期排列。\n2031年1月10日\n生态环境部印发《甲方案》\n内容。\n")
    assert [passage.text for passage in report.leftovers] == ["以下按日期排列。"]


def test_captions_leave_the_body_of_an_entry() -> None:
    report = read("2031年1月10日\n生态环境部印发《甲方案》\n要点：甲。\n图 3 任务分工\n（来源：编者整理）\n还有乙。\n")
    assert report.entries[0].body == ("甲。", "还有乙。")
    assert [passage.reason for passage in report.skipped] == ["caption", "caption"]


def test_entries_with_one_id_are_told_apart() -> None:
    once = "2031年1月10日\n生态环境部印发《甲方案》\n要点：甲。\n"
    policies = to_policies(read(once * 3))
    assert [policy.id for policy in policies] == [f"2031-01-10-甲方案{end}" for end in ("", "-2", "-3")]
    assert to_policies(read(once * 3)) == policies


def test_policies_have_no_tags_and_documents_only_where_there_are_several() -> None:
    one, two = to_policies(
        read(
            "2031年1月10日\n财政部印发《甲方案》\n要点：甲。\n2031年1月11日\n财政部印发《甲办法》《乙办法》\n要点：乙。\n丙。\n"
        )
    )
    assert (one.documents, one.tags) == ((), ())
    assert (two.documents, two.title, two.body) == (("甲办法", "乙办法"), "甲、乙办法", "乙。\n\n丙。")


def test_what_was_concluded_is_said(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "review.txt").write_text("2031年1月10日\n《甲法》公布\n要点：甲。\n", encoding="utf-8")
    said: list[str] = []
    import_reviews(Corpus(tmp_path / "corpus"), AUTHORITY, [tmp_path / "review.txt"], say=said.append)
    [note] = said
    assert note.startswith("2031-01-10-甲法: department concluded from the kind 法律, not stated: 全国人民代表大会")


# ---- Anything at all

PIECES = st.sampled_from(
    ["\n", "\n\n", "。", "2031年1月10日", "1月2日", "【1.3】", "2031-02-03", "生态环境部", "财政部、", "印发", "《"]
    + [
        "》",
        "甲方案",
        "要点分析：",
        "主要内容",
        "一季度相关政策文件",
        "市场行情",
        "图 1 价格",
        "| ",
        "\t",
        "日期",
        "文件",
    ]
    + ["关于", "的通知", "（", "）", "1. ", "一、", "# ", "发布日期：", "发布机构：", "：", "，", " ", "\u3000", "x"]
    + ["2031年", "\f", "- 3 -", "《》", "《》会议召开", "\0", "\x1b", "\x85"]
)


@given(st.lists(PIECES | st.text(max_size=4), max_size=60).map("".join), st.sampled_from(["a.txt", "a.md", "a.html"]))
@examples(300)
def test_any_text_is_read_and_every_character_is_in_one_place(text: str, name: str) -> None:
    try:
        source = read_lines(text.encode("utf-8", "surrogatepass"), name=name)
    except PolicyKBError:
        return
    report = parse_review(source, AUTHORITY)
    assert_complete(report, source)
    for entry in report.entries:
        assert making.control_characters([entry.read, replace(entry.policy, body="")]) == set()
        assert making.control_characters(entry) <= {"\n", "\t"}  # label and heading stand as they are
        assert entry.policy.title.strip()
        assert entry.read.documents
        assert entry.line_from <= entry.line_to
    ids = [policy.id for policy in to_policies(report)]
    assert len(set(ids)) == len(ids)
