"""Which documents match, as queries of OpenSearch: the same `Matcher`, over postings that are not looked up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from policykb.domain.relation import RELATION_TYPES
from policykb.engines.opensearch.mapping import BREAK, IN_RUN, clean
from policykb.engines.opensearch.selection import EVERYTHING, Query
from policykb.ranking.docset import NONE, DocSet
from policykb.ranking.matching import Matcher
from policykb.ranking.reader import Postings
from policykb.search.record import HAN
from policykb.text.bigrams import runs
from policykb.text.fold import fold

if TYPE_CHECKING:
    from policykb.engines.opensearch.reading import QueryReader
    from policykb.search.request import Filters

_LONGEST = 1000  # characters of a string that are looked for at once


class QueryMatcher(Matcher):
    """Says in OpenSearch's terms which documents match."""

    _reader: QueryReader  # type: ignore[assignment]

    def containing(self, folded: str, known: DocSet = NONE, *, title: bool = False) -> DocSet:
        return self._reader.selection(_string("title" if title else "text", clean(folded)))

    def word(self, word: str) -> Postings:
        found = self._reader.postings("word", word)
        if runs(word) and not (len(word) == 1 and word >= HAN):
            return Postings(found.documents | self.containing(word), b"")
        return found

    def _matching_pattern(self, pattern: str) -> DocSet:
        pieces = [folded for piece in pattern.split("*") if (folded := fold(piece))]
        documents: DocSet = self._reader.live
        for literal in (literal for piece in pieces for literal in piece.split("?") if literal):
            documents &= self.containing(literal)
        if len(pieces) < 2 and "?" not in "".join(pieces):
            return documents
        return documents & self._reader.selection({"intervals": {"text.one": _in_one_run(list(map(clean, pieces)))}})

    def _in_field(self, name: str, value: str) -> DocSet:
        if name in RELATION_TYPES:
            from policykb.ranking.related import related  # most queries name no relation

            links = self._reader.links
            return self._reader.selection(links.selection(related(links, name, value)))
        return super()._in_field(name, value)

    def _with_number(self, pattern: str, part: str = "") -> DocSet:
        return self._reader.selection({"regexp": {"number": pattern}} if pattern else _string("numbers", part))

    def within(self, documents: DocSet, filters: Filters) -> DocSet:
        return super().within(documents, filters._replace(validity=()))


def _string(field: str, text: str) -> Query:
    """What stands for a string: a phrase of pairs, which overlap, or one character."""
    if not text:
        return EVERYTHING
    if len(text) == 1:  # the number that is no more than it was looked for before; of pairs of numbers there are few
        return {"regexp": {field: f".?{text}.?"}} if field == "numbers" else {"term": {f"{field}.one": text}}
    parts = [text[at : at + _LONGEST] for at in range(0, len(text) - 1, _LONGEST - 1)]
    phrases = [{"match_phrase": {field: part}} for part in parts]
    return phrases[0] if len(phrases) == 1 else {"bool": {"filter": phrases}}


def _in_one_run(pieces: Sequence[str]) -> Query:
    """Intervals in which the pieces stand one after the other, with nothing but a run's characters between them."""
    if len(pieces) == 1:
        return _piece(pieces[0])
    between = [_apart(one, other) for one, other in pairwise(pieces)]
    whole = {"all_of": {"ordered": True, "intervals": list(map(_piece, pieces))}}
    if all(map(_is_run, pieces)):
        whole["all_of"]["filter"] = {"not_containing": _mark(BREAK)}
        return whole
    return {"all_of": {"intervals": [whole, *between]}}


def _apart(one: str, other: str) -> Query:
    """Intervals from the run that a piece ends with to the run that the next one begins with."""
    ends = re.split(r"[\W_]", one.replace("?", "x"))[-1]
    begins = re.split(r"[\W_]", other.replace("?", "x"))[0]
    parts = [_piece(part) for part in (one[len(one) - len(ends) :], other[: len(begins)]) if part]
    inside = {"not_containing": _mark(BREAK)}
    return {"all_of": {"ordered": True, "intervals": parts, "filter": inside}} if len(parts) == 2 else _piece(one)


def _is_run(piece: str) -> bool:
    return runs(piece.replace("?", "x")) == [piece.replace("?", "x")]


def _piece(piece: str) -> dict[str, Any]:
    """Intervals of one piece: its characters side by side, any of a run for ``?``."""
    parts = list(_parts(piece))
    return parts[0] if len(parts) == 1 else {"all_of": {"ordered": True, "max_gaps": 0, "intervals": parts}}


def _parts(piece: str) -> Iterator[dict[str, Any]]:
    for part in re.findall(r"\?|[^?]+", piece):
        yield _mark(IN_RUN) if part == "?" else {"match": {"query": part, "ordered": True, "max_gaps": 0}}


def _mark(mark: str) -> dict[str, Any]:
    return {"match": {"query": mark, "use_field": "marks"}}
