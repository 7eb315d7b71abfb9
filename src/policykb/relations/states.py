"""The state of every document on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from policykb.domain.policy import MEETING
from policykb.domain.relation import CHANGING
from policykb.errors import DateError, PolicyKBError
from policykb.i18n import _
from policykb.mining.stored import PART
from policykb.relations.graph import DRAFT, Graph
from policykb.relations.validity import IN_FORCE, STATES

if TYPE_CHECKING:
    from policykb.search.links import Links
    from policykb.search.request import Filters

_FEW = 100  # documents; from here on it is quicker to look at all


def states(graph: Graph, day: date) -> Mapping[int, str]:
    """The state of every document on a day; those that were not there yet are left out."""
    links = graph.links
    changed = set(links.having("status", DRAFT))
    for what in ("effective", "expires", "ended"):
        for _term, documents in links.listed("stated", what):
            changed.update(documents)
    keys: dict[str, None] = {}
    for term, _documents in links.listed("relation"):
        key, _version, type, *_rest = term.split(PART)
        if type in CHANGING:
            keys[key.replace("+", "#", 1) if key[0] == "+" else key] = None
    for key in keys:
        for _term, documents in links.listed("cited", f"{key}{PART}"):
            changed.update(documents)
    named: defaultdict[str, list[int]] = defaultdict(list)
    for term, documents in links.listed("cited", "="):
        named[term.rpartition(PART)[0]] += documents
    for same in named.values():
        if len(same) > 1:
            changed.update(same)
    changed.update(links.having("kind", MEETING))
    found: dict[int, str] = {}
    for document in links.documents():
        issued = links.days[document]
        if document in changed or issued <= 0:
            state = graph.state(document, day)
        else:
            state = IN_FORCE if issued <= day.toordinal() else ""
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
    if len(documents) > _FEW:
        known = states(graph, day)
        return {one: known.get(one, "") for one in documents}
    return {one: graph.state(one, day) for one in documents}
