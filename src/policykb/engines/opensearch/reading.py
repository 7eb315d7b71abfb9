"""What is asked of an index as a whole: frequencies, values, words; postings are selections, which nobody reads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from threading import local
from typing import TYPE_CHECKING, Any

from policykb.engines.opensearch.candidates import FIELDS, Candidates
from policykb.engines.opensearch.facets import MOST_VALUES, buckets
from policykb.engines.opensearch.links import ClusterLinks
from policykb.engines.opensearch.mapping import clean
from policykb.engines.opensearch.selection import EVERYTHING, NOTHING, Query, Selection, query_of
from policykb.ranking.docset import DocSet
from policykb.ranking.reader import Postings
from policykb.search.record import UNDATED
from policykb.text.lexicon_file import CompiledLogProbs

if TYPE_CHECKING:
    from policykb.engines.opensearch.cluster import Cluster
    from policykb.engines.opensearch.matching import QueryMatcher

_AT_ONCE = 100  # counts that are asked for in one request
_SOME = 25  # words that are looked up at once, in order of likeness
_NEAR = 1000  # titles that are compared with what was typed
_FIELDS = {"word": "words", "pair": "text"}


class QueryReader:
    """What a `Matcher` reads of an index, without reading it; what was counted is kept."""

    def __init__(self, cluster: Cluster, words: CompiledLogProbs) -> None:
        self._cluster, self._words = cluster, words
        self._counts: dict[str, int] = {}
        self.links = ClusterLinks(cluster)  # what was read of the relations is kept as well
        self._near = local()  # of each thread
        self.matcher: QueryMatcher | None = None
        self.live = self.selection(EVERYTHING)
        self.undated = self.selection({"term": {"day": UNDATED}})

    @cached_property
    def _totals(self) -> tuple[int, float]:
        body = {"size": 0, "query": EVERYTHING, "aggs": {"length": {"avg": {"field": "length"}}}}
        answer = self._cluster.search(body)
        return answer["hits"]["total"]["value"], answer["aggregations"]["length"]["value"] or 0.0

    @property
    def count(self) -> int:
        """All documents."""
        return self._totals[0]

    @property
    def average_length(self) -> float:
        """The mean length of the documents, at least 1."""
        return max(self._totals[1], 1.0)

    def selection(self, query: Query) -> Selection:
        """The documents that a query selects."""
        return Selection(query, self._counted)

    def chosen(self, documents: DocSet) -> Selection:
        """Documents as a selection, whatever they are."""
        return self.selection(query_of(documents))

    def _counted(self, query: Query) -> int:
        return self.counted([query])[0]

    def counted(self, queries: Iterable[Query]) -> list[int]:
        """How many documents each query selects, asked for together."""
        keys = {repr(query): query for query in queries}
        asked = [(key, query) for key, query in keys.items() if key not in self._counts and query != NOTHING]
        for first in range(0, len(asked), _AT_ONCE):
            some = asked[first : first + _AT_ONCE]
            counts = self._cluster.counts(query for _key, query in some)
            self._counts |= {key: count for (key, _query), count in zip(some, counts, strict=True)}
        return [self._counts.get(key, 0) for key in keys]

    def note(self, counts: Iterable[tuple[Query, int]]) -> None:
        """Keeps how many documents some queries select, where a search has told it."""
        self._counts |= {repr(query): count for query, count in counts}

    def _query(self, field: str, term: str) -> Query:
        if field == "string":
            assert self.matcher
            found = self.matcher.word(term).documents
        else:
            found = self.postings(field, term).documents
        assert isinstance(found, Selection)
        return found.query

    def count_together(self, terms: Iterable[tuple[str, str]]) -> None:
        """Asks for the frequencies of all the terms, of which each will be needed."""
        self.counted([self._query(*term) for term in dict.fromkeys(terms)])

    def frequency(self, field: str, term: str, found: Postings) -> int:
        """How many documents have a term."""
        return self._counted(self._query(field, term))

    def postings(self, field: str, term: str) -> Postings:
        """The documents that have a term."""
        return Postings(self.selection({"term": {_FIELDS.get(field, field): clean(term)}}), b"")

    def published(self, first: int, stop: int) -> Selection:
        """The documents of the days from ``first`` up to and without ``stop``."""
        return self.selection({"range": {"day": {"gte": first, "lt": min(stop, 1 << 30)}}})

    # -- what is looked at where nothing was found

    def terms(self, field: str, prefix: str = "") -> Iterator[str]:
        """The values of a field that begin with ``prefix``, sorted; of words those that there may be."""
        if field == "word":
            return iter(sorted({*self._words.beginning(prefix), *self._spelt_like(prefix)}))
        body: dict[str, Any] = {"terms": {"field": field, "size": MOST_VALUES, "order": {"_key": "asc"}}}
        query: Query = {"prefix": {field: clean(prefix)}} if prefix else EVERYTHING
        found = self._cluster.search({"size": 0, "query": query, "aggs": {"values": body}})
        values = (bucket["key"] for bucket in buckets(found["aggregations"]["values"]))
        return (value for value in values if value.startswith(prefix))

    def _spelt_like(self, prefix: str) -> Iterable[str]:
        """Words of Latin letters and digits that begin with a character: no dictionary has them."""
        if not prefix.isascii():
            return ()
        body = {"size": 0, "query": {"prefix": {"words": {"value": prefix, "rewrite": "top_terms_500"}}}}
        answer = self._cluster.call("POST", f"/{self._cluster.alias}/_validate/query", {"query": body["query"]},
                                    rewrite="true", all_shards="true")  # fmt: skip
        said = " ".join(one.get("explanation", "") for one in answer.get("explanations", ()))
        return set(re.findall(r"words:([^\W_]+)(?![\w*])", said))

    def there(self, field: str, terms: Iterable[str]) -> Iterator[str]:
        """Those of some terms that documents have; each may be the last that is wanted."""
        listed = list(terms)
        for at in range(0, len(listed), _SOME):
            some = listed[at : at + _SOME]
            self.count_together((field, term) for term in some)
            yield from (term for term in some if self._counted(self._query(field, term)))

    def each(self, documents: DocSet) -> Iterable[int]:
        """Some documents, to be read one after the other; not those of the selection before any more."""
        assert isinstance(documents, Selection)
        body = {"size": _NEAR, "query": documents.query, "stored_fields": "_none_", "docvalue_fields": FIELDS}
        near = self._near.read = Candidates(self._cluster.search(body)["hits"]["hits"], self)
        return range(near.size)

    def all_of(self, documents: Iterable[int]) -> DocSet:
        """The selection of documents that were read."""
        paths = [self._near.read.path(document).decode() for document in documents]
        return self.selection({"terms": {"path": paths}} if paths else NOTHING)

    def sections(self, document: int) -> list[str]:
        """The folded sections of a document that is being read."""
        found: list[str] = self._near.read.sections(document)
        return found

    def entry(self, document: int) -> dict[str, Any]:
        """What is stored of a document that is being read."""
        found: dict[str, Any] = self._near.read.entry(document)
        return found
