"""Where the entries of a review begin: at which block, with which date and heading, however it is laid out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from policykb.issuers import Authority
from policykb.reports.layout import (
    ANY_MONTH,
    Block,
    dated,
    fields,
    label_key,
    marker,
    number_style,
    period_in,
    section,
    trailing_date,
    without_number,
)
from policykb.reports.wording import Heading, clean_number, kind_of, names_in, read_heading

__all__ = ["Opening", "find_openings"]

_LONGEST_HEADING = 400  # characters that may stand between a date and the marker of the body
_MOST_FIELDS = 8  # lines such as 发布机构：…… under a heading
_STOP = "。！？；"
_OPEN_ENDS = ("，", "、", "：", ",", ":")


@dataclass(frozen=True, slots=True)
class Opening:
    """The beginning of an entry.

    ``label`` and ``heading`` are the text as it stands; ``read`` is what the heading says. The body is ``rest``, what
    follows the heading in its own block, and the blocks from index ``body`` on.
    """

    day: date
    last: date | None
    label: str
    heading: str
    read: Heading
    body: int
    rest: tuple[str, ...] = ()
    level: int = 0
    style: str = ""
    row: bool = False


def find_openings(blocks: Sequence[Block], authority: Authority, context: str) -> dict[int, Opening]:
    """The openings by the index of their first block; ``context`` is that of the first dates, as in
    `layout.dated`.

    Sentences that begin with a date count only in a review where no entry is set apart in any other way: else they
    are part of a body.
    """
    return _scan(blocks, authority, context, prose=False) or _scan(blocks, authority, context, prose=True)


def table_header(block: Block) -> Mapping[int, str]:
    """The keys of the columns, if the block is the head of a table of documents; else nothing."""
    columns = {n: key for n, cell in enumerate(block.cells) if (key := label_key(cell))}
    return columns if "date" in columns.values() and len(set(columns.values())) > 1 else {}


def _scan(blocks: Sequence[Block], authority: Authority, context: str, *, prose: bool) -> dict[int, Opening]:
    found: dict[int, Opening] = {}
    columns: Mapping[int, str] = {}
    above: Opening | None = None  # of the row above in the same table
    last: Opening | None = None
    titles_first = _titles_first(blocks, authority)
    i = 0
    while i < len(blocks):
        block = blocks[i]
        opening: Opening | None
        if block.cells:
            columns = table_header(block) or columns
            opening = None if table_header(block) else _row(block, i, columns, above, context, authority)
            above = opening or above
        else:
            columns, above = {}, None
            opening = _dated(blocks, i, context, authority, prose) or _heading_first(
                blocks, i, context, authority, titles_first
            )
            if not opening and prose:
                opening = _over_sentence(blocks, i, context, authority)
            if not opening and last and not last.row:
                opening = _further(blocks, i, last, authority)
            if not opening and section(block):
                context = period_in(block.text, context)
        if opening:
            found[i] = last = replace(opening, level=block.level, style=number_style(block.text))
            here = f"{opening.day.year}年"
            context = context if context.startswith(here) else here
        i = opening.body if opening else i + 1
    return found


def _dated(blocks: Sequence[Block], i: int, context: str, authority: Authority, prose: bool) -> Opening | None:
    """A block that begins with a date; the heading follows in the block, or in the next."""
    block = blocks[i]
    found = dated(block.text, context)
    apart = block.level or not found or not found.rest or not (block.is_sentence or block.text.endswith(_OPEN_ENDS))
    if not found or not (prose or found.marked or apart):
        return None
    following = _until_marker(blocks, i + 1)
    if found.rest:
        head, rest = _cut(found.rest) if block.is_sentence else (found.rest, "")
        if read := read_heading(head, authority):
            return Opening(found.day, found.last, found.label, head, read, i + 1, (rest,) if rest else ())
        following = following[:1]
    # Up to the marker everything is heading; without one, the first block is, or the first two.
    whole = (
        len(following) if i + 1 + len(following) < len(blocks) and marker(blocks[i + 1 + len(following)].text) else 0
    )
    for count in dict.fromkeys((whole, 1, 2)):
        parts = [found.rest, *(part.text for part in following[:count])]
        if not 0 < count <= len(following) or sum(map(len, parts)) > _LONGEST_HEADING and count == whole > 1:
            continue
        text = "\n".join(filter(None, parts))
        head, rest = _cut(text) if following[count - 1].is_sentence else (text, "")
        if read := read_heading(without_number(head)[1], authority):
            rests = (rest,) if rest else ()
            return Opening(found.day, found.last, found.label, head, read, i + 1 + count, rests)
    return None


def _until_marker(blocks: Sequence[Block], start: int) -> list[Block]:
    """The blocks from ``start`` that can be lines of one heading."""
    found: list[Block] = []
    for block in blocks[start : start + 6]:
        label = dated(block.text, ANY_MONTH)
        if block.cells or marker(block.text) or (label and (label.marked or not label.rest)):
            break
        found.append(block)
    return found


def _titles_first(blocks: Sequence[Block], authority: Authority) -> bool:
    """Whether dates in lines of their own stand under the headings and not above them, as on news sites."""
    above = below = 0
    for i, block in enumerate(blocks):
        label = None if block.cells else dated(block.text, ANY_MONTH)
        if label and not label.rest:
            around = [_is_title(blocks[at], authority) if 0 <= at < len(blocks) else False for at in (i - 1, i + 1)]
            above += around == [True, False]
            below += around == [False, True]
    return above > below


def _is_title(block: Block, authority: Authority) -> bool:
    if block.cells or block.is_sentence or marker(block.text):
        return False
    return read_heading(without_number(block.text)[1], authority) is not None


def _heading_first(
    blocks: Sequence[Block], i: int, context: str, authority: Authority, titles_first: bool
) -> Opening | None:
    """A heading with its date at the end, under it, or in fields under it."""
    block = blocks[i]
    if block.is_sentence or len(block.text) > _LONGEST_HEADING or marker(block.text):
        return None
    last = trailing_date(block.text, context)
    if last and (read := read_heading(without_number(last.rest)[1], authority)):
        return Opening(last.day, None, last.label, last.rest, read, i + 1)
    if found := _over_fields(blocks, i, context, authority):
        return found
    under = dated(blocks[i + 1].text, context) if titles_first and i + 1 < len(blocks) else None
    if under and not under.rest and (read := read_heading(without_number(block.text)[1], authority)):
        return Opening(under.day, under.last, under.label, block.text, read, i + 2)
    return None


def _over_sentence(blocks: Sequence[Block], i: int, context: str, authority: Authority) -> Opening | None:
    """A heading without a date over a paragraph that begins with one."""
    if i + 1 == len(blocks) or not blocks[i + 1].is_sentence or not _is_title(blocks[i], authority):
        return None
    below = _dated(blocks, i + 1, context, authority, prose=True)
    return replace(below, heading=f"{blocks[i].text}\n{below.heading}") if below else None


def _over_fields(blocks: Sequence[Block], i: int, context: str, authority: Authority) -> Opening | None:
    """A heading over fields such as 发布日期：……, or fields of which one is the heading."""
    block = blocks[i]
    values = dict(fields(block.text))
    own, end = bool(values), i + 1
    while end < min(len(blocks), i + 1 + _MOST_FIELDS) and not blocks[end].cells and len(blocks[end].text) <= 300:
        more = {key: value for key, value in fields(blocks[end].text) if key != "summary"}
        if not more or marker(blocks[end].text) or more.keys() & values.keys():
            break
        values |= more
        end += 1
    if "title" in values and not own:  # the fields have their own heading
        return None
    day = dated(values.get("date", ""), context)
    title = values.get("title") if own else without_number(block.text)[1]
    if day is None or not title or not (read := _named(title, values, authority)):
        return None
    written = [part.text for part in blocks[i:end]]
    label, heading = ("\n".join(written), "") if own else ("\n".join(written[1:]), written[0])
    return Opening(day.day, day.last, label, heading, read, end)


def _further(blocks: Sequence[Block], i: int, last: Opening, authority: Authority) -> Opening | None:
    """A second document of a date: a heading with a name and departments, and the marker of a body under it."""
    block = blocks[i]
    if block.is_sentence or marker(block.text) or i + 1 == len(blocks) or not marker(blocks[i + 1].text):
        return None
    read = read_heading(without_number(block.text)[1], authority)
    if read is None or not names_in(block.text)[0] or not any(map(authority.get, read.signatories.issuers)):
        return None
    return Opening(last.day, last.last, "", block.text, read, i + 1)


def _row(
    block: Block,
    i: int,
    columns: Mapping[int, str],
    above: Opening | None,
    context: str,
    authority: Authority,
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
        title, cut = _cut(rest[0])
        rest = (cut, *rest[1:])
    read = _named(without_number(title)[1], cells, authority) if title else None
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


def _named(title: str, values: Mapping[str, str], authority: Authority) -> Heading | None:
    """Read a heading that a field or column says to be one, so that it needs no brackets to be a name."""
    read = read_heading(title, authority)
    if read is None and not names_in(title)[0]:
        read = read_heading(f"《{title}》", authority)
    if read is None:
        return None
    issuers = authority.resolve_all(values["issuers"]) if values.get("issuers") else None
    number = clean_number(values.get("number", "")) or read.number
    if issuers and issuers.issuers:
        kind = kind_of(read.documents[0], issuers.issuers) or read.kind
        read = replace(read, signatories=issuers, kind=kind, notes=())
    return replace(read, number=number)


def _cut(text: str) -> tuple[str, str]:
    """A paragraph that begins with a heading, in two: the heading, and what is said about it."""
    depth, named = 0, False
    for i, char in enumerate(text[:_LONGEST_HEADING]):
        if char in "《〈":
            depth += 1
        elif char in "》〉":
            depth = max(0, depth - 1)
            named = True
        elif not depth and (char in _STOP or char in "，：," and (named or kind_of(text[:i]))):
            return text[: i + 1].strip(), text[i + 1 :].strip()
    return text, ""
