"""What a knowledge base lacks, in every form that it can be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policykb.render import records, relation_records, spreadsheet
from policykb.render.terminal import relations

if TYPE_CHECKING:
    from policykb.relations.gaps import Gaps

COLUMNS = ("title", "number", "issuer", "entries", "ids")


def render(found: Gaps, form: str, columns: int) -> bytes | str:
    """Text, JSON, or the cited documents as CSV."""
    if form == "json":
        return records.as_json(relation_records.gaps_record(found))
    if form == "csv":
        rows = relation_records.gaps_record(found)["cited"]
        return spreadsheet.table(COLUMNS, [row | {"ids": [one["id"] for one in row["sentences"]]} for row in rows])
    return relations.gaps(found, columns)
