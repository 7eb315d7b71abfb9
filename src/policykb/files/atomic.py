"""One file written so that a reader, or a crash, finds the old content or the new, never a part."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from policykb.errors import OutputError


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary file that takes the place of ``path`` when it is complete."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield partial
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


TEMPORARY = ".policykb-"


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
        if not target.parent.is_dir():
            raise OutputError(f"{path}: cannot be written: there is no folder {target.parent}")
        staged = stage(target, data)
        try:
            os.replace(staged, target)
        finally:
            staged.unlink(missing_ok=True)
        sync(target.parent)
    except (OSError, ValueError) as error:
        raise OutputError(f"{path}: cannot be written: {reason(error)}") from None


def read_if_there(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def stage(path: Path, data: bytes) -> Path:
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


def sync(folder: Path) -> None:
    with contextlib.suppress(OSError):  # not every system can flush a folder
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
