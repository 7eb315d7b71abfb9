"""`WhooshLinks`: the relations that one snapshot of the index holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from policykb.engines.whoosh.reader import Reader


class WhooshLinks:
    """The `policykb.search.links.Links` of a snapshot."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._entries: dict[int, Mapping[str, Any]] = {}

    @property
    def days(self) -> Sequence[int]:
        return self._reader.days

    def path(self, document: int) -> str:
        return self._reader.path(document).decode("utf-8", "surrogatepass")

    def documents(self) -> Iterable[int]:
        return self._reader.live

    def having(self, field: str, term: str) -> Iterable[int]:
        return self._reader.postings(field, term).documents

    def listed(self, field: str, prefix: str = "") -> Iterator[tuple[str, Sequence[int]]]:
        return self._reader.listed(field, prefix)

    def once(self, what: str, make: Callable[[], Any]) -> Any:
        return self._reader.kept.get(what, make)

    @property
    def memory(self) -> MutableMapping[str, Any]:
        return self._reader.memory

    def entry(self, document: int) -> Mapping[str, Any]:
        found = self._entries.get(document)
        if found is None:
            found = self._entries[document] = self._reader.entry(document)
        return found
