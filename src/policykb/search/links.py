"""`Links`: what a snapshot of an engine knows of relations; the graph of documents is made of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from typing import Any, Protocol


class Links(Protocol):
    """Documents are numbers of the snapshot; the fields are those of `policykb.mining.indexed`."""

    @property
    def days(self) -> Sequence[int]:
        """The day of each document, as a proleptic Gregorian ordinal."""

    def having(self, field: str, term: str) -> Iterable[int]:
        """The documents that have a term."""

    def listed(self, field: str, prefix: str = "") -> Iterator[tuple[str, Sequence[int]]]:
        """The terms of a field that begin with ``prefix`` and stand in a document, with their documents."""

    def once(self, what: str, make: Callable[[], Any]) -> Any:
        """What ``make`` gives: plain data, as JSON has it, that follows from the snapshot alone; kept under a name."""

    @property
    def memory(self) -> MutableMapping[str, Any]:
        """What was worked out of the snapshot, by name, for as long as it is open."""

    def entry(self, document: int) -> Mapping[str, Any]:
        """What is stored of a document."""

    def path(self, document: int) -> str:
        """The path of a document in the corpus."""

    def documents(self) -> Iterable[int]:
        """All documents."""
