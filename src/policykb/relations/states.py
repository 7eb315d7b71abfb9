"""The state of every document on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

from policykb.domain.policy import MEETING
from policykb.domain.relation import CHANGING
from policykb.mining.indexed import PART
from policykb.relations.graph import DRAFT, Graph
from policykb.relations.validity import IN_FORCE


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
