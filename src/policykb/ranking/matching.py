"""Which documents match: where strings stand, what a query tree selects, what filters let through.

A word is found in every entry whose text contains it as a string: character pairs give the candidates, the text
decides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from policykb.domain.relation import RELATION_TYPES
from policykb.ranking.docset import NONE, DocSet
from policykb.ranking.reader import Postings
from policykb.search.nodes import And, Field, Not, Or, Phrase, Wildcard, Within, Word
from policykb.search.record import HAN, NEARNESS, STEPS, UNDATED, name_key
from policykb.search.request import Filters
from policykb.text.bigrams import runs
from policykb.text.fold import fold, letters
from policykb.text.number_key import said_key, whole_number

if TYPE_CHECKING:
    from policykb.ranking.reader import Reader
    from policykb.search.nodes import Node
    from policykb.search.query_terms import Clause, QueryAnalyzer, QueryTerm

REMEMBERED = 256  # words whose documents are kept: a query asks for them more than once
ACCIDENTAL = 3  # characters of a synonym (央行, CEA) that may stand inside other words by accident

_NAMED = re.compile("[《<＜]([^《》<>＜＞]+)[》>＞]")


def is_accidental(synonym: str) -> bool:
    """Whether a synonym may stand inside other words by accident."""
    return len(synonym) <= ACCIDENTAL or synonym.isascii()


class Matcher:
    """Finds the documents of one snapshot of the index; keeps what it has read for the next query."""

    def __init__(self, reader: Reader, analyzer: QueryAnalyzer) -> None:
        self._reader = reader
        self._analyzer = analyzer
        self._words: dict[str, Postings] = {}

    # -- where a string stands

    def containing(self, folded: str, known: DocSet = NONE, *, title: bool = False) -> DocSet:
        """The documents whose title, document names, number or body contain the folded string.

        ``known`` are documents that need not be looked at again; with ``title`` only the title is looked at.
        """
        parts = runs(folded)
        candidates = self._reader.live
        for part in parts:
            for a, b in pairwise(part):
                candidates &= self._reader.postings("pair", a + b).documents
                if not candidates:
                    return NONE
            if len(part) == 1:
                candidates &= self._with_character(part)
        if parts == [folded] and len(folded) <= 2 and not title:
            return candidates
        return (candidates & known) | self._reader.holding(folded, candidates - known, title=title)

    def _with_character(self, char: str) -> DocSet:
        terms = self._reader.terms("pair", char)
        return DocSet.any_of(self._reader.postings("pair", term).documents for term in terms)

    def word(self, word: str) -> Postings:
        """The documents that contain a word, as a string in their text or in their metadata, and its weights there.

        Where a string stands across the words of another reading it counts once.
        """
        found = self._words.get(word)
        if found is None:
            found = self._reader.postings("word", word)
            if runs(word) and not (len(word) == 1 and word >= HAN):  # these characters are counted wherever they stand
                across = self.containing(word, found.documents) - found.documents
                if across:
                    weights = bytearray(found.weights or bytes(self._reader.size))
                    for document in across:
                        weights[document] = STEPS
                    found = Postings(found.documents | across, bytes(weights))
            if len(self._words) >= REMEMBERED:
                self._words.clear()  # one step: other threads read and write it
            self._words[word] = found
        return found

    def synonym(self, synonym: str) -> Postings:
        """The documents that contain a synonym, and its weights there; a short one has to stand there as a word."""
        if is_accidental(synonym):
            return self._reader.postings("word", synonym)
        return self.word(synonym)

    def named(self, term: QueryTerm) -> DocSet:
        """The documents that have all words of a term, or another name of its department."""
        documents = self._reader.live
        for word in term.words:
            documents &= self.word(word).documents
            if documents == NONE:
                break
        return DocSet.any_of((documents, *(self.synonym(name).documents for name in term.names)))

    def matching(self, term: QueryTerm) -> DocSet:
        """The documents that have a term, by its words or a synonym."""
        return DocSet.any_of((self.named(term), *(self.synonym(other).documents for other in term.synonyms)))

    def having(self, clause: Clause) -> DocSet:
        """The documents that have all terms of a clause."""
        documents = self._reader.live
        for term in clause.terms:
            documents &= self.matching(term)
            if documents == NONE:
                break
        return documents

    def is_scattered(self, clauses: Sequence[Clause]) -> bool:
        """Whether a piece of what was typed that is no single word stands in no document: a name mistyped?"""
        pieces = (one for one in clauses if one.text != one.terms[0].text and not one.asks)
        return any(not self.containing(one.text) for one in pieces)

    def is_named(self, typed: Sequence[Word]) -> bool:
        """Whether what was typed is the name of a document, or has the number of one."""
        return any(map(bool, (*self.called(typed, quoted=False), self.numbered(typed))))

    # -- what a query selects

    def evaluate(self, node: Node, *, exact: bool = False) -> DocSet:
        """The documents a query tree matches."""
        match node:
            case Word():
                return self.having(self._analyzer.clause(node.text, exact=exact))
            case Phrase():
                return self.containing(fold(node.text))
            case Wildcard():
                return self._matching_pattern(node.pattern)
            case Not():
                return self._reader.live - self.evaluate(node.item, exact=exact)
            case And():
                documents = self._reader.live
                for item in node.items:
                    documents &= self.evaluate(item, exact=exact)
                return documents
            case Or():
                return DocSet.any_of(self.evaluate(item, exact=exact) for item in node.items)
            case Field():
                return self._in_field(node.name, node.value)
            case Within(dates=None):
                return self._reader.undated
            case Within():
                return self.within(self._reader.live, Filters(dates=node.dates))

    def numbered(self, typed: Sequence[Word]) -> DocSet:
        """The documents with the number that the words together are, or that one of them is.

        Where that is no year and number, those of any year whose number the words together are (国办发39号).
        """
        whole = "".join(word.text for word in typed)
        keys = [key for key in map(said_key, {whole, *(word.text for word in typed)}) if " " in key]
        if keys or not (pattern := whole_number(whole)):
            return DocSet.any_of(self._reader.postings("number", key).documents for key in keys)
        return self._with_number(pattern)

    def called(self, typed: Sequence[Word], *, quoted: bool = True, exact: bool = False) -> list[DocSet]:
        """The documents whose name the words are, or else, if ``quoted``, stands in 《》 among them: by how near.

        What else it is called counts, too, if it is the title of a document, unless ``exact``.
        """
        whole = "".join(word.text for word in typed)
        names = [whole] if typed else []
        if "条" in whole:
            from policykb.text.articles import NAME  # few queries name an article

            names.append(NAME.sub("", whole))
        meant = () if exact else self._analyzer.synonyms(whole)
        found, inside = self._going_by(names, meant), _NAMED.findall(whole) if quoted else []
        return found if not inside or any(map(bool, found)) else self._going_by(inside)

    def _going_by(self, names: Sequence[str], meant: Sequence[str] = ()) -> list[DocSet]:
        found, seen = [], NONE
        keys = list(map(letters, names))
        for nearness in NEARNESS:
            documents = NONE
            for key in keys:
                documents |= self._reader.postings("called", f"{nearness}{key}").documents
            for name in meant if nearness == NEARNESS[0] else ():
                documents |= self._reader.postings("called", name_key(name, nearness)).documents
            found.append(documents - seen)
            seen |= documents
        return found

    def _matching_pattern(self, pattern: str) -> DocSet:
        """The documents in which a run of letters, digits and Han characters matches ``*`` and ``?``."""
        pieces = [folded for piece in pattern.split("*") if (folded := fold(piece))]
        documents = self._reader.live
        for literal in (literal for piece in pieces for literal in piece.split("?") if literal):
            documents &= self.containing(literal)
        if len(pieces) < 2 and "?" not in "".join(pieces):
            return documents
        from policykb.ranking.wildcards import in_a_run  # few queries have wildcards

        matches = in_a_run([re.escape(piece).replace(r"\?", r"[^\W_]") for piece in pieces])
        return DocSet.of(document for document in documents if matches(self._reader.text(document)))

    def _in_field(self, name: str, value: str) -> DocSet:
        if name == "title":
            return self.containing(fold(value), title=True)
        if name == "number":
            key = said_key(value)
            exact = self._reader.postings("number", key).documents
            return exact if exact or not key else self._with_number(whole_number(value), key)
        if name in RELATION_TYPES:
            from policykb.ranking.related import related  # most queries name no relation

            return DocSet.of(related(self._reader.links, name, value))
        return self._reader.postings(name, value).documents

    def _with_number(self, pattern: str, part: str = "") -> DocSet:
        """The documents with a number whose key matches a pattern, or, without one, has a part."""
        terms = self._reader.terms("number")
        found = [term for term in terms if (re.fullmatch(pattern, term) if pattern else part in term)]
        return DocSet.any_of(self._reader.postings("number", term).documents for term in found)

    # -- what filters let through

    def within(self, documents: DocSet, filters: Filters) -> DocSet:
        """Those of the documents that pass the filters."""
        for name, values in (
            ("issuer", filters.issuers),
            ("tag", filters.tags),
            ("kind", filters.kinds),
            ("status", filters.statuses),
            ("level", filters.levels),
            ("region", filters.regions),
        ):
            if values:
                documents &= DocSet.any_of(self._reader.postings(name, value).documents for value in values)
        if filters.dates:
            first = filters.dates.start.toordinal() if filters.dates.start else UNDATED + 1
            stop = filters.dates.end.toordinal() if filters.dates.end else 1 << 30
            documents &= self._reader.published(first, stop)
        if filters.validity and filters.states:
            states = filters.states(self._reader.links)
            documents &= DocSet.of(sorted(one for one, state in states.items() if state in filters.validity))
        return documents
