"""A file of which pieces are read, as if all of it were in memory."""

from __future__ import annotations

import mmap
import os
import weakref
from pathlib import Path


class CutShortError(Exception):
    """A file is shorter than when it was opened: somebody wrote over it."""


class Pieces:
    """The content of a file; a slice reads that piece of it. Several threads may read at once.

    A mapping in memory is as fast, but a file that is cut short while it is mapped (a backup copied over it, a drive
    that is gone) ends the process, and an error can be answered. Raises OSError, and CutShortError for such a file.
    """

    def __init__(self, path: Path | str) -> None:
        self._file = os.open(path, os.O_RDONLY)
        self._closed = weakref.finalize(self, os.close, self._file)
        self._size = os.fstat(self._file).st_size

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, piece: slice) -> bytes:
        start, stop, _step = piece.indices(self._size)
        data = os.pread(self._file, stop - start, start) if start < stop else b""
        while len(data) < stop - start:
            more = os.pread(self._file, stop - start - len(data), start + len(data))
            if not more:
                raise CutShortError(f"{start + len(data)} of {self._size} bytes")
            data += more
        return data

    def close(self) -> None:
        self._file = -1  # its number may be that of another file soon
        self._closed()


def opened(path: Path | str) -> Pieces | mmap.mmap | bytes:
    """The content of a file: in pieces, or mapped on Windows, which cuts no file short that is mapped; all of it where
    no file can be mapped. Raises OSError."""
    if hasattr(os, "pread"):
        return Pieces(path)
    with open(path, "rb") as file:
        try:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError):
            return file.read()
