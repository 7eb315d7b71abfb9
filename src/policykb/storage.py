"""Files written so that a reader, or a crash, finds the old content or the new, never a part.

Each file is written beside its target under a temporary name (``.policykb-*.tmp``, hidden and thus no entry),
flushed to the disk, and renamed.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from policykb.errors import CorpusError, OutputError

TEMPORARY = ".policykb-"
PATIENCE = 10.0  # seconds that a writer waits for another one


class Write(NamedTuple):
    """A file to write: ``expected`` is what it held when it was read, None if it must not exist yet."""

    path: Path
    data: bytes
    expected: bytes | None


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file, whether it exists or not; its mode stays. Raises OutputError, and then nothing changed.

    A link is written through; a device or pipe (``/dev/stdout``) is written to directly.
    """
    try:
        target = Path(os.path.realpath(path))
        if target.exists() and not target.is_file():
            with open(target, "wb") as file:
                file.write(data)
            return
        staged = _stage(target, data)
        try:
            os.replace(staged, target)
        finally:
            staged.unlink(missing_ok=True)
        _sync(target.parent)
    except (OSError, ValueError) as error:
        raise OutputError(f"{path}: cannot be written: {_reason(error)}") from None


def write_all(writes: Iterable[Write], *, lock: Path) -> None:
    """Write all of the files, or none. Raises CorpusError.

    Everything is on the disk before the first file is put in its place, and none is when one of them is not
    what was expected. ``lock`` is the folder that other writers of these files lock too. Should it fail while
    they are put in place, the message says how many are done; running the command again does the rest.
    """
    staged: list[tuple[Path, Write]] = []
    folders: list[Path] = []
    done, current = 0, lock
    try:
        for write in writes:
            current = write.path
            _require_expected(write)
            folders += _missing_folders(write.path.parent)
            write.path.parent.mkdir(parents=True, exist_ok=True)
            staged.append((_stage(write.path, write.data), write))
        with _locked(lock):
            for _, write in staged:
                current = write.path
                _require_expected(write)
            for temporary, write in staged:
                current = write.path
                _put(temporary, write)
                done += 1
        for folder in {write.path.parent for _, write in staged}:
            _sync(folder)
    except (OSError, ValueError) as error:
        state = f"{done} of {len(staged)} files were written; run it again" if done else "nothing was changed"
        raise CorpusError(f"{current}: cannot be written: {_reason(error)}; {state}") from None
    finally:
        for temporary, _ in staged:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
        if not done:
            for folder in reversed(folders):
                with contextlib.suppress(OSError):
                    folder.rmdir()


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _stage(path: Path, data: bytes) -> Path:
    temporary = path.parent / f"{TEMPORARY}{os.urandom(8).hex()}.tmp"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    file = os.open(temporary, flags, 0o666)  # less the umask, as any new file
    try:
        with os.fdopen(file, "wb") as stream:
            with contextlib.suppress(FileNotFoundError):
                os.chmod(temporary, stat.S_IMODE(os.stat(path).st_mode))
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _put(temporary: Path, write: Write) -> None:
    if write.expected is not None:
        os.replace(temporary, write.path)
        return
    try:
        os.link(temporary, write.path)  # unlike a rename, this fails if the file appeared just now
    except OSError as error:
        if error.errno == errno.EEXIST or os.path.lexists(write.path):
            raise
        os.replace(temporary, write.path)  # a file system without hard links


def _require_expected(write: Write) -> None:
    if write.expected is None:
        if os.path.lexists(write.path):
            raise CorpusError(f"{write.path}: exists already, and is not overwritten")
        return
    try:
        with open(write.path, "rb") as file:
            unchanged = file.read(len(write.expected) + 1) == write.expected
    except FileNotFoundError:
        unchanged = False
    if not unchanged:
        raise CorpusError(f"{write.path}: changed since it was read, and is not overwritten; run it again")
    if not os.access(write.path, os.W_OK):
        raise PermissionError(errno.EACCES, "the file is read-only")


def _missing_folders(folder: Path) -> list[Path]:
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    return missing[::-1]


def _sync(folder: Path) -> None:
    with contextlib.suppress(OSError):  # not every system can flush a folder
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other writers out. The lock is the system's, on the folder itself: it ends with the process."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    problem = f"another process is writing to it, for more than {PATIENCE:.0f} seconds now"
                    raise CorpusError(f"{folder}: {problem}; try again later") from None
                time.sleep(0.02)
            except OSError:
                break  # a network file system without locks: the comparison before each write remains
        yield
    finally:
        os.close(handle)
