"""`Selection`: a set of documents that is not looked up: a query of OpenSearch, combined as other sets are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from policykb.ranking.docset import NONE, DocSet

Query = Mapping[str, Any]
Count = Callable[[Query], int]

EVERYTHING: Query = {"match_all": {}}
NOTHING: Query = {"match_none": {}}


class Selection(DocSet):
    """The documents that a query selects. How many these are is asked for when it is used, and never before."""

    __slots__ = ("_count", "query")

    def __init__(self, query: Query, count: Count) -> None:
        super().__init__(0)
        self.query, self._count = query, count

    def _made(self, query: Query) -> Selection:
        return Selection(query, self._count)

    def __and__(self, other: DocSet) -> DocSet:
        one, two = self.query, query_of(other)
        if NOTHING in (one, two):
            return self._made(NOTHING)
        if two == EVERYTHING or one == two:
            return self
        if one == EVERYTHING:
            return self._made(two)
        return self._made({"bool": {"filter": [*_all_of(one), *_all_of(two)]}})

    def __or__(self, other: DocSet) -> DocSet:
        one, two = self.query, query_of(other)
        if two == NOTHING or one in (two, EVERYTHING):
            return self
        if one == NOTHING or two == EVERYTHING:
            return self._made(two)
        return self._made({"bool": {"should": [*_any_of(one), *_any_of(two)], "minimum_should_match": 1}})

    def __sub__(self, other: DocSet) -> DocSet:
        one, two = self.query, query_of(other)
        if two == NOTHING or one == NOTHING:
            return self
        if two == EVERYTHING:
            return self._made(NOTHING)
        return self._made({"bool": {"filter": _all_of(one), "must_not": [two]}})

    def __rand__(self, other: DocSet) -> DocSet:
        return self & other

    def __ror__(self, other: DocSet) -> DocSet:
        return self | other

    def __rsub__(self, other: DocSet) -> DocSet:
        return self._made(query_of(other)) - self

    def __len__(self) -> int:
        return 0 if self.query == NOTHING else self._count(self.query)

    def __bool__(self) -> bool:
        return len(self) > 0

    def __iter__(self) -> Iterator[int]:
        raise TypeError("documents of a cluster have no numbers")

    def __contains__(self, number: int) -> bool:
        raise TypeError("documents of a cluster have no numbers")

    def __eq__(self, other: object) -> bool:
        """Whether the two are known, without asking, to be the same."""
        return isinstance(other, DocSet) and self.query == query_of(other)

    def __hash__(self) -> int:
        return hash(repr(self.query))

    def __repr__(self) -> str:
        return f"Selection({self.query})"


def query_of(documents: DocSet) -> Query:
    """What selects some documents: a selection, or no documents."""
    if isinstance(documents, Selection):
        return documents.query
    assert documents.bits == NONE.bits, "documents that are numbers mean nothing to a cluster"
    return NOTHING


def constant(documents: DocSet, score: float) -> Query:
    """What gives each of the documents a score."""
    return {"constant_score": {"filter": query_of(documents), "boost": score}}


def once(query: Query, factor: float) -> Query:
    """What gives each of the documents the score of something that counts once, by its length."""
    value = {"field": "once", "factor": factor}
    return {"function_score": {"query": query, "field_value_factor": value, "boost_mode": "replace"}}


def _all_of(query: Query) -> Sequence[Query]:
    parts = query.get("bool", {})
    return parts["filter"] if parts.keys() == {"filter"} else [query]


def _any_of(query: Query) -> Sequence[Query]:
    parts = query.get("bool", {})
    return parts["should"] if parts.keys() == {"should", "minimum_should_match"} else [query]
