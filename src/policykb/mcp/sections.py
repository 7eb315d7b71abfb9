"""The parts of a text that an outline lists: what stands under a heading, and each article of a law."""

from __future__ import annotations

import re
from typing import NamedTuple

_HEADING = re.compile(
    r"^(?:#{1,6}\s+(?P<title>.+?)\s*#*|\**(?P<article>第[〇零一二三四五六七八九十百千0-9]{1,8}[编章节条])(?P<rest>.*))$",
    re.M,
)
_LONGEST = 40  # characters of a name


class Section(NamedTuple):
    """A heading or 第…条 and what it begins: characters from ``start`` up to ``end`` of the body."""

    name: str
    start: int
    end: int


def sections(body: str) -> list[Section]:
    """The sections of a body in order, none inside another; what stands before the first one has no name."""
    marks = [(match.start(), _name(match)) for match in _HEADING.finditer(body)]
    if not marks or body[: marks[0][0]].strip():
        marks.insert(0, (0, ""))
    ends = [start for start, _name in marks[1:]] + [len(body)]
    return [Section(name, start, end) for (start, name), end in zip(marks, ends, strict=True)]


def _name(match: re.Match[str]) -> str:
    if match["title"]:
        return match["title"][:_LONGEST]
    article, rest = match["article"], match["rest"].strip()
    return article if article.endswith("条") else f"{article} {rest}"[:_LONGEST].strip()
