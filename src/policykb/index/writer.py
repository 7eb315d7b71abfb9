"""Writing: entries inverted in memory, segments written at one go, small segments merged.

`SegmentBuilder` is Whoosh's segment writer with the pool of single postings replaced by a dictionary of
posting lists.
"""

from __future__ import annotations

from array import array
from typing import Any

from whoosh.columns import NumericColumn, VarBytesColumn
from whoosh.fields import COLUMN, ID, STORED, Schema
from whoosh.index import TOC
from whoosh.reading import SegmentReader
from whoosh.writing import SegmentWriter

from policykb.index.codec import SEGMENT_LIMIT, PackedCodec, pack
from policykb.index.entry import FACETS, Entry

# Postings hold where words (weighted) and character pairs stand, and who has which metadata.
POSTINGS = ("word", "pair", *FACETS, "number", "path")


def schema() -> Schema:
    """The Whoosh schema of the index; words are weighted and inverted by `SegmentBuilder`, not by a field."""
    fields: dict[str, Any] = {name: ID() for name in POSTINGS}
    fields["entry"] = STORED()
    fields["name"] = COLUMN(VarBytesColumn())
    fields["text"] = COLUMN(VarBytesColumn())
    fields["day"] = COLUMN(NumericColumn("i"))
    fields["length"] = COLUMN(NumericColumn("H"))
    return Schema(**fields)


class SegmentBuilder(SegmentWriter):  # type: ignore[misc]
    """Whoosh's segment writer, fed with analysed entries and whole posting lists."""

    def __init__(self, index: Any, *, lock: bool = True) -> None:
        super().__init__(index, codec=PackedCodec(), _lk=lock)
        self._lists: dict[str, dict[str, tuple[array[int], bytearray]]] = {name: {} for name in POSTINGS}

    @property
    def is_full(self) -> bool:
        """Whether the segment cannot number another document."""
        return bool(self.docnum >= SEGMENT_LIMIT)

    def add(self, entry: Entry) -> None:
        """Adds an entry as the segment's next document."""
        number = self.docnum
        self._add_columns(number, entry.stored, entry.path, entry.text, entry.day, entry.length)
        words = self._lists["word"]
        for word, weight in entry.words.items():
            if word in words:
                ids, weights = words[word]
                ids.append(number)
                weights.append(weight)
            else:
                words[word] = array("H", (number,)), bytearray((weight,))
        nothing = bytearray()
        for field, terms in entry.terms.items():
            lists = self._lists[field]
            for term in terms:
                if term in lists:
                    lists[term][0].append(number)
                else:
                    lists[term] = array("H", (number,)), nothing
        self.docnum += 1
        self._added = True

    def _add_columns(self, number: int, stored: str, name: bytes, text: bytes, day: int, length: int) -> None:
        writer, fields = self.perdocwriter, self.schema
        writer.start_doc(number)
        writer.add_field("entry", fields["entry"], stored, 0)
        writer.add_column_value("name", fields["name"].column_type, name)
        writer.add_column_value("text", fields["text"].column_type, text)
        writer.add_column_value("day", fields["day"].column_type, day)
        writer.add_column_value("length", fields["length"].column_type, length)
        writer.finish_doc()

    def add_reader(self, reader: SegmentReader) -> None:
        """Takes over the live documents of a segment (for merging)."""
        base = self.docnum
        columns = [reader.column_reader(name) for name in ("name", "text", "day", "length")]
        renumbered: dict[int, int] = {}
        for old in reader.all_doc_ids():
            renumbered[old] = self.docnum
            stored = reader.stored_fields(old)["entry"]
            self._add_columns(self.docnum, stored, *(column[old] for column in columns))
            self.docnum += 1
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
            key = term.decode("utf-8", "surrogatepass")
            if (postings := lists.get(key)) is None:
                lists[key] = (ids, bytearray(weights))
            else:
                postings[0].extend(ids)
                postings[1].extend(weights)
        self._added = True

    def _flush_segment(self) -> None:
        self.perdocwriter.close()
        for field in POSTINGS:
            lists = self._lists[field]
            # code points and their UTF-8 sort alike
            self.fieldwriter.add_field(field, ((_key(term), pack(*lists[term])) for term in sorted(lists)))
            lists.clear()
        self.fieldwriter.close()

    def toc(self, segments: list[Any]) -> TOC:
        """The table of contents that makes ``segments`` the index's next generation."""
        return TOC(self.schema, segments, self.generation)


def _key(term: str) -> bytes:
    return term.encode("utf-8", "surrogatepass")


def mergeable(segments: list[Any], factor: int = 8) -> list[Any]:
    """The segments to merge into one so that small updates leave few segments behind, or none.

    Segments are grouped by size in powers of ``factor``; a group that has ``factor`` members is merged
    (a log-structured merge: each document is rewritten once for every power). A segment more than half of
    which is deleted is rewritten too.
    """
    tiers: dict[int, list[Any]] = {}
    for segment in segments:
        live = segment.doc_count_all() - segment.deleted_count()
        tier = 0
        while factor ** (tier + 1) <= live:
            tier += 1
        tiers.setdefault(tier, []).append(segment)
    for tier in sorted(tiers):
        group = tiers[tier]
        room = sum(s.doc_count_all() - s.deleted_count() for s in group) <= SEGMENT_LIMIT
        if len(group) >= factor and room:
            return group
    return [s for s in segments if s.deleted_count() * 2 > s.doc_count_all()]
