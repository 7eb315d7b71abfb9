"""Who signed, from a written list: A、B会同C等九部门."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from policykb.domain.numerals import number_in

_LONGEST_LIST, _LONGEST_ENTRY = 5000, 200  # characters, in all and between two separators; more is prose
_SEPARATOR = re.compile(r"[、，,；;]+")
_LOOSE_SPACE = re.compile(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])")
CONNECTOR = re.compile(r"以及|会同|联合|[和与及]")
_OWNCONNECTORS = 3  # at most so many belong to one name

_COUNT = r"(?P<count>[0-9０-９]{1,3}|[一二两三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九])"
_TOTAL = re.compile(
    rf"(?:(?:等|以及|及|和|与|会同)? ?(?:{_COUNT} ?(?P<about>余)?[个家]?|[多各]个?|其他|有关|相关)|等) ?"
    r"(?:有关|相关)?(?:部门|部委局?|委办局|单位|机构)"
    r"(?: ?\w{1,12})?(?: ?[(（][^()（）]{1,40}[)）])?(?: ?联合)?\Z"
)
_ET_CETERA = re.compile(r" ?(?:等|联合)\Z")


@dataclass(frozen=True, slots=True)
class Signatories:
    """Who signed: canonical names (as written where not in the file) in order, each once.

    ``count`` is the stated total where it exceeds the names listed (A、B等九部门: 9), otherwise None.
    """

    issuers: tuple[str, ...]
    count: int | None = None


class IssuerLists:
    """Reads written lists of departments.

    和, 与, 及, 会同 and 联合 separate only beside a known name, so that 住房和城乡建设部 stays one.
    """

    def __init__(self, is_known: Callable[[str], bool], longest: int) -> None:
        """``is_known`` says whether a text is a department's name, ``longest`` is how long one can be."""
        self._is_known = is_known
        self._longest = longest

    def read(self, text: str) -> tuple[list[str], int]:
        """The names in a written list, and the total it states, 0 for none."""
        text = " ".join(text.split()).rstrip(" :：")
        if len(text) > _LONGEST_LIST:
            return [text], 0
        total = _TOTAL.search(text)
        stated = number_in(total["count"]) if total and total["count"] and not total["about"] else 0
        listed = text[: total.start()] if total else _ET_CETERA.sub("", text)
        names = (name for entry in _SEPARATOR.split(listed) for name in self._entry(entry.strip()))
        return [name for name in names if name], stated

    def _entry(self, entry: str) -> list[str]:
        """The names between two separators of a list, where only spaces or connecting words divide them."""
        parts = [part for part in _LOOSE_SPACE.split(entry) if part]
        if len(parts) > 1:
            runs = [self._run(part) for part in parts]
            if not all(runs):  # a space inside a name: 财 政 部, or a line wrapped in the middle of one
                runs = [self._run(entry.replace(" ", ""))]
            return [n for run in runs for n in run] or [n for part in parts for n in self._entry(part)]
        if names := self._run(entry):
            return names
        for connector in islice(CONNECTOR.finditer(entry[:_LONGEST_ENTRY]), _OWNCONNECTORS + 1):
            left, right = entry[: connector.start()], entry[connector.end() :]
            if left and right and (self._run(left) or self._run(right)):
                return [*self._entry(left), *self._entry(right)]
        return [entry]

    def _run(self, entry: str) -> list[str]:
        """The fewest known names that make up ``entry``, connecting words between them aside; else []."""
        if len(entry) > _LONGEST_ENTRY:
            return []
        reached: dict[int, list[str]] = {0: []}
        for start in range(len(entry)):
            if start not in reached:
                continue
            connector = CONNECTOR.match(entry, start) if start else None
            for begin in {start, connector.end() if connector else start}:
                for end in range(begin + 1, min(len(entry), begin + self._longest) + 1):
                    fewer = end not in reached or len(reached[end]) > len(reached[start]) + 1
                    if fewer and self._is_known(entry[begin:end]):
                        reached[end] = [*reached[start], entry[begin:end]]
        return reached.get(len(entry), [])
