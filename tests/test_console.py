"""What is on the screen of a console of Windows, whatever its code page, and the keys that end a command there.

A terminal elsewhere is in `test_cli.py`, its Ctrl-C in `test_robustness.py`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import policykb
from conftest import make_base, run_process
from waiting import LIMIT

pytestmark = pytest.mark.skipif(sys.platform != "win32", reason="only Windows has such consoles")

ESCAPE = "\x1b"
_HIDDEN = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # with a console of its own
BUILD = """
import os, sys
from policykb.engines.whoosh import build
os.cpu_count, build.ALONE = lambda: 2, 1
sys.argv = ["policykb", "--kb", sys.argv[1], "index"]
from policykb.__main__ import main
main()
"""
SIGNALLED = """
import _thread, signal, sys, threading
def wait():
    sys.stdin.readline()
    _thread.interrupt_main(signal.SIGBREAK)
threading.Thread(target=wait, daemon=True).start()
"""


def is_wine() -> bool:
    import ctypes

    return sys.platform == "win32" and hasattr(ctypes.WinDLL("ntdll"), "wine_get_version")


def screen(page: int, *arguments: str, cwd: Path, **variables: str) -> list[str]:
    """The lines of a console after a command of policykb."""
    if sys.platform != "win32":
        return []
    done = subprocess.run(
        [sys.executable, "-X", "utf8", Path(__file__).parent / "windows" / "screen.py", str(page),
         sys.executable, "-m", "policykb", *arguments],
        cwd=cwd, env=os.environ | {"PYTHONPATH": str(Path(policykb.__file__).parents[1])} | variables,
        capture_output=True, creationflags=subprocess.CREATE_NO_WINDOW, timeout=LIMIT, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    shown = json.loads(done.stdout)
    assert shown["page"] == page
    assert all(len(line) < shown["width"] for line in shown["lines"])  # a full one would be followed by an empty one
    return shown["lines"]  # type: ignore[no-any-return]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    with make_base(tmp_path / "库", ["水泥熟料的碳排放核算" * 9]):
        pass
    return tmp_path / "库"


@pytest.mark.parametrize("page", [437, 936, 65001])
def test_every_code_page_shows_han_characters(root: Path, page: int) -> None:
    lines = screen(page, "search", "水泥", cwd=root, NO_COLOR="1")
    assert lines[0].startswith("2024-01-01  题0")
    assert "**水泥**熟料的碳排放核算" in "".join(line.strip() for line in lines)
    assert lines[-2] == "1 entry"
    assert ESCAPE not in "".join(lines)


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {}])
def test_styles_are_obeyed_or_not_there(root: Path, variables: dict[str, str]) -> None:
    if not variables and is_wine():
        pytest.skip("Wine says that its consoles obey styles, and those without a window do not")
    assert ESCAPE not in "".join(screen(936, "search", "水泥", cwd=root, **variables))


def test_a_message_is_shown(root: Path) -> None:
    assert screen(936, "search", "没有的词啊", cwd=root)[0] == "policykb: no entry contains 词"


# -- keys

ENTRIES = 240  # of which a worker reports each fifty


def many_entries(root: Path) -> list[str]:
    """Makes a knowledge base; returns what follows Python where workers are to build its index."""
    with make_base(root, [f"水泥熟料{number}" for number in range(ENTRIES)]):
        return ["-c", BUILD, str(root)]


@contextmanager
def started(*command: str | Path) -> Iterator[subprocess.Popen[str]]:
    """A process of Python on a console of its own; in the end it has ended."""
    environment = os.environ | {"PYTHONPATH": str(Path(policykb.__file__).parents[1])}
    with subprocess.Popen(
        [sys.executable, "-X", "utf8", *command], env=environment, creationflags=_HIDDEN, text=True, encoding="utf-8",
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def with_key(key: str, *command: str) -> list[str | Path]:
    """The command in a console where the key is typed when standard input gets a line."""
    return [Path(__file__).parent / "windows" / "interrupt.py", key, sys.executable, "-X", "utf8", *command]


def said(process: subprocess.Popen[str]) -> str:
    assert process.stderr
    return process.stderr.readline()


def assert_ended_and_done_again(builder: subprocess.Popen[str], root: Path) -> None:
    """Nothing is left of a build that workers were at when the key was typed, and it can be done again."""
    assert said(builder) == f"policykb: indexing {ENTRIES} entries\n"
    out, err = builder.communicate("now\n", timeout=LIMIT)
    assert (builder.returncode, out, err.strip()) == (130, "", "interrupted")
    assert not list((root / "index").glob(".work-*/*"))
    done = run_process("--kb", str(root), "search", "水泥熟料", "--format", "json")
    assert json.loads(done.out)["total"] == ENTRIES, done.err


@pytest.mark.parametrize("key", ["c", "break"])
def test_a_key_ends_a_build_with_its_workers(tmp_path: Path, key: str) -> None:
    if key == "break" and is_wine():
        pytest.skip("Wine's consoles send no Ctrl-Break")
    with started(*with_key(key, *many_entries(tmp_path))) as builder:
        assert_ended_and_done_again(builder, tmp_path)


def test_the_signal_of_ctrl_break_ends_a_build_with_its_workers(tmp_path: Path) -> None:
    """As Python gets it from the system's thread for that key."""
    _c, build, root = many_entries(tmp_path)
    with started("-c", SIGNALLED + build, root) as builder:
        assert_ended_and_done_again(builder, tmp_path)


def test_a_key_ends_the_pages(root: Path) -> None:
    with started(*with_key("c", "-m", "policykb", "--kb", str(root), "serve", "--port", "0")) as server:
        [address] = re.findall(r"http://[\d.:]+/", said(server))
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address) as page:
            assert page.status == 200
        out, err = server.communicate("now\n", timeout=LIMIT)
    assert (server.returncode, out, err.strip()) == (130, "", "interrupted")
