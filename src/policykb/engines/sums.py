"""Files that say whether they are as they were written: JSON with a checksum, and the checksum of any file."""

from __future__ import annotations

import contextlib
import json
import os
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from policykb.files.reading import read_regular, reason
from policykb.i18n import _

_LARGEST = 1 << 28  # bytes of one: the list of two million files has fewer


class DamagedIndexError(Exception):
    """The index is not what was written, or was written by another version: it has to be rebuilt."""


@contextlib.contextmanager
def decoding(*others: type[Exception]) -> Iterator[None]:
    """Whatever reading damaged bytes raises, which is not bounded, is a `DamagedIndexError`; not so ``others``."""
    try:
        yield
    except (FileNotFoundError, MemoryError, DamagedIndexError):
        raise
    except Exception as error:
        if isinstance(error, others):
            raise
        raise DamagedIndexError(f"{type(error).__name__}: {error}"[:200]) from error


def is_regular(path: Path) -> bool:
    """Whether a path is that of a file, not of a link, a folder, a pipe or a device."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except OSError:
        return False


def checksum(path: Path) -> tuple[int, int, int]:
    """Size, modification time (ns) and CRC-32 of a file."""
    total = 0
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            total = zlib.crc32(piece, total)
        status = os.fstat(file.fileno())
    return status.st_size, status.st_mtime_ns, total


def write_json(path: Path, value: object) -> None:
    """Writes a JSON file atomically: a line with its CRC-32, then the JSON."""
    data = json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    from policykb.files.atomic import replacing  # most searches write nothing

    with replacing(path) as partial:
        partial.write_bytes(b"%d\n%s" % (zlib.crc32(data), data))


def read_json(path: Path) -> Any:
    """What `write_json` wrote; `DamagedIndexError` if it is not."""
    try:
        crc, _newline, data = read_regular(path, at_most=_LARGEST).partition(b"\n")
    except FileNotFoundError as error:
        raise DamagedIndexError(_("{name} is missing").format(name=path.name)) from error
    except PermissionError:
        raise
    except OSError as error:
        text = _("{name} cannot be read: {reason}")
        raise DamagedIndexError(text.format(name=path.name, reason=reason(error))) from error
    if crc != b"%d" % zlib.crc32(data):
        raise DamagedIndexError(_("{name} is not as it was written").format(name=path.name))
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DamagedIndexError(_("{name} is not as it was written").format(name=path.name)) from error
