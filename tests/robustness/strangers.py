"""Gives policykb a stranger's folder, in which any file that the program reads is broken or a trap, and runs every command.

How to run (figures and failures on standard output, exit code 1 after a failure)::

    nice -n 19 python tests/robustness/strangers.py --trials 300

A trial spoils up to three files of a sound knowledge base (`FILES`): cut, shuffled and spiced, noise, values of other types,
or a folder, a pipe, a link out of the folder or onto itself in a file's place. Then each of `COMMANDS` runs in a process
of its own, bounded in time and memory. It ends with 0 to 3 and without a traceback, obeys no control character, and
leaves what lies beside the knowledge base as it was.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # as a script it is in no package

from policykb.inbox.inbox import Inbox
from policykb.inbox.proposal import Proposal
from policykb.kb import KnowledgeBase
from robustness import fuzz, kills

SECONDS, MEMORY = 30, 3 << 30  # what a command may take: of the processor, and of addresses in bytes
OBEYED = "\x1b\x9b\x07\u202e"
DAY = "2025-06-01"

FILES = {
    "corpus/kb.toml": 'name = "试验"\ndescription = "说明"\nlang = "zh-CN"\n',
    "corpus/issuers.toml": '[[issuer]]\nname = "浙江省生态环境厅"\naliases = ["省厅"]\n',
    "corpus/tags.toml": '[[tag]]\nname = "海水养殖"\ngroup = "topic"\ndescription = "海"\naliases = ["牧场"]\nabout = ["海"]\n'
    'triggers = [\n  { words = ["海水养殖"], weight = 4.0, where = "title" },\n]\n',
    "corpus/terms.txt": "贝藻养殖\n海洋牧场\n",
    "corpus/synonyms.txt": "海水养殖 = 海洋养殖\n海洋碳汇 > 贝藻碳汇, 红树林碳汇\n",
    "corpus/stopwords.txt": "有关\n",
    "corpus/questions.txt": "怎么办\n",
    "corpus/labels.toml": '[words]\nand = "和"\n',
    "corpus/confusions.toml": '[confusion]\n"碳足绩" = "碳足迹"\n',
    "corpus/deadlines.toml": 'after = ["之日止"]\n',
    "corpus/relations.toml": '[cues.basis]\nbefore = ["遵循"]\n[names]\n',
    "corpus/searches.toml": '[[search]]\nname = "碳"\nquery = "碳足迹"\nissuer = ["生态环境部"]\nduring = "2024"\n',
    "corpus/sources.toml": '[[source]]\nname = "甲"\nfeed = "http://127.0.0.1:9/feed.xml"\n',
    "corpus/market/2024.toml": 'title = "报告"\nmarket = "全国"\npublisher = "甲"\nfigures = [\n'
    '  {period = "2024Q1", what = "price", value = "90.66", unit = "元/吨", day = 2024-03-29, marks = ["last"], at = "甲"},\n'
    '  {period = "2024Q1", what = "volume.total", value = "874.03", unit = "万吨", at = "甲"},\n]\n',
    "corpus/market/daily.csv": "date,close,listed_volume,listed_turnover,block_volume,block_turnover\n"
    "2024-01-02,79.42,1000,79420,,\n2024-01-03,79.5,10,795,100,7000\n",
    "corpus/templates/digest.md.j2": "# {{ title }}\n{% for entry in digest.entries %}{{ entry.policy.title }}\n{% endfor %}\n",
    "corpus/2024/规定.md": "---\ntitle: 甲规定\ndate: 2024-01-02\nissuers: [国务院]\ntags: [碳市场]\nkind: 规定\nnumber: 国令第1号\n"
    "effective: 2024-02-01\nexpires: 2029-01-31\nrelations:\n  - {type: repeals, target: 乙规定, quote: 同时废止, date: 2024-02-01}\n"
    "rejected_relations:\n  - {type: cites, target: e0001}\nended: {date: 2026-01-01, by: 丙规定}\noriginal: originals/规定.txt\n---\n\n"
    "根据《丁法》制定本规定。2025年12月31日前完成碳足迹核算。《乙规定》同时废止。\n",
    "corpus/originals/规定.txt": kills.DOCUMENT,
    "corpus/.policykb-journal": '{"version": 1, "files": []}\n',
    "corpus/.collected/甲.json": '{"format": 1, "title": "甲", "if_changed": {}, "number": 1, "items": {}}\n',
}
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("search", "碳足迹"), ("search", "碳足迹 怎么办", "--facets", "--explain"), ("search", "依据:丁法", "--format", "json"),
    ("list", "--validity", "现行有效", "--as-of", "2025-01-01"), ("show", "规定"),
    ("show", "规定", "--format", "html"), ("similar", "规定"), ("relations", "规定"), ("relations", "规定", "--tree"), ("gaps",),
    ("issuers",), ("tags",), ("tags", "suggest"), ("news", "--since", "2024-01-01"), ("news",), ("news", "碳"), ("due",), ("timeline",),
    ("digest", "--during", "2024", "-o", "-", "--format", "md"), ("report", "2024Q1", "-o", "-", "--format", "md"), ("market",),
    ("market", "check"), ("inbox",), ("inbox", "list", "--format", "json"), ("check",), ("doctor",), ("tag", "e0001"),
    ("relate", "规定"), ("collect", "--allow-local"), ("index",), ("tag", "+碳足迹", "e0001"),
    ("tags", "rename", "碳市场", "碳交易"), ("relate", "规定", "+basis:e0001"), ("add", "DOCUMENT"), ("rename", "e0002", "新题"),
    ("remove", "--yes", "e0003"), ("doctor", "--fix"),
)  # fmt: skip


def make(root: Path) -> None:
    """A sound knowledge base that has every file."""
    kills.make(root, 5)
    for name, content in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content, encoding="utf-8")
    (root / "corpus/.policykb-journal").unlink()
    with KnowledgeBase.open(root) as kb:
        inbox = Inbox(kb.corpus, kb.authority, kb.vocabulary, today=date.fromisoformat(DAY))
        inbox.add(kills.DOCUMENT.encode(), name="document.txt")
        inbox.propose([Proposal("tag", "e0001", "", "碳足迹", "碳足迹核算")])
    kills.execute(root, ["news"])
    (root.parent / "document.txt").write_text(kills.DOCUMENT, encoding="utf-8")
    (root.parent / "secret").mkdir()
    (root.parent / "secret" / "entry.md").write_text(kills.entry(7).replace("title: ", "title: 秘密"), encoding="utf-8")


def targets(root: Path) -> list[Path]:
    """Every file that a stranger may have written, but for those of the index, which tests of its own are about."""
    found = {path for path in root.rglob("*") if path.is_file() and "index" not in path.relative_to(root).parts[:1]}
    found = {path for path in found if path.name not in (".log", ".imported") or path.parent != root}
    return sorted(found | {root / name for name in FILES})


def traps(path: Path, rng: random.Random, content: bytes) -> str:
    """Puts something else in a file's place: what that is."""
    if path.is_file():
        path.unlink()
    match rng.randrange(8):
        case 0:
            path.mkdir()
            (path / "x.toml").write_text("x", encoding="utf-8")
            return "a folder"
        case 1:
            os.mkfifo(path)
            return "a pipe"
        case 2:
            path.symlink_to(path)
            return "a link onto itself"
        case 3:
            secret = path.parents[len(path.parts) - 1 - path.parts.index("知识 库")].parent / "secret"
            path.symlink_to(rng.choice((secret / "entry.md", secret, Path("/dev/zero"))))
            return f"a link to {path.readlink()}"
        case 4:
            path.write_bytes(b"")
            return "empty"
        case 5:
            path.write_bytes(content * (25_000_000 // max(len(content), 1)))
            return "25 MB"
        case 6:
            path.write_bytes(b"a = " + b"[" * 20_000)
            return "deep"
        case _:
            path.write_bytes(b'x = 1\n[[x]]\n"a\\u001b[31m" = "\\u202e"\n')
            return "not TOML"


VALUES = (
    "1",
    "-1",
    "[]",
    "{}",
    '""',
    "true",
    '"\\u001b[2J"',
    "[[]]",
    "[1]",
    '[""]',
    "1979-05-27",
    '"../../x"',
    "nan",
    '{a = "x"}',
)


def spoil(path: Path, rng: random.Random, content: bytes) -> str:
    """Spoils one file: how."""
    path.parent.mkdir(parents=True, exist_ok=True)
    chance = rng.random()
    if chance < 0.25:
        return traps(path, rng, content)
    try:
        text = content.decode()
    except UnicodeDecodeError:
        chance = 1.0
        text = ""
    if chance < 0.5 and "=" in text:  # a value of another type
        lines = text.splitlines(keepends=True)
        number = rng.choice([i for i, line in enumerate(lines) if "=" in line])
        head = lines[number].rpartition("=")[0] if rng.random() < 0.3 else lines[number].partition("=")[0]
        lines[number] = f"{head}= {rng.choice(VALUES)}\n"
        data, how = "".join(lines).encode(), f"line {number + 1}: {lines[number].strip()}"
    elif chance < 0.85:
        data, how = fuzz.spoiled(rng, (text,)).encode("utf-8", "surrogatepass"), "spoiled text"
    else:
        data, how = fuzz.spoiled_bytes(rng, content), "spoiled bytes"
    if path.is_symlink() or path.is_dir():
        return "left"
    path.write_bytes(data)
    return how


def bounded() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def outside(place: Path) -> dict[str, bytes]:
    """What lies beside the knowledge base."""
    others = [path for path in place.rglob("*") if path.is_file() and "知识 库" not in path.parts]
    return {str(path): path.read_bytes() for path in others if "cache" not in path.parts}


def trial(place: Path, template: Path, number: int, seed: int) -> Iterator[str]:
    """What goes wrong with one stranger's folder."""
    rng = random.Random(f"{number} {seed}")
    root = place / "知识 库"
    files = targets(template)
    chosen = rng.sample(files, rng.choice((1, 1, 2, 3)))
    for command in COMMANDS:
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(template, root, symlinks=True)
        again = random.Random(f"{number} {seed} spoil")
        how = [
            f"{path.relative_to(template)} ({spoil(root / path.relative_to(template), again, content(path))})"
            for path in chosen
        ]
        before = outside(place)
        args = [str(place / "document.txt") if arg == "DOCUMENT" else arg for arg in command]
        began = time.monotonic()
        code, text, _ = kills.execute(root, ["--today", DAY, *args], prepare=bounded)
        spent = time.monotonic() - began
        where = f"trial {number}, {'; '.join(how)}: {' '.join(command)}"
        if code not in (0, 1, 2, 3):
            yield f"{where}: exit code {code}: {text[-1500:]}"
        if "Traceback" in text or "a defect of" in text:
            yield f"{where}: {text[-1500:]}"
        if obeyed := [char for char in OBEYED if char in text]:
            yield f"{where}: prints {obeyed}: {text[-300:]!r}"
        if spent > SECONDS:
            yield f"{where}: took {spent:.0f} s"
        if outside(place) != before:
            yield f"{where}: changed what lies beside it"
        if "秘密" in text:
            yield f"{where}: shows a file from outside"


def content(path: Path) -> bytes:
    name = next((name for name in FILES if str(path).endswith(name)), None)
    return path.read_bytes() if path.is_file() else FILES[name].encode() if name else b""


def harness(trials: int, seed: int = 1, first: int = 0) -> list[str]:
    """The failures of so many folders."""
    with tempfile.TemporaryDirectory() as folder:
        place, template = Path(folder, "here"), Path(folder, "template", "知识 库")
        os.environ["XDG_CACHE_HOME"] = str(Path(folder, "cache"))
        template.mkdir(parents=True)
        make(template)
        shutil.copytree(template.parent, place)
        return [problem for number in range(first, first + trials) for problem in trial(place, template, number, seed)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=300, help=f"each runs {len(COMMANDS)} commands")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    failures = harness(options.trials, options.seed, options.first)
    print(f"{options.trials} folders, {options.trials * len(COMMANDS)} commands, {len(failures)} failures")
    for failure in failures:
        print(f"  {failure}")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
