"""The index: a folder of Whoosh segments and what is known of the corpus they were made from.

For the generation N of Whoosh's table of contents there is ``state_N.json``, which names the manifest that lists
the corpus files. Both are written before the table is, so the table's appearing is the one moment at which an
update takes place; a process killed before it leaves the generation before. The state holds the checksum of
every file, and its own.

This package is the only place that imports Whoosh.
"""

from __future__ import annotations

import json
import os
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

from whoosh.filedb.filestore import FileStorage, RamStorage
from whoosh.index import TOC

from policykb.errors import IndexBusyError
from policykb.index.reader import Reader

if TYPE_CHECKING:
    from policykb.index.entry import Entry
    from policykb.index.writer import SegmentBuilder

__all__ = ["DamagedIndexError", "Index", "Reader", "State", "Update", "new_segment"]

NAME = "policies"
_SMALL = 1 << 23  # bytes; smaller files are read and summed at every opening, larger ones when they changed
_OLD_WORK = ".work-"


class DamagedIndexError(Exception):
    """The index is not what was written, or was written by another version: it has to be rebuilt."""


class State(NamedTuple):
    """What an index generation was made from.

    ``fingerprint`` identifies the versions and dictionaries, ``listing`` the names, times and sizes of the corpus
    files (a digest), ``manifest`` names the file that lists them, ``problems`` maps files that could not be read
    to the reason, ``sums`` maps the index's own files to size, modification time (ns) and CRC-32.
    """

    fingerprint: str
    listing: str
    manifest: str
    problems: dict[str, str]
    sums: dict[str, tuple[int, int, int]]


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
    partial.write_bytes(b"%d\n%s" % (zlib.crc32(data), data))
    os.replace(partial, path)


def _read_json(path: Path) -> Any:
    """What `_write_json` wrote; `DamagedIndexError` if it is not."""
    try:
        crc, _, data = path.read_bytes().partition(b"\n")
    except FileNotFoundError as error:
        raise DamagedIndexError(f"{path.name} is missing") from error
    if crc != b"%d" % zlib.crc32(data):
        raise DamagedIndexError(f"{path.name} is not as it was written")
    return json.loads(data)


def _manifest_name(generation: int, listing: str) -> str:
    return f"manifest_{generation}-{listing[:12]}.json"


class Index:
    """The index in ``folder``; nothing is read or made until it is asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._storage = FileStorage(str(folder))

    def generation(self) -> int:
        """The number of the newest table of contents, -1 without one."""
        try:
            names = os.listdir(self.folder)
        except FileNotFoundError:
            return -1
        pattern = TOC._pattern(NAME)
        return max((int(match[1]) for name in names if (match := pattern.match(name))), default=-1)

    def state(self, generation: int) -> State:
        """The state of a generation; `DamagedIndexError` if it cannot be read."""
        data = _read_json(self.folder / f"state_{generation}.json")
        return State(**data | {"sums": {name: tuple(sums) for name, sums in data["sums"].items()}})

    def manifest(self, state: State) -> Manifest:
        """The corpus files of a generation; `DamagedIndexError` if it cannot be read."""
        return {path: tuple(entry) for path, entry in _read_json(self.folder / state.manifest).items()}

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

    def reader(self, generation: int) -> Reader:
        """A snapshot of a generation. FileNotFoundError when a newer one has replaced it meanwhile."""
        try:
            toc = TOC.read(self._storage, NAME, gen=generation)
            return Reader(self._storage, toc.schema, toc.segments, generation)
        except (FileNotFoundError, MemoryError):
            raise
        except Exception as error:  # what unpickling and decoding damaged bytes can raise is not bounded
            raise DamagedIndexError(f"it cannot be opened ({error})") from error

    def note_unchanged(self, generation: int, listing: str, manifest: Manifest) -> None:
        """Records that the corpus files have other times but the same contents."""
        state = self.state(generation)
        name = _manifest_name(generation, listing)
        _write_json(self.folder / name, manifest)
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
        lock = self._storage.lock(f"{NAME}_LOCK")
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

        from policykb.index.writer import schema

        self._schema = schema()
        folder = index.folder
        for name in os.listdir(folder):  # what a killed process left behind
            if name.startswith(_OLD_WORK) or name.endswith(".tmp"):
                shutil.rmtree(folder / name, ignore_errors=True)
            elif name.startswith((".state", ".manifest", ".lexicon", ".expansions")):
                (folder / name).unlink(missing_ok=True)
        self._work = folder / f"{_OLD_WORK}{os.getpid()}"
        self.base = index.generation()
        self._fresh = fresh or self.base < 0
        if self._fresh:
            self._segments: list[Any] = []
        else:
            self._segments = TOC.read(index._storage, NAME, gen=self.base).segments
        self._reader: Reader | None = None
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
            self._reader = Reader(self._index._storage, self._schema, self._segments, self.base)
        for number in self._reader.postings("path", path).ids:
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

    def adopt(self, folder: Path) -> None:
        """Takes over the segments that another process built in ``folder`` with `build_segment`."""
        storage = FileStorage(str(folder))
        for segment in TOC.read(storage, NAME).segments:
            for name in storage.list():
                if name.startswith(segment.segment_id()):
                    os.replace(folder / name, self._index.folder / name)
            self._segments.append(segment)

    def workspace(self, number: int) -> Path:
        """A folder for another process to build a segment in."""
        folder = self._work / str(number)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _close_builder(self) -> None:
        if self._builder is not None:
            self._builder.commit(merge=False)
            self._builder = None
            self.adopt(self._work)
            for name in os.listdir(self._work):
                if name.endswith(".toc"):
                    (self._work / name).unlink()

    def _merge(self) -> None:
        from policykb.index.writer import mergeable

        while group := mergeable(self._segments):
            storage, fields = self._index._storage, self._schema
            self._segments = [segment for segment in self._segments if segment not in group]
            live = [segment for segment in group if segment.deleted_count() < segment.doc_count_all()]
            if live:
                builder = new_segment(self._work)
                for segment in live:
                    reader = Reader(storage, fields, [segment], self.base)._segments[0]
                    builder.add_reader(reader)
                    reader.close()
                self._builder = builder
                self._close_builder()

    def commit(self, state: State, manifest: Manifest) -> int:
        """Makes the update take place; returns the new generation."""
        self._close_builder()
        self._merge()
        index, folder = self._index, self._index.folder
        generation = self.base + 1
        toc = TOC(self._schema, self._segments, generation)
        memory = RamStorage()
        toc.write(memory, NAME)
        name = TOC._filename(NAME, generation)
        partial = folder / f".{name}"
        partial.write_bytes(memory.files[name])
        size, when, crc = checksum(partial)
        sums = {name: (size, when, crc)}
        known = {} if self._fresh else index.state(self.base).sums
        for segment in self._segments:
            file = f"{segment.segment_id()}.seg"
            sums[file] = known.get(file) or checksum(folder / file)
        for file in ("lexicon", "expansions.json"):
            if (folder / file).exists():
                sums[file] = checksum(folder / file)
        listed = _manifest_name(generation, state.listing)
        _write_json(folder / listed, manifest)
        _write_json(folder / f"state_{generation}.json", state._replace(manifest=listed, sums=sums)._asdict())
        os.replace(partial, folder / name)
        self._sweep(generation)
        return generation

    def _sweep(self, generation: int) -> None:
        current = {segment.segment_id() for segment in self._segments}
        for name in os.listdir(self._index.folder):
            stem, _, suffix = name.partition(".")
            old = suffix == "seg" and stem.startswith(NAME) and stem not in current
            for kind in ("state_", "manifest_", f"_{NAME}_"):
                number = stem.removeprefix(kind).partition("-")[0]
                old = old or (stem.startswith(kind) and number.isdigit() and int(number) != generation)
            if old:
                (self._index.folder / name).unlink(missing_ok=True)


def new_segment(folder: Path) -> SegmentBuilder:
    """A builder for one segment in an empty index of its own, to be adopted by an `Update`."""
    from policykb.index.writer import SegmentBuilder, schema

    folder.mkdir(parents=True, exist_ok=True)
    return SegmentBuilder(FileStorage(str(folder)).create_index(schema(), indexname=NAME))
