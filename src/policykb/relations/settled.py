"""What is left of the relations that an entry states when a person has decided some of them."""

from __future__ import annotations

from collections.abc import Iterable, Set

from policykb.domain.relation import Relation

_Said = tuple[Relation, int | None]  # a relation, and the document that it means, None for one that is not held


def settled(said: Iterable[_Said], refused: Set[tuple[str, int]]) -> list[_Said]:
    """Relations without those found ones that a person confirmed, or refused (a type, or cites, and a document),
    however the other document was named; what is confirmed has the sentence that was found for it."""
    stated = list(said)
    found = {(one.type, target): one for one, target in stated if target is not None and not one.confirmed}
    confirmed = {(one.type, target) for one, target in stated if one.confirmed and target is not None}
    kept: list[_Said] = []
    for one, target in stated:
        if one.confirmed:
            same = found.get((one.type, -1 if target is None else target)) if not one.quote else None
            kept.append((one._replace(quote=same.quote, offset=same.offset) if same else one, target))
        elif target is None or not {(one.type, target), ("cites", target)} & refused | {(one.type, target)} & confirmed:
            kept.append((one, target))
    return kept
