"""Keeping the index in step with the corpus: what changed, and putting just that into the index.

Files are compared by name, time and size; where these differ, by content, so a checkout with new times costs
reading but no indexing. A large number of files is cut and inverted by one process per core, each building a
segment of its own (`policykb.engines.whoosh.build`).
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from policykb.engines.changes import RACY, content_digest, listing_digest, versions
from policykb.engines.sums import DamagedIndexError, decoding
from policykb.engines.whoosh.state import State
from policykb.errors import IndexBusyError, IndexUnusableError, PolicyKBError
from policykb.files.reading import reason
from policykb.i18n import _
from policykb.search.engine import WAIT_INDEX, WAIT_SEARCH, Outcome

if TYPE_CHECKING:
    from policykb.corpus.corpus import Corpus
    from policykb.engines.whoosh.index import Index
    from policykb.ranking.searcher import Searcher

_ATTEMPTS = 5  # at opening an index that other processes keep replacing


class Refreshed(NamedTuple):
    """The snapshot that a refresh opened, and what it did."""

    searcher: Searcher
    outcome: Outcome


class _OvertakenError(Exception):
    """Another process updated the index before this one got the lock."""


def refresh(
    index: Index,
    corpus: Corpus,
    *,
    rebuild: bool = False,
    wait: float = WAIT_SEARCH,
    progress: Callable[[int, int], None] | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> Refreshed:
    """Brings the index up to date and opens it.

    Only what changed is indexed; everything is, when ``rebuild`` is asked for, the index is missing or damaged,
    or the dictionaries or versions it was made with have changed. Where the index cannot be written, or another
    process is writing it, the last good generation is opened and a remark says so. Raises
    `IndexUnusableError` when there is none.
    """
    asked = rebuild
    rebuild = asked or index.generation() < 0
    doubtful = False
    for _attempt in range(_ATTEMPTS):
        generation = index.generation()
        try:
            if rebuild or generation < 0:
                return _rebuild(index, corpus, wait, progress, say, asked=asked)
            with decoding(_OvertakenError, PolicyKBError, OSError):
                return _bring_up_to_date(index, corpus, wait, progress, say)
        except (_OvertakenError, FileNotFoundError):
            rebuild = asked and generation >= 0  # another process made or replaced the index meanwhile
            doubtful = False
        except PermissionError:
            if index.generation() == generation:  # Windows says so of a file that is being removed
                raise
        except DamagedIndexError as error:
            if rebuild:
                text = _("the index {folder} stays unusable: {reason}")
                raise IndexUnusableError(text.format(folder=index.folder, reason=error)) from error
            if doubtful and index.generation() == generation:
                say(_("the index is damaged: {reason}; rebuilding it").format(reason=error))
                rebuild = True
            doubtful = True  # or another process replaced a file just now: look again before believing it
            time.sleep(0.02)
    if asked:
        raise _keeps_changing(index)
    return _opened(open_as_is(index), remarks=[_("the index keeps changing; results are those of the last update")])


def _keeps_changing(index: Index) -> IndexUnusableError:
    return IndexUnusableError(_("the index {folder} keeps changing; try again").format(folder=index.folder))


def open_as_is(index: Index) -> Searcher:
    """The newest generation without looking at the corpus. Raises `IndexUnusableError` when there is none."""
    for attempt in range(_ATTEMPTS):
        generation = index.generation()
        if generation < 0:
            text = _("there is no index in {folder}; run 'policykb index'")
            raise IndexUnusableError(text.format(folder=index.folder))
        try:
            state = index.state(generation)
            index.verify(state)
            return index.searcher(state)
        except FileNotFoundError:
            continue
        except PermissionError:
            if index.generation() == generation:  # Windows says so of a file that is being removed
                raise
        except DamagedIndexError as error:
            if attempt and index.generation() == generation:
                text = _("the index {folder} is damaged: {reason}; run 'policykb index --rebuild'")
                raise IndexUnusableError(text.format(folder=index.folder, reason=error)) from error
            time.sleep(0.02)
    raise _keeps_changing(index)


def _bring_up_to_date(
    index: Index,
    corpus: Corpus,
    wait: float,
    progress: Callable[[int, int], None] | None,
    say: Callable[[str], None],
) -> Refreshed:
    generation = index.generation()
    state = index.state(generation)
    index.verify(state)
    if state.fingerprint != versions(corpus.root):
        say(_("the dictionaries or the version changed; rebuilding the index"))
        return _rebuild(index, corpus, wait, progress, say)
    listing = corpus.stats()
    digest = listing_digest(listing)
    if digest == state.listing:
        return _opened(index.searcher(state), problems=state.problems)
    from policykb.engines.whoosh.build import add_files  # most searches index nothing
    from policykb.engines.whoosh.update import begin_update

    manifest = index.manifest(state)
    started = time.time_ns()
    touched = [path for path, stat in listing.items() if manifest.get(path, (0, 0))[:2] != stat]
    removed = [path for path in manifest if path not in listing]
    digests = {path: content_digest(corpus.root / path) for path in touched}
    changed = [path for path in touched if path not in manifest or manifest[path][2] != digests[path]]
    current = dict(manifest)
    for path in removed:
        del current[path]
    for path in touched:
        when, size = listing[path]
        current[path] = (0 if started - when < RACY else when, size, digests[path])
    if young := {path: current[path][:2] for path in touched if current[path][0] == 0}:
        digest = listing_digest(young)  # which no files have: they are looked at once more
    try:
        if not changed and not removed:
            with contextlib.suppress(OSError):  # a read-only index: it is compared by content again next time
                index.note_unchanged(state, generation, digest, current)
            return _opened(index.searcher(state), problems=state.problems)
        with begin_update(index, wait=wait, waiting=lambda seconds: say(_waiting(seconds))) as update:
            if update.base != generation:
                raise _OvertakenError
            problems = {path: text for path, text in state.problems.items() if path in listing}
            for path in (*removed, *changed):
                update.remove(path)
                problems.pop(path, None)
            new = sum(path not in manifest for path in changed)
            add_files(update, index.folder / state.lexicon, corpus, changed, problems, progress)
            state = update.commit(state._replace(listing=digest, problems=problems), current)
    except (IndexBusyError, OSError) as error:
        if isinstance(error, FileNotFoundError | PermissionError) and index.generation() != generation:
            raise
        text = _("the index {folder} could not be updated ({reason}); results are those of the last update")
        remark = text.format(folder=index.folder, reason=reason(error))
        return _opened(index.searcher(state), problems=state.problems, remarks=[remark])
    return _opened(
        index.searcher(state),
        added=new,
        changed=len(changed) - new,
        removed=len(removed),
        problems=problems,
    )


def _opened(searcher: Searcher, **done: Any) -> Refreshed:
    return Refreshed(searcher, Outcome(searcher.reader.count, **done))


def _waiting(seconds: float) -> str:
    text = _("waiting up to {seconds} s for another process that writes the index")
    return text.format(seconds=f"{seconds:g}")


def _rebuild(
    index: Index,
    corpus: Corpus,
    wait: float,
    progress: Callable[[int, int], None] | None,
    say: Callable[[str], None],
    *,
    asked: bool = False,
) -> Refreshed:
    from policykb.engines.dictionaries import compile_dictionaries, words_of
    from policykb.engines.whoosh.build import add_files
    from policykb.engines.whoosh.update import begin_update

    terms, authority = words_of(corpus.root)
    before = index.generation()
    wait = max(wait, WAIT_INDEX) if before < 0 else wait
    with begin_update(index, fresh=True, wait=wait, waiting=lambda seconds: say(_waiting(seconds))) as update:
        if update.base != before and not asked:
            raise _OvertakenError
        started = time.time_ns()
        listing = corpus.stats()
        lexicon, thesaurus = compile_dictionaries(index.folder, corpus.root, terms, authority)
        manifest = {}
        for path, (when, size) in listing.items():
            manifest[path] = (0 if started - when < RACY else when, size, "")
        problems: dict[str, str] = {}
        digests = add_files(update, index.folder / lexicon, corpus, list(listing), problems, progress)
        manifest = {path: (when, size, digests[path]) for path, (when, size, _) in manifest.items()}
        digest = listing_digest({path: (when, size) for path, (when, size, _) in manifest.items()})
        made = State(versions(corpus.root), digest, "", lexicon, thesaurus, problems)
        state = update.commit(made, manifest)
    return _opened(index.searcher(state), added=len(listing) - len(problems), rebuilt=before >= 0, problems=problems)
