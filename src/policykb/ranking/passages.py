"""The article of a law that answers a query, and what it scores: as if it were a document of its own under that title.

A law of 400 articles is long, and its words are diluted by its length; the one article that is asked for is short.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from heapq import nlargest
from typing import TYPE_CHECKING, NamedTuple

from policykb.search.record import FIELD_WEIGHTS, STEPS
from policykb.text.articles import NAME, name_at, openings, same_name

if TYPE_CHECKING:
    from policykb.ranking.reader import Reader
    from policykb.ranking.scoring import Part, Ranker
    from policykb.search.query_terms import Clause

_BEST = 5  # articles of a document that are compared to the end
_REMEMBERED = 4096  # documents whose articles are kept


class Passage(NamedTuple):
    """An article: its name, its place in the folded body, its score for a query, what its length adds below it."""

    name: str
    start: int
    end: int
    score: float
    norm: float


class Passages:
    """Finds articles in the documents of one snapshot of the index."""

    def __init__(self, reader: Reader, ranker: Ranker) -> None:
        self._reader = reader
        self._ranker = ranker
        self._openings: dict[int, Sequence[int]] = {}

    def best(
        self, document: int, clauses: Sequence[Clause], parts: Sequence[Part], sections: Sequence[str]
    ) -> Passage | None:
        """The article of a document that has the most of what counts, or the one that the query names.

        ``sections`` are the document's folded texts. None where it has no articles or these have nothing of the query.
        """
        title, names, _number, body = sections
        starts = self._starts(document, body)
        if not starts:
            return None
        ends = [*starts[1:], len(body)]
        of_title, of_names = FIELD_WEIGHTS["title"], FIELD_WEIGHTS["documents"]
        head = of_title * len(title) + of_names * len(names)
        words = self._reader.lengths[document] / (head + len(body))  # weighted ones a character
        norms = [self._ranker.norm(words * (head + end - start)) for start, end in zip(starts, ends, strict=True)]
        scores = [0.0] * len(starts)
        above: list[tuple[float, float]] = []  # what stands in the head counts for each article
        for text, factor, (documents, weights) in parts:
            if document not in documents:
                continue
            own = of_title * title.count(text) + of_names * names.count(text)
            counts = Counter(_places(body, text, starts))
            if not own and not counts and weights:
                own = weights[document] / STEPS  # in tags or departments
            for number, count in counts.items():
                norm = norms[number]
                scores[number] += factor * ((count + own) / (count + own + norm) - own / (own + norm))
            if own:
                above.append((factor, own))
        if not any(scores):
            return None
        best = nlargest(_BEST, range(len(starts)), key=scores.__getitem__)
        totals = {one: scores[one] + sum(f * own / (own + norms[one]) for f, own in above) for one in best}
        chosen = max(best, key=totals.__getitem__)
        score = totals[chosen]
        if named := self.named(clauses):
            asked = (one for one, start in enumerate(starts) if same_name(name_at(body, start)) in named)
            chosen = next(asked, chosen)
        return Passage(name_at(body, starts[chosen]), starts[chosen], ends[chosen], score, norms[chosen])

    @staticmethod
    def named(clauses: Sequence[Clause]) -> set[tuple[int, str]]:
        """The articles that a query names, as `policykb.text.articles.same_name` has them."""
        found = set()
        for match in (match for clause in clauses for match in NAME.finditer(clause.text)):
            with suppress(ValueError):  # 第一百一百条
                found.add(same_name(match[0]))
        return found

    def _starts(self, document: int, body: str) -> Sequence[int]:
        starts = self._openings.get(document)
        if starts is None:
            if len(self._openings) >= _REMEMBERED:
                self._openings.clear()  # one step: other threads read and write it
            starts = self._openings[document] = openings(body)
        return starts


def _places(body: str, text: str, starts: Sequence[int]) -> Iterator[int]:
    """The article, by its place among the others, in which each occurrence of a text stands."""
    at = body.find(text, starts[0])
    while at >= 0:
        yield bisect_right(starts, at) - 1
        at = body.find(text, at + len(text))
