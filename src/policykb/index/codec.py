"""How postings are stored: a Whoosh codec with one packed posting list a term.

Whoosh's own codec writes lists in blocks of 128 pickled postings, one Python call a posting; reading a common
term back costs milliseconds. Here a term's whole list is the value of the term in Whoosh's ordered hash file:
document numbers as 16-bit integers, then one byte of weight each. Both are read with one copy, written with
one call, and merged by concatenation; a segment holds at most 65,536 documents for it.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Iterator
from typing import Any

from whoosh.codec.whoosh3 import W3Codec, W3PerDocWriter, W3TermsReader
from whoosh.filedb import filetables
from whoosh.matching import ListMatcher
from whoosh.reading import TermInfo, TermNotFound

from policykb.index.entry import WEIGHT_STEP

SEGMENT_LIMIT = 1 << 16  # documents a segment can number

_WEIGHTED = b"W"
_PLAIN = b"P"

Ids = array  # of type code "H", ascending
Packed = tuple["array[int]", bytes]  # document numbers, and a weight byte each or none at all


def pack(ids: array[int], weights: bytes | bytearray) -> bytes:
    """A posting list as it is stored; ``weights`` is empty for lists that only say where a term stands."""
    if sys.byteorder == "big":
        ids = array("H", ids)
        ids.byteswap()
    return (_WEIGHTED if weights else _PLAIN) + ids.tobytes() + weights


def unpack(data: bytes) -> Packed:
    """The posting list that `pack` stored."""
    ids = array("H")
    if data[:1] == _WEIGHTED:
        count = (len(data) - 1) // 3
        ids.frombytes(data[1 : 1 + 2 * count])
        weights = bytes(data[1 + 2 * count :])
    else:
        ids.frombytes(data[1:])
        weights = b""
    if sys.byteorder == "big":
        ids.byteswap()
    return ids, weights


class PackedCodec(W3Codec):  # type: ignore[misc]
    """Whoosh's third codec with packed posting lists; columns and stored fields are Whoosh's own."""

    length_stats = False

    def per_document_writer(self, storage: Any, segment: Any) -> W3PerDocWriter:
        return W3PerDocWriter(self, storage, segment)

    def field_writer(self, storage: Any, segment: Any) -> PackedFieldWriter:
        return PackedFieldWriter(segment.create_file(storage, self.TERMS_EXT))

    def terms_reader(self, storage: Any, segment: Any) -> PackedTermsReader:
        name = segment.make_filename(self.TERMS_EXT)
        return PackedTermsReader(storage.open_file(name), storage.file_length(name))


class PackedFieldWriter:
    """Writes the terms of a segment with their lists, in order of field number and term."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._table = filetables.OrderedHashWriter(file)
        self._numbers: dict[str, int] = {}
        self._table.extras["fieldmap"] = self._numbers
        self.is_closed = False

    def add_field(self, name: str, lists: Iterable[tuple[bytes, bytes]]) -> None:
        """One field's terms, ascending, each with its packed list; fields are added once each."""
        number = self._numbers[name] = len(self._numbers)
        prefix = number.to_bytes(2, "big")
        add = self._table.add
        for term, packed in lists:
            add(prefix + term, packed)

    def close(self) -> None:
        self._table.close()
        self.is_closed = True


class PackedTermsReader(W3TermsReader):  # type: ignore[misc]
    """Finds terms and their lists; answers Whoosh's own queries too, through `matcher`."""

    def __init__(self, file: Any, length: int) -> None:
        self._dbfile = file
        self._tindex = filetables.OrderedHashReader(file, length)
        self._fieldmap = self._tindex.extras["fieldmap"]
        self._fieldunmap = sorted(self._fieldmap, key=self._fieldmap.__getitem__)

    def packed(self, field: str, term: bytes) -> Packed | None:
        """The posting list of a term, or None where no document has it."""
        try:
            return unpack(self._tindex[self._keycoder(field, term)])
        except KeyError:
            return None

    def lists(self) -> Iterator[tuple[str, bytes, Packed]]:
        """Every term of the segment with its list."""
        for key, value in self._tindex.items():
            field, term = self._keydecoder(key)
            yield field, term, unpack(value)

    def prefixed(self, field: str, prefix: bytes) -> Iterator[bytes]:
        """The terms of a field that begin with ``prefix``, ascending."""
        start = self._keycoder(field, prefix)
        for key in self._tindex.keys_from(start):
            if not key.startswith(start):
                return
            yield bytes(key[2:])

    def term_info(self, fieldname: str, tbytes: bytes) -> TermInfo:
        packed = self.packed(fieldname, tbytes)
        if packed is None:
            raise TermNotFound(f"No term {fieldname}:{tbytes!r}")
        ids, weights = packed
        total = sum(weights) * WEIGHT_STEP if weights else float(len(ids))
        top = max(weights) * WEIGHT_STEP if weights else 1.0
        return TermInfo(weight=total, df=len(ids), maxweight=top, minid=ids[0], maxid=ids[-1])

    def frequency(self, fieldname: str, tbytes: bytes) -> float:
        return float(self.term_info(fieldname, tbytes).weight())

    def doc_frequency(self, fieldname: str, tbytes: bytes) -> int:
        packed = self.packed(fieldname, tbytes)
        return len(packed[0]) if packed else 0

    def matcher(self, fieldname: str, tbytes: bytes, format_: Any, scorer: Any = None) -> ListMatcher:
        info = self.term_info(fieldname, tbytes)
        ids, weights = unpack(self._tindex[self._keycoder(fieldname, tbytes)])
        return ListMatcher(
            list(ids),
            [w * WEIGHT_STEP for w in weights] or [1.0] * len(ids),
            format=format_,
            scorer=scorer,
            term=(fieldname, tbytes),
            terminfo=info,
        )

    def close(self) -> None:
        self._tindex.close()
