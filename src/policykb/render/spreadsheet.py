"""Tables for spreadsheets: CSV as UTF-8 that Excel recognises, no cell of which is a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from policykb.domain.policy import FIELDS
from policykb.text.visible import visible

_FORMULA = ("=", "+", "-", "@", "|", "＝", "＋", "－", "＠", "｜", "\t")

# days first, as in every list of entries
HIT_COLUMNS = (
    *(one.name for one in sorted(FIELDS, key=lambda one: one.type != "day") if one.export == "table"),
    *("id", "path", "score", "snippet"),
)


def table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """The columns of rows; lists are joined with ；, None is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(row[column]) for column in columns] for row in rows)
    # the byte order mark tells Excel that this is UTF-8
    return text.getvalue().encode("utf-8-sig", "replace")


def _cell(value: object) -> object:
    if isinstance(value, list):
        value = "；".join(value)
    if not isinstance(value, str):
        return value
    value = visible(value.replace("\n", " ").replace("\r", " "))
    return f"'{value}" if value.lstrip(" \u3000").startswith(_FORMULA) else value
