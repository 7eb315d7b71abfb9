"""An entry renamed or removed, with all that hangs on it: its original, the copy of its import, the relations to it.

Relations name an entry by its id. They follow a new name; where the entry goes they name the document by its title, as
those to documents outside the corpus do. All of it is written, or nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policykb.corpus import originals
from policykb.corpus.corpus import Corpus
from policykb.corpus.folder import id_of
from policykb.domain.policy import Policy, entry_id
from policykb.errors import CorpusError, DocumentError
from policykb.files.journal import Write
from policykb.files.reading import read_if_there
from policykb.i18n import _

COPIES = ".imported"  # the folder of entries as they were when they were imported
_RELATED = ("relations", "rejected_relations", "ended")
_NAMES = ("target", "by")  # the keys of a relation that may name an entry


@dataclass(frozen=True, slots=True)
class Moved:
    """What was done: the files that were moved or removed (None), and the entries whose relations follow."""

    id: str
    files: Mapping[Path, Path | None]
    related: tuple[str, ...]


def rename(corpus: Corpus, part: str, title: str) -> Moved:
    """Gives an entry another title, and the id that goes with it.

    Raises `CorpusError` where there is no such entry, or another one has that id, `DocumentError` for a title that
    cannot be one.
    """
    path = corpus.resolve(part)
    policy = corpus.read(path)
    title = " ".join(title.split())
    id = entry_id(policy.date, title)
    files: dict[Path, Path | None] = {}
    changes: dict[str, object] = {"title": title}
    writes: list[Write] = []
    if id != policy.id:
        taken = {id_of(one): one for one in corpus.paths()}
        if other := taken.get(id):
            raise CorpusError(_("{id}: exists already, as {other}").format(id=id, other=corpus.relative(other)))
        files[path] = path.with_name(f"{id}{path.suffix}")
        if (original := originals.find(corpus, policy)) and (data := read_if_there(original)) is not None:
            target = originals.place_for(corpus, id, original.suffix, data)
            files[original] = target
            changes["original"] = f"{originals.FOLDER}/{target.name}"
        copy = copy_of(corpus, policy.id)
        if copy.exists():
            files[copy] = copy_of(corpus, id)
    change = corpus.revision(path, changes)
    if path not in files:
        corpus.write([change])
        return Moved(id, files, ())
    for old, new in files.items():
        assert new is not None
        data = change.expected if old == path else read_if_there(old)
        writes.append(Write(new, (change.data if old == path else data) or b"", read_if_there(new)))
    writes += [Write(old, None, change.expected if old == path else read_if_there(old)) for old in files]
    related = _related(corpus, policy, id)
    corpus.write_files([*writes[: len(files)], *related.values(), *writes[len(files) :]])
    return Moved(id, files, tuple(related))


def remove(corpus: Corpus, part: str) -> Moved:
    """Removes an entry, its original and the copy of its import. Raises `CorpusError` where there is none."""
    path = corpus.resolve(part)
    content = corpus.read_bytes(path)
    files: dict[Path, Path | None] = {path: None}
    related: dict[str, Write] = {}
    try:
        policy = corpus.parse(path, content)
    except DocumentError:  # it can go all the same
        policy = None
    if policy:
        original = originals.find(corpus, policy)
        files |= {one: None for one in (original, copy_of(corpus, policy.id)) if one and one.is_file()}
        related = _related(corpus, policy, policy.title)
    removals = [Write(one, None, content if one == path else read_if_there(one)) for one in files]
    corpus.write_files([*related.values(), *removals])
    return Moved(id_of(path), files, tuple(related))


def copy_of(corpus: Corpus, id: str) -> Path:
    """Where the copy of an entry is as it was imported, if it was."""
    return corpus.root / COPIES / f"{id}.md"


def _related(corpus: Corpus, policy: Policy, name: str) -> dict[str, Write]:
    """The changes of other entries that name this one by its id, which is to be ``name`` now; by their ids."""
    found: dict[str, Write] = {}
    wanted = policy.id.encode()
    for path in corpus.paths():
        if id_of(path) == policy.id or wanted not in corpus.read_bytes(path):
            continue
        try:
            other = corpus.read(path)
        except DocumentError:
            continue
        changes = {
            key: [_renamed(one, policy.id, name) for one in relations]
            for key in _RELATED
            if (relations := getattr(other, key)) and any(policy.id in map(one.get, _NAMES) for one in relations)
        }
        if changes:
            found[other.id] = corpus.revision(path, changes)
    return found


def _renamed(relation: Mapping[str, Any], old: str, new: str) -> dict[str, Any]:
    return {key: new if key in _NAMES and value == old else value for key, value in relation.items()}
