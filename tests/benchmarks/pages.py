"""The pages of ``policykb serve`` beside datasette with FTS5 over the same entries: ``python tests/benchmarks/pages.py``.

Measured over real connections on one machine, from a process beside the server: the first answer after the start, a
search page with its facets, and fifty readers for a minute. The address of a reader's next page is drawn at random.
``--write`` puts the table into RESULTS.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from costs import RESULTS, percentile
from speed import EXECUTABLE, SEED, draw, process

from policykb.corpus.corpus import Corpus
from policykb.files.atomic import write_atomically
from policykb.kb import KnowledgeBase

READERS, SECONDS, QUERIES, HITS = 50, 60, 60, 20
TODAY = date(2025, 12, 31)
PAUSE = threading.Event()  # never set: to wait for what a server does
BEGIN, END = "<!-- pages -->", "<!-- /pages -->"


class Asked(NamedTuple):
    """A query, and the filters beside it."""

    words: str
    filters: Mapping[str, str]


class Load(NamedTuple):
    """What many readers met: seconds of each answer, answers that were none, memory in MB at the start and end."""

    seconds: list[float]
    failed: int
    before: float
    after: float


def questions(root: Path) -> list[Asked]:
    """Queries of one to three words, a third with a year, a third with a department."""
    drawn = draw(root, QUERIES)
    filters: list[Callable[[Any], dict[str, str]]] = [
        lambda one: {},
        lambda one: {"during": str(one.year)},
        lambda one: {"issuer": one.department},
    ]
    return [Asked(" ".join(one.words), filters[number % 3](one)) for number, one in enumerate(drawn)]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


@contextmanager
def serving(command: Sequence[str], port: int, first: str) -> Iterator[tuple[int, float]]:
    """A server: its process, and the seconds from its start to its first answer."""
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            while True:
                try:
                    status, _body = asyncio.run(answer(port, first))
                except OSError:
                    PAUSE.wait(0.01)
                    continue
                assert status == 200, status
                break
            yield server.pid, time.perf_counter() - start
        finally:
            server.terminate()


async def answer(port: int, path: str) -> tuple[int, bytes]:
    """The status and body of one page, over a connection of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        return await ask(reader, writer, path, port)
    finally:
        writer.close()


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, port: int) -> tuple[int, bytes]:
    """The status and body of one page, over an open connection."""
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/html\r\n\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    status, body = int(head.split()[1]), b""
    if "transfer-encoding: chunked" in head:
        while size := int(await reader.readline(), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readline()
    else:
        body = await reader.readexactly(int(head.partition("content-length:")[2].split()[0]))
    return status, body


async def alone(port: int, paths: Sequence[str]) -> list[float]:
    """The seconds of each page, one after the other over one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    seconds = []
    for path in paths:
        start = time.perf_counter()
        status, _body = await ask(reader, writer, path, port)
        assert status == 200, (status, path)
        seconds.append(time.perf_counter() - start)
    writer.close()
    return seconds


async def together(port: int, paths: Sequence[str], pid: int, seconds: float) -> Load:
    """Many readers at once, each with a connection of its own, for a while."""
    met: list[float] = []
    failed, memory = 0, []
    begun = time.perf_counter()
    end = begun + seconds

    async def read(number: int) -> None:
        nonlocal failed
        chosen = random.Random(number)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < end:
            start = time.perf_counter()
            try:
                status, _body = await ask(reader, writer, chosen.choice(paths), port)
                failed += status != 200
            except (OSError, asyncio.IncompleteReadError):
                failed += 1
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            met.append(time.perf_counter() - start)
            if time.perf_counter() > begun + len(memory):  # once a second
                memory.append(resident(pid))
        writer.close()

    await asyncio.gather(*map(read, range(READERS)))
    third = max(len(memory) // 3, 1)
    return Load(met, failed, max(memory[third : 2 * third] or memory), max(memory[2 * third :] or memory))


def resident(pid: int) -> float:
    """The memory of a process in MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def processor(pid: int) -> float:
    """The seconds of a processor that a process has used: what it does while others use the machine counts not."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def database(root: Path, file: Path) -> None:
    """The entries as datasette has them: a table with indexes to be counted by, and FTS5 by character triples."""
    corpus = Corpus(root / "corpus")
    rows = [
        (policy.id, policy.title, str(policy.date), policy.issuers[0] if policy.issuers else "",
         policy.kind, policy.status, policy.tags[0] if policy.tags else "", str(policy.date)[:4], policy.body)
        for policy in corpus.policies()
    ]  # fmt: skip
    with sqlite3.connect(file) as made:
        made.execute("create table entries (id primary key, title, date, issuer, kind, status, tag, year, body)")
        made.executemany(f"insert into entries values ({', '.join('?' * 9)})", rows)
        for column in ("date", "issuer", "kind", "status", "tag", "year"):
            made.execute(f"create index {column}_of on entries ({column})")
        made.execute("create virtual table entries_fts using fts5 (title, body, content='entries', tokenize='trigram')")
        made.execute("insert into entries_fts (rowid, title, body) select rowid, title, body from entries")
    made.close()


def measure(root: Path, seconds: float) -> dict[str, dict[str, float]]:
    """The figures of both, by name."""
    asked = questions(root)
    found: dict[str, dict[str, float]] = {}
    with KnowledgeBase.open(root) as kb:
        kb.refresh()
        searches: list[float] = []
        plain: list[float] = []
        work: list[float] = []
        bare: list[float] = []
        for one in asked * 3:
            options: dict[str, Any] = {"limit": HITS, "today": TODAY, "validity": ()}
            chosen = {"dates": one.filters.get("during"), "issuers": one.filters.get("issuer", ())}
            for times, spent, more in ((searches, work, {"facet_siblings": True}), (plain, bare, {"facets": True})):
                start, used = time.perf_counter(), time.process_time()
                kb.search(one.words, **chosen, **options, **more)
                times.append(time.perf_counter() - start)
                spent.append(time.process_time() - used)
    searches, plain, work, bare = (times[QUERIES:] for times in (searches, plain, work, bare))  # see `run`
    cold = [process([EXECUTABLE, "--kb", str(root), "search", asked[0].words], root) for _ in range(5)]
    found["KnowledgeBase.search"] = {
        "first answer": statistics.median(cold),
        "page p50": percentile(searches, 0.5),
        "page p95": percentile(searches, 0.95),
        "processor a page": statistics.fmean(work),
        "facets p50": percentile(plain, 0.5),
        "processor, facets": statistics.fmean(bare),
    }
    ours = ["/?" + urlencode([("q", one.words), *one.filters.items()]) for one in asked]
    port = free_port()
    command = [EXECUTABLE, "--kb", str(root), "--today", str(TODAY), "serve", "--port", str(port)]
    found["policykb serve"] = run(command, port, ours, seconds)
    with tempfile.TemporaryDirectory(prefix="policykb-pages-") as folder:
        file = Path(folder) / "entries.db"
        database(root, file)
        theirs = []
        for one in asked:
            filters = {"year" if name == "during" else name: value for name, value in one.filters.items()}
            facets = [("_facet", name) for name in ("issuer", "tag", "kind", "status", "year")]
            words = " ".join(f'"{word}"' for word in one.words.split())
            given = [("_search", words), ("_searchmode", "raw"), ("_size", str(HITS)), *filters.items(), *facets]
            theirs.append("/entries/entries?" + urlencode(given))
        port = free_port()
        command = [sys.executable, "-m", "datasette", "serve", str(file), "--port", str(port), "--nolock"]
        command += ["--setting", "facet_time_limit_ms", "5000", "--setting", "sql_time_limit_ms", "20000"]
        found["datasette"] = run(command, port, theirs, seconds)
    return found


def run(command: Sequence[str], port: int, paths: Sequence[str], seconds: float) -> dict[str, float]:
    """What a server is measured by."""
    started = []
    for _round in range(3):
        with serving(command, port, paths[0]) as (_pid, first):
            started.append(first)
    with serving(command, port, paths[0]) as (pid, _first):
        asyncio.run(alone(port, paths))  # reads what the others find in memory
        used = -1.0
        while used != (used := processor(pid)):  # something is being worked out behind the first pages
            PAUSE.wait(2)
        times = asyncio.run(alone(port, [*paths, *paths]))
        used = processor(pid) - used
        size = max(len(asyncio.run(answer(port, path))[1]) for path in paths)
        load = asyncio.run(together(port, paths, pid, seconds))
    return {
        "first answer": statistics.median(started),
        "page p50": percentile(times, 0.5),
        "page p95": percentile(times, 0.95),
        "processor a page": used / len(times),
        "largest page": float(size),
        "answers a second": len(load.seconds) / seconds,
        "load p50": percentile(load.seconds, 0.5),
        "load p95": percentile(load.seconds, 0.95),
        "failed": float(load.failed),
        "memory before": load.before,
        "memory after": load.after,
    }


def table(found: Mapping[str, Mapping[str, float]], size: int) -> str:
    """The figures as Markdown."""
    forms: dict[str, Callable[[float], str]] = {
        name: lambda value: f"{value * 1000:,.0f} ms"
        for name in (
            *("first answer", "page p50", "page p95", "processor a page", "facets p50", "processor, facets"),
            *("load p50", "load p95"),
        )
    }
    forms |= {
        "largest page": lambda value: f"{value / 1000:,.0f} KB",
        "answers a second": lambda value: f"{value:,.1f}",
        "failed": lambda value: f"{value:,.0f}",
        "memory before": lambda value: f"{value:,.0f} MB",
        "memory after": lambda value: f"{value:,.0f} MB",
    }
    lines = [f"| {size:,} entries | {' | '.join(found)} |", f"| --- |{' --- |' * len(found)}"]
    for name, form in forms.items():
        cells = [form(one[name]) if name in one else "" for one in found.values()]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=Path, help="a knowledge base that corpora.py made")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of fifty readers")
    parser.add_argument("--write", action="store_true", help="into RESULTS.md, between its marks")
    options = parser.parse_args(arguments)
    random.seed(SEED)
    found = measure(options.root, options.seconds)
    print(json.dumps(found, indent=2))
    shown = table(found, sum(1 for _ in Corpus(options.root / "corpus").paths()))
    print(shown)
    if options.write:
        before, begin, rest = RESULTS.read_text(encoding="utf-8").partition(BEGIN)
        _old, end, after = rest.partition(END)
        if not end:
            raise SystemExit(f"{RESULTS} has no {BEGIN} and {END}")
        write_atomically(RESULTS, f"{before}{begin}\n{shown}\n{end}{after}".encode())


if __name__ == "__main__":
    main(sys.argv[1:])
