"""``policykb inbox``: what the page does, on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from conftest import Run
from policykb.errors import CorpusError
from policykb.inbox.inbox import Inbox
from policykb.inbox.proposal import Proposal
from policykb.kb import KnowledgeBase

DOCUMENT = """\
关于做好清缴工作的通知

环办气候〔2025〕3号

各省生态环境厅：

    为做好清缴工作，现将有关事项通知如下。

                    生态环境部
                    2025年3月20日
"""


@pytest.fixture
def root(make_kb: Callable[..., KnowledgeBase]) -> Path:
    kb = make_kb({"body": "绿色金融支持绿色建材。", "tags": ("建材",)})
    inbox = Inbox(kb.corpus, kb.authority, kb.vocabulary, today=date(2025, 4, 1), by="某助手")
    inbox.add(DOCUMENT.encode(), name="通知.txt")
    inbox.propose([Proposal("tag", "000", "", "绿色金融", "绿色金融支持绿色建材。", sureness=0.9)])
    inbox.propose([Proposal("field", "000", "number", "甲发〔2024〕1号", "绿色建材")])
    return kb.root


@pytest.fixture
def said(run: Callable[..., Run], root: Path) -> Callable[..., Any]:
    def said(*words: str, code: int = 0) -> Any:
        done = run("inbox", *words, "--format", "json", kb=root)
        assert done.code == code, done.err
        return json.loads(done.out)

    return said


def test_it_lists_and_shows(run: Callable[..., Run], root: Path, said: Callable[..., Any]) -> None:
    plain = run("inbox", kb=root)
    assert plain.code == 0
    for text in ("关于做好清缴工作的通知", "#绿色金融", "90%", "某助手", "3 things wait"):
        assert text in plain.out
    found = said("list")
    assert found["total"] == 3
    assert [one["title"] for one in found["documents"]] == ["关于做好清缴工作的通知"]
    assert {one["kind"] for one in found["proposals"]} == {"tag", "field"}
    assert said("list", "--kind", "tag")["total"] == 1
    shown = said("show", found["documents"][0]["id"])
    assert shown["draft"].startswith("---\ntitle: 关于做好清缴工作的通知\n")
    assert {one["name"]: one["value"] for one in shown["read"]}["date"] == "2025-03-20"
    assert "发文字号: 环办气候〔2025〕3号" in run("inbox", "show", "2025-04", kb=root).out
    key = found["proposals"][0]["key"]
    assert said("show", key[:6])["key"] == key


def test_it_accepts_rejects_and_takes_back(run: Callable[..., Run], root: Path, said: Callable[..., Any]) -> None:
    found = said("list")
    tag, field = sorted(found["proposals"], key=lambda one: one["kind"] != "tag")
    document = found["documents"][0]["id"]
    assert said("accept", field["key"], "--value", "甲发〔2024〕2号")["accepted"] == [field["key"]]
    (done,) = said("accept", document, "--set", "date=2025-03-21", "--set", "tags=碳市场")["entries"]
    assert done == "2025-03-21-关于做好清缴工作的通知"
    with KnowledgeBase.open(root) as kb:
        assert kb.get("000").number == "甲发〔2024〕2号"
        assert kb.get(done).tags == ("碳市场",)
    assert said("reject", tag["key"])["rejected"] == [tag["key"]]
    assert said("list")["total"] == 0
    back = run("inbox", "undo", kb=root)
    assert (back.code, "绿色金融" in back.out) == (0, True)
    assert said("list")["total"] == 1
    assert run("inbox", "undo", kb=root).code == 1


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (["show", "nothing"], 1, "no nothing in the inbox"),
        (["accept"], 2, "KEY"),
        (["accept", "a", "b", "--value", "x"], 2, "one KEY"),
        (["accept", "2025-04", "--set", "date"], 2, "NAME=VALUE"),
        (["accept", "2025-04", "--set", "date=2025-02-30"], 1, "date"),
        (["accept", "2025-04", "--set", "colour=red"], 1, "colour"),
        (["accept", "2025-04", "--to", "nothing"], 1, "nothing"),
        (["reject", ""], 1, "in the inbox"),
    ],
)
def test_what_it_cannot_do_is_said(run: Callable[..., Run], root: Path, words: list[str], code: int, text: str) -> None:
    before = {path: path.read_bytes() for path in root.rglob("*.md")}
    done = run("inbox", *words, kb=root)
    assert (done.code, text in done.err) == (code, True), done.err
    assert {path: path.read_bytes() for path in root.rglob("*.md")} == before


def test_what_was_not_decided_is_said(run: Callable[..., Run], root: Path, said: Callable[..., Any]) -> None:
    (tag,) = said("list", "--kind", "tag")["proposals"]
    (again,) = said("accept", tag["key"], "--value", "没有这个标签", code=1)["again"]
    assert "没有这个标签" in again["reason"]
    done = run("inbox", "accept", tag["key"], "--value", "没有这个标签", kb=root)
    assert done.err.startswith(f"policykb: not decided: {tag['entry']}: #")


def test_what_one_reason_keeps_is_said_once(
    run: Callable[..., Run], root: Path, said: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    proposals = said("list")["proposals"]
    keys = [one["key"] for one in proposals if one["entry"]]
    assert len(keys) > 1

    def full(*arguments: object) -> None:
        raise CorpusError("no room")

    monkeypatch.setattr(Inbox, "_write", full)
    done = run("inbox", "reject", *keys, kb=root)
    assert done.code == 1
    assert done.err.endswith(f" and {len(keys) - 1} more: no room\n")
    assert done.err.count("no room") == 1
