"""The daily series of an exchange, CSV or Excel under the columns that exchanges use -> ``corpus/market/daily.csv``."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from policykb.corpus.corpus import Corpus
from policykb.domain.dates_in_text import parse_day
from policykb.errors import DateError, MissingExtraError, SourceError
from policykb.files.journal import Write
from policykb.files.reading import read_if_there, read_regular, reason
from policykb.i18n import _
from policykb.importing.figures.words import words
from policykb.importing.formats.decoding import decode
from policykb.market.files import read_daily
from policykb.market.statements import DAILY, Day
from policykb.market.writing import dump_daily

_LARGEST = 20_000_000  # bytes
_HEAD = 30  # rows that may stand above the head of the table
_COLUMN = re.compile(r"^(?P<name>[^（(\[\s]+)\s*(?:[（(\[](?P<unit>[^）)\]]*)[）)\]])?\s*$")
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx, .xls


@dataclass(frozen=True, slots=True)
class DailyIntake:
    """What an import of a daily series did: days that are new, the same as before, and others than before.

    ``left_out`` are columns that are not read, ``rows`` the number of rows that are no trading day.
    """

    path: Path
    new: tuple[Day, ...]
    same: int
    other: tuple[Day, ...]
    left_out: tuple[str, ...]
    rows: int


def import_daily(corpus: Corpus, file: Path, *, update: bool = False, dry_run: bool = False) -> DailyIntake:
    """Adds the trading days of a file to the series of the corpus; with ``update`` days that differ are replaced.

    Raises SourceError, with row and column, for a table that is not understood, and DataError for the series that is
    there; then nothing is written.
    """
    days, left_out, rows = _days(file)
    path = corpus.root / "market" / "daily.csv"
    before = read_if_there(path)
    known = {day.date: day for day in (read_daily(path) if before is not None else ())}
    new = tuple(day for day in days if day.date not in known)
    other = tuple(day for day in days if day.date in known and known[day.date] != day)
    changed = known | {day.date: day for day in (*new, *(other if update else ()))}
    if not dry_run:
        text = dump_daily([changed[one] for one in sorted(changed)])
        if changed != known:
            corpus.write([Write(path, text.encode(), before)])
    return DailyIntake(path, new, len(days) - len(new) - len(other), other, left_out, rows)


def _days(file: Path) -> tuple[list[Day], tuple[str, ...], int]:
    """The trading days in a file, the columns that are not read, and how many rows below its head are no days."""
    rows = _rows(file)
    head, columns, left_out = _head(file, rows)
    found: dict[date, Day] = {}
    ignored = 0
    for number, row in enumerate(rows[head + 1 :], head + 2):
        if not any(str(cell).strip() for cell in row):
            continue
        day = _day(file, number, row, columns)
        if day is None:
            ignored += 1
        elif found.setdefault(day.date, day) != day:
            problem = _("{file}, row {row}: {day} stands there twice, with other figures")
            raise SourceError(problem.format(file=file.name, row=number, day=day.date))
    if not found:
        raise SourceError(_("{file}: there is no trading day in it").format(file=file.name))
    return [found[day] for day in sorted(found)], left_out, ignored


def _rows(file: Path) -> list[Sequence[object]]:
    try:
        data = read_regular(file, at_most=_LARGEST)
    except (OSError, ValueError) as error:
        raise SourceError(_("{file}: cannot be read: {reason}").format(file=file, reason=reason(error))) from None
    if not data.startswith(_WORKBOOKS):
        text = decode(data)
        first = text.partition("\n")[0]
        separator = max(",\t;", key=first.count)
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    try:
        import python_calamine
    except ImportError:
        raise MissingExtraError(_("reading Excel files"), "import") from None
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets: list[list[Sequence[object]]] = [
            [*book.get_sheet_by_name(name).to_python()] for name in book.sheet_names
        ]
    except Exception as error:  # whatever somebody else's parser does with a broken file
        problem = _("{file}: cannot be read as a workbook: {reason}")
        raise SourceError(problem.format(file=file.name, reason=error)) from error
    return next((rows for rows in sheets if any(_heads(rows))), sheets[0] if sheets else [])


def _heads(rows: Sequence[Sequence[object]]) -> Iterator[tuple[int, dict[str, tuple[int, Decimal]], tuple[str, ...]]]:
    """The rows that may be the head of a table: where each column is, how its unit counts, and what is not read."""
    names = {written: key for key in DAILY for written in words()["columns"][key]}
    for number, row in enumerate(rows[:_HEAD]):
        columns: dict[str, tuple[int, Decimal]] = {}
        others = []
        for at, cell in enumerate(row):
            found = _COLUMN.match(str(cell).replace("\n", "").strip())
            key = names.get(found["name"]) if found else None
            if found and key and key not in columns:
                unit = (found["unit"] or "").strip()
                columns[key] = at, Decimal(dict(words()["columns"]["large"]).get(unit[:1], 1))
            elif str(cell).strip():
                others.append(str(cell).strip())
        if {"date", "close"} <= columns.keys():
            yield number, columns, tuple(others)


def _head(
    file: Path, rows: Sequence[Sequence[object]]
) -> tuple[int, Mapping[str, tuple[int, Decimal]], tuple[str, ...]]:
    found = next(_heads(rows), None)
    if found is None:
        listed = words()["columns"]
        problem = _("{file}: no row has the columns of a daily series, at least {date} and {close}")
        raise SourceError(problem.format(file=file.name, date=listed["date"][0], close=listed["close"][0]))
    return found


def _day(file: Path, number: int, row: Sequence[object], columns: Mapping[str, tuple[int, Decimal]]) -> Day | None:
    """A row as a trading day; None for one that sums up, explains, or has no price."""
    cells = {key: row[at] if at < len(row) else "" for key, (at, _factor) in columns.items()}
    written = cells["date"]
    if isinstance(written, str) and (
        not written.strip() or written.strip().startswith(tuple(words()["columns"]["notes"]))
    ):
        return None
    try:
        day = written.date() if isinstance(written, datetime) else written if isinstance(written, date) else None
        day = day or parse_day(str(written).strip())
    except DateError:
        problem = _("{file}, row {row}, column {column}: {text} is not a day such as 2024-01-02")
        raise SourceError(problem.format(file=file.name, row=number, column="date", text=f"{written!s:.40}")) from None
    values = {key: _number(file, number, key, cells.get(key, ""), columns) for key in DAILY[1:]}
    close = values.pop("close")
    return Day(day, close, **values) if close else None


def _number(
    file: Path, number: int, key: str, cell: object, columns: Mapping[str, tuple[int, Decimal]]
) -> Decimal | None:
    text = str(cell).strip().replace(",", "").replace("，", "")
    if text in words()["columns"]["nothing"]:
        return None
    try:
        value = Decimal(text) * columns[key][1]
        if not value.is_finite() or value < 0 or value >= 10**18:
            raise InvalidOperation
    except InvalidOperation:
        problem = _("{file}, row {row}, column {column}: {text} is not a number such as 12.34")
        raise SourceError(problem.format(file=file.name, row=number, column=key, text=f"{cell!s:.40}")) from None
    exact = value.quantize(Decimal("0.000001")).normalize()
    return exact.quantize(Decimal(1)) if exact == exact.to_integral() else exact
