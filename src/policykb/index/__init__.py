"""The index: a folder of Whoosh segments and what is known of the corpus they were made from.

``state_N.json`` says all of generation N: which segments there are and which of their documents are deleted, which
manifest lists the corpus files, the checksum of every file, and its own. It is written last and put in its place
at once, so its appearing is the one moment at which an update takes place; a process killed before it leaves
the generation before.

This package is the only place that imports Whoosh. Of Whoosh it uses segments with their columns, and nothing
that is pickled: opening an index, even a stranger's, runs none of its content.
"""

from __future__ import annotations

import json
import os
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

from whoosh.codec.whoosh3 import W3Segment
from whoosh.filedb.filestore import FileStorage

from policykb.errors import IndexBusyError
from policykb.index.documents import NONE, Documents
from policykb.index.reader import Reader

if TYPE_CHECKING:
    from policykb.index.entry import Entry
    from policykb.index.writer import SegmentBuilder

__all__ = ["NONE", "DamagedIndexError", "Documents", "Index", "Reader", "State", "Update", "new_segment"]

NAME = "policies"
LOCK = f"{NAME}_LOCK"
_SMALL = 1 << 20  # bytes; smaller files are read and summed at every opening, larger ones when they changed
_OLD_WORK = ".work-"
_LOOKS = 3  # a look at a folder may miss a file that is new and one that it replaces


class DamagedIndexError(Exception):
    """The index is not what was written, or was written by another version: it has to be rebuilt."""


class State(NamedTuple):
    """What an index generation was made from.

    ``fingerprint`` identifies the versions and dictionaries, ``listing`` the names, times and sizes of the corpus
    files (a digest), ``manifest`` names the file that lists them, ``lexicon`` and ``thesaurus`` the compiled
    dictionaries, ``problems`` maps files that could not be read
    to the reason, ``segments`` are id, number of documents and numbers of the deleted ones of each, ``sums`` maps
    the index's own files to size, modification time (ns) and CRC-32.
    """

    fingerprint: str
    listing: str
    manifest: str
    lexicon: str
    thesaurus: str
    problems: dict[str, str]
    segments: Sequence[tuple[str, int, Sequence[int]]] = ()
    sums: Mapping[str, tuple[int, int, int]] = MappingProxyType({})


Manifest = dict[str, tuple[int, int, str]]  # path in the corpus -> modification time (ns), size, content digest


def checksum(path: Path) -> tuple[int, int, int]:
    """Size, modification time (ns) and CRC-32 of a file."""
    total = 0
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            total = zlib.crc32(chunk, total)
        status = os.fstat(file.fileno())
    return status.st_size, status.st_mtime_ns, total


def _write_json(path: Path, value: object) -> None:
    """Writes a JSON file atomically: a line with its CRC-32, then the JSON."""
    data = json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        partial.write_bytes(b"%d\n%s" % (zlib.crc32(data), data))
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _read_json(path: Path) -> Any:
    """What `_write_json` wrote; `DamagedIndexError` if it is not."""
    try:
        crc, _, data = path.read_bytes().partition(b"\n")
    except FileNotFoundError as error:
        raise DamagedIndexError(f"{path.name} is missing") from error
    if crc != b"%d" % zlib.crc32(data):
        raise DamagedIndexError(f"{path.name} is not as it was written")
    return json.loads(data)


def _write_manifest(path: Path, manifest: Manifest) -> None:
    """Writes a manifest by columns: four long lists are read in half the time of many short ones."""
    entries = manifest.values()
    _write_json(path, [list(manifest), *([entry[column] for entry in entries] for column in range(3))])


def _manifest_name(generation: int, listing: str) -> str:
    return f"manifest_{generation}-{listing[:12]}.json"


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
            numbers = [_generation(name, "state_") for name in names if name.endswith(".json")]
            if found := [number for number in numbers if number is not None]:
                return max(found)
        return -1

    def state(self, generation: int) -> State:
        """The state of a generation; `DamagedIndexError` if it cannot be read."""
        data = _read_json(self.folder / f"state_{generation}.json")
        try:
            return State(**data | {"sums": {name: tuple(sums) for name, sums in data["sums"].items()}})
        except (TypeError, KeyError) as error:
            raise DamagedIndexError("it was written by another version of policykb") from error

    def manifest(self, state: State) -> Manifest:
        """The corpus files of a generation; `DamagedIndexError` if it cannot be read."""
        paths, *columns = _read_json(self.folder / state.manifest)
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
                if (thorough or size <= _SMALL or status.st_mtime_ns != when) and checksum(path)[2] != crc:
                    raise DamagedIndexError(f"{name} is not as it was written")
            except FileNotFoundError as error:
                raise DamagedIndexError(f"{name} is missing") from error

    def reader(self, state: State) -> Reader:
        """A snapshot of the generation of a state. FileNotFoundError when a newer one has replaced it meanwhile."""
        from policykb.index.codec import PackedCodec

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
        name = _manifest_name(generation, listing)
        _write_manifest(self.folder / name, manifest)
        _write_json(self.folder / f"state_{generation}.json", state._replace(listing=listing, manifest=name)._asdict())
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


class Update:
    """An update under way, holding the write lock; use it in a ``with`` block and `commit` at the end.

    Leaving the block without a commit leaves the index as it was.
    """

    def __init__(self, index: Index, lock: Any, fresh: bool) -> None:
        self._index = index
        self._lock = lock
        import shutil

        folder = index.folder
        for name in os.listdir(folder):  # what a killed process left behind
            if name.startswith(_OLD_WORK) or name.endswith(".tmp"):
                shutil.rmtree(folder / name, ignore_errors=True)
            elif name.startswith((".state_", ".manifest_", ".lexicon-", ".thesaurus-")):
                (folder / name).unlink(missing_ok=True)
        self._work = folder / f"{_OLD_WORK}{os.getpid()}"
        self.base = index.generation()
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
        import shutil

        try:
            if self._reader:
                self._reader.close()
            shutil.rmtree(self._work, ignore_errors=True)
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

    def add(self, entry: Entry) -> None:
        """Adds an entry; entries become visible with `commit`."""
        if self._builder is not None and self._builder.is_full:
            self._close_builder()
        if self._builder is None:
            self._builder = new_segment(self._work)
        self._builder.add(entry)

    def adopt(self, folder: Path, segment: tuple[str, int]) -> None:
        """Takes over a segment, of this id and number of documents, that was built in ``folder``."""
        from policykb.index.codec import PackedCodec

        adopted = W3Segment(PackedCodec(), NAME, doccount=segment[1], segid=segment[0])
        for name in _files_of(folder, adopted):
            os.replace(folder / name, self._index.folder / name)
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
        from policykb.index.writer import mergeable

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
            for name in _files_of(folder, segment):
                sums[name] = known.get(name) or checksum(folder / name)
        for name in (state.lexicon, state.thesaurus):
            sums[name] = known.get(name) or checksum(folder / name)
        listed = _manifest_name(generation, state.listing)
        _write_manifest(folder / listed, manifest)
        segments = [(s.segid, s.doc_count_all(), sorted(s.deleted_docs())) for s in self._segments]
        complete = state._replace(manifest=listed, segments=segments, sums=sums)
        _write_json(folder / f"state_{generation}.json", complete._asdict())
        self._sweep(generation, sums)
        return complete

    def _sweep(self, generation: int, sums: Mapping[str, object]) -> None:
        """Removes the files of other generations."""
        folder = self._index.folder
        current = {LOCK, *sums}
        for name in os.listdir(folder):
            number = _generation(name, "state_")
            number = _generation(name, "manifest_") if number is None else number
            ours = name.startswith((f"{NAME}_", "lexicon-", "thesaurus-"))
            if (ours and name not in current) or (number is not None and number != generation):
                (folder / name).unlink(missing_ok=True)


def _generation(name: str, kind: str) -> int | None:
    """The generation in the name of a state or manifest."""
    number = name.removeprefix(kind).partition(".")[0].partition("-")[0]
    return int(number) if name.startswith(kind) and number.isdecimal() else None


def _files_of(folder: Path, segment: Any) -> list[str]:
    return sorted(name for name in os.listdir(folder) if name.startswith(f"{segment.segment_id()}."))


def new_segment(folder: Path) -> SegmentBuilder:
    """A builder for one segment in an empty index of its own, to be adopted by an `Update`."""
    from policykb.index.writer import SegmentBuilder

    folder.mkdir(parents=True, exist_ok=True)
    return SegmentBuilder(FileStorage(str(folder)), NAME)
