"""Several files written together: a reader, or a crash, finds all of them old or, in the end, all of them new.

Each file is written beside its target (`policykb.files.atomic`) and renamed. While several are renamed, a journal
(``.policykb-journal``) is on the disk, by which `finish` does the rest after a crash.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from policykb.errors import CorpusError
from policykb.files.atomic import is_temporary, replace, stage, sync
from policykb.files.lock import locked
from policykb.files.reading import read_if_there, reason
from policykb.files.sharing import patiently, remove, rename
from policykb.i18n import _

JOURNAL = ".policykb-journal"


class Write(NamedTuple):
    """A file to write, or, where ``data`` is None, to remove.

    ``expected`` is what it held when it was read, None if it must not exist yet.
    """

    path: Path
    data: bytes | None
    expected: bytes | None


class Finished(NamedTuple):
    """What `finish` did: the files it put in place, and those it left alone since somebody changed them meanwhile."""

    files: tuple[Path, ...] = ()
    changed: tuple[Path, ...] = ()


def write_all(writes: Iterable[Write], *, lock: Path) -> None:
    """Write all of the files, or none. Raises CorpusError.

    Everything is on the disk before the first file is put in its place, and none is when one of them is not
    what was expected. ``lock`` is the folder that other writers of these files lock too. Where the process is
    killed, or the disk fails, while they are put in place, `finish` does the rest, with which the next call begins.
    """
    staged: list[tuple[Path | None, Write]] = []  # with the temporary file that takes the place of the other
    folders: list[Path] = []
    done, current, journal = 0, lock, None
    try:
        for write in writes:
            current = write.path
            _require_expected(write)
            folders += [place for place in write.path.parents if not place.exists()][::-1]
            write.path.parent.mkdir(parents=True, exist_ok=True)
            staged.append((None if write.data is None else stage(write.path, write.data), write))
        with locked(lock):
            waiting = staged
            if _finish(lock).files:  # maybe what this call was to do, begun by another process
                waiting = [(temporary, write) for temporary, write in staged if read_if_there(write.path) != write.data]
            for _temporary, write in waiting:
                current = write.path
                _require_expected(write)
            if len(waiting) > 1 and all(write.path.is_relative_to(lock) for _temporary, write in waiting):
                current = lock / JOURNAL
                journal = _begin(lock, waiting)
            for temporary, write in waiting:
                current = write.path
                if temporary is None:
                    remove(write.path)
                else:
                    _put(temporary, write.path, new=write.expected is None)
                done += 1
            sync(*{write.path.parent for _temporary, write in waiting})
            if journal:
                current = journal
                remove(journal)
                journal = None
    except (OSError, ValueError) as error:
        if journal and not done:
            remove(journal, missing_ok=True)
            journal = None
        problem = _("{path}: cannot be written: {reason}; nothing was changed")
        if done:
            problem = _(
                "{path}: cannot be written: {reason}; {done} of {number} files were written; run it again to finish"
            )
        said = problem.format(path=current, reason=reason(error), done=done, number=len(staged))
        raise CorpusError(said) from None
    finally:
        if journal is None:
            for temporary in (temporary for temporary, _write in staged if temporary):
                with contextlib.suppress(OSError):
                    remove(temporary, missing_ok=True)
            for folder in [] if done else reversed(folders):
                with contextlib.suppress(OSError):
                    folder.rmdir()


def finish(lock: Path) -> Finished:
    """Do the rest of a `write_all` that was cut short in the folder ``lock``. Raises CorpusError."""
    if not os.path.lexists(lock / JOURNAL):
        return Finished()
    try:
        with locked(lock):
            return _finish(lock)
    except OSError as error:
        problem = _(
            "{path}: a change of several files was cut short, and cannot be finished: {reason}; "
            "mend that, or give it up: rm {journal}"
        )
        said = problem.format(path=error.filename or lock, reason=reason(error), journal=lock / JOURNAL)
        raise CorpusError(said) from None


def _begin(lock: Path, staged: Iterable[tuple[Path | None, Write]]) -> Path:
    """Write the journal: for each file its temporary file, its path in ``lock`` and the hash of what it replaces.

    A file that is removed has no temporary file.
    """
    rows = [
        (temporary and temporary.name, write.path.relative_to(lock).as_posix(), hash_of(write.expected))
        for temporary, write in staged
    ]
    sync(*{write.path.parent for _temporary, write in staged})
    replace(lock / JOURNAL, json.dumps(rows).encode())
    return lock / JOURNAL


def _finish(lock: Path) -> Finished:
    journal = lock / JOURNAL
    content = read_if_there(journal)
    if content is None:
        return Finished()
    files, changed = [], []
    for temporary, path, expected in list(_rows(lock, content)):
        if temporary is None:
            if (left := read_if_there(path)) is not None and hash_of(left) == expected:
                remove(path)
                files.append(path)
            elif left is not None:
                changed.append(path)
            continue
        data = read_if_there(temporary)
        if data is None:
            continue  # it is in its place
        now = read_if_there(path)
        if now == data:
            remove(temporary)
        elif hash_of(now) == expected:
            _put(temporary, path, new=expected is None)
            files.append(path)
        else:
            remove(temporary)
            changed.append(path)
    sync(*{path.parent for path in files})
    remove(journal)
    return Finished(tuple(files), tuple(changed))


def _rows(lock: Path, content: bytes) -> Iterator[tuple[Path | None, Path, str | None]]:
    """The rows of a journal, which may come from elsewhere with the folder: they lead nowhere else."""
    try:
        for temporary, name, expected in json.loads(content):
            path = lock / name
            folder = Path(os.path.realpath(path.parent))
            staged = None if temporary is None else folder / temporary
            if (
                not (temporary is None or is_temporary(temporary))
                or not folder.is_relative_to(os.path.realpath(lock))
                or any(os.path.islink(one) for one in (path, staged) if one)
            ):
                raise ValueError
            yield staged, path, expected
    except (ValueError, TypeError, RecursionError):
        problem = _("{path}: is damaged; look at the files changed last, then remove it")
        raise CorpusError(problem.format(path=lock / JOURNAL)) from None


def hash_of(data: bytes | None) -> str | None:
    """What tells the content of a file from any other; None for a file that is not there."""
    return None if data is None else hashlib.sha256(data).hexdigest()


def _put(temporary: Path, path: Path, *, new: bool) -> None:
    if not new:
        rename(temporary, path)
        return
    if os.name == "nt":
        # fails there if the file appeared just now; not every drive has hard links
        patiently(lambda: os.rename(temporary, path))
        return
    try:
        os.link(temporary, path)  # unlike a rename, this fails if the file appeared just now
    except OSError as error:
        if error.errno == errno.EEXIST or os.path.lexists(path):
            raise
        os.replace(temporary, path)  # a file system without hard links
    else:
        temporary.unlink()


def _require_expected(write: Write) -> None:
    if write.expected is None:
        if os.path.lexists(write.path):
            raise CorpusError(_("{path}: exists already, and is not overwritten").format(path=write.path))
        return
    if read_if_there(write.path) != write.expected:
        raise changed_meanwhile(write.path)
    if not os.access(write.path, os.W_OK):
        raise OSError(errno.EROFS, _("the file is read-only"))
    with open(write.path, "r+b"):  # on Windows it may be open in a program that lets nobody else write
        pass


def changed_meanwhile(path: Path) -> CorpusError:
    """The error that a file is not what it was when it was read."""
    return CorpusError(_("{path}: changed since it was read, and is not overwritten; run it again").format(path=path))
