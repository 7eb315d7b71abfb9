"""Facets: how many of some documents have each department, tag, kind, status, level, region and month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from policykb.ranking.docset import DocSet
from policykb.search.links import Links
from policykb.search.record import FACETS, UNDATED
from policykb.search.request import FILTERED

if TYPE_CHECKING:
    from policykb.ranking.reader import Reader
    from policykb.search.request import SearchRequest

States = Callable[[Links], Mapping[int, str]]


class Facets:
    """Counts in one snapshot of the index; keeps the documents of each value for the next query."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def asked(
        self, request: SearchRequest, documents: DocSet, find: Callable[[SearchRequest], DocSet]
    ) -> dict[str, dict[str, int]]:
        """The facets of the documents that a request found; with siblings those of what it finds without each filter.

        ``find`` gives the documents of a request.
        """
        filters = request.filters
        facets = self.count(documents, filters.states)
        for name, attribute in FILTERED.items() if request.facet_siblings else ():
            if getattr(filters, attribute):
                wider = request._replace(filters=filters.without(attribute), limit=0, offset=0)
                states = filters.states if name == "validity" else None
                facets[name] = self.count(find(wider), states)[name]
        return facets

    def count(self, documents: DocSet, states: States | None = None) -> dict[str, dict[str, int]]:
        """Values and how many of the documents have each, by facet: the most first, months in their order.

        With ``states``, how many of them are in each, too.
        """
        counts: dict[str, dict[str, int]] = {}
        for name, values in self._values.items():
            found = {value: number for value, having in values.items() if (number := len(having & documents))}
            counts[name] = dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
        months = {month: len(having & documents) for month, having in self._months.items()}
        counts["month"] = {month: number for month, number in months.items() if number}
        if states:
            known = states(self._reader.links)
            counted = Counter(known[one] for one in documents if one in known)
            counts["validity"] = dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))
        return counts

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
