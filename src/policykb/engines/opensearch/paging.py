"""The first hits of a search, however many: beyond what a cluster gives at once, in pages over one snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from policykb.engines.opensearch.cluster import Cluster

_AT_ONCE = 300  # hits of one page: a few megabytes, of which a small node holds many


def pages(cluster: Cluster, body: Mapping[str, Any], need: int) -> Any:
    """The answer to a search with its first ``need`` hits; ``body`` sorts by what is different for each document."""
    if need <= _AT_ONCE:
        return cluster.search({**body, "size": need})
    hits: list[Any] = []
    first: Any = None
    for answer in _snapshot(cluster, body):
        first = first or answer
        hits += answer["hits"]["hits"]
        if len(hits) >= need:
            break
    first["hits"]["hits"] = hits[:need]
    return first


def each(cluster: Cluster, body: Mapping[str, Any], index: str = "") -> Iterator[Any]:
    """All hits of a search, one after the other."""
    answer = cluster.search({**body, "size": _AT_ONCE}, index=index)
    if answer["hits"]["total"]["value"] <= _AT_ONCE:
        yield from answer["hits"]["hits"]
        return
    for answer in _snapshot(cluster, body, index):
        yield from answer["hits"]["hits"]


def _snapshot(cluster: Cluster, body: Mapping[str, Any], index: str = "") -> Iterator[Any]:
    pinned = cluster if cluster.pit and not index else cluster.pinned(index)
    try:
        asked = {"size": _AT_ONCE, **body}
        while True:
            answer = pinned.search(asked)
            yield answer
            hits = answer["hits"]["hits"]
            if len(hits) < asked["size"]:
                return
            asked = {**asked, "search_after": hits[-1]["sort"], "track_total_hits": False}
            asked.pop("aggs", None)
    finally:
        if pinned is not cluster:
            pinned.release()
