"""Finding and ranking in a cluster: it selects and counts, and its best hits are ranked by our own code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any

from policykb.engines.opensearch.candidates import FIELDS, LEAD, Answered, CandidateMatcher, Candidates
from policykb.engines.opensearch.facets import counted, counting
from policykb.engines.opensearch.mapping import LEGACY, clean
from policykb.engines.opensearch.matching import QueryMatcher
from policykb.engines.opensearch.paging import pages
from policykb.engines.opensearch.selection import EVERYTHING, NOTHING, Query, Selection, constant, once, query_of
from policykb.ranking.coverage import FULL
from policykb.ranking.docset import NONE, DocSet
from policykb.ranking.found import Asked, Found
from policykb.ranking.rescoring import RESCORED
from policykb.ranking.scoring import CANDIDATES, COVERED, K1, partial_terms, whole_terms
from policykb.ranking.searcher import Searcher
from policykb.ranking.similar import telling, word_counts
from policykb.search.record import UNDATED
from policykb.search.request import FILTERED

if TYPE_CHECKING:
    from policykb.engines.opensearch.cluster import Cluster
    from policykb.engines.opensearch.reading import QueryReader
    from policykb.ranking.scoring import Part
    from policykb.search.request import Filters, SearchRequest
    from policykb.text.lexicon import Lexicon
    from policykb.text.thesaurus import Thesaurus

_MOST_PARTS = 700  # of a question that count; a query may have 1,024 clauses
_LEVEL = 4096.0  # what a term found by itself, not by a synonym, counts: more than all scores together
_FETCHED: Mapping[str, Any] = {"stored_fields": "_none_", "docvalue_fields": FIELDS}


class ClusterSearcher(Searcher):
    """Searches the index of a cluster: `Searcher`, but for what is selected, which is asked of the cluster."""

    reader: QueryReader  # type: ignore[assignment]

    def __init__(self, cluster: Cluster, reader: QueryReader, lexicon: Lexicon, thesaurus: Thesaurus) -> None:
        super().__init__(reader, lexicon, thesaurus, QueryMatcher)  # type: ignore[arg-type]
        reader.matcher = self.matcher  # type: ignore[assignment]
        self.cluster = cluster
        self.made = monotonic()

    def find(self, request: SearchRequest, near: DocSet = NONE) -> Found:
        if request.node is None:
            documents = self._within(self.matcher.within(self.reader.live, request.filters), request.filters)
            return self._by_day(request, documents)
        asked = self.asked(request, request.node, near)
        asked = asked._replace(required=self._within(asked.required, request.filters))
        if not asked.loosely:
            found = self._whole(request, asked)
            if found.documents or request.match != "auto" or sum(len(clause.terms) for clause in asked.clauses) < 2:
                return found
        return self._partial(request, asked)

    def undated(self, request: SearchRequest) -> int:
        if not self.reader.undated:
            return 0
        found = self.search(request._replace(filters=request.filters._replace(dates=None), limit=1, offset=0))
        return len(self.reader.selection(query_of(found.documents)) & self.reader.undated)

    def counted(self, request: SearchRequest, found: Found) -> dict[str, dict[str, int]]:
        assert isinstance(found.documents, Answered)
        facets = counted(found.documents.aggregations)
        for name, attribute in FILTERED.items() if request.facet_siblings else ():
            if getattr(request.filters, attribute):
                wider = request._replace(filters=request.filters.without(attribute), facet_siblings=False, facets=True)
                other = self.search(wider._replace(limit=0, offset=0)).documents
                assert isinstance(other, Answered)
                facets |= {name: counted(other.aggregations)[name]} if name in facets else {}
        return facets

    def holding(self, found: Found) -> Searcher:
        assert isinstance(found.documents, Answered)
        return found.documents.hits

    def near(self, path: str, limit: int) -> tuple[Searcher, int | None]:
        own = self.cluster.search({**_FETCHED, "size": 1, "query": {"term": {"path": clean(path)}}})["hits"]["hits"]
        if not own:
            return self, None
        one = self._holding(own)
        self.reader.count_together(("word", word) for word in word_counts(one, 0))
        should = [self._term(word, weight) for weight, word in telling(one, 0)]
        query = {"bool": {"should": should, "minimum_should_match": 1, "must_not": [{"term": {"path": clean(path)}}]}}
        body = {**_FETCHED, "query": query if should else NOTHING, "sort": _ORDER}
        others = pages(self.cluster, body, max(limit, RESCORED))
        return self._holding([*own, *others["hits"]["hits"]]), 0

    def _holding(self, hits: Sequence[Mapping[str, Any]]) -> Searcher:
        """What ranks and shows hits."""
        found: Any = Candidates(hits, self.reader)
        return Searcher(found, self.lexicon, self.thesaurus, CandidateMatcher)

    def _within(self, documents: DocSet, filters: Filters) -> DocSet:
        if not filters.validity or not filters.states:
            return documents
        wanted = (one for one, state in filters.states(self.reader.links).items() if state in filters.validity)
        return documents & self.reader.selection(self.reader.links.selection(wanted))

    # -- all that was asked for

    def _whole(self, request: SearchRequest, asked: Asked) -> Found:
        documents = self.reader.chosen(self.whole(asked))
        terms = list(dict.fromkeys(whole_terms(asked.scored)))
        worth = [("word", text) for _field, text, _weight in terms]
        worth += [("word", word) for clause in asked.scored for term in clause.terms for word in term.words]
        self.reader.count_together([*((field, text) for field, text, _weight in terms), *worth])
        if request.order != "relevance":
            return self._by_day(request, documents, asked)
        should = [self._string(text, weight) if field == "string" else self._term(text, weight)
                  for field, text, weight in terms]  # fmt: skip
        for term in dict.fromkeys(term for clause in asked.scored for term in clause.terms if term.synonyms):
            should.append(constant(self.matcher.named(term), _LEVEL))
        should += self._leading(asked, LEAD)
        query = {"bool": {"filter": [documents.query], "should": should}}
        return self._ranked(request, asked, documents, query)

    def _leading(self, asked: Asked, least: float) -> Iterator[Query]:
        """What has the number or the name that was asked for comes first, each set with twice the score of the next."""
        for place, documents in enumerate(reversed([asked.numbered, *asked.called]), 1):
            if query_of(documents) != NOTHING:
                yield constant(documents, least * (1 << place))

    def _ranked(self, request: SearchRequest, asked: Asked, documents: Selection, query: Query) -> Found:
        """The best by our own score among the best by the cluster's, then the others in its order."""
        need = max(request.offset + request.limit, RESCORED)
        body = {**_FETCHED, "query": query, "sort": _ORDER, **counting(self.reader.links, request)}
        answer = pages(self.cluster, body, need)
        if not answer["hits"]["hits"]:
            return Found(Answered(documents, answer, self._holding(())), (), {}, asked.scored)
        return self._found(request, asked, documents, answer)

    def _found(self, request: SearchRequest, asked: Asked, documents: Selection, answer: Mapping[str, Any]) -> Found:
        own = self._holding(answer["hits"]["hits"])
        hits: Any = own.reader
        best = DocSet.of(range(min(hits.size, RESCORED)))
        here = asked._replace(
            required=best,
            numbered=hits.leading(len(asked.called) + 1) & best,
            called=[hits.leading(place) & best for place in range(len(asked.called), 0, -1)],
        )
        if query_of(asked.required) == EVERYTHING and hits.size < RESCORED:  # they would have been among the hits
            self.reader.note((query_of(one), len(known)) for one, known in zip(asked.called, here.called, strict=True))
        need = request.offset + request.limit
        found = own.ranked(request._replace(limit=max(need, 1), offset=0), here)
        ranked, scores = list(found.ranked), dict(found.scores)
        if len(ranked) < need and hits.size > RESCORED:
            ranker, rest = own.ranker, range(RESCORED, hits.size)
            scores |= (ranker.partial(ranker.partial_parts(asked.scored), DocSet.of(rest))[1] if found.loose
                       else ranker.top(ranker.parts(asked.scored), DocSet.of(rest), len(rest)))  # fmt: skip
            ranked += rest
        answered = Answered(documents, answer, own)
        return found._replace(documents=answered, ranked=ranked[:need], scores=scores)

    # -- some of it

    def _partial(self, request: SearchRequest, asked: Asked) -> Found:
        """Those that cover a share of the query: the cluster counts in whole steps, as `Coverage` does."""
        self.reader.count_together((field, text) for field, text, _weight in partial_terms(asked.scored))
        self.reader.count_together(
            ("word", word) for clause in asked.scored for term in clause.terms for word in term.words
        )
        parts = sorted((part for part in self.ranker.partial_parts(asked.scored) if part.factor),
                       key=lambda part: -part.factor)[:_MOST_PARTS]  # fmt: skip
        total = sum(part.factor for part in parts)
        covering = [constant(part.found.documents, round(part.factor / total * FULL)) for part in parts]
        strings = [self.matcher.containing(clause.text) for clause in asked.clauses]
        leading = [constant(one, 2.0 * FULL) for one in strings] + list(self._leading(asked, 4.0 * FULL))
        if not covering and not leading:
            return self._by_day(request, self.reader.selection(NOTHING), asked)
        enough = {"function_score": {"query": {"bool": {"should": [*covering, *leading]}},
                                     "min_score": round(COVERED * FULL)}}  # fmt: skip
        documents = self.reader.chosen(self.reader.selection(enough) & asked.required)
        if request.order != "relevance":
            return self._by_day(request, documents, asked)
        query = {"bool": {"filter": [documents.query], "should": [*covering, *leading]}}
        weights = {text: weight for _field, text, weight in partial_terms(asked.scored)}
        scoring = [self._scoring(part, weights[part.text]) for part in parts]
        for clause, whole in zip(asked.clauses, strings, strict=True):
            scoring.append(constant(whole, sum(map(self.ranker.worth, clause.terms))))
        scoring += self._leading(asked, LEAD)
        body = {**_FETCHED, "query": query, "size": RESCORED, **counting(self.reader.links, request),
                "rescore": {"window_size": CANDIDATES, "query": {"rescore_query": {"bool": {"should": scoring}},
                            "query_weight": 0.0, "rescore_query_weight": 1.0}}}  # fmt: skip
        answer = self.cluster.search(body)
        need = request.offset + request.limit
        if need > RESCORED:
            answer = self._with_others(answer, {**_FETCHED, "query": query, "sort": _ORDER}, need)
        return self._found(request, asked, documents, answer)

    def _with_others(self, answer: Any, body: Mapping[str, Any], need: int) -> Any:
        best = answer["hits"]["hits"]
        seen = {hit["fields"]["path"][0] for hit in best}
        others = pages(self.cluster, body, need)["hits"]["hits"]
        answer["hits"]["hits"] = best + [hit for hit in others if hit["fields"]["path"][0] not in seen]
        return answer

    def _scoring(self, part: Part, weight: float) -> Query:
        """What a part adds to the score: a word by its weight, two characters once."""
        if "words" in query_of(part.found.documents).get("term", ()):
            return self._term(part.text, weight)
        return once(query_of(part.found.documents), part.factor)

    def _string(self, text: str, weight: float) -> Query:
        """What a string adds: as a word by its weight, across words once, with the idf of all that have it."""
        found, across = self.matcher.word(text), self.matcher.containing(text)
        idf = self.ranker.idf(self.reader.frequency("string", text, found))
        own = self.ranker.idf(self.reader.frequency("word", text, found))
        word = self._term(text, weight * idf / own)
        return {"dis_max": {"queries": [word, once(query_of(across), weight * idf * (K1 + 1))]}}

    def _term(self, word: str, weight: float) -> Query:
        """BM25 of a word, with the idf that the cluster knows."""
        boost = weight * (K1 + 1) / (LEGACY if self.cluster.version.startswith("2.") else 1.0)
        return {"term": {"words": {"value": word, "boost": boost}}}

    # -- in order of time

    def _by_day(self, request: SearchRequest, documents: DocSet, asked: Asked | None = None) -> Found:
        selection = self.reader.chosen(documents)
        need = request.offset + request.limit
        order: list[Query] = [{"day": "desc"}]
        query: Query = {"bool": {"filter": [selection.query]}}
        if request.order == "oldest":
            dated = self.reader.selection({"bool": {"must_not": [{"term": {"day": UNDATED}}]}})
            order = [{"_score": "desc"}, {"day": "asc"}]
            query = {"bool": {"filter": [selection.query], "should": [constant(dated, 1.0)]}}
        body = {**_FETCHED, "query": query, "sort": [*order, {"path": "asc"}], **counting(self.reader.links, request)}
        answer = pages(self.cluster, body, max(need, 1 if asked else 0))
        own = self._holding(answer["hits"]["hits"])
        hits = own.reader
        answered = Answered(selection, answer, own)
        if asked is None:
            return Found(answered, range(hits.size)[:need], {})
        here = asked._replace(required=hits.live, numbered=NONE, called=[NONE for _one in asked.called])
        found = own.ranked(request._replace(limit=max(need, 1), offset=0), here)
        return found._replace(documents=answered, ranked=range(hits.size)[:need])


_ORDER = [{"_score": "desc"}, {"day": "desc"}, {"path": "asc"}]
