"""What commands find as plain data: the machine form, a contract, version 1. Keys are added, never changed.

An entry, ``policy_record``: ``id``, every field of `policykb.domain.policy.FIELDS` (days as ISO 8601, null where it is
not stated), ``body``, ``extra`` (unknown keys of the front matter), ``path``.

A search, ``result_record``::

    {"format": 1, "query": {...}, "total": N, "partial": false, "notes": [...], "facets": {...},
     "hits": [{"id", "title", "date", "issuers", "issuer_count", "tags", "kind", "status", "number", "path", "score",
               "snippet", "offset", "marks", "partial", "validity", "article"}]}

``snippet`` is the entry's body from character ``offset`` on; ``marks`` are ``[start, end, "exact" | "synonym"]``,
characters of the body. ``article`` is the one of a law that answers (第十二条), or null. ``facets``, ``explain`` and
a hit's ``explanation`` are there when asked for; hits like an entry have the terms ``shared``. Every ``path`` is
relative to the knowledge base.

The other functions say their form in their docstrings.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from policykb.domain.policy import FIELDS

if TYPE_CHECKING:
    from policykb.corpus.findings import Finding
    from policykb.domain.policy import Policy
    from policykb.importing.batch import Outcome
    from policykb.importing.intake import Intake
    from policykb.importing.same_document import Difference
    from policykb.market.findings import Finding as MarketFinding
    from policykb.search.request import Hit, Result, SimilarHit
    from policykb.tagging.changes import TagChange
    from policykb.tagging.evaluation import Evaluation, Figures
    from policykb.tagging.new_terms import Term
    from policykb.tagging.tagger import Suggestion

IN_HITS = tuple(one.name for one in FIELDS if one.export != "entry")

MARKET_FINDING = ("kind", "period", "what", "at", "stated", "computed", "difference", "printed", "meant", "why")


def as_json(record: object) -> bytes:
    """A record as an indented JSON document."""
    text = json.dumps(record, ensure_ascii=False, indent=2, default=_plain)
    return f"{text}\n".encode("utf-8", "backslashreplace")


def as_json_lines(records: Iterable[object]) -> bytes:
    """Records as JSON, one a line."""
    lines = (json.dumps(record, ensure_ascii=False, default=_plain) for record in records)
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace")


def _plain(value: object) -> str:
    """What JSON has no form for, as text; a path with slashes on every system."""
    return value.as_posix() if isinstance(value, PurePath) else str(value)


def policy_record(policy: Policy, path: str) -> dict[str, Any]:
    """An entry: all fields, in ``extra`` the other keys of its front matter, ``path`` from the knowledge base on."""
    return {"format": 1, **policy.as_data(), "extra": dict(policy.extra), "path": path}


def result_record(result: Result, query: Mapping[str, Any]) -> dict[str, Any]:
    """A search; ``query`` says what was asked."""
    data: dict[str, Any] = {
        "format": 1,
        "query": dict(query),
        "total": result.total,
        "partial": result.partial,
        "notes": list(result.notes),
        "hits": [hit_record(hit) for hit in result.hits],
    }
    if result.facets:
        data["facets"] = result.facets
    if result.explain:
        data["explain"] = list(result.explain)
    return data


def hit_record(hit: Hit) -> dict[str, Any]:
    """A hit: the fields ``IN_HITS`` of its entry, its score, its passage; marks are places in the text."""
    policy, snippet = hit.policy.as_data(), hit.snippet
    data = {name: policy[name] for name in ("id", *IN_HITS)}
    data |= {
        "path": f"corpus/{hit.path}",
        "score": hit.score,
        "snippet": snippet.text,
        "offset": snippet.offset,
        "marks": [
            [snippet.offset + m.start, snippet.offset + m.end, "synonym" if m.synonym else "exact"]
            for m in snippet.marks
        ],
        "partial": hit.partial,
        "validity": hit.validity or None,
        "article": hit.article or None,
    }
    if hit.explanation:
        data["explanation"] = dict(hit.explanation)
    return data


def similar_record(found: Iterable[SimilarHit]) -> dict[str, Any]:
    """Similar entries: hits, each with what it shares."""
    return {"format": 1, "hits": [hit_record(one.hit) | {"shared": list(one.shared)} for one in found]}


def counts_record(name: str, counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """``[{NAME, "count"}]``: the names of tags, departments ... with the number of their entries."""
    return [{name: value, "count": count} for value, count in counts.items()]


def findings_record(found: Iterable[Finding]) -> dict[str, Any]:
    """``{"format", "findings": [{"path", "line", "key", "problem", "level"}]}``."""
    return {"format": 1, "findings": [_picked(one, "path", "line", "key", "problem", "level") for one in found]}


def market_findings_record(found: Iterable[MarketFinding]) -> dict[str, Any]:
    """``{"format", "findings"}``, each with the keys ``MARKET_FINDING``: texts, empty where there is nothing to say."""
    rows = []
    for one in found:
        period = one.period.name if one.period else ""
        own = {"period": period, "difference": one.gap}
        rows.append({key: own[key] if key in own else getattr(one, key) for key in MARKET_FINDING})
    return {"format": 1, "findings": rows}


def intake_record(done: Intake, root: Path) -> dict[str, Any]:
    """An import::

        {"format", "entries": [{"state", ..., "path", "differences": [{"key", "old", "new"}]}],
         "figures": [{"path", "state", "figures", "contradictory"}],
         "not_understood": [{"file", "line_from", "line_to", "reason", "text"}], "left_out": [...]}

    ``state`` is new, unchanged, updated or differs; the fields are those of an entry but tags and body.
    """
    entries = []
    for state, policy, differences in intake_states(done):
        data = policy.as_data()
        del data["tags"], data["body"]
        path = done.paths[policy.id].relative_to(root).as_posix()
        changes = [_picked(one, "key", "old", "new") for one in differences]
        entries.append({"state": state, **data, "path": path, "differences": changes})
    return {
        "format": 1,
        "entries": entries,
        "figures": [
            {
                "path": one.path.relative_to(root).as_posix(),
                "state": one.state,
                "figures": len(one.found.report.figures),
                "contradictory": len(one.found.doubtful),
            }
            for one in done.figures
        ],
        "not_understood": [_passage(file, one) for file, review in done.reviews for one in review.leftovers],
        "left_out": [_passage(file, one) for file, review in done.reviews for one in review.skipped],
    }


def intake_states(done: Intake) -> list[tuple[str, Policy, Sequence[Difference]]]:
    """The entries of an import by date, each with its state and what it says differently."""
    found: list[tuple[str, Policy, Sequence[Difference]]] = [("new", policy, ()) for policy in done.plan.new]
    found += [("unchanged", policy, ()) for policy in done.plan.unchanged]
    for change in done.plan.changed:
        state = "updated" if change.existing.id in done.updated else "differs"
        found.append((state, change.existing, change.differences))
    return sorted(found, key=lambda one: (one[1].date or date.max, one[1].id))


def _passage(file: Path, passage: Any) -> dict[str, Any]:
    return {"file": file.as_posix(), **_picked(passage, "line_from", "line_to", "reason", "text")}


def addition_record(done: Outcome, root: Path) -> dict[str, Any]:
    """A document that was to be added, one in ``{"format", "documents": [...]}`` where there were several::

        {"format", "name", "state", "path", "reason", "found": {KEY: {"value", "where", "confidence"}}, "missing",
         "filled_in", "original", "alike", "attachments", "tags"}

    ``state`` is added, joined, same or refused; ``filled_in`` are the keys that a join changed, ``alike`` the ids of
    entries of the same title.
    """
    added = done.added
    keys = ("value", "where", "confidence")
    found = {name: {key: getattr(one, key) for key in keys} for name, one in added.draft.found.items()} if added else {}
    return {
        "format": 1,
        "name": done.name,
        "state": added.state if added else "refused",
        "path": added and added.path.relative_to(root).as_posix(),
        "reason": done.refused or None,
        "found": found,
        "missing": list(added.draft.missing) if added else [],
        "doubts": list(added.draft.doubts) if added else [],
        "left_out": dict(added.draft.dropped) if added else {},
        "filled_in": list(added.changed) if added else [],
        "original": added.original.relative_to(root).as_posix() if added and added.original else None,
        "alike": list(added.alike) if added else [],
        "attachments": list(done.attachments),
        "tags": list(done.tags),
    }


def suggestions_record(found: Iterable[tuple[str, Path | None, Sequence[Suggestion]]]) -> list[dict[str, Any]]:
    """``[{"target", "tags": [{"tag", "score", "evidence"}]}]``: the tags proposed for each target."""
    return [{"target": name, "tags": [one.as_dict() for one in proposed]} for name, _, proposed in found]


def tag_changes_record(changes: Iterable[TagChange]) -> list[dict[str, Any]]:
    """``[{"id", "before", "after"}]``: the tags of entries."""
    return [_picked(one, "id", "before", "after") for one in changes]


def evaluation_record(figures: Evaluation) -> dict[str, Any]:
    """``{"format", "entries", "micro", "macro_f1", "tags": {TAG: ...}, "mistakes"}``: how well proposals agree."""
    mistakes = [{"id": m.id, "tag": m.tag, "given": m.given, "score": round(m.score, 4)} for m in figures.mistakes]
    return {
        "format": 1,
        "entries": figures.entries,
        "micro": _figures(figures.micro),
        "macro_f1": round(figures.macro_f1, 4),
        "tags": {tag: _figures(one) for tag, one in figures.tags.items()},
        "mistakes": mistakes,
    }


def _figures(figures: Figures) -> dict[str, float]:
    names = ("right", "wrong", "missed", "precision", "recall", "f1")
    return {name: round(getattr(figures, name), 4) for name in names}


def terms_record(found: Iterable[Term]) -> list[dict[str, Any]]:
    """``[{"term", "documents", "ids"}]``: frequent terms without a tag."""
    return [{"term": one.term, "documents": one.entries, "ids": list(one.ids)} for one in found]


def _picked(one: object, *names: str) -> dict[str, Any]:
    return {name: getattr(one, name) for name in names}
