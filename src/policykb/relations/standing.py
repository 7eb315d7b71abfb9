"""How the documents of a digest or report stand: in what state each is, what it rests on, what it replaced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from policykb.domain.relation import RelationType
from policykb.relations.graph import Graph
from policykb.relations.overview import id_at
from policykb.relations.states import Course, courses
from policykb.relations.validity import IN_FORCE

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
        known = courses(Graph(links))
        return {
            id_at(links, one): _standing(course, day)
            for one, course in known.items()
            if course.at(day)[0] not in ("", IN_FORCE)
        }

    return engine.linked(found)


def _standing(course: Course, day: date) -> Standing:
    state, since = course.at(day)
    if state == "已被修改":
        return Standing(state, date.fromordinal(course.later) if 0 < course.later <= day.toordinal() else None)
    if state == "已定稿" or (state in OVER and not since):
        return Standing(state, date.min)
    return Standing(state, date.fromordinal(since) if state in OVER else None)


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
