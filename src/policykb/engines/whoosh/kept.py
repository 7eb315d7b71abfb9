"""What was worked out from a whole snapshot, kept in files beside it: the next process need not do it again."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from policykb.engines.sums import DamagedIndexError, read_json, write_json
from policykb.engines.whoosh.folder import KEPT


def snapshot_name(segments: Sequence[Any]) -> str:
    """Sixteen digits that no other snapshot has: the ids of segments are drawn at random."""
    import hashlib  # most searches keep nothing

    return hashlib.sha1(repr(segments).encode(), usedforsecurity=False).hexdigest()[:16]


class Kept:
    """Plain data by name, for the snapshot that the ``segments`` of a state are; without a folder only in memory.

    A file that cannot be read is made again, and one that cannot be written is done without.
    """

    def __init__(self, folder: Path | None = None, segments: Sequence[Any] = ()) -> None:
        self._folder, self._segments = folder, segments
        self._known: dict[str, Any] = {}

    def get(self, what: str, make: Callable[[], Any]) -> Any:
        """What ``make`` gives, which follows from the snapshot alone."""
        if what not in self._known:
            self._known[what] = self._stored(what, make)
        return self._known[what]

    def _stored(self, what: str, make: Callable[[], Any]) -> Any:
        if self._folder is None:
            return make()
        path = self._folder / f"{KEPT}{what}-{snapshot_name(self._segments)}"
        with contextlib.suppress(DamagedIndexError, OSError):
            return read_json(path)
        made = make()
        with contextlib.suppress(OSError):
            write_json(path, made)
        return made
