"""`ClusterLinks`: the relations that the index of a cluster holds; documents are numbered as they are first seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

from policykb.engines.opensearch.mapping import clean, unpacked
from policykb.engines.opensearch.paging import each
from policykb.engines.opensearch.selection import EVERYTHING, NOTHING, Query

if TYPE_CHECKING:
    from policykb.engines.opensearch.cluster import Cluster

_TERMS_AT_ONCE = 50_000  # of a query; a cluster takes 65,536
_ENTRIES_AT_ONCE = 300  # that are fetched where they are read one after the other: each by itself is a search
_ORDER = [{"path": {"order": "asc"}}]


class ClusterLinks:
    """The `policykb.search.links.Links` of an index."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._numbers: dict[str, int] = {}
        self._paths: list[str] = []
        self.days: list[int] = []
        self._numbering = Lock()
        self._entries: dict[int, Mapping[str, Any]] = {}
        self._having: dict[tuple[str, str], list[int]] = {}
        self._listed: dict[tuple[str, str], list[tuple[str, list[int]]]] = {}
        self._all: list[int] | None = None
        self._kept: dict[str, Any] = {}
        self.memory: dict[str, Any] = {}

    def _hits(self, query: Query, *fields: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
        body = {"query": query, "sort": _ORDER, "stored_fields": "_none_", "docvalue_fields": ["path", "day", *fields]}
        for hit in each(self._cluster, body):
            found = hit["fields"]
            yield self._number(found["path"][0], found["day"][0]), found

    def _number(self, path: str, day: int) -> int:
        with self._numbering:  # other threads read the same relations
            if path not in self._numbers:
                self._paths.append(path)
                self.days.append(day)
                self._numbers[path] = len(self._numbers)
            return self._numbers[path]

    def path(self, document: int) -> str:
        return self._paths[document]

    def documents(self) -> Iterable[int]:
        if self._all is None:
            self._all = [number for number, _fields in self._hits(EVERYTHING)]
        return self._all

    def having(self, field: str, term: str) -> Sequence[int]:
        key = field, term
        if key not in self._having:
            self._having[key] = [number for number, _fields in self._hits({"term": {field: clean(term)}})]
        return self._having[key]

    def listed(self, field: str, prefix: str = "") -> Iterator[tuple[str, Sequence[int]]]:
        key = field, prefix
        if key not in self._listed:
            query: Query = {"prefix": {field: clean(prefix)}} if prefix else {"exists": {"field": field}}
            found: dict[str, list[int]] = {}
            for number, fields in self._hits(query, field):
                for term in fields.get(field, ()):
                    if term.startswith(prefix):
                        found.setdefault(term, []).append(number)
            self._listed[key] = sorted(found.items(), key=lambda item: item[0].encode())
        return iter(self._listed[key])

    def entry(self, document: int) -> Mapping[str, Any]:
        if document not in self._entries:
            end = document + (_ENTRIES_AT_ONCE if document - 1 in self._entries else 1)
            paths = [path for one, path in enumerate(self._paths[document:end], document) if one not in self._entries]
            for number, fields in self._hits({"terms": {"path": paths}}, "blob"):
                self._entries[number] = unpacked(fields["blob"][0]).data()
            if document not in self._entries:  # it has been removed since it was listed
                raise self._cluster.missing()
        return self._entries[document]

    def once(self, what: str, make: Callable[[], Any]) -> Any:
        if what not in self._kept:
            self._kept[what] = make()
        return self._kept[what]

    def selection(self, documents: Iterable[int]) -> Query:
        """What selects some documents."""
        paths = [self._paths[document] for document in documents]
        if not paths:
            return NOTHING
        some = [paths[at : at + _TERMS_AT_ONCE] for at in range(0, len(paths), _TERMS_AT_ONCE)]
        parts: list[Query] = [{"terms": {"path": part}} for part in some]
        return parts[0] if len(parts) == 1 else {"bool": {"should": parts, "minimum_should_match": 1}}
