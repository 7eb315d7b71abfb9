"""Which documents come first: BM25F over the words of all fields.

BM25: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with the idf
that is never negative. BM25F: the weights of `policykb.search.record.FIELD_WEIGHTS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from heapq import nlargest, nsmallest
from itertools import compress, groupby, pairwise
from math import inf, log
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from policykb.ranking.docset import DocSet
from policykb.ranking.matching import is_accidental
from policykb.search.record import STEPS, UNDATED
from policykb.text.bigrams import runs

if TYPE_CHECKING:
    from policykb.ranking.matching import Matcher
    from policykb.ranking.reader import Postings, Reader
    from policykb.search.query_terms import Clause, QueryTerm
    from policykb.search.request import Sort

K1 = 1.2
B = 0.75
SYNONYM = 0.5  # what a synonym's score counts of the word's own
PAIR = 0.4  # in a question: two characters that stand together, in one word or across two
CHARACTER = 0.6  # in a question: a character of a word (赔 of 赔偿), for texts that say it in other words
COMMON = 0.5  # a character that more than this share of the entries have tells nothing
LATEST = 1 << 30  # later than any day
COVERED = 0.1  # partial matches cover at least this share of what a query counts
CANDIDATES = 1000  # of them, those that cover the most are scored

NUMBERED = 1000.0  # score of the document whose number was asked for
CALLED = (900.0, 800.0, 700.0, 600.0)  # of those whose name was, the nearest first

Item = TypeVar("Item")


class Part(NamedTuple):
    """A string that counts for the score, with what its documents' weights are multiplied by after saturation."""

    text: str
    factor: float
    found: Postings


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
        """The first ``need`` documents by their day, those without one last."""
        days = self._reader.days
        ids = list(documents)
        ranks = [days[document] for document in ids]
        if sort == "oldest":
            ranks = [-LATEST if day == UNDATED else -day for day in ranks]
        rank = dict(zip(ids, ranks, strict=True))
        return self.first(leading(ids, ranks, need), need, lambda document: (-rank[document],))

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
        found = ((word, self._reader.postings("word", word)) for word in term.words)
        return sum(self.idf(self._reader.frequency("word", word, postings)) for word, postings in found)

    @cached_property
    def norms(self) -> Sequence[float]:
        """What the length of each document adds below BM25's fraction, in the steps of weights."""
        average = self._reader.average_length
        return [STEPS * K1 * (1 - B + B * length / average) for length in self._reader.lengths]

    def norm(self, length: float) -> float:
        """What so many weighted words add, in whole weights."""
        return K1 * (1 - B + B * length / self._reader.average_length)

    def top(self, parts: Sequence[Part], documents: DocSet, need: int) -> dict[int, float]:
        """The ``need`` documents with the highest scores, BM25F for ``parts``, and all that score like the last."""
        ids = list(documents)
        if not ids or need <= 0:
            return {}
        pick = itemgetter(*ids, ids[0])  # one more than there are, so that one document gives a tuple too
        norms = pick(self.norms)
        scores = [0.0] * len(ids)
        for _, factor, (_, weights) in parts:
            found = zip(scores, pick(weights), norms, strict=False)  # pick gives one more
            scores = [score + factor * w / (w + norm) if w else score for score, w, norm in found]
        return dict(leading(list(zip(ids, scores, strict=True)), scores, need))

    def parts(self, clauses: Sequence[Clause]) -> list[Part]:
        """What counts where all clauses are asked for: the words of their terms, and what stands for them."""
        found, most = [], self._most(clauses)
        for field, text, weight in whole_terms(clauses):
            postings = self._matcher.word(text) if field == "string" else self._reader.postings(field, text)
            if postings.weights:
                found.append(self._part(field, text, weight, postings, most))
        return found

    def _part(self, field: str, text: str, weight: float, found: Postings, most: Mapping[str, float]) -> Part:
        frequency = self._reader.frequency(field, text, found)
        tells = min(self.idf(frequency), most.get(text, inf)) if frequency else 0.0
        return Part(text, weight * tells * (K1 + 1), found)

    def _most(self, clauses: Sequence[Clause]) -> Mapping[str, float]:
        """What each name or synonym tells at most: what the term does for which it stands, however few have it."""
        most: dict[str, float] = {}
        for term in (term for clause in clauses for term in clause.terms):
            if others := (*term.names, *term.synonyms):
                most |= dict.fromkeys(others, self.worth(term))
        return most

    def partial(self, parts: Sequence[Part], allowed: DocSet) -> tuple[DocSet, dict[int, float]]:
        """Those of the documents that cover `COVERED` of a query, and the scores of those that cover the most.

        Its words, their characters and character pairs, the `partial_parts`, are what is covered, each counting its
        idf; BM25 scores them.
        """
        from policykb.ranking.coverage import FULL, Coverage  # most searches find all words

        coverage = Coverage((part.found.documents, part.factor) for part in parts)
        documents = coverage.at_least(round(COVERED * FULL), allowed)
        chosen = coverage.most(CANDIDATES, documents)
        scores = dict.fromkeys(chosen, 0.0)
        norms = self.norms
        for _, factor, (having, weights) in parts:
            for document in having & chosen:
                count = weights[document] if weights else STEPS
                scores[document] += factor * count / (count + norms[document])
        return documents, scores

    def partial_parts(self, clauses: Sequence[Clause]) -> list[Part]:
        """What counts where some of a question will do."""
        found, most = [], self._most(clauses)
        for field, text, weight in partial_terms(clauses):
            postings = self._reader.postings(field, text)
            frequency = self._reader.frequency(field, text, postings)
            if weight != CHARACTER or frequency <= COMMON * self._reader.count:
                found.append(self._part(field, text, weight, postings, most))
        return found


def whole_terms(clauses: Sequence[Clause]) -> Iterator[tuple[str, str, float]]:
    """What counts where all clauses are asked for: field, text, weight; a ``string`` counts across words, too."""
    for term in dict.fromkeys(term for clause in clauses for term in clause.terms):
        yield from (("string", word, 1.0) for word in term.words)
        for others, weight in ((term.names, 1.0), (term.synonyms, SYNONYM)):
            yield from (("word" if is_accidental(other) else "string", other, weight) for other in others)


def partial_terms(clauses: Sequence[Clause]) -> Iterator[tuple[str, str, float]]:
    """What may count where some of a question will do, each text once: field, text, weight."""
    seen: set[str] = set()
    for found in _partial_terms(clauses):
        if found[1] not in seen:
            seen.add(found[1])
            yield found


def _partial_terms(clauses: Sequence[Clause]) -> Iterator[tuple[str, str, float]]:
    for clause in clauses:
        yield from (("word", word, 1.0) for word in clause.words if len(word) > 1)
        for term in clause.terms:
            yield from (("word", synonym, SYNONYM) for synonym in (*term.names, *term.synonyms))
        for run in runs(clause.text):
            yield from (("pair", a + b, PAIR) for a, b in pairwise(run))
        yield from (("word", char, CHARACTER) for char in "".join(clause.words))


def leading(items: Sequence[Item], values: Sequence[float], need: int) -> Iterable[Item]:
    """The items whose value is at least the one that ``need`` of them reach: few enough to be sorted."""
    if not 0 < need < len(items):
        return items
    least = nlargest(need, values)[-1]
    return compress(items, [value >= least for value in values])
