"""A review that lists documents by date -> its entries, and what of it is none.

A review is read as blocks in order. A date opens an entry: alone on its line, before or after the heading, in a
row of a table, or in a field; the heading says who issued what, and the text under it, after a marker such as
要点分析 if there is one, is the body. A chapter heading closes the entry. Every block ends up in an entry, in
``skipped`` (chapters on other subjects, headings, captions) or in ``leftovers`` (not understood), whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from policykb.domain.issuers import Authority
from policykb.domain.levels import level_of, region_of
from policykb.domain.policy import Policy, entry_id
from policykb.domain.spacing import join_lines
from policykb.importing.blocks import Block, Chapter, blocks, chapter_heading, is_caption, marker, period_in
from policykb.importing.dated import ANY_MONTH, dated
from policykb.importing.formats.source import Source
from policykb.importing.review.headings import Heading
from policykb.importing.review.opening import Opening
from policykb.importing.review.openings import find_openings
from policykb.importing.review.table_rows import table_header
from policykb.importing.same_document import free_id
from policykb.mining.life import effective_date

_LONGEST_TITLE = 80
_SURE = 0.85  # of what is concluded: a review shows nobody how sure it is
_SINGLE = ("title", "heading", "caption", "head of a table")  # passages that are one paragraph


@dataclass(frozen=True, slots=True)
class ReviewEntry:
    """One entry of a review.

    ``label``, ``heading``, ``marker`` and ``body`` (its paragraphs) together hold every character of the lines
    ``line_from`` to ``line_to``; ``policy``, without tags, and ``read`` are what was read out of them.
    """

    policy: Policy
    read: Heading
    label: str
    heading: str
    marker: str
    body: tuple[str, ...]
    line_from: int
    line_to: int


@dataclass(frozen=True, slots=True)
class Passage:
    """Lines of a review that are in no entry, and why."""

    line_from: int
    line_to: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Review:
    """A review: its entries in order, what was ``skipped`` as something else, what was not understood."""

    title: str
    entries: tuple[ReviewEntry, ...]
    skipped: tuple[Passage, ...]
    leftovers: tuple[Passage, ...]


def parse_review(source: Source, authority: Authority) -> Review:
    """Read a review; it never fails, what cannot be understood is in ``leftovers``."""
    parts = blocks(source.lines)
    title, has_title = _title(source, parts)
    openings = find_openings(parts, authority, period_in(title))
    entries: list[ReviewEntry] = []
    skipped, leftovers = list[tuple[int, Passage]](), list[tuple[int, Passage]]()
    chapter: Chapter | None = None
    period: str | None = None
    styles: set[str] = set()
    current: Opening | None = None
    opened, body = 0, list[Block]()

    def close() -> None:
        if current:
            where = f"{title}，{period}" if period else title
            entries.append(_entry(current, parts[opened : current.body], body, where, authority))
            body.clear()

    i = 0
    while i < len(parts):
        block, opening = parts[i], openings.get(i)
        heading = None if opening or is_caption(block) or (i == 0 and has_title) else chapter_heading(block)
        if heading and current and not _ends(heading, block, current, styles):
            heading = None
        if opening or heading or (current and current.row):
            close()
            current = None
        reason, understood = "", True
        if opening:
            current, opened, i = opening, i, opening.body
            continue
        if heading:
            chapter, period = heading, heading.period or period
            styles.add(heading.style)
            reason = "heading"
        elif i == 0 and has_title:
            chapter, reason = chapter_heading(block), "title"
        elif is_caption(block):
            reason = "caption"
        elif block.cells and table_header(block):
            reason = "head of a table"
        elif current:
            body.append(block)
        elif block.cells and not (chapter and chapter.lists is False):
            reason, understood = "a row without a date or a document", False
        elif problem := _problem(block):
            reason, understood = problem, False
        elif openings and (chapter is None or chapter.lists is False):
            reason = f"chapter: {chapter.text}" if chapter else "introduction"
        else:
            reason, understood = "no entry recognised", False
        if reason:
            passage = Passage(block.first, block.last, block.text, reason)
            (skipped if understood else leftovers).append((i, passage))
        i += 1
    close()
    return Review(title, tuple(entries), _merged(skipped), _merged(leftovers))


def to_policies(review: Review) -> list[Policy]:
    """The entries as policies, in order, without tags; of two with the same id the later gets -2, -3 and so on."""
    taken: dict[str, int] = {}
    return [replace(entry.policy, id=free_id(entry.policy.id, taken)) for entry in review.entries]


def _title(source: Source, parts: Sequence[Block]) -> tuple[str, bool]:
    """The review's title, and whether it is its first block."""
    first = parts[0]
    head = chapter_heading(first)
    is_label = first.is_sentence or first.cells or first.text.startswith("《") or dated(first.text, ANY_MONTH)
    if not is_label and len(first.text) <= _LONGEST_TITLE and not (head and (head.style or head.is_period)):
        return first.text, True
    above = next((line.text for line in source.dropped if line.level == 1), None)
    stem = source.name.rpartition(".")[0] or source.name
    return join_lines([above or source.meta.get("title") or stem]).strip("《》"), False


def _ends(heading: Chapter, block: Block, opening: Opening, styles: set[str]) -> bool:
    """Whether a heading in the body of an entry is none of the body's own."""
    if block.level:
        return not opening.level or block.level <= opening.level
    if heading.style:
        return heading.style in styles or heading.style == opening.style
    return True


def _problem(block: Block) -> str:
    """Why a block that looks like the beginning of an entry is none."""
    label = dated(block.text) or dated(block.text, ANY_MONTH)
    if not label or block.cells or not (label.marked or not label.rest):
        return ""
    if not dated(block.text):
        return "a date without a year, and no heading above states one"
    return "a date without a document or meeting after it"


def _merged(passages: Iterable[tuple[int, Passage]]) -> tuple[Passage, ...]:
    """Passages by the index of their block: neighbouring paragraphs of one chapter as one."""
    runs: list[list[Passage]] = []
    last = -2
    for i, passage in passages:
        if i == last + 1 and runs[-1][0].reason == passage.reason and passage.reason not in _SINGLE:
            runs[-1].append(passage)
        else:
            runs.append([passage])
        last = i
    return tuple(
        replace(run[0], line_to=run[-1].line_to, text="\n".join(passage.text for passage in run)) for run in runs
    )


def _entry(
    opening: Opening, head: Sequence[Block], body: Sequence[Block], where: str, authority: Authority
) -> ReviewEntry:
    paragraphs = [*opening.rest, *(block.text for block in body)]
    announced = marker(paragraphs[0]) if paragraphs else None
    if announced:
        paragraphs[0] = paragraphs[0][len(announced) :]
    paragraphs = [join_lines([paragraph]) for paragraph in paragraphs if paragraph.strip()]
    read = opening.read
    issuers = read.signatories.issuers
    level = level_of(issuers, read.number, read.kind, read.status, read.title, authority)
    region = region_of(issuers, read.number, authority)
    policy = Policy(
        id=entry_id(opening.day, read.title),
        title=read.title,
        date=opening.day,
        date_end=opening.last,
        issuers=issuers,
        issuer_count=read.signatories.count,
        kind=read.kind,
        status=read.status,
        level=level.value if level and level.confidence >= _SURE else None,
        region=region.value if region and region.confidence >= _SURE else None,
        documents=read.documents if len(read.documents) > 1 else (),
        number=read.number,
        effective=effective_date("\n".join(paragraphs), read.documents, opening.day),
        source=where,
        body="\n\n".join(paragraphs),
    )
    first, last = head[0].first, (body or head)[-1].last
    return ReviewEntry(policy, read, opening.label, opening.heading, announced or "", tuple(paragraphs), first, last)
