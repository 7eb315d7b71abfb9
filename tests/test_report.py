"""Reports, charts and time lines."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st

from goldens import assert_golden
from policykb.corpus.corpus import Corpus
from policykb.digest import report
from policykb.digest.key_dates import Deadlines
from policykb.domain.daterange import DateRange
from policykb.domain.policy import Policy
from policykb.errors import OutputError
from policykb.market import market
from policykb.market.market import Market
from policykb.market.statements import DAILY, Figure
from policykb.render import report_view, reports
from policykb.render import timeline_page as timeline
from policykb.render.charts import columns as charts
from policykb.render.charts.drawing import Chart, shortened, text_width, ticks
from policykb.render.charts.png import png
from policykb.render.charts.prices import _overlap as overlap
from policykb.render.charts.prices import prices as draw_prices
from policykb.render.charts.topics import by_topic
from policykb.render.labels import Labels

CORPUS = Path(__file__).parents[1] / "corpus"
MARKET = market.load(CORPUS)
LABELS = Labels.load(None)
DEADLINES = Deadlines.load(None)
SHIPPED = tuple(Corpus(CORPUS).policies())
FEW = (
    Policy(
        "2024-02-04-条例", "交易管理条例", date(2024, 2, 4), ("国务院",), ("碳市场",), status="正式",
        effective=date(2024, 5, 1), body="首部专门法规。\n\n- 罚则加重。",
    ),
    Policy(
        "2024-03-15-指南", "核算指南（征求意见稿）", date(2024, 3, 15), ("生态环境部",), ("碳核算",),
        status="征求意见稿", body="征求意见。\n\n- 配额于2024年12月31日前完成清缴。",
    ),
    Policy(
        "2024-05-11-诊断", "能效诊断", date(2024, 5, 11), ("国家发展和改革委员会", "生态环境部"), ("节能降碳",),
        body="摸底。",
    ),
)  # fmt: skip


def period(text: str) -> DateRange:
    return DateRange.parse(text, today=date(2024, 1, 1))


def make(text: str, policies: tuple[Policy, ...] = SHIPPED, known: Market = MARKET, **options: Any) -> report.Report:
    given = {"today": date(2026, 1, 1), "state": "0123456789abcdef", "deadlines": DEADLINES}
    return report.build(policies, known, period=period(text), **(given | options))


def render(made: report.Report, format: str, corpus: Path | None = None) -> bytes:
    return reports.render(made, format, labels=LABELS, corpus=corpus)


def view(text: str, policies: tuple[Policy, ...] = SHIPPED, known: Market = MARKET) -> report_view.View:
    return report_view.view(make(text, policies, known), LABELS)


# What a report holds


def test_a_report_of_entries_without_tags_or_departments_reads_like_sentences() -> None:
    plain = replace(FEW[0], tags=())
    assert "2024年一季度共收录政策文件1项。发文机关：" in render(make("2024Q1", (plain,)), "md").decode()
    for policy in (plain, replace(plain, issuers=()), replace(FEW[0], issuers=())):
        text = render(make("2024Q1", (policy,)), "md").decode()
        [lead] = [line for line in text.split("\n") if "共收录" in line]
        assert "：。" not in lead
        assert ("主题：" in lead, "发文机关：" in lead) == (bool(policy.tags), bool(policy.issuers))


def test_a_report_in_full() -> None:
    assert_golden("report-2024Q1.md", render(make("2024Q1", FEW), "md"))


@pytest.mark.parametrize(
    ("text", "title", "policies", "said"),
    [
        ("2024Q1", "全国碳排放权交易市场2024年一季度运行与政策报告", 9, "总成交量为874.03万吨"),
        ("2024Q2", "全国碳排放权交易市场2024年二季度运行与政策报告", 17, "总成交量增加53.2%，总成交额增加86%"),
        ("2024Q3", "全国碳排放权交易市场2024年三季度运行与政策报告", 7, "最高100.37元/吨（9月24日）"),
        ("2024Q4", "全国碳排放权交易市场2024年四季度运行与政策报告", 7, "总成交量为1.49亿吨"),
        ("2024", "全国碳排放权交易市场2024年运行与政策报告", 40, "其中2024年四季度成交量1.49亿吨，占79%"),
        ("2024-05", "全国碳排放权交易市场2024年5月运行与政策报告", 5, "没有2024年5月的成交数字"),
    ],
)
def test_the_shipped_year(text: str, title: str, policies: int, said: str) -> None:
    made = make(text)
    seen = report_view.view(made, LABELS)
    assert seen.title == title
    assert made.digest
    assert len(made.digest.entries) == policies
    assert said in "".join(seen.lead)
    assert seen.table


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("2024Q1", ["volume", "turnover", "share", "prices", "months", "issuers"]),
        ("2024", ["volume", "turnover", "share", "prices", "months", "issuers"]),
        ("2024-05", ["volume", "turnover", "share", "prices", "issuers"]),  # one month is no comparison
    ],
)
def test_its_charts(text: str, names: list[str]) -> None:
    seen = view(text)
    assert [chart.name for chart in (*seen.market_charts, *seen.policy_charts)] == names


def test_quarters_so_far_are_compared_and_later_ones_are_not_there() -> None:
    [volume] = [c for c in view("2024Q3").market_charts if c.name == "volume"]
    assert "一季度874.03万吨" in volume.description
    assert "三季度1718.83万吨" in volume.description
    assert "四季度" not in volume.description
    [share] = [c for c in view("2024Q1").market_charts if c.name == "share"]
    assert "2023年16.6%" in share.description


def test_what_comes_next_is_counted_from_the_end_of_the_period() -> None:
    def coming(text: str, today: date) -> list[str]:
        return [f"{k.day} {k.kind}" for k, _ in make(text, FEW, today=today).coming]

    assert coming("2024Q1", date(2026, 1, 1)) == ["2024-05-01 effective", "2024-12-31 deadline"]
    assert coming("2024Q2", date(2026, 1, 1)) == ["2024-12-31 deadline"]
    # In a period that is not over, from today on.
    assert coming("2024Q2", date(2024, 4, 10)) == ["2024-05-01 effective", "2024-12-31 deadline"]
    assert coming("2024-03", date(2024, 3, 1)) == ["2024-05-01 effective", "2024-12-31 deadline"]
    # What is issued later is not known yet.
    assert coming("2024-02", date(2026, 1, 1)) == ["2024-05-01 effective"]


def test_slips_of_the_report_are_named() -> None:
    [note] = view("2024Q1").notes
    assert note == "一季度，第5段：原文作“挂牌协议成交额”，按“大宗协议成交额”采用（4.12亿元）。"
    assert "原文作“2024年三季度”，按“2024年四季度”采用（2530.5万吨）。" in "".join(view("2024Q4").notes)
    assert len(view("2024").notes) == 11


def test_without_policies_or_without_figures() -> None:
    bare = make("2024Q1", ())
    for format in reports.FORMATS:
        assert render(bare, format)
    assert "2024年一季度没有收录政策文件。" in render(bare, "md").decode()
    plain = make("2024Q1", FEW, Market())
    text = render(plain, "md").decode()
    assert text.startswith("# 2024年一季度政策报告\n")
    assert "知识库没有2024年一季度的市场数据。" in text
    for format in reports.FORMATS:
        assert render(plain, format)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("2019", "nothing to report: no policies and no market figures in 2019"),
        ("2024-03..", "a report needs a period with a start and an end, such as 2024Q1, not 2024-03-01.."),
    ],
)
def test_periods_that_cannot_be_reported(text: str, problem: str) -> None:
    with pytest.raises(OutputError, match=re.escape(problem)):
        make(text)


def test_unknown_formats() -> None:
    with pytest.raises(OutputError, match="unknown format pdf; known are html, docx, md"):
        render(make("2024Q1", FEW), "pdf")
    with pytest.raises(OutputError, match="unknown format png; known are svg, html"):
        timeline.render(FEW, "png", period=DateRange(), deadlines=DEADLINES, labels=LABELS, corpus=None)


# Forms


@pytest.mark.parametrize(
    ("text", "format"),
    [(text, form) for text in ("2024Q1", "2024Q2", "2024Q3", "2024Q4", "2024") for form in ("html", "md")]
    + [("2024Q2", "docx"), ("2024-05", "docx")],
)
def test_the_same_report_is_the_same_bytes(text: str, format: str) -> None:
    assert render(make(text), format) == render(make(text, SHIPPED[::-1]), format)


class Page(HTMLParser):
    """The elements of a page, and whether they are closed in order."""

    VOID = ("meta", "br", "hr")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("text", ["2024Q4", "2024", "2024-05"])
def test_html_stands_alone(text: str) -> None:
    page = Page(render(make(text), "html").decode())
    assert page.open == []
    ids = [a["id"] for _, a in page.tags if a.get("id")]
    assert len(ids) == len(set(ids))
    for tag, attributes in page.tags:
        assert tag not in ("script", "img", "link", "iframe", "image", "use")
        assert not any(name in ("src", "xlink:href") or name.startswith("on") for name in attributes)
        if target := attributes.get("href"):
            assert target[0] == "#"
            assert target[1:] in ids
    charts_in_it = [a for tag, a in page.tags if tag == "svg"]
    assert len(charts_in_it) >= 5
    for attributes in charts_in_it:
        assert all(name in ids for name in (attributes["aria-labelledby"] or "").split())


def test_word_shows_charts_as_vectors_and_as_pixels() -> None:
    data = render(make("2024Q1", FEW), "docx")
    document = Document(io.BytesIO(data))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        pixels = [n for n in archive.namelist() if n.endswith(".png")]
        vectors = [n for n in archive.namelist() if n.endswith(".svg")]
        assert len(pixels) == len(vectors) == 6
        assert all(archive.read(name).startswith(b"\x89PNG") for name in pixels)
        types = archive.read("[Content_Types].xml").decode()
    assert 'PartName="/word/media/chart1.svg" ContentType="image/svg+xml"' in types
    xml = document.element.xml
    assert xml.count("svgBlip") == 6
    assert "各季度成交量：一季度874.03万吨" in xml  # the text alternative
    texts = [p.text for p in document.paragraphs]
    body = texts[texts.index("市场运行", 4) :]  # after the contents
    assert body.index("图1　各季度成交量") < body.index("图4　碳配额价格与政策发布") < body.index("交易管理条例")
    header, *rows = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert header == ["指标", "2024年一季度"]
    assert ["总成交量", "874.03万吨"] in rows


def test_a_template_of_the_knowledge_base_is_used(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    own = tmp_path / "templates" / "report.md.j2"
    own.write_text("{{ view.title }}\n\n{{ view.lead[0] }}", encoding="utf-8")
    assert render(make("2024Q1", FEW), "md", tmp_path).decode().startswith("全国碳排放权交易市场2024年一季度")
    own.write_text("{{ view.title }}\n{{ view.nothing }}", encoding="utf-8")
    with pytest.raises(OutputError, match=r"report\.md\.j2, line 2: "):
        render(make("2024Q1", FEW), "md", tmp_path)


# Charts


PERIODS = ("2024Q1", "2024Q2", "2024Q4", "2024", "2024-05")


def all_charts(policies: tuple[Policy, ...] = SHIPPED, periods: Iterable[str] = PERIODS) -> Iterator[Chart]:
    for text in periods:
        seen = view(text, policies)
        yield from seen.market_charts
        yield from seen.policy_charts
        inside = [policy for policy in policies if policy.date in period(text)]
        yield by_topic(inside, period(text), frozenset(), LABELS)


SVG = "{http://www.w3.org/2000/svg}"


def test_charts_have_axes_source_and_text_alternatives() -> None:
    for chart in all_charts():
        root = ElementTree.fromstring(chart.svg)
        assert root.findtext(f"{SVG}title") == chart.title
        assert root.findtext(f"{SVG}desc") == chart.description
        assert root.get("role") == "img"
        texts = [e.text or "" for e in root.iter(f"{SVG}text")]
        assert any(text.startswith("数据来源：") for text in texts)
        if chart.name != "timeline":
            assert any(re.search("（(万吨|亿元|%|元/吨|项)）", text) for text in texts), chart.name


def test_nothing_in_a_chart_leaves_its_page() -> None:
    for chart in all_charts():
        wide, high = chart.size
        root = ElementTree.fromstring(chart.svg)
        for text in root.iter(f"{SVG}text"):
            if text.get("transform"):
                continue
            x, y, size = (float(text.get(name, "0")) for name in ("x", "y", "font-size"))
            length = text_width(text.text or "", size)
            left = {"start": x, "middle": x - length / 2, "end": x - length}[text.get("text-anchor", "")]
            assert left > -6, (chart.name, text.text)
            assert left + length < wide + 8, (chart.name, text.text)
            assert size <= y <= high, (chart.name, text.text)


def test_stacks_differ_in_pattern_not_only_in_colour() -> None:
    [volume] = [c for c in view("2024").market_charts if c.name == "volume"]
    assert set(re.findall(r'<pattern id="([^"]*)"', volume.svg)) == {"volume-hatch"}
    [turnover] = [c for c in view("2024").market_charts if c.name == "turnover"]
    assert "turnover-dots" in turnover.svg  # three quarters are not split
    assert "报告未分列" in turnover.svg


def heights(chart: Chart) -> list[float]:
    boxes = re.findall(r'<rect x="[\d.]+" y="[\d.]+" width="[\d.]+" height="([\d.]+)" fill="(?:url|#0072B2)', chart.svg)
    return [float(height) for height in boxes if float(height) != 13]  # less the legend


def test_bars_are_as_high_as_their_figures() -> None:
    [volume] = [c for c in view("2024").market_charts if c.name == "volume"]
    bars = heights(volume)
    assert len(bars) == 8
    figures = [319.21, 554.82, 393.1, 946.3, 472.45, 1246.38, 2530.5, 12400]
    scale = bars[-1] / figures[-1]
    assert bars == pytest.approx([figure * scale for figure in figures], abs=0.11)


def test_the_parts_of_small_columns_are_as_readable_as_those_of_large_ones() -> None:
    [volume] = [c for c in view("2024").market_charts if c.name == "volume"]
    for text in ("挂牌协议319.21万吨", "大宗协议554.82万吨", "挂牌协议2530.5万吨", "大宗协议1.24亿吨"):
        assert re.search(f'font-size="11"[^>]*>{re.escape(text)}<', volume.svg)


def test_the_text_alternative_says_the_finding_first() -> None:
    seen = view("2024")
    found = {chart.name: chart.description for chart in (*seen.market_charts, *seen.policy_charts)}
    assert found["volume"].startswith("各季度成交量：最高为四季度1.49亿吨，最低为一季度874.03万吨；一季度")
    assert found["turnover"].startswith("各季度成交额：最高为四季度146.11亿元，最低为一季度6.75亿元；")
    assert found["share"].startswith("挂牌成交量占比：最高为一季度36.52%，最低为2023年16.6%；")
    assert found["prices"].startswith("碳配额价格与政策发布：最高为四季度105.65（11月13日），最低为一季度期初76.81；")
    assert found["months"].startswith("各月发布的政策：最高为2024年4月8项，最低为2024年3月1项；")
    assert found["issuers"].startswith("各部门发布的政策：最多为生态环境部18项；")


def test_on_a_narrow_screen_charts_keep_the_size_of_their_words() -> None:
    css = render(make("2024Q1", FEW), "html").decode().partition("<style>")[2].partition("</style>")[0]
    narrow = css.partition("@media (max-width: 40rem) {")[2]
    assert "figure { overflow-x: auto; }" in narrow
    assert "figure svg { min-width: 42rem; }" in narrow


def test_a_price_chart_shows_prices_and_policies() -> None:
    chart = draw_prices(MARKET, SHIPPED, period("2024"), "碳市场", LABELS)
    assert chart
    for text in ("105.65（11月13日）", "最高103.47（日期未载）", "70以上", "106以下", "90上下", "期初76.81"):
        assert f">{text}<" in chart.svg
    assert chart.svg.count('r="9"') == 6  # the policies of the carbon market
    assert "碳排放权交易管理暂行条例" in chart.svg
    assert "虚线只连接已知价格" in chart.svg


def test_labels_of_prices_do_not_cover_one_another() -> None:
    chart = draw_prices(MARKET, SHIPPED, period("2024"), "碳市场", LABELS)
    assert chart
    boxes = []
    for text in ElementTree.fromstring(chart.svg).iter(f"{SVG}text"):
        if text.get("paint-order"):
            x, y, half = float(text.get("x", "")), float(text.get("y", "")), text_width(text.text or "", 12) / 2
            boxes.append((x - half, y - 11, x + half, y + 3))
    assert len(boxes) >= 13
    clashes = [(a, b) for n, a in enumerate(boxes) for b in boxes[:n] if overlap(a, b)]
    assert clashes == []


def test_a_daily_series_is_drawn_in_full(tmp_path: Path) -> None:
    shutil.copytree(CORPUS / "market", tmp_path / "market")
    days = [date(2024, 1, 2) + timedelta(days=n) for n in range(88)]
    lines = [f"{day},{70 + n / 5},100,7000,," for n, day in enumerate(days)]
    (tmp_path / "market" / "daily.csv").write_text("\n".join([",".join(DAILY), *lines]), encoding="utf-8")
    chart = draw_prices(market.load(tmp_path), SHIPPED, period("2024Q1"), "碳市场", LABELS)
    assert chart
    longest = max(re.findall(r'points="([^"]*)"', chart.svg), key=len)
    assert len(longest.split()) == 88
    assert "日收盘价" in chart.svg
    assert "虚线" not in chart.svg


def test_hostile_words_stay_words() -> None:
    bad = replace(FEW[0], title="<script>&\x00\x0b\ud800]]>", issuers=("<b>\x1f",), tags=("碳市场", "</svg>"))
    for chart in all_charts((bad, *FEW[1:]), ["2024Q1"]):
        root = ElementTree.fromstring(chart.svg)
        assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
            "svg", "title", "desc", "defs", "pattern", "rect", "path", "circle", "polyline", "polygon", "text",
        }  # fmt: skip
        assert png(chart.svg).startswith(b"\x89PNG")
    for format in reports.FORMATS:
        assert render(make("2024Q1", (bad, *FEW[1:])), format)


def test_pictures_are_the_same_on_every_machine() -> None:
    [volume] = [c for c in view("2024").market_charts if c.name == "volume"]
    once = png(volume.svg)
    assert once == png(volume.svg)
    # Text is drawn at all: without it the picture is another one.
    assert once != png(re.sub("<text.*?</text>", "", volume.svg))
    # Chinese is drawn, and not as boxes that all look alike.
    assert png(volume.svg.replace("一季度", "二季度")) != once


def test_few_and_many_policies() -> None:
    many = tuple(
        replace(SHIPPED[n % 40], id=str(n), date=date(2024, 1, 1) + timedelta(days=n % 360)) for n in range(3000)
    )
    for policies in (SHIPPED[:1], SHIPPED[:2], many):
        for format in timeline.FORMATS:
            data = timeline.render(
                policies, format, period=DateRange(), deadlines=DEADLINES, labels=LABELS, corpus=None
            )
            assert len(data) < 200_000
    seen = view("2024", many)
    for chart in (*seen.market_charts, *seen.policy_charts):
        assert len(chart.svg) < 100_000
        assert chart.size[1] < 1200


def test_a_time_line_has_every_policy_under_each_of_its_tags() -> None:
    chart = by_topic(SHIPPED, period("2024"), frozenset({SHIPPED[0].id}), LABELS)
    counts = Counter(tag for policy in SHIPPED for tag in policy.tags)
    ranked = sorted(counts, key=lambda tag: (-counts[tag], tag))
    lanes = {tag: counts[tag] for tag in ranked[:14] if counts[tag] > 1}
    rest = sum(not lanes.keys() & {*policy.tags} for policy in SHIPPED)
    assert chart.svg.count('r="4.5"') == sum(lanes.values()) + rest + 2  # and two in the legend
    drafts = len(lanes.keys() & {*SHIPPED[0].tags}) or 1
    assert chart.svg.count('fill="#fff" stroke="#1c2330"') == drafts + 1
    assert chart.description.startswith("政策时间线：2024年（40项）：最多为碳核算9项；")
    for tag in lanes:
        assert f">{tag}</text>" in chart.svg
    texts = [e.text or "" for e in ElementTree.fromstring(chart.svg).iter(f"{SVG}text")]
    assert "碳核算" in texts
    assert "其他主题" in texts
    for policy in SHIPPED:
        assert policy.title in chart.description
        assert policy.title.replace(" ", "") in "".join(texts).replace(" ", "")  # wrapped, not cut


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("2024", ["2024年", *(f"{month}月" for month in range(1, 13))]),
        ("2024-11..2025-02", ["2024年", "2025年", "11月", "12月", "1月", "2月"]),
        ("2021..2025", ["2021年", "2022年", "2025年", *(str(month) for month in range(1, 13))]),
        ("2015..2024", ["2015-01", "2024-01"]),
    ],
)
def test_an_axis_of_time_names_every_month_and_its_year(text: str, names: list[str]) -> None:
    within = DateRange.between(*text.split(".."), today=date(2024, 1, 1)) if ".." in text else period(text)
    assert within.first
    policies = [replace(FEW[0], id=str(n), date=within.first + timedelta(31 * n)) for n in range(3)]
    svg = by_topic(policies, within, frozenset(), LABELS).svg
    for name in names:
        assert f">{name}</text>" in svg
    boxes = []
    for found in ElementTree.fromstring(svg).iter(f"{SVG}text"):
        if (found.text or "") in names:
            x, y, length = float(found.get("x", 0)), float(found.get("y", 0)), text_width(found.text or "", 12)
            left = x - length / 2 if found.get("text-anchor") == "middle" else x
            boxes.append((left, y - 11, left + length, y + 3))
    assert not any(overlap(a, b) for n, a in enumerate(boxes) for b in boxes[:n])


def test_a_time_line_of_nothing_is_an_error() -> None:
    with pytest.raises(OutputError, match="nothing to draw: no entry in 2019"):
        timeline.render((), "svg", period=period("2019"), deadlines=DEADLINES, labels=LABELS, corpus=None)


def test_a_golden_chart_and_time_line() -> None:
    [volume] = [c for c in view("2024").market_charts if c.name == "volume"]
    assert_golden("chart-volume-2024.svg", volume.svg.encode())
    prices = draw_prices(MARKET, FEW, period("2024"), "碳市场", LABELS)
    assert prices
    assert_golden("chart-prices-2024.svg", prices.svg.encode())
    lanes = timeline.render(FEW, "svg", period=period("2024H1"), deadlines=DEADLINES, labels=LABELS, corpus=None)
    assert_golden("timeline-2024H1.svg", lanes)


def test_a_tag_may_be_called_as_the_lane_of_the_rest_is() -> None:
    others = [replace(FEW[0], id=f"{n}", tags=("其他主题",)) for n in (1, 2)]
    chart = by_topic([*others, replace(FEW[1], tags=())], period("2024"), frozenset(), LABELS)
    assert chart.description.count("（其他主题）") == 3


def test_the_longest_name_leaves_room_for_its_bar() -> None:
    chart = charts.issuers([replace(FEW[0], issuers=("某" * 60,))], LABELS)
    assert chart
    assert "-" not in "".join(re.findall(r'width="([^"]*)"', chart.svg))
    assert "某" * 60 in chart.description


def test_prices_are_said_alike_in_either_unit() -> None:
    report = replace(MARKET.reports[0], figures=tuple(
        Figure(period("2024"), "price", "90.5", unit, "一", marks=(mark,)) for unit, mark in (("元", "high"), ("元/吨", "low"))
    ))  # fmt: skip
    chart = draw_prices(Market((report,)), FEW, period("2024"), "碳市场", LABELS)
    assert chart
    for text in ("最高90.5（日期未载）", "最低90.5"):
        assert f">{text}<" in chart.svg


def test_one_department_and_no_department() -> None:
    assert charts.issuers([replace(FEW[0], issuers=())], LABELS) is None
    one = charts.issuers(FEW[:1], LABELS)
    assert one
    assert one.description == "各部门发布的政策：国务院1项。"


@given(st.floats(0, 1e7), st.floats(0.5, 1e7))
def test_ticks_are_round_and_enclose(low: float, width: float) -> None:
    marks = ticks(low, low + width)
    assert marks[0] <= low + 1e-6 * max(low, 1)
    assert marks[-1] >= low + width - 1e-6 * (low + width)
    assert 2 <= len(marks) <= 9


@given(st.text(max_size=50), st.floats(0, 400))
def test_shortened_text_fits(text: str, width: float) -> None:
    short = shortened(text, width, 12)
    assert short == text or text_width(short, 12) <= max(width, text_width("…", 12))
    assert text.startswith(short.removesuffix("…"))
