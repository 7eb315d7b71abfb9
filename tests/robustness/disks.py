"""Runs commands that write on a full disk, without permission and on read-only media, and looks at what is left.

How to run (figures and failures on standard output, exit code 1 after a failure, 2 where nothing can be mounted)::

    python tests/robustness/disks.py --trials 100 full --commands build merge     # without names: all

The knowledge base lies on a tmpfs. ``full``: a filler leaves 0, 1, 2 ... pages free, then any number up to what the
command needs, in each sixth trial inodes. ``revoked``: folders and files become read-only, for root too. ``readonly``:
the knowledge base, its index or its corpus is remounted. The user's cache is elsewhere, or in the same trouble. In it
a command ends with 0 or 1 and a line that names file and reason; every corpus file is as it was or as it was to be;
no temporary file remains; readers answer rightly or say why they cannot. Afterwards the command, run again, finishes
the work, and the checks of ``kills.py`` hold.
"""

from __future__ import annotations

import argparse
import bisect
import ctypes
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).parents[1]))  # as a script it is in no package

from policykb import doctor
from policykb.kb import KnowledgeBase
from robustness import kills

COMMANDS = (
    "build", "rebuild", "incremental", "touched", "merge", "tag", "apply", "rename", "import", "add", "relate", "move",
    "remove", "accept", "decide", "reject", "news",
)  # fmt: skip
MOUNT = ["mount", "-t", "tmpfs", "-o", "size=32m,nr_inodes=1500,mode=755", "tmpfs"]
REASONS = ("No space left on device", "Permission denied", "Read-only file system", "the file is read-only")
SEARCH = ["search", "碳足迹", "--limit", "1000", "--format", "paths"]
READING = (["list"], ["show", "e0000"], ["tags"], ["issuers"], ["check"], ["similar", "e0000"], ["doctor"])
OLD, AGAIN = "results are those of the last update", "run it again to finish"


@contextmanager
def filled(disk: Path, *, pages: int | None = None, inodes: int | None = None) -> Iterator[None]:
    """A disk with so much free."""
    filler, room = disk / "filler", os.statvfs(disk)
    filler.mkdir()
    try:
        if pages is not None:
            with open(filler / "file", "wb") as file:
                os.posix_fallocate(file.fileno(), 0, max(room.f_bavail - pages, 0) * room.f_bsize or 1)
        for name in range(0 if inodes is None else room.f_favail - 1 - inodes):
            (filler / str(name)).touch()
        yield
    finally:
        shutil.rmtree(filler)


@contextmanager
def full(root: Path, number: int, rng: random.Random, need: int) -> Iterator[str]:
    if number % 6 == 5:
        free = {"inodes": rng.randint(0, 24)}
    else:  # anywhere, or near the end, as a lexicon takes most of the space and the rest comes after it
        free = {"pages": number if number < 9 else max(need - rng.randint(1, rng.choice((40, need + 1))), 0)}
    with filled(root.parent, **free):
        yield f"free {free}"


@contextmanager
def revoked(root: Path, number: int, rng: random.Random, need: int) -> Iterator[str]:
    corpus, index = root / "corpus", root / "index"
    index.mkdir(exist_ok=True)
    entries = sorted(corpus.rglob("e*.md"))
    choices = {
        "corpus/": [corpus], "a folder": [corpus / "2024"], "files": rng.sample(entries, rng.randint(1, len(entries))),
        "corpus/ and all in it": [corpus, *corpus.rglob("*")], "index/": [index],
        "index/ and all in it": [index, *index.iterdir()], "everything": [root, *root.rglob("[!.]*")],
    }  # fmt: skip
    what = list(choices)[number % len(choices)]
    for path in choices[what]:
        path.chmod(0o555)
    try:
        yield f"{what} read-only"
    finally:
        for path in filter(Path.exists, choices[what]):
            path.chmod(0o755)


@contextmanager
def readonly(root: Path, number: int, rng: random.Random, need: int) -> Iterator[str]:
    (root / "index").mkdir(exist_ok=True)
    folder = (root, root / "index", root / "corpus")[number % 3]
    subprocess.run(["mount", "--bind", folder, folder], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
    try:
        yield f"{folder.name}/ remounted"
    finally:
        subprocess.run(["umount", folder], check=True)


KINDS = {"full": full, "revoked": revoked, "readonly": readonly}


def wrong(what: str, code: int, text: str, codes: tuple[int, ...] = (0, 1)) -> Iterator[str]:
    """What is wrong with how a command ended. Of two lines the first says that another index is used instead."""
    named = [line for line in text.splitlines() if any(reason in line for reason in REASONS)]
    clear = 0 < len(named) < 3 and named[-1].startswith("policykb: ") and named[-1].count("/") > 1
    if "Traceback" in text or "a defect of" in text or code not in codes or (code == 1 and not clear):
        yield f"{what}: exit code {code}, or no line that names what could not be written, and why: {text}"


class Bench:
    """A command in a fresh copy of its knowledge base on the disk, as often as asked for."""

    def __init__(self, name: str, disk: Path, outside: Path) -> None:
        self.name, self.root, self.cache = name, disk / "知识 库", outside / "cache"
        self.template, self.truth = outside / "template", outside / "truth"
        os.environ["XDG_CACHE_HOME"] = str(self.cache)
        more = self.template / "corpus" / "2023"
        more.mkdir(parents=True)
        for number in range(1000, 1020):
            (more / f"e{number}.md").write_text(kills.entry(number), encoding="utf-8")
        self.args = kills.SCENARIOS[name](self.template)
        (self.template / ".log").unlink(missing_ok=True)
        (self.template / ".log").symlink_to(outside / "log")  # what is printed needs no room on the full disk
        self.before = kills.contents(self.template)
        index = self.template / "index"
        self.old = self.found(self.template, index, fresh=False) if any(index.glob("state_*")) else None
        assert self.succeeds(4000), f"{name} fails without trouble"
        self.after = kills.contents(self.root)
        self.need = bisect.bisect_left(range(4000), True, key=self.succeeds)

    def command(self) -> tuple[int, str, bool]:
        """Exit code, output, and whether something could not be written."""
        args = [arg.replace(str(self.template), str(self.root)) for arg in self.args]
        code, text, _ = kills.execute(self.root, args)
        return code, text, code != 0 or any(reason in text for reason in REASONS)

    def copy(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.copytree(self.template, self.root, symlinks=True)

    def succeeds(self, pages: int) -> bool:
        self.copy()
        with filled(self.root.parent, pages=pages):
            return not self.command()[2]

    def found(self, root: Path, index: Path, *, fresh: bool) -> set[str]:
        """The files that `SEARCH` should find, by an index."""
        with patch.dict(os.environ, XDG_CACHE_HOME=str(self.cache)), KnowledgeBase.open(root, index=index) as kb:
            return {hit.path for hit in kb.search("碳足迹", limit=1000, fresh=fresh).hits}

    def trial(self, kind: str, number: int, seed: int) -> tuple[bool, list[str]]:
        """One command in trouble: whether it could not write, and what is wrong then."""
        self.copy()
        root, need, rng = self.root, self.need, random.Random(f"{kind} {self.name} {number} {seed}")
        own = number // 3 % 2 == 1 if kind == "readonly" else rng.random() < 0.3
        need += 1100 if own and self.name in ("build", "rebuild") else 0  # the lexicon goes into the cache first
        with (
            patch.dict(os.environ, XDG_CACHE_HOME=str(root / "cache" if own else self.cache)),
            KINDS[kind](root, number, rng, need) as trouble,
        ):
            code, text, refused = self.command()
            problems = list(wrong("command", code, text))
            now = kills.contents(root)
            whole = now in (self.before, self.after)
            if not whole and AGAIN not in text and (self.name != "apply" or "nothing was changed" in text):
                problems.append(f"some files of the corpus changed, others not, unsaid: {text}")
            if not code and now != self.after and OLD not in text:  # of an index as it was, `news` knows nothing new
                problems.append(f"it did not do its work, unsaid: {text}")
            if AGAIN not in text and (left := [path for path in root.rglob(".*") if path.name not in kills.KEPT]):
                problems.append(f"left behind: {left}")
            problems += self.readers(rng)
        if refused and not (self.name in kills.ONCE and now == self.after):
            code, text, still = self.command()
            if still or "Traceback" in text:
                problems.append(f"run again: exit code {code}: {text}")
        if whole or self.name != "apply":  # where some entries have tags, others get other proposals
            if (now := kills.contents(root)) != self.after:
                problems.append(f"run again, it does not finish: {sorted(set(now.items()) ^ set(self.after.items()))}")
            problems += kills.examine(root, self.before, self.after)
        where = f"{kind} {self.name}, trial {number}, {trouble}{', the cache there too' if own else ''}"
        return refused, [f"{where}: {problem}" for problem in problems]

    def readers(self, rng: random.Random) -> Iterator[str]:
        """What is wrong with what readers answer."""
        began = os.times().children_user
        code, text, _ = kills.execute(self.root, SEARCH)
        if os.times().children_user - began > 8:
            yield f"a search worked for {os.times().children_user - began:.0f} s: {text}"
        yield from wrong("search", code, text)
        shown = {line.removeprefix(f"{self.root}/corpus/") for line in text.splitlines() if line[:8] != "policykb"}
        outdated = OLD in text and shown == self.old
        if (self.old or shown) if code else not outdated and shown != self.found(self.root, self.truth, fresh=True):
            yield f"search: wrong results, exit code {code}: {text}"
        args = rng.choice(READING)
        yield from wrong(args[0], *kills.execute(self.root, args)[:2], (0, 1, 3))


def powerless() -> None:
    """Modes bind this process from now on, even root's."""
    version, nothing = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    assert not ctypes.CDLL(None).capset(version, nothing), "the capabilities cannot be given up"


def harness(kind: str, name: str, *, trials: int, seed: int = 1) -> tuple[int, int, list[str]]:
    """The trials of one command in one kind of trouble: their number, how many could not write, failures."""
    doctor.ABANDONED = -1  # temporary files are nobody's here from the beginning
    with tempfile.TemporaryDirectory() as disk, tempfile.TemporaryDirectory() as outside:
        subprocess.run([*MOUNT, disk], check=True)
        bench = Bench(name, Path(disk), Path(outside))
        count = min(trials, 6) if kind == "readonly" else trials  # there are no more different ones
        with ProcessPoolExecutor(1, get_context("fork"), powerless if kind == "revoked" else None) as child:
            results = list(child.map(bench.trial, [kind] * count, range(count), [seed] * count))
        subprocess.run(["umount", disk], check=True)
    return len(results), sum(refused for refused, _ in results), [text for _, texts in results for text in texts]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--commands", nargs="+", choices=COMMANDS, default=COMMANDS)
    parser.add_argument("--trials", type=int, default=30, help="of each command in each kind of trouble")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if kills.MARK not in os.environ:  # into a name space of its own, which leaves nothing mounted
        for own in (["unshare", "-m"], ["unshare", "-rm"]) if shutil.which("unshare") else ():
            if not subprocess.run([*own, *MOUNT, tempfile.gettempdir()], capture_output=True, check=False).returncode:
                os.execvpe(own[0], [*own, sys.executable, *sys.argv], os.environ | {kills.MARK: "disks"})
        print("no tmpfs can be mounted here, neither as this user nor by unshare -rm")
        return 2
    failed = False
    for kind, name in product(options.kinds or KINDS, options.commands):
        count, refused, failures = harness(kind, name, trials=options.trials, seed=options.seed)
        print(f"{kind} {name}: {count} trials, {refused} not written, {len(failures)} failures", flush=True)
        for failure in failures[:20]:
            failed = True
            print(f"  {failure}"[:1500], flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
