"""The market's figures: what the report states, what follows, what does not agree."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import Run
from goldens import assert_golden
from policykb.domain.daterange import DateRange
from policykb.errors import DataError, OutputError
from policykb.kb import KnowledgeBase
from policykb.market import audit, market
from policykb.market.amounts import Amount, part, ratio, show
from policykb.market.statements import DAILY, Figure
from policykb.render import market as rendering
from policykb.render import market_words
from policykb.render.charts.prices import prices
from policykb.render.labels import Labels
from policykb.render.terminal.widths import width

CORPUS = Path(__file__).parents[1] / "corpus"
REFERENCE = Path(__file__).parents[2] / "shared/reference/000_b77fbfa45fc7fad5.txt"
SHIPPED = market.load(CORPUS)
LABELS = Labels.load(None)


def period(text: str) -> DateRange:
    return DateRange.parse(text, today=date(2024, 1, 1))


# What the report states


def chapters() -> dict[str, str]:
    """The market section of each chapter of the report, without white space."""
    if not REFERENCE.is_file():
        pytest.skip("the reference report is not here")
    text = "".join(REFERENCE.read_text(encoding="utf-8").split())
    sections = re.findall("([一二三四]季度)市场运行与政策盘点：(.*?)[一二三四]季度相关政策文件", text)
    return dict(sections)


def test_every_figure_stands_in_its_chapter() -> None:
    text = chapters()
    assert len(text) == 4
    for figure in SHIPPED.figures:
        chapter = text[figure.at.split("，")[0]]
        if figure.what == "days":
            assert figure.value + "日" in chapter or "两日突破百元" in chapter
        else:
            number = rf"(?<![\d.]){re.escape(figure.value)}(-106)?{figure.unit}"
            assert re.search(number, chapter), figure


def test_every_figure_of_the_chapters_is_recorded() -> None:
    for name, text in chapters().items():
        found = set(re.findall(r"(\d[\d.]*)(?:-\d+)?(万吨|亿吨|亿元|元/吨|%)", text))
        have = {(f.value, f.unit) for f in SHIPPED.figures if f.at.startswith(name)}
        assert found <= have, name


@pytest.mark.parametrize(
    ("quarter", "volume", "turnover", "share"),
    [
        ("2024Q1", ("874.03万吨", "319.21万吨", "554.82万吨"), ("6.75亿元", "2.63亿元", "4.12亿元"), "36.52%"),
        ("2024Q2", ("1339.4万吨", "393.1万吨", "946.3万吨"), ("12.54亿元", None, None), "29.35%"),
        ("2024Q3", ("1718.83万吨", "472.45万吨", "1246.38万吨"), ("15.81亿元", None, None), "27.49%"),
        ("2024Q4", ("1.49亿吨", "2530.5万吨", "1.24亿吨"), ("146.11亿元", None, None), "16.93%"),
        # Added up; the coarsest addend says how many digits there are.
        ("2024", ("1.88亿吨", "3715.3万吨", "1.51亿吨"), ("181.21亿元", None, None), "19.7%"),
        ("2024H1", ("2213.4万吨", "712.3万吨", "1501.1万吨"), ("19.29亿元", None, None), "32.18%"),
        ("2024-05", (None, None, None), (None, None, None), None),
        ("2024-02..2024-05", (None, None, None), (None, None, None), None),
        ("2023", (None, None, None), (None, None, None), "16.6%"),
    ],
)
def test_a_period(
    quarter: str, volume: tuple[str | None, ...], turnover: tuple[str | None, ...], share: str | None
) -> None:
    known = SHIPPED.period(period(quarter))
    assert tuple(a and show(a, "t") for a in known.volume.values()) == volume
    assert tuple(a and show(a, "yuan") for a in known.turnover.values()) == turnover
    assert (known.share and show(known.share, "%")) == share


@pytest.mark.parametrize(
    ("text", "mark", "value", "day", "bound", "derived"),
    [
        ("2024Q1", "first", "76.81", None, None, False),
        ("2024Q1", "last", "90.66", date(2024, 3, 29), None, False),
        ("2024Q1", "high", "90.66", date(2024, 3, 29), None, False),
        ("2024Q1", "low", "70", None, "min", False),
        ("2024Q2", "first", "90.66", None, None, False),
        ("2024Q2", "high", "103.47", None, None, False),
        ("2024Q2", "low", "90", None, "min", False),
        # Two days above 100 are counted, and both prices given, so the higher is the highest.
        ("2024Q3", "high", "100.37", date(2024, 9, 24), None, True),
        ("2024Q4", "high", "105.65", date(2024, 11, 13), None, False),
        ("2024Q4", "low", "97", None, "min", False),
        ("2024", "first", "76.81", None, None, False),
        ("2024", "high", "105.65", date(2024, 11, 13), None, True),
    ],
)
def test_prices(text: str, mark: str, value: str, day: date | None, bound: str | None, derived: bool) -> None:
    price = getattr(SHIPPED.period(period(text)), mark)
    assert (price.amount.value, price.day, price.bound, price.amount.derived) == (Decimal(value), day, bound, derived)


@pytest.mark.parametrize(("text", "mark"), [("2024Q2", "last"), ("2024Q3", "low"), ("2024", "last"), ("2024", "low")])
def test_what_the_report_does_not_state_is_not_invented(text: str, mark: str) -> None:
    assert getattr(SHIPPED.period(period(text)), mark) is None


def test_the_period_around() -> None:
    assert SHIPPED.around(period("2024-05")) == period("2024Q2")
    assert SHIPPED.around(period("2024")) is None


# What does not agree


@pytest.mark.parametrize(
    ("what", "at", "stated", "computed", "gap"),
    [
        ("part.volume.total", "四季度，第1段", "79.22%", "79.12%±0.06%", "0.10 percentage points"),
        ("part.turnover.total", "四季度，第1段", "80.67%", "80.63%±0.01%", "0.04 percentage points"),
        ("part.volume.listed", "四季度，第2段", "68.34%", "68.11%", "0.23 percentage points"),
        ("volume.block / 2024Q1", "三季度，第2段", "2.5倍", "2.25倍", "0.25倍"),
    ],
)
def test_what_differs(what: str, at: str, stated: str, computed: str, gap: str) -> None:
    [finding] = [f for f in audit.check(SHIPPED) if f.kind == "differs" and f.what == what]
    assert (finding.at, finding.stated, finding.computed, finding.gap) == (at, stated, computed, gap)


def test_everything_found_in_the_report() -> None:
    kinds = [finding.kind for finding in audit.check(SHIPPED)]
    counts = {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}
    assert counts.pop("agrees") > 30
    assert counts == {"differs": 4, "doubt": 1, "slip": 4, "units": 2, "unchecked": 4}


def test_what_is_printed_wrongly() -> None:
    slips = [f for f in audit.check(SHIPPED) if f.kind == "slip"]
    assert [(f.printed, f.meant) for f in slips][:3] == [
        ("turnover.listed", "turnover.block"),
        ("2024Q3", "2024Q4"),
        ("二季度", "三季度"),
    ]
    assert "contradicts 472.45万吨" in slips[1].why
    assert "by 2058.05万吨" in slips[1].why


def test_rounding_is_no_difference() -> None:
    agrees = {(f.what, f.stated) for f in audit.check(SHIPPED) if f.kind == "agrees"}
    assert ("share", "16.93%") in agrees  # 2530.5万吨 of 1.49亿吨 is 16.98%, which 1.4945 would make 16.93%
    assert ("part.volume.block", "81.87%") in agrees
    assert ("share", "36.5%") in agrees


numbers = st.decimals(min_value=1, max_value=10**6, places=6)


def rounded(value: Decimal, places: int) -> Amount:
    step = Decimal(1).scaleb(-places)
    return Amount(value.quantize(step, ROUND_HALF_UP), step / 2, step)


@given(numbers, numbers, st.integers(0, 3), st.integers(0, 3), st.integers(0, 2))
def test_figures_rounded_from_true_ones_always_agree(
    a: Decimal, b: Decimal, of_a: int, of_b: int, of_share: int
) -> None:
    listed, block = rounded(a, of_a), rounded(b, of_b)
    assert (listed + block).agrees(rounded(a + b, min(of_a, of_b)))
    assert ratio(listed, rounded(a + b, of_b), 100).agrees(rounded(100 * a / (a + b), of_share))
    assert part(listed, block).agrees(rounded(100 * a / (a + b), of_share))


def test_a_part_that_rounds_to_nothing() -> None:
    nothing, rest = (
        Amount(Decimal(0), Decimal("0.5"), Decimal(1)),
        Amount(Decimal("0.4"), Decimal("0.1"), Decimal("0.2")),
    )
    assert part(nothing, rest).value == 0  # -0.5 and 0.5 make 0, which nothing is a part of


@given(numbers, st.integers(0, 3), st.decimals(min_value="1.001", max_value=2, places=3))
def test_figures_further_apart_than_rounding_differ(a: Decimal, places: int, times: Decimal) -> None:
    step = Decimal(1).scaleb(-places)
    assert not rounded(a, places).agrees(Amount(a + step * times + step, step / 2, step))


# Files


HEAD = 'title = "报告"\nmarket = "市场"\npublisher = "交易所"\n'


def write(folder: Path, text: str, name: str = "2024.toml") -> Path:
    (folder / "market").mkdir(exist_ok=True)
    (folder / "market" / name).write_text(text, encoding="utf-8")
    return folder


def test_without_files_there_is_an_empty_market(tmp_path: Path) -> None:
    empty = market.load(tmp_path)
    assert empty == market.Market()
    assert audit.check(empty) == ()
    with pytest.raises(OutputError, match="no market figures here yet: .policykb import REPORT."):
        rendering.render(empty, period("2024Q1"), "text", LABELS)


FIGURE = {"period": '"2024Q1"', "what": '"volume.total"', "value": '"1.5"', "unit": '"万吨"', "at": '"第1段"'}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"value": "1.5"}, "value: must be a text that is not empty, not 1.5"),
        ({"value": '"1,5"'}, "'1,5' is not a number such as 12.34"),
        ({"value": '"-1"'}, "not a number"),
        ({"unit": '"亿元"'}, "unit: '亿元' does not measure volume.total; it is counted in 万吨, 亿吨"),
        ({"what": '"volume"'}, "what: 'volume' is none of volume.total"),
        ({"period": '"2024-13"'}, "there is no month 13"),
        ({"period": '"上季度"'}, "is not written like 2024"),
        ({"bound": '"over"'}, "bound: 'over' is none of min, max, about"),
        ({"marks": '["top"]'}, "marks:"),
        ({"day": "2024-06-01"}, "day: 2024-06-01 is not a day of"),
        ({"colour": '"blue"'}, "colour: no such key; it takes at, bound"),
        ({"what": '"days"', "unit": '"日"'}, "over: the price that the days lie above is missing"),
        ({"printed": '{unit = "吨"}'}, "printed:"),
        ({"printed": '{period = "上季度"}'}, "is not written like 2024"),
        ({"printed": '{what = "x"}'}, "printed: 'x' is none of"),
        ({"value": '"0.00"'}, "value: volume.total is above 0"),
    ],
)
def test_a_wrong_figure_is_named(changes: dict[str, str], problem: str, tmp_path: Path) -> None:
    pairs = ", ".join(f"{key} = {value}" for key, value in (FIGURE | changes).items())
    good = ", ".join(f"{key} = {value}" for key, value in FIGURE.items())
    write(tmp_path, f"{HEAD}figures = [\n{{{good}}},\n{{{pairs}}},\n]\n")
    with pytest.raises(DataError, match=re.escape(problem)) as caught:
        market.load(tmp_path)
    assert "2024.toml: figures 2 (" in str(caught.value)


def as_toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {as_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    return str(value) if isinstance(value, date) else json.dumps(value, ensure_ascii=False)


words = st.sampled_from(["2024Q1", "2024", "price", "share", "volume.block", "days", "元/吨", "%", "100", "0", "min"])
scalars = (
    words | st.integers(-9, 9) | st.booleans() | st.dates(date(1800, 1, 1), date(2200, 1, 1)) | st.text("ab年1-. ")
)
values = st.recursive(
    scalars,
    lambda v: st.lists(v, max_size=2) | st.dictionaries(st.sampled_from(["what", "period", "x"]), v, max_size=2),
)


@given(st.lists(st.dictionaries(st.sampled_from(sorted(Figure.__dataclass_fields__)), values, max_size=4), max_size=3))
def test_whatever_the_records_hold_there_is_an_error_or_a_market(
    tmp_path_factory: pytest.TempPathFactory, changes: list[dict[str, object]]
) -> None:
    base = {"period": "2024Q1", "what": "price", "value": "90.5", "unit": "元/吨", "at": "第1段"}
    records = as_toml([base | change for change in changes])
    folder = write(tmp_path_factory.mktemp("any"), f"{HEAD}figures = {records}\n")
    try:
        known = market.load(folder)
    except DataError:
        return
    market_words.notes(audit.check(known), period("2024"), LABELS)
    market_words.sentences(known, period("2024"), LABELS)
    rendering.table(known, period("2024"), LABELS)
    prices(known, [], period("2024"), "碳市场", LABELS)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("figures = [", "2024.toml:1: not TOML"),
        ('title = "报告"\n', "2024.toml: market: must be a text that is not empty, not None"),
        (HEAD + "figures = 3\n", "figures: must be a list of tables, not 3"),
        (HEAD + '[[ratios]]\nof = "2024Q1 price"\nto = "x"\n', "ratios 1: no figure is '2024Q1 price'"),
        ("a = " + "[" * 100_000, "2024.toml: "),
        (
            HEAD + '[[slips]]\nperiod = "2024Q1"\nat = "x"\n',
            "slips 1: printed: must be a text that is not empty, not None",
        ),
    ],
)
def test_a_wrong_file_is_named(text: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=re.escape(problem)):
        market.load(write(tmp_path, text))


def test_bytes_that_are_no_text_are_an_error(tmp_path: Path) -> None:
    write(tmp_path, HEAD)
    (tmp_path / "market" / "2024.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="2024.toml"):
        market.load(tmp_path)


HEADER = ",".join(DAILY)


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (["day,close"], "daily.csv:1: the columns must be date,close"),
        ([], "daily.csv:1: the columns must be"),
        ([HEADER, "2024-01-02,76.8,1,1,1"], "daily.csv:2: 5 columns where 6 are needed"),
        ([HEADER, "2024-02-30,76.8,1,1,1,1"], "daily.csv:2: column date: '2024-02-30'"),
        (
            [HEADER, "2024-01-03,76.8,,,,", "2024-01-02,76.8,,,,"],
            "daily.csv:3: column date: 2024-01-02 does not come after 2024-01-03",
        ),
        ([HEADER, '2024-01-02,76.8,"1,000",1,1,1'], "daily.csv:2: column listed_volume: '1,000' is not a number"),
        ([HEADER, "2024-01-02,,1,1,1,1"], "daily.csv:2: column close: every trading day has a price"),
        ([HEADER, "2024-01-02,0,1,1,1,1"], "daily.csv:2: column close"),
        ([HEADER, "2024-01-02,nan,1,1,1,1"], "daily.csv:2: column close"),
        ([HEADER, '2024-01-02,"76.8'], "daily.csv:2: unexpected end of data"),
    ],
)
def test_a_wrong_daily_series_is_named(lines: list[str], problem: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=re.escape(problem)):
        market.load(write(tmp_path, "\n".join(lines), "daily.csv"))


@pytest.fixture
def with_days(tmp_path: Path) -> market.Market:
    """The shipped figures, and a made-up daily series of the first quarter."""
    shutil.copytree(CORPUS / "market", tmp_path / "market")
    rows = [
        "2024-01-02,76.81,100000,7700000,0,0",
        "2024-02-01,69.5,1000,70000,5548200,412000000",
        "2024-03-28,91.2,3000000,250000000,,",
        "2024-03-29,90.66,91100,5230000,0,0",
    ]
    return market.load(write(tmp_path, "\n".join([HEADER, *rows]), "daily.csv"))


def test_a_daily_series_fills_what_is_not_stated(with_days: market.Market) -> None:
    known = with_days.period(period("2024-03-25..2024-03-31"))
    assert [p.amount.value for p in (known.first, known.low) if p] == [Decimal("91.2"), Decimal("90.66")]
    assert [p.day for p in (known.high, known.last) if p] == [date(2024, 3, 28), date(2024, 3, 29)]
    assert [amount and amount.value for amount in known.volume.values()] == [None, 3091100, None]  # an empty cell
    # A quarter of which only the end is there is not covered.
    assert with_days.days(period("2024Q2")) == []
    assert with_days.period(period("2024Q1")).volume["total"] == SHIPPED.period(period("2024Q1")).volume["total"]


def test_days_without_trade(tmp_path: Path) -> None:
    rows = [HEADER, "2024-05-06,100,0,0,0,0", "2024-06-28,90,0,0,0,0"]
    idle = market.load(write(tmp_path, "\n".join(rows), "daily.csv"))
    known = idle.period(period("2024-05-06..2024-06-28"))
    assert known.volume["total"] == Amount(Decimal(0), Decimal(0), Decimal(1), True)
    assert (known.share, known.average) == (None, None)
    assert audit.check(idle) == ()
    for form in ("text", "json", "csv"):
        assert rendering.render(idle, period("2024-05-06..2024-06-28"), form, LABELS)
    assert market_words.sentences(idle, period("2024-05-06..2024-06-28"), LABELS)


def test_a_daily_series_is_held_against_the_report(with_days: market.Market) -> None:
    found = {(f.kind, f.what, f.stated, f.computed) for f in audit.check(with_days) if f.why == "from the daily series"}
    assert ("agrees", "price", "76.81元/吨", "76.81元/吨") in found
    assert ("agrees", "volume.listed", "319.21万吨", "319.21万吨") in found
    assert ("agrees", "price", "90.66元/吨", "90.66元/吨") in found


# Forms


def test_the_market_as_text() -> None:
    assert_golden("market-2024.txt", rendering.render(SHIPPED, period("2024"), "text", LABELS))


def test_the_columns_are_aligned_and_fit_a_terminal() -> None:
    lines = rendering.render(SHIPPED, period("2024"), "text", LABELS).decode().split("\n\n")[0].split("\n")
    assert max(map(width, lines)) <= 80
    ends = {width(line) for line in lines if re.search(r"\d\*?$", line)}
    assert len(ends) == 1


def test_the_market_as_json() -> None:
    data = json.loads(rendering.render(SHIPPED, period("2024Q1"), "json", LABELS))
    assert data["format"] == 1
    assert data["period"] == {"from": "2024-01-01", "to": "2024-03-31"}
    rows = {row["what"]: row for row in data["figures"]}
    assert rows["volume.total"]["value"] == 8740300
    assert rows["turnover.block"]["value"] == 412_000_000
    assert rows["price.last"] | {} == {
        "period": "2024Q1", "what": "price.last", "value": 90.66, "unit": "yuan/t", "precision": 0.01,
        "derived": False, "day": "2024-03-29", "bound": None, "within": None,
    }  # fmt: skip


def test_the_market_as_csv() -> None:
    rows = list(
        csv.DictReader(io.StringIO(rendering.render(SHIPPED, period("2024"), "csv", LABELS).decode("utf-8-sig")))
    )
    assert {row["period"] for row in rows} == {"2024Q1", "2024Q2", "2024Q3", "2024Q4", "2024"}
    [listed] = [row for row in rows if (row["period"], row["what"]) == ("2024", "volume.listed")]
    assert (listed["value"], listed["precision"], listed["derived"]) == ("37153000", "1000", "True")


def test_unknown_forms_and_empty_periods() -> None:
    with pytest.raises(OutputError, match="unknown format pdf; known are text, json, csv, xlsx"):
        rendering.render(SHIPPED, period("2024"), "pdf", LABELS)
    with pytest.raises(OutputError, match="no market figures for 2019: there are figures for .*2024Q4"):
        rendering.render(SHIPPED, period("2019"), "text", LABELS)


# Labels


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2024", "2024年"), ("2024H2", "2024年下半年"), ("2024Q3", "2024年三季度"), ("2024-05", "2024年5月"),
        ("2024-05-06", "2024年5月6日"), ("2024-05..2024-06", "2024年5月1日至2024年6月30日"),
        ("2024-05..", "2024年5月1日以来"), ("..2024-05", "2024年5月31日以前"),
    ],
)  # fmt: skip
def test_periods_are_said_in_chinese(text: str, said: str) -> None:
    assert LABELS.period(period(text)) == said


def test_a_knowledge_base_changes_labels(tmp_path: Path) -> None:
    (tmp_path / "labels.toml").write_text('[market]\nhigh = "最高收盘价"\n', encoding="utf-8")
    changed = Labels.load(tmp_path)
    assert "最高收盘价" in rendering.render(SHIPPED, period("2024"), "text", changed).decode()
    assert changed["market"]["low"] == LABELS["market"]["low"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[market]\ntop = "x"\n', "labels.toml: market.top: there is no such label"),
        ('digest = "{x}"\n', "labels.toml: digest: must be a table, not '{x}'"),
        ("[market]\nhigh = 3\n", "labels.toml: market.high: '最高价' can only be replaced"),
        ('[period]\nquarter = ["一"]\n', "labels.toml: period.quarter"),
        ('[digest]\ntitle = "{secret}"\n', "labels.toml: digest.title: only {period} is filled in here"),
        ('[digest]\ntitle = "{period.__class__}"\n', "only {period} is filled in here"),
        ('[digest]\ntitle = "{"\n', "labels.toml: digest.title: "),
        ("[digest\n", "labels.toml:1: not TOML"),
    ],
)
def test_wrong_labels_are_named(text: str, problem: str, tmp_path: Path) -> None:
    (tmp_path / "labels.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=re.escape(problem)):
        Labels.load(tmp_path)


def test_the_check_is_a_command_of_its_own(run: Callable[..., Run], kb: KnowledgeBase) -> None:
    whole = run("market", "check", "--format", "json", kb=kb.root)
    assert whole.code == 3
    assert run("market", "--format", "json", "check", kb=kb.root).out == whole.out
    part = run("market", "check", "2024Q1", "--format", "json", kb=kb.root)
    found = json.loads(part.out)["findings"]
    assert found == [
        one for one in json.loads(whole.out)["findings"] if one["period"] in ("2024Q1", "2024-01", "2024-03")
    ]
    assert part.code == 3
    assert run("market", "check", "上季度", "--today", "2024-05-01", "--format", "json", kb=kb.root).out == part.out
    nothing = run("market", "check", "2019", kb=kb.root)
    assert (nothing.code, nothing.out) == (0, "nothing found\n")
    assert run("market", "check", "谁", kb=kb.root).code == 1
    assert "一季度" in run("market", "2024", kb=kb.root).out
    assert run("market", "2024", "--format", "csv", kb=kb.root).out.startswith("\ufeffperiod,what,")
    assert "PERIOD" in run("market", "check", "--help").out
