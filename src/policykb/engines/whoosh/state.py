"""What an index generation is made of: ``state_N.json`` and the manifest of the corpus files.

The state is written last and put in its place at once, so its appearing is the one moment at which an update takes
place; a process killed before it leaves the generation before.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from policykb.files.atomic import replacing

NAME = "policies"
LOCK = f"{NAME}_LOCK"
SMALL = 1 << 20  # bytes; smaller files are read and summed at every opening, larger ones when they changed
OLD_WORK = ".work-"


class DamagedIndexError(Exception):
    """The index is not what was written, or was written by another version: it has to be rebuilt."""


class State(NamedTuple):
    """What an index generation was made from.

    ``fingerprint`` identifies the versions and dictionaries, ``listing`` the names, times and sizes of the corpus
    files (a digest), ``manifest`` names the file that lists them, ``lexicon`` and ``thesaurus`` the compiled
    dictionaries, ``problems`` maps files that could not be read
    to the reason, ``segments`` are id, number of documents and numbers of the deleted ones of each, ``sums`` maps
    the index's own files to size, modification time (ns) and CRC-32.
    """

    fingerprint: str
    listing: str
    manifest: str
    lexicon: str
    thesaurus: str
    problems: dict[str, str]
    segments: Sequence[tuple[str, int, Sequence[int]]] = ()
    sums: Mapping[str, tuple[int, int, int]] = MappingProxyType({})


Manifest = dict[str, tuple[int, int, str]]  # path in the corpus -> modification time (ns), size, content digest


def checksum(path: Path) -> tuple[int, int, int]:
    """Size, modification time (ns) and CRC-32 of a file."""
    total = 0
    with path.open("rb") as file:
        while clause := file.read(1 << 20):
            total = zlib.crc32(clause, total)
        status = os.fstat(file.fileno())
    return status.st_size, status.st_mtime_ns, total


def write_json(path: Path, value: object) -> None:
    """Writes a JSON file atomically: a line with its CRC-32, then the JSON."""
    data = json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    with replacing(path) as partial:
        partial.write_bytes(b"%d\n%s" % (zlib.crc32(data), data))


def read_json(path: Path) -> Any:
    """What `write_json` wrote; `DamagedIndexError` if it is not."""
    try:
        crc, _, data = path.read_bytes().partition(b"\n")
    except FileNotFoundError as error:
        raise DamagedIndexError(f"{path.name} is missing") from error
    if crc != b"%d" % zlib.crc32(data):
        raise DamagedIndexError(f"{path.name} is not as it was written")
    return json.loads(data)


def write_manifest(path: Path, manifest: Manifest) -> None:
    """Writes a manifest by columns: four long lists are read in half the time of many short ones."""
    entries = manifest.values()
    write_json(path, [list(manifest), *([entry[column] for entry in entries] for column in range(3))])


def manifest_name(generation: int, listing: str) -> str:
    return f"manifest_{generation}-{listing[:12]}.json"


def generation_in(name: str, kind: str) -> int | None:
    """The generation in the name of a state or manifest."""
    number = name.removeprefix(kind).partition(".")[0].partition("-")[0]
    return int(number) if name.startswith(kind) and number.isdecimal() else None
