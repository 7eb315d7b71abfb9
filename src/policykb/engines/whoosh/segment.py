"""Writing: entries inverted in memory, segments written at one go, small segments merged.

Whoosh's own writer sorts single postings in a pool and pickles what it stores. `SegmentBuilder` keeps a
dictionary of posting lists and writes each at once, columns through Whoosh.
"""

from __future__ import annotations

from array import array
from collections import deque
from itertools import repeat
from typing import TYPE_CHECKING, Any

from policykb.engines.whoosh.codec import COLUMNS, POSTINGS, SCHEMA, SEGMENT_LIMIT, PackedCodec
from policykb.engines.whoosh.postings import pack

if TYPE_CHECKING:
    from policykb.search.record import Record

TIER = 8  # segments are of one size up to so many times
MANY, FEW = 8, 4  # segments of one size that are merged; of a small one
SMALL = 512  # documents

WEIGHTED = "word"  # the field whose postings carry weights


class _Lists(dict[str, "array[int]"]):
    """Term -> documents; a posting with a weight is ``document << 8 | weight``."""

    def __init__(self, typecode: str) -> None:
        self._typecode = typecode

    def __missing__(self, term: str) -> array[int]:
        found = self[term] = array(self._typecode)
        return found


_exhaust = deque[None](maxlen=0).extend  # calls what an iterator calls, without a loop in Python


class SegmentBuilder:
    """Builds one segment, fed with analysed entries or whole segments."""

    def __init__(self, storage: Any, name: str) -> None:
        self._codec = PackedCodec()
        self._storage = storage
        self._segment = self._codec.new_segment(storage, name)
        self._columns = self._codec.per_document_writer(storage, self._segment)
        self._lists = {name: _Lists("I" if name == WEIGHTED else "H") for name in POSTINGS}
        self.count = 0  # documents so far

    @property
    def is_full(self) -> bool:
        """Whether the segment cannot number another document."""
        return self.count >= SEGMENT_LIMIT

    def add(self, entry: Record) -> None:
        """Adds an entry as the segment's next document."""
        number = self.count
        self._add_columns(number, entry.stored, entry.path, entry.text, entry.day, entry.length)
        words, high = self._lists[WEIGHTED], number << 8
        _exhaust(map(array.append, map(words.__getitem__, entry.words), map(high.__or__, entry.words.values())))
        for field, terms in entry.terms.items():
            _exhaust(map(array.append, map(self._lists[field].__getitem__, terms), repeat(number)))
        self.count += 1

    def _add_columns(self, number: int, stored: str, name: bytes, text: bytes, day: int, length: int) -> None:
        writer = self._columns
        writer.start_doc(number)
        for field, value in zip(COLUMNS, (stored.encode(), name, text, day, length), strict=True):
            writer.add_column_value(field, SCHEMA[field].column_type, value)
        writer.finish_doc()

    def add_reader(self, reader: Any) -> None:
        """Takes over the live documents of a segment (for merging)."""
        base = self.count
        columns = [reader.column_reader(name) for name in COLUMNS]
        renumbered: dict[int, int] = {}
        for old in reader.all_doc_ids():
            renumbered[old] = self.count
            stored, *others = (column[old] for column in columns)
            self._add_columns(self.count, bytes(stored).decode(), *others)
            self.count += 1
        moved = renumbered.get if reader.has_deletions() else None
        for field, term, (ids, weights) in reader._terms.lists():
            lists = self._lists[field]
            if moved:
                kept = [(new, i) for i, old in enumerate(ids) if (new := moved(old)) is not None]
                if not kept:
                    continue
                ids = array("H", [new for new, _ in kept])
                weights = bytes(weights[i] for _, i in kept) if weights else b""
            elif base:
                ids = array("H", [old + base for old in ids])
            if field == WEIGHTED:
                ids = array("I", [number << 8 | weight for number, weight in zip(ids, weights, strict=True)])
            lists[term.decode("utf-8", "surrogatepass")].extend(ids)

    def finish(self) -> tuple[str, int]:
        """Writes the segment; returns its id and the number of its documents."""
        self._columns.close()
        writer = self._codec.field_writer(self._storage, self._segment)
        for field in POSTINGS:
            lists = self._lists[field]
            # code points and their UTF-8 sort alike
            terms = ((term.encode("utf-8", "surrogatepass"), self._packed(lists.pop(term))) for term in sorted(lists))
            writer.add_field(field, terms)
        writer.close()
        return self._segment.segid, self.count

    def _packed(self, postings: array[int]) -> bytes:
        if postings.typecode == "H":
            return pack(postings, b"", self.count)
        ids = array("H", [posting >> 8 for posting in postings])
        return pack(ids, bytes([posting & 255 for posting in postings]), self.count)


def mergeable(segments: list[Any]) -> list[Any]:
    """The segments to merge into one so that small updates leave few segments behind, or none.

    Segments are grouped by size in powers of `TIER`, and a group with `MANY` members is merged (a log-structured
    merge: each document is rewritten a few times for every power). A group of small ones is merged sooner: each
    costs every search as much as a large one does. A segment more than half of which is deleted is rewritten,
    each by itself: several might have more documents than one can number.
    """
    tiers: dict[int, list[Any]] = {}
    for segment in segments:
        live = segment.doc_count_all() - segment.deleted_count()
        tier = 0
        while TIER ** (tier + 1) <= live:
            tier += 1
        tiers.setdefault(tier, []).append(segment)
    for tier in sorted(tiers):
        group = tiers[tier]
        room = sum(s.doc_count_all() - s.deleted_count() for s in group) <= SEGMENT_LIMIT
        if len(group) >= (FEW if TIER ** (tier + 1) <= SMALL else MANY) and room:
            return group
    return next(([s] for s in segments if s.deleted_count() * 2 > s.doc_count_all()), [])
