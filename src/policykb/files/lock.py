"""One writer of a folder at a time."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from policykb.errors import CorpusError
from policykb.i18n import _

PATIENCE = 10.0  # seconds that a writer waits for another one
LOCK = ".policykb-lock"  # the file that stands for the folder on Windows, while it is locked


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other writers out. The lock is the system's, on the folder itself: it ends with the process."""
    deadline = time.monotonic() + PATIENCE
    with contextlib.ExitStack() as held:
        while True:
            try:
                held.enter_context(_held(folder))
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    problem = _(
                        "{folder}: another process is writing to it, for more than {seconds} seconds now; "
                        "try again later"
                    )
                    raise CorpusError(problem.format(folder=folder, seconds=f"{PATIENCE:.0f}")) from None
                time.sleep(0.02)
        yield


if sys.platform == "win32":
    import _winapi

    _DELETE_ON_CLOSE, _OPEN_ALWAYS = 0x04000000, 4
    _BUSY = (5, 32, 303)  # what opening it again says while it is open, and for a moment after it was closed

    @contextlib.contextmanager
    def _held(folder: Path) -> Iterator[None]:
        """The lock, or BlockingIOError. A folder cannot be locked on Windows: a file is open that nobody else may open.

        The system removes it when it is closed, or its process is killed; on a shared drive it keeps other
        machines out, too.
        """
        access = _winapi.GENERIC_READ | _winapi.GENERIC_WRITE
        try:
            handle = _winapi.CreateFile(
                os.fspath(folder / LOCK), access, 0, _winapi.NULL, _OPEN_ALWAYS, _DELETE_ON_CLOSE, _winapi.NULL
            )
        except OSError as error:
            if error.winerror in _BUSY:
                raise BlockingIOError from None
            if isinstance(error, FileNotFoundError):
                raise
            handle = None  # a network drive that knows no such files: the comparison before each write remains
        try:
            yield
        finally:
            if handle is not None:
                _winapi.CloseHandle(handle)

else:
    import fcntl

    @contextlib.contextmanager
    def _held(folder: Path) -> Iterator[None]:
        """The lock, or BlockingIOError."""
        handle = os.open(folder, os.O_RDONLY)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise
            except OSError:
                pass  # a network file system without locks: the comparison before each write remains
            yield
        finally:
            os.close(handle)
