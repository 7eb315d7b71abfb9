"""The machine form of results, a contract, version 1::

    {"format": 1, "query": {...}, "total": N, "partial": false, "notes": [...], "facets": {...},
     "hits": [{"id", "title", "date", "issuers", "tags", "kind", "status", "number", "path", "score", "snippet",
               "offset", "marks", "partial"}]}

``path`` is relative to the knowledge base. ``snippet`` is the entry's body from character ``offset`` on; ``marks`` are
``[start, end, "exact" | "synonym"]``, characters of the body. ``facets`` and ``explain`` are there when asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from policykb.search.request import Hit, Result


def result_record(result: Result, query: Mapping[str, Any]) -> dict[str, Any]:
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
    policy, snippet = hit.policy, hit.snippet
    data: dict[str, Any] = {
        "id": policy.id,
        "title": policy.title,
        "date": policy.date.isoformat(),
        "issuers": list(policy.issuers),
        "tags": list(policy.tags),
        "kind": policy.kind,
        "status": policy.status,
        "number": policy.number,
        "path": f"corpus/{hit.path}",
        "score": hit.score,
        "snippet": snippet.text,
        "offset": snippet.offset,
        "marks": [
            [snippet.offset + m.start, snippet.offset + m.end, "synonym" if m.synonym else "exact"]
            for m in snippet.marks
        ],
        "partial": hit.partial,
    }
    if hit.explanation:
        data["explanation"] = dict(hit.explanation)
    return data
