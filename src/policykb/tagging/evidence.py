"""What a tag is suggested for: a policy as the tagger reads it, what speaks for a tag in it, and where."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from functools import cached_property
from operator import add
from typing import Literal, NamedTuple

from policykb.domain.policy import Policy
from policykb.text.fold import BREAK, fold, fold_with_offsets

READ = 30_000  # characters of a body that are read: what a document is about shows long before
OPENING = 80, 400  # the opening of a body: whole paragraphs until it has the first, cut at the second

_HAN = re.compile("[\u3400-\u9fff]{2,}")
_SENTENCE_END = re.compile(r"[。！？；\n]")
_PASSAGE = 40  # characters of the passage before and after the words

Source = Literal["trigger", "learned"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words that speak for a tag, or against it, and what they contribute.

    ``field`` is "title", "documents" or "body". ``start`` and ``end`` are where the words stand first: in the title,
    in the document's name or in the body, as stored; ``text`` is the passage around them. ``weight``, in log-odds,
    is that of all ``count`` times the words stand in the field.
    """

    field: str
    text: str
    start: int
    end: int
    words: str
    weight: float
    source: Source
    count: int = 1

    def as_dict(self) -> dict[str, object]:
        """The evidence as JSON gives it."""
        return asdict(self) | {"weight": round(self.weight, 3)}


class Part:
    """A text of a policy as it is stored and as it is matched (``folded``)."""

    def __init__(self, field: str, stored: str) -> None:
        self.field = field
        self.stored = stored
        self.folded = fold(stored)

    @cached_property
    def _origin(self) -> list[int]:
        return fold_with_offsets(self.stored)[1]

    def passage(self, at: int, length: int) -> tuple[str, int, int]:
        """The passage around a place in the folded text, and the place in the stored one."""
        stored = self.stored
        start, end = self._origin[at], self._origin[at + length - 1] + 1
        if self.field != "body":
            return stored, start, end
        earliest, latest = max(0, start - _PASSAGE), min(len(stored), end + _PASSAGE)
        first = max((mark.end() for mark in _SENTENCE_END.finditer(stored, earliest, start)), default=earliest)
        after = _SENTENCE_END.search(stored, end, latest)
        return stored[first : after.start() if after else latest].strip(), start, end


class Contribution(NamedTuple):
    """The evidence before it is put into words: a place in the folded text of a part, and its weight."""

    part: Part
    at: int
    length: int
    weight: float
    source: Source
    count: int = 1  # type: ignore[assignment]  # hides tuple.count, which nobody needs here

    def evidence(self) -> Evidence:
        """What a person is shown."""
        text, start, end = self.part.passage(self.at, self.length)
        words = self.part.stored[start:end]
        return Evidence(self.part.field, text, start, end, words, self.weight, self.source, self.count)


class PolicyText:
    """A policy as the tagger reads it: title and names of documents, the body, and where its opening ends."""

    def __init__(self, policy: Policy, *, most: int = READ) -> None:
        """Reads at most ``most`` characters of the body."""
        self.names = [Part("title", policy.title), *(Part("documents", name) for name in policy.documents)]
        self.body = Part("body", policy.body[:most])
        enough, limit = OPENING
        end = 0
        while 0 <= end < enough:
            end = self.body.folded.find(BREAK, end + 1)
        self.opening = min(end if end > 0 else len(self.body.folded), limit)

    def bigrams(self) -> set[str]:
        """The bigrams of Han characters that stand in a name or in the opening."""
        found: set[str] = set()
        for text in (*(part.folded for part in self.names), self.body.folded[: self.opening]):
            for run in _HAN.findall(text):
                found.update(map(add, run, run[1:]))
        return found
