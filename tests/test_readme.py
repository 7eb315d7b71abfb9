"""What the README shows is what happens."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from waiting import LIMIT

ROOT = Path(__file__).parents[1]
BLOCKS = re.findall(r"^```console\n(.*?)^```$", (ROOT / "README.md").read_text(encoding="utf-8"), re.S | re.M)


def transcripts() -> list[tuple[str, str]]:
    """Each command that the README shows with its output."""
    found = []
    for block in BLOCKS:
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output))
    return found


def test_the_readme_has_transcripts() -> None:
    assert transcripts()


@pytest.mark.parametrize(("command", "output"), transcripts())
def test_commands_print_what_the_readme_says(command: str, output: str) -> None:
    words = shlex.split(command)
    assert words[0] == "policykb"
    done = subprocess.run(
        [sys.executable, "-m", "policykb", *words[1:]],
        cwd=ROOT, env=os.environ | {"PYTHONUTF8": "1"}, capture_output=True, timeout=LIMIT, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.decode() == output


def test_the_python_example_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], kb: object
) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    code = re.findall(r"^```python\n(.*?)^```$", text, re.S | re.M)
    assert code
    monkeypatch.chdir(kb.root)  # type: ignore[attr-defined]
    for block in code:
        exec(compile(block, "README.md", "exec"), {})
    assert "碳足迹" in capsys.readouterr().out
