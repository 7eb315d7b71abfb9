"""``rename`` and ``remove``: an entry goes with its original, its copy and the relations to it, or nothing does."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from conftest import Run, write_entry
from policykb.corpus import moving
from policykb.corpus.corpus import Corpus
from policykb.corpus.originals import digest_of
from policykb.domain.policy import Policy
from policykb.errors import CorpusError
from policykb.files import journal
from policykb.kb import KnowledgeBase

Command = Callable[..., Run]
OLD, NEW = "2024-06-04-甲办法", "2024-06-04-乙办法"
ORIGINAL = "原件".encode()
ENTRY = Policy(
    OLD, "甲办法", date(2024, 6, 4), ("财政部",), tags=("碳市场",), original=f"originals/{OLD}.txt",
    original_digest=digest_of(ORIGINAL), body="第一条　正文。", extra={"rejected_tags": ["水泥"], "备注": "人写的"},
)  # fmt: skip


@pytest.fixture
def root(make_kb: Callable[..., KnowledgeBase]) -> Path:
    """An entry with an original and a copy of its import, and another one that has relations to it."""
    root = make_kb().root
    write_entry(root, ENTRY, "2024")
    (root / "corpus" / "originals").mkdir()
    (root / "corpus" / "originals" / f"{OLD}.txt").write_bytes(ORIGINAL)
    write_entry(root, replace(ENTRY, body="导入时。"), ".imported")
    other = Policy("丙", "丙通知", date(2025, 1, 1), ("财政部",), body="正文。")
    path = write_entry(root, other)
    text = path.read_text(encoding="utf-8")
    head = "\nrelations:\n  - type: repeals\n    target: {0}\n    quote: 废止\n  - type: cites\n    target: 某法\n"
    path.write_text(text.replace("\n---\n\n", head.format(OLD) + "---\n\n", 1), encoding="utf-8")
    assert Corpus(root / "corpus").read(path).relations[0]["target"] == OLD
    return root


def tree(root: Path) -> dict[str, bytes]:
    corpus = root / "corpus"
    return {
        path.relative_to(corpus).as_posix(): path.read_bytes()
        for path in corpus.rglob("*")
        if path.is_file() and path.name != "kb.toml"
    }


def targets(root: Path) -> list[str]:
    """What the other entry has relations to."""
    policy = Corpus(root / "corpus").read(root / "corpus" / "丙.md")
    assert policy.relations[0]["quote"] == "废止"
    return [relation["target"] for relation in policy.relations]


def test_rename(root: Path, run: Command) -> None:
    done = run("rename", "甲办法", "乙办法", kb=root)
    assert done.code == 0, done.err
    assert done.out.splitlines() == [
        f"corpus/2024/{OLD}.md -> corpus/2024/{NEW}.md",
        f"corpus/originals/{OLD}.txt -> corpus/originals/{NEW}.txt",
        f"corpus/.imported/{OLD}.md -> corpus/.imported/{NEW}.md",
        "relations of 丙 follow",
    ]
    after = tree(root)
    assert set(after) == {f"2024/{NEW}.md", f"originals/{NEW}.txt", f".imported/{NEW}.md", "丙.md"}
    policy = Corpus(root / "corpus").read(root / "corpus" / "2024" / f"{NEW}.md")
    assert policy == replace(ENTRY, id=NEW, title="乙办法", original=f"originals/{NEW}.txt")
    assert after[f"originals/{NEW}.txt"] == ORIGINAL
    assert targets(root) == [NEW, "某法"]
    assert run("check", kb=root).out.count("\n") == 1  # 备注, which was there before
    assert json.loads(run("search", "乙办法", "--format", "json", kb=root).out)["total"] >= 1


def test_a_title_with_the_same_id(root: Path, run: Command) -> None:
    done = run("rename", "甲办法", "《甲办法》", kb=root)
    assert (done.code, done.out) == (0, "the title is another one now; the id stays\n")
    assert Corpus(root / "corpus").read(root / "corpus" / "2024" / f"{OLD}.md").title == "《甲办法》"


def test_what_cannot_be_renamed(root: Path, run: Command) -> None:
    write_entry(root, Policy(NEW, "乙办法", date(2024, 6, 4), ("财政部",), body="正文。"))
    before = tree(root)
    for arguments, said in (
        (["甲办法", "乙办法"], f"{NEW}: exists already, as {NEW}.md"),
        (["没有", "乙办法"], "no entry 没有"),
        (["甲办法", " "], "title: is empty"),
    ):
        done = run("rename", *arguments, kb=root)
        assert (done.code, done.out) == (1, "")
        assert said in done.err
    assert tree(root) == before


def test_an_id_is_the_same_however_its_file_is_written(root: Path, run: Command) -> None:
    """macOS writes é in two characters; the id has one."""
    taken = write_entry(root, Policy("2024-06-04-Café", "Café", date(2024, 6, 4), ("财政部",), body="正文。"))
    taken.rename(taken.with_name("2024-06-04-Cafe\u0301.md"))
    before = tree(root)
    done = run("rename", "甲办法", "Café", kb=root)
    assert (done.code, done.out) == (1, "")
    assert "2024-06-04-Café: exists already, as 2024-06-04-Cafe\u0301.md" in done.err
    assert tree(root) == before


def test_remove(root: Path, run: Command) -> None:
    before = tree(root)
    done = run("remove", "甲办法", kb=root)
    assert done.code == 2
    assert f"this removes {OLD}: say --yes" in done.err
    assert tree(root) == before
    done = run("remove", "甲办法", "--yes", kb=root)
    assert done.code == 0, done.err
    assert f"removed corpus/2024/{OLD}.md\n" in done.out
    # the document is still named, as one that is not in the corpus is
    assert set(tree(root)) == {"丙.md"}
    assert targets(root) == ["甲办法", "某法"]
    assert run("search", "第一条", "--format", "paths", kb=root).out == ""


def test_what_cannot_be_read_can_be_removed(root: Path, run: Command) -> None:
    (root / "corpus" / "坏.md").write_bytes(b"\xff")
    assert run("remove", "坏", "--yes", kb=root).code == 0
    assert not (root / "corpus" / "坏.md").exists()


def test_nothing_is_done_by_half(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a file cannot be put in its place, the next change does the rest, removals too."""
    corpus = Corpus(root / "corpus")
    put, calls = journal._put, []

    def failing(*arguments: object, **named: object) -> None:
        calls.append(arguments)
        if len(calls) == 2:
            raise OSError(5, os.strerror(5))
        put(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(journal, "_put", failing)
    with pytest.raises(CorpusError, match="run it again to finish"):
        moving.rename(corpus, "甲办法", "乙办法")
    monkeypatch.undo()
    assert corpus.finish_change()
    assert set(tree(root)) == {f"2024/{NEW}.md", f"originals/{NEW}.txt", f".imported/{NEW}.md", "丙.md"}


def test_a_removal_leaves_what_somebody_changed_meanwhile(root: Path, tmp_path: Path) -> None:
    path = root / "corpus" / "2024" / f"{OLD}.md"
    with pytest.raises(CorpusError, match="changed since it was read"):
        journal.write_all([journal.Write(path, None, b"as it was")], lock=root / "corpus")
    assert path.exists()
