"""The figures of a market that an import reads out of a report: what sentences state, and what they leave open."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import making
from conftest import Run
from policykb.domain.daterange import DateRange
from policykb.domain.issuers import Authority
from policykb.importing.figures.numbers import read_paragraph
from policykb.importing.figures.report import MarketFigures, market_figures
from policykb.importing.review.review import parse_review
from policykb.importing.sources import read_lines
from policykb.market.files import read_figures
from policykb.market.statements import Figure
from policykb.market.writing import dump_figures
from properties import examples

CORPUS = Path(__file__).parents[1] / "corpus"


def period(text: str) -> DateRange:
    return DateRange.parse(text, today=date(2024, 1, 1))


def stated(text: str, own: str = "2023Q2") -> list[str]:
    """What a paragraph of a chapter states, each figure in short."""
    figures, _ = read_paragraph(text, period(own), "", opening=period("2021-07"))
    return [short(one.figure) for one in figures]


def short(f: Figure) -> str:
    more = (*f.marks, str(f.day or ""), f.bound or "", f"over {f.over}" if f.over is not None else "")
    return " ".join(filter(None, (f.period.label(), f.what, f.value + f.unit, *more)))


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("二季度总成交量为512.5万吨，总成交额2.75亿元。", ["2023Q2 volume.total 512.5万吨", "2023Q2 turnover.total 2.75亿元"]),
        (
            "总成交量为1,512.5万吨，其中挂牌协议成交量为１２．５万吨；大宗协议成交量为1500万吨，成交额为8亿元。",
            [
                "2023Q2 volume.total 1512.5万吨", "2023Q2 volume.listed 12.5万吨", "2023Q2 volume.block 1500万吨",
            ],
        ),
        ("成交量高达3.1亿吨，占全年总成交量的60.5%。", ["2023Q2 volume.total 3.1亿吨", "2023Q2 part.volume.total 60.5%"]),
        (
            "本季以大宗协议交易成交量为主，达200万吨，在全年大宗协议交易量中占比达10%。",
            ["2023Q2 volume.block 200万吨", "2023Q2 part.volume.block 10%"],
        ),
        ("挂牌成交量占比为12.3%，低于上季度的20%。", ["2023Q2 share 12.3%", "2023Q1 share 20%"]),
        ("以2022年为例，挂牌协议成交量仅占全年成交量的9.9%。", ["2022 share 9.9%"]),
        ("5月成交量为31万吨，远高于4月的12万吨。", ["2023-05 volume.total 31万吨", "2023-04 volume.total 12万吨"]),
        ("二季度最后一个交易日（6月30日），收盘价为60.1元/吨，创历史新高。", ["2023Q2 price 60.1元/吨 last high 2023-06-30"]),
        ("从4月份第一个交易日收盘价为55.2元/吨，至月底保持在50元/吨以上。", [
            "2023Q2 price 55.2元/吨 first", "2023-04 price 50元/吨 low min",
        ]),
        ("碳价一直在56元/吨左右波动。", ["2023Q2 price 56元/吨 level about"]),
        ("价格稳定在52-61元/吨之间。", ["2023Q2 price 52元/吨 low min", "2023Q2 price 61元/吨 high max"]),
        ("价格最高达到61.5元/吨，最低为50.2元/吨。", ["2023Q2 price 61.5元/吨 high", "2023Q2 price 50.2元/吨 low"]),
        ("碳价在百元以上维持12日。", ["2023Q2 days 12日 over 100"]),
        ("碳价有三个交易日突破60元。", ["2023Q2 days 3日 over 60"]),
        (
            "收盘价在4月3日和4月5日分别达到51元/吨和52元/吨。",
            ["2023Q2 price 51元/吨 2023-04-03", "2023Q2 price 52元/吨 2023-04-05"],
        ),
        ("收盘价较碳市场交易首日的开盘价48元/吨上涨近半。", ["2021-07 price 48元/吨 first"]),
        ("成交量超过300万吨。", ["2023Q2 volume.total 300万吨 min"]),
    ],
)  # fmt: skip
def test_what_a_sentence_states(text: str, figures: list[str]) -> None:
    assert stated(text) == figures


@pytest.mark.parametrize(
    "text",
    [
        "成交量较上季度增加120万吨，环比增长31.2%。",  # a change
        "价格较上季度上涨5.2元/吨。",
        "CCER成交量为120万吨，成交均价80元/吨。",  # another market
        "湖北碳市场成交量为120万吨。",
        "平均价格为61.2元/吨，成交均价为60元/吨。",  # no quantity that is kept
        "日均成交量为12万吨，累计成交量2.5亿吨。",
        "4月26日成交量为31万吨。",  # of a day
        "收盘价为60元/吨。",  # of no day
        "预计全年成交量达到2亿吨。",
        "排放量为120万吨，配额缺口为3万吨。",
        "挂牌和大宗交易并行，成交量为31万吨。",  # of which?
        "4月和5月成交量分别为31万吨、12万吨。",
        "前三季度成交量为900万吨。",  # no period with a name
        "9月中下旬成交量为31万吨。",
        "罚款3万元，拨款2.5亿元。",
        "总成交量874. 03万吨，其中挂牌协议成交量9 12万吨。",  # numbers that came apart
        "总成交量1,2345万吨，总成交额1.2.3亿元。",
        "价格最高达到61.1234567元/吨，成交量为1234567890123456789万吨。",  # more than a file of figures holds
        "碳价在百元以上维持十十日。",  # no number
        "碳价在百元以上维持三四日。",
        "碳价在1.2.3元以上维持三日。",
    ],
)
def test_what_is_not_sure_is_left_out(text: str) -> None:
    assert stated(text) == []


REPORT = """2023年全国碳市场运行报告

一季度市场运行与政策盘点：平稳

一季度总成交量为100万吨，其中挂牌协议成交量为30万吨；大宗协议成交量为70万吨，价格平稳。

一季度总成交额为0.6亿元，其中挂牌协议成交量为30万吨，挂牌协议成交额为0.2亿元；大宗协议成交量为70万吨，挂牌协议成交额为0.4亿元。

图1 一季度成交量

（来源：根据某某交易所公布数据整理）

一季度相关政策文件

2023年2月1日

生态环境部印发《甲方案》

要点分析：要点。

二季度市场运行与政策盘点：上升

二季度总成交量为200万吨，大宗协议成交量为150万吨。一季度挂牌协议成交量为50万吨，占比较低。

三季度市场运行与政策盘点：下降

三季度总成交量为210万吨。三季度总成交量为310万吨。
"""


def found(text: str) -> MarketFigures:
    figures = market_figures(parse_review(read_lines(text.encode(), name="a.txt"), Authority.load(None)), "a")
    assert figures is not None
    return figures


def test_a_slip_is_read_as_what_the_sums_prove() -> None:
    figures = found(REPORT).report.figures
    slips = [(short(f), f.printed, f.at) for f in figures if f.printed]
    assert slips == [
        ("2023Q1 turnover.block 0.4亿元", {"what": "turnover.listed"}, "一季度，第2段"),
        ("2023Q2 volume.listed 50万吨", {"period": "2023Q1"}, "二季度，第1段"),
    ]


def test_what_contradicts_and_nothing_proves_is_left_out_and_said() -> None:
    figures = found(REPORT)
    assert [short(f) for f in figures.doubtful] == ["2023Q3 volume.total 210万吨", "2023Q3 volume.total 310万吨"]
    assert not any(f.period == period("2023Q3") for f in figures.report.figures)
    assert "310万吨" in dump_figures(figures.report, figures.doubtful)


def test_where_the_figures_come_from() -> None:
    report = found(REPORT).report
    assert (report.market, report.publisher, report.reviewed) == ("全国碳排放权交易市场", "某某交易所", False)
    [first, *_] = report.figures
    assert first.sentence == "一季度总成交量为100万吨，其中挂牌协议成交量为30万吨；大宗协议成交量为70万吨，价格平稳。"


def test_a_report_of_no_market_has_no_figures() -> None:
    other = REPORT.replace("全国碳市场", "某省天气")
    assert market_figures(parse_review(read_lines(other.encode(), name="a.txt"), Authority.load(None)), "a") is None


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    figures = found(REPORT)
    path = tmp_path / "a.toml"
    path.write_text(dump_figures(figures.report, figures.doubtful), encoding="utf-8")
    assert read_figures(path) == figures.report


def test_how_many_times_is_written_as_a_number(tmp_path: Path) -> None:
    text = REPORT.replace("二季度总成交量为200万吨，", "二季度总成交量为200万吨，超过一季度总成交量的1,200倍，")
    figures = found(text)
    assert [ratio.value for ratio in figures.report.ratios] == ["1200"]
    (tmp_path / "a.toml").write_text(dump_figures(figures.report), encoding="utf-8")
    assert read_figures(tmp_path / "a.toml") == figures.report


@given(st.lists(st.sampled_from([
    "挂牌", "大宗", "总", "成交量", "成交额", "收盘价", "占比", "占", "全年", "一季度", "4月3日", "13月45日", "5月", "2023年", "较", "分别",
    "12.5万吨", "0.00万吨", "3亿元", "60元/吨", "百元", "8日", "2.5倍", "50%", "90-80元/吨", "，", "；", "。", "最高", "创历史新高", "维持", "以上",
    "月底", "上季度", "前三季度", "碳市场开市", "十十日", "1.2.3元", "1,200倍", "61.1234567元/吨", "增长", "2023年13月以来", "第9季度",
]), max_size=40))  # fmt: skip
@examples(200)
def test_whatever_the_words_there_is_a_file_that_can_be_read(
    tmp_path_factory: pytest.TempPathFactory, parts: list[str]
) -> None:
    text = f"2023年全国碳市场运行报告\n\n二季度市场运行\n\n{''.join(parts)}。\n"
    figures = market_figures(parse_review(read_lines(text.encode(), name="a.txt"), Authority.load(None)), "a")
    if figures:
        path = tmp_path_factory.mktemp("figures") / "a.toml"
        path.write_text(dump_figures(figures.report, figures.doubtful), encoding="utf-8")
        assert read_figures(path) == figures.report


# ---- The reference report


def test_the_figures_of_the_reference_report() -> None:
    """At least nine of ten that a person recorded, and none that is not among them."""
    review = parse_review(read_lines(making.report_or_skip()), Authority.load(None))
    figures = market_figures(review, "2024")
    assert figures is not None
    want = Counter((short(f), f.at, *f.printed.items()) for f in read_figures(CORPUS / "market" / "2024.toml").figures)
    have = Counter((short(f), f.at, *f.printed.items()) for f in figures.report.figures)
    assert have - want == Counter()
    assert (want & have).total() >= 0.9 * want.total()
    assert figures.doubtful == ()


def test_a_report_in_an_empty_knowledge_base_gives_a_report_with_its_market(
    run: Callable[..., Run], tmp_path: Path
) -> None:
    kb = tmp_path / "kb"
    assert run("init", str(kb)).code == 0
    empty = run("market", kb=kb)
    assert empty.code == 1
    assert "policykb import" in empty.err
    assert "policykb import" in run("market", "check", kb=kb).err
    done = run("import", str(making.report_or_skip()), kb=kb)
    assert done.code == 0
    assert "market figures" in done.err
    report = run("report", "2024Q3", kb=kb)
    assert "总成交量为1718.83万吨" in report.out
    assert "尚未核对" in report.out
    assert run("market", "check", kb=kb).code == 3
    [path] = (kb / "corpus" / "market").iterdir()
    path.write_text(path.read_text(encoding="utf-8").replace("reviewed = false", "reviewed = true"), encoding="utf-8")
    assert "尚未核对" not in run("report", "2024Q3", kb=kb).out
    again = run("import", str(making.report_or_skip()), "--update", "--format", "json", kb=kb)
    assert [one["state"] for one in json.loads(again.out)["figures"]] == ["differs"]


def test_figures_of_a_report_that_is_there_under_another_name_are_not_read_twice(
    run: Callable[..., Run], tmp_path: Path
) -> None:
    kb, report = tmp_path / "kb", tmp_path / "a.txt"
    report.write_text(REPORT, encoding="utf-8")
    run("init", str(kb))
    assert run("import", str(report), kb=kb).code == 0
    report.rename(tmp_path / "b.txt")
    done = run("import", str(tmp_path / "b.txt"), "--format", "json", kb=kb)
    [one] = json.loads(done.out)["figures"]
    assert (one["state"], one["path"], one["contradictory"]) == ("known", "corpus/market/a.toml", 2)
    report.write_text(REPORT.replace("总成交量为200万吨", "总成交量为201万吨"), encoding="utf-8")
    for options, state in (((), "differs"), (("--update",), "updated"), ((), "unchanged")):
        done = run("import", str(report), *options, "--format", "json", kb=kb)
        assert [one["state"] for one in json.loads(done.out)["figures"]] == [state]


def test_a_report_of_the_market_alone_is_imported_too(run: Callable[..., Run], tmp_path: Path) -> None:
    kb, report = tmp_path / "kb", tmp_path / "a.txt"
    report.write_text(
        "2023年二季度全国碳市场运行报告\n\n二季度总成交量为512.5万吨，总成交额2.75亿元。\n", encoding="utf-8"
    )
    run("init", str(kb))
    assert run("import", str(report), kb=kb).code == 0
    assert "512.5万吨" in run("market", "2023Q2", kb=kb).out
