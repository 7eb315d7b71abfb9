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
from typing import TYPE_CHECKING, NamedTuple

from policykb.corpus.check import Finding
from policykb.engines.whoosh.health import examine_index
from policykb.engines.whoosh.refresh import WAIT_INDEX, refresh
from policykb.errors import PolicyKBError
from policykb.files.atomic import TEMPORARY
from policykb.files.journal import JOURNAL, finish

if TYPE_CHECKING:
    from policykb.corpus.corpus import Corpus
    from policykb.engines.whoosh.index import Index

ABANDONED = 600  # seconds; a writer's temporary file this old belongs to nobody any more


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
    broken, leftovers = examine_index(index, corpus)
    if broken and fix and not data:  # dictionaries are made of the data files
        try:
            refresh(index, corpus, rebuild=True, wait=WAIT_INDEX, say=say).reader.close()
        except (PolicyKBError, OSError) as error:
            found.append(Finding(index.folder, None, None, f"cannot be rebuilt: {error}", "error"))
        else:
            mended += broken
            broken, leftovers = examine_index(index, corpus)
    if leftovers and fix and not broken:
        try:
            with index.update(wait=WAIT_INDEX, waiting=lambda s: say(f"waiting up to {s:g} s for another process")):
                mine = {finding.path for finding in examine_index(index, corpus, locked=True)[1]}
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
    from policykb.corpus import settings
    from policykb.digest.key_dates import Deadlines
    from policykb.domain.issuers import Authority
    from policykb.domain.vocabulary import Vocabulary
    from policykb.files.packaged import data_files
    from policykb.files.wordlists import read_terms
    from policykb.market import market
    from policykb.render.labels import Labels
    from policykb.text import thesaurus

    root = corpus.root

    def words() -> None:
        thesaurus.compile_expansions(thesaurus.groups(root))

    readers: dict[str, Callable[[], object]] = {
        "kb.toml": lambda: settings.load_settings(root),
        "issuers.toml": lambda: Authority.load(root),
        "tags.toml": lambda: Vocabulary.load(root),
        "labels.toml": lambda: Labels.load(root),
        "deadlines.toml": lambda: Deadlines.load(root),
        "terms.txt": lambda: [read_terms(path) for path in data_files("terms.txt", root)],
        "stopwords.txt": lambda: [read_terms(path) for path in data_files("stopwords.txt", root)],
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
