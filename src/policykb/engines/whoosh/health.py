"""What is wrong with an index: files that differ from its records, a corpus it does not agree with, leftovers."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from policykb.corpus.findings import Finding
from policykb.engines.changes import versions
from policykb.engines.sums import DamagedIndexError, is_regular
from policykb.engines.whoosh.folder import LOCK, is_file, is_partial, remove
from policykb.engines.whoosh.kept import snapshot_name
from policykb.engines.whoosh.refresh import refresh
from policykb.engines.whoosh.update import begin_update
from policykb.errors import PolicyKBError
from policykb.files.reading import reason
from policykb.files.sharing import is_held
from policykb.i18n import _
from policykb.search.engine import WAIT_INDEX

if TYPE_CHECKING:
    from policykb.corpus.corpus import Corpus
    from policykb.engines.whoosh.index import Index


def examine(
    index: Index, corpus: Corpus, *, mend: bool, say: Callable[[str], None]
) -> tuple[list[Finding], list[Finding]]:
    """What is wrong with an index and is still so, and what has been mended: it is rebuilt, and leftovers removed.

    ``say`` is told when another process has to be waited for.
    """
    mended: list[Finding] = []
    broken, leftovers = _examined(index, corpus)
    if sys.platform == "win32" and not mend:
        # what others had open could not be removed there: nothing is wrong, and the next update removes it
        leftovers = [finding for finding in leftovers if is_partial(finding.path.name)]
    if mend and broken:
        try:
            refresh(index, corpus, rebuild=True, wait=WAIT_INDEX, say=say)
        except (PolicyKBError, OSError) as error:
            text = _("cannot be rebuilt: {error}").format(error=error)
            return [Finding(index.folder, None, None, text, "error"), *broken, *leftovers], []
        mended = broken
        broken, leftovers = _examined(index, corpus)
    if mend and leftovers and not broken:
        try:
            left = _without_leftovers(index, corpus, leftovers, say)
        except (PolicyKBError, OSError) as error:
            text = _("cannot be cleaned: {error}").format(error=error)
            return [Finding(index.folder, None, None, text, "error"), *leftovers], mended
        mended += [finding for finding in leftovers if finding not in left]
        leftovers = left
    return [*broken, *leftovers], mended


def _without_leftovers(
    index: Index, corpus: Corpus, leftovers: list[Finding], say: Callable[[str], None]
) -> list[Finding]:
    """Removes what belongs to nothing, while no other process writes; returns what could not be removed."""
    text = _("waiting up to {seconds} s for another process")
    with begin_update(index, wait=WAIT_INDEX, waiting=lambda seconds: say(text.format(seconds=f"{seconds:g}"))):
        mine = _examined(index, corpus, locked=True)[1]
        for finding in leftovers:
            if finding in mine:
                with contextlib.suppress(OSError):
                    remove(finding.path)
    return [finding for finding in leftovers if os.path.lexists(finding.path)]


def _examined(index: Index, corpus: Corpus, *, locked: bool = False) -> tuple[list[Finding], list[Finding]]:
    """What is wrong with the index, and files in its folder that belong to nothing.

    While another process writes to it, files of its may look like the latter, so none are named then; ``locked``
    says that this process holds the lock.
    """
    for _attempt in range(5):
        try:
            generation = index.generation()
        except OSError as error:
            problem = _("cannot be read: {reason}").format(reason=reason(error))
            return [Finding(index.folder, None, None, problem, "error")], []
        if generation < 0:
            return [], list(_leftovers(index, frozenset())) if locked or not _is_writing(index) else []
        try:
            broken = list(_disagreements(index, corpus, generation))
            state = index.state(generation)
        except (DamagedIndexError, OSError, ValueError, LookupError, TypeError) as error:
            if index.generation() != generation or (_is_writing(index) and not locked):
                time.sleep(0.1)
                continue  # another process replaced it meanwhile
            problem = _("is damaged: {reason}").format(reason=reason(error))
            return [Finding(index.folder, None, None, problem, "error")], []
        if not locked and _is_writing(index):
            return broken, []
        live = frozenset(state.sums) | {f"state_{generation}.json", state.manifest, snapshot_name(state.segments)}
        return broken, list(_leftovers(index, live))
    return [], []  # it keeps changing, so somebody uses it with success


def _disagreements(index: Index, corpus: Corpus, generation: int) -> Iterator[Finding]:
    """How an index differs from its own records, and from the files that it says it was made from."""
    from policykb.engines.changes import content_digest

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
        problem = _("holds {entries} entries in {records} records, and its list of files another set")
        problem = problem.format(entries=f"{len(set(indexed)):,}", records=f"{len(indexed):,}")
        yield Finding(index.folder, None, None, problem, "error")
        return
    listing = corpus.stats()
    for path, (when, size, digest) in manifest.items():
        # other files changed, and the next search will see it
        if listing.get(path) == (when, size) and content_digest(corpus.root / path) not in (digest, ""):
            problem = _("changed without a change of time or size, so the index does not know")
            yield Finding(corpus.root / path, None, None, problem, "error")


def _leftovers(index: Index, live: frozenset[str]) -> Iterator[Finding]:
    """Files of no generation, and what was being made when a process was killed."""
    try:
        names = sorted(os.listdir(index.folder))
    except OSError:
        return
    for name in names:
        if is_partial(name):
            yield Finding(index.folder / name, None, None, _("was left behind by a killed process"))
        elif (
            is_file(name)
            and live.isdisjoint((name, name.rpartition("-")[2]))
            and is_regular(index.folder / name)
            and not _is_read(index.folder / name)
        ):
            yield Finding(index.folder / name, None, None, _("belongs to no generation of the index"))


def _is_read(path: Path) -> bool:
    """Whether a process still reads a file of an old generation, as far as the system, which is Windows, tells."""
    try:
        os.rename(path, path)  # changes nothing
    except OSError as error:
        return is_held(error)
    return False


def _can_lock(index: Index) -> bool:
    """Whether nobody holds the write lock, where it can only be tried by taking it."""
    from whoosh.filedb.filestore import FileStorage

    lock = FileStorage(str(index.folder)).lock(LOCK)
    if lock.acquire():
        lock.release()
        return True
    return False


def _is_writing(index: Index) -> bool:
    """Whether a process holds the index's write lock."""
    if sys.platform == "win32":
        return is_regular(index.folder / LOCK) and not _can_lock(index)
    import fcntl

    try:
        handle = os.open(index.folder / LOCK, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False
