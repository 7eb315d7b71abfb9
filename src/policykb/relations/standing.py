"""How the documents of a digest or report stand: in what state each is, what it rests on, what it replaced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from policykb.domain.relation import RelationType
from policykb.relations.graph import Graph
from policykb.relations.overview import id_at
from policykb.relations.states import states
from policykb.relations.validity import IN_FORCE, on

if TYPE_CHECKING:
    from policykb.search.engine import Engine
    from policykb.search.links import Links

TOLD: tuple[RelationType, ...] = ("basis", "finalises", "replaces", "repeals", "amends")  # in this order
OVER = ("已定稿", "已废止", "已失效")

Said = tuple[tuple[RelationType, tuple[str, ...]], ...]  # names of other documents, by type of relation


class Standing(NamedTuple):
    """A document that is not plainly in force on a day: its state; from ``over`` on nothing of it is to come."""

    state: str
    over: date | None = None


def standings(engine: Engine, day: date) -> dict[str, Standing]:
    """The documents that were there on a day and are not plainly in force, by id."""

    def found(links: Links) -> dict[str, Standing]:
        graph = Graph(links)
        known = {one: state for one, state in states(graph, day).items() if state != IN_FORCE}
        return {id_at(links, one): Standing(state, _over(graph, one, state, day)) for one, state in known.items()}

    return engine.linked(found)


def _over(graph: Graph, document: int, state: str, day: date) -> date | None:
    if state == "已被修改" and (later := graph.later_version(document)):
        begins = graph.begins(later)
        return begins if begins and begins <= day else None
    if state not in OVER:
        return None
    now = on(graph.validity(document), day)
    return now.since if now and now.since and state != "已定稿" else date.min


def said_by(engine: Engine, ids: Iterable[str]) -> Mapping[str, Said]:
    """What documents say of others, by id: those that have something to say."""

    def found(links: Links) -> dict[str, Said]:
        graph = Graph(links)
        named = {id: _said(graph, one) for id in ids if (one := graph.find(id)) is not None}
        return {id: some for id, some in named.items() if some}

    return engine.linked(found)


def _said(graph: Graph, document: int) -> Said:
    names: dict[RelationType, dict[str, None]] = {type: {} for type in TOLD}
    for link in graph.out(document):
        if (one := link.relation).type in names:
            name = graph.policy(link.target).title if link.target is not None else one.title or one.number
            names[one.type][name] = None
    return tuple((type, tuple(some)) for type, some in names.items() if some)
