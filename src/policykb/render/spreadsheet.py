"""Tables for spreadsheets."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from policykb.text.visible import visible


def write_csv(rows: Sequence[Mapping[str, Any]]) -> None:
    import csv
    import io

    fields = ["date", "title", "issuers", "tags", "kind", "status", "id", "path", "score", "snippet"]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(fields)
    for row in rows:
        writer.writerow([cell(row[field]) for field in fields])
    # the byte order mark tells Excel that this is UTF-8
    sys.stdout.buffer.write(text.getvalue().encode("utf-8-sig", "replace"))
    sys.stdout.buffer.flush()


def cell(value: object) -> object:
    """A cell that a spreadsheet takes as text, never as a formula."""
    if isinstance(value, list):
        value = "；".join(value)
    if not isinstance(value, str):
        return value
    value = value.replace("\n", " ").replace("\r", " ")
    return f"'{visible(value)}" if value[:1] in ("=", "+", "-", "@", "\t") else visible(value)
