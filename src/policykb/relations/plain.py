"""The states of hits. Most documents are plainly in force, as the index says by itself: then no more is imported."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from policykb.domain.policy import MEETING
from policykb.domain.relation import CHANGING
from policykb.mining.stored import PART

USUAL = ("现行有效", "征求意见")  # states that need no word where the status stands: the second is one, too
_STANDING = ("现行有效", "部分废止")
_PLAIN = "plain"  # what a snapshot remembers

if TYPE_CHECKING:
    from policykb.search.engine import Engine
    from policykb.search.links import Links
    from policykb.search.request import Hit, Result


def with_validity(engine: Engine, result: Result, day: date) -> Result:
    """A result whose hits say in what state their documents are on a day."""
    paths = [hit.path for hit in result.hits]

    def found(links: Links) -> tuple[dict[str, str], dict[str, str]]:
        known: dict[str, str] = {}
        laws: dict[str, str] = {}
        doubtful: dict[int, str] = {}
        remembered = _remembered(links, day)
        for path in paths:
            for document in links.having("path", path):
                if document not in remembered:
                    remembered[document] = plain_state(links, document, day)
                state = remembered[document]
                if state is None:
                    doubtful[document] = path
                else:
                    known[path] = state
        if doubtful:
            from policykb.relations.states import laws_of, states_of

            states = states_of(links, doubtful, day)
            known |= {path: states[document] for document, path in doubtful.items()}
            laws = {doubtful[document]: law for document, law in laws_of(links, doubtful).items()}
        return known, laws

    states, laws = engine.linked(found) if paths else ({}, {})
    hits = [hit._replace(validity=states.get(hit.path, ""), law=laws.get(hit.path, "")) for hit in result.hits]
    return result._replace(hits=hits)


def _remembered(links: Links, day: date) -> dict[int, str | None]:
    """What `plain_state` said of documents on a day, for as long as a snapshot lives; of the last day alone."""
    kept: tuple[date, dict[int, str | None]] | None = links.memory.get(_PLAIN)
    if kept is None or kept[0] != day:
        kept = links.memory[_PLAIN] = day, {}
    return kept[1]


def folded(hits: Sequence[Hit]) -> list[tuple[int, list[int]]]:
    """The hits as people are shown them, by their numbers in the list: each with the other versions of its law.

    Of several versions the one in force leads, at the place of the first of them.
    """
    laws: dict[str, list[int]] = {}
    for number, hit in enumerate(hits):
        laws.setdefault(hit.law or hit.path, []).append(number)
    shown = []
    for versions in laws.values():
        leading = next((one for one in versions if hits[one].validity in _STANDING), versions[0])
        shown.append((leading, [one for one in versions if one != leading]))
    return shown


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
