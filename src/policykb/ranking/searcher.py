"""Finding and ranking: a query against a snapshot of the index.

`policykb.search.query_terms` cuts what was typed, `matching` finds the documents, `scoring` and `rescoring` put them in
order.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from policykb.ranking.docset import NONE, DocSet
from policykb.ranking.found import Asked, Found, scored_in
from policykb.ranking.matching import Matcher
from policykb.ranking.rescoring import RESCORED, Rescorer
from policykb.ranking.scoring import CALLED, NUMBERED, Ranker, leading
from policykb.search.nodes import And, Phrase, Word, unquoted
from policykb.search.query_terms import QueryAnalyzer
from policykb.search.request import Filters

if TYPE_CHECKING:
    from policykb.ranking.facets import Facets
    from policykb.ranking.reader import Reader
    from policykb.search.nodes import Node
    from policykb.search.query_terms import Clause
    from policykb.search.request import SearchRequest, Sort
    from policykb.text.lexicon import Lexicon
    from policykb.text.thesaurus import Thesaurus


class Searcher:
    """Searches one snapshot of the index; keeps what it has read for the next query."""

    def __init__(
        self, reader: Reader, lexicon: Lexicon, thesaurus: Thesaurus, matcher: type[Matcher] = Matcher
    ) -> None:
        self.reader = reader
        self.lexicon = lexicon
        self.thesaurus = thesaurus
        self.analyzer = QueryAnalyzer(lexicon, thesaurus)
        self.matcher = matcher(reader, self.analyzer)
        self.ranker = Ranker(reader, self.matcher)
        self.rescorer = Rescorer(reader, self.ranker)

    @cached_property
    def facets(self) -> Facets:
        """Counts the documents by their metadata."""
        from policykb.ranking.facets import Facets  # most searches count nothing

        return Facets(self.reader)

    def search(self, request: SearchRequest) -> Found:
        """Finds the documents that a request selects, and ranks as many of them as it asks for.

        Where a quoted string beside other words leaves nothing, its words count like these. Where no entry has all the
        words, one whose name is nearly the query leads, or else the nearest words are searched for.
        """
        found = self.find(request)
        if request.match != "auto" or request.node is None or (found.documents and request.exact):
            return found
        if found.documents and not found.partial and not self._is_mistyped(request.node, found):
            return found
        node = unquoted(request.node)
        if not found.documents and request.filters and self.find(request._replace(filters=Filters())).documents:
            return found
        if node is not None and not found.documents:
            found = self.find(request._replace(node=node))
            return found._replace(partial=bool(found.documents), lacking=DocSet.of(found.ranked), unquoted=True)
        from policykb.ranking.nearest import nearer  # most queries find what they say

        return found if request.exact else nearer(self, request, found)

    def _is_mistyped(self, node: Node, found: Found) -> bool:
        """Whether words may be mistyped, although entries have what they are cut into, somewhere."""
        items = node.items if isinstance(node, And) else (node,)
        typed = [item for item in items if isinstance(item, Word)]
        plain = len(typed) == len(items) and self.matcher.is_scattered(found.clauses)
        return plain and not self.matcher.is_named(typed)

    def find(self, request: SearchRequest, near: DocSet = NONE) -> Found:
        """What has the words, or some of them; documents that are ``near`` lead."""
        if request.node is None:
            documents = self.matcher.within(self.reader.live, request.filters)
            need = request.offset + request.limit
            return Found(documents, self.ranker.by_day(documents, request.order, need), {})
        return self.ranked(request, self.asked(request, request.node, near))

    def asked(self, request: SearchRequest, node: Node, near: DocSet = NONE) -> Asked:
        """What a request asks for with its query ``node``; documents that are ``near`` are called so, too."""
        match, exact, matcher = request.match, request.exact, self.matcher
        items = node.items if isinstance(node, And) else (node,)
        typed = list({item.text: item for item in items if isinstance(item, Word)}.values())
        others = [item for item in items if not isinstance(item, Word)]
        if match == "phrase" and typed:
            others.append(Phrase(" ".join(word.text for word in typed)))
            typed = []
        clauses = [self.analyzer.clause(word.text, exact=exact) for word in typed]
        clauses = [clause for clause in clauses if clause.terms]
        scored = [*clauses, *(clause for item in others for clause in scored_in(item, self.analyzer, exact))]
        required = self.reader.live
        for item in others:
            required &= matcher.evaluate(item, exact=exact)
        required = matcher.within(required, request.filters)
        numbered = matcher.numbered(typed) & required
        called = [
            documents & required - numbered
            for documents in (*matcher.called(typed, quoted=near == NONE, exact=exact), near)
        ]
        asks = near != NONE or any(clause.is_sentence for clause in clauses)
        loosely = (match == "any" and bool(clauses)) or (match == "auto" and asks)
        return Asked(clauses, scored, required, numbered, called, loosely)

    def whole(self, asked: Asked) -> DocSet:
        """The documents that have all that is asked for, and those with the number or the name."""
        documents = asked.required
        for clause in asked.clauses:
            documents &= self.matcher.having(clause)
        return DocSet.any_of((documents, asked.numbered, *asked.called))

    def ranked(self, request: SearchRequest, asked: Asked) -> Found:
        """The documents that answer a request, in order."""
        clauses, scored, required, numbered, called, loosely = asked
        sort, need = request.order, request.offset + request.limit
        if not loosely:
            documents = self.whole(asked)
            if documents or request.match != "auto" or sum(len(clause.terms) for clause in clauses) < 2:
                return self._all(documents, scored, numbered, called, sort, need)
        return self._any(clauses, scored, numbered, called, required, sort, need)

    def holding(self, found: Found) -> Searcher:
        """What holds the documents that were found: this snapshot."""
        return self

    def near(self, path: str, limit: int) -> tuple[Searcher, int | None]:
        """What holds a document and at least ``limit`` that are most like it, and its number, if it is known."""
        return self, next(iter(self.reader.postings("path", path).documents), None)

    def counted(self, request: SearchRequest, found: Found) -> dict[str, dict[str, int]]:
        """The facets of what was found."""
        return self.facets.asked(request, found.documents, lambda one: self.search(one).documents)

    def undated(self, request: SearchRequest) -> int:
        """How many documents a request would find, did its filters name no period, that have no day."""
        if not self.reader.undated:
            return 0
        whole = request._replace(filters=request.filters.without("dates"), limit=1, offset=0)
        return len(self.search(whole).documents & self.reader.undated)

    def _all(
        self,
        documents: DocSet,
        clauses: Sequence[Clause],
        numbered: DocSet,
        called: Sequence[DocSet],
        sort: Sort,
        need: int,
    ) -> Found:
        """Ranks documents that have all that was asked for: those with the number, those that go by the name, newest
        first, those that have it as typed, then by how many terms they have by a synonym alone."""
        ranker = self.ranker
        if sort != "relevance":
            page = ranker.by_day(documents, sort, need)
            scored = ranker.top(ranker.parts(clauses), DocSet.of(page), need) if page else {}
            return Found(documents, page, scored, clauses)
        parts = ranker.parts(clauses) if documents else ()
        scores: dict[int, float] = {}
        levels: list[list[int]] = []
        wanted = max(need, RESCORED)
        named = self._by_name(called, scores)
        wanted -= len(named)
        for level in [numbered, *self._by_synonym(clauses, documents - numbered - DocSet.of(named))]:
            top = ranker.top(parts, level, wanted)
            levels.append(ranker.best(top, top, wanted))
            scores |= top
            wanted -= len(levels[-1])
        for document in levels[0]:
            scores[document] += NUMBERED
        left = RESCORED
        ranked: list[int] = []
        for number, best in enumerate(levels):
            ranked += self.rescorer.rescore(clauses, best, scores, left, parts)
            ranked += [] if number else named
            left = max(left - len(best), 0)
        return Found(documents, ranked[:need], scores, clauses)

    def _by_name(self, called: Sequence[DocSet], scores: dict[int, float]) -> list[int]:
        """The documents that go by the name that was asked for, in order, and into ``scores`` theirs: of several with
        the name, which are versions of one document, the newest first."""
        named: list[int] = []
        for score, documents in zip(CALLED, called, strict=False):
            for document in self.ranker.by_day(documents, "newest", len(documents)):
                scores[document] = score - len(named) / 100
                named.append(document)
        return named

    def _by_synonym(self, clauses: Sequence[Clause], documents: DocSet) -> list[DocSet]:
        """Those of the documents that have no term by a synonym alone, those that have one, two ..."""
        levels = [documents]
        for term in (term for clause in clauses for term in clause.terms if term.synonyms):
            own = self.matcher.named(term)
            fewer = [NONE, *levels]
            levels = [(same & own) | (less - own) for same, less in zip([*levels, NONE], fewer, strict=True)]
        return levels

    def _any(
        self,
        clauses: Sequence[Clause],
        scored: Sequence[Clause],
        numbered: DocSet,
        called: Sequence[DocSet],
        allowed: DocSet,
        sort: Sort,
        need: int,
    ) -> Found:
        """The best partial matches: documents that have some of the words, rare words first."""
        ranker = self.ranker
        parts = ranker.partial_parts(scored)
        documents, scores = ranker.partial(parts, allowed)
        for clause in clauses:
            whole = self.matcher.containing(clause.text)
            worth = sum(map(ranker.worth, clause.terms))
            for document in whole:
                scores[document] = scores.get(document, 0.0) + worth
            documents |= whole
        for document in numbered:
            scores[document] = scores.get(document, 0.0) + NUMBERED
        self._by_name(called, scores)
        documents = DocSet.any_of((documents, numbered, *called)) & allowed
        if sort == "relevance":
            count = max(need, RESCORED)
            ids = list(documents) if count > len(scores) else list(scores)
            values = [scores.setdefault(document, 0.0) for document in ids]
            best = ranker.best(leading(ids, values, count), scores, count)
            page = self.rescorer.rescore(scored, best, scores, RESCORED, parts)[: max(need, 1)]
        else:
            page = ranker.by_day(documents, sort, max(need, 1))
        lacking = DocSet.of(document for document in page if not self._has_all(document, clauses))
        partial = bool(page) and len(lacking) == len(page)
        return Found(documents, page[:need], scores, scored, True, partial, lacking)

    def _has_all(self, document: int, clauses: Sequence[Clause]) -> bool:
        text = self.reader.text(document)
        return all(
            all(word in text or document in self.reader.postings("word", word).documents for word in term.words)
            or any(other in text for other in (*term.names, *term.synonyms))
            for clause in clauses
            for term in clause.terms
        )
