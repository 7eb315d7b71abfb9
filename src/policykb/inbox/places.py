"""Where in a document's text a value stands that was read from it."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, NamedTuple

from policykb.domain.dates_in_text import find_dates
from policykb.domain.issuers import Authority
from policykb.text.fold import fold_with_offsets

_SENTENCE_END = re.compile(r"[。！？；\n]")
_AROUND = 60  # characters of a sentence that are shown before and after a value
_SHORT = 24  # characters of a line that says little by itself
AT_THE_END = ("signature", "date under the text", "line of the printing office")  # places at the end of a document


class Place(NamedTuple):
    """``text[start:end]`` is the value."""

    start: int
    end: int


def find(value: Any, where: str, text: str, authority: Authority) -> list[Place]:
    """The places where a value, or each of several, stands, in order; those nearest to ``where`` of each.

    A place is none that folding of widths, brackets and spaces does not reach: 十五部门 for 15 is not found.
    """
    last = any(one in where for one in AT_THE_END)
    if isinstance(value, date):
        places = [Place(start, end) for start, end, day in find_dates(text) if day == value]
        return places[-1:] if last else places[:1]
    several = isinstance(value, tuple)
    names = [one for one in (value if several else (value,)) if isinstance(one, str)]
    mentioned = authority.find(text) if several else []
    found = set()
    for name in names:
        some = [Place(start, end) for start, end, organ in mentioned if organ == name] or _occurrences(name, text)
        found.update(some[-1:] if last else some[:1])
    return sorted(found)


def _occurrences(name: str, text: str) -> list[Place]:
    folded, origin = fold_with_offsets(text)
    wanted = fold_with_offsets(name)[0]
    if not wanted:
        return []
    return [
        Place(origin[match.start()], origin[match.end() - 1] + 1) for match in re.finditer(re.escape(wanted), folded)
    ]


def sentence(text: str, place: Place) -> str:
    """The sentence around a place, shortened on both sides where it is long, with its neighbours where it is short."""
    earliest, latest = max(0, place.start - _AROUND), min(len(text), place.end + _AROUND)
    first = max((mark.end() for mark in _SENTENCE_END.finditer(text, earliest, place.start)), default=earliest)
    after = _SENTENCE_END.search(text, place.end, latest)
    last = after.end() if after else latest
    around = [text[first:last]]
    if last - first < _SHORT:  # a line of a signature
        before = text[max(0, first - _AROUND) : first].rstrip().rpartition("\n")[2]
        after_it = text[last : last + _AROUND].lstrip().partition("\n")[0]
        around = [part if len(part) < _SHORT else "" for part in (before, after_it)]
        around.insert(1, text[first:last])
    return " ".join(" ".join(around).split())
