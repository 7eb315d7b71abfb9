"""The states of hits. Most documents are plainly in force, as the index says by itself: then no more is imported."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from policykb.domain.policy import MEETING
from policykb.domain.relation import CHANGING
from policykb.mining.stored import PART

if TYPE_CHECKING:
    from policykb.search.engine import Engine
    from policykb.search.links import Links
    from policykb.search.request import Result


def with_validity(engine: Engine, result: Result, day: date) -> Result:
    """A result whose hits say in what state their documents are on a day."""
    paths = [hit.path for hit in result.hits]

    def found(links: Links) -> dict[str, str]:
        known: dict[str, str] = {}
        doubtful: dict[int, str] = {}
        for path in paths:
            for document in links.having("path", path):
                state = plain_state(links, document, day)
                if state is None:
                    doubtful[document] = path
                else:
                    known[path] = state
        if doubtful:
            from policykb.relations.states import states_of

            states = states_of(links, doubtful, day)
            known |= {path: states[document] for document, path in doubtful.items()}
        return known

    states = engine.linked(found) if paths else {}
    return result._replace(hits=[hit._replace(validity=states.get(hit.path, "")) for hit in result.hits])


def plain_state(links: Links, document: int, day: date) -> str | None:
    """The state of a document of which nothing says more than when it was issued; None where something may."""
    entry, issued = links.entry(document), links.days[document]
    there = issued <= day.toordinal()
    if entry["kind"] == MEETING:
        return "不详" if there else ""
    if issued <= 0 or entry["status"] == "征求意见稿" or entry["clauses"]:
        return None
    if entry["effective"] or entry["expires"] or entry["ended"]:
        return None
    for name, version in entry["names"]:
        keys = (name, "+" + name[1:]) if name[0] == "#" else (name,)  # a number may stand beside a title
        for key in keys:
            if any(term.split(PART)[2] in CHANGING for term, _documents in links.listed("relation", f"{key}{PART}")):
                return None
        if name[0] == "=" and len(list(links.having("cited", f"{name}{PART}{version}"))) > 1:
            return None  # another version
    return "现行有效" if there else ""
