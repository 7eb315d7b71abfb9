"""Putting many files into an index by several processes, one a core.

Each gets its job on standard input, says how far it is on standard output, and leaves what it found in its folder.

These are processes of our own rather than `concurrent.futures`': spawned ones run the caller's main module again, and
they and the tracker of their semaphores import ``multiprocessing`` from the working folder; forked ones are not safe
beside threads, and outlive a parent that is killed.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from policykb.engines.analysis import index_file
from policykb.engines.sums import DamagedIndexError
from policykb.files.packaged import PACKAGE
from policykb.i18n import _, language, spoken
from policykb.text.lexicon import Lexicon

ALONE = 400  # files; up to here one process is as fast as several
RESULT = "result.json"  # what a process found, in its folder

_WORK = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from importlib import import_module; import_module(sys.argv[2]).work()"
)
_REPORTED = 50  # files


def cores() -> int:
    """How many processes run at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def shared_out(paths: Sequence[str], most: int) -> list[Sequence[str]]:
    """Files in as many parts as there are cores, or a multiple of that, so that none has more than ``most``."""
    count = cores() * -(-len(paths) // (cores() * most))
    return [paths[number::count] for number in range(count)]


def results(
    module: str, jobs: Sequence[Mapping[str, Any]], progress: Callable[[int, int], None] | None
) -> Iterator[tuple[Mapping[str, Any], dict[str, Any]]]:
    """Each job with what came of it: what ``work`` of a module left in the folder of the job.

    A job has ``corpus``, ``lexicon``, ``folder`` and ``paths``. Raises `DamagedIndexError` where a process breaks off.
    """
    done, total, at_once = 0, sum(len(job["paths"]) for job in jobs), cores()
    for first in range(0, len(jobs), at_once):
        some = jobs[first : first + at_once]
        workers: list[Any] = []
        try:
            for job in some:
                workers.append(_begin(module, job))
            for line in _lines([worker.stdout for worker in workers]):
                done += int(line)
                if progress:
                    progress(done, total)
            for worker, job in zip(workers, some, strict=True):
                if worker.wait() != 0:
                    text = _("a process that builds the index ended with {code}")
                    raise DamagedIndexError(text.format(code=worker.returncode))  # or its lexicon is
                yield job, json.loads((Path(job["folder"]) / RESULT).read_bytes())
        finally:
            for worker in workers:
                worker.kill()
                worker.wait()
                for stream in (worker.stdin, worker.stdout):
                    stream.close()


def _begin(module: str, job: Mapping[str, Any]) -> Any:
    import subprocess

    # a terminal's Ctrl-C, and Windows' Ctrl-Break, reaches this process alone, which ends its workers
    options: dict[str, Any] = {"process_group": 0}
    if sys.platform == "win32":
        options = {"creationflags": subprocess.CREATE_NO_WINDOW}
    worker = subprocess.Popen(
        # -P: nothing is imported from where the user stands
        [sys.executable, "-P", "-X", f"utf8={sys.flags.utf8_mode}", "-c", _WORK, json.dumps(import_path()), module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,  # so that no line waits in a buffer while the selector sleeps
        **options,
    )
    assert worker.stdin
    worker.stdin.write(json.dumps({**job, "language": spoken()}).encode() + b"\n")
    worker.stdin.flush()
    return worker


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


# -- in the processes


def taken() -> dict[str, Any]:
    """The job of this process, empty for none; the process ends by itself when the one that gave it is gone."""
    import threading

    job: dict[str, Any] = json.loads(sys.stdin.buffer.readline() or "{}")

    def wait_for_the_end() -> None:
        os.read(sys.stdin.fileno(), 1)  # nothing more is ever sent: this returns when the other end is gone
        os._exit(1)

    if job:
        threading.Thread(target=wait_for_the_end, daemon=True).start()
        gc.disable()  # a million posting lists would be looked through again and again, for cycles they cannot have
    return job


def indexed_files(
    job: Mapping[str, Any], add: Callable[..., None], problems: dict[str, str]
) -> Iterator[tuple[str, str]]:
    """The files of a job, each with its digest once its record has been given to ``add``; tells how far it is."""
    from policykb.corpus.corpus import Corpus
    from policykb.domain.issuers import Authority

    corpus = Corpus(Path(job["corpus"]))
    lexicon = Lexicon.load(Path(job["lexicon"]))
    authority = Authority.load(corpus.root)
    unreported = 0
    for path in job["paths"]:
        with language(job["language"]):  # what is wrong with a file is told by the process that gave the job
            digest = index_file(corpus, path, lexicon, authority, add, problems)
        yield path, digest
        unreported += 1
        if unreported == _REPORTED:
            print(unreported, flush=True)
            unreported = 0
    print(unreported, flush=True)


def leave(job: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    """Leaves what came of a job to the process that gave it."""
    (Path(job["folder"]) / RESULT).write_text(json.dumps(result), encoding="ascii")
