"""The state of every document on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from policykb.domain.policy import MEETING
from policykb.domain.relation import CHANGING
from policykb.errors import DateError, PolicyKBError
from policykb.i18n import _
from policykb.mining.stored import PART
from policykb.ranking.meaning import DRAFT
from policykb.relations.graph import Graph
from policykb.relations.validity import IN_FORCE, STATES

if TYPE_CHECKING:
    from policykb.search.links import Links
    from policykb.search.request import Filters

_FEW = 100  # documents; from here on it is quicker to look at all
_COURSES, _STATES = "courses", "states"  # what a snapshot remembers


class Course(NamedTuple):
    """The states of a document in order of time: each with the ordinal of the day from which it holds, 0 for ever.

    ``later`` is the day from which a later version of it is in force, 0 where none is held.
    """

    steps: tuple[tuple[str, int], ...]
    later: int

    def at(self, day: date) -> tuple[str, int]:
        """The state on a day and since when it has been so; '' where the document was not there yet."""
        return next((step for step in reversed(self.steps) if step[1] <= day.toordinal()), ("", 0))


def courses(graph: Graph) -> dict[int, Course]:
    """The documents of whose state there is more to say than when they were issued."""
    memory = graph.links.memory
    if _COURSES not in memory:
        stored = graph.links.once(_COURSES, lambda: [_course(graph, one) for one in sorted(_unusual(graph.links))])
        memory[_COURSES] = {
            document: Course(tuple((STATES[state], since) for state, since in steps), later)
            for document, later, steps in stored
        }
    known: dict[int, Course] = memory[_COURSES]
    return known


def _course(graph: Graph, document: int) -> list[Any]:
    """A `Course` as plain data."""
    later = graph.later_version(document)
    begins = graph.begins(later) if later is not None else None
    steps = graph.validity(document)
    plain = [[STATES.index(one.state), one.since.toordinal() if one.since else 0] for one in steps]
    return [document, begins.toordinal() if begins else 0, plain]


def _unusual(links: Links) -> set[int]:
    """The documents that may be more than plainly in force from the day of issue."""
    found = set(links.having("status", DRAFT)) | set(links.having("kind", MEETING))
    found.update(one for one in links.documents() if links.days[one] <= 0)
    for what in ("effective", "expires", "ended"):
        for _term, documents in links.listed("stated", what):
            found.update(documents)
    keys: dict[str, None] = {}
    for term, _documents in links.listed("relation"):
        key, _version, type, *_rest = term.split(PART)
        if type in CHANGING:
            keys[key.replace("+", "#", 1) if key[0] == "+" else key] = None
    for key in keys:
        for _term, documents in links.listed("cited", f"{key}{PART}"):
            found.update(documents)
    named: defaultdict[str, list[int]] = defaultdict(list)
    for term, documents in links.listed("cited", "="):
        named[term.rpartition(PART)[0]] += documents
    for same in named.values():
        if len(same) > 1:
            found.update(same)
    return found


def states(graph: Graph, day: date) -> Mapping[int, str]:
    """The state of every document on a day; those that were not there yet are left out.

    Those of the last day that was asked for are remembered.
    """
    memory = graph.links.memory
    kept: tuple[date, Mapping[int, str]] | None = memory.get(_STATES)
    if kept is None or kept[0] != day:
        kept = memory[_STATES] = day, _states(graph, day)
    return kept[1]


def _states(graph: Graph, day: date) -> Mapping[int, str]:
    known, days, ordinal = courses(graph), graph.links.days, day.toordinal()
    found: dict[int, str] = {}
    for document in graph.links.documents():
        course = known.get(document)
        state = course.at(day)[0] if course else IN_FORCE if days[document] <= ordinal else ""
        if state:
            found[document] = state
    return found


def restricted(filters: Filters, validity: Sequence[str], as_of: date | None, today: date) -> Filters:
    """Filters that let through documents in one of the states, and with ``as_of`` those that were there on that day.

    Raises PolicyKBError for a state that there is not, DateError for a period that begins after the day.
    """
    for state in validity:
        if state not in STATES:
            known = "、".join(STATES)
            raise PolicyKBError(
                _("{state} is no state of a document; known are {known}").format(state=state, known=known)
            )
    if as_of:
        from policykb.domain.daterange import DateRange  # most searches have no period

        until = DateRange(None, as_of + timedelta(1))
        dates = filters.dates & until if filters.dates else until
        if dates is None:
            raise DateError(_("the period begins after {day}, the day as of which it is asked").format(day=as_of))
        filters = filters._replace(dates=dates)
    day = as_of or today
    return filters._replace(validity=tuple(validity), states=lambda links: states(Graph(links), day))


def states_of(links: Links, documents: Collection[int], day: date) -> Mapping[int, str]:
    """The states of some documents on a day, '' for one that was not there yet."""
    graph = Graph(links)
    if len(documents) > _FEW or _COURSES in links.memory:
        known = states(graph, day)
        return {one: known.get(one, "") for one in documents}
    return {one: graph.state(one, day) for one in documents}


def laws_of(links: Links, documents: Collection[int]) -> dict[int, str]:
    """The path of the oldest version, for each of some documents that is held in several."""
    graph = Graph(links)
    versions = {one: graph.versions(one) for one in documents}
    return {one: links.path(some[0]) for one, some in versions.items() if len(some) > 1}
