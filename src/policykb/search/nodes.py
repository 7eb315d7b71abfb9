"""The tree of a query.

Named tuples, since eight dataclasses would cost every search more than its parsing: to tell nodes apart, compare their
types or ``repr``, not the tuples.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from policykb.domain.daterange import DateRange


class Word(NamedTuple):
    """Plain text without a space; matched by its words, synonyms and as a string."""

    text: str
    position: int = 0


class Phrase(NamedTuple):
    """A string that has to stand in the text exactly (after folding)."""

    text: str
    position: int = 0


class Wildcard(NamedTuple):
    """Text with ``*`` (any characters of a run) and ``?`` (one of them)."""

    pattern: str
    position: int = 0


class Field(NamedTuple):
    """A restriction to a field; ``name`` is that of the index (issuer, tag, date ...)."""

    name: str
    value: str
    position: int = 0


class Within(NamedTuple):
    """Entries of a period, or, None, those without a date; what a ``date:`` field becomes when it is resolved."""

    dates: DateRange | None


class Not(NamedTuple):
    """Entries without the item."""

    item: Node


class And(NamedTuple):
    """Entries that have all items."""

    items: tuple[Node, ...]


class Or(NamedTuple):
    """Entries that have any of the items."""

    items: tuple[Node, ...]


Node = Word | Phrase | Wildcard | Field | Within | Not | And | Or


def words_of(node: Node | None) -> Iterator[str]:
    """The words and quoted strings of a query that entries are to have."""
    match node:
        case Word() | Phrase():
            yield node.text
        case And() | Or():
            for item in node.items:
                yield from words_of(item)


def unquoted(node: Node | None) -> Node | None:
    """A query with the words of its quoted strings in the place of these; None where it has none beside other words."""
    if not isinstance(node, And) or {Word, Phrase} - set(map(type, node.items)):
        return None
    return And(tuple(Word(item.text, item.position) if isinstance(item, Phrase) else item for item in node.items))
