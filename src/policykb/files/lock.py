"""One writer of a folder at a time."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from policykb.errors import CorpusError
from policykb.i18n import _

PATIENCE = 10.0  # seconds that a writer waits for another one


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
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
                    problem = _(
                        "{folder}: another process is writing to it, for more than {seconds} seconds now; "
                        "try again later"
                    )
                    raise CorpusError(problem.format(folder=folder, seconds=f"{PATIENCE:.0f}")) from None
                time.sleep(0.02)
            except OSError:
                break  # a network file system without locks: the comparison before each write remains
        yield
    finally:
        os.close(handle)
