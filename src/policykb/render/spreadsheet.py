"""Tables for spreadsheets: CSV as UTF-8 that Excel recognises, and Excel's own; no cell of either is a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from policykb.domain.policy import FIELDS
from policykb.errors import MissingExtraError, OutputError
from policykb.i18n import _
from policykb.render.terminal.widths import width
from policykb.text.visible import visible

if TYPE_CHECKING:
    from policykb.render.labels import Labels

_FORMULA = ("=", "+", "-", "@", "|", "＝", "＋", "－", "＠", "｜", "\t")
_DAYS = {"day", *(one.name for one in FIELDS if one.type == "day")}
_MADE = datetime(1980, 1, 1)  # in a workbook's properties, so that the same table gives the same bytes
_MOST_ROWS, _LONGEST = 1_048_576, 32_767  # what a sheet holds, and a cell
_NARROWEST, _WIDEST = 8, 60  # of a column, in characters

_IN_TABLES = sorted((one for one in FIELDS if one.export == "table"), key=lambda one: one.type != "day")
# days first, as in every list of entries; what came later stands last
HIT_COLUMNS = (
    *(one.name for one in _IN_TABLES if one.type != "count"),
    *("id", "path", "score", "snippet"),
    *(one.name for one in _IN_TABLES if one.type == "count"),
)


def table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """The columns of rows as CSV; lists are joined with ；, None is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_guarded(_cell(row[column])) for column in columns] for row in rows)
    # the byte order mark tells Excel that this is UTF-8
    return text.getvalue().encode("utf-8-sig", "replace")


def workbook(columns: Sequence[str], rows: Iterable[Mapping[str, Any]], labels: Labels) -> bytes:
    """The columns of rows as a workbook of one sheet, whose head stays in view and filters; days are days.

    The heads are the words of ``labels``. Raises OutputError for more rows than a sheet has.
    """
    try:
        from xlsxwriter import Workbook
    except ImportError:
        raise MissingExtraError(_("writing workbooks"), "report") from None
    stream = io.BytesIO()
    book = Workbook(stream, {"in_memory": True})
    book.set_properties({"created": _MADE})
    sheet = book.add_worksheet()
    head = book.add_format({"bold": True, "bg_color": "#E8EDF3", "bottom": 1})
    text = book.add_format({"text_wrap": True, "valign": "top"})
    guarded = book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True})
    day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left", "valign": "top"})
    names = [labels["columns"].get(column, column) for column in columns]
    sheet.write_row(0, 0, names, head)
    widths, last = [width(name) + 4 for name in names], 0  # the button of the filter takes room
    for last, row in enumerate(rows, 1):
        if last >= _MOST_ROWS:
            raise OutputError(_("more than {number:,} rows: a sheet holds no more").format(number=_MOST_ROWS - 1))
        for place, column in enumerate(columns):
            value = _cell(row[column])
            if value and column in _DAYS:
                sheet.write_datetime(last, place, date.fromisoformat(value), day)
                value = f"{value} "
            elif isinstance(value, str) and value:
                value = value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"
                sheet.write_string(last, place, value, text if _guarded(value) == value else guarded)
            elif value is not None:
                sheet.write(last, place, value, text)
            widths[place] = max(widths[place], width(str(value or "")) + 1)
    for place, wide in enumerate(widths):
        sheet.set_column(place, place, min(max(wide, _NARROWEST), _WIDEST))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, last, len(columns) - 1)
    book.close()
    return stream.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        value = "；".join(value)
    return visible(value.replace("\n", " ").replace("\r", " ")) if isinstance(value, str) else value


def _guarded(value: Any) -> Any:
    """The value so that Excel does not take text for a formula."""
    formula = isinstance(value, str) and value.lstrip(" \u3000").startswith(_FORMULA)
    return f"'{value}" if formula else value
