"""The tree of a query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policykb.domain.daterange import DateRange


@dataclass(frozen=True)
class Word:
    """Plain text without a space; matched by its words, synonyms and as a string."""

    text: str
    position: int = 0


@dataclass(frozen=True)
class Phrase:
    """A string that has to stand in the text exactly (after folding)."""

    text: str
    position: int = 0


@dataclass(frozen=True)
class Wildcard:
    """Text with ``*`` (any characters of a run) and ``?`` (one of them)."""

    pattern: str
    position: int = 0


@dataclass(frozen=True)
class Field:
    """A restriction to a field; ``name`` is that of the index (issuer, tag, date ...)."""

    name: str
    value: str
    position: int = 0


@dataclass(frozen=True)
class Within:
    """Entries of a period; what a ``date:`` field becomes when it is resolved."""

    dates: DateRange


@dataclass(frozen=True)
class Not:
    """Entries without the item."""

    item: Node


@dataclass(frozen=True)
class And:
    """Entries that have all items."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class Or:
    """Entries that have any of the items."""

    items: tuple[Node, ...]


Node = Word | Phrase | Wildcard | Field | Within | Not | And | Or
