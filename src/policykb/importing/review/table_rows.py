"""The rows of a table, each of which can open an entry of a review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from policykb.domain.issuers import Authority
from policykb.domain.wording import kind_of, names_in
from policykb.importing.blocks import Block, without_enumerator
from policykb.importing.dated import dated
from policykb.importing.labels import label_key
from policykb.importing.review.opening import Opening, cut_heading, named_in


def table_header(block: Block) -> Mapping[int, str]:
    """The keys of the columns, if the block is the head of a table of documents; else nothing."""
    columns = {n: key for n, cell in enumerate(block.cells) if (key := label_key(cell))}
    columns = {n: key.replace("publisher", "issuers") for n, key in columns.items()}
    return columns if "date" in columns.values() and len(set(columns.values())) > 1 else {}


def read_row(
    block: Block, i: int, columns: Mapping[int, str], above: Opening | None, context: str, authority: Authority
) -> Opening | None:
    """A row of a table; an empty cell for the date means the one above."""
    keys = columns or _guess(block.cells, context, authority)
    cells = {key: cell for n, cell in enumerate(block.cells) if (key := keys.get(n)) and cell}
    written = cells.get("date", "")
    day = dated(written, context) or dated(f"【{written}】", context)
    if day and day.rest or not day and (written or not above):
        return None
    title = cells.get("title", "")
    rest: tuple[str, ...] = tuple(cells.get("summary", "").split("\n"))
    if not title and rest[0]:
        title, cut = cut_heading(rest[0])
        rest = (cut, *rest[1:])
    read = named_in(without_enumerator(title)[1], cells, authority) if title else None
    if not read:
        return None
    label = [cell for n, cell in enumerate(block.cells) if keys.get(n) not in ("issuers", "title", "summary")]
    heading = "\n".join(filter(None, (cells.get("issuers"), title)))
    when = (day.day, day.last) if day else (above.day, above.last) if above else None
    assert when is not None
    return Opening(*when, "\n".join(filter(None, label)), heading, read, i + 1, tuple(filter(None, rest)), row=True)


def _guess(cells: Sequence[str], context: str, authority: Authority) -> dict[int, str]:
    """The columns of a row in a table without a head, by what the cells are like."""
    keys: dict[int, str] = {}
    for n, cell in enumerate(cells):
        day = dated(cell, context)
        if day and not day.rest:
            key = "date"
        elif cell and len(cell) <= 200 and all(map(authority.get, authority.split(cell))):
            key = "issuers"
        elif names_in(cell)[0] or (kind_of(cell) and len(cell) <= 100):
            key = "title"
        else:
            key = "summary"
        if cell and key not in keys.values():
            keys[n] = key
    return keys
