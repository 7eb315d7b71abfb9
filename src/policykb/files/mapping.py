"""A file mapped into memory."""

from __future__ import annotations

import mmap
from pathlib import Path


def mapped(path: Path | str) -> mmap.mmap | bytes:
    """The content of a file, of which the system reads what is looked at; all of it where no file can be mapped.

    That is so for an empty file, and on some drives of networks and of virtual machines. Raises OSError.
    """
    with open(path, "rb") as file:
        try:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError):
            return file.read()
