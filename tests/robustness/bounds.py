"""Whether a knowledge base of 100,000 entries still answers rightly, and what that costs.

How to run (figures on standard output, exit code 1 where an answer is wrong; some minutes and 1 GB of disk)::

    nice python tests/robustness/bounds.py --entries 100000

The entries are short and random. What a search for a string has to find is known from looking for it in every
text; it is compared after building and after changing, adding and removing some. Then ``doctor`` and ``check``
are run, and commands as processes of their own.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from policykb.corpus.check import check
from policykb.doctor import diagnose
from policykb.files.packaged import DATA
from policykb.files.reading import read_terms
from policykb.kb import KnowledgeBase

ISSUERS = ("生态环境部", "国家发展和改革委员会", "工业和信息化部", "财政部", "国务院", "国家能源局")
TAGS = ("碳市场", "碳足迹", "碳汇", "林草", "")
LENGTH = 100  # characters of a body, more or less
CHANGES = 100  # entries that are changed, added and removed
QUERIES = 40

Texts = dict[str, str]  # path in the corpus -> title and body, a line each


class Writer:
    """Makes entries; the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._words = [word for word in read_terms(DATA / "terms.txt") if all("一" <= char <= "鿿" for char in word)]
        self._characters = sorted({char for word in self._words for char in word})

    def _phrase(self, length: int) -> str:
        text = ""
        while len(text) < length:
            if self._random.random() < 0.3:
                text += self._words[int(len(self._words) * self._random.random() ** 2)]
            else:
                text += self._random.choice(self._characters)
        return text

    def write(self, root: Path, number: int) -> tuple[str, str]:
        """Writes an entry: its path in the corpus, and its title and body."""
        choose = self._random.choice
        title = self._phrase(12)
        body = "，".join(self._phrase(LENGTH // 4) for _ in range(4)) + "。"
        day = f"{2000 + number % 25}-{number % 12 + 1:02}-{number % 28 + 1:02}"
        path = f"{day[:7]}/{day}-{number:06}.md"
        file = root / "corpus" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        front = f"title: {title}\ndate: {day}\nissuers: [{choose(ISSUERS)}]\ntags: [{choose(TAGS)}]\nkind: 通知\n"
        file.write_text(f"---\n{front}---\n\n{body}\n", encoding="utf-8")
        return path, f"{title}\n{body}"


def make(root: Path, count: int, seed: int) -> tuple[Writer, Texts]:
    """A knowledge base of so many entries, and what they say."""
    (root / "corpus").mkdir(parents=True)
    (root / "corpus" / "kb.toml").write_text('name = "大"\n', encoding="utf-8")
    writer = Writer(seed)
    return writer, dict(writer.write(root, number) for number in range(count))


def queries(texts: Texts, rng: random.Random) -> list[str]:
    """Strings of one to eight characters that stand in some text."""
    found = []
    everything = list(texts.values())
    while len(found) < QUERIES:
        text = rng.choice(everything)
        start, length = rng.randrange(len(text) - 10), rng.choice((1, 2, 2, 3, 4, 5, 8))
        string = text[start : start + length]
        if all("一" <= char <= "鿿" for char in string):
            found.append(string)
    return found


def wrong(kb: KnowledgeBase, texts: Texts, rng: random.Random) -> tuple[list[str], list[float], int]:
    """Searches that find other entries than the ones with the string; the seconds of each; entries found in all."""
    differences, seconds, total = [], [], 0
    for string in queries(texts, rng):
        expected = {path for path, text in texts.items() if string in text}
        began = time.perf_counter()
        result = kb.search(f'"{string}"', exact=True, fresh=False)
        seconds.append(time.perf_counter() - began)
        total += result.total
        found = {hit.path for hit in kb.search(f'"{string}"', exact=True, fresh=False, limit=1 << 30).hits}
        if found != expected or result.total != len(expected):
            differences.append(f"{string}: {len(found):,} found, {len(expected):,} expected")
    return differences, seconds, total


def change(root: Path, writer: Writer, texts: Texts, rng: random.Random) -> None:
    """Changes, adds and removes entries."""
    paths = rng.sample(sorted(texts), 2 * CHANGES)
    for path in paths[:CHANGES]:
        number = int(path[-9:-3])
        texts.__setitem__(*writer.write(root, number))
    for path in paths[CHANGES:]:
        (root / "corpus" / path).unlink()
        del texts[path]
    first = max(int(path[-9:-3]) for path in texts) + 1
    texts.update(writer.write(root, number) for number in range(first, first + CHANGES))


def measure(root: Path, count: int, seed: int, say: Callable[[str], None] = print) -> list[str]:
    """Makes, builds, searches, changes and checks; returns what is wrong."""
    failures: list[str] = []
    rng = random.Random(seed)

    @contextmanager
    def phase(name: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        say(f"{name:34} {time.perf_counter() - began:8.2f} s")

    def compare(kb: KnowledgeBase, when: str) -> None:
        result = kb.search("", fresh=False, limit=0)
        if result.total != len(texts):
            failures.append(f"{when}: {result.total:,} entries in the index, {len(texts):,} in the corpus")
        differences, seconds, total = wrong(kb, texts, rng)
        failures.extend(f"{when}: {difference}" for difference in differences)
        middle, worst = statistics.median(seconds) * 1000, max(seconds) * 1000
        say(f"{f'{len(seconds)} searches {when}':34} {middle:8.2f} ms median, {worst:.1f} worst, {total:,} entries")

    with phase(f"make {count:,} entries"):
        writer, texts = make(root, count, seed)
    with KnowledgeBase.open(root) as kb:
        with phase("build"):
            kb.refresh(rebuild=True)
        size = sum(path.stat().st_size for path in (root / "index").iterdir())
        segments = len(list((root / "index").glob("policies_*.trm")))
        say(f"{'index':34} {size / 1e6:8.1f} MB in {segments} segments")
        compare(kb, "after building")
        with phase("refresh, nothing changed"):
            kb.refresh()
        with phase("facets of all entries"):
            kb.search("", facets=True, limit=0, fresh=False)
        with phase(f"write {CHANGES} changed, {CHANGES} added, {CHANGES} removed"):
            change(root, writer, texts, rng)
        with phase("refresh after it"):
            outcome = kb.refresh()
        if (outcome.added, outcome.changed, outcome.removed) != (CHANGES,) * 3:
            failures.append(f"refresh: {outcome.added} added, {outcome.changed} changed, {outcome.removed} removed")
        compare(kb, "after the changes")
        with phase("doctor"):
            failures += [f"doctor: {finding}" for finding in diagnose(kb.corpus, kb.engine).found]
        with phase("check"):
            found = check(kb.corpus, kb.authority, kb.vocabulary)
            say(f"{'check':34} {len(found):8,} findings")
    command = [sys.executable, "-m", "policykb", "--kb", str(root)]
    for words in (
        ["search", "碳足迹"],
        ["tags"],
        ["list", "--limit", "10"],
        ["show", "000001"],
        ["digest", "碳足迹核算"],
    ):
        with phase(f"policykb {' '.join(words)}"):
            done = subprocess.run([*command, *words], capture_output=True, check=False)
        if done.returncode:
            failures.append(f"{words}: exit code {done.returncode}: {done.stderr.decode()}")
    own, workers = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    say(f"{'memory at most':34} {own / 1000:8.0f} MB, {workers / 1000:.0f} MB in a worker or command")
    return failures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where to make it (default: a temporary folder)")
    options = parser.parse_args()
    place = Path(tempfile.mkdtemp(dir=options.folder))
    os.environ["XDG_CACHE_HOME"] = str(place / "cache")
    try:
        failures = measure(place / "大 库", options.entries, options.seed)
    finally:
        shutil.rmtree(place)
    for failure in failures[:40]:
        print(f"  wrong: {failure}"[:500])
    print(f"{len(failures)} failures")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
