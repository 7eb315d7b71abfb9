"""An update under way: segments added, documents deleted, small segments merged, a new generation committed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from whoosh.codec.whoosh3 import W3Segment
from whoosh.filedb.filestore import FileStorage

from policykb.engines.sums import checksum, is_regular, write_json
from policykb.engines.whoosh.codec import PackedCodec, segment_files
from policykb.engines.whoosh.folder import LAST, LOCK, NAME, WORK, discard, is_file, is_partial, mark, refusal, remove
from policykb.engines.whoosh.reader import Reader
from policykb.engines.whoosh.state import manifest_name, write_manifest
from policykb.errors import IndexBusyError, IndexUnusableError
from policykb.files.sharing import rename
from policykb.i18n import _

if TYPE_CHECKING:
    from policykb.engines.whoosh.index import Index
    from policykb.engines.whoosh.segment import SegmentBuilder
    from policykb.engines.whoosh.state import Manifest, State
    from policykb.search.record import Record


def begin_update(
    index: Index, *, fresh: bool = False, wait: float = 0.0, waiting: Callable[[float], None] | None = None
) -> Update:
    """Takes the write lock of an index and begins an update, ``fresh`` from an empty one.

    Where another process holds the lock, ``waiting`` is told the seconds that will be waited at most;
    after them `IndexBusyError`. Raises `IndexUnusableError` for a folder that is no index's.
    """
    folder = index.folder
    if reason := refusal(folder):
        raise IndexUnusableError(_("{folder} cannot hold an index: {reason}").format(folder=folder, reason=reason))
    mark(folder)
    if not is_regular(folder / LOCK):
        remove(folder / LOCK)  # a link would be written through, a pipe waits for its reader
    lock = FileStorage(str(folder)).lock(LOCK)
    deadline = time.monotonic() + wait
    told = False
    while not lock.acquire():
        if time.monotonic() >= deadline:
            text = _("another process is writing to the index {folder} (waited {seconds} seconds); try again")
            raise IndexBusyError(text.format(folder=folder, seconds=f"{wait:g}"))
        if waiting and not told:
            waiting(wait)
            told = True
        time.sleep(0.05)
    try:
        return Update(index, lock, fresh)
    except BaseException:
        lock.release()
        raise


class Update:
    """An update under way, holding the write lock; use it in a ``with`` block and `commit` at the end.

    Leaving the block without a commit leaves the index as it was.
    """

    def __init__(self, index: Index, lock: Any, fresh: bool) -> None:
        self._index = index
        self._lock = lock
        folder = index.folder
        for name in os.listdir(folder):
            if is_partial(name):  # what a killed process left behind
                discard(folder / name)
        self._work = folder / f"{WORK}{os.getpid()}"
        while (generation := index.generation()) >= LAST - 1:  # never of our making, and the next has no name
            remove(folder / f"state_{generation}.json")
        self.base = generation
        self._fresh = fresh or self.base < 0
        if self._fresh:
            self._segments: list[Any] = []
            self._reader: Reader | None = None
        else:
            self._reader = index.reader(index.state(self.base))
            self._segments = [segment.segment() for segment in self._reader.segments]
        self._builder: SegmentBuilder | None = None
        self._done = False

    def __enter__(self) -> Update:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._reader:
                self._reader.close()
            remove(self._work)
        finally:
            self._lock.release()

    def remove(self, path: str) -> None:
        """Marks the entry of a corpus file as deleted, if there is one."""
        if self._reader is None:
            return
        for number in self._reader.postings("path", path).documents:
            for segment in self._segments:
                if number < segment.doc_count_all():
                    segment.delete_document(number)
                    break
                number -= segment.doc_count_all()

    def add(self, entry: Record) -> None:
        """Adds an entry; entries become visible with `commit`."""
        if self._builder is not None and self._builder.is_full:
            self._close_builder()
        if self._builder is None:
            self._builder = new_segment(self._work)
        self._builder.add(entry)

    def adopt(self, folder: Path, segment: tuple[str, int]) -> None:
        """Takes over a segment, of this id and number of documents, that was built in ``folder``."""
        adopted = W3Segment(PackedCodec(), NAME, doccount=segment[1], segid=segment[0])
        for name in segment_files(adopted.segid):
            rename(folder / name, self._index.folder / name)
        self._segments.append(adopted)

    def workspace(self, number: int) -> Path:
        """A folder for another process to build a segment in."""
        folder = self._work / str(number)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _close_builder(self) -> None:
        if self._builder is not None:
            builder, self._builder = self._builder, None
            self.adopt(self._work, builder.finish())

    def _merge(self) -> None:
        from policykb.engines.whoosh.segment import mergeable

        while group := mergeable(self._segments):
            self._segments = [segment for segment in self._segments if segment not in group]
            live = [segment for segment in group if segment.deleted_count() < segment.doc_count_all()]
            if live:
                self._builder = new_segment(self._work)
                reader = Reader(self._index._storage, live)
                for segment in reader.segments:
                    self._builder.add_reader(segment)
                reader.close()
                self._close_builder()

    def commit(self, state: State, manifest: Manifest) -> State:
        """Makes the update take place; returns the state of the new generation."""
        self._close_builder()
        self._merge()
        index, folder = self._index, self._index.folder
        generation = self.base + 1
        known = {} if self._fresh else index.state(self.base).sums
        sums = {}
        for segment in self._segments:
            for name in segment_files(segment.segid):
                sums[name] = known.get(name) or checksum(folder / name)
        for name in (state.lexicon, state.thesaurus):
            sums[name] = known.get(name) or checksum(folder / name)
        listed = manifest_name(generation, state.listing)
        write_manifest(folder / listed, manifest)
        segments = [(s.segid, s.doc_count_all(), sorted(s.deleted_docs())) for s in self._segments]
        complete = state._replace(manifest=listed, segments=segments, sums=sums)
        write_json(folder / f"state_{generation}.json", complete._asdict())
        self._sweep({*sums, listed, f"state_{generation}.json"})
        return complete

    def _sweep(self, current: set[str]) -> None:
        """Removes the files of other generations, but for those that a reader keeps on Windows."""
        folder = self._index.folder
        for name in os.listdir(folder):
            if is_file(name) and name not in current and is_regular(folder / name):
                discard(folder / name)


def new_segment(folder: Path) -> SegmentBuilder:
    """A builder for one segment in an empty index of its own, to be adopted by an `Update`."""
    from policykb.engines.whoosh.segment import SegmentBuilder

    folder.mkdir(parents=True, exist_ok=True)
    return SegmentBuilder(FileStorage(str(folder)), NAME)
