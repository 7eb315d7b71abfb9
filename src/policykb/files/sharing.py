"""Files that others have open: Windows neither renames nor replaces them, and denies who opens them meanwhile."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 1.0  # seconds; readers and virus scanners look at a file for less
_DENIED, _SHARED, _LOCKED = 5, 32, 33  # Windows' numbers of "access denied", "used by another process", "locked"


def rename(path: Path, target: Path) -> None:
    """Puts a file in the place of another, or of none. Raises OSError, on Windows after a second look or more."""
    patiently(lambda: os.replace(path, target))


def remove(path: Path, *, missing_ok: bool = False) -> None:
    """Removes a file. Raises OSError, on Windows after a second look or more."""
    patiently(lambda: path.unlink(missing_ok=missing_ok))


def patiently(action: Callable[[], T], patience: float = PATIENCE) -> T:
    """What ``action`` returns, tried again for so many seconds while another process may have its file open.

    Raises OSError.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            return action()
        except PermissionError as error:
            if not is_held(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def is_held(error: BaseException) -> bool:
    """Whether Windows' reason for an error may be, or is, that another process has the file open."""
    number = getattr(error, "winerror", None)
    if number is None and os.name == "nt":  # `open` hands on no number of Windows
        return isinstance(error, PermissionError)
    return number in (_DENIED, _SHARED, _LOCKED)


def is_mark(name: str) -> bool:
    """Whether a file is one that Word lays beside a document that it has open, to say who has it."""
    return name.startswith("~$")
