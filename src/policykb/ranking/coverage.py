"""How much of a query each document covers, for all documents at once.

A counter a document, kept bit by bit: the integer of plane n has bit d set where the counter of document d has bit n
set. Adding to any number of counters is a few operations on integers as long as the collection, microseconds each.
"""

from __future__ import annotations

from collections.abc import Iterable

from policykb.ranking.docset import DocSet

FULL = 511  # the counter of a document that covers everything
_PLANES = 10  # rounding may add a little


class Coverage:
    """The share of a query's parts, in steps of 1 / `FULL`, that each document has."""

    def __init__(self, parts: Iterable[tuple[DocSet, float]]) -> None:
        """``parts`` are the documents that have each, and what it counts; one that no document has counts nothing."""
        self._planes = [0] * _PLANES
        weighed = [(documents.bits, worth) for documents, worth in parts if worth]
        total = sum(worth for _, worth in weighed)
        for bits, worth in weighed:
            self._add(bits, round(worth / total * FULL))

    def _add(self, bits: int, steps: int) -> None:
        planes, carry = self._planes, 0
        for number, plane in enumerate(planes):
            added = bits if steps >> number & 1 else 0
            if added or carry:
                planes[number] = plane ^ added ^ carry
                carry = plane & added | carry & (plane ^ added)

    def at_least(self, steps: int, among: DocSet) -> DocSet:
        """Those of the documents that cover so many steps or more."""
        more, equal = 0, among.bits
        for number in reversed(range(_PLANES)):
            plane = self._planes[number]
            if steps >> number & 1:
                equal &= plane
            else:
                more |= equal & plane
                equal &= ~plane
        return DocSet(more | equal)

    def most(self, count: int, among: DocSet) -> DocSet:
        """At least ``count`` of the documents, if there are so many, that cover the most."""
        low, high = 0, FULL + 1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if len(self.at_least(middle, among)) >= count else (low, middle)
        return self.at_least(low, among)
