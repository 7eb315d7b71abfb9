"""Where the entries of a review begin: at which block, with which date and heading, however it is laid out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from policykb.domain.issuers import Authority
from policykb.domain.wording import names_in
from policykb.importing.blocks import Block, chapter_heading, enumerator_style, marker, period_in, without_enumerator
from policykb.importing.dated import ANY_MONTH, dated, trailing_date
from policykb.importing.labels import review_values
from policykb.importing.review.headings import read_heading
from policykb.importing.review.opening import LONGEST_HEADING, Opening, cut_heading, named_in
from policykb.importing.review.table_rows import read_row, table_header

_MOST_FIELDS = 8  # lines such as 发布机构：…… under a heading
_OPEN_ENDS = ("，", "、", "：", ",", ":")


def find_openings(blocks: Sequence[Block], authority: Authority, context: str) -> dict[int, Opening]:
    """The openings by the index of their first block; ``context`` is that of the first dates, as in
    `policykb.importing.dated.dated`.

    Sentences that begin with a date count only in a review where no entry is set apart in any other way: else they
    are part of a body.
    """
    return _scan(blocks, authority, context, prose=False) or _scan(blocks, authority, context, prose=True)


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
            opening = None if table_header(block) else read_row(block, i, columns, above, context, authority)
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
            if not opening and chapter_heading(block):
                context = period_in(block.text, context)
        if opening:
            found[i] = last = replace(opening, level=block.level, style=enumerator_style(block.text))
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
        head, rest = cut_heading(found.rest) if block.is_sentence else (found.rest, "")
        if read := read_heading(head, authority):
            return Opening(found.day, found.last, found.label, head, read, i + 1, (rest,) if rest else ())
        following = following[:1]
    # Up to the marker everything is heading; without one, the first block is, or the first two.
    whole = (
        len(following) if i + 1 + len(following) < len(blocks) and marker(blocks[i + 1 + len(following)].text) else 0
    )
    for count in dict.fromkeys((whole, 1, 2)):
        parts = [found.rest, *(part.text for part in following[:count])]
        if not 0 < count <= len(following) or sum(map(len, parts)) > LONGEST_HEADING and count == whole > 1:
            continue
        text = "\n".join(filter(None, parts))
        head, rest = cut_heading(text) if following[count - 1].is_sentence else (text, "")
        if read := read_heading(without_enumerator(head)[1], authority):
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
    return read_heading(without_enumerator(block.text)[1], authority) is not None


def _heading_first(
    blocks: Sequence[Block], i: int, context: str, authority: Authority, titles_first: bool
) -> Opening | None:
    """A heading with its date at the end, under it, or in fields under it."""
    block = blocks[i]
    if block.is_sentence or len(block.text) > LONGEST_HEADING or marker(block.text):
        return None
    last = trailing_date(block.text, context)
    if last and (read := read_heading(without_enumerator(last.rest)[1], authority)):
        return Opening(last.day, None, last.label, last.rest, read, i + 1)
    if found := _over_fields(blocks, i, context, authority):
        return found
    under = dated(blocks[i + 1].text, context) if titles_first and i + 1 < len(blocks) else None
    if under and not under.rest and (read := read_heading(without_enumerator(block.text)[1], authority)):
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
    values = review_values(block.text)
    own, end = bool(values), i + 1
    while end < min(len(blocks), i + 1 + _MOST_FIELDS) and not blocks[end].cells and len(blocks[end].text) <= 300:
        more = {key: value for key, value in review_values(blocks[end].text).items() if key != "summary"}
        if not more or marker(blocks[end].text) or more.keys() & values.keys():
            break
        values |= more
        end += 1
    if "title" in values and not own:  # the fields have their own heading
        return None
    day = dated(values.get("date", ""), context)
    title = values.get("title") if own else without_enumerator(block.text)[1]
    if day is None or not title or not (read := named_in(title, values, authority)):
        return None
    written = [part.text for part in blocks[i:end]]
    label, heading = ("\n".join(written), "") if own else ("\n".join(written[1:]), written[0])
    return Opening(day.day, day.last, label, heading, read, end)


def _further(blocks: Sequence[Block], i: int, last: Opening, authority: Authority) -> Opening | None:
    """A second document of a date: a heading with a name and departments, and the marker of a body under it."""
    block = blocks[i]
    if block.is_sentence or marker(block.text) or i + 1 == len(blocks) or not marker(blocks[i + 1].text):
        return None
    read = read_heading(without_enumerator(block.text)[1], authority)
    if read is None or not names_in(block.text)[0] or not any(map(authority.get, read.signatories.issuers)):
        return None
    return Opening(last.day, last.last, "", block.text, read, i + 1)
