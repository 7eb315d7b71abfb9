"""What is wrong with an index: files that differ from its records, a corpus it does not agree with, leftovers."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from policykb.corpus.findings import Finding
from policykb.engines.whoosh.dictionaries import versions
from policykb.engines.whoosh.state import DamagedIndexError

if TYPE_CHECKING:
    from policykb.corpus.corpus import Corpus
    from policykb.engines.whoosh.index import Index

_WORK = re.compile(r"\.work-\d+$|\.+(?:(?:state|manifest)_[\w-]+\.json|(?:lexicon|thesaurus)-[0-9a-f]+)(?:\.\d+)+$")
_PART = re.compile(
    r"(?:state|manifest)_\d[\w-]*\.json$|(?:lexicon|thesaurus)-[0-9a-f]+$|policies_[0-9a-f]{16}\.[\w.]+$"
)


def examine_index(index: Index, corpus: Corpus, *, locked: bool = False) -> tuple[list[Finding], list[Finding]]:
    """What is wrong with the index, and files in its folder that belong to nothing.

    While another process writes to it, files of its may look like the latter, so none are named then; ``locked``
    says that this process holds the lock.
    """
    for _ in range(5):
        try:
            generation = index.generation()
        except OSError as error:
            return [Finding(index.folder, None, None, f"cannot be read: {error.strerror}", "error")], []
        if generation < 0:
            return [], list(_leftovers(index, frozenset())) if locked or not _is_writing(index) else []
        try:
            broken = list(_disagreements(index, corpus, generation))
            state = index.state(generation)
        except (DamagedIndexError, OSError, ValueError, LookupError, TypeError) as error:
            if index.generation() != generation or (_is_writing(index) and not locked):
                time.sleep(0.1)
                continue  # another process replaced it meanwhile
            reason = error.strerror if isinstance(error, OSError) else None
            return [Finding(index.folder, None, None, f"is damaged: {reason or error}", "error")], []
        if not locked and _is_writing(index):
            return broken, []
        return broken, list(_leftovers(index, frozenset(state.sums) | {f"state_{generation}.json", state.manifest}))
    return [], []  # it keeps changing, so somebody uses it with success


def _disagreements(index: Index, corpus: Corpus, generation: int) -> Iterator[Finding]:
    """How an index differs from its own records, and from the files that it says it was made from."""
    from policykb.engines.whoosh.changes import content_digest

    state = index.state(generation)
    index.verify(state, thorough=True)
    manifest = index.manifest(state)
    reader = index.reader(state)
    try:
        indexed = [str(reader.entry(number)["path"]) for number in sorted(reader.live)]
    finally:
        reader.close()
    if state.fingerprint != versions(corpus.root):
        return  # made with other dictionaries: the next search rebuilds it
    if len(indexed) != len(set(indexed)) or set(indexed) != manifest.keys() - state.problems.keys():
        problem = f"holds {len(set(indexed)):,} entries in {len(indexed):,} records, and its list of files another set"
        yield Finding(index.folder, None, None, problem, "error")
        return
    listing = corpus.stats()
    for path, (when, size, digest) in manifest.items():
        # other files changed, and the next search will see it
        if listing.get(path) == (when, size) and content_digest(corpus.root / path) not in (digest, ""):
            problem = "changed without a change of time or size, so the index does not know"
            yield Finding(corpus.root / path, None, None, problem, "error")


def _leftovers(index: Index, live: frozenset[str]) -> Iterator[Finding]:
    """Files of no generation, and what was being made when a process was killed."""
    try:
        names = sorted(os.listdir(index.folder))
    except OSError:
        return
    for name in names:
        if _WORK.match(name) or name.endswith(".tmp"):
            yield Finding(index.folder / name, None, None, "was left behind by a killed process")
        elif _PART.match(name) and name not in live:
            yield Finding(index.folder / name, None, None, "belongs to no generation of the index")


def _is_writing(index: Index) -> bool:
    """Whether a process holds the index's write lock."""
    try:
        import fcntl

        handle = os.open(index.folder / "policies_LOCK", os.O_RDONLY)
    except (ImportError, OSError):
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False
