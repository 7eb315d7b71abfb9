"""The file of a segment's terms with their posting lists: written at one go, read in pieces, found by bisection."""

from __future__ import annotations

import json
import os
import struct
import sys
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from whoosh.filedb.structfile import BufferFile

from policykb.engines.whoosh.postings import unpack
from policykb.files.pieces import opened

if TYPE_CHECKING:
    from policykb.engines.whoosh.postings import Packed

_BLOCK = 256  # terms that are read at once
_FOOTER = struct.Struct("<QQQQ")  # bytes of the lists, bytes of the terms, number of terms, bytes of the names


class SegmentFile(BufferFile):  # type: ignore[misc]
    """A file of the index, read without a position, so by several threads at once."""

    def __init__(self, storage: Any, name: str) -> None:
        self._buf = opened(os.path.join(storage.folder, name))
        self.size = len(self._buf)
        self._name = name
        self.is_closed = False

    def close(self) -> None:
        if not self.is_closed:
            self.is_closed = True
            if not isinstance(self._buf, bytes):
                self._buf.close()


class PackedFieldWriter:
    """Writes the terms of a segment with their lists, sorted.

    The file: all lists, all terms (each after the number of its field, two bytes), the ends of the lists and of the
    terms as 64-bit integers, the field names as JSON, and a footer with the size of each part.
    """

    def __init__(self, file: Any) -> None:
        self._file = file
        self._fields: list[str] = []
        self._terms = bytearray()
        self._lists_end = 0
        self._ends_of_lists = array("Q")
        self._ends_of_terms = array("Q")

    def add_field(self, name: str, lists: Iterable[tuple[bytes, bytes]]) -> None:
        """One field's terms, ascending, each with its packed list; fields are added once each."""
        prefix = len(self._fields).to_bytes(2, "big")
        self._fields.append(name)
        for term, packed in lists:
            self._file.write(packed)
            self._lists_end += len(packed)
            self._ends_of_lists.append(self._lists_end)
            self._terms += prefix
            self._terms += term
            self._ends_of_terms.append(len(self._terms))

    def close(self) -> None:
        names = json.dumps(self._fields).encode()
        self._file.write(self._terms)
        for ends in (self._ends_of_lists, self._ends_of_terms):
            if sys.byteorder == "big":
                ends.byteswap()
            self._file.write(ends.tobytes())
        self._file.write(names)
        self._file.write(_FOOTER.pack(self._lists_end, len(self._terms), len(self._ends_of_terms), len(names)))
        self._file.close()


class PackedTermsReader:
    """Finds terms and their lists: all that a segment which Whoosh opens is asked for here, but for its queries."""

    def __init__(self, file: SegmentFile) -> None:
        self._file = file
        self._data = file._buf  # sliced, it gives bytes
        lists, terms, count, names = _FOOTER.unpack(file.get(file.size - _FOOTER.size, _FOOTER.size))
        self._terms_at = lists
        self._ends_of_lists = self._ends(lists + terms, count)
        self._ends_of_terms = self._ends(lists + terms + 8 * count, count)
        self._names: list[str] = json.loads(bytes(file.get(lists + terms + 16 * count, names)))
        self._fields = {name: number.to_bytes(2, "big") for number, name in enumerate(self._names)}
        self._blocks = range(0, count, _BLOCK)
        self._firsts: dict[int, bytes] = {}  # the first terms of blocks, as they are looked at

    def _ends(self, at: int, count: int) -> Sequence[int]:
        if sys.byteorder == "little":
            return memoryview(self._data[at : at + 8 * count]).cast("Q")
        ends = array("Q", self._file.get(at, 8 * count))
        ends.byteswap()
        return ends

    def _term(self, place: int) -> bytes:
        start = self._ends_of_terms[place - 1] if place else 0
        return self._data[self._terms_at + start : self._terms_at + self._ends_of_terms[place]]

    def _list(self, place: int) -> bytes:
        start = self._ends_of_lists[place - 1] if place else 0
        return self._data[start : self._ends_of_lists[place]]

    def _first(self, place: int) -> bytes:
        if place not in self._firsts:
            self._firsts[place] = self._term(place)
        return self._firsts[place]

    def _place(self, key: bytes) -> tuple[int, bool]:
        """The place of the first term that is not before ``key``, and whether it is that."""
        block = bisect_right(self._blocks, key, key=self._first) - 1
        if block < 0:
            return 0, False
        ends, first = self._ends_of_terms, self._blocks[block]
        stop = min(first + _BLOCK, len(ends))
        at = ends[first - 1] if first else 0
        terms = self._data[self._terms_at + at : self._terms_at + ends[stop - 1]]

        def term(place: int) -> bytes:
            return terms[ends[place - 1] - at if place else 0 : ends[place] - at]

        place = bisect_left(range(stop), key, first, key=term)
        return place, place < stop and term(place) == key

    def packed(self, field: str, term: bytes) -> bytes | None:
        """The posting list of a term as it is stored, or None where no document has it."""
        if field not in self._fields:
            return None
        place, there = self._place(self._fields[field] + term)
        return self._list(place) if there else None

    def lists(self) -> Iterator[tuple[str, bytes, Packed]]:
        """Every term of the segment with its list."""
        for place in range(len(self._ends_of_terms)):
            key = self._term(place)
            yield self._names[int.from_bytes(key[:2], "big")], key[2:], unpack(self._list(place))

    def prefixed(self, field: str, prefix: bytes) -> Iterator[bytes]:
        """The terms of a field that begin with ``prefix``, ascending."""
        return (term for term, _packed in self.listed(field, prefix))

    def listed(self, field: str, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """`prefixed`, each term with its posting list as it is stored."""
        start = self._fields[field] + prefix
        for place in range(self._place(start)[0], len(self._ends_of_terms)):
            key = self._term(place)
            if not key.startswith(start):
                return
            yield key[2:], self._list(place)

    def close(self) -> None:
        self._file.close()
