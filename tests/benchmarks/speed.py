"""How fast policykb is: beside plain Whoosh, SQLite FTS5, tantivy and grep, on corpora of several sizes (on Linux).

    python tests/benchmarks/speed.py [--sizes N ...] [--rounds N] [--corpora FOLDER] [--json FILE] [--write]
    python tests/benchmarks/speed.py --from-json FILE ... [--write]

Prints Markdown tables; ``--write`` puts them into RESULTS.md and draws cost.svg beside it. ``--json`` keeps
what was measured after each step; sizes measured apart are put together with ``--from-json``. A missing corpus is
made from a seed; what is measured, and changed, is a copy of it.

Within a round all engines do the same thing one after the other, so that a machine that slows down slows all alike.
A ratio is the median of the ratios of each round. Building, and anything called cold, is a whole process.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha1
from importlib.metadata import version
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import Any

import costs
from corpora import make
from engines import COLD, ENGINES, MODES, Engine, Grep, PolicyKB, Query, Whoosh, jieba, peak_memory

import policykb
from policykb.corpus.corpus import Corpus
from policykb.files.cache import cache_folder

HERE = Path(__file__).parent

SEED = 6
QUERIES = 200
SAMPLE = 20  # queries, of the 200, for what takes a second each: grep, and these modes of plain Whoosh
SLOW = (("Whoosh", "facets"), ("Whoosh", "snippets"), ("grep", "top"))
UPDATES = 100
LAST = "changing 1"  # what is measured in the last step at every size
SEVERAL_BUILDS = 1_000  # entries; above each engine builds once
WHOOSH_LIMIT = 10_000  # entries; plain Whoosh takes a quarter of an hour to build 50,000
EXECUTABLE = str(Path(sys.executable).with_name("policykb"))
COMMANDS = {  # cold: the command and what it is held against
    "policykb": [EXECUTABLE, "search", *COLD.words, "--from", "2024-06"],
    "no refresh": [EXECUTABLE, "search", *COLD.words, "--from", "2024-06", "--no-refresh"],
    "search floor": [sys.executable, "-c", "import click, whoosh.index, whoosh.qparser"],
    "help": [EXECUTABLE, "--help"],
    "help floor": [sys.executable, "-c", "import click"],
}

Measured = dict[str, dict[str, list[Any]]]
"""What was measured, engine by engine: seconds, bytes or numbers, one a round; for queries a list of seconds."""


def draw(root: Path, count: int) -> list[Query]:
    """Queries of one, two and three words; each word is common, middling or rare (10 % and 0.5 % of the entries)."""
    random = Random(SEED)
    corpus = Corpus(root / "corpus")
    paths = list(corpus.stats())
    entries = [corpus.read(corpus.root / path) for path in random.sample(paths, min(len(paths), 400))]
    cut = jieba().cut
    words = [
        sorted({w for w in cut(p.body) if len(w) > 1 and all("\u4e00" <= c <= "\u9fff" for c in w)}) for p in entries
    ]
    frequency = Counter(word for found in words for word in found)
    common, rare = 0.1 * len(entries), max(1, 0.005 * len(entries))
    queries: list[Query] = []
    while len(queries) < count:
        number = random.randrange(len(entries))
        bands: list[list[str]] = [[], [], []]
        for word in words[number]:
            bands[0 if frequency[word] >= common else 2 if frequency[word] <= rare else 1].append(word)
        chosen = {random.choice(random.choice([band for band in bands if band])) for _ in range(len(queries) % 3 + 1)}
        policy = entries[number]
        queries.append(Query(tuple(sorted(chosen)), policy.date.year, policy.issuers[0]))
    return queries


def timed(call: Callable[..., object], *arguments: Any, **options: Any) -> float:
    """The seconds that a call takes."""
    start = time.perf_counter()
    call(*arguments, **options)
    return time.perf_counter() - start


def process(command: Sequence[str], cwd: Path) -> float:
    """The seconds of a whole process."""
    return timed(subprocess.run, command, cwd=cwd, check=True, stdout=subprocess.DEVNULL)


def engine_process(task: str, engine: Engine, *more: str) -> list[str]:
    """The command that runs a task of engines.py."""
    return [sys.executable, str(HERE / "engines.py"), task, engine.name, str(engine.root), str(engine.folder), *more]


def watched(command: Sequence[str], cwd: Path) -> tuple[float, int]:
    """The seconds of a process, and the most memory in bytes that it and the processes it starts had resident.

    Memory that processes share is counted for each. (What `wait4` tells includes this process, from before exec.)
    """
    peak, ended = 0, Event()
    start = time.perf_counter()
    child = subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, start_new_session=True)

    def watch() -> None:
        nonlocal peak
        while not ended.wait(0.2):
            peak = max(peak, _resident(child.pid))

    watcher = Thread(target=watch)
    watcher.start()
    output, _ = child.communicate()
    seconds = time.perf_counter() - start
    ended.set()
    watcher.join()
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command)
    return seconds, max(peak, int(output))


def _resident(session: int) -> int:
    """The sum of the peaks so far of all live processes of a session, in bytes."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if int((folder / "stat").read_text().rpartition(")")[2].split()[3]) == session:
                total += peak_memory(folder)
        except (OSError, IndexError, ValueError):  # it has ended
            continue
    return total


class Bench:
    """All measurements on one corpus, in a working folder with a copy of it."""

    def __init__(self, corpus: Path, work: Path, size: int, rounds: int, save: Callable[[Measured], None]) -> None:
        self.size, self.rounds, self._save = size, rounds, save
        self.root = work / "kb"
        shutil.copytree(corpus / "corpus", self.root / "corpus")
        kinds = [kind for kind in ENGINES if kind is not Whoosh or size <= WHOOSH_LIMIT]
        folders = {kind: self.root / "index" if kind is PolicyKB else work / kind.__name__ for kind in kinds}
        self.engines = [kind(self.root, folder) for kind, folder in folders.items()]
        self.indexed = [engine for engine in self.engines if not isinstance(engine, Grep)]
        self.measured: Measured = {}
        self.queries = draw(self.root, 1 + QUERIES)  # the first is for warming up
        self._queries = work / "queries.json"
        self._queries.write_text(json.dumps(self.queries), encoding="utf-8")

    def run(self) -> None:
        """Measures everything; what is there is saved after each step."""
        for step in (self.building, self.cold, self.opening, self.querying, self.small_updates, self.updates):
            _say(f"{self.size:,} entries: {step.__name__.replace('_', ' ')} ...")
            seconds = timed(step)
            _say(f"{self.size:,} entries: {step.__name__.replace('_', ' ')} took {seconds:.0f} s")
            self._save(self.measured)

    def _note(self, what: str, engine: str, value: Any) -> None:
        self.measured.setdefault(what, {}).setdefault(engine, []).append(value)

    def building(self) -> None:
        """A process that makes the index, one that answers the queries: time, memory, size on disk."""
        for number in range(self.rounds):
            for engine in self.indexed:
                if number and self.size > SEVERAL_BUILDS:
                    continue
                shutil.rmtree(engine.folder, ignore_errors=True)
                seconds, peak = watched(engine_process("build", engine), self.root)
                self._note("building", engine.name, seconds)
                self._note("memory building", engine.name, peak)
                _say(f"  {engine.name} built in {seconds:.1f} s")
        for engine in self.indexed:
            self._note("disk", engine.name, engine.size())
            _, peak = watched(engine_process("answer", engine, str(self._queries)), self.root)
            self._note("memory answering", engine.name, peak)

    def cold(self) -> None:
        """Processes that answer one query."""
        others = {engine.name: engine_process("search", engine) for engine in self.indexed if engine.name != "policykb"}
        others["grep"] = ["grep", "-rlF", "--include=*.md", "-e", *COLD.words, "corpus"]
        for number in range(-1, 3 * self.rounds):  # the round before the first is for the caches
            for name, command in (COMMANDS | (others if number < self.rounds else {})).items():
                seconds = process(command, self.root)
                if number >= 0:
                    self._note("cold", name, seconds)

    def opening(self) -> None:
        """Opening an index; a look at files of which none has changed."""
        for engine in self.indexed:
            engine.open()
            engine.close()
        for _ in range(self.rounds):
            for engine in self.indexed:
                self._note("opening", engine.name, timed(engine.open))
                if isinstance(engine, PolicyKB):
                    self._note("no change", engine.name, timed(engine.update))
                engine.close()

    def querying(self) -> None:
        """Every query in every mode, each time in an index just opened and warmed up with one other query."""
        for _ in range(self.rounds):
            for mode in MODES:
                for engine in self.engines:
                    self._query(mode, mode, engine)

    def _query(self, what: str, mode: str, engine: Engine) -> None:
        if mode not in engine.modes:
            return
        first, *rest = self.queries
        queries = rest[: SAMPLE if (engine.name, mode) in SLOW else None]
        engine.open()
        engine.search(first, mode)
        gc.collect()
        self._note(what, engine.name, [round(timed(engine.search, query, mode), 7) for query in queries])
        engine.close()

    def small_updates(self) -> None:
        """Files changed one at a time, and the queries after that beside those in an index as it was before."""
        before = []
        for engine in self.indexed:
            copy = engine.folder.with_name(f"{engine.folder.name}-before")
            before.append(type(engine)(self.root, shutil.copytree(engine.folder, copy)))
            engine.open()
            self._note("segments", engine.name, engine.segments())
        for path in self._some(UPDATES, 0):
            self._append(path)
            for engine in self.indexed:
                engine.update([path])
        for engine in self.indexed:
            self._note("segments", engine.name, engine.segments())
            engine.close()
        for _ in range(self.rounds):
            for old, new in zip(before, self.indexed, strict=True):
                self._query("before updates", "top", old)
                self._query("after updates", "top", new)

    def updates(self) -> None:
        """One file, then a hundred, removed, put back and changed; each engine takes it over."""
        for engine in self.indexed:
            engine.open()
        for number in range(1, self.rounds + 1):
            for count in (1, 100):
                if count > self.size:
                    continue
                paths = self._some(count, number)
                contents = {path: self._file(path).read_bytes() for path in paths}
                for path in paths:
                    self._file(path).unlink()
                self._take_over(f"removing {count}", removed=paths)
                for path, content in contents.items():
                    self._file(path).write_bytes(content)
                self._take_over(f"adding {count}", changed=paths)
                for path in paths:
                    self._append(path)
                self._take_over(f"changing {count}", changed=paths)
        for engine in self.indexed:
            engine.close()

    def _take_over(self, what: str, **files: Sequence[str]) -> None:
        for engine in self.indexed:
            self._note(what, engine.name, timed(engine.update, **files))

    def _some(self, count: int, number: int) -> list[str]:
        paths = list(Corpus(self.root / "corpus").stats())
        random = Random(f"{SEED} {number} {count}")
        return random.sample(paths, count) if count <= len(paths) else random.choices(paths, k=count)

    def _file(self, path: str) -> Path:
        return self.root / "corpus" / path

    def _append(self, path: str) -> None:
        with self._file(path).open("a", encoding="utf-8") as file:
            file.write("\n补充：碳排放核算的口径另行通知。\n")


def _say(text: str) -> None:
    print(time.strftime("%H:%M:%S"), text, file=sys.stderr, flush=True)


def versions() -> dict[str, str]:
    """What is measured, and on what."""
    grep = subprocess.run(["grep", "--version"], capture_output=True, text=True, check=True).stdout.split("\n")[0]
    found = {kind.name: version(kind.distribution) for kind in ENGINES if kind.distribution}
    found |= {"jieba": version("jieba"), "SQLite FTS5": sqlite3.sqlite_version, "grep": grep.split()[-1]}
    return found | {"Python": platform.python_version(), "cores": str(len(os.sched_getaffinity(0)))}


def source() -> str:
    """A digest of policykb's modules, so that results of different ones are not mixed."""
    digest = sha1(usedforsecurity=False)
    for path in sorted(Path(policykb.__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def measure(sizes: Iterable[int], rounds: int, corpora: Path, file: Path | None) -> dict[str, Any]:
    """Measures all sizes; returns what `--json` writes."""
    result: dict[str, Any] = {"versions": versions(), "source": source(), "rounds": rounds, "runs": 1, "sizes": {}}
    for size in sizes:

        def save(measured: Measured, size: int = size) -> None:
            result["sizes"][str(size)] = measured
            if file:
                file.write_text(json.dumps(result), encoding="utf-8")

        _say(f"{size:,} entries: the corpus")
        corpus = make(corpora / str(size), size, SEED)
        with tempfile.TemporaryDirectory(prefix="policykb-speed-") as work:
            Bench(corpus, Path(work), size, rounds, save).run()
    return result


def merged(files: Sequence[Path]) -> dict[str, Any]:
    """Several results as one, without sizes that were not finished. Raises SystemExit where they do not agree."""
    results: list[dict[str, Any]] = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    for key in ("versions", "source", "rounds"):
        if any(result[key] != results[0][key] for result in results):
            raise SystemExit(f"the files do not agree: {key} is {' and '.join(str(r[key]) for r in results)}")
    found = {size: measured for result in results for size, measured in result["sizes"].items()}
    for size, measured in found.items():
        if LAST not in measured:
            _say(f"{int(size):,} entries: not finished, left out")
    sizes = {size: measured for size, measured in found.items() if LAST in measured}
    return results[0] | {"runs": len(files), "sizes": sizes}


def main(arguments: Sequence[str]) -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[40, 1_000, 10_000, 50_000], metavar="N")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    parser.add_argument("--corpora", type=Path, default=cache_folder() / "benchmark", metavar="FOLDER")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep what is measured")
    parser.add_argument("--from-json", type=Path, nargs="+", metavar="FILE", help="measure nothing: show these")
    parser.add_argument("--write", action="store_true", help="into RESULTS.md and cost.svg")
    options = parser.parse_args(arguments)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # a child that compiles every module anew is not what users run
    os.environ.pop("POLICYKB_HOME", None)
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that the working folder is removed
    if options.from_json:
        result = merged(options.from_json)
    else:
        result = measure(options.sizes, options.rounds, options.corpora, options.json)
    print(costs.tables(result))
    if options.write:
        costs.write(result)


if __name__ == "__main__":
    main(sys.argv[1:])
