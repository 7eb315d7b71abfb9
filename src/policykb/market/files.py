"""The files of ``corpus/market/``: the figures that reports state, and a daily series.

Each ``*.toml`` is one report, with one record for each place where it states a figure, as printed;
``2024.toml`` documents the keys. ``daily.csv`` is optional: a header with the columns of ``DAILY``, then one
trading day a line in order of date, the price in yuan a tonne, volumes in tonnes, turnover in yuan; an empty
cell is not known. Nothing derived is stored.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

from policykb.domain.daterange import DateRange
from policykb.errors import DataError, DateError
from policykb.files import toml
from policykb.files.reading import read_text
from policykb.i18n import _
from policykb.market.amounts import NUMBER, UNITS
from policykb.market.statements import BOUNDS, DAILY, MARKS, QUANTITIES, Day, Figure, FigureReport, Ratio, Slip

Record = Mapping[str, object]


def read_figures(path: Path) -> FigureReport:
    """One report's figures; a DataError names the file and the record."""
    data = toml.read(path)
    figures, ratios, slips = [], [], []
    with toml.naming(path):
        for number, record in enumerate(toml.tables(data, "figures"), 1):
            with toml.naming(f"figures {number} ({record.get('period')} {record.get('what')})"):
                figures.append(_figure(record))
        for number, record in enumerate(toml.tables(data, "ratios"), 1):
            with toml.naming(f"ratios {number}"):
                ratios.append(_ratio(record, figures))
        for number, record in enumerate(toml.tables(data, "slips"), 1):
            with toml.naming(f"slips {number}"):
                texts = (toml.text(record, key) for key in ("at", "printed", "meant", "why"))
                slips.append(Slip(_period(toml.text(record, "period")), *texts))
        title, market, publisher = (toml.text(data, key) for key in ("title", "market", "publisher"))
        reviewed = toml.flag({"reviewed": True} | data, "reviewed")
    return FigureReport(path.stem, title, market, publisher, tuple(figures), tuple(ratios), tuple(slips), reviewed)


def _figure(record: Record) -> Figure:
    toml.only(record, set(Figure.__dataclass_fields__))
    what, value, unit = (toml.text(record, key) for key in ("what", "value", "unit"))
    if what not in QUANTITIES:
        raise _none_of("what", what, QUANTITIES)
    if UNITS.get(unit, ("",))[0] != QUANTITIES[what]:
        fitting = ", ".join(name for name, measured in UNITS.items() if measured[0] == QUANTITIES[what])
        problem = _("unit: {unit!r} does not measure {what}; it is counted in {fitting}")
        raise DataError(problem.format(unit=unit, what=what, fitting=fitting))
    period, day = _period(toml.text(record, "period")), record.get("day")
    if day is not None and (type(day) is not date or day not in period):
        raise DataError(_("day: {day} is not a day of {period}").format(day=day, period=period))
    marks, printed = record.get("marks", []), record.get("printed", {})
    if not isinstance(marks, list) or any(mark not in MARKS for mark in marks):
        raise DataError(_("marks: {marks} is not a list of {known}").format(marks=marks, known=", ".join(MARKS)))
    if not isinstance(printed, dict) or set(printed) - {"period", "what"}:
        raise DataError(_("printed: {printed} is not a table of period and what").format(printed=printed))
    if printed:
        _period(str(printed.get("period", "2024")))
        if str(printed.get("what", what)) not in QUANTITIES:
            raise _none_of("printed", printed["what"], QUANTITIES)
    if what in ("price", "volume.total", "turnover.total") and not _decimal(value):
        raise DataError(_("value: {what} is above 0").format(what=what))
    if what == "days" and "over" not in record:
        raise DataError(_("over: the price that the days lie above is missing"))
    return Figure(
        period,
        what,
        str(_decimal(value)),
        unit,
        toml.text(record, "at"),
        day,
        tuple(marks),
        _bound(record),
        _decimal(toml.text(record, "over")) if "over" in record else None,
        toml.optional(record, "note"),
        {key: str(text) for key, text in printed.items()},
        toml.optional(record, "sentence"),
    )


def _ratio(record: Record, figures: list[Figure]) -> Ratio:
    of, to = (_named(figures, str(record.get(key))) for key in ("of", "to"))
    if not to.amount.value:
        raise DataError(_("to: {figure} is 0").format(figure=record["to"]))
    return Ratio(of, to, str(_decimal(toml.text(record, "value"))), _bound(record), toml.text(record, "at"))


def _named(figures: list[Figure], reference: str) -> Figure:
    """The figure that "2024Q3 volume.block", "2024Q2 price 2024-04-24" or "2021-07 price first" means."""
    for f in figures:
        names = (*f.marks, *([str(f.day)] if f.day else []), "")
        if any(reference == f"{f.period.label()} {f.what} {name}".strip() for name in names):
            return f
    raise DataError(_("no figure is {reference!r}").format(reference=reference))


def _bound(record: Record) -> str | None:
    value = record.get("bound")
    if value is None or (isinstance(value, str) and value in BOUNDS):
        return value
    raise _none_of("bound", value, BOUNDS)


def _decimal(text: str) -> Decimal:
    if not re.fullmatch(NUMBER, text):
        problem = _("{text!r} is not a number such as 12.34 (no signs, no thousands separators)")
        raise DataError(problem.format(text=text))
    return Decimal(text)


def _period(text: str) -> DateRange:
    try:
        period = DateRange.parse(text, today=date(2000, 1, 1))
    except DateError as error:
        raise DataError(str(error)) from None
    if period.label() != text:
        problem = _("period: {text!r} is not written like 2024, 2024H1, 2024Q1 or 2024-01")
        raise DataError(problem.format(text=text))
    return period


def _none_of(key: str, value: object, choices: Iterable[str]) -> DataError:
    return DataError(
        _("{key}: {value!r} is none of {choices}").format(key=key, value=value, choices=", ".join(choices))
    )


def read_daily(path: Path) -> tuple[Day, ...]:
    """The daily series; a DataError names file, line and column."""
    rows = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    days: list[Day] = []
    try:
        if (header := next(rows, [])) != list(DAILY):
            problem = _("{path}:1: the columns must be {columns}, not {header}")
            raise DataError(problem.format(path=path, columns=",".join(DAILY), header=",".join(header)[:200]))
        for row in rows:
            if row:
                with toml.naming(f"{path}:{rows.line_num}"):
                    days.append(_read_day(row, days[-1].date if days else None))
    except csv.Error as error:
        raise DataError(f"{path}:{rows.line_num}: {error}") from None
    return tuple(days)


def _read_day(row: list[str], previous: date | None) -> Day:
    if len(row) != len(DAILY):
        problem = _("{number} columns where {needed} are needed")
        raise DataError(problem.format(number=len(row), needed=len(DAILY)))
    try:
        day = date.fromisoformat(row[0].strip())
    except ValueError:
        raise DataError(_("column date: {text!r} is not a day such as 2024-01-02").format(text=row[0])) from None
    if previous is not None and day <= previous:
        problem = _("column date: {day} does not come after {previous}, the line before")
        raise DataError(problem.format(day=day, previous=previous))
    cells: list[Decimal | None] = []
    for column, cell in zip(DAILY[1:], row[1:], strict=True):
        with toml.naming(_("column {column}").format(column=column)):
            cells.append(_decimal(cell.strip()) if cell.strip() else None)
    close, *others = cells
    if not close:
        raise DataError(_("column close: every trading day has a price above 0"))
    return Day(day, close, *others)
