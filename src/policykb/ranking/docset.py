"""Sets of documents, as the bits of an integer: what two have in common takes microseconds, however many they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from itertools import compress
from operator import or_

_DIGIT = b"0" + b"1" * 255  # a flag -> the digit of its bit
_FLAG = bytes(digit == ord("1") for digit in range(256))  # the digit of a bit -> its flag
_FEW = 32


class DocSet:
    """An immutable set of document numbers, iterated in ascending order."""

    __slots__ = ("bits",)

    def __init__(self, bits: int = 0) -> None:
        """``bits`` has bit n set for document n."""
        self.bits = bits

    @classmethod
    def of(cls, numbers: Iterable[int]) -> DocSet:
        """The set of some numbers."""
        numbers = list(numbers)
        if len(numbers) <= _FEW:
            return cls(reduce(or_, (1 << number for number in numbers), 0))
        flags = bytearray(max(numbers) + 1)
        for number in numbers:
            flags[number] = 1
        return cls.flagged(flags)

    @classmethod
    def flagged(cls, flags: bytes | bytearray) -> DocSet:
        """The set of the places of ``flags`` that are not 0."""
        return cls(int(flags.translate(_DIGIT)[::-1] or b"0", 2))

    @staticmethod
    def any_of(sets: Iterable[DocSet]) -> DocSet:
        """The union of some sets."""
        return reduce(or_, sets, NONE)

    def __and__(self, other: DocSet) -> DocSet:
        return DocSet(self.bits & other.bits)

    def __or__(self, other: DocSet) -> DocSet:
        return DocSet(self.bits | other.bits)

    def __sub__(self, other: DocSet) -> DocSet:
        return DocSet(self.bits & ~other.bits)

    def __len__(self) -> int:
        return self.bits.bit_count()

    def __bool__(self) -> bool:
        return self.bits != 0

    def __contains__(self, number: int) -> bool:
        return bool(self.bits >> number & 1)

    def __iter__(self) -> Iterator[int]:
        digits = bin(self.bits)[:1:-1]
        if len(self) * 8 > len(digits):
            return compress(range(len(digits)), digits.encode().translate(_FLAG))
        return _places(digits)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DocSet) and self.bits == other.bits

    def __hash__(self) -> int:
        return hash(self.bits)

    def __repr__(self) -> str:
        return f"DocSet.of({list(self)})"


def _places(digits: str) -> Iterator[int]:
    at = digits.find("1")
    while at >= 0:
        yield at
        at = digits.find("1", at + 1)


NONE = DocSet()
