"""What an index generation is made of: ``state_N.json`` and the manifest of the corpus files.

The state is written last and put in its place at once, so its appearing is the one moment at which an update takes
place; a process killed before it leaves the generation before.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from policykb.engines.sums import DamagedIndexError, read_json, write_json
from policykb.engines.whoosh.codec import SEGMENT_LIMIT, segment_files
from policykb.engines.whoosh.folder import MANIFEST, SEGMENT
from policykb.i18n import _

SMALL = 1 << 20  # bytes; smaller files are read and summed at every opening, larger ones when they changed


class State(NamedTuple):
    """What an index generation was made from.

    ``fingerprint`` identifies the versions and dictionaries, ``listing`` the names, times and sizes of the corpus
    files (a digest), ``manifest`` names the file that lists them, ``lexicon`` and ``thesaurus`` the compiled
    dictionaries, ``problems`` maps files that could not be read to the reason, ``segments`` are id, number of documents
    and numbers of the deleted ones of each, ``sums`` maps the index's own files to size, modification time (ns) and
    CRC-32.
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


def read_state(path: Path) -> State:
    """The state in a file; `DamagedIndexError` if it is none, or names what no index has."""
    data = read_json(path)
    try:
        state = State(**data)
        sums = {name: (int(size), int(when), int(crc)) for name, (size, when, crc) in state.sums.items()}
        segments = [(id, count, list(deleted)) for id, count, deleted in state.segments]
        needed = {state.lexicon, state.thesaurus}
        for id, count, deleted in segments:
            if not SEGMENT.fullmatch(id) or not 0 <= count <= SEGMENT_LIMIT:
                raise ValueError(id)
            if deleted and not (min(deleted) >= 0 and max(deleted) < count and set(map(type, deleted)) == {int}):
                raise ValueError(id)
            needed |= segment_files(id)
        if (
            not MANIFEST.fullmatch(state.manifest)
            or sums.keys() != needed
            or any(os.path.basename(name) != name for name in needed)
        ):
            raise ValueError(state.manifest)
        texts = (state.fingerprint, state.listing, *state.problems, *state.problems.values())
        if set(map(type, texts)) != {str}:
            raise ValueError(texts)
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
        raise DamagedIndexError(_("it was written by another version of policykb")) from error
    return state._replace(sums=sums, segments=segments)


def read_manifest(path: Path) -> Manifest:
    """The manifest in a file; `DamagedIndexError` if it is none."""
    try:
        paths, *columns = read_json(path)
        manifest = dict(zip(paths, zip(*columns, strict=True), strict=True))
        types = [set(map(type, column)) for column in (paths, *columns)]
    except (TypeError, ValueError) as error:
        raise DamagedIndexError(_("{name} is not as it was written").format(name=path.name)) from error
    if manifest and types != [{str}, {int}, {int}, {str}]:
        raise DamagedIndexError(_("{name} is not as it was written").format(name=path.name))
    return manifest


def write_manifest(path: Path, manifest: Manifest) -> None:
    """Writes a manifest by columns: four long lists are read in half the time of many short ones."""
    write_json(path, [list(manifest), *(zip(*manifest.values(), strict=True) if manifest else ([], [], []))])


def manifest_name(generation: int, listing: str) -> str:
    """The name of the manifest of a generation; ``listing`` is the digest of the files that it lists."""
    return f"manifest_{generation}-{listing[:12]}.json"
