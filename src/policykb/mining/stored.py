"""What an index keeps of relations, as it is read; little is imported, for searches show in what state hits are."""

from __future__ import annotations

import datetime
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from policykb.domain.relation import Relation

PART = "\x1f"  # between the parts of a term
# odd factors, of which the least product under each is as good as drawn at random
_HASHES = tuple(((0x9E3779B1 * (2 * i + 1)) & 0xFFFFFFFF | 1, 0x85EBCA6B * i & 0xFFFFFFFF) for i in range(1, 13))


class Stated(NamedTuple):
    """A relation, and what its target is found by, the surest first, each with its version."""

    relation: Relation
    targets: tuple[tuple[str, str], ...]


def stored_relations(entry: Mapping[str, Any]) -> list[Stated]:
    """The relations of an entry that `policykb.mining.indexed` stored."""
    found = []
    for values, targets in entry["links"]:
        one = Relation(*values)
        one = one._replace(date=_day(one.date), decided=_day(one.decided))
        found.append(Stated(one, tuple((key, version) for key, version in targets)))
    return found


def _day(stored: Any) -> datetime.date | None:
    return datetime.date.fromisoformat(stored) if stored else None


def alike(work: str) -> Iterator[str]:
    """Terms some of which names that have most of their pairs of characters in common share (MinHash)."""
    pairs = {zlib.crc32(work[i : i + 2].encode("utf-8", "surrogatepass")) for i in range(max(len(work) - 1, 1))}
    least = [min((pair * factor + plus) & 0xFFFFFFFF for pair in pairs) for factor, plus in _HASHES]
    for band in range(0, len(least), 2):
        yield f"{band}{least[band]:08x}{least[band + 1]:08x}"
