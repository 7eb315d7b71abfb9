"""Facets: counted by the cluster in the same search, every value, without an error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from policykb.search.record import FACETS

if TYPE_CHECKING:
    from policykb.engines.opensearch.links import ClusterLinks
    from policykb.search.request import SearchRequest

MOST_VALUES = 60_000  # different values of a facet; a cluster gives at most 65,535


def counting(links: ClusterLinks, request: SearchRequest) -> dict[str, Any]:
    """The part of a search that counts facets, empty where none are asked for."""
    if not request.facets and not request.facet_siblings:
        return {}
    counts: dict[str, Any] = {
        name: {"terms": {"field": name, "size": MOST_VALUES, "shard_size": MOST_VALUES}} for name in (*FACETS, "month")
    }
    if states := request.filters.states:
        by_state: dict[str, list[int]] = {}
        for document, state in states(links).items():
            by_state.setdefault(state, []).append(document)
        chosen = {state: links.selection(documents) for state, documents in by_state.items()}
        counts["validity"] = {"filters": {"filters": chosen}}
    return {"aggs": counts}


def counted(aggregations: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """The facets that a search has counted: the most first, months in their order."""
    counts: dict[str, dict[str, int]] = {}
    for name, values in aggregations.items():
        if name == "validity":
            own = {state: bucket["doc_count"] for state, bucket in values["buckets"].items() if bucket["doc_count"]}
        else:
            own = {bucket["key"]: bucket["doc_count"] for bucket in buckets(values)}
        by_value = sorted(own.items())
        counts[name] = dict(by_value if name == "month" else sorted(by_value, key=lambda item: -item[1]))
    return counts


def buckets(aggregation: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The values that an aggregation counted: all of them, and without an error."""
    assert aggregation["sum_other_doc_count"] == 0, "an aggregation has more values than were asked for"
    assert aggregation["doc_count_error_upper_bound"] == 0, "the counts of an aggregation are not exact"
    found: list[Mapping[str, Any]] = aggregation["buckets"]
    return found
