"""The documents that say something of another one: what ``basis:`` and its like in a query select."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policykb.domain.relation import Relation
from policykb.mining.indexed import REFUSING, targets
from policykb.mining.stored import PART
from policykb.ranking.meaning import Meaning
from policykb.text.fold import letters

if TYPE_CHECKING:
    from policykb.search.links import Links


def related(links: Links, type: str, value: str) -> list[int]:
    """The documents with a relation of the type, or with any for ``cites``, to what ``value`` names.

    It is a title, a number or an id; where it is none that any relation has, a part of a title. What a person refused,
    whether by title, number or id, is no relation.
    """
    keys = [key for key, _version in targets(Relation("cites", value))]
    sought = dict.fromkeys(keys)
    for key in keys:  # a document that is held goes by its other names too
        for _term, documents in links.listed("cited", f"{key}{PART}"):
            for document in documents:
                sought |= dict.fromkeys(name for name, _version in links.entry(document)["names"])
    numbers = [key.replace("#", "+", 1) for key in sought if key[0] == "#"]
    wanted = {*sought, *numbers}
    found = {one for key in wanted for one in _having(links, type, f"{key}{PART}")}
    part = letters(value)
    if not found and part:
        found = set(_having(links, type, "=", part))
        wanted = set()
    meaning = Meaning(links)

    def says(document: int) -> bool:
        """Whether something of it is left that a person did not refuse."""
        said = (one for one, _target in meaning.said(document) if type in ("cites", one.type))
        keys = (key for one in said for key, _version in targets(one))
        return any(key in wanted if wanted else key[0] == "=" and part in key for key in keys)

    refusing = found.intersection(links.having("stated", REFUSING))
    return sorted(one for one in found if one not in refusing or says(one))


def _having(links: Links, type: str, prefix: str, part: str = "") -> list[int]:
    """The documents with a term of the field that begins with ``prefix`` and has ``part`` in its target."""
    found: list[int] = []
    for term, documents in links.listed("relation", prefix):
        target, _version, own, *_rest = term.split(PART)
        if (type == "cites" or own == type) and part in target:
            found += documents
    return found
