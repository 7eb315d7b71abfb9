"""The vocabulary of tags: what a document can be about, and which words speak for it.

The vocabulary is data: ``data/tags.toml`` in the package describes the format; ``corpus/tags.toml`` of a
knowledge base adds tags, replaces them by name, or retires them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from policykb.domain.names import name_key
from policykb.errors import DataError, UnknownNameError
from policykb.files import toml
from policykb.files.packaged import data_files
from policykb.i18n import _

Where = Literal["any", "title", "body"]

_HEAVIEST = 10.0


@dataclass(frozen=True, slots=True)
class Trigger:
    """Words that speak for a tag, or against it.

    ``weight`` is what one of them is worth, like a log-odds from -10 to 10: 4 nearly decides, 1 is a hint, 0
    only keeps shorter words from matching inside. ``where`` is the part of a document in which they count.
    """

    words: tuple[str, ...]
    weight: float
    where: Where = "any"


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of the vocabulary; ``aliases`` are other names under which it can be asked for.

    ``about`` are words of its subject: where it has some, its triggers count only in a document that says one of them.
    """

    name: str
    group: str
    description: str
    triggers: tuple[Trigger, ...] = ()
    retired: bool = False
    aliases: tuple[str, ...] = ()
    about: tuple[str, ...] = ()


class Vocabulary(Mapping[str, Tag]):
    """The tags in use by name, in the order of the files; ``retired`` are those that no longer are."""

    def __init__(self, tags: Iterable[Tag]) -> None:
        """Raises DataError when a name or alias, compared as ``resolve`` does, stands for two tags in use."""
        self._tags: dict[str, Tag] = {}
        self._names: dict[str, str] = {}
        self.retired: tuple[Tag, ...] = ()
        for tag in tags:
            if tag.retired:
                self.retired += (tag,)
                continue
            self._tags[tag.name] = tag
            for name in (tag.name, *tag.aliases):
                owner = self._names.setdefault(name_key(name), tag.name)
                if owner != tag.name:
                    problem = _("tag {tag}: {name} is a name of {owner} already")
                    raise DataError(problem.format(tag=tag.name, name=name, owner=owner))

    @classmethod
    def load(cls, corpus: Path | None) -> Vocabulary:
        """The packaged tags and those of ``tags.toml`` in the folder ``corpus``, where there is one.

        Raises DataError, which names file and key, for a file that cannot be read or is wrong.
        """
        tags: dict[str, Tag] = {}
        vocabulary = cls(())
        for path in data_files("tags.toml", corpus):
            table = toml.read(path)
            with toml.naming(path):
                toml.only(table, {"replace", "tag"})
                tags = ({} if toml.flag(table, "replace") else tags) | _tags(table)
                vocabulary = cls(tags.values())
        return vocabulary

    def __getitem__(self, name: str) -> Tag:
        return self._tags[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tags)

    def __len__(self) -> int:
        return len(self._tags)

    def known(self, name: str) -> str | None:
        """The name of the tag in use that ``name`` is, or is an alias of; width, case and spaces are ignored."""
        return self._names.get(name_key(name))

    def resolve(self, name: str) -> str:
        """As ``known``; an unknown name raises UnknownNameError with up to three tags that come nearest."""
        if found := self.known(name):
            return found
        from difflib import get_close_matches

        key = name_key(name)
        close = get_close_matches(key, self._names, n=12, cutoff=0.5)
        nearest = tuple(dict.fromkeys(self._names[near] for near in close))[:3]
        raise UnknownNameError("tag", name.strip(), nearest)


def _tags(table: Mapping[str, object]) -> dict[str, Tag]:
    tags: dict[str, Tag] = {}
    for entry in toml.tables(table, "tag"):
        with toml.naming("tag"):
            name = toml.text(entry, "name")
        with toml.naming(f"tag {name}"):
            if name in tags:
                raise DataError(_("stands in the file twice"))
            tags[name] = _tag(name, entry)
    return tags


def _tag(name: str, entry: Mapping[str, object]) -> Tag:
    toml.only(entry, {"name", "group", "description", "aliases", "about", "retired", "triggers"})
    if toml.flag(entry, "retired"):
        return Tag(name, "", "", retired=True)
    triggers = tuple(map(_trigger, toml.tables(entry, "triggers")))
    parts: dict[str, list[Where]] = {"any": ["title", "body"], "title": ["title"], "body": ["body"]}
    seen: set[tuple[str, str]] = set()
    for trigger in triggers:
        for word in trigger.words:
            places = {(name_key(word), part) for part in parts[trigger.where]}
            if places & seen:
                raise DataError(_("triggers: {word} has two weights").format(word=word))
            seen |= places
    aliases = toml.texts(entry, "aliases", [])
    about = toml.texts(entry, "about", [])
    group, description = toml.text(entry, "group"), toml.text(entry, "description")
    return Tag(name, group, description, triggers, aliases=aliases, about=about)


def _trigger(entry: Mapping[str, object]) -> Trigger:
    toml.only(entry, {"words", "weight", "where"})
    words, weight, where = toml.texts(entry, "words"), entry.get("weight"), entry.get("where", "any")
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not abs(weight) <= _HEAVIEST:
        raise toml.wrong("triggers: weight", _("a number from -10 to 10"), weight)
    if where not in ("any", "title", "body"):
        raise toml.wrong("triggers: where", _('"any", "title" or "body"'), where)
    return Trigger(words, float(weight), where)
