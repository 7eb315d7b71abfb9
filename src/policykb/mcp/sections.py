"""The parts of a text that an outline lists: what stands under a heading, and each article of a law."""

from __future__ import annotations

import re
from typing import NamedTuple

from policykb.text.articles import articles

_HEADING = re.compile(
    r"^(?:#{1,6}[^\S\n]+(?P<title>\S.*)|(?P<chapter>第[一二三四五六七八九十百0-9]{1,6}[编章节](?!第).*))$", re.MULTILINE
)
_LONGEST = 40  # characters of a name


class Section(NamedTuple):
    """A heading or 第…条 and what it begins: characters from ``start`` up to ``end`` of the body."""

    name: str
    start: int
    end: int


def sections(body: str) -> list[Section]:
    """The sections of a body in order, none inside another; what stands before the first one has no name."""
    marks = {match.start(): _name(match) for match in _HEADING.finditer(body)}
    marks |= {start: name for name, start, _end in articles(body)}
    starts = sorted(marks)
    if not starts or body[: starts[0]].strip():
        marks[0] = ""
        starts = sorted(marks)
    return [
        Section(marks[start][:_LONGEST], start, end)
        for start, end in zip(starts, [*starts[1:], len(body)], strict=True)
    ]


def _name(match: re.Match[str]) -> str:
    """What a heading says, without the signs that may close it; what a pattern for them would take long over."""
    said = (match["title"] or match["chapter"]).strip()
    return said.rstrip("#").rstrip() or said
