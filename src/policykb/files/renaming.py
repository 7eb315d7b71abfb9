"""Renaming as Windows demands: there a file that anybody has open, be it to look at it, is not renamed or replaced."""

from __future__ import annotations

import os
import time
from pathlib import Path

PATIENCE = 1.0  # seconds; readers and virus scanners look at a file for less
_DENIED, _SHARED, _LOCKED = 5, 32, 33  # Windows' numbers of "access denied", "used by another process", "locked"


def rename(path: Path, target: Path) -> None:
    """Puts a file in the place of another, or of none. Raises OSError, on Windows after a second look or more."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            os.replace(path, target)
            return
        except PermissionError as error:
            if not is_held(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def is_held(error: BaseException) -> bool:
    """Whether Windows' reason for an error may be, or is, that another process has the file open."""
    return getattr(error, "winerror", None) in (_DENIED, _SHARED, _LOCKED)
