"""Keeping the index in step with the corpus: what changed, and putting just that into the index.

Files are compared by name, time and size; where these differ, by content, so a checkout with new times costs
reading but no indexing. A large number of files is cut and inverted by one process per core, each building a
segment of its own (``python -m policykb.refresh``, a job on standard input).
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import json
import os
import sys
import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from policykb.analysis import VERSION as ANALYSIS
from policykb.analysis import Lexicon
from policykb.errors import IndexBusyError, IndexUnusableError, PolicyKBError
from policykb.index import DamagedIndexError, Index, Reader, State, Update, new_segment
from policykb.index.codec import SEGMENT_LIMIT
from policykb.index.entry import VERSION as INDEX
from policykb.index.entry import make_entry
from policykb.thesaurus import Thesaurus, all_terms, fingerprint

if TYPE_CHECKING:
    from policykb.corpus import Corpus
    from policykb.issuers import Authority

ALONE = 400  # files; up to here one process is as fast as several
LOAD = 30  # files; from here on the dictionary is read into memory
_ATTEMPTS = 5  # at opening an index that other processes keep replacing
RESULT = "result.json"  # what a worker process found, in its folder
RACY = 2_000_000_000  # ns; a file this young may change again within the clock's tick
WAIT_SEARCH = 10.0  # seconds a search waits for another process that updates the index
WAIT_INDEX = 60.0  # seconds the index command waits


class Outcome(NamedTuple):
    """What a refresh did: entries added, changed and removed, the files it could not read, remarks for the user."""

    reader: Reader
    added: int = 0
    changed: int = 0
    removed: int = 0
    rebuilt: bool = False
    problems: Mapping[str, str] = MappingProxyType({})
    remarks: Sequence[str] = ()


class _OvertakenError(Exception):
    """Another process updated the index before this one got the lock."""


Listing = Mapping[str, tuple[int, int]]  # path in the corpus -> modification time (ns), size in bytes


def listing_digest(listing: Listing) -> str:
    """A digest of names, times and sizes."""
    paths = sorted(listing)
    # as floats: a time may lie beyond 64 bits of nanoseconds, and a difference of less than 256 ns tells nothing
    numbers = array("d", chain.from_iterable(map(listing.__getitem__, paths)))
    digest = hashlib.sha1("\0".join(paths).encode("utf-8", "surrogateescape"), usedforsecurity=False)
    digest.update(numbers.tobytes())
    return digest.hexdigest()


def versions(corpus: Path | None) -> str:
    """What an index depends on besides the corpus's entries."""
    return f"{INDEX}.{ANALYSIS}.{sys.byteorder}.{fingerprint(corpus)}"


def refresh(
    index: Index,
    corpus: Corpus,
    *,
    rebuild: bool = False,
    wait: float = WAIT_SEARCH,
    progress: Callable[[int, int], None] | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> Outcome:
    """Brings the index up to date and opens it.

    Only what changed is indexed; everything is, when ``rebuild`` is asked for, the index is missing or damaged,
    or the dictionaries or versions it was made with have changed. Where the index cannot be written, or another
    process is writing it, the last good generation is opened and a remark says so. Raises
    `IndexUnusableError` when there is none.
    """
    asked = rebuild
    rebuild = asked or index.generation() < 0
    doubtful = False
    for _ in range(_ATTEMPTS):
        generation = index.generation()
        try:
            if rebuild or generation < 0:
                return _rebuild(index, corpus, wait, progress, say)
            return _bring_up_to_date(index, corpus, wait, progress, say)
        except (_OvertakenError, FileNotFoundError):
            rebuild = asked and generation >= 0  # another process made or replaced the index meanwhile
            doubtful = False
        except DamagedIndexError as error:
            if rebuild:
                raise IndexUnusableError(f"the index {index.folder} stays unusable: {error}") from error
            if doubtful and index.generation() == generation:
                say(f"the index is damaged: {error}; rebuilding it")
                rebuild = True
            doubtful = True  # or another process replaced a file just now: look again before believing it
            time.sleep(0.02)
    if asked:
        raise IndexUnusableError(f"the index {index.folder} keeps changing; try again")
    return Outcome(open_as_is(index), remarks=["the index keeps changing; results are those of the last update"])


def open_as_is(index: Index) -> Reader:
    """The newest generation without looking at the corpus. Raises `IndexUnusableError` when there is none."""
    for attempt in range(_ATTEMPTS):
        generation = index.generation()
        if generation < 0:
            raise IndexUnusableError(f"there is no index in {index.folder}; run 'policykb index'")
        try:
            state = index.state(generation)
            index.verify(state)
            return index.reader(state)
        except FileNotFoundError:
            continue
        except DamagedIndexError as error:
            if attempt and index.generation() == generation:
                raise IndexUnusableError(
                    f"the index {index.folder} is damaged: {error}; run 'policykb index --rebuild'"
                ) from error
            time.sleep(0.02)
    raise IndexUnusableError(f"the index {index.folder} keeps changing; try again")


def _bring_up_to_date(
    index: Index,
    corpus: Corpus,
    wait: float,
    progress: Callable[[int, int], None] | None,
    say: Callable[[str], None],
) -> Outcome:
    generation = index.generation()
    state = index.state(generation)
    index.verify(state)
    if state.fingerprint != versions(corpus.root):
        say("the dictionaries or the version changed; rebuilding the index")
        return _rebuild(index, corpus, wait, progress, say)
    listing = corpus.stats()
    digest = listing_digest(listing)
    if digest == state.listing:
        return Outcome(index.reader(state), problems=state.problems)

    manifest = index.manifest(state)
    started = time.time_ns()
    touched = [path for path, stat in listing.items() if manifest.get(path, (0, 0))[:2] != stat]
    removed = [path for path in manifest if path not in listing]
    digests = {path: _digest(corpus.root / path) for path in touched}
    changed = [path for path in touched if path not in manifest or manifest[path][2] != digests[path]]
    current = {path: entry for path, entry in manifest.items() if path in listing}
    for path in touched:
        when, size = listing[path]
        current[path] = (0 if started - when < RACY else when, size, digests[path])
    digest = listing_digest({path: (when, size) for path, (when, size, _) in current.items()})
    try:
        if not changed and not removed:
            with contextlib.suppress(OSError):  # a read-only index: it is compared by content again next time
                index.note_unchanged(state, generation, digest, current)
            return Outcome(index.reader(state), problems=state.problems)
        with index.update(
            wait=wait, waiting=lambda s: say(f"waiting up to {s:g} s for another process that updates the index")
        ) as update:
            if update.base != generation:
                raise _OvertakenError
            problems = {path: text for path, text in state.problems.items() if path in listing}
            for path in (*removed, *changed):
                update.remove(path)
                problems.pop(path, None)
            new = sum(path not in manifest for path in changed)
            _add(update, index.folder / state.lexicon, corpus, changed, problems, progress)
            state = update.commit(state._replace(listing=digest, problems=problems), current)
    except (IndexBusyError, OSError) as error:
        if isinstance(error, FileNotFoundError) and index.generation() != generation:
            raise
        problem = f"the index {index.folder} could not be updated ({_reason(error)})"
        remark = f"{problem}; results are those of the last update"
        return Outcome(index.reader(state), problems=state.problems, remarks=[remark])
    return Outcome(
        index.reader(state),
        added=new,
        changed=len(changed) - new,
        removed=len(removed),
        problems=problems,
    )


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"{error.strerror or error}"
    return str(error)


def _rebuild(
    index: Index,
    corpus: Corpus,
    wait: float,
    progress: Callable[[int, int], None] | None,
    say: Callable[[str], None],
) -> Outcome:
    from policykb.issuers import Authority
    from policykb.vocabulary import Vocabulary

    authority = Authority.load(corpus.root)
    terms = all_terms(corpus.root, authority, Vocabulary.load(corpus.root))
    before = index.generation()
    with index.update(
        fresh=True,
        wait=max(wait, WAIT_INDEX) if before < 0 else wait,
        waiting=lambda s: say(f"waiting up to {s:g} s for another process that builds the index"),
    ) as update:
        if update.base != before:
            raise _OvertakenError
        started = time.time_ns()
        listing = corpus.stats()
        lexicon, thesaurus = compile_dictionaries(index.folder, corpus.root, terms, authority)
        manifest = {}
        for path, (when, size) in listing.items():
            manifest[path] = (0 if started - when < RACY else when, size, "")
        problems: dict[str, str] = {}
        digests = _add(update, index.folder / lexicon, corpus, list(listing), problems, progress)
        manifest = {path: (when, size, digests[path]) for path, (when, size, _) in manifest.items()}
        digest = listing_digest({path: (when, size) for path, (when, size, _) in manifest.items()})
        made = State(versions(corpus.root), digest, "", lexicon, thesaurus, problems)
        state = update.commit(made, manifest)
    return Outcome(index.reader(state), added=len(listing) - len(problems), rebuilt=before >= 0, problems=problems)


def compile_dictionaries(folder: Path, corpus: Path, terms: list[str], authority: Authority) -> tuple[str, str]:
    """Writes the lexicon and the thesaurus of a knowledge base into an index folder; returns their names there.

    The names come from the content, so that no file which another process reads is ever written over.
    """
    import shutil

    from policykb.analysis import compile_lexicon

    words = "\n".join(sorted(set(terms)))
    lexicon = f"lexicon-{_key(f'{ANALYSIS} {words}')}"
    # The lexicon is the same for all knowledge bases without words of their own: it is compiled once a user.
    shared = cache_folder() / lexicon
    with _replacing(folder / lexicon) as partial:
        try:
            if not shared.exists():
                compile_lexicon(shared, terms)
            shutil.copyfile(shared, partial)
        except OSError:
            compile_lexicon(partial, terms)
    content = Thesaurus.compile(corpus, authority)
    thesaurus = f"thesaurus-{_key(content)}"
    with _replacing(folder / thesaurus) as partial:
        partial.write_text(content, encoding="utf-8")
    return lexicon, thesaurus


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A temporary file that takes the place of ``path`` when it is complete."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield partial
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _key(text: str) -> str:
    return hashlib.sha1(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()[:16]


def cache_folder() -> Path:
    """The user's cache folder of policykb (``XDG_CACHE_HOME``, else ``~/.cache``)."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "policykb"


def _digest(path: Path) -> str:
    try:
        return hashlib.sha1(path.read_bytes(), usedforsecurity=False).hexdigest()
    except OSError:
        return ""


def _add(
    update: Update,
    lexicon_file: Path,
    corpus: Corpus,
    paths: list[str],
    problems: dict[str, str],
    progress: Callable[[int, int], None] | None,
) -> dict[str, str]:
    """Indexes files, in several processes where that pays; returns the digests of their contents."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if len(paths) > ALONE and cores > 1:
        return _add_in_parallel(update, lexicon_file, corpus, paths, problems, progress, cores)
    from policykb.issuers import Authority

    lexicon = Lexicon.load(lexicon_file) if len(paths) > LOAD else Lexicon.open(lexicon_file)
    authority = Authority.load(corpus.root)
    digests = {}
    for done, path in enumerate(paths, 1):
        digests[path] = _index_file(corpus, path, lexicon, authority, update.add, problems)
        if progress and len(paths) > LOAD:
            progress(done, len(paths))
    return digests


def _index_file(
    corpus: Corpus,
    path: str,
    lexicon: Lexicon,
    authority: Authority,
    add: Callable[..., None],
    problems: dict[str, str],
) -> str:
    """Indexes one file, or notes why it cannot be; returns the digest of its content."""
    from dataclasses import replace

    content = b""
    try:
        content = corpus.read_bytes(corpus.root / path)
        policy = corpus.parse(corpus.root / path, content)
        canonical = tuple(dict.fromkeys(authority.get(name) or name for name in policy.issuers))
        add(make_entry(replace(policy, issuers=canonical), path, lexicon))
    except PolicyKBError as error:
        problems[path] = str(error)
    except OSError as error:
        problems[path] = f"{corpus.root / path}: {error.strerror or error}"
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def _add_in_parallel(
    update: Update,
    lexicon_file: Path,
    corpus: Corpus,
    paths: list[str],
    problems: dict[str, str],
    progress: Callable[[int, int], None] | None,
    cores: int,
) -> dict[str, str]:
    import subprocess

    # as many segments as cores, more only where one could not number its documents or would take much memory
    count = cores * -(-len(paths) // (cores * (SEGMENT_LIMIT // 4)))
    jobs = [paths[i::count] for i in range(count)]
    digests: dict[str, str] = {}
    done = 0
    for first in range(0, count, cores):
        workers = []
        for number in range(first, min(first + cores, count)):
            worker = subprocess.Popen(
                [sys.executable, "-m", "policykb.refresh"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,  # so that no line waits in a buffer while the selector sleeps
                process_group=0,  # a terminal's Ctrl-C reaches this process alone, which ends its workers
            )
            assert worker.stdin
            folder = update.workspace(number)
            job = {
                "corpus": str(corpus.root),
                "lexicon": str(lexicon_file),
                "folder": str(folder),
                "paths": jobs[number],
            }
            worker.stdin.write(json.dumps(job).encode() + b"\n")
            worker.stdin.flush()
            workers.append((worker, folder))
        try:
            for line in _lines([worker.stdout for worker, _ in workers if worker.stdout]):
                done += int(line)
                if progress:
                    progress(done, len(paths))
            for worker, folder in workers:
                if worker.wait() != 0:
                    raise IndexUnusableError(f"a process that builds the index ended with {worker.returncode}")
                result = json.loads((folder / RESULT).read_bytes())
                digests |= result["digests"]
                problems |= result["problems"]
                update.adopt(folder, tuple(result["segment"]))
        finally:
            for worker, _ in workers:
                worker.kill()
                worker.wait()
                for stream in (worker.stdin, worker.stdout):
                    if stream:
                        stream.close()
    return digests


def _lines(streams: Iterable[object]) -> Iterable[bytes]:
    """The lines of several pipes as they come."""
    import selectors

    with selectors.DefaultSelector() as selector:
        for stream in streams:
            selector.register(stream, selectors.EVENT_READ)  # type: ignore[arg-type]
        while selector.get_map():
            for key, _ in selector.select():
                line = key.fileobj.readline()  # type: ignore[union-attr]
                if line:
                    yield line
                else:
                    selector.unregister(key.fileobj)


def work() -> None:
    """Builds one segment: the job is a line of JSON on standard input, progress is numbers on standard output.

    Digests and problems go into a file beside the segment. Ends by itself when the process that gave the
    job is gone.
    """
    import threading

    from policykb.corpus import Corpus
    from policykb.issuers import Authority

    job = json.loads(sys.stdin.buffer.readline() or "{}")
    if not job:
        return

    def wait_for_the_end() -> None:
        os.read(sys.stdin.fileno(), 1)  # nothing more is ever sent: this returns when the other end is gone
        os._exit(1)

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    gc.disable()  # a million posting lists would be looked through again and again, for cycles they cannot have
    corpus = Corpus(Path(job["corpus"]))
    lexicon = Lexicon.load(Path(job["lexicon"]))
    authority = Authority.load(corpus.root)
    folder = Path(job["folder"])
    builder = new_segment(folder)
    problems: dict[str, str] = {}
    digests = {}
    unreported = 0
    for path in job["paths"]:
        digests[path] = _index_file(corpus, path, lexicon, authority, builder.add, problems)
        unreported += 1
        if unreported == 50:
            print(unreported, flush=True)
            unreported = 0
    segment = builder.finish()
    result = {"digests": digests, "problems": problems, "segment": segment}
    (folder / RESULT).write_text(json.dumps(result), encoding="ascii")
    print(unreported, flush=True)


if __name__ == "__main__":
    work()
