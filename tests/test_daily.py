"""The daily series of an exchange, as CSV or Excel, in a knowledge base."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from conftest import Run
from policykb.market.files import read_daily
from policykb.market.statements import Day

HEAD = "日期,开盘价,最高价,最低价,收盘价(元/吨),涨跌幅,挂牌协议成交量（吨）,挂牌协议成交额（元）,大宗协议成交量（万吨）,大宗协议成交额（亿元）"
ROWS = ['2023/4/3,55,56,54,55.5,0.2%,"1,200",66600,1.5,0.008', "2023-04-04,55,56,54,56,-,0,0,—,—", "合计,,,,,,1200,,,"]
DAYS = (
    Day(date(2023, 4, 3), Decimal("55.5"), Decimal(1200), Decimal(66600), Decimal(15000), Decimal(800000)),
    Day(date(2023, 4, 4), Decimal(56), Decimal(0), Decimal(0), None, None),
)


@pytest.fixture
def kb(run: Callable[..., Run], tmp_path: Path) -> Path:
    root = tmp_path / "库"
    run("init", str(root))
    return root


def table(tmp_path: Path, *rows: str, head: str = HEAD, encoding: str = "utf-8", name: str = "行情.csv") -> str:
    path = tmp_path / name
    path.write_bytes("\n".join((head, *rows)).encode(encoding))
    return str(path)


def series(kb: Path) -> tuple[Day, ...]:
    return read_daily(kb / "corpus" / "market" / "daily.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_series_under_the_columns_of_exchanges(
    run: Callable[..., Run], kb: Path, tmp_path: Path, encoding: str
) -> None:
    done = run("market", "import", table(tmp_path, *ROWS, encoding=encoding), kb=kb)
    assert (done.code, done.out.partition(";")[0]) == (
        0,
        "2 trading days new, 0 the same as before, 0 with other figures",
    )
    assert "columns that are not read: 开盘价, 最高价, 最低价, 涨跌幅" in done.err
    assert "1 rows are no trading days" in done.err
    assert series(kb) == DAYS
    assert "56.00" in run("market", "2023-04-04", kb=kb).out
    assert "55.50" in run("market", kb=kb).out
    assert run("doctor", kb=kb).code == 0


def test_a_workbook_with_lines_above_its_table(run: Callable[..., Run], kb: Path, tmp_path: Path) -> None:
    xlsxwriter = pytest.importorskip("xlsxwriter")
    data = io.BytesIO()
    with xlsxwriter.Workbook(data) as book:
        book.add_worksheet("说明").write(0, 0, "每日行情")
        sheet = book.add_worksheet("行情")
        sheet.write(0, 0, "全国碳市场每日行情")
        sheet.write_row(2, 0, ["交易日期", "收盘价\n（元/吨）", "挂牌成交量", "挂牌成交额", "大宗成交量", "大宗成交额"])
        sheet.write_datetime(3, 0, date(2023, 4, 3), book.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.write_row(3, 1, [55.5, 1200, 66600, 15000, 800000])
        sheet.write_row(4, 0, ["2023年4月4日", 56, 0, 0, "", ""])
        sheet.write(6, 0, "数据来源：某某交易所")
    (tmp_path / "行情.xlsx").write_bytes(data.getvalue())
    assert run("market", "import", str(tmp_path / "行情.xlsx"), kb=kb).code == 0
    assert series(kb) == DAYS


def test_days_that_differ_stay_unless_told(run: Callable[..., Run], kb: Path, tmp_path: Path) -> None:
    run("market", "import", table(tmp_path, *ROWS), kb=kb)
    later = table(tmp_path, ROWS[0].replace("55.5", "57.5"), ROWS[1], "2023-04-06,55,56,54,58,0,1,2,3,4")
    shown = run("market", "import", later, "--dry-run", kb=kb)
    assert "1 trading days would be new, 1 the same as before, 1 with other figures" in shown.out
    assert series(kb) == DAYS
    done = run("market", "import", later, kb=kb)
    assert "--update" in done.err
    assert [day.close for day in series(kb)] == [Decimal("55.5"), 56, 58]
    assert run("market", "import", later, "--update", kb=kb).code == 0
    assert [day.close for day in series(kb)] == [Decimal("57.5"), 56, 58]


@pytest.mark.parametrize(
    ("head", "row", "said"),
    [
        ("日期,成交量", "2023-04-03,1", "no row has the columns of a daily series, at least 日期 and 收盘价"),
        (HEAD, "2023-02-30,1,1,1,1,1,1,1,1,1", "行情.csv, row 2, column date: 2023-02-30 is not a day"),
        (HEAD, "2023-04-03,1,1,1,贵,1,1,1,1,1", "行情.csv, row 2, column close: 贵 is not a number"),
        (HEAD, "2023-04-03,1,1,1,1,1,-5,1,1,1", "row 2, column listed_volume: -5 is not a number"),
        (HEAD, "2023-04-03,1,1,1,—,1,1,1,1,1", "there is no trading day in it"),
        (HEAD, "2023-04-03,1,1,1,5,1,1,1,1,1\n2023-04-03,1,1,1,6,1,1,1,1,1", "row 3: 2023-04-03 stands there twice"),
    ],
)
def test_what_is_not_understood_is_named_and_nothing_written(
    run: Callable[..., Run], kb: Path, tmp_path: Path, head: str, row: str, said: str
) -> None:
    done = run("market", "import", table(tmp_path, row, head=head), kb=kb)
    assert done.code == 1
    assert said in done.err
    assert not (kb / "corpus" / "market" / "daily.csv").exists()


def test_files_that_are_no_tables(run: Callable[..., Run], kb: Path, tmp_path: Path) -> None:
    (tmp_path / "坏.xlsx").write_bytes(b"PK\x03\x04 broken")
    assert "坏.xlsx: cannot be read as a workbook" in run("market", "import", str(tmp_path / "坏.xlsx"), kb=kb).err
    assert "cannot be read" in run("market", "import", str(tmp_path / "没有.csv"), kb=kb).err
    assert run("market", "import", kb=kb).code == 2
