"""Kills commands that write, at every file operation and at random calls, and looks at what is left.

How to run (figures and failures on standard output, exit code 1 after a failure)::

    python tests/robustness/kills.py --random 300            # every scenario
    python tests/robustness/kills.py --random 100 build merge

A command runs in a forked child, which kills itself (SIGKILL) before its n-th file operation (open, rename, link,
remove, mkdir ...), for every n; then ``--random`` children more kill themselves before a random call. After each kill: every corpus file is as it was or as it was to be; the next search works at once, and finds what a
rebuilt index finds; ``doctor --fix`` leaves nothing behind; no worker process survives; and the command, run
again, finishes the work.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # as a script it is in no package

from policykb import doctor
from policykb.cli.main import run
from policykb.engines.whoosh.index import Index
from policykb.engines.whoosh.refresh import open_as_is
from policykb.inbox.inbox import Inbox
from policykb.inbox.proposal import Proposal
from policykb.kb import KnowledgeBase
from robustness.moments import at_call, die
from waiting import wait_until

QUERIES = ("", "碳足迹", "配额 结转", '"碳排放权交易" OR 水泥', "碳* -征求意见稿", "新词甲", "tag:碳市场")
MARK = "POLICYKB_ROBUSTNESS"
KEPT = (".log", ".imported", ".inbox", ".news", ".collected")
ONCE = ("add", "rename", "move", "remove", "accept", "decide", "reject")  # done, they find nothing more to do
OPERATIONS = (
    "open",
    "os.rename",
    "os.remove",
    "os.link",
    "os.mkdir",
    "os.rmdir",
    "os.chmod",
    "os.truncate",
    "shutil.rmtree",
)
REPORT = """2025年一季度政策

1月10日，生态环境部等三部门印发《关于甲类产品碳足迹核算的通知》，提出到2027年建立核算规则。

2月4日，国家发展改革委、国家能源局印发《乙类项目节能降碳行动方案》，要求2025年底前完成改造。

3月7日，工业和信息化部发布《丙行业绿色工厂评价指南》。
"""
DOCUMENT = "生态环境部\n关于印发《丁办法》的通知\n环气候〔2025〕9号\n各省、自治区、直辖市：\n　　现予印发。\n生态环境部\n2025年5月6日\n"

FEED = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>甲</title><link>HOST</link><description>甲</description>
<item><title>丁办法</title><link>HOST/1.html</link><guid>1</guid></item>
<item><title>戊办法</title><link>HOST/2.html</link><guid>2</guid></item></channel></rss>"""

Scenario = Callable[[Path], list[str]]


def entry(number: int, tag: str = "碳市场", word: str = "碳足迹") -> str:
    return (
        f"---\ntitle: 关于第{number}号{word}事项的通知\ndate: 2024-{number % 12 + 1:02}-{number % 28 + 1:02}\n"
        f"issuers:\n  - 生态环境部\ntags: [{tag}]  # 手工\nkind: 通知\n---\n\n配额结转第{number}条，水泥行业{word}核算。\n"
    )


def make(root: Path, count: int) -> None:
    """A knowledge base of so many small entries."""
    folder = root / "corpus" / "2024"
    folder.mkdir(parents=True)
    (root / "corpus" / "kb.toml").write_text('name = "试验"\n', encoding="utf-8")
    for number in range(count):
        (folder / f"e{number:04}.md").write_text(entry(number), encoding="utf-8")


def build(root: Path) -> list[str]:
    make(root, 6)
    return ["index"]


def parallel(root: Path) -> list[str]:
    make(root, 450)
    return ["index"]


def rebuild(root: Path) -> list[str]:
    make(root, 6)
    execute(root, ["index"])
    return ["index", "--rebuild"]


def incremental(root: Path) -> list[str]:
    make(root, 6)
    execute(root, ["index"])
    folder = root / "corpus" / "2024"
    (folder / "e0001.md").write_text(entry(1, word="新词甲"), encoding="utf-8")
    (folder / "e0002.md").unlink()
    (folder / "e0099.md").write_text(entry(99), encoding="utf-8")
    return ["search", "碳足迹", "--format", "json"]


def touched(root: Path) -> list[str]:
    make(root, 6)
    execute(root, ["index"])
    for path in (root / "corpus" / "2024").iterdir():
        os.utime(path, (1_700_000_000, 1_700_000_000))
    return ["index"]


def merge(root: Path) -> list[str]:
    make(root, 1)
    for number in range(1, 9):
        execute(root, ["index"])
        (root / "corpus" / "2024" / f"e{number:04}.md").write_text(entry(number), encoding="utf-8")
    return ["index"]


def tag(root: Path) -> list[str]:
    make(root, 6)
    execute(root, ["index"])
    return ["tag", "+碳足迹", "-碳市场", "通知"]


def apply(root: Path) -> list[str]:
    make(root, 4)
    for path in (root / "corpus" / "2024").iterdir():
        path.write_text(path.read_text(encoding="utf-8").replace("[碳市场]", "[]"), encoding="utf-8")
    return ["tag", "--untagged", "--apply"]


def rename(root: Path) -> list[str]:
    make(root, 6)
    return ["tags", "rename", "碳市场", "碳交易"]


def import_(root: Path) -> list[str]:
    make(root, 2)
    (root / "report.txt").write_text(REPORT, encoding="utf-8")
    return ["import", str(root / "report.txt")]


def add(root: Path) -> list[str]:
    make(root, 2)
    (root / "document.txt").write_text(DOCUMENT, encoding="utf-8")
    return ["add", str(root / "document.txt")]


def relate(root: Path) -> list[str]:
    make(root, 4)
    return ["relate", "e0001", "+basis:e0000", "+cites:《不在库中的办法》"]


def move(root: Path) -> list[str]:
    make(root, 4)
    path = root / "corpus" / "2024" / "e0002.md"
    reference = "kind: 通知\nrelations:\n  - {type: basis, target: e0001}"
    path.write_text(path.read_text(encoding="utf-8").replace("kind: 通知", reference), encoding="utf-8")
    return ["rename", "e0001", "关于改名的通知"]


def remove(root: Path) -> list[str]:
    make(root, 4)
    (root / "document.txt").write_text(DOCUMENT, encoding="utf-8")
    execute(root, ["add", str(root / "document.txt")])
    return ["remove", "--yes", "丁办法"]


def _inbox(root: Path) -> Inbox:
    make(root, 3)
    with KnowledgeBase.open(root) as kb:
        return Inbox(kb.corpus, kb.authority, kb.vocabulary, today=date(2025, 6, 1))


def accept(root: Path) -> list[str]:
    """A document, of which an entry, an original and an item that goes are written."""
    item = _inbox(root).add(DOCUMENT.encode(), name="document.txt")
    return ["inbox", "accept", item.id]


def decide(root: Path) -> list[str]:
    proposals = [Proposal("tag", f"e000{number}", "", "碳足迹", "碳足迹核算") for number in range(3)]
    _inbox(root).propose(proposals)
    return ["inbox", "accept", *(one.key for one in proposals)]


def reject(root: Path) -> list[str]:
    proposals = [
        Proposal("tag", "e0001", "", "碳足迹", "碳足迹核算"),
        Proposal("field", "e0001", "number", "甲1号", "配额"),
    ]
    _inbox(root).propose(proposals)
    return ["inbox", "reject", *(one.key for one in proposals)]


def news(root: Path) -> list[str]:
    make(root, 4)
    execute(root, ["news"])
    (root / "corpus" / "2024" / "e0099.md").write_text(entry(99), encoding="utf-8")
    return ["news"]


def collect(root: Path) -> list[str]:
    """A feed of a server of our own, whose documents come into the inbox."""
    make(root, 2)
    pages = {"/feed.xml": FEED, "/robots.txt": "User-agent: *\nCrawl-delay: 0\n"}
    pages |= {f"/{number}.html": f"<html><body><pre>{DOCUMENT}</pre></body></html>" for number in (1, 2)}

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = pages.get(self.path, "").replace("HOST", f"http://127.0.0.1:{server.server_port}").encode()
            self.send_response(200 if text else 404)
            self.send_header("Content-Type", "text/xml" if self.path == "/feed.xml" else "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    source = f'[[source]]\nname = "甲"\nfeed = "http://127.0.0.1:{server.server_port}/feed.xml"\n'
    (root / "corpus" / "sources.toml").write_text(source, encoding="utf-8")
    return ["collect", "--allow-local"]


SCENARIOS: dict[str, Scenario] = {
    "build": build, "parallel": parallel, "rebuild": rebuild, "incremental": incremental, "touched": touched,
    "merge": merge, "tag": tag, "apply": apply, "rename": rename, "import": import_, "add": add, "relate": relate,
    "move": move, "remove": remove, "accept": accept, "decide": decide, "reject": reject, "news": news, "collect": collect,
}  # fmt: skip


def execute(
    root: Path, args: list[str], *, kill_at: int = 0, prepare: Callable[[], None] | None = None
) -> tuple[int, str, int]:
    """Runs a command in a child: its exit code (negative: the signal), its output, the file operations counted.

    ``kill_at`` is the number of the file operation below ``root`` before which it is killed; ``prepare`` is called in
    the child before it.
    """
    code, text, operations, _ = observe(root, args, kill_at=kill_at, prepare=prepare)
    return code, text, operations


def observe(
    root: Path,
    args: list[str],
    *,
    kill_at: int = 0,
    kill_at_call: int | None = None,
    prepare: Callable[[], None] | None = None,
) -> tuple[int, str, int, int]:
    """Like `execute`, with the number of calls too where ``kill_at_call`` is not None: of the one it is killed before."""
    log = root / ".log"
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 70
        try:
            os.close(reading)
            handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(handle, 1)
            os.dup2(handle, 2)
            sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
            sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
            os.environ[MARK] = str(root)
            if prepare:
                prepare()
            count = 0

            def hook(event: str, arguments: tuple[object, ...]) -> None:
                nonlocal count
                if event in OPERATIONS and str(root) in str(arguments[0]) and not str(arguments[0]).endswith(".log"):
                    count += 1
                    if count == kill_at:
                        die()

            sys.addaudithook(hook)
            calls = (lambda: 0) if kill_at_call is None else at_call(kill_at_call, die)
            code = run(["--kb", str(root), *args])
            sys.setprofile(None)
            sys.stdout.flush()
            os.write(writing, f"{count} {calls()}".encode())
        except BaseException:  # a traceback is what the harness looks for
            import traceback

            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(code)
    os.close(writing)
    _, status = os.waitpid(child, 0)
    operations, calls = map(int, (os.read(reading, 50) or b"0 0").split())
    os.close(reading)
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    return os.waitstatus_to_exitcode(status), text, operations, calls


def contents(root: Path) -> dict[str, str]:
    """The hash of every visible file of the corpus, but for what is remembered of feeds: that is written item by item,
    and says of one that a killed run took in that it was there."""
    found = {}
    for path in sorted((root / "corpus").rglob("*")):
        if path.is_file() and not path.name.startswith(".") and path.parent.name != ".collected":
            found[str(path.relative_to(root))] = hashlib.sha1(path.read_bytes()).hexdigest()
    return found


def answers(kb: KnowledgeBase) -> list[object]:
    """What a knowledge base answers to some queries, in every detail."""
    found: list[object] = []
    for query in QUERIES:
        result = kb.search(query, limit=1000, facets=True, fresh=False)
        hits = sorted((hit.policy.id, hit.score, str(hit.snippet), hit.path) for hit in result.hits)
        facets = {name: sorted(counts.items()) for name, counts in result.facets.items()}
        found.append((query, result.total, hits, facets))
    return found


REBUILT: dict[str, list[object]] = {}  # by the contents of the corpus: a trial leaves one of few


def rebuilt(root: Path, key: str) -> list[object]:
    """What an index that is built anew answers."""
    if key not in REBUILT:
        with KnowledgeBase.open(root, index=root / "other") as kb:
            kb.refresh(rebuild=True)
            REBUILT[key] = answers(kb)
        shutil.rmtree(root / "other")
    return REBUILT[key]


def workers(root: Path) -> list[int]:
    """Processes that were started by a command in ``root`` and still run."""
    found = []
    needle = f"{MARK}={root}\0".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if needle in (folder / "environ").read_bytes() + b"\0":
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def examine(root: Path, before: dict[str, str], after: dict[str, str]) -> Iterator[str]:
    """What is wrong after a kill."""
    now = contents(root)
    for name in sorted({*before, *after, *now}):
        if now.get(name) not in (before.get(name), after.get(name)):
            yield f"{name} is neither as it was nor as it was to be"
    said: list[str] = []
    began = time.process_time()
    with KnowledgeBase.open(root, say=said.append) as kb:
        kb.refresh()
        ours = answers(kb)
    if time.process_time() - began > 8:
        yield f"the next search worked for {time.process_time() - began:.0f} s: {said}"
    if any("waiting" in text for text in said):
        yield f"a lock remained: {said}"
    theirs = rebuilt(root, repr(now))
    if ours != theirs:
        differing = [a[0] for a, b in zip(ours, theirs, strict=True) if a != b]  # type: ignore[index]
        yield f"other results than a rebuilt index's for {differing}"
    try:
        wait_until(lambda: not workers(root), "no worker is left")
    except AssertionError:
        yield f"processes survived: {workers(root)}"
        for process in workers(root):
            os.kill(process, signal.SIGKILL)
    with KnowledgeBase.open(root) as kb:
        doctor.diagnose(kb.corpus, kb.engine, fix=True)
        open_as_is(Index(kb.engine.index.folder))
    left = [path for path in root.rglob(".*") if path.name not in KEPT]
    left += [path for path in (root / "index").rglob("*") if path.name.endswith(".tmp")]
    if left:
        yield f"left behind: {left}"
    if len(list((root / "index").glob("state_*.json"))) != 1:
        yield "more than one generation"


def trial(name: str, template: Path, args: list[str], after: dict[str, str], **kill: int) -> tuple[bool, list[str]]:
    """One kill in a copy of ``template``: whether it hit, and what is wrong then."""
    root = template.parent / "trial"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(template, root)
    args = [arg.replace(str(template), str(root)) for arg in args]
    before = contents(root)
    code, text, *_ = observe(root, args, **kill)
    problems = ["a traceback: " + text] if "Traceback" in text else []
    hit = code == -signal.SIGKILL
    if not hit and code:
        problems.append(f"exit code {code}: {text}")
    problems += examine(root, before, after)
    code, text, _ = execute(root, args)
    if "Traceback" in text or (code and name not in ONCE) or code not in (0, 1):
        problems.append(f"run again: exit code {code}: {text}")
    if name != "apply" and (now := contents(root)) != after:
        problems.append(f"run again, it does not finish: {sorted(set(now.items()) ^ set(after.items()))}")
    return hit, problems


def harness(
    name: str, *, times: int, every: int = 1, seed: int = 1, folder: Path | None = None
) -> tuple[int, list[str]]:
    """Kills one scenario at every (or each ``every``-th) file operation and ``times`` at random: kills, failures."""
    doctor.ABANDONED = -1  # a killed writer's files are nobody's here from the beginning
    rng = random.Random(f"{name} {seed}")
    kills, failures = 0, []
    with tempfile.TemporaryDirectory(dir=folder) as place:
        template = Path(place, "template")
        template.mkdir()
        args = SCENARIOS[name](template)
        (template / ".log").unlink(missing_ok=True)
        whole = Path(place, "trial")
        shutil.copytree(template, whole)
        args_there = [arg.replace(str(template), str(whole)) for arg in args]
        code, text, operations, calls = observe(whole, args_there, kill_at_call=0)
        if code:
            return 0, [f"{name}: exit code {code} without a kill: {text}"]
        after = contents(whole)
        for number in range(1, operations + 1, every):
            hit, problems = trial(name, template, args, after, kill_at=number)
            kills += hit
            failures += [f"{name}, before operation {number}: {problem}" for problem in problems]
        for _ in range(times):
            number = rng.randint(1, calls)
            hit, problems = trial(name, template, args, after, kill_at_call=number)
            kills += hit
            failures += [f"{name}, before call {number}: {problem}" for problem in problems]
    return kills, failures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="SCENARIO", help=", ".join(SCENARIOS))
    parser.add_argument("--random", type=int, default=100, help="kills before random calls, for each scenario")
    parser.add_argument("--every", type=int, default=1, help="kill only at each n-th file operation")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    failed = False
    for name in options.names or SCENARIOS:
        began = time.monotonic()
        kills, failures = harness(name, times=options.random, every=options.every, seed=options.seed)
        print(f"{name}: {kills} kills, {len(failures)} failures, {time.monotonic() - began:.0f} s", flush=True)
        for failure in failures[:20]:
            failed = True
            print(f"  {failure}"[:1500], flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
