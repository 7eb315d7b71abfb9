"""What is known of one document's relations and validity, ready to be shown."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from policykb.corpus.folder import id_of
from policykb.domain.relation import Relation
from policykb.errors import CorpusError
from policykb.i18n import _
from policykb.relations.graph import Graph, Link
from policykb.relations.validity import Interval, on

if TYPE_CHECKING:
    from policykb.domain.policy import Policy
    from policykb.search.engine import Engine
    from policykb.search.links import Links


class Neighbour(NamedTuple):
    """A relation and the document at its other end: ``id`` and ``state`` are empty where it is not held."""

    relation: Relation
    id: str
    title: str
    number: str
    state: str = ""


class Overview(NamedTuple):
    """A document on a day: ``now`` is its state then, None where it was not there yet; ``states`` are all of them."""

    policy: Policy
    now: Interval | None
    states: tuple[Interval, ...]
    out: tuple[Neighbour, ...]
    into: tuple[Neighbour, ...]


class Branch(NamedTuple):
    """A document of a family: how it is related to the one before, and how deep it stands."""

    depth: int
    type: str
    id: str
    title: str
    state: str


def of_entry(engine: Engine, path: str, today: date | None = None, as_of: date | None = None) -> Overview:
    """The `overview` of a file of the corpus, today or as of a day.

    Raises `CorpusError` where the index does not have it.
    """
    engine.open()
    day = as_of or today or date.today()
    found = engine.linked(lambda links: overview(links, path, day, as_of=as_of is not None))
    if found is None:
        raise CorpusError(_("{path} is not in the index; run 'policykb check {file}'").format(path=path, file=path))
    return found


def overview(links: Links, path: str, day: date, *, as_of: bool = False) -> Overview | None:
    """The document of a file of the corpus; None where the index does not have it.

    ``as_of``: what documents said that were not there on that day is left out.
    """
    document = next(iter(links.having("path", path)), None)
    if document is None:
        return None
    graph = Graph(links)
    states = graph.validity(document)

    def there(other: int | None) -> bool:
        return not as_of or other is None or links.days[other] <= day.toordinal()

    out = tuple(_neighbour(graph, one, one.target, day) for one in graph.out(document) if there(one.target))
    into = tuple(_neighbour(graph, one, one.source, day) for one in graph.into(document) if there(one.source))
    return Overview(graph.policy(document), on(states, day), states, out, into)


def _neighbour(graph: Graph, link: Link, other: int | None, day: date) -> Neighbour:
    if other is None:
        return Neighbour(link.relation, "", link.relation.title, link.relation.number)
    policy = graph.policy(other)
    return Neighbour(link.relation, policy.id, policy.title, policy.number or "", graph.state(other, day))


ABOVE = ("basis", "implements")  # what a document rests on
DEPTH = 3  # steps up and down a family


def family(links: Links, path: str, day: date, *, as_of: bool = False) -> list[Branch]:
    """The documents around one: above it what it rests on, below it what rests on it, beside it drafts and others.

    ``as_of``: what was not there on that day is left out.
    """
    document = next(iter(links.having("path", path)), None)
    if document is None:
        return []
    graph = Graph(links)
    later = {one for one in links.documents() if links.days[one] > day.toordinal()} if as_of else set()
    seen = {document, *later}

    def branch(depth: int, type: str, one: int) -> Branch:
        policy = graph.policy(one)
        return Branch(depth, type, policy.id, policy.title, graph.state(one, day))

    def up(one: int, steps: int) -> list[tuple[int, str, int]]:
        found = []
        for link in graph.out(one):
            if link.relation.type in ABOVE and link.target is not None and link.target not in seen:
                seen.add(link.target)
                found += up(link.target, steps - 1) if steps > 1 else []
                found.append((steps, link.relation.type, link.target))
        return found

    def down(one: int, depth: int) -> list[Branch]:
        found = []
        for link in graph.into(one):
            if link.relation.type in ABOVE and link.source not in seen:
                seen.add(link.source)
                found.append(branch(depth, link.relation.type, link.source))
                found += down(link.source, depth + 1) if depth < base + DEPTH else []
        return found

    above = up(document, DEPTH)
    highest = min((steps for steps, _type, _one in above), default=DEPTH + 1)
    tree = [branch(steps - highest, type, one) for steps, type, one in above]
    base = DEPTH + 1 - highest
    tree.append(branch(base, "", document))
    for link in graph.out(document) + graph.into(document):
        other = link.target if link.source == document else link.source
        if link.relation.type not in (*ABOVE, "cites") and other is not None and other not in seen:
            seen.add(other)
            tree.append(branch(base, link.relation.type, other))
    return tree + down(document, base + 1)


def id_at(links: Links, document: int) -> str:
    """The id of a document's entry."""
    return id_of(links.path(document))
