"""The words of Taiwan and Hong Kong find what the mainland's name otherwise, and the reverse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Run

ENTRY = """---
title: {title}
date: {day}
issuers:
  - 经济部
kind: 通知
status: 正式
---

{body}
"""


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("库")
    (root / "corpus").mkdir()
    (root / "corpus" / "kb.toml").write_text('name = "甲"\n', encoding="utf-8")
    there = ENTRY.format(title="關於資訊軟體管理的通知", day="2024-03-01", body="軟體與資訊系統須登錄，因應氣候變遷。")
    here = ENTRY.format(title="关于信息软件管理的通知", day="2024-03-02", body="软件与信息系统应当登记，应对气候变化。")
    (root / "corpus" / "there.md").write_text(there, encoding="utf-8")
    (root / "corpus" / "here.md").write_text(here, encoding="utf-8")
    return root


@pytest.mark.parametrize(
    "query", ["软件", "軟體", "軟件", "信息", "資訊", "资讯", "信息系统", "資訊系統", "气候变化", "氣候變遷"]
)
def test_each_finds_both(run: Callable[..., Run], kb: Path, query: str) -> None:
    found = run("search", query, "--format", "paths", kb=kb)
    assert sorted(Path(line).stem for line in found.out.splitlines()) == ["here", "there"]
