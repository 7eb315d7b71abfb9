"""A field that is added to `Policy` and to `FIELDS`, and nowhere else, is read, checked, shown, exported, searched."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import policykb
from waiting import LIMIT

PACKAGE = Path(policykb.__file__).parent
ENTRY = """\
---
title: 关于甲的通知
date: 2024-06-04
issuers: [生态环境部]
领域: 能源
---

正文。
"""
Command = Callable[..., str]


def replaced(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1
    return text.replace(old, new)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package in which an entry has one more field."""
    source = tmp_path_factory.mktemp("source")
    shutil.copytree(PACKAGE, source / "policykb", ignore=shutil.ignore_patterns("__pycache__"))
    table = source / "policykb" / "domain" / "policy.py"
    field = 'PolicyField("subject", "text", "领域", query=("subject", "领域"), facet=True, export="table", shown=11),'
    text = table.read_text(encoding="utf-8")
    text = replaced(
        text, "    source: str | None = None\n", "    source: str | None = None\n    subject: str | None = None\n"
    )
    text = replaced(text, ")  # fmt: skip\nBY_NAME", f"    {field}\n)  # fmt: skip\nBY_NAME")
    table.write_text(text, encoding="utf-8")
    return source


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "2024-06-04-甲.md").write_text(ENTRY, encoding="utf-8")
    other = ENTRY.replace("甲", "乙").replace("领域: 能源\n", "")
    (tmp_path / "corpus" / "2024-06-04-乙.md").write_text(other, encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(source: Path, root: Path) -> Command:
    """Runs a command of the changed package, and gives what it printed."""

    def run(*arguments: str, code: int = 0) -> str:
        return process(source, "-m", "policykb", "--kb", str(root), *arguments, code=code)

    return run


def process(source: Path, *arguments: str, code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        env=os.environ | {"PYTHONPATH": str(source), "PYTHONUTF8": "1"}, capture_output=True, timeout=LIMIT, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stderr.decode()
    return done.stdout.decode().replace(os.linesep, "\n")


def test_it_is_read_and_shown(run: Command) -> None:
    assert json.loads(run("show", "甲", "--format", "json"))["subject"] == "能源"
    assert json.loads(run("show", "乙", "--format", "json"))["subject"] is None
    assert "领域" in run("show", "甲")
    assert "能源" in run("show", "甲")
    assert "领域" not in run("show", "乙")


def test_it_is_exported(run: Command) -> None:
    hits = json.loads(run("list", "--format", "json"))["hits"]
    assert {hit["title"]: hit["subject"] for hit in hits} == {"关于甲的通知": "能源", "关于乙的通知": None}
    rows = list(csv.DictReader(io.StringIO(run("list", "--format", "csv").removeprefix("\ufeff"))))
    assert {row["title"]: row["subject"] for row in rows} == {"关于甲的通知": "能源", "关于乙的通知": ""}


def test_check_knows_it(run: Command, root: Path) -> None:
    run("check")
    path = root / "corpus" / "2024-06-04-甲.md"
    path.write_text(ENTRY.replace("能源", "[能源]"), encoding="utf-8")
    (finding,) = json.loads(run("check", "--format", "json", code=3))["findings"]
    assert (finding["line"], finding["key"], finding["level"]) == (5, "领域", "error")
    path.write_text(ENTRY.replace("领域", "subjcet"), encoding="utf-8")
    (finding,) = json.loads(run("check", "--format", "json", code=3))["findings"]
    assert "did you mean subject?" in finding["problem"]


@pytest.mark.parametrize("query", ["领域:能源", "subject:能源", "领域:能源 甲", "-乙 subject:能源"])
def test_it_is_searched(run: Command, query: str) -> None:
    assert [Path(path).name for path in run("search", query, "--format", "paths").splitlines()] == ["2024-06-04-甲.md"]
    assert run("search", query.replace("能源", "金融"), "--format", "paths") == ""


def test_it_is_counted(run: Command) -> None:
    facets = json.loads(run("list", "--facets", "--format", "json"))["facets"]
    assert facets["subject"] == [["能源", 1]] or facets["subject"] == {"能源": 1}


def test_it_is_written(source: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from datetime import date\n"
        "from policykb.corpus import entry_format\n"
        "from policykb.domain.policy import Policy\n"
        "one = Policy('甲', '甲', date(2024, 6, 4), ('生态环境部',), subject='能源')\n"
        "text = entry_format.dump(one)\n"
        "assert entry_format.parse(text, id='甲') == one\n"
        "assert Policy.from_data(one.as_data()) == one\n"
        "print(entry_format.edit(text, {'领域': '金融'}))\n",
        encoding="utf-8",
    )
    assert "\nsubject: 金融\n" in process(source, str(script))


def test_a_digest_sees_that_it_changed(run: Command, root: Path) -> None:
    earlier = str(root / "earlier.json")
    run("digest", "-o", earlier)
    path = root / "corpus" / "2024-06-04-甲.md"
    path.write_text(ENTRY.replace("能源", "金融"), encoding="utf-8")
    digest = json.loads(run("digest", "--since", earlier, "--format", "json"))
    assert [entry["title"] for section in digest["sections"] for entry in section["entries"]] == ["关于甲的通知"]
