"""Finding and ranking: a query against a snapshot of the index.

`units` cuts what was typed, `matching` finds the documents, `ranking` puts them in order.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from heapq import nlargest
from typing import Any, NamedTuple

from policykb.analysis import Lexicon
from policykb.index import NONE, Documents, Reader
from policykb.index.entry import FACETS, FIELD_WEIGHTS, stored_policy, weighted_sections
from policykb.query import And, Field, Filters, Match, Node, Or, Phrase, Sort, Wildcard, Word
from policykb.search.matching import Matcher
from policykb.search.ranking import K1, RESCORED, Ranker, leading
from policykb.search.units import Chunk, Cutter
from policykb.thesaurus import Thesaurus

TELLING = 30  # words by which entries are compared
TAIL = 0.1  # partial matches scored below this share of the best are left out
NUMBERED = 1000.0  # score of the document whose number was asked for


class Found(NamedTuple):
    """The documents that match, best first as far as they were asked for, with the scores of these."""

    documents: Documents
    ranked: Sequence[int]
    scores: Mapping[int, float]
    chunks: Sequence[Chunk] = ()
    partial: bool = False
    lacking: Documents = NONE


class Searcher:
    """Searches one snapshot of the index; keeps what it has read for the next query."""

    def __init__(self, reader: Reader, lexicon: Lexicon, thesaurus: Thesaurus) -> None:
        self.reader = reader
        self.lexicon = lexicon
        self.thesaurus = thesaurus
        self.cutter = Cutter(lexicon, thesaurus)
        self.matcher = Matcher(reader, self.cutter)
        self.ranker = Ranker(reader, self.matcher)

    def search(
        self,
        node: Node | None,
        filters: Filters,
        *,
        match: Match = "auto",
        sort: Sort = "relevance",
        need: int = 10,
        exact: bool = False,
    ) -> Found:
        """Finds the documents and ranks the first ``need`` of them.

        ``match``: ``all`` words of the query, ``any`` of them, the query as a ``phrase``; ``auto`` takes all
        words, and the best partial matches for a question or where no document has them all.
        """
        matcher = self.matcher
        if node is None:
            documents = matcher.within(self.reader.live, filters)
            newest: Sort = "newest" if sort == "relevance" else sort
            return Found(documents, self.ranker.by_day(documents, newest, need), {})
        items = node.items if isinstance(node, And) else (node,)
        typed = list({item.text: item for item in items if isinstance(item, Word)}.values())
        others = [item for item in items if not isinstance(item, Word)]
        if match == "phrase" and typed:
            others.append(Phrase(" ".join(word.text for word in typed)))
            typed = []
        chunks = [self.cutter.chunk(word.text, exact=exact) for word in typed]
        chunks = [chunk for chunk in chunks if chunk.units]
        scored = [*chunks, *(chunk for item in others for chunk in self._scored(item, exact))]
        required = self.reader.live
        for item in others:
            required &= matcher.evaluate(item, exact=exact)
        required = matcher.within(required, filters)
        numbered = matcher.numbered(typed) & required

        if match == "any" or (match == "auto" and any(chunk.is_sentence for chunk in chunks)):
            return self._any(chunks, scored, numbered, required, sort, need)
        documents = required
        for chunk in chunks:
            documents &= matcher.having(chunk)
        documents |= numbered
        if not documents and match == "auto" and sum(len(chunk.units) for chunk in chunks) > 1:
            return self._any(chunks, scored, numbered, required, sort, need)
        return self._all(documents, scored, numbered, sort, need)

    def _scored(self, node: Node, exact: bool) -> list[Chunk]:
        """What in a query tree's operators and fields counts for the score."""
        match node:
            case Word():
                return [self.cutter.chunk(node.text, exact=exact)]
            case Phrase():
                return [self.cutter.chunk(node.text, exact=True)]
            case Field(name="title"):
                return [self.cutter.chunk(node.value, exact=True)]
            case And() | Or():
                return [chunk for item in node.items for chunk in self._scored(item, exact)]
            case Wildcard():
                literal = max(re.split(r"[*?]", node.pattern), key=len)
                return [self.cutter.chunk(literal, exact=True)]
        return []

    def _all(self, documents: Documents, chunks: Sequence[Chunk], numbered: Documents, sort: Sort, need: int) -> Found:
        """Ranks documents that have all that was asked for: those with the number, those that have it as typed, then
        by how many units they have by a synonym alone."""
        ranker = self.ranker
        if sort != "relevance":
            ranked = ranker.by_day(documents, sort, need)
            return Found(documents, ranked, ranker.top(chunks, Documents.of(ranked), need), chunks)
        scores: dict[int, float] = {}
        levels: list[list[int]] = []
        wanted = max(need, RESCORED)
        for level in [numbered, *self._by_synonym(chunks, documents - numbered)]:
            top = ranker.top(chunks, level, wanted)
            levels.append(ranker.best(top, top, wanted))
            scores |= top
            wanted -= len(levels[-1])
        for document in levels[0]:
            scores[document] += NUMBERED
        left = RESCORED
        ranked = []
        for best in levels:
            ranked += ranker.look_again(chunks, best, scores, left)
            left = max(left - len(best), 0)
        return Found(documents, ranked[:need], scores, chunks)

    def _by_synonym(self, chunks: Sequence[Chunk], documents: Documents) -> list[Documents]:
        """Those of the documents that have no unit by a synonym alone, those that have one, two ..."""
        levels = [documents]
        for unit in (unit for chunk in chunks for unit in chunk.units if unit.synonyms):
            own = self.matcher.named(unit)
            fewer = [NONE, *levels]
            levels = [(same & own) | (less - own) for same, less in zip([*levels, NONE], fewer, strict=True)]
        return levels

    def _any(
        self,
        chunks: Sequence[Chunk],
        scored: Sequence[Chunk],
        numbered: Documents,
        allowed: Documents,
        sort: Sort,
        need: int,
    ) -> Found:
        """The best partial matches: documents that have some of the words, rare words first."""
        ranker = self.ranker
        scores = ranker.partial_scores(scored, allowed)
        floor = TAIL * max(scores.values(), default=0.0)
        documents = Documents.of(document for document, score in scores.items() if score >= floor)
        for chunk in chunks:
            whole = self.matcher.containing(chunk.text)
            worth = sum(map(ranker.worth, chunk.units))
            for document in whole:
                scores[document] = scores.get(document, 0.0) + worth
            documents |= whole
        for document in numbered:
            scores[document] = scores.get(document, 0.0) + NUMBERED
        documents = (documents | numbered) & allowed
        if sort == "relevance":
            ids = list(documents)
            count = max(need, RESCORED)
            best = ranker.best(leading(ids, [scores[document] for document in ids], count), scores, count)
            page = ranker.look_again(scored, best, scores, RESCORED)[: max(need, 1)]
        else:
            page = ranker.by_day(documents, sort, max(need, 1))
        lacking = Documents.of(document for document in page if not self._has_all(document, chunks))
        partial = bool(page) and len(lacking) == len(page)
        return Found(documents, page[:need], scores, scored, partial, lacking)

    def _has_all(self, document: int, chunks: Sequence[Chunk]) -> bool:
        text = self.reader.text(document).decode("utf-8", "surrogatepass")
        return all(
            all(word in text or document in self.reader.postings("word", word).documents for word in unit.words)
            or any(other in text for other in (*unit.names, *unit.synonyms))
            for chunk in chunks
            for unit in chunk.units
        )

    # -- about what was found

    def marked(self, document: int, found: Found) -> tuple[list[str], list[str]]:
        """The folded strings to mark in a hit: what was typed, as much of it as stands together, and what
        stands for it."""
        text = self.reader.text(document).decode("utf-8", "surrogatepass")
        exact: dict[str, None] = {}
        others: dict[str, None] = {}
        for chunk in found.chunks:
            for unit in chunk.units:
                others.update(dict.fromkeys((*unit.names, *unit.synonyms)))
            if chunk.text in text:
                exact[chunk.text] = None
                continue
            for unit in chunk.units:
                exact.update(dict.fromkeys([unit.text] if unit.text in text else unit.words))
                if unit.text not in text and document in found.lacking:
                    others.update(dict.fromkeys(unit.nested))
        return list(exact), [other for other in others if other not in exact]

    def explain(self, document: int, entry: Mapping[str, Any], found: Found) -> dict[str, float]:
        """A hit's score by field: the words' share by their weighted counts, the rest as "together"."""
        sections = weighted_sections(stored_policy(entry))
        words = {word for chunk in found.chunks for unit in chunk.units for word in (*unit.words, *unit.synonyms)}
        by_field = dict.fromkeys(FIELD_WEIGHTS, 0.0)
        base = self.ranker.top(found.chunks, Documents.of([document]), 1)[document]
        counts = {
            name: FIELD_WEIGHTS[name] * sum(text.count(word) for word in words) for name, text in sections.items()
        }
        total = sum(counts.values())
        for name, count in counts.items():
            if total:
                by_field[name] = round(base * count / total, 4)
        by_field["together"] = round(found.scores.get(document, 0.0) - base, 4)
        return {name: value for name, value in by_field.items() if value}

    def facets(self, documents: Documents) -> dict[str, dict[str, int]]:
        """How many of the documents have each department, tag, kind, status, and month, most first."""
        counts: dict[str, dict[str, int]] = {}
        for name, values in self._facets.items():
            found = {value: number for value, having in values.items() if (number := len(having & documents))}
            counts[name] = dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
        months = {month: len(having & documents) for month, having in self.reader.months.items()}
        counts["month"] = {month: number for month, number in months.items() if number}
        return counts

    @cached_property
    def _facets(self) -> Mapping[str, Mapping[str, Documents]]:
        postings, terms = self.reader.postings, self.reader.terms
        return {name: {value: postings(name, value).documents for value in terms(name)} for name in FACETS}

    def similar(self, document: int, need: int) -> list[tuple[int, float, list[str]]]:
        """The documents that share the most telling words with one: number, score, the words shared."""
        counts: defaultdict[str, float] = defaultdict(float)
        for name, text in weighted_sections(stored_policy(self.reader.entry(document))).items():
            if name != "issuers":
                for word, _, _ in self.lexicon.tokens(text):
                    if len(word) > 1 and not self.thesaurus.is_stopword(word) and not word.isdigit():
                        counts[word] += FIELD_WEIGHTS[name]
        telling: list[tuple[float, str]] = []
        for word, count in counts.items():
            frequency = len(self.reader.postings("word", word).documents)
            if frequency > 1:
                telling.append((self.ranker.idf(frequency) * count / (count + K1), word))
        telling.sort(key=lambda item: (-item[0], item[1]))
        norms = self.ranker.norms
        scores: dict[int, float] = {}
        shared: dict[int, list[str]] = {}
        for weight, word in telling[:TELLING]:
            documents, weights = self.reader.postings("word", word)
            for other in documents:
                if other != document:
                    steps = weights[other]
                    scores[other] = scores.get(other, 0.0) + weight * steps / (steps + norms[other])
                    shared.setdefault(other, []).append(word)
        best = nlargest(need, scores, key=lambda d: (scores[d], self.reader.days[d], d))
        return [(d, scores[d], _outermost(shared[d])[:6]) for d in best]


def _outermost(words: Sequence[str]) -> list[str]:
    """The words without those that stand inside another of them."""
    return [word for word in words if not any(word != other and word in other for other in words)]
