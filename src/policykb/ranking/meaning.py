"""`Meaning`: which held documents the relations of an entry mean, and what of them a person refused."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Set
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from policykb.domain.relation import CHANGING, RELATION_TYPES, Relation
from policykb.mining.stored import PART, Stated, stored_relations

if TYPE_CHECKING:
    from policykb.search.links import Links

DRAFT = "征求意见稿"
Said = tuple[Relation, int | None]  # a relation, and the document that it means, None for one that is not held


class Meaning:
    """Documents are numbers of the snapshot."""

    def __init__(self, links: Links) -> None:
        self.links = links

    def is_draft(self, document: int) -> bool:
        """Whether a document is out for comments."""
        return document in self._drafts

    @cached_property
    def _drafts(self) -> frozenset[int]:
        return frozenset(self.links.having("status", DRAFT))

    def day(self, document: int) -> date | None:
        """The day of issue, None where it is not known."""
        day = self.links.days[document]
        return date.fromordinal(day) if day > 0 else None

    def said(self, source: int, types: Collection[str] = RELATION_TYPES) -> list[Said]:
        """What an entry states in relations of these types, and a person did not refuse."""
        entry = self.links.entry(source)
        said = [
            (one.relation, self.resolve(one, source)) for one in stored_relations(entry) if one.relation.type in types
        ]
        refused = {(one["type"], other) for one in entry["rejected_relations"] for other in self.means(one["target"])}
        return _settled(said, refused)

    def means(self, target: str) -> list[int]:
        """The documents that a person named: by id, number or title."""
        from policykb.mining.indexed import targets  # rarely needed, and a search pays for it

        return [one for key, version in targets(Relation("cites", target)) for one in self.named(key, version)]

    def resolve(self, stated: Stated, source: int) -> int | None:
        """The held document that a relation means: by id, number or name; of several versions that of the day."""
        relation = stated.relation
        for key, version in stated.targets:
            found = self.named(key.replace("+", "#", 1) if key[0] == "+" else key, version)
            found = [one for one in found if one != source]
            if not found:
                continue
            day = relation.date or self.day(source)
            chosen = self._version(found, day, changing=relation.type in CHANGING and not relation.confirmed)
            if chosen is not None:
                return chosen
        return None

    def named(self, key: str, version: str) -> list[int]:
        """The documents that go by a name: of this version; without one a final document, never a draft."""
        if key[0] != "=":
            return list(self.links.having("cited", f"{key}{PART}"))
        found = list(self.links.having("cited", f"{key}{PART}{version}"))
        if not found and version != DRAFT:
            found = [one for _, some in self.links.listed("cited", f"{key}{PART}") for one in some]
        return found if version == DRAFT else [one for one in dict.fromkeys(found) if not self.is_draft(one)]

    def _version(self, documents: list[int], day: date | None, *, changing: bool) -> int | None:
        """The latest of several that was there on a day; a later one cannot be what a change was made to."""
        dated = sorted((self.day(one) or date.min, one) for one in documents)
        before = [one for issued, one in dated if day is None or issued <= day]
        if before:
            return before[-1]
        return None if changing else dated[0][1]


def _settled(said: Iterable[Said], refused: Set[tuple[str, int]]) -> list[Said]:
    """Relations without those found ones that a person confirmed, or refused (a type, or cites, and a document),
    however the other document was named; what is confirmed has the sentence that was found for it."""
    stated = list(said)
    found = {(one.type, target): one for one, target in stated if target is not None and not one.confirmed}
    confirmed = {(one.type, target) for one, target in stated if one.confirmed and target is not None}
    kept: list[Said] = []
    for one, target in stated:
        if one.confirmed:
            same = found.get((one.type, -1 if target is None else target)) if not one.quote else None
            kept.append((one._replace(quote=same.quote, offset=same.offset) if same else one, target))
        elif target is None or not {(one.type, target), ("cites", target)} & refused | {(one.type, target)} & confirmed:
            kept.append((one, target))
    return kept
