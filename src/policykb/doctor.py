"""Whether a knowledge base is sound: its data files, its corpus, its index, and that they agree.

What can be mended without losing anything is: files that killed writers left behind, and the index, which is
rebuilt. Nothing that a person wrote is ever changed. What is wrong inside entries is `policykb.corpus.check`'s matter;
here they are only counted.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from policykb.corpus import Corpus
from policykb.corpus.check import Finding
from policykb.errors import PolicyKBError
from policykb.index import DamagedIndexError, Index
from policykb.refresh import WAIT_INDEX, refresh, versions
from policykb.storage import JOURNAL, TEMPORARY, finish

__all__ = ["Diagnosis", "diagnose"]

ABANDONED = 600  # seconds; a writer's temporary file this old belongs to nobody any more

_WORK = re.compile(r"\.work-\d+$|\.+(?:(?:state|manifest)_[\w-]+\.json|(?:lexicon|thesaurus)-[0-9a-f]+)(?:\.\d+)+$")
_PART = re.compile(
    r"(?:state|manifest)_\d[\w-]*\.json$|(?:lexicon|thesaurus)-[0-9a-f]+$|policies_[0-9a-f]{16}\.[\w.]+$"
)


class Diagnosis(NamedTuple):
    """What was found and is still so, and what was found and has been mended."""

    found: list[Finding]
    mended: list[Finding]


def diagnose(
    corpus: Corpus, index: Index, *, fix: bool = False, say: Callable[[str], None] = lambda text: None
) -> Diagnosis:
    """Examines a knowledge base; with ``fix``, mends what is safe to mend.

    ``say`` is told when another process has to be waited for. A missing or outdated index is nothing wrong: the
    next search makes it.
    """
    data = list(_data_files(corpus))
    found = [*data, *_entries(corpus)]
    mended: list[Finding] = []
    for finding in _cut_short(corpus.root, fix):
        (mended if fix and not os.path.lexists(finding.path) else found).append(finding)
    for finding in _abandoned(corpus.root):
        (mended if fix and _removed(finding.path) else found).append(finding)
    broken, leftovers = _index(index, corpus)
    if broken and fix and not data:  # dictionaries are made of the data files
        try:
            refresh(index, corpus, rebuild=True, wait=WAIT_INDEX, say=say).reader.close()
        except (PolicyKBError, OSError) as error:
            found.append(Finding(index.folder, None, None, f"cannot be rebuilt: {error}", "error"))
        else:
            mended += broken
            broken, leftovers = _index(index, corpus)
    if leftovers and fix and not broken:
        try:
            with index.update(wait=WAIT_INDEX, waiting=lambda s: say(f"waiting up to {s:g} s for another process")):
                mine = {finding.path for finding in _index(index, corpus, locked=True)[1]}
                for finding in leftovers:
                    if finding.path in mine:
                        _removed(finding.path)
        except (PolicyKBError, OSError) as error:
            found.append(Finding(index.folder, None, None, f"cannot be cleaned: {error}", "error"))
        else:
            left = {finding.path for finding in leftovers if os.path.lexists(finding.path)}
            mended += [finding for finding in leftovers if finding.path not in left]
            leftovers = [finding for finding in leftovers if finding.path in left]
    return Diagnosis([*found, *broken, *leftovers], mended)


def _data_files(corpus: Corpus) -> Iterator[Finding]:
    """What is wrong with the files that configure a knowledge base, each with its line where that is known."""
    from policykb import market, thesaurus
    from policykb.analysis import read_terms
    from policykb.corpus import settings
    from policykb.digest.deadlines import Deadlines
    from policykb.digest.labels import Labels
    from policykb.issuers import Authority
    from policykb.vocabulary import Vocabulary

    root = corpus.root

    def words() -> None:
        thesaurus.compile_expansions(thesaurus._groups(root))

    readers: dict[str, Callable[[], object]] = {
        "kb.toml": lambda: settings.load_settings(root),
        "issuers.toml": lambda: Authority.load(root),
        "tags.toml": lambda: Vocabulary.load(root),
        "labels.toml": lambda: Labels.load(root),
        "deadlines.toml": lambda: Deadlines.load(root),
        "terms.txt": lambda: [read_terms(path) for path in thesaurus.data_files("terms.txt", root)],
        "stopwords.txt": lambda: [read_terms(path) for path in thesaurus.data_files("stopwords.txt", root)],
        "synonyms.txt": words,
        "market": lambda: market.load(root),
    }
    for name, read in readers.items():
        try:
            read()
        except (PolicyKBError, OSError, ValueError, RecursionError) as error:
            yield _data_error(root / name, error)


def _data_error(path: Path, error: Exception) -> Finding:
    """The finding of an error whose text may begin with the file and the line."""
    text = str(error)
    line = None
    if isinstance(error, UnicodeDecodeError):
        line = error.object.count(b"\n", 0, error.start) + 1
        text = "not UTF-8: save it in that encoding"
    elif isinstance(error, OSError):
        text = f"cannot be read: {error.strerror or error}"
    elif named := re.match(rf"({re.escape(str(path))}[^:\n]*)(?::(\d+))?: (.*)", text, re.DOTALL):
        path, text = Path(named[1]), named[3]
        line = int(named[2]) if named[2] else None
    if line is None and (inside := re.search(r"\bat line (\d+)", text)):
        line = int(inside[1])
    if line is None and "at end of document" in text and path.is_file():
        line = path.read_bytes().count(b"\n") + 1
    return Finding(path, line, None, text, "error")


def _entries(corpus: Corpus) -> Iterator[Finding]:
    """Folders that cannot be read and links that are not followed; of entries with problems just the number."""
    paths = corpus.paths()
    for problem in corpus.problems:
        yield Finding(problem.path or corpus.root, problem.line, problem.key, problem.problem, "error")
    for link in corpus.links:
        yield Finding(link, None, None, "is a symbolic link, and not followed")
    unreadable = sum(corpus.examine(path).policy is None for path in paths)
    if unreadable:
        number = f"{unreadable:,} of {len(paths):,} entries cannot be read, and are not searched"
        yield Finding(corpus.root, None, None, f"{number}; 'policykb check' says why", "error")


def _cut_short(root: Path, fix: bool) -> Iterator[Finding]:
    """The journal of a change of several files whose writer was killed, or is still at it; with ``fix``, it is done."""
    journal = root / JOURNAL
    if not os.path.lexists(journal):
        return
    problem = "a change of several files was cut short; the next command that writes finishes it"
    if fix:
        try:
            finish(root)
        except PolicyKBError as error:
            problem = str(error)
    yield Finding(journal, None, None, problem)


def _abandoned(root: Path) -> Iterator[Finding]:
    """Temporary files of writers that were killed; a young one may be somebody's who still writes."""
    for folder, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            if not (name.startswith(TEMPORARY) and name.endswith(".tmp")):
                continue
            path = Path(folder, name)
            try:
                age = time.time() - path.lstat().st_mtime
            except OSError:
                continue
            if age >= ABANDONED:
                yield Finding(path, None, None, "is a temporary file that a killed process left behind")


def _index(index: Index, corpus: Corpus, *, locked: bool = False) -> tuple[list[Finding], list[Finding]]:
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
    from policykb.refresh import _digest

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
        if listing.get(path) == (when, size) and _digest(corpus.root / path) not in (digest, ""):
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


def _removed(path: Path) -> bool:
    import shutil

    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    except OSError:
        return False
    return True
