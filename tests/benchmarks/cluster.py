"""Both engines side by side, on one machine and in a cluster: what loading, finding and changing take.

    python tests/benchmarks/cluster.py URL ENTRIES [QUERIES] [--short]

Prints a table in Markdown; the corpus is made once, in the user's cache, with ``--short`` of entries of 100 to 300
characters. The nodes at URL are started with ``OPENSEARCH_JAVA_OPTS="-Xms3g -Xmx3g" tests/opensearch/run PORT``, so that
they compile as a cluster in use does, and have the memory of one.
"""

from __future__ import annotations

import resource
import shutil
import statistics
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.corpora import CACHE, LENGTHS, SHORT, make
from benchmarks.engines import Query
from benchmarks.speed import draw
from policykb.kb import KnowledgeBase

CLIENTS, SECONDS = 20, 20.0

ASKED: dict[str, Callable[[Query], dict[str, Any]]] = {
    "top ten": lambda query: {"query": " ".join(query.words)},
    "of a year": lambda query: {"query": " ".join(query.words), "dates": str(query.year)},
    "of a department": lambda query: {"query": " ".join(query.words), "issuers": query.department},
    "newest first": lambda query: {"query": " ".join(query.words), "sort": "newest"},
    "facets": lambda query: {"query": " ".join(query.words), "facets": True},
    "substring": lambda query: {"query": f'"{query.words[0]}"'},
    "question": lambda query: {"query": f"如何{''.join(query.words)}"},
}


def timed(call: Callable[[], object]) -> float:
    """The milliseconds of a call."""
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1000


def shown(values: list[float]) -> str:
    """Median and 95th percentile."""
    values = sorted(values)
    return f"{statistics.median(values):.0f} / {values[int(0.95 * (len(values) - 1))]:.0f}"


def measure(kb: KnowledgeBase, queries: list[Query], size: Callable[[], float]) -> dict[str, str]:
    """One engine's column of the table."""
    column: dict[str, str] = {}
    started, used = time.perf_counter(), sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2]) + time.process_time()
    entries = kb.refresh(rebuild=False).entries
    seconds = time.perf_counter() - started
    spent = sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2]) + time.process_time() - used
    column["load, s (entries a second)"] = f"{seconds:.0f} ({entries / seconds:.0f})"
    column["of it analysis and sending, s of CPU"] = f"{spent:.0f}"
    column["size, MB (kB an entry)"] = f"{size() / 1e6:.0f} ({size() / entries / 1e3:.1f})"
    for what, ask in ASKED.items():
        for query in queries[:5]:
            kb.search(**ask(query))
        values = [timed(lambda query=query, ask=ask: kb.search(**ask(query))) for query in queries]  # type: ignore[misc]
        column[f"{what}, ms"] = shown(values)
    column["changed entry visible, ms"] = shown([_change(kb, number) for number in range(10)])
    column[f"{CLIENTS} clients, searches a second"] = f"{_together(kb, queries):.0f}"
    return column


def _change(kb: KnowledgeBase, number: int) -> float:
    """The milliseconds from a changed file until a search finds the change."""
    path = next(iter(kb.corpus.paths()))
    word = f"qz{uuid.uuid4().hex}"
    path.write_text(f"{path.read_text(encoding='utf-8')}\n\n{word} {number}\n", encoding="utf-8")
    start = time.perf_counter()
    kb.refresh()
    assert kb.search(word).total == 1
    return (time.perf_counter() - start) * 1000


def _together(kb: KnowledgeBase, queries: list[Query]) -> float:
    done = [0] * CLIENTS
    end = time.monotonic() + SECONDS

    def work(number: int) -> None:
        at = number
        while time.monotonic() < end:
            kb.search(" ".join(queries[at % len(queries)].words))
            done[number] += 1
            at += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / SECONDS


def main(arguments: list[str]) -> None:
    short = "--short" in arguments
    url, size, *others = (one for one in arguments if one != "--short")
    entries, number = int(size), int((others or ["100"])[0])
    made = make(CACHE / f"corpus-{entries}{'-short' * short}", entries, lengths=SHORT if short else LENGTHS)
    queries = draw(made, number)
    columns: dict[str, dict[str, str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in ("one machine", "cluster"):
            root = Path(folder, name.replace(" ", "-"))
            shutil.copytree(made / "corpus", root / "corpus")
            if name == "cluster":
                (root / "corpus" / "kb.toml").write_text(
                    f'name = "k"\nengine = "opensearch"\n[opensearch]\nurl = "{url}"\n'
                    f'index = "b{uuid.uuid4().hex}"\nreplicas = 0\n',
                    encoding="utf-8",
                )
            with KnowledgeBase.open(root) as kb:
                columns[name] = measure(kb, queries, lambda root=root, kb=kb: _size(root, kb))  # type: ignore[misc]
                if name == "cluster":
                    kb.engine._cluster.call("DELETE", f"/{kb.engine._building().index()}")  # type: ignore[attr-defined]
            print(name, columns[name], file=sys.stderr, flush=True)
    print(f"| {entries:,} entries | " + " | ".join(columns) + " |\n| --- |" + " --- |" * len(columns))
    for row in columns["cluster"]:
        print(f"| {row} | " + " | ".join(column[row] for column in columns.values()) + " |")


def _size(root: Path, kb: KnowledgeBase) -> float:
    if (root / "index").is_dir():
        return sum(path.stat().st_size for path in (root / "index").rglob("*") if path.is_file())
    cluster = kb.engine._cluster  # type: ignore[attr-defined]
    return float(cluster.call("GET", f"/{cluster.alias}/_stats/store")["_all"]["total"]["store"]["size_in_bytes"])


if __name__ == "__main__":
    main(sys.argv[1:])
