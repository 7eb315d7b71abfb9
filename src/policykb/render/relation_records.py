"""What relations, families, gaps and decisions are as plain data: version 1 of the contract, like `records`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from policykb.relations.decisions import Decided
    from policykb.relations.gaps import Gaps
    from policykb.relations.overview import Branch, Neighbour, Overview
    from policykb.relations.validity import Interval


def relations_record(known: Overview) -> dict[str, Any]:
    """``{"format", "id", "validity", "states", "out", "in"}``.

    ``validity`` is the state on the day that was asked for, null where the document was not there yet; ``states`` are
    all of them: ``{"state", "since", "until", "because"}``. A relation is ``{"type", "target", "state", "quote",
    "offset", "date", "partial", "confirmed", "decided", "by"}``; the target, or ``source`` of one that comes in, is
    ``{"id", "title", "number"}``, with the id null where it is not held.
    """
    return {
        "format": 1,
        "id": known.policy.id,
        "title": known.policy.title,
        "validity": _interval(known.now) if known.now else None,
        "states": [_interval(one) for one in known.states],
        "out": [_relation(one, "target") for one in known.out],
        "in": [_relation(one, "source") for one in known.into],
    }


def _interval(one: Interval) -> dict[str, Any]:
    return {
        "state": one.state,
        "since": one.since and one.since.isoformat(),
        "until": one.until and one.until.isoformat(),
        "because": list(one.because),
    }


def _relation(one: Neighbour, end: str) -> dict[str, Any]:
    said = one.relation
    return {
        "type": said.type,
        end: {"id": one.id or None, "title": one.title or None, "number": one.number or None},
        "state": one.state or None,
        "quote": said.quote,
        "offset": said.offset if said.offset >= 0 else None,
        "date": said.date and said.date.isoformat(),
        "partial": said.partial,
        "confirmed": said.confirmed,
        "decided": said.decided and said.decided.isoformat(),
        "by": said.by or None,
    }


def family_record(found: Iterable[Branch]) -> dict[str, Any]:
    """``{"format", "family": [{"depth", "type", "id", "title", "state"}]}``, in the order in which they are shown."""
    return {"format": 1, "family": [one._asdict() for one in found]}


def gaps_record(found: Gaps) -> dict[str, Any]:
    """``{"format", "total", "cited": [{"title", "number", "issuer", "entries", "sentences": [{"id", "quote"}]}],
    "drafts": [ID], "lacking": {FIELD: [ID]}}``."""
    cited = [
        {
            "title": one.title or None,
            "number": one.number or None,
            "issuer": one.issuer or None,
            "entries": one.entries,
            "sentences": [{"id": id, "quote": quote} for id, quote in one.sentences],
        }
        for one in found.cited
    ]
    lacking = {name: list(some.ids) for name, some in found.lacking.items()}
    return {"format": 1, "total": found.total, "cited": cited, "drafts": list(found.drafts.ids), "lacking": lacking}


def decided_record(done: Iterable[Decided]) -> dict[str, Any]:
    """``{"format", "entries": [{"id", "relations", "rejected_relations"}]}``, as they stand in the front matter."""
    entries = [
        {"id": one.id, "relations": list(one.relations), "rejected_relations": list(one.rejected)} for one in done
    ]
    return {"format": 1, "entries": entries}
