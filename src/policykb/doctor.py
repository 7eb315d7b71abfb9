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
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from policykb.collecting.sources import load_sources
from policykb.corpus.check import unread
from policykb.corpus.confusions import load_confusions
from policykb.corpus.findings import Finding
from policykb.corpus.settings import load_settings
from policykb.digest.key_dates import Deadlines
from policykb.domain.issuers import Authority
from policykb.domain.relation import load_relation_words
from policykb.domain.vocabulary import Vocabulary
from policykb.errors import DataError, PolicyKBError
from policykb.files.atomic import is_temporary
from policykb.files.journal import JOURNAL, finish
from policykb.files.packaged import data_files
from policykb.files.reading import read_terms, read_text
from policykb.i18n import _
from policykb.market import market
from policykb.render.labels import Labels
from policykb.search.saved import saved_searches
from policykb.text.thesaurus import synonym_groups

if TYPE_CHECKING:
    from policykb.corpus.corpus import Corpus
    from policykb.search.engine import Engine

ABANDONED = 600  # seconds; a writer's temporary file this old belongs to nobody any more


class Diagnosis(NamedTuple):
    """What was found and is still so, and what was found and has been mended."""

    found: list[Finding]
    mended: list[Finding]


def diagnose(corpus: Corpus, engine: Engine, *, fix: bool = False) -> Diagnosis:
    """Examines a knowledge base; with ``fix``, mends what is safe to mend.

    A missing or outdated index is nothing wrong: the next search makes it.
    """
    found = [*_data_files(corpus), *_entries(corpus)]
    mended: list[Finding] = []
    for finding in _cut_short(corpus.root, fix):
        (mended if fix and not os.path.lexists(finding.path) else found).append(finding)
    for finding in _abandoned(corpus.root):
        (mended if fix and _removed(finding.path) else found).append(finding)
    wrong, repaired = engine.examine(mend=fix)
    return Diagnosis([*found, *wrong], [*mended, *repaired])


def data_readers(root: Path) -> dict[str, Callable[[], object]]:
    """Every data file of a knowledge base, each with what reads it: a test sees that the program reads no other."""

    def words(name: str) -> Callable[[], object]:
        return lambda: [read_terms(path) for path in data_files(name, root)]

    return {
        "kb.toml": lambda: load_settings(root),
        "issuers.toml": lambda: Authority.load(root),
        "tags.toml": lambda: Vocabulary.load(root),
        "labels.toml": lambda: Labels.load(root),
        "confusions.toml": lambda: load_confusions(root),
        "searches.toml": lambda: saved_searches(root),
        "sources.toml": lambda: load_sources(root),
        "deadlines.toml": lambda: Deadlines.load(root),
        "relations.toml": lambda: load_relation_words(root),
        "terms.txt": words("terms.txt"),
        "stopwords.txt": words("stopwords.txt"),
        "questions.txt": words("questions.txt"),
        "synonyms.txt": lambda: list(synonym_groups(root)),
        "market": lambda: market.load(root),
        "templates": lambda: _read_templates(root / "templates"),
    }


def _data_files(corpus: Corpus) -> Iterator[Finding]:
    """What is wrong with the files that configure a knowledge base, each with its line where that is known."""
    readers = data_readers(corpus.root)
    for name, read in readers.items():
        try:
            read()
        except (PolicyKBError, OSError) as error:
            named = re.match(rf"({re.escape(str(corpus.root / name))}[^:\n]*)(?::(\d+))?: (.*)", str(error), re.DOTALL)
            path, line, problem = named.groups() if named else (corpus.root / name, None, str(error))
            yield Finding(Path(path), int(line) if line else None, None, problem, "error")
    for path in sorted(corpus.root.iterdir()):
        near = get_close_matches(path.name, readers, n=1, cutoff=0.8)
        if near and path.name not in readers and path.suffix == Path(near[0]).suffix:
            problem = _("is not a file that policykb reads; did you mean {name}?").format(name=near[0])
            yield Finding(path, None, None, problem)


def _read_templates(folder: Path) -> None:
    """Reads the templates of a knowledge base. Raises DataError for one that is wrong."""
    try:
        import jinja2
    except ImportError:  # then nothing is written with them
        return
    for path in sorted(folder.glob("*.j2")):
        try:
            jinja2.Environment().parse(read_text(path))
        except jinja2.TemplateSyntaxError as error:
            raise DataError(f"{path}:{error.lineno}: {error.message}") from None


def _entries(corpus: Corpus) -> Iterator[Finding]:
    """Folders that cannot be read and links that are not followed; of entries with problems just the number."""
    paths = corpus.paths()
    yield from unread(corpus)
    unreadable = sum(corpus.examine(path).policy is None for path in paths)
    if unreadable:
        problem = _("{number} of {all} entries cannot be read, and are not searched; 'policykb check' says why")
        problem = problem.format(number=f"{unreadable:,}", all=f"{len(paths):,}")
        yield Finding(corpus.root, None, None, problem, "error")


def _cut_short(root: Path, fix: bool) -> Iterator[Finding]:
    """The journal of a change of several files whose writer was killed, or is still at it; with ``fix``, it is done."""
    journal = root / JOURNAL
    if not os.path.lexists(journal):
        return
    problem = _("a change of several files was cut short; the next command that writes finishes it")
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
            if not is_temporary(name):
                continue
            path = Path(folder, name)
            try:
                age = time.time() - path.lstat().st_mtime
            except OSError:
                continue
            if age >= ABANDONED:
                yield Finding(path, None, None, _("is a temporary file that a killed process left behind"))


def _removed(path: Path) -> bool:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return False
    return True
