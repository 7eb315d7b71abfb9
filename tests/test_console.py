"""What is on the screen of a console of Windows, whatever its code page; a terminal elsewhere is in `test_cli.py`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import policykb
from conftest import make_base
from waiting import LIMIT

pytestmark = pytest.mark.skipif(sys.platform != "win32", reason="only Windows has such consoles")

ESCAPE = "\x1b"


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
    import ctypes

    if not variables and hasattr(ctypes.WinDLL("ntdll"), "wine_get_version"):
        pytest.skip("Wine says that its consoles obey styles, and those without a window do not")
    assert ESCAPE not in "".join(screen(936, "search", "水泥", cwd=root, **variables))


def test_a_message_is_shown(root: Path) -> None:
    assert screen(936, "search", "没有的词啊", cwd=root)[0] == "policykb: no entry contains 词"
