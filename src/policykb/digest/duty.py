"""Who has to do what is due by a day, read from the sentence that says so; nobody where it does not say it.

The words are those of ``data/deadlines.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from policykb.domain.names import any_of

_MARK = r"，。；：:！？?!,;\n"  # ends a clause
_LONGEST = 40  # characters of who has to do it
_TERM = 12  # characters between those whose term it is, and the word for it


class Duty:
    """Finds who is obliged, by the words of a data file."""

    def __init__(self, words: Mapping[str, tuple[str, ...]]) -> None:
        self._words = words
        lists = ("actors", "duty", "no_duty", "between", "at", "before", "asking", "directing", "giving", "after")
        actors, duty, no_duty, between, at, before, asking, directing, giving, after = (
            any_of(words[name]) for name in lists
        )
        name = rf"(?P<who>[^{_MARK}]{{0,{_LONGEST}}}?(?:{actors})(?:（[^（）]{{1,8}}）)?)"
        must = rf"(?!{no_duty})(?:{duty})"
        adverb = rf"(?:{between})?"
        # who must: anywhere in a clause, the shortest such beginning; who by the day: right before it
        self._obliged = re.compile(rf"(?:^|[{_MARK}]){name}{adverb}{must}")
        self._by_day = re.compile(rf"(?:^|[{_MARK}]){name}{adverb}(?:{at})?\s*\Z")
        self._term = re.compile(rf"(?:^|[{_MARK}]){name}的[^{_MARK}]{{0,{_TERM}}}?(?:{before})")
        self._behind = re.compile(rf"\A(?:{after})[，,]?{name}{adverb}{must}")
        self._asking = re.compile(rf"\A(?:{asking}|\s)+")
        self._directing = re.compile(rf".*(?:{directing})(?=.)")
        self._giving = re.compile(giving)

    def who(self, sentence: str, start: int, end: int) -> str:
        """Who has to do what ``sentence`` wants done by the day at ``start:end`` of it, empty where it does not say."""
        if (found := self._by_day.search(sentence[:start])) and (name := self._name(found["who"])):
            return name
        if (found := self._behind.match(sentence[end:])) and (name := self._name(found["who"])):
            return name
        # else the nearest clause before the day
        found_before = [one for form in (self._obliged, self._term) for one in form.finditer(sentence[:start])]
        nearest = sorted(found_before, key=lambda one: one.start("who"), reverse=True)
        return next((name for one in nearest if (name := self._name(one["who"]))), "")

    def _name(self, written: str) -> str:
        """What of a clause is the name; empty where what ends like one is something else."""
        name = self._asking.sub("", written.strip())
        name = self._directing.sub("", name)
        return "" if self._giving.search(name) else name.strip()
