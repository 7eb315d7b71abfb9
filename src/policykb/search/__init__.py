"""Finding and ranking: a query against a snapshot of the index.

A word is found in every entry whose text contains it as a string: character pairs give the candidates, the text
decides. Entries are scored by BM25F over the words of all fields (`policykb.index.entry.FIELD_WEIGHTS`);
the best are scored again by what word counts do not see: the query standing in a title or in the text just as it
was typed, its words close together.

BM25: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with the idf
that is never negative.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from functools import cached_property
from heapq import nlargest, nsmallest
from itertools import groupby, pairwise
from math import log
from operator import itemgetter
from typing import Any, NamedTuple

from policykb.analysis import Lexicon, fold, runs
from policykb.index import Reader
from policykb.index.entry import (
    FACETS,
    FIELD_WEIGHTS,
    WEIGHT_STEP,
    number_key,
    stored_policy,
    weighted_sections,
)
from policykb.index.reader import Postings
from policykb.query import And, Field, Filters, Match, Node, Not, Or, Phrase, Sort, Wildcard, Within, Word
from policykb.thesaurus import Thesaurus

K1 = 1.2
B = 0.5
SENTENCE = 5  # words without a space between them from which a query is a question, not a filter
SYNONYM = 0.5  # what a synonym's score counts of the word's own
PAIR = 0.4  # in a question: two characters that stand together, in one word or across two
CHARACTER = 0.6  # in a question: a character of a word (赔 of 赔偿), for texts that say it in other words
COMMON = 0.5  # a character that more than this share of the entries have tells nothing
LONG = 4000  # entries from which a posting list no longer brings in new ones,
CANDIDATES = 2000  # once there are this many
TELLING = 30  # words by which entries are compared
TAIL = 0.1  # partial matches scored below this share of the best are left out
REMEMBERED = 256  # words whose documents are kept: a query asks for them more than once
RESCORED = 200  # entries that are looked at again
NUMBERED = 1000.0  # score of the document whose number was asked for

# Second look: shares of the words' idf that are added for the query standing there as typed, or its words near.
IN_TITLE, IN_DOCUMENTS, IN_BODY, NEAR = 1.0, 0.6, 0.4, 0.4


Documents = AbstractSet[int]


class Unit(NamedTuple):
    """A word of the query, or several words that have synonyms together, with what else stands for it.

    ``names`` are other names of the same department and count as the word itself; ``synonyms`` count less.
    """

    text: str
    words: tuple[str, ...]
    names: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()
    nested: tuple[str, ...] = ()


class Chunk(NamedTuple):
    """What was typed without a space: its folded text and its units."""

    text: str
    units: tuple[Unit, ...]
    words: tuple[str, ...] = ()
    asks: bool = False

    @property
    def is_sentence(self) -> bool:
        """Whether it is a question, by its words or its length, rather than a term."""
        return self.asks or len(self.units) >= SENTENCE


class Found(NamedTuple):
    """The documents that match, best first as far as they were asked for, with their scores."""

    documents: Documents
    ranked: Sequence[int]
    scores: Mapping[int, float]
    chunks: Sequence[Chunk] = ()
    partial: bool = False
    lacking: Documents = frozenset()


class Searcher:
    """Searches one snapshot of the index; keeps what it has read for the next query."""

    def __init__(self, reader: Reader, lexicon: Lexicon, thesaurus: Thesaurus) -> None:
        self.reader = reader
        self.lexicon = lexicon
        self.thesaurus = thesaurus
        self._having: dict[str, Documents] = {}
        self._facet_bits: dict[tuple[str, str], int] = {}

    # -- what a query asks for

    def chunk(self, text: str, *, exact: bool = False) -> Chunk:
        """Cuts what was typed without a space into units; ``exact`` leaves synonyms out."""
        folded = fold(text)
        words: list[str] = []
        nested: list[list[str]] = []
        for token in self.lexicon.tokens(folded):
            if token.nested:
                nested[-1].append(token.word)
            else:
                words.append(token.word)
                nested.append([])
        starts, at = [], 0
        for word in words:
            starts.append(folded.index(word, at))
            at = starts[-1] + len(word)
        ends = [start + len(word) for start, word in zip(starts, words, strict=True)]
        spans = {} if exact else self._synonym_spans(folded, starts, ends)
        units: list[Unit] = []
        number = 0
        while number < len(words):
            if number in spans:
                end, parts = spans[number], words[number : spans[number]]
            else:
                end = self._end_of_term(folded, words, starts, ends, number, spans)
                parts = [folded[starts[number] : ends[end - 1]]]
            text = folded[starts[number] : ends[end - 1]]
            inside = [word for i in range(number, end) for word in nested[i]]
            if end > number + 1:
                inside += [word for word in words[number:end] if len(word) > 1]
                inside += [a + b for run in runs(text) for a, b in pairwise(run)]
            names = () if exact else tuple(self.thesaurus.names(text))
            synonyms = () if exact else tuple(self.thesaurus.synonyms(text))
            units.append(Unit(text, tuple(parts), names, synonyms, tuple(dict.fromkeys(inside))))
            number = end
        content = [unit for unit in units if not self.thesaurus.is_stopword(unit.text)]
        asks = len(content) > 1 and any(map(self.thesaurus.asks, words))
        said = [word for word in words if not self.thesaurus.is_stopword(word)]
        return Chunk(folded, tuple(dict.fromkeys(content or units)), tuple(said or words), asks)

    def _end_of_term(
        self,
        folded: str,
        words: Sequence[str],
        starts: Sequence[int],
        ends: Sequence[int],
        number: int,
        spans: Mapping[int, int],
    ) -> int:
        """The word after the term that begins with a word: a term of the user's own, which the dictionary does
        not have, falls into single characters when it is cut (林 权, 碳 配额, 水泥 厂); they belong together."""

        def single(i: int) -> bool:
            word = words[i]
            return len(word) == 1 and not word.isascii() and not self.thesaurus.is_stopword(word)

        def joined(i: int) -> bool:
            return i < len(words) and starts[i] == ends[i - 1] and i not in spans

        def says(i: int) -> bool:
            return joined(i) and not self.thesaurus.is_stopword(words[i])

        end = number + 1
        if single(number):
            while joined(end) and single(end):
                end += 1
            if end == number + 1 and says(end) and not words[end].isascii():
                end += 1
        elif joined(end) and single(end) and not self.thesaurus.is_stopword(words[number]):
            end += words[number].isascii() or not says(end + 1)
        return end

    def _synonym_spans(self, folded: str, starts: Sequence[int], ends: Sequence[int]) -> dict[int, int]:
        """First word -> word after the last, for word sequences that have synonyms together."""
        first = {start: number for number, start in enumerate(starts)}
        after = {end: number + 1 for number, end in enumerate(ends)}
        spans = {}
        for start, end in self.thesaurus.inside(folded):
            if start in first and end in after and after[end] > first[start] + 1:
                spans[first[start]] = after[end]
        return spans

    # -- where a string stands

    def containing(self, folded: str, known: Documents = frozenset()) -> Documents:
        """The documents whose title, document names, number or body contain the folded string.

        ``known`` are documents that need not be looked at again.
        """
        parts = runs(folded)
        lists = [self.reader.postings("pair", a + b) for part in parts for a, b in pairwise(part)]
        lists.sort(key=lambda postings: len(postings.ids))
        candidates: Documents
        if lists:
            candidates = lists[0].documents
            for postings in lists[1:]:
                if not candidates:
                    return candidates
                candidates &= postings.documents
        else:
            candidates = self.reader.live
        for part in parts:
            if len(part) == 1:
                candidates &= self._with_character(part)
        if parts == [folded] and len(folded) <= 2:
            return candidates
        text, needle = self.reader.text, folded.encode("utf-8", "surrogatepass")
        return {d for d in candidates if d in known or needle in text(d)}

    def _with_character(self, char: str) -> Documents:
        found: set[int] = set()
        for term in self.reader.terms("pair", char):
            found |= self.reader.postings("pair", term).documents
        return found

    def having(self, word: str) -> Documents:
        """The documents that contain a word: as a string in their text, or in their metadata."""
        found = self._having.get(word)
        if found is None:
            found = self.reader.postings("word", word).documents
            if runs(word):
                found = found | self.containing(word, found)
            if len(self._having) >= REMEMBERED:
                self._having.pop(next(iter(self._having)))
            self._having[word] = found
        return found

    def _having_synonym(self, synonym: str) -> Documents:
        # a short one (央行, CEA) may stand inside other words by accident
        if len(synonym) <= 3 or synonym.isascii():
            return self.reader.postings("word", synonym).documents
        return self.having(synonym)

    def matching(self, unit: Unit) -> Documents:
        """The documents that have a unit, by its words or a synonym."""
        own = self._with_words(unit)
        for synonym in unit.synonyms:
            own = own | self._having_synonym(synonym)
        return own

    def _with_words(self, unit: Unit) -> Documents:
        documents = self.having(unit.words[0])
        for word in unit.words[1:]:
            if not documents:
                break
            documents = documents & self.having(word)
        for name in unit.names:
            documents = documents | self._having_synonym(name)
        return documents

    # -- what matches

    def evaluate(self, node: Node, *, exact: bool = False) -> Documents:
        """The documents a query tree matches."""
        match node:
            case Word():
                documents: Documents = self.reader.live
                for unit in self.chunk(node.text, exact=exact).units:
                    documents = documents & (self._with_words(unit) if exact else self.matching(unit))
                    if not documents:
                        break
                return documents
            case Phrase():
                return self.containing(fold(node.text))
            case Wildcard():
                return self._matching_pattern(node.pattern)
            case Not():
                return self.reader.live - self.evaluate(node.item, exact=exact)
            case And():
                documents = self.reader.live
                for item in node.items:
                    documents = documents & self.evaluate(item, exact=exact)
                return documents
            case Or():
                return frozenset().union(*(self.evaluate(item, exact=exact) for item in node.items))
            case Field():
                return self._in_field(node.name, node.value)
            case Within():
                return self.within(self.reader.live, Filters(dates=node.dates))

    def numbered(self, typed: Sequence[Word]) -> Documents:
        """The documents with the number that the words together are, or that one of them is."""
        texts = {"".join(word.text for word in typed), *(word.text for word in typed)}
        found: Documents = frozenset()
        for key in map(number_key, texts):
            if " " in key:  # a year and a number
                found = found | self.reader.postings("number", key).documents
        return found

    def _matching_pattern(self, pattern: str) -> Documents:
        """Documents in which a run of letters, digits and Han characters matches ``*`` and ``?``.

        The pieces between stars are looked for one after the other, each at its first place: that is linear,
        however many stars there are.
        """
        pieces = [fold(piece) for piece in pattern.split("*") if piece]
        documents: Documents = self.reader.live
        for literal in (literal for piece in pieces for literal in piece.split("?") if literal):
            documents = documents & self.containing(literal)
        searches = [re.compile(re.escape(piece).replace(r"\?", ".")).search for piece in pieces]

        def matches(run: str) -> bool:
            at = 0
            for search in searches:
                found = search(run, at)
                if not found:
                    return False
                at = found.end()
            return True

        if len(pieces) == 1 and "?" not in pieces[0]:
            return documents
        return {d for d in documents if any(matches(run) for part in self.reader.sections(d) for run in runs(part))}

    def _in_field(self, name: str, value: str) -> Documents:
        folded = fold(value)
        if name == "title":
            section = 0
            return {d for d in self.containing(folded) if folded in self.reader.sections(d)[section]}
        if name == "number":
            key = number_key(value)
            exact = self.reader.postings("number", key).documents
            if exact or not key:
                return exact
            matching = [term for term in self.reader.terms("number") if key in term]
            return frozenset().union(*(self.reader.postings("number", term).documents for term in matching))
        return self.reader.postings(name, value).documents

    def filtered(self, filters: Filters) -> Documents | None:
        """The documents that pass the filters; None when there are none of these."""
        allowed: Documents | None = None
        for name, values in (
            ("issuer", filters.issuers),
            ("tag", filters.tags),
            ("kind", filters.kinds),
            ("status", filters.statuses),
        ):
            if values:
                documents = frozenset().union(*(self.reader.postings(name, v).documents for v in values))
                allowed = documents if allowed is None else allowed & documents
        return allowed

    def within(self, documents: Documents, filters: Filters) -> Documents:
        """The documents that pass the filters, the period included."""
        allowed = self.filtered(filters)
        if allowed is not None:
            documents = documents & allowed
        if filters.dates:
            days = self.reader.days
            first = filters.dates.start.toordinal() if filters.dates.start else 0
            stop = filters.dates.end.toordinal() if filters.dates.end else 1 << 30
            documents = {d for d in documents if first <= days[d] < stop}
        return documents

    # -- searching

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
        if node is None:
            documents = self.within(self.reader.live, filters)
            return Found(documents, self._by_day(documents, sort, need), {})
        items = node.items if isinstance(node, And) else (node,)
        typed = list({item.text: item for item in items if isinstance(item, Word)}.values())
        others = [item for item in items if not isinstance(item, Word)]
        if match == "phrase" and typed:
            others.append(Phrase(" ".join(word.text for word in typed)))
            typed = []
        chunks = [self.chunk(word.text, exact=exact) for word in typed]
        chunks = [chunk for chunk in chunks if chunk.units and runs(chunk.text)]
        scored = [*chunks, *(chunk for item in others for chunk in self._scored(item, exact))]
        required: Documents = self.reader.live
        for item in others:
            required = required & self.evaluate(item, exact=exact)

        asks = match == "auto" and any(chunk.is_sentence for chunk in chunks)
        if match == "any" or asks:
            return self._any(chunks, scored, typed, required, filters, sort, need)
        documents = required
        for word in typed:
            documents = documents & self.evaluate(word, exact=exact)
        numbered = self.numbered(typed)
        documents = self.within(documents | (numbered & required), filters)
        if not documents and chunks and match == "auto":
            units = sum(len(chunk.units) for chunk in chunks)
            if units > 1:
                return self._any(chunks, scored, typed, required, filters, sort, need)
        return self._rank(documents, scored, numbered, sort, need)

    def _scored(self, node: Node, exact: bool) -> list[Chunk]:
        """What in a query tree's operators and fields counts for the score."""
        match node:
            case Word():
                return [self.chunk(node.text, exact=exact)]
            case Phrase():
                return [self.chunk(node.text, exact=True)]
            case Field(name="title"):
                return [self.chunk(node.value, exact=True)]
            case And() | Or():
                return [chunk for item in node.items for chunk in self._scored(item, exact)]
            case Wildcard():
                literal = max(re.split(r"[*?]", node.pattern), key=len)
                return [self.chunk(literal, exact=True)]
        return []

    def _first(self, documents: Iterable[int], need: int, key: Callable[[int], tuple[float, ...]]) -> list[int]:
        """The first ``need`` documents by ``key``, equal ones in the order of their paths."""
        keyed = [(key(document), document) for document in documents]
        if need < len(keyed):
            last = nsmallest(need, keyed)[-1][0] if need else ()
            keyed = [item for item in keyed if item[0] <= last]
        keyed.sort()
        ordered: list[int] = []
        for _, group in groupby(keyed, key=itemgetter(0)):
            equal = [document for _, document in group]
            ordered += sorted(equal, key=self.reader.path) if len(equal) > 1 else equal
        return ordered[:need]

    def _by_day(self, documents: Collection[int], sort: Sort, need: int) -> list[int]:
        days = self.reader.days
        if sort == "oldest":
            if 0 < need < len(documents):
                last = nsmallest(need, map(days.__getitem__, documents))[-1]
                documents = [document for document in documents if days[document] <= last]
            return self._first(documents, need, lambda d: (days[d],))
        return self._first(_leading(documents, days.__getitem__, need), need, lambda d: (-days[d],))

    def _rank(self, documents: Documents, chunks: Sequence[Chunk], numbered: Documents, sort: Sort, need: int) -> Found:
        """Ranks documents that have all that was asked for."""
        if sort != "relevance":
            ranked = self._by_day(documents, sort, need)
            return Found(documents, ranked, self._scores(chunks, frozenset(ranked)), chunks)
        scores = self._scores(chunks, documents)
        for document in numbered & documents:
            scores[document] += NUMBERED
        others = self._by_synonym(chunks, documents, numbered)
        days = self.reader.days
        count = max(need, RESCORED)
        exact = [document for document in documents if document not in others] if others else documents
        pool = _leading(exact, scores.__getitem__, count) if len(exact) >= count or not others else documents
        best = self._first(pool, count, lambda d: (others.get(d, 0), -scores[d], -days[d]))
        again = best[:RESCORED]
        self._look_again(chunks, again, scores)
        again = self._first(again, RESCORED, lambda d: (others.get(d, 0), -scores[d], -days[d]))
        return Found(documents, [*again, *best[RESCORED:]][:need], scores, chunks)

    def _by_synonym(self, chunks: Sequence[Chunk], documents: Documents, numbered: Documents) -> dict[int, int]:
        """How many units each document has by a synonym alone; exact matches come before these."""
        counts: dict[int, int] = {}
        for chunk in chunks:
            for unit in chunk.units:
                if unit.synonyms:
                    for document in documents - self._with_words(unit) - numbered:
                        counts[document] = counts.get(document, 0) + 1
        return counts

    def _idf(self, frequency: int) -> float:
        return log(1 + (self.reader.count - frequency + 0.5) / (frequency + 0.5))

    @cached_property
    def _norms(self) -> Sequence[float]:
        average = self.reader.average_length
        return [K1 * (1 - B + B * length / average) for length in self.reader.lengths]

    def _scores(self, chunks: Sequence[Chunk], documents: Iterable[int]) -> dict[int, float]:
        """BM25F of documents for all units of the chunks."""
        documents = documents if isinstance(documents, AbstractSet) else frozenset(documents)
        scores: dict[int, float] = dict.fromkeys(documents, 0.0)
        for unit in dict.fromkeys(unit for chunk in chunks for unit in chunk.units):
            for word in unit.words:
                having = self.having(word)
                self._add(scores, word, having & documents, self._idf(len(having)))
            for weight, others in ((1.0, unit.names), (SYNONYM, unit.synonyms)):
                for other in others:
                    having = self._having_synonym(other)
                    self._add(scores, other, having & documents, weight * self._idf(len(having)))
        return scores

    def _add(self, scores: dict[int, float], word: str, documents: Documents, weight: float) -> None:
        """Adds a word's BM25 to the scores of documents that have it."""
        postings = self.reader.postings("word", word)
        norms = self._norms
        factor = weight * (K1 + 1)
        if len(postings.ids) <= 4 * len(documents):
            counted = 0
            for document, steps in zip(postings.ids, postings.weights, strict=True):
                if document in documents:
                    count = steps * WEIGHT_STEP
                    scores[document] += factor * count / (count + norms[document])
                    counted += 1
            if counted == len(documents):
                return
            rest = documents - postings.documents
        else:
            position = dict(zip(postings.ids, postings.weights, strict=True))
            for document in documents:
                if document in position:
                    count = position[document] * WEIGHT_STEP
                    scores[document] += factor * count / (count + norms[document])
            rest = documents - postings.documents
        for document in rest:  # it stands there across the words of another reading
            scores[document] += factor / (1 + norms[document])

    def _any(
        self,
        chunks: Sequence[Chunk],
        scored: Sequence[Chunk],
        typed: Sequence[Word],
        required: Documents,
        filters: Filters,
        sort: Sort,
        need: int,
    ) -> Found:
        """The best partial matches: documents that have some of the words, rare words first."""
        allowed: Documents | None = (
            self.within(required, filters) if required is not self.reader.live or filters else None
        )
        scores = self._partial_scores(scored, allowed)
        floor = TAIL * max(scores.values(), default=0.0)
        kept = {document for document, score in scores.items() if score >= floor}
        for chunk in chunks:
            whole = self.containing(chunk.text)
            worth = sum(self._idf(len(self.reader.postings("word", w).ids)) for u in chunk.units for w in u.words)
            for document in whole:
                scores[document] = scores.get(document, 0.0) + worth
            kept |= whole
        numbered = self.numbered(typed)
        for document in numbered:
            scores[document] = scores.get(document, 0.0) + NUMBERED
        documents: Documents = kept | numbered
        if allowed is not None:
            documents = documents & allowed
        days = self.reader.days
        if sort == "relevance":
            count = max(need, RESCORED)
            pool = _leading(documents, scores.__getitem__, count)
            best = self._first(pool, count, lambda d: (-scores[d], -days[d]))
            again = best[:RESCORED]
            self._look_again(scored, again, scores)
            again = self._first(again, RESCORED, lambda d: (-scores[d], -days[d]))
            page = [*again, *best[RESCORED:]][: max(need, 1)]
        else:
            page = self._by_day(documents, sort, max(need, 1))
        lacking = {d for d in page if not self._has_all(d, chunks)}
        partial = bool(page) and len(lacking) == len(page)
        return Found(documents, page[:need], scores, scored, partial, lacking)

    def _partial_scores(self, chunks: Sequence[Chunk], allowed: Documents | None) -> dict[int, float]:
        """BM25 of documents that have some of the words, of their characters or of their character pairs.

        The shortest lists come first: they bring in the documents. A long list only adds to the best of them.
        """
        lists: dict[str, tuple[Postings, float]] = {}

        def add(field: str, term: str, weight: float) -> None:
            if term not in lists:
                lists[term] = self.reader.postings(field, term), weight

        for chunk in chunks:
            for word in chunk.words:
                if len(word) > 1:
                    add("word", word, 1.0)
            for unit in chunk.units:
                for synonym in (*unit.names, *unit.synonyms):
                    add("word", synonym, SYNONYM)
            for run in runs(chunk.text):
                for a, b in pairwise(run):
                    add("pair", a + b, PAIR)
            for char in "".join(chunk.words):
                if len(self.reader.postings("word", char).ids) <= COMMON * self.reader.count:
                    add("word", char, CHARACTER)
        scores: dict[int, float] = {}
        norms = self._norms
        for postings, weight in sorted(lists.values(), key=lambda item: len(item[0].ids)):
            factor = weight * self._idf(len(postings.ids)) * (K1 + 1)
            ids, steps = postings.ids, postings.weights
            if len(scores) >= CANDIDATES and len(ids) > LONG:
                if len(scores) > CANDIDATES:
                    if allowed is not None:
                        scores = {d: score for d, score in scores.items() if d in allowed}
                    scores = dict(nlargest(CANDIDATES, scores.items(), key=itemgetter(1)))
                for document in scores:
                    at = bisect_left(ids, document)
                    if at < len(ids) and ids[at] == document:
                        count = steps[at] * WEIGHT_STEP if steps else 1.0
                        scores[document] += factor * count / (count + norms[document])
            elif steps:
                for document, step in zip(ids, steps, strict=True):
                    count = step * WEIGHT_STEP
                    scores[document] = scores.get(document, 0.0) + factor * count / (count + norms[document])
            else:
                for document in ids:
                    scores[document] = scores.get(document, 0.0) + factor / (1 + norms[document])
        return scores

    def _has_all(self, document: int, chunks: Sequence[Chunk]) -> bool:
        text = self.reader.text(document).decode("utf-8", "surrogatepass")
        return all(
            all(word in text or document in self.reader.postings("word", word).documents for word in unit.words)
            or any(other in text for other in (*unit.names, *unit.synonyms))
            for chunk in chunks
            for unit in chunk.units
        )

    def _look_again(self, chunks: Sequence[Chunk], ranked: Sequence[int], scores: dict[int, float]) -> None:
        """Adds to the scores what standing together is worth."""
        if not chunks:
            return
        idf = {
            unit: sum(self._idf(len(self.reader.postings("word", word).ids)) for word in unit.words)
            for chunk in chunks
            for unit in chunk.units
        }
        total = sum(idf.values())
        typed = [(chunk.text, sum(idf[unit] for unit in chunk.units)) for chunk in chunks]
        words = list(dict.fromkeys(unit.text for chunk in chunks for unit in chunk.units))
        if len(chunks) > 1:
            typed.append(("".join(chunk.text for chunk in chunks), total / 2))
        for document in ranked:
            sections = self.reader.sections(document)
            title, documents, _, body = sections
            bonus = 0.0
            for text, weight in typed:
                if text in title:
                    bonus += weight * (IN_TITLE + 0.5 * len(text) / len(title))
                elif text in documents:
                    bonus += weight * IN_DOCUMENTS
                if text in body:
                    bonus += weight * IN_BODY
            for unit, weight in idf.items():
                if unit.text not in title and unit.text not in documents:
                    others = (*unit.names, *unit.synonyms)
                    if inside := [other for other in others if other in title]:
                        bonus += weight * (IN_TITLE + 0.5 * max(map(len, inside)) / len(title))
                    elif any(other in documents for other in others):
                        bonus += weight * IN_DOCUMENTS
            if len(words) > 1:
                near = max(_nearness(section, words) for section in (title, documents, body))
                bonus += total * NEAR * near
            scores[document] = scores.get(document, 0.0) + bonus

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
        base = self._scores(found.chunks, {document})[document]
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
        wanted = self._bits(documents)
        for name in FACETS:
            found = {}
            for value in self.reader.terms(name):
                bits = self._facet_bits.get((name, value))
                if bits is None:
                    bits = self._facet_bits[name, value] = self._bits(self.reader.postings(name, value).ids)
                if number := (bits & wanted).bit_count():
                    found[value] = number
            counts[name] = dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
        days = self.reader.days
        months: dict[str, int] = {}
        for day, number in Counter(days[document] for document in documents).items():
            month = date.fromordinal(day).isoformat()[:7]
            months[month] = months.get(month, 0) + number
        counts["month"] = dict(sorted(months.items()))
        return counts

    def _bits(self, documents: Iterable[int]) -> int:
        """A set of documents as the bits of a number: counting what two have in common is one operation."""
        flags = bytearray(b"0") * (self.reader.size + 1)
        for document in documents:
            flags[document] = 49  # "1"
        return int(flags, 2)

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
            frequency = len(self.reader.postings("word", word).ids)
            if frequency > 1:
                telling.append((self._idf(frequency) * count / (count + K1), word))
        telling.sort(key=lambda item: (-item[0], item[1]))
        norms = self._norms
        scores: dict[int, float] = {}
        shared: dict[int, list[str]] = {}
        for weight, word in telling[:TELLING]:
            postings = self.reader.postings("word", word)
            for other, steps in zip(postings.ids, postings.weights, strict=True):
                if other != document:
                    weighted = steps * WEIGHT_STEP
                    scores[other] = scores.get(other, 0.0) + weight * weighted / (weighted + norms[other])
                    shared.setdefault(other, []).append(word)
        best = nlargest(need, scores, key=lambda d: (scores[d], self.reader.days[d], d))
        return [(d, scores[d], _outermost(shared[d])[:6]) for d in best]


def _outermost(words: Sequence[str]) -> list[str]:
    """The words without those that stand inside another of them."""
    return [word for word in words if not any(word != other and word in other for other in words)]


def _leading(documents: Collection[int], value: Callable[[int], float], need: int) -> Collection[int]:
    """The documents whose value is at least the one that ``need`` of them reach: few enough to be sorted."""
    if not 0 < need < len(documents):
        return documents
    floor = nlargest(need, map(value, documents))[-1]
    return [document for document in documents if value(document) >= floor]


def _nearness(text: str, words: Sequence[str]) -> float:
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
