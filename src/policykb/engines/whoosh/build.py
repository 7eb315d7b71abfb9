"""Putting files into an index, in this process or in one a core.

Each worker builds a segment of its own: it gets its job on standard input, and says how far it is on standard output.

These are processes of our own rather than `concurrent.futures`': spawned ones run the caller's main module again, and
they and the tracker of their semaphores import ``multiprocessing`` from the working folder; forked ones are not safe
beside threads, and outlive a parent that is killed.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from policykb.engines.sums import DamagedIndexError
from policykb.engines.whoosh.codec import SEGMENT_LIMIT
from policykb.engines.whoosh.update import new_segment
from policykb.errors import PolicyKBError
from policykb.files.packaged import PACKAGE
from policykb.files.reading import reason
from policykb.i18n import _, language, spoken
from policykb.mining.indexed import indexed
from policykb.search.record import make_record
from policykb.text.lexicon import Lexicon

if TYPE_CHECKING:
    from policykb.corpus.corpus import Corpus
    from policykb.domain.issuers import Authority
    from policykb.engines.whoosh.update import Update

ALONE = 400  # files; up to here one process is as fast as several
LOAD = 30  # files; from here on the dictionary is read into memory

RESULT = "result.json"  # what a worker process found, in its folder

_WORK = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from policykb.engines.whoosh.build import work; work()"
)


def add_files(
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
    from policykb.domain.issuers import Authority

    lexicon = Lexicon.load(lexicon_file) if len(paths) > LOAD else Lexicon.open(lexicon_file)
    authority = Authority.load(corpus.root)
    digests = {}
    for done, path in enumerate(paths, 1):
        digests[path] = index_file(corpus, path, lexicon, authority, update.add, problems)
        if progress and len(paths) > LOAD:
            progress(done, len(paths))
    return digests


def index_file(
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
        policy = replace(policy, issuers=canonical)
        add(make_record(policy, path, lexicon, *indexed(policy)))
    except PolicyKBError as error:
        problems[path] = str(error)
    except OSError as error:
        problems[path] = f"{corpus.root / path}: {reason(error)}"  # as errors of ours begin
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

    # a terminal's Ctrl-C, and Windows' Ctrl-Break, reaches this process alone, which ends its workers
    options: dict[str, Any] = {"process_group": 0}
    if sys.platform == "win32":
        options = {"creationflags": subprocess.CREATE_NO_WINDOW}
    # as many segments as cores, more only where one could not number its documents or would take much memory
    count = cores * -(-len(paths) // (cores * (SEGMENT_LIMIT // 4)))
    jobs = [paths[i::count] for i in range(count)]
    digests: dict[str, str] = {}
    done = 0
    for first in range(0, count, cores):
        workers = []
        for number in range(first, min(first + cores, count)):
            worker = subprocess.Popen(
                # -P: nothing is imported from where the user stands
                [sys.executable, "-P", "-X", f"utf8={sys.flags.utf8_mode}", "-c", _WORK, json.dumps(import_path())],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,  # so that no line waits in a buffer while the selector sleeps
                **options,
            )
            assert worker.stdin
            folder = update.workspace(number)
            job = {
                "corpus": str(corpus.root),
                "lexicon": str(lexicon_file),
                "folder": str(folder),
                "paths": jobs[number],
                "language": spoken(),
            }
            worker.stdin.write(json.dumps(job).encode() + b"\n")
            worker.stdin.flush()
            workers.append((worker, folder))
        try:
            for line in _lines([worker.stdout for worker, _folder in workers if worker.stdout]):
                done += int(line)
                if progress:
                    progress(done, len(paths))
            for worker, folder in workers:
                if worker.wait() != 0:
                    text = _("a process that builds the index ended with {code}")
                    raise DamagedIndexError(text.format(code=worker.returncode))  # or its lexicon is
                result = json.loads((folder / RESULT).read_bytes())
                digests |= result["digests"]
                problems |= result["problems"]
                update.adopt(folder, tuple(result["segment"]))
        finally:
            for worker, _folder in workers:
                worker.kill()
                worker.wait()
                for stream in (worker.stdin, worker.stdout):
                    if stream:
                        stream.close()
    return digests


def import_path() -> list[str]:
    """Where a worker imports from: where this process does, but for the folder that somebody stands in.

    Python puts that first, by name or as an empty one, for ``-m`` and ``-c``. It stays where policykb itself is there.
    """
    path = [entry for entry in sys.path if os.path.isabs(entry)]
    with contextlib.suppress(OSError):  # there may be no such folder any more
        stands_there = path and not sys.flags.safe_path and os.path.samefile(path[0], os.curdir)
        if stands_there and not os.path.samefile(path[0], PACKAGE.parent):
            del path[0]
    return path


def _lines(streams: Sequence[IO[bytes]]) -> Iterable[bytes]:
    """The lines of several pipes as they come; threads read them, since Windows cannot wait for several pipes."""
    import queue
    import threading

    arrived: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def read(stream: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError):  # closed meanwhile
            for line in stream:
                arrived.put(line)
        arrived.put(b"")

    for stream in streams:
        threading.Thread(target=read, args=(stream,), daemon=True).start()
    ended = 0
    while ended < len(streams):
        try:
            line = arrived.get(timeout=0.2)  # without a limit Windows would not hear of Ctrl-C
        except queue.Empty:
            continue
        if line:
            yield line
        else:
            ended += 1


def work() -> None:
    """Builds one segment: the job is a line of JSON on standard input, progress is numbers on standard output.

    Digests and problems go into a file beside the segment. Ends by itself when the process that gave the
    job is gone.
    """
    import threading

    from policykb.corpus.corpus import Corpus
    from policykb.domain.issuers import Authority

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
        with language(job["language"]):  # what is wrong with a file is told by the process that gave the job
            digests[path] = index_file(corpus, path, lexicon, authority, builder.add, problems)
        unreported += 1
        if unreported == 50:
            print(unreported, flush=True)
            unreported = 0
    segment = builder.finish()
    result = {"digests": digests, "problems": problems, "segment": segment}
    (folder / RESULT).write_text(json.dumps(result), encoding="ascii")
    print(unreported, flush=True)
