"""One file written so that a reader, or a crash, finds the old content or the new, never a part.

What is new is written beside its target under a name of its own (``.policykb-*.tmp``, hidden and thus no entry), and
takes its place when it is complete.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from policykb.errors import OutputError
from policykb.files.reading import reason
from policykb.files.sharing import rename
from policykb.i18n import _

_TEMPORARY = re.compile(r"\.policykb-[0-9a-f]{16}\.tmp")


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary file that takes the place of ``path`` when it is complete; for what can be made again."""
    partial = _beside(path)
    try:
        yield partial
        rename(partial, path)
    finally:
        partial.unlink(missing_ok=True)


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
            problem = _("{path}: cannot be written: there is no folder {folder}")
            raise OutputError(problem.format(path=path, folder=target.parent))
        if os.name == "nt" and target.exists() and not os.access(target, os.W_OK):
            raise OSError(errno.EROFS, _("the file is read-only"))
        replace(target, data)
    except (OSError, ValueError) as error:
        raise OutputError(_("{path}: cannot be written: {reason}").format(path=path, reason=reason(error))) from None


def write_beside(folder: Path, name: str, data: bytes) -> None:
    """Write a file of a folder of ours in a corpus, which is made where it is not there. Raises OutputError.

    A corpus may come from a stranger: a folder or file that is a link leads elsewhere, and is not written through.
    """
    path = folder / name
    try:
        folder.mkdir(exist_ok=True)
        if folder.resolve() != folder.parent.resolve() / folder.name or path.is_symlink():
            raise OSError(errno.ELOOP, _("it is a link, or in a folder that is one"))
    except (OSError, ValueError) as error:
        raise OutputError(_("{path}: cannot be written: {reason}").format(path=path, reason=reason(error))) from None
    write_atomically(path, data)


def replace(path: Path, data: bytes) -> None:
    """Puts ``data`` in the place of ``path``, and it is on the disk. Raises OSError."""
    staged = stage(path, data)
    try:
        rename(staged, path)
    finally:
        staged.unlink(missing_ok=True)
    sync(path.parent)


def stage(path: Path, data: bytes) -> Path:
    """A temporary file beside ``path`` with its mode and ``data``, which is on the disk. Raises OSError."""
    temporary = _beside(path)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    file = os.open(temporary, flags, 0o666)  # less the umask, as any new file
    try:
        with os.fdopen(file, "wb") as stream:
            if os.name != "nt":  # where a file is read-only or not: such a one is neither replaced nor removed
                with contextlib.suppress(FileNotFoundError):
                    os.chmod(temporary, stat.S_IMODE(os.stat(path).st_mode))
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def sync(*folders: Path) -> None:
    """Flushes what folders list to the disk, where the system can."""
    for folder in folders:
        with contextlib.suppress(OSError):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def _beside(path: Path) -> Path:
    return path.parent / f".policykb-{os.urandom(8).hex()}.tmp"


def is_temporary(name: str) -> bool:
    """Whether a name is one of those that files have before they are complete."""
    return _TEMPORARY.fullmatch(name) is not None
