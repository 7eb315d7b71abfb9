"""Facets: how many of some documents have each department, tag, kind, status, and month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from policykb.engines.whoosh.docset import DocSet
from policykb.engines.whoosh.links import WhooshLinks
from policykb.search.record import FACETS, UNDATED

if TYPE_CHECKING:
    from policykb.engines.whoosh.reader import Reader
    from policykb.search.links import Links


class Facets:
    """Counts in one snapshot of the index; keeps the documents of each value for the next query."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def count(self, documents: DocSet) -> dict[str, dict[str, int]]:
        """Values and how many of the documents have each, by facet: the most first, months in their order."""
        counts: dict[str, dict[str, int]] = {}
        for name, values in self._values.items():
            found = {value: number for value, having in values.items() if (number := len(having & documents))}
            counts[name] = dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
        months = {month: len(having & documents) for month, having in self._months.items()}
        counts["month"] = {month: number for month, number in months.items() if number}
        return counts

    def validity(self, documents: DocSet, states: Callable[[Links], Mapping[int, str]]) -> dict[str, int]:
        """How many of the documents are in each state, the most first."""
        counted = Counter(state for one, state in states(WhooshLinks(self._reader)).items() if one in documents)
        return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))

    @cached_property
    def _values(self) -> Mapping[str, Mapping[str, DocSet]]:
        postings, terms = self._reader.postings, self._reader.terms
        return {name: {value: postings(name, value).documents for value in terms(name)} for name in FACETS}

    @cached_property
    def _months(self) -> Mapping[str, DocSet]:
        """The documents of each month (2024-06) that has any, the oldest first; those without a day are in none."""
        by_day: dict[int, list[int]] = {}
        for number, day in enumerate(self._reader.days):
            by_day.setdefault(day, []).append(number)
        by_month: dict[str, list[int]] = {}
        by_day.pop(UNDATED, None)
        for day in sorted(by_day):
            by_month.setdefault(date.fromordinal(day).isoformat()[:7], []).extend(by_day[day])
        return {month: DocSet.of(numbers) for month, numbers in by_month.items()}
