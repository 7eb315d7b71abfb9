"""`Relation`: what one document says of another, with the words that say so."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

from policykb.files.packaged import DATA
from policykb.i18n import _

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
def _packaged() -> Mapping[str, Any]:
    from policykb.files import toml  # a search that shows states mostly needs no words

    return toml.read(DATA / "relations.toml")


# the words of the knowledge base whose entries are being read
_own: ContextVar[Mapping[str, Any] | None] = ContextVar("relation words", default=None)
_EXTENDED = ("cues", "names", "lists", "titles")


def relation_words() -> Mapping[str, Any]:
    """The tables of ``relations.toml``; within `reading`, with what the knowledge base adds."""
    return _own.get() or _packaged()


@contextmanager
def reading(corpus: Path) -> Iterator[None]:
    """Has the words of a knowledge base taken in the ``with`` block. Raises DataError for a wrong file."""
    token = _own.set(load_relation_words(corpus))
    try:
        yield
    finally:
        _own.reset(token)


def load_relation_words(corpus: Path) -> Mapping[str, Any]:
    """The packaged words, and those of ``relations.toml`` in the folder ``corpus``, where there is one.

    Raises DataError, with file, line and key, for what is no list of words, or no list there is.
    """
    path = corpus / "relations.toml"
    if not os.path.lexists(path):
        return _packaged()
    from policykb.files.reading import read_text  # most knowledge bases have none

    return _extended_by(path, read_text(path))


@lru_cache(maxsize=4)
def _extended_by(path: Path, text: str) -> Mapping[str, Any]:
    from policykb.files import toml

    def joined(known: Mapping[str, Any], own: Mapping[str, Any], table: str) -> dict[str, Any]:
        lists = {key for key, value in known.items() if isinstance(value, (dict, list))}
        unknown = next(iter(sorted(own.keys() - lists)), "")
        with toml.naming(f"{path}:{toml.line_within(text, table, unknown)}"):
            toml.only(own, lists)
        found = dict(known)
        for key, value in own.items():
            if isinstance(known[key], dict) and isinstance(value, dict):
                found[key] = joined(known[key], value, f"{table}.{key}".lstrip("."))
                continue
            with toml.naming(f"{path}:{toml.line_within(text, table, key)}"):
                if isinstance(known[key], dict):
                    raise toml.wrong(key, _("a table"), value)
                found[key] = [*known[key], *toml.texts(own, key)]
        return found

    packaged = _packaged()
    extended = {name: packaged[name] for name in _EXTENDED}
    return {**packaged, **joined(extended, toml.parse(text, path), "")}


def relation_type(written: str) -> RelationType | None:
    """The type that a name stands for, English or Chinese; None where it is none."""
    name = written.strip().lower()
    for one in RELATION_TYPES:
        if name in (one, relation_words()["label"][one], *relation_words()["alias"].get(one, ())):
            return one
    return None
