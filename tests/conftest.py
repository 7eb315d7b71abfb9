"""What the tests of the core share: knowledge bases to search, and a way to run the command line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

import policykb
from policykb.cli.main import run as run_command
from policykb.corpus.entry_format import dump
from policykb.domain.policy import Policy
from policykb.kb import KnowledgeBase
from properties import load_profile
from serving import Server
from waiting import LIMIT

SHIPPED = Path(__file__).parents[1]

load_profile()


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache folder of the test run's own, in which the compiled lexicon is shared; none of the user's settings."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        patch.setenv("POLICYKB_LANG", "en")  # the language of the messages that tests know
        for name in ("POLICYKB_HOME", "NO_COLOR", "COLUMNS", "FORCE_COLOR"):
            patch.delenv(name, raising=False)
        yield folder


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the shipped knowledge base's corpus, in a path with a space and Han characters; read only."""
    root = tmp_path_factory.mktemp("库") / "知识 库"
    shutil.copytree(SHIPPED / "corpus", root / "corpus")
    return root


@pytest.fixture(scope="session")
def kb(shipped: Path) -> Iterator[KnowledgeBase]:
    """The shipped corpus, indexed."""
    with KnowledgeBase.open(shipped) as base:
        base.refresh()
        yield base


Entry = str | Mapping[str, object] | Policy


def as_policy(number: int, entry: Entry) -> Policy:
    """An entry from its body, from some of its fields, or as it is; its id is its number unless it has one."""
    if isinstance(entry, Policy):
        return entry
    fields = {"body": entry} if isinstance(entry, str) else dict(entry)
    start = Policy(f"{number:03}", f"题{number}", date(2024, 1, 1), ("生态环境部",))
    return replace(start, **fields)  # type: ignore[arg-type]


def write_entry(root: Path, policy: Policy, folder: str = "") -> Path:
    """Writes an entry's file; returns it."""
    path = root / "corpus" / folder / f"{policy.id}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dump(policy), encoding="utf-8")
    return path


def make_base(root: Path, entries: Iterable[Entry] = (), **options: object) -> KnowledgeBase:
    """A new knowledge base of these entries in the folder ``root``; not indexed yet."""
    (root / "corpus").mkdir(parents=True)
    (root / "corpus" / "kb.toml").write_text('name = "试验"\n', encoding="utf-8")
    for number, entry in enumerate(entries):
        write_entry(root, as_policy(number, entry))
    return KnowledgeBase.open(root, **options)


@pytest.fixture
def make_kb(tmp_path: Path) -> Iterator[Callable[..., KnowledgeBase]]:
    """Makes small knowledge bases of our own entries: bodies, fields or policies."""
    made: list[KnowledgeBase] = []

    def make(*entries: Entry, **options: object) -> KnowledgeBase:
        made.append(make_base(tmp_path / f"知识 库{len(made)}", entries, **options))
        return made[-1]

    yield make
    for base in made:
        base.close()


@dataclass(frozen=True)
class Run:
    """What a command ended with."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Run]:
    """Runs a command in this process; ``kb`` names its knowledge base, ``cwd`` its working folder."""

    def run(*arguments: str, kb: Path | None = None, cwd: Path | None = None) -> Run:
        if cwd is not None:
            monkeypatch.chdir(cwd)
        capfd.readouterr()
        code = run_command([*(("--kb", str(kb)) if kb else ()), *arguments])
        out, err = capfd.readouterr()
        return Run(code, out, err)

    return run


def run_process(
    *arguments: str, cwd: Path | None = None, env: Mapping[str, str | None] | None = None, stdin: str = ""
) -> Run:
    """Runs a command as a process of its own; None in ``env`` takes a variable away.

    It finds the package by a variable: where the checkout's path has Han characters, Python itself cannot follow the
    link that ``pip install -e`` made in an ASCII locale.
    """
    place = {"PYTHONPATH": str(Path(policykb.__file__).parents[1])}
    environment = {k: v for k, v in (os.environ | place | dict(env or {})).items() if v is not None}
    done = subprocess.run(
        [sys.executable, "-m", "policykb", *arguments],
        cwd=cwd, env=environment, input=stdin.encode(), capture_output=True, timeout=LIMIT, check=False,
    )  # fmt: skip
    out, err = (text.decode().replace(os.linesep, "\n") for text in (done.stdout, done.stderr))
    return Run(done.returncode, out, err)


def on_a_terminal(*arguments: str, cwd: Path, env: dict[str, str]) -> str:
    """What a command writes on a terminal."""
    import pty

    main, other = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "policykb", *arguments], cwd=cwd, env=os.environ | {"TERM": "xterm"} | env,
        stdin=other, stdout=other, stderr=other,
    )  # fmt: skip
    os.close(other)
    found = b""
    try:
        while chunk := os.read(main, 65536):
            found += chunk
    except OSError:  # the other end is closed
        pass
    process.wait(LIMIT)
    os.close(main)
    return found.decode()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield server
    server.http.shutdown()
    server.http.server_close()
    thread.join()


def ids(result: object) -> list[str]:
    """The ids of a result's hits, in order."""
    return [hit.policy.id for hit in result.hits]  # type: ignore[attr-defined]
