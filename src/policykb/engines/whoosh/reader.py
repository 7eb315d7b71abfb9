"""Reading: one snapshot of the index as posting lists, columns and stored entries.

Document numbers are global: a segment's own number plus the documents of the segments before it. Deleted
documents never appear.
"""

from __future__ import annotations

import json
import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

from whoosh.reading import SegmentReader

from policykb.engines.whoosh.codec import SCHEMA
from policykb.engines.whoosh.kept import Kept
from policykb.engines.whoosh.links import WhooshLinks
from policykb.engines.whoosh.postings import spread, unpack
from policykb.ranking.docset import DocSet
from policykb.ranking.reader import ARTICLE_PAIRS, NOWHERE, Postings
from policykb.search.record import SECTION, UNDATED

_CACHED_LISTS = 512


class Reader:
    """A snapshot of the index: it stays as it is while the index moves on.

    Several threads may read it. Its files are closed by `close`, or when nothing refers to it any more.
    """

    def __init__(self, storage: Any, segments: Sequence[Any], kept: Kept | None = None) -> None:
        self._segments: list[SegmentReader] = []
        self._bases: list[int] = []
        self._deleted: list[frozenset[int]] = []
        base = 0
        for segment in segments:
            reader = SegmentReader(storage, SCHEMA, segment)
            if len(reader._perdoc.column_bytes("day")) != 4 * segment.doc_count_all():  # every entry has one
                raise ValueError(f"{segment.segid}: documents without a day")
            self._segments.append(reader)
            self._bases.append(base)
            self._deleted.append(frozenset(segment.deleted_docs()))
            base += segment.doc_count_all()
        self.size = base  # document numbers are below this
        self.count = base - sum(map(len, self._deleted))  # live documents
        self._lists: dict[tuple[str, str], Postings] = {}
        self._columns: dict[str, list[Any]] = {}
        self.kept = kept or Kept()
        self.memory: dict[str, Any] = {}  # what others worked out of this snapshot

    def postings(self, field: str, term: str) -> Postings:
        """The posting list of a term; an empty one where no document has it."""
        found = self._lists.get((field, term))
        if found is None:
            found = self._read(field, term.encode("utf-8", "surrogatepass"))
            if len(self._lists) >= _CACHED_LISTS:
                self._lists.clear()  # one step: other threads read and write it
            self._lists[field, term] = found
        return found

    def _read(self, field: str, term: bytes) -> Postings:
        bits, weights, weighted = 0, [], False
        for segment, base in zip(self._segments, self._bases, strict=True):
            size = segment.doc_count_all()
            packed = segment._terms.packed(field, term)
            if packed is None:
                weights.append(bytes(size))
                continue
            documents, steps = spread(packed, size)
            bits |= documents.bits << base
            weights.append(steps)
            weighted = weighted or bool(steps)
        if not bits:
            return NOWHERE
        return Postings(DocSet(bits) & self.live, b"".join(weights) if weighted else b"")

    def frequency(self, field: str, term: str, found: Postings) -> int:
        """How many documents of the collection have a term, whose postings are ``found``."""
        return len(found.documents)

    def there(self, field: str, terms: Iterable[str]) -> Iterator[str]:
        """Those of some terms that documents have."""
        return (term for term in terms if self.postings(field, term).documents)

    def each(self, documents: DocSet) -> Iterable[int]:
        """The documents of a set, to be read one after the other."""
        return documents

    def all_of(self, documents: Iterable[int]) -> DocSet:
        """The set of documents that were read."""
        return DocSet.of(documents)

    def terms(self, field: str, prefix: str = "") -> Iterator[str]:
        """The terms of a field that begin with ``prefix``, sorted; some may only stand in deleted documents."""
        key = prefix.encode("utf-8", "surrogatepass")
        found = {term for segment in self._segments for term in segment._terms.prefixed(field, key)}
        return (term.decode("utf-8", "surrogatepass") for term in sorted(found))

    def listed(self, field: str, prefix: str = "") -> Iterator[tuple[str, list[int]]]:
        """The terms of a field that begin with ``prefix`` and stand in live documents, sorted, with these."""
        key = prefix.encode("utf-8", "surrogatepass")
        found: dict[bytes, list[int]] = {}
        for segment, base, deleted in zip(self._segments, self._bases, self._deleted, strict=True):
            for term, packed in segment._terms.listed(field, key):
                numbers = unpack(packed)[0]
                own = [base + number for number in numbers if number not in deleted]
                if own:
                    found.setdefault(term, []).extend(own)
        return ((term.decode("utf-8", "surrogatepass"), found[term]) for term in sorted(found))

    @cached_property
    def live(self) -> DocSet:
        """All documents."""
        bits = (1 << self.size) - 1
        for base, deleted in zip(self._bases, self._deleted, strict=True):
            bits &= ~(DocSet.of(deleted).bits << base)
        return DocSet(bits)

    @cached_property
    def articled(self) -> DocSet:
        """The documents that may have articles, 第一条 and so on."""
        documents = self.live
        for pair in ARTICLE_PAIRS:
            documents &= self.postings("pair", pair).documents
        return documents

    @cached_property
    def days(self) -> Sequence[int]:
        """The publication day of each document, as a proleptic Gregorian ordinal, or `UNDATED`."""
        return self._column("day", "i")

    @property
    def links(self) -> WhooshLinks:
        """The relations of the documents."""
        return WhooshLinks(self)

    def published(self, first: int, stop: int) -> DocSet:
        """The documents of the days, as ordinals, from ``first`` up to and without ``stop``."""
        return DocSet.flagged(bytes([first <= day < stop for day in self.days])) & self.live

    @cached_property
    def undated(self) -> DocSet:
        """The documents without a day."""
        return self.published(UNDATED, UNDATED + 1)

    @cached_property
    def lengths(self) -> Sequence[int]:
        """The length of each document in weighted words."""
        return self._column("length", "H")

    @cached_property
    def average_length(self) -> float:
        """The mean length of the live documents, at least 1."""
        total = sum(self.lengths)
        for base, deleted in zip(self._bases, self._deleted, strict=True):
            total -= sum(self.lengths[base + number] for number in deleted)
        return max(total / self.count, 1.0) if self.count else 1.0

    def _column(self, name: str, typecode: str) -> Sequence[int]:
        column: array[int] = array(typecode)
        for segment in self._segments:
            values: array[int] = array(typecode)
            values.frombytes(segment._perdoc.column_bytes(name))
            if sys.byteorder == "little":
                values.byteswap()
            column.extend(values)
            column.extend(array(typecode, bytes((segment.doc_count_all() - len(values)) * values.itemsize)))
        return column

    def _readers(self, column: str) -> list[Any]:
        """Whoosh's reader of a column of bytes, for each segment."""
        found = self._columns.get(column)
        if found is None:
            found = self._columns[column] = [segment.column_reader(column) for segment in self._segments]
        return found

    def _value(self, column: str, document: int) -> bytes:
        which = bisect_right(self._bases, document) - 1
        return bytes(self._readers(column)[which][document - self._bases[which]])

    def path(self, document: int) -> bytes:
        """The path of a document in the corpus, for ordering."""
        return self._value("name", document)

    def text(self, document: int) -> str:
        """The folded text of a document: title, document names, number and body, parted by ``SECTION``."""
        return self._value("text", document).decode("utf-8", "surrogatepass")

    def sections(self, document: int) -> list[str]:
        """The folded title, document names, number and body of a document."""
        return self.text(document).split(SECTION)

    def entry(self, document: int) -> dict[str, Any]:
        """What is stored of a document: the fields of its policy, and ``path`` relative to the corpus."""
        found: dict[str, Any] = json.loads(self._value("entry", document))
        if found["path"].startswith("/") or not {"", ".", ".."}.isdisjoint(found["path"].split("/")):
            raise ValueError(f"{found['path']!r:.80} leads out of the corpus")
        return found

    def holding(self, folded: str, among: DocSet, *, title: bool = False) -> DocSet:
        """Those of some documents whose text, or whose title, contains a folded string."""
        needle, section = folded.encode("utf-8", "surrogatepass"), SECTION.encode()
        found: list[int] = []
        for texts, base, segment in zip(self._readers("text"), self._bases, self._segments, strict=True):
            own = DocSet(among.bits >> base & (1 << segment.doc_count_all()) - 1)
            if title:
                found += [base + number for number in own if needle in texts[number].partition(section)[0]]
            else:
                found += [base + number for number in own if needle in texts[number]]
        return DocSet.of(found)

    @property
    def segments(self) -> Sequence[SegmentReader]:
        """The segments, for writing on."""
        return self._segments

    def close(self) -> None:
        """Releases the files."""
        for segment in self._segments:
            segment.close()
        self._segments = []
