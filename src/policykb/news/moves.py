"""How the states of documents move from one day to another, and what that means for those that rest on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from policykb.corpus.folder import id_of
from policykb.domain.relation import CHANGING
from policykb.relations.graph import Graph
from policykb.relations.overview import ABOVE
from policykb.relations.standing import OVER
from policykb.relations.states import states
from policykb.relations.validity import on

if TYPE_CHECKING:
    from policykb.search.links import Links


class StateChange(NamedTuple):
    """A document, by the id of its entry, that goes from one state to another: since when, and why."""

    id: str
    before: str
    after: str
    since: date | None
    because: tuple[str, ...]


class BasisChange(NamedTuple):
    """An entry whose document rests on another one, ``basis``, that is over: its title, its state, since when."""

    id: str
    basis: str
    state: str
    since: date | None


class Moves(NamedTuple):
    """The states of documents ``now``, by id, what has moved since then, and what moves soon."""

    now: Mapping[str, str]
    moved: tuple[StateChange, ...]
    bases: tuple[BasisChange, ...]
    coming: tuple[StateChange, ...]


def moves(links: Links, *, then: date, today: date, until: date, known: Mapping[str, str] | None = None) -> Moves:
    """What has moved between the days ``then`` and ``today``, and what moves by ``until``.

    ``known`` are the states, by id, that were found then: a document read later may have changed what was so then.
    """
    graph = Graph(links)
    ids = {document: id_of(links.path(document)) for document in links.documents()}

    def foreseen(document: int) -> bool:
        """Whether it is known on that day what changes: by the document itself, or by others that are there."""
        causes = [link.source for link in graph.into(document) if link.relation.type in (*CHANGING, "finalises")]
        version = graph.later_version(document)
        return all(links.days[one] <= today.toordinal() for one in (*causes, *([] if version is None else [version])))

    now, later = states(graph, today), states(graph, until)
    earlier = {one: (known or {}).get(ids[one], state) for one, state in states(graph, then).items()}
    earlier |= {one: known[id] for one, id in ids.items() if known and id in known}
    moved = [one for one in sorted(now) if earlier.get(one) and earlier[one] != now[one]]
    coming = [one for one in sorted(now) if later.get(one) and later[one] != now[one] and foreseen(one)]

    def change(document: int, before: str, day: date) -> StateChange:
        interval = on(graph.validity(document), day)
        since, because = (interval.since, interval.because) if interval else (None, ())
        return StateChange(ids[document], before, interval.state if interval else "", since, because)

    def bases() -> Iterator[BasisChange]:
        for document in moved:
            if now[document] in OVER:
                known_change = change(document, earlier[document], today)
                for link in graph.into(document):
                    if link.relation.type in ABOVE:
                        title = graph.policy(document).title
                        yield BasisChange(ids[link.source], title, now[document], known_change.since)

    return Moves(
        {ids[one]: state for one, state in now.items()},
        tuple(change(one, earlier[one], today) for one in moved),
        tuple(dict.fromkeys(bases())),
        tuple(change(one, now[one], until) for one in coming),
    )
