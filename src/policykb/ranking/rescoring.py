"""A second look at the best documents, for what word counts do not see: the query standing in a title or text as it was
typed, its words close together, and in a law of many articles all of that in one of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from policykb.ranking.docset import DocSet
from policykb.ranking.scoring import CALLED

if TYPE_CHECKING:
    from policykb.ranking.passages import Passages
    from policykb.ranking.reader import Reader
    from policykb.ranking.scoring import Part, Ranker
    from policykb.search.query_terms import Clause

RESCORED = 200  # entries that are looked at again

# Shares of the words' idf that are added for the query standing there as typed, or its words near.
IN_TITLE, IN_DOCUMENTS, IN_BODY, NEAR = 1.0, 0.6, 0.4, 0.4


class Rescorer:
    """Looks again at documents of one snapshot of the index."""

    def __init__(self, reader: Reader, ranker: Ranker) -> None:
        self._reader = reader
        self._ranker = ranker

    @cached_property
    def passages(self) -> Passages:
        """Finds articles in the documents."""
        from policykb.ranking.passages import Passages  # many collections have no laws

        return Passages(self._reader, self._ranker)

    def rescore(
        self,
        clauses: Sequence[Clause],
        ranked: Sequence[int],
        scores: dict[int, float],
        count: int,
        parts: Sequence[Part],
    ) -> list[int]:
        """The ranked documents, the first ``count`` of them by scores to which standing together is added.

        One that has articles scores as the best of these; ``parts`` are what counts.
        """
        self._add_together(clauses, ranked[:count], scores, parts)
        return [*self._ranker.best(ranked[:count], scores, count), *ranked[count:]]

    def _add_together(
        self,
        clauses: Sequence[Clause],
        ranked: Sequence[int],
        scores: dict[int, float],
        parts: Sequence[Part],
    ) -> None:
        if not clauses:
            return
        idf = {term: self._ranker.worth(term) for clause in clauses for term in clause.terms}
        total = sum(idf.values())
        typed = [(clause.text, sum(idf[term] for term in clause.terms)) for clause in clauses]
        words = list(dict.fromkeys(term.text for clause in clauses for term in clause.terms))
        if len(clauses) > 1:
            typed.append(("".join(clause.text for clause in clauses), total / 2))
        articled = set(DocSet.of(ranked) & self._reader.articled)
        best_of = self.passages.best if articled else None
        for document in ranked:
            title, documents, _, body = sections = self._reader.sections(document)
            if best_of and document in articled and scores.get(document, 0.0) < CALLED[-1]:
                passage = best_of(document, clauses, parts, sections)
                if passage:
                    scores[document], body = passage.score, body[passage.start : passage.end]
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


def nearness(text: str, words: Sequence[str]) -> float:
    """How close together a text has all the words: 1 when nothing stands between them, 0 when one is missing."""
    places: list[tuple[int, int]] = []
    for number, word in enumerate(words):
        start = text.find(word)
        if start < 0:
            return 0.0
        count = 0
        while start >= 0 and count < 20:
            places.append((start, number))
            start = text.find(word, start + 1)
            count += 1
    places.sort()
    needed = sum(map(len, words))
    best = len(text)
    seen: dict[int, int] = {}
    for start, number in places:
        seen[number] = start
        if len(seen) == len(words):
            best = min(best, start + len(words[number]) - min(seen.values()))
    return needed / max(best, needed)
