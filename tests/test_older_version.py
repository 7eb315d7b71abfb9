"""A knowledge base that version 0.1.0 wrote opens as it is: the same entries, the same answers, no file changed.

``data/kb-0.1.0`` was made with that version: ``init``, ``add`` of a notice, ``import`` of a review, ``tag``, one entry and
all files beside ``kb.toml`` written by hand; what it said of them is in ``list.json`` and ``digest.json``.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Run

OLD = Path(__file__).parent / "data/kb-0.1.0"
Command = Callable[..., Run]
NOTICE, OPINION = "2025-03-18-青江省碳普惠管理办法（试行）", "2025-03-02-关于推动青碳分进社区的意见"


def files_of(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def old(run: Command, tmp_path: Path) -> Callable[..., Run]:
    root = tmp_path / "旧库"
    shutil.copytree(OLD / "corpus", root / "corpus")
    before = files_of(root / "corpus")

    def ask(*arguments: str) -> Run:
        result = run("--kb", str(root), "--today", "2025-03-20", *arguments)
        assert files_of(root / "corpus") == before
        return result

    return ask


def test_its_entries_are_what_they_were(old: Command) -> None:
    hits = json.loads(old("list", "--format", "json").out)["hits"]
    expected = json.loads((OLD / "list.json").read_text(encoding="utf-8"))
    assert [{key: hit[key] for key in was} for hit, was in zip(hits, expected, strict=True)] == expected


@pytest.mark.parametrize(
    "query",
    [
        ("绿色出行积分",),
        ("青江环厅",),
        ("青碳分", "--issuer", "青江省环境保护厅"),
        ("--tag", "绿色出行", "登记 OR 里程"),
    ],
)
def test_its_words_names_and_tags_find_what_they_found(old: Command, query: tuple[str, ...]) -> None:
    found = old("search", *query, "--format", "paths").out.splitlines()
    assert {Path(path).stem for path in found} == {NOTICE, OPINION}


def test_nothing_in_it_is_an_error_now(old: Command) -> None:
    found = old("check").out.splitlines()
    assert [line.partition(": ")[2] for line in found] == [
        "warning: issuers: 国家发改委 is to be written 国家发展和改革委员会",
        "warning: issuers: 青江环厅 is to be written 青江省生态环境厅",
        "warning: 负责人: is not a key that policykb knows",
    ]
    assert (old("doctor").code, old("doctor").out) == (0, "nothing found in 4 entries\n")


def test_its_digest_tells_what_is_new_since(old: Command) -> None:
    since = json.loads(old("digest", "--since", str(OLD / "digest.json"), "--format", "json").out)["since"]
    assert (since["new"], since["changed"], since["removed"]) == (0, 0, [])


def test_its_words_for_deadlines_count(old: Command) -> None:
    days = [line[:10] for line in old("due", "--within", "400d").out.splitlines() if line[:2] == "20"]
    assert days == ["2025-06-30", "2025-09-30", "2025-12-31"]  # the second by its own 日落前


def test_its_figures_are_read(old: Command) -> None:
    assert "总成交量      12.5万吨" in old("market", "2025Q1").out


@pytest.mark.parametrize(
    ("name", "line"), [(NOTICE, "  - 碳足迹\n"), (OPINION, "tags: [绿色出行, 碳市场, 碳核算]\r\n")]
)
def test_its_files_are_edited_in_place(run: Command, tmp_path: Path, name: str, line: str) -> None:
    shutil.copytree(OLD / "corpus", tmp_path / "corpus")
    path = tmp_path / f"corpus/2025/{name}.md"
    before = path.read_bytes().decode().splitlines(keepends=True)
    assert run("tag", "+碳足迹" if name == NOTICE else "+碳核算", name, kb=tmp_path).code == 0
    after = path.read_bytes().decode().splitlines(keepends=True)
    assert line in after
    assert [one for one in before if one not in after] == ([] if name == NOTICE else ["tags: [绿色出行, 碳市场]\r\n"])
