"""One term's posting list as bytes, in whichever form is shorter.

Document numbers as 16-bit integers, then one byte of weight each; or one byte of weight (0 where the term is not),
or one bit, for every document of the segment.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable

from policykb.ranking.docset import DocSet

LISTED, _WEIGHTED = b"L", b"W"  # document numbers, without and with weights
_BITS, _DENSE = b"B", b"D"  # a bit, a byte of weight for every document

Packed = tuple["array[int]", bytes]  # document numbers, and a weight byte each or none at all


def pack(ids: array[int], weights: bytes | bytearray, size: int) -> bytes:
    """A posting list as it is stored in a segment of ``size`` documents.

    ``weights`` are 1 to 255, or empty for lists that only say where a term stands.
    """
    if len(ids) * 3 >= size and weights:
        return _DENSE + _dense(ids, weights, size)
    if len(ids) * 16 >= size and not weights:
        return _BITS + DocSet.of(ids).bits.to_bytes((size + 7) // 8, "little")
    if sys.byteorder == "big":
        ids = array("H", ids)
        ids.byteswap()
    return (_WEIGHTED if weights else LISTED) + ids.tobytes() + weights


def unpack(data: bytes) -> Packed:
    """The posting list that `pack` stored."""
    form = data[:1]
    if form in (_DENSE, _BITS):
        documents, flags = spread(data, 0)
        return array("H", documents), flags.translate(None, b"\0")
    ids = array("H")
    stop = 1 + 2 * ((len(data) - 1) // 3) if form == _WEIGHTED else len(data)
    ids.frombytes(data[1:stop])
    if sys.byteorder == "big":
        ids.byteswap()
    return ids, data[stop:]


def spread(data: bytes, size: int) -> tuple[DocSet, bytes]:
    """What `pack` stored, as a set and the weight of each of the ``size`` documents (empty for a list without)."""
    form = data[:1]
    if form == _DENSE:
        return DocSet.flagged(data[1:]), data[1:]
    if form == _BITS:
        return DocSet(int.from_bytes(data[1:], "little")), b""
    ids, weights = unpack(data)
    return DocSet.of(ids), _dense(ids, weights, size) if weights else b""


def _dense(ids: Iterable[int], weights: bytes | bytearray, size: int) -> bytes:
    flags = bytearray(size)
    for number, weight in zip(ids, weights, strict=True):
        flags[number] = weight
    return bytes(flags)
