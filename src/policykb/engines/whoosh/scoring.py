"""Which documents come first: BM25F over the words of all fields, and a second look at the best.

The second look sees what word counts do not: the query standing in a title or in the text just as it was typed,
its words close together.

BM25: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with the idf
that is never negative. BM25F: the weights of `policykb.search.record.FIELD_WEIGHTS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from heapq import nlargest, nsmallest
from itertools import compress, groupby, pairwise
from math import log
from operator import itemgetter
from typing import TYPE_CHECKING, TypeVar

from policykb.engines.whoosh.docset import DocSet
from policykb.engines.whoosh.rescoring import IN_BODY, IN_DOCUMENTS, IN_TITLE, NEAR, nearness
from policykb.search.record import STEPS
from policykb.text.bigrams import runs

if TYPE_CHECKING:
    from policykb.engines.whoosh.matching import Matcher
    from policykb.engines.whoosh.reader import Postings, Reader
    from policykb.search.query_terms import Clause, QueryTerm
    from policykb.search.request import Sort

K1 = 1.2
B = 0.5
SYNONYM = 0.5  # what a synonym's score counts of the word's own
PAIR = 0.4  # in a question: two characters that stand together, in one word or across two
CHARACTER = 0.6  # in a question: a character of a word (赔 of 赔偿), for texts that say it in other words
COMMON = 0.5  # a character that more than this share of the entries have tells nothing
LONG = 4000  # entries from which a posting list no longer brings in new ones,
CANDIDATES = 2000  # once there are this many

Item = TypeVar("Item")


class Ranker:
    """Scores and orders the documents of one snapshot of the index."""

    def __init__(self, reader: Reader, matcher: Matcher) -> None:
        self._reader = reader
        self._matcher = matcher

    # -- order

    def first(self, documents: Iterable[int], need: int, key: Callable[[int], tuple[float, ...]]) -> list[int]:
        """The first ``need`` documents by ``key``, equal ones in the order of their paths."""
        keyed = [(key(document), document) for document in documents]
        if need < len(keyed):
            last = nsmallest(need, keyed)[-1][0] if need else ()
            keyed = [item for item in keyed if item[0] <= last]
        keyed.sort()
        ordered: list[int] = []
        for _, group in groupby(keyed, key=itemgetter(0)):
            equal = [document for _, document in group]
            ordered += sorted(equal, key=self._reader.path) if len(equal) > 1 else equal
        return ordered[:need]

    def by_day(self, documents: DocSet, sort: Sort, need: int) -> list[int]:
        """The first ``need`` documents by their day."""
        sign = 1 if sort == "oldest" else -1
        days = self._reader.days
        ids = list(documents)
        chosen = leading(ids, [-sign * days[document] for document in ids], need)
        return self.first(chosen, need, lambda document: (sign * days[document],))

    def best(self, documents: Iterable[int], scores: Mapping[int, float], need: int) -> list[int]:
        """The first ``need`` documents by score, the latest of equal ones."""
        days = self._reader.days
        return self.first(documents, need, lambda document: (-scores[document], -days[document]))

    # -- scores

    def idf(self, frequency: int) -> float:
        """What a word tells that so many documents have."""
        return log(1 + (self._reader.count - frequency + 0.5) / (frequency + 0.5))

    def worth(self, term: QueryTerm) -> float:
        """What the words of a term tell together."""
        return sum(self.idf(len(self._reader.postings("word", word).documents)) for word in term.words)

    @cached_property
    def norms(self) -> Sequence[float]:
        """What the length of each document adds below BM25's fraction, in the steps of weights."""
        average = self._reader.average_length
        return [STEPS * K1 * (1 - B + B * length / average) for length in self._reader.lengths]

    def top(self, clauses: Sequence[Clause], documents: DocSet, need: int) -> dict[int, float]:
        """The ``need`` documents with the highest scores, and all that score like the last of them.

        The score is BM25F for all terms of the clauses.
        """
        ids = list(documents)
        if not ids or need <= 0:
            return {}
        pick = itemgetter(*ids, ids[0])  # one more than there are, so that one document gives a tuple too
        norms = pick(self.norms)
        scores = [0.0] * len(ids)
        for term in dict.fromkeys(term for clause in clauses for term in clause.terms):
            words = [(1.0, self._matcher.word(word)) for word in term.words]
            words += [(1.0, self._matcher.synonym(name)) for name in term.names]
            words += [(SYNONYM, self._matcher.synonym(synonym)) for synonym in term.synonyms]
            for weight, (having, weights) in words:
                if weights:
                    factor = weight * self.idf(len(having)) * (K1 + 1)
                    found = zip(scores, pick(weights), norms, strict=False)  # pick gives one more
                    scores = [score + factor * w / (w + norm) if w else score for score, w, norm in found]
        return dict(leading(list(zip(ids, scores, strict=True)), scores, need))

    def partial_scores(self, clauses: Sequence[Clause], allowed: DocSet | None) -> dict[int, float]:
        """BM25 of documents that have some of the words, of their characters or of their character pairs.

        The shortest lists come first: they bring in the documents. A long list only adds to the best of them.
        """
        scores: dict[int, float] = {}
        norms = self.norms
        for (documents, weights), weight in self._lists(clauses):
            factor = weight * self.idf(len(documents)) * (K1 + 1)
            if len(scores) >= CANDIDATES and len(documents) > LONG:
                if len(scores) > CANDIDATES:
                    if allowed is not None:
                        scores = {d: scores[d] for d in DocSet.of(scores) & allowed}
                    scores = dict(nlargest(CANDIDATES, scores.items(), key=itemgetter(1)))
                documents &= DocSet.of(scores)
            for document in documents:
                count = weights[document] if weights else STEPS
                scores[document] = scores.get(document, 0.0) + factor * count / (count + norms[document])
        return scores

    def _lists(self, clauses: Sequence[Clause]) -> list[tuple[Postings, float]]:
        """The posting lists for what a question may be answered by, the shortest first, with what each counts."""
        lists: dict[str, tuple[Postings, float]] = {}

        def add(field: str, term: str, weight: float) -> None:
            if term not in lists:
                lists[term] = self._reader.postings(field, term), weight

        for clause in clauses:
            for word in clause.words:
                if len(word) > 1:
                    add("word", word, 1.0)
            for term in clause.terms:
                for synonym in (*term.names, *term.synonyms):
                    add("word", synonym, SYNONYM)
            for run in runs(clause.text):
                for a, b in pairwise(run):
                    add("pair", a + b, PAIR)
            for char in "".join(clause.words):
                if len(self._reader.postings("word", char).documents) <= COMMON * self._reader.count:
                    add("word", char, CHARACTER)
        return sorted(lists.values(), key=lambda item: len(item[0].documents))

    # -- the second look

    def rescore(
        self, clauses: Sequence[Clause], ranked: Sequence[int], scores: dict[int, float], count: int
    ) -> list[int]:
        """The ranked documents, the first ``count`` of them by scores to which standing together is added."""
        self._add_together(clauses, ranked[:count], scores)
        return [*self.best(ranked[:count], scores, count), *ranked[count:]]

    def _add_together(self, clauses: Sequence[Clause], ranked: Sequence[int], scores: dict[int, float]) -> None:
        if not clauses:
            return
        idf = {term: self.worth(term) for clause in clauses for term in clause.terms}
        total = sum(idf.values())
        typed = [(clause.text, sum(idf[term] for term in clause.terms)) for clause in clauses]
        words = list(dict.fromkeys(term.text for clause in clauses for term in clause.terms))
        if len(clauses) > 1:
            typed.append(("".join(clause.text for clause in clauses), total / 2))
        for document in ranked:
            title, documents, _, body = self._reader.sections(document)
            bonus = 0.0
            for text, weight in typed:
                if text in title:
                    bonus += weight * (IN_TITLE + 0.5 * len(text) / len(title))
                elif text in documents:
                    bonus += weight * IN_DOCUMENTS
                if text in body:
                    bonus += weight * IN_BODY
            for term, weight in idf.items():
                if term.text not in title and term.text not in documents:
                    others = (*term.names, *term.synonyms)
                    if inside := [other for other in others if other in title]:
                        bonus += weight * (IN_TITLE + 0.5 * max(map(len, inside)) / len(title))
                    elif any(other in documents for other in others):
                        bonus += weight * IN_DOCUMENTS
            if len(words) > 1:
                near = max(nearness(section, words) for section in (title, documents, body))
                bonus += total * NEAR * near
            scores[document] = scores.get(document, 0.0) + bonus


def leading(items: Sequence[Item], values: Sequence[float], need: int) -> Iterable[Item]:
    """The items whose value is at least the one that ``need`` of them reach: few enough to be sorted."""
    if not 0 < need < len(items):
        return items
    least = nlargest(need, values)[-1]
    return compress(items, [value >= least for value in values])
