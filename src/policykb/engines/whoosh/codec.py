"""How postings are stored: a Whoosh codec with one packed posting list a term (README.md beside this file says how)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from whoosh.codec.whoosh3 import W3Codec, W3PerDocReader, W3Segment
from whoosh.columns import CompressedBytesColumn, NumericColumn, VarBytesColumn
from whoosh.fields import COLUMN, ID, Schema

from policykb.engines.whoosh.folder import NAME
from policykb.engines.whoosh.terms_file import PackedFieldWriter, PackedTermsReader, SegmentFile
from policykb.search.record import FACETS, RELATION_FIELDS

# Postings hold where words (weighted) and character pairs stand, and who has which metadata.
POSTINGS = ("word", "pair", *FACETS, "called", "number", "path", *RELATION_FIELDS)
COLUMNS: Mapping[str, Any] = {
    "entry": CompressedBytesColumn(),
    "name": VarBytesColumn(write_offsets_cutoff=0),
    "text": VarBytesColumn(write_offsets_cutoff=0),
    "day": NumericColumn("i"),
    "length": NumericColumn("H"),
}
SCHEMA = Schema(**{name: ID() for name in POSTINGS}, **{name: COLUMN(column) for name, column in COLUMNS.items()})

SEGMENT_LIMIT = 1 << 16  # documents a segment can number


def segment_files(id: str) -> set[str]:
    """The names of the files of a segment."""
    return {f"{NAME}_{id}.trm", *(f"{NAME}_{id}.{column}.col" for column in ("_stored", *COLUMNS))}


class PackedCodec(W3Codec):  # type: ignore[misc]
    """Whoosh's third codec with packed posting lists; columns and stored fields are Whoosh's own."""

    length_stats = False

    def new_segment(self, storage: Any, indexname: str) -> W3Segment:
        # Whoosh draws the id from the generator that a program may seed, and gets the same one again
        return W3Segment(self, indexname, segid=os.urandom(8).hex())

    def per_document_reader(self, storage: Any, segment: Any) -> W3PerDocReader:
        return ColumnsReader(storage, segment)

    def field_writer(self, storage: Any, segment: Any) -> PackedFieldWriter:
        return PackedFieldWriter(segment.create_file(storage, self.TERMS_EXT))

    def terms_reader(self, storage: Any, segment: Any) -> PackedTermsReader:
        return PackedTermsReader(SegmentFile(storage, segment.make_filename(self.TERMS_EXT)))


class ColumnsReader(W3PerDocReader):  # type: ignore[misc]
    """Whoosh's reader of columns over files that are opened at once: a snapshot keeps its files even
    when a newer generation has removed them from the folder."""

    def __init__(self, storage: Any, segment: Any) -> None:
        super().__init__(storage, segment)
        self._files = {name: SegmentFile(storage, W3Codec.column_filename(segment, name)) for name in COLUMNS}

    def has_column(self, fieldname: str) -> bool:
        return fieldname in self._files

    def _get_column_file(self, fieldname: str) -> tuple[SegmentFile, int, int]:
        return self._files[fieldname], 0, self._files[fieldname].size

    def column_bytes(self, name: str) -> bytes:
        """A column of numbers as it is stored: big-endian, without the zeros at its end."""
        file = self._files[name]
        return bytes(file.get(0, file.size))

    def close(self) -> None:
        for file in self._files.values():
            file.close()
