"""Writing documents: each is replaced in one step, and only as it was read, so that two writers lose nothing."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from policykb.engines.opensearch.cluster import PATIENCE, FullError
from policykb.engines.opensearch.facets import MOST_VALUES, buckets
from policykb.engines.opensearch.mapping import document_id, mark, part_of
from policykb.engines.opensearch.paging import each
from policykb.engines.opensearch.selection import EVERYTHING, Query
from policykb.errors import IndexUnusableError
from policykb.i18n import _

if TYPE_CHECKING:
    from policykb.engines.opensearch.cluster import Cluster

_BYTES = 4_000_000  # of one bulk request, about
_TRIES = 8  # of a document that the cluster has no room for yet


class Held(NamedTuple):
    """What an index holds of a file: its digest, time and size, and which version of the document it is."""

    digest: str
    stat: tuple[int, int]
    seq: int
    term: int


class Change(NamedTuple):
    """A document to write, or to remove where there is none, in place of what was held."""

    path: str
    document: Mapping[str, Any] | None
    held: Held | None


def held(cluster: Cluster, query: Query = EVERYTHING, index: str = "") -> dict[str, Held]:
    """What an index holds, by path, by default ours."""
    body = {
        "query": query, "sort": [{"path": {"order": "asc"}}], "seq_no_primary_term": True, "stored_fields": "_none_",
        "docvalue_fields": ["path", "digest", "time", "size"],
    }  # fmt: skip
    found = {}
    for hit in each(cluster, body, index):
        fields = hit["fields"]
        stat = fields["time"][0], fields["size"][0]
        found[fields["path"][0]] = Held(fields["digest"][0], stat, hit["_seq_no"], hit["_primary_term"])
    return found


def differing(cluster: Cluster, listing: Mapping[str, tuple[int, int]]) -> set[int]:
    """The parts of the corpus of which an index holds other files than are listed, or of other times and sizes."""
    parts = {"terms": {"field": "part", "size": MOST_VALUES, "shard_size": MOST_VALUES}}
    sums = {"parts": {**parts, "aggs": {"marks": {"sum": {"field": "mark"}}}}}
    answer = cluster.search({"size": 0, "query": EVERYTHING, "aggs": sums})["aggregations"]["parts"]
    there = {bucket["key"]: int(bucket["marks"]["value"]) for bucket in buckets(answer)}
    here: Counter[int] = Counter()
    for path, stat in listing.items():
        here[part_of(path)] += mark(path, stat)
    return {part for part in here.keys() | there.keys() if here[part] != there.get(part)}


def write(cluster: Cluster, changes: Iterable[Change], index: str = "") -> list[str]:
    """Writes documents; returns the paths of those that somebody else has changed meanwhile, which stay theirs.

    Raises `BlockedError` where the index takes no changes, `IndexUnusableError` for what the cluster refuses.
    """
    overtaken: list[str] = []
    for some in _portions(changes):
        overtaken += _send(cluster, some, index)
    return overtaken


def _portions(changes: Iterable[Change]) -> Iterator[list[tuple[str, bytes]]]:
    portion: list[tuple[str, bytes]] = []
    size = 0
    for change in changes:
        lines = _lines(change)
        portion.append((change.path, lines))
        size += len(lines)
        if size > _BYTES:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def _lines(change: Change) -> bytes:
    action: dict[str, Any] = {"_id": document_id(change.path)}
    if change.held:
        action |= {"if_seq_no": change.held.seq, "if_primary_term": change.held.term}
    kind = "delete" if change.document is None else "index" if change.held else "create"
    lines = [json.dumps({kind: action})]
    if change.document is not None:
        lines.append(json.dumps(change.document, ensure_ascii=False))
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")


def _send(cluster: Cluster, portion: list[tuple[str, bytes]], index: str) -> list[str]:
    overtaken = []
    # a shard that is away is waited for so long; the client would take it, among the parameters, for its own patience
    where = f"/{index or cluster.alias}/_bulk?timeout={PATIENCE // 2}s"
    if not index:
        where += "&require_alias=true"  # else a missing one would be made, of guessed mappings
    for attempt in range(_TRIES):
        if attempt:
            time.sleep(min(0.25 * 2.0 ** (attempt - 1), 10))
        again = []
        body = b"".join(lines for _path, lines in portion)
        try:
            items = cluster.call("POST", where, body)["items"]
        except FullError:  # of all of it
            if attempt == _TRIES - 1:
                raise
            continue
        for (path, lines), item in zip(portion, items, strict=True):
            done = next(iter(item.values()))
            status, error = done["status"], done.get("error") or {}
            if status == 409 or (status == 404 and "delete" in item):
                overtaken.append(path)
            elif "cluster_block" in str(error.get("type")):
                raise cluster.blocked(str(error.get("reason")))
            elif status == 429:
                again.append((path, lines))
            elif status >= 300:
                text = _("{path} cannot be put into the index: {reason}")
                raise IndexUnusableError(text.format(path=path, reason=str(error.get("reason"))[:250]))
        if not again:
            return overtaken
        portion = again
    text = _("{url} has no room for more: {reason}; try again later, or give it more memory")
    raise IndexUnusableError(text.format(url=cluster.url, reason=_("its queue stays full")))
