"""What a knowledge base lacks, in every form that it can be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policykb.render import records, relation_records, spreadsheet
from policykb.render.terminal import relations

if TYPE_CHECKING:
    from policykb.relations.gaps import Gaps
    from policykb.render.labels import Labels

COLUMNS = ("title", "number", "issuer", "entries", "ids")


def render(found: Gaps, form: str, columns: int, labels: Labels) -> bytes | str:
    """Text, JSON, or the cited documents as CSV or a workbook."""
    if form == "json":
        return records.as_json(relation_records.gaps_record(found))
    if form in ("csv", "xlsx"):
        cited = relation_records.gaps_record(found)["cited"]
        rows = [row | {"ids": [one["id"] for one in row["sentences"]]} for row in cited]
        return spreadsheet.table(COLUMNS, rows) if form == "csv" else spreadsheet.workbook(COLUMNS, rows, labels)
    return relations.gaps(found, columns)
