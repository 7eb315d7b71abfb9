"""Entries whose date nobody knows: found like any other, last in any order, in no period."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from conftest import Run, ids
from policykb.domain.policy import entry_id
from policykb.kb import KnowledgeBase

Command = Callable[..., Run]


@pytest.fixture
def base(make_kb: Callable[..., KnowledgeBase]) -> KnowledgeBase:
    """Two entries with a date and two without, all about cement."""
    return make_kb(
        {"id": "早", "date": date(2023, 5, 1), "body": "水泥配额。"},
        {"id": "甲", "date": None, "body": "水泥配额，请于2024年9月1日前报送。"},
        {"id": "晚", "date": date(2024, 5, 1), "body": "水泥配额，请于2024年9月1日前报送。"},
        {"id": "乙", "date": None, "kind": "意见", "body": "水泥配额。"},
    )


def test_the_name_of_an_undated_entry_has_no_date() -> None:
    assert entry_id(None, "关于《甲》的通知") == "关于甲的通知"
    assert entry_id(None, "《》") == "untitled"


def test_undated_entries_are_last_in_any_order(base: KnowledgeBase) -> None:
    for query in ("", "水泥"):
        assert ids(base.search(query, sort="newest")) == ["晚", "早", "乙", "甲"]
        assert ids(base.search(query, sort="oldest")) == ["早", "晚", "乙", "甲"]
        assert ids(base.search(query, sort="oldest", limit=1, offset=2)) == ["乙"]
    assert set(ids(base.search("水泥"))) == {"早", "晚", "甲", "乙"}
    assert base.search(facets=True).facets["month"] == {"2023-05": 1, "2024-05": 1}


def test_undated_entries_are_in_no_period_and_can_be_asked_for(base: KnowledgeBase) -> None:
    found = base.search("水泥", dates="2024")
    assert (ids(found), found.undated) == (["晚"], 2)
    assert found.notes == ["2 entries that match have no date and are in no period; date:none in a search shows them"]
    assert base.search("水泥", dates="2024", kinds="意见").undated == 1
    assert base.search("", dates="..2024").undated == 2
    assert base.search("没有的", dates="2024").undated == 0
    assert base.search("水泥").undated == 0
    for query in ("date:none", "日期:无", "水泥 date:none"):
        assert ids(base.search(query, sort="oldest")) == ["乙", "甲"]
    assert ids(base.search("-date:none", sort="oldest")) == ["早", "晚"]


def test_what_is_in_order_of_date_leaves_them_out_and_says_so(base: KnowledgeBase, run: Command) -> None:
    said = "2 entries without a date are left out; date:none in a search shows them\n"
    for command in (["digest", "水泥"], ["digest", "--during", "2024"], ["timeline"], ["report", "2024"]):
        done = run(*command, kb=base.root)
        assert done.code == 0
        assert said in done.err
    digest = json.loads(run("digest", "--format", "json", kb=base.root).out)
    assert (digest["total"], digest["undated"]) == (2, 2)
    calendar = run("digest", "--format", "ics", kb=base.root)
    assert calendar.out.count("BEGIN:VEVENT") == 1
    nothing = run("digest", "date:none", kb=base.root)
    assert nothing.code == 1
    assert said in nothing.err


def test_undated_entries_in_every_form(base: KnowledgeBase, run: Command) -> None:
    listed = run("list", kb=base.root).out
    assert "no date     题3\n" in listed
    assert [one["date"] for one in json.loads(run("list", "--format", "json", kb=base.root).out)["hits"]] == [
        "2023-05-01", "2024-05-01", None, None,
    ]  # fmt: skip
    assert "\r\n,题3," in run("list", "--format", "csv", kb=base.root).out.replace("\r\n\r\n", "\r\n")
    assert "**题3** (no date, 生态环境部)" in run("list", "--format", "md", kb=base.root).out
    for form in ("text", "md", "html"):
        shown = run("show", "乙", "--format", form, kb=base.root)
        assert (shown.code, shown.err) == (0, "")
        assert "水泥配额。" in shown.out
    assert json.loads(run("show", "乙", "--format", "json", kb=base.root).out)["date"] is None
    done = run("tag", "乙", "+水泥", kb=base.root)
    assert (done.code, done.err) == (0, "")
    assert "水泥" in json.loads(run("show", "乙", "--format", "json", kb=base.root).out)["tags"]


def test_check_counts_what_is_alike(make_kb: Callable[..., KnowledgeBase], run: Command) -> None:
    base = make_kb(*({"title": f"题目{number}", "date": None, "body": "正文"} for number in range(55)))
    done = run("check", kb=base.root)
    assert done.code == 3
    lines = done.out.splitlines()
    assert [re.findall(r"\w+\.md(?=:)", line) for line in lines[:3]] == [["000.md"], ["001.md"], ["002.md"]]
    assert lines[3:] == [
        "52 more: warning: date: is missing: the entry is found, but in no period; fill it in (all with --format json)"
    ]
    assert len(json.loads(run("check", "--format", "json", kb=base.root).out)["findings"]) == 55


def test_a_search_says_one_line_about_many(make_kb: Callable[..., KnowledgeBase], run: Command) -> None:
    base = make_kb(*({"date": None, "body": "正文"} for _ in range(55)), {"body": "正文"})
    assert run("search", "正文", kb=base.root).err == "policykb: indexing 56 entries\n"
    done = run("search", "正文", "--during", "2024-01-01", kb=base.root)
    assert (
        done.err
        == "policykb: 55 entries that match have no date and are in no period; date:none in a search shows them\n"
    )
    assert "1 entry" in done.out


def test_an_index_that_left_them_out_is_made_anew(make_kb: Callable[..., KnowledgeBase], tmp_path: Path) -> None:
    base = make_kb({"body": "正文"})
    assert base.refresh().entries == 1
    path = base.root / "corpus" / "000.md"
    path.write_text(path.read_text(encoding="utf-8").replace("date: 2024-01-01\n", ""), encoding="utf-8")
    outcome = base.refresh()
    assert (outcome.entries, outcome.problems) == (1, {})
    assert [hit.policy.date for hit in base.search("正文").hits] == [None]
