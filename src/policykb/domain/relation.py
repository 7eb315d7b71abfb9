"""`Relation`: what one document says of another, with the words that say so."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, NamedTuple, get_args

from policykb.files.packaged import DATA

RelationType = Literal["basis", "implements", "amends", "repeals", "replaces", "finalises", "interprets", "cites"]
RELATION_TYPES: tuple[RelationType, ...] = get_args(RelationType)

# Types after which the target is no longer what it was.
CHANGING: tuple[RelationType, ...] = ("amends", "repeals", "replaces", "finalises")


class Relation(NamedTuple):
    """What a document says of another one, its target.

    The target is named by ``title``, by ``number``, or both; ``title`` may be the id of an entry. ``date`` is the day
    from which it holds, where one is stated, ``partial`` whether only a part of the target is meant. ``quote`` is the
    sentence that says so, ``offset`` its place in the body, in characters, or -1 where it does not stand there.
    ``confirmed`` says that a person decided it, on the day ``decided``, and ``by`` whom.
    """

    type: RelationType
    title: str = ""
    number: str = ""
    date: datetime.date | None = None
    partial: bool = False
    quote: str = ""
    offset: int = -1
    confirmed: bool = False
    decided: datetime.date | None = None
    by: str = ""

    @classmethod
    def from_front_matter(cls, written: Mapping[str, Any]) -> Relation:
        """The relation that a mapping of ``relations:`` or ``rejected_relations:`` states."""
        values = dict(written)
        return cls(title=values.pop("target"), confirmed=True, **values)


@cache
def relation_words() -> Mapping[str, Any]:
    """The tables of ``relations.toml``."""
    from policykb.files import toml  # a search that shows states mostly needs no words

    return toml.read(DATA / "relations.toml")


def relation_type(written: str) -> RelationType | None:
    """The type that a name stands for, English or Chinese; None where it is none."""
    name = written.strip().lower()
    for one in RELATION_TYPES:
        if name in (one, relation_words()["label"][one], *relation_words()["alias"].get(one, ())):
            return one
    return None
