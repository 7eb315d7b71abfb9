"""The index: a folder of Whoosh segments and what is known of the corpus they were made from.

README.md beside this file says what its files hold. Of Whoosh it uses segments with their columns, and nothing that
is pickled: opening an index, even a stranger's, runs none of its content.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from whoosh.codec.whoosh3 import W3Segment
from whoosh.filedb.filestore import FileStorage

from policykb.engines.whoosh.reader import Reader
from policykb.engines.whoosh.state import (
    LOCK,
    NAME,
    SMALL,
    DamagedIndexError,
    State,
    checksum,
    generation_in,
    manifest_name,
    read_json,
    write_json,
    write_manifest,
)
from policykb.engines.whoosh.update import Update
from policykb.errors import IndexBusyError

if TYPE_CHECKING:
    from policykb.engines.whoosh.state import Manifest

_LOOKS = 3  # a look at a folder may miss a file that is new and one that it replaces


class Index:
    """The index in ``folder``; nothing is read or made until it is asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._storage = FileStorage(str(folder))

    def generation(self) -> int:
        """The number of the newest generation, -1 without one."""
        for _ in range(_LOOKS):
            try:
                names = os.listdir(self.folder)
            except FileNotFoundError:
                break
            numbers = [generation_in(name, "state_") for name in names if name.endswith(".json")]
            if found := [number for number in numbers if number is not None]:
                return max(found)
        return -1

    def state(self, generation: int) -> State:
        """The state of a generation; `DamagedIndexError` if it cannot be read."""
        data = read_json(self.folder / f"state_{generation}.json")
        try:
            return State(**data | {"sums": {name: tuple(sums) for name, sums in data["sums"].items()}})
        except (TypeError, KeyError) as error:
            raise DamagedIndexError("it was written by another version of policykb") from error

    def manifest(self, state: State) -> Manifest:
        """The corpus files of a generation; `DamagedIndexError` if it cannot be read."""
        paths, *columns = read_json(self.folder / state.manifest)
        return dict(zip(paths, zip(*columns, strict=True), strict=True))

    def verify(self, state: State, *, thorough: bool = False) -> None:
        """Compares the index's files with their sums; `DamagedIndexError` names the first that differs.

        A large file whose size and time are as recorded is taken as good unless ``thorough``.
        """
        for name, (size, when, crc) in state.sums.items():
            path = self.folder / name
            try:
                status = path.stat()
                if status.st_size != size:
                    raise DamagedIndexError(f"{name} has {status.st_size} bytes, not {size}")
                if (thorough or size <= SMALL or status.st_mtime_ns != when) and checksum(path)[2] != crc:
                    raise DamagedIndexError(f"{name} is not as it was written")
            except FileNotFoundError as error:
                raise DamagedIndexError(f"{name} is missing") from error

    def reader(self, state: State) -> Reader:
        """A snapshot of the generation of a state. FileNotFoundError when a newer one has replaced it meanwhile."""
        from policykb.engines.whoosh.codec import PackedCodec

        codec = PackedCodec()
        try:
            segments = [
                W3Segment(codec, NAME, doccount=count, segid=id, deleted=set(deleted))
                for id, count, deleted in state.segments
            ]
            return Reader(self._storage, segments, state)
        except (FileNotFoundError, MemoryError):
            raise
        except Exception as error:  # what decoding damaged bytes can raise is not bounded
            raise DamagedIndexError(f"it cannot be opened ({error})") from error

    def note_unchanged(self, state: State, generation: int, listing: str, manifest: Manifest) -> None:
        """Records that the corpus files have other times but the same contents."""
        name = manifest_name(generation, listing)
        write_manifest(self.folder / name, manifest)
        write_json(self.folder / f"state_{generation}.json", state._replace(listing=listing, manifest=name)._asdict())
        if name != state.manifest:
            (self.folder / state.manifest).unlink(missing_ok=True)

    def update(
        self, *, fresh: bool = False, wait: float = 0.0, waiting: Callable[[float], None] | None = None
    ) -> Update:
        """Takes the write lock and begins an update, ``fresh`` from an empty index.

        Where another process holds the lock, ``waiting`` is told the seconds that will be waited at most;
        after them `IndexBusyError`.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = self._storage.lock(LOCK)
        deadline = time.monotonic() + wait
        told = False
        while not lock.acquire():
            if time.monotonic() >= deadline:
                raise IndexBusyError(
                    f"another process is writing to the index {self.folder} (waited {wait:g} seconds); try again"
                )
            if waiting and not told:
                waiting(wait)
                told = True
            time.sleep(0.05)
        try:
            return Update(self, lock, fresh)
        except BaseException:
            lock.release()
            raise
