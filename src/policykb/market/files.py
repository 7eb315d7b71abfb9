"""The files of ``corpus/market/``: the figures that reports state, and a daily series.

Each ``*.toml`` is one report, with one record for each place where it states a figure, as printed;
``2024.toml`` documents the keys. ``daily.csv`` is optional: a header with the columns of ``DAILY``, then one
trading day a line in order of date, the price in yuan a tonne, volumes in tonnes, turnover in yuan; an empty
cell is not known. Nothing derived is stored.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

from policykb.domain.daterange import DateRange
from policykb.errors import DataError, DateError
from policykb.files import toml
from policykb.files.reading import read_text
from policykb.market.amounts import UNITS
from policykb.market.statements import BOUNDS, DAILY, MARKS, QUANTITIES, Day, Figure, FigureReport, Ratio, Slip


def read_figures(path: Path) -> FigureReport:
    """One report's figures; a DataError names the file and the record."""
    data = toml.read(path)
    figures: list[Figure] = []
    for kind, record in _records(path, data, "figures"):
        try:
            figures.append(_figure(record))
        except (DateError, ValueError) as error:
            raise DataError(f"{kind} ({record.get('period')} {record.get('what')}): {error}") from None
    ratios, slips = [], []
    for kind, record in _records(path, data, "ratios"):
        try:
            of, to = (_named(figures, str(record.get(key))) for key in ("of", "to"))
            value, bound = _text(record, "value"), _one_of(record, "bound", BOUNDS)
            if not to.amount.value:
                raise ValueError(f"to: {record['to']} is 0")
            ratios.append(Ratio(of, to, str(_decimal(value)), bound, _text(record, "at")))
        except ValueError as error:
            raise DataError(f"{kind}: {error}") from None
    for kind, record in _records(path, data, "slips"):
        try:
            texts = (_text(record, key) for key in ("at", "printed", "meant", "why"))
            slips.append(Slip(_period(_text(record, "period")), *texts))
        except (DateError, ValueError) as error:
            raise DataError(f"{kind}: {error}") from None
    try:
        title, market, publisher = (_text(data, key) for key in ("title", "market", "publisher"))
    except ValueError as error:
        raise DataError(f"{path}: {error}") from None
    return FigureReport(path.stem, title, market, publisher, tuple(figures), tuple(ratios), tuple(slips))


def _records(path: Path, data: Mapping[str, object], key: str) -> list[tuple[str, Mapping[str, object]]]:
    records = data.get(key, [])
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise DataError(f"{path}: {key} must be an array of tables")
    return [(f"{path}: {key} {number}", record) for number, record in enumerate(records, 1)]


def _figure(record: Mapping[str, object]) -> Figure:
    known = set(Figure.__dataclass_fields__)
    if unknown := sorted(set(record) - known):
        raise ValueError(f"unknown key {unknown[0]}; known are {', '.join(sorted(known))}")
    what, value, unit = (_text(record, key) for key in ("what", "value", "unit"))
    if what not in QUANTITIES:
        raise ValueError(f"what: {what!r} is none of {', '.join(QUANTITIES)}")
    if UNITS.get(unit, ("",))[0] != QUANTITIES[what]:
        fitting = ", ".join(name for name, (base, _) in UNITS.items() if base == QUANTITIES[what])
        raise ValueError(f"unit: {unit!r} does not measure {what}; it is counted in {fitting}")
    period, day = _period(_text(record, "period")), record.get("day")
    if day is not None and (type(day) is not date or day not in period):
        raise ValueError(f"day: {day} is not a day of {period}")
    marks, printed = record.get("marks", []), record.get("printed", {})
    if not isinstance(marks, list) or any(mark not in MARKS for mark in marks):
        raise ValueError(f"marks: {marks} is not a list of {', '.join(MARKS)}")
    if not isinstance(printed, dict) or set(printed) - {"period", "what"}:
        raise ValueError(f"printed: {printed} is not a table of period and what")
    if printed:
        _period(str(printed.get("period", "2024")))
        if str(printed.get("what", what)) not in QUANTITIES:
            raise ValueError(f"printed: {printed['what']!r} is none of {', '.join(QUANTITIES)}")
    if what in ("price", "volume.total", "turnover.total") and not _decimal(value):
        raise ValueError(f"value: {what} is above 0")
    if what == "days" and "over" not in record:
        raise ValueError("over: the price that the days lie above is missing")
    return Figure(
        period,
        what,
        str(_decimal(value)),
        unit,
        _text(record, "at"),
        day,
        tuple(marks),
        _one_of(record, "bound", BOUNDS),
        _decimal(_text(record, "over")) if "over" in record else None,
        _text(record, "note") if "note" in record else None,
        {key: str(text) for key, text in printed.items()},
    )


def _named(figures: list[Figure], reference: str) -> Figure:
    """The figure that "2024Q3 volume.block", "2024Q2 price 2024-04-24" or "2021-07 price first" means."""
    for f in figures:
        names = (*f.marks, *([str(f.day)] if f.day else []), "")
        if any(reference == f"{f.period.label()} {f.what} {name}".strip() for name in names):
            return f
    raise ValueError(f"no figure is {reference!r}")


def _text(record: Mapping[str, object], key: str) -> str:
    value = record.get(key)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{key}: a text is needed, not {value!r}")
    return value


def _one_of(record: Mapping[str, object], key: str, choices: tuple[str, ...]) -> str | None:
    value = record.get(key)
    if value is None or (isinstance(value, str) and value in choices):
        return value
    raise ValueError(f"{key}: {value!r} is none of {', '.join(choices)}")


def _decimal(text: str) -> Decimal:
    if not re.fullmatch(r"[0-9]{1,18}(\.[0-9]{1,6})?", text):
        raise ValueError(f"{text!r} is not a number such as 12.34 (no signs, no thousands separators)")
    return Decimal(text)


def _period(text: str) -> DateRange:
    period = DateRange.parse(text, today=date(2000, 1, 1))
    if period.label() != text:
        raise ValueError(f"period: {text!r} is not written like 2024, 2024H1, 2024Q1 or 2024-01")
    return period


def read_daily(path: Path) -> tuple[Day, ...]:
    """The daily series; a DataError names file, line and column."""
    import csv
    import io

    rows = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    days: list[Day] = []
    try:
        if (header := next(rows, [])) != list(DAILY):
            raise DataError(f"{path}:1: the columns must be {','.join(DAILY)}, not {','.join(header)[:200]}")
        for row in rows:
            if row:
                days.append(_read_day(f"{path}:{rows.line_num}", row, days[-1].date if days else None))
    except csv.Error as error:
        raise DataError(f"{path}:{rows.line_num}: {error}") from None
    return tuple(days)


def _read_day(where: str, row: list[str], previous: date | None) -> Day:
    if len(row) != len(DAILY):
        raise DataError(f"{where}: {len(row)} columns where {len(DAILY)} are needed")
    try:
        day = date.fromisoformat(row[0].strip())
    except ValueError:
        raise DataError(f"{where}: column date: {row[0]!r} is not a day such as 2024-01-02") from None
    if previous is not None and day <= previous:
        raise DataError(f"{where}: column date: {day} does not come after {previous}, the line before")
    cells: list[Decimal | None] = []
    for column, cell in zip(DAILY[1:], row[1:], strict=True):
        try:
            cells.append(_decimal(cell.strip()) if cell.strip() else None)
        except ValueError as error:
            raise DataError(f"{where}: column {column}: {error}") from None
    close, *others = cells
    if not close:
        raise DataError(f"{where}: column close: every trading day has a price above 0")
    return Day(day, close, *others)
