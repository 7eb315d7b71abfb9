"""The first hits of a search, however many: beyond what a cluster gives at once, in pages over one snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from policykb.engines.opensearch.cluster import Cluster

_AT_ONCE = 300  # hits of one page: a few megabytes, of which a small node holds many
_SLIM = 5000  # of those of which little is fetched


def pages(cluster: Cluster, body: Mapping[str, Any], need: int) -> Any:
    """The answer to a search with its first ``need`` hits; ``body`` sorts by what is different for each document."""
    if need <= _AT_ONCE:
        return _first(cluster, body, need) if need else cluster.search({**body, "size": 0})
    hits: list[Any] = []
    first: Any = None
    for answer in _snapshot(cluster, body):
        first = first or answer
        hits += answer["hits"]["hits"]
        if len(hits) >= need:
            break
    first["hits"]["hits"] = hits[:need]
    return first


def _first(cluster: Cluster, body: Mapping[str, Any], need: int) -> Any:
    """The answer with the first ``need`` hits by day, or by score and day, equal ones by path.

    Comparing paths would cost a node more than all else, so it does that for one day at most: that of the last hit.
    """
    *order, _path = body["sort"]
    answer = cluster.search({**body, "sort": order, "size": need + 1})
    hits = answer["hits"]["hits"]
    if len(hits) > need and hits[need]["sort"] == (last := hits[need - 1]["sort"]):
        before = [hit for hit in hits if hit["sort"] != last]
        query = {"bool": {"must": [body["query"]], "filter": [{"term": {"day": last[-1]}}]}}
        asked = {**body, "query": query, "size": need}
        asked.pop("aggs", None)
        equal = [hit for hit in cluster.search(asked)["hits"]["hits"] if hit["sort"][:-1] == last]
        hits = before + [{**hit, "sort": last} for hit in equal]
        if len(hits) < need:  # a score that was summed up otherwise
            return cluster.search({**body, "size": need})
    answer["hits"]["hits"] = _by_path(hits)[:need]
    return answer


def _by_path(hits: Sequence[Any]) -> list[Any]:
    """Hits in their order, equal ones by path."""
    groups = groupby(hits, key=itemgetter("sort"))
    return [hit for _sort, same in groups for hit in sorted(same, key=lambda hit: hit["fields"]["path"][0])]


def each(cluster: Cluster, body: Mapping[str, Any], index: str = "") -> Iterator[Any]:
    """All hits of a search, one after the other."""
    answer = cluster.search({**body, "size": _AT_ONCE}, index=index)
    if answer["hits"]["total"]["value"] <= _AT_ONCE:
        yield from answer["hits"]["hits"]
        return
    size = _AT_ONCE if "blob" in body["docvalue_fields"] else _SLIM
    for answer in _snapshot(cluster, {**body, "size": size}, index):
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
