"""Eight processes search without a pause while one changes the corpus and indexes it, one tags, and one relates.

How to run (figures and failures on standard output, exit code 1 after a failure)::

    python tests/robustness/concurrency.py --rounds 300 --readers 8 --visitors 4

Every entry has a number of its own and a version in its text: whatever a reader is shown has to be a version that this
entry had, not older than one it was shown before, in full, and under the title that belongs to it; the entries that
are never touched have to be there always. ``--visitors`` processes ask ``policykb serve`` for pages, and hold them to
the same. Nothing may reach a writer but that another one has just changed the same entry, nothing at all a reader.
Each goes on until every one has done its work ``--rounds`` times.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import mmap
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from datetime import date
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).parents[1]))  # as a script it is in no package

from policykb.errors import CorpusError, IndexBusyError
from policykb.files import lock
from policykb.kb import KnowledgeBase
from policykb.relations.decisions import Decision, decide
from policykb.tagging.changes import retag
from waiting import LIMIT

Report = Callable[[str], None]
More = Callable[[int], bool]  # told how often the work was done: whether it goes on

CHANGED = "changed since it was read, and is not overwritten; run it again"  # two that change one entry
STEADY, MOVING = 12, 6  # entries that nobody changes, and that come, change and go


def text(number: int, version: int) -> str:
    return (
        f"---\ntitle: 关于第{number}号事项的通知\ndate: 2024-01-{number + 1:02}\nissuers: [生态环境部]\ntags: [碳市场]\n"
        f"kind: 通知\n---\n\n碳足迹核算甲{version}，第{number}号。" + "配额结转。" * 5 + f"碳足迹核算乙{version}。\n"
    )


def put(root: Path, number: int, version: int) -> None:
    path = root / "corpus" / f"e{number:02}.md"
    partial = root / "corpus" / f".e{number:02}"
    partial.write_text(text(number, version), encoding="utf-8")
    os.replace(partial, path)


class Rounds:
    """How often each process has done its work, in memory that all of them share."""

    def __init__(self, processes: int, wanted: int) -> None:
        self.counts = memoryview(mmap.mmap(-1, processes * 8)).cast("Q")
        self.wanted = wanted

    def more(self, process: int, done: int) -> bool:
        """Notes what a process has done: whether one of them has to go on."""
        self.counts[process] = done
        return min(self.counts) < self.wanted

    def end(self, process: int) -> None:
        """Nobody need wait for a process that has ended."""
        self.counts[process] = max(self.counts[process], self.wanted)


def read(root: Path, more: More, report: Report) -> int:
    """Searches; every result must be one of the states the corpus had."""
    done, seen = 0, dict.fromkeys(range(STEADY + MOVING), 0)
    while more(done):
        with KnowledgeBase.open(root) as kb:
            fresh = done % 3 > 0
            for query in ("碳足迹", "tag:碳市场 核算", "", '"配额结转"'):
                result = kb.search(query, limit=100, fresh=fresh)
                done += 1
                shown = set()
                for hit in result.hits:
                    number = int(hit.policy.id[1:])
                    versions = {int(found) for found in re.findall(r"核算[甲乙](\d+)", hit.policy.body)}
                    if number in shown:
                        report(f"{hit.policy.id} twice in one result")
                    shown.add(number)
                    if len(versions) != 1 or hit.policy.title != f"关于第{number}号事项的通知":
                        report(f"{hit.policy.id} is a mixture: {hit.policy}")
                    elif min(versions) < seen[number]:
                        report(f"{hit.policy.id} went back from version {seen[number]} to {versions}")
                    else:
                        seen[number] = min(versions)
                if missing := set(range(STEADY)) - shown:
                    report(f"{query}: without {sorted(missing)}")
                if result.total != len(result.hits):
                    report(f"{query}: {result.total} said, {len(result.hits)} shown")
    return done


def write(root: Path, more: More, report: Report) -> int:
    """Adds, changes and removes entries, and indexes."""
    rng, done = random.Random(1), 0
    with KnowledgeBase.open(root) as kb:
        while more(done):
            done += 1
            for number in rng.sample(range(STEADY, STEADY + MOVING), 3):
                if rng.random() < 0.3:
                    (root / "corpus" / f"e{number:02}.md").unlink(missing_ok=True)
                else:
                    put(root, number, done)
            try:
                kb.refresh(wait=LIMIT, rebuild=done % 25 == 0)
            except IndexBusyError as error:
                report(f"the writer waited in vain: {error}")
    return done


def tag(root: Path, more: More, report: Report) -> int:
    """Gives tags and takes them away again; a file that was changed meanwhile is an answer, not a failure."""
    done = 0
    with KnowledgeBase.open(root) as kb:
        while more(done):
            done += 1
            paths = [root / "corpus" / f"e{number:02}.md" for number in range(done % 4, STEADY, 4)]
            try:
                retag(
                    kb.corpus,
                    kb.vocabulary,
                    paths,
                    add=["碳足迹"] if done % 2 else [],
                    remove=[] if done % 2 else ["碳足迹"],
                )
            except CorpusError as error:
                if CHANGED not in str(error):
                    report(f"tagging: {error}")
    return done


def relate(root: Path, more: More, report: Report) -> int:
    """Confirms relations of the entries that stay, and rejects them again."""
    done = 0
    with KnowledgeBase.open(root) as kb:
        while more(done):
            done += 1
            number = done % STEADY
            decision = Decision("cites", f"e{(number + 1) % STEADY:02}", done // STEADY % 2 == 0)
            try:
                decide(kb.corpus, {root / "corpus" / f"e{number:02}.md": [decision]}, today=date(2025, 1, 1))
            except CorpusError as error:
                if CHANGED not in str(error):
                    report(f"relating: {error}")
    return done


def visit(root: Path, more: More, report: Report) -> int:
    """Looks at pages of the server, whose address lies beside the knowledge base."""
    done, seen = 0, dict.fromkeys(range(STEADY), 0)
    connection = HTTPConnection((root.parent / "address").read_text(), timeout=LIMIT)
    while more(done):
        number = done % STEADY
        for page in (f"/?q={quote('碳足迹')}&tag={quote('碳市场')}", f"/entry/e{number:02}", "/?sort=newest", "/inbox"):
            connection.request("GET", page)
            answer = connection.getresponse()
            text = answer.read().decode()
            done += 1
            if answer.status != 200:
                report(f"{page}: {answer.status}: {text[:300]}")
            elif page.startswith("/entry"):
                versions = {int(found) for found in re.findall(r"核算[甲乙](\d+)", text)}
                if f"关于第{number}号事项的通知" not in text or len(versions) != 1 or min(versions) < seen[number]:
                    report(f"{page}: versions {versions} after {seen[number]}")
            elif "q=" in page and (missing := [n for n in range(STEADY) if f"/entry/e{n:02}" not in text]):
                report(f"{page}: without {missing}")
    return done


@contextlib.contextmanager
def server(root: Path) -> Iterator[None]:
    """``policykb serve`` at a free port."""
    command = [sys.executable, "-m", "policykb", "--lang", "en", "--kb", str(root), "serve", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, encoding="utf-8") as process:
        try:
            assert process.stderr
            said = process.stderr.readline()
            (root.parent / "address").write_text(re.search(r"http://([\d.:]+)/", said)[1])  # type: ignore[index]
            yield
            process.send_signal(signal.SIGINT)
            assert process.wait(LIMIT) in (0, 130)
        finally:
            process.kill()


def start(work: Callable[..., int], root: Path, rounds: Rounds, number: int, log: Path) -> int:
    child = os.fork()
    if child:
        return child
    code = 0
    problems: list[str] = []
    done = 0
    lock.PATIENCE = LIMIT
    try:
        done = work(root, lambda done: rounds.more(number, done), problems.append)
    except BaseException:
        problems.append(traceback.format_exc())
    try:
        log.write_text(json.dumps([work.__name__, done, problems[:20]]), encoding="utf-8")
    finally:
        rounds.end(number)
        os._exit(code)


def harness(wanted: int, readers: int, visitors: int = 0) -> tuple[dict[str, int], list[str]]:
    """Runs everything at once: how often each kind of process did its work, and what went wrong."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place, "知识 库")
        (root / "corpus").mkdir(parents=True)
        (root / "corpus" / "kb.toml").write_text('name = "x"\n', encoding="utf-8")
        for number in range(STEADY):
            put(root, number, 0)
        with KnowledgeBase.open(root) as kb:
            kb.refresh()
        jobs = [write, tag, relate, *[read] * readers, *[visit] * visitors]
        rounds = Rounds(len(jobs), wanted)
        with server(root) if visitors else contextlib.nullcontext():
            children = [start(job, root, rounds, i, Path(place, f"{i}.json")) for i, job in enumerate(jobs)]
            for i, child in enumerate(children):
                os.waitpid(child, 0)
                rounds.end(i)
        counts: dict[str, int] = {}
        failures: list[str] = []
        for i, job in enumerate(jobs):
            log = Path(place, f"{i}.json")
            if not log.exists():
                failures.append(f"{job.__name__}: died")
                continue
            name, done, problems = json.loads(log.read_text(encoding="utf-8"))
            counts[name] = counts.get(name, 0) + done
            failures += [f"{name}: {problem}" for problem in problems]
        with KnowledgeBase.open(root) as kb:
            last = sorted((hit.policy.id, hit.policy.body) for hit in kb.search(limit=100).hits)
            files = sorted((policy.id, policy.body) for policy in kb.policies())
        if last != files:
            failures.append("in the end the index is not what the files are")
    return counts, failures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=300, help="what each process does at least")
    parser.add_argument("--readers", type=int, default=8)
    parser.add_argument("--visitors", type=int, default=4, help="of pages")
    options = parser.parse_args()
    began = time.monotonic()
    counts, failures = harness(options.rounds, options.readers, options.visitors)
    print(
        f"{time.monotonic() - began:.0f} s: {', '.join(f'{name} {number}' for name, number in sorted(counts.items()))}"
    )
    print(f"{len(failures)} failures")
    for failure in failures[:30]:
        print(f"  {failure}"[:1500])
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
