"""The command line: what it prints where, in every format, and how it ends."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from click import unstyle

from conftest import Run, on_a_terminal, run_process, write_entry
from policykb.corpus.entry_format import parse
from policykb.domain.policy import Policy
from policykb.kb import KnowledgeBase
from policykb.render import entry_page, spreadsheet
from policykb.render.terminal import entry
from waiting import LIMIT

Command = Callable[..., Run]
HIT = {"id", "title", "date", "issuers", "issuer_count", "tags", "kind", "status", "number", "path", "score", "snippet", "offset", "marks",
       "partial", "validity", "article"}  # fmt: skip


def width(text: str) -> int:
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


@pytest.fixture
def own(shipped: Path, tmp_path: Path) -> Path:
    """A copy of the shipped corpus to write to."""
    root = tmp_path / "自己的 库"
    shutil.copytree(shipped / "corpus", root / "corpus")
    return root


@pytest.fixture
def hostile(make_kb: Callable[..., KnowledgeBase]) -> Path:
    """Entries that would take over a terminal, a spreadsheet or a page."""
    return make_kb(
        {"title": "坏\x1b[31m红\x1b]0;owned\x07题", "body": "碳\x1b[2J正\u202e文，碳"},
        {"title": '=HYPERLINK("http://x")', "body": "碳=1"},
        {"title": "+1碳", "body": "碳\n\n=2"},
        {"title": "<script>alert(1)</script>碳 **重**", "body": "碳<b>x</b> [a](javascript:x)"},
    ).root


# -- formats


def test_json(run: Command, kb: KnowledgeBase) -> None:
    done = run("search", "碳足迹", "--from", "2024-06", "--issuer", "发改委", "--format", "json", kb=kb.root)
    assert done.code == 0
    data = json.loads(done.out)
    assert set(data) == {"format", "query", "total", "partial", "notes", "hits"}
    assert data["format"] == 1
    assert data["total"] == len(data["hits"]) == 3
    assert data["partial"] is False
    assert data["query"]["text"] == "碳足迹"
    assert data["query"]["from"] == "2024-06-01"
    assert data["query"]["issuers"] == ["发改委"]
    for hit in data["hits"]:
        assert set(hit) == HIT
        path = kb.root / hit["path"]
        policy = parse(path.read_text(encoding="utf-8"), id=path.stem)
        assert (hit["id"], hit["title"], hit["date"]) == (policy.id, policy.title, policy.date.isoformat())
        assert (hit["issuers"], hit["tags"]) == ([*policy.issuers], [*policy.tags])
        assert policy.body[hit["offset"] : hit["offset"] + len(hit["snippet"])] == hit["snippet"]
        assert hit["marks"]
        for start, end, sort in hit["marks"]:
            assert policy.body[start:end] == "碳足迹"
            assert sort == "exact"


def test_json_says_the_number_and_the_synonym(run: Command, kb: KnowledgeBase) -> None:
    hits = json.loads(run("search", "国办发〔2024〕39号", "--format", "json", kb=kb.root).out)["hits"]
    assert hits[0]["number"] == "国办发〔2024〕39号"
    hits = json.loads(run("search", "双碳", "--format", "json", "--limit", "40", kb=kb.root).out)["hits"]
    assert {sort for hit in hits for _, _, sort in hit["marks"]} == {"exact", "synonym"}


def test_json_with_facets_and_explanation(run: Command, kb: KnowledgeBase) -> None:
    data = json.loads(run("search", "水泥", "--facets", "--explain", "--format", "json", kb=kb.root).out)
    assert set(data["facets"]) == {"issuer", "tag", "kind", "status", "level", "region", "validity", "month"}
    assert data["facets"]["status"]["征求意见稿"] >= 2
    assert data["explain"]
    assert all(hit["explanation"] for hit in data["hits"])


def test_jsonl(run: Command, kb: KnowledgeBase) -> None:
    lines = run("search", "碳足迹", "--format", "jsonl", "--limit", "4", kb=kb.root).out.splitlines()
    whole = json.loads(run("search", "碳足迹", "--format", "json", "--limit", "4", kb=kb.root).out)["hits"]
    assert [json.loads(line) for line in lines] == whole
    assert len(lines) == 4


def test_csv_opens_in_a_spreadsheet(run: Command, kb: KnowledgeBase) -> None:
    out = run("search", "碳足迹", "--format", "csv", "--limit", "40", kb=kb.root).out
    assert out.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(out.removeprefix("\ufeff"))))
    assert rows[0][:4] == ["date", "title", "issuers", "tags"]
    assert len(rows) == 12
    assert all(len(row) == len(rows[0]) for row in rows)


def test_paths(run: Command, kb: KnowledgeBase) -> None:
    lines = run("search", "林权", "--format", "paths", kb=kb.root).out.splitlines()
    assert lines == [str(kb.root / "corpus/2024/2024-01-24-关于做好深化集体林权制度改革有关工作的通知.md")]


def test_markdown(run: Command, kb: KnowledgeBase) -> None:
    out = run("search", "林权", "--format", "md", kb=kb.root).out
    assert out.startswith("- **关于做好深化集体林权制度改革有关工作的通知** (2024-01-24, 国家林业和草原局)")
    assert "**林权**" in out


def test_months_of_many_years_are_counted_by_year(run: Command, make_kb: Callable[..., KnowledgeBase]) -> None:
    base = make_kb(*({"body": "水泥", "date": date(1950 + n, n % 12 + 1, 1)} for n in range(70)))
    out = run("search", "水泥", "--facets", kb=base.root).out
    assert "years: 1950 1  1951 1" in out
    assert "1950-01" not in out
    assert "months: 1999-02 1" in run("search", "水泥", "--facets", "--during", "1999", kb=base.root).out


def test_similar_entries_say_tags_terms_and_departments(run: Command, make_kb: Callable[..., KnowledgeBase]) -> None:
    shared = {"tags": ("碳足迹",), "issuers": ("财政部",), "body": "五个，十五，最终，分阶段，征求意见稿，碳排放权交易"}
    base = make_kb(shared, shared, "水泥")
    out = run("similar", "000", kb=base.root).out
    assert "shared: 碳足迹、碳排放权交易、财政部" in out


def test_similar_entries_say_what_document_one_is_or_both_rest_on(
    run: Command, make_kb: Callable[..., KnowledgeBase]
) -> None:
    same = "窑炉登记和排放监测，适用于重点单位"
    base = make_kb(
        {"id": "甲", "title": "窑炉登记条例", "body": same},
        {"id": "乙", "title": "关于窑炉登记的通知", "body": f"根据《窑炉登记条例》，制定本通知。{same}"},
        {"id": "丙", "title": "窑炉排放办法", "body": f"根据《窑炉登记条例》，制定本办法。{same}"},
        "水泥",
    )
    data = json.loads(run("similar", "乙", "--format", "json", kb=base.root).out)
    assert {hit["id"]: hit["shared"].count("《窑炉登记条例》") for hit in data["hits"]} == {"甲": 1, "丙": 1}
    assert all(hit["shared"][0] == "《窑炉登记条例》" for hit in data["hits"])


@pytest.mark.parametrize("word", ["CBAM", "碳关税"])
def test_what_entries_do_not_have_points_to_what_they_do(run: Command, kb: KnowledgeBase, word: str) -> None:
    assert "near to it: 碳足迹、" in run("search", word, kb=kb.root).err


@pytest.mark.parametrize("word", ["碳价", "成交量"])
def test_figures_are_pointed_to(run: Command, kb: KnowledgeBase, word: str) -> None:
    err = run("search", word, kb=kb.root).err
    assert "'policykb market' has figures" in err
    assert "near to it: 碳定价、碳排放权交易、碳市场" in err


@pytest.mark.parametrize("written", ["两办", "中办国办", "中办、国办"])
def test_two_offices_at_once(run: Command, make_kb: Callable[..., KnowledgeBase], written: str) -> None:
    base = make_kb({"id": "甲", "issuers": ("中共中央办公厅", "国务院办公厅")}, {"id": "乙"})
    assert run("list", "--issuer", written, "--format", "paths", kb=base.root).out.count("甲") == 1
    assert run("search", f"{written}发布了哪些政策", "--format", "paths", kb=base.root).out.count(".md") == 1


def test_marks_that_touch_are_one_and_keep_both_ends_over_lines(
    run: Command, make_kb: Callable[..., KnowledgeBase], monkeypatch: pytest.MonkeyPatch
) -> None:
    base = make_kb({"title": "碳足迹办法", "body": "产品" * 12 + "碳足迹碳足迹碳足迹碳足迹碳足迹管理"})
    assert "__" not in run("search", "碳 足迹", "--format", "md", kb=base.root).out
    assert "****" not in run("search", "碳 足迹", kb=base.root).out
    for columns in range(40, 90, 3):
        monkeypatch.setenv("COLUMNS", str(columns))
        lines = run("search", "碳 足迹", kb=base.root).out.splitlines()
        assert all(line.count("**") % 2 == 0 for line in lines)
        assert max(width(line) for line in lines) <= columns
        assert "".join("".join(lines).replace("*", "").split()).count("碳足迹") == 6


def test_text(run: Command, kb: KnowledgeBase) -> None:
    done = run("search", "碳足迹", "--limit", "2", kb=kb.root)
    assert "**碳足迹**" in done.out
    assert "1-2 of 11 entries; more with --offset 2" in done.out
    assert done.err == ""
    assert run("search", "碳足迹", "--offset", "10", kb=kb.root).out.splitlines()[-1].startswith("11-11 of 11")
    assert run("search", "林权", kb=kb.root).out.splitlines()[-1] == "1 entry"
    assert "国办发〔2024〕39号" in run("search", "国办发〔2024〕39号", kb=kb.root).out


@pytest.mark.parametrize("columns", [None, "60", "100"])
@pytest.mark.parametrize(
    "arguments",
    [
        ("search", "碳足迹", "--limit", "40"), ("search", "碳", "--limit", "40"), ("list",), ("similar", "2024-10-16"),
        ("search", "碳足迹", "水泥", "--facets", "--explain"), ("search", "双碳", "--limit", "40"),
        ("search", "碳排放配额结转有什么规定"), ("search", "2024"),
    ],
)  # fmt: skip
def test_text_is_no_wider_than_the_terminal(
    run: Command, kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch, columns: str | None, arguments: tuple[str, ...]
) -> None:
    if columns:
        monkeypatch.setenv("COLUMNS", columns)
    out = run(*arguments, kb=kb.root).out
    assert out
    assert [line for line in out.splitlines() if width(line) > int(columns or 80)] == []


def test_long_words_are_broken(run: Command, make_kb: Callable[..., KnowledgeBase]) -> None:
    base = make_kb(
        {"title": "长" * 90 + "Title with words internationalization " * 4, "body": "碳" + "a" * 300 + "碳 "}
    )
    out = run("search", "碳", kb=base.root).out
    assert max(map(width, out.splitlines())) <= 80


@pytest.mark.parametrize("form", ["text", "csv", "md", "paths"])
def test_control_characters_are_shown_not_obeyed(run: Command, hostile: Path, form: str) -> None:
    done = run("search", "碳", "--format", form, kb=hostile)
    assert done.code == 0
    for char in "\x1b\x07\x9b\u202e":
        assert char not in done.out
        assert char not in done.err


@pytest.mark.parametrize("form", ["text", "html"])
def test_an_entry_is_shown_harmlessly(run: Command, hostile: Path, form: str) -> None:
    for id in ("000", "003"):
        out = run("show", id, "--format", form, kb=hostile).out
        assert "\x1b" not in out
        assert "\x07" not in out
        if form == "html":
            assert "<script>alert" not in out
            assert "javascript:" not in out


def test_marks_stay_right_beside_control_characters(run: Command, hostile: Path) -> None:
    out = run("search", "碳", "--exact", kb=hostile).out
    assert "**碳**␛[2J正" in out
    assert "文，**碳**" in out.replace("\n" + " " * 12, "")


def test_a_spreadsheet_takes_no_cell_for_a_formula(run: Command, hostile: Path) -> None:
    out = run("search", "碳", "--format", "csv", kb=hostile).out.removeprefix("\ufeff")
    cells = [cell for row in csv.reader(io.StringIO(out)) for cell in row]
    assert cells
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]


# -- selection


def test_list_is_the_whole_corpus_by_date(run: Command, kb: KnowledgeBase) -> None:
    rows = [json.loads(line) for line in run("list", "--format", "jsonl", kb=kb.root).out.splitlines()]
    assert len(rows) == 40
    assert [row["date"] for row in rows] == sorted(row["date"] for row in rows)
    rows = [
        json.loads(line)
        for line in run("list", "--sort", "newest", "--limit", "3", "--format", "jsonl", kb=kb.root).out.splitlines()
    ]
    assert [row["date"] for row in rows] == ["2024-12-11", "2024-12-03", "2024-11-09"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--from", "2024-12"], 2),
        (["--to", "2024-01-10"], 1),
        (["--from", "2024-06", "--to", "2024-06"], 4),
        (["--during", "2024Q2"], 17),
        (["--during", "2024上半年"], 26),
        (["--during", "2024上半年", "--from", "2024-06"], 4),
        (["--issuer", "国务院", "--issuer", "财政部"], 6),
        (["--tag", "碳市场", "--status", "征求意见稿"], 4),
        (["--kind", "法律", "--kind", "会议"], 2),
        (["--during", "上季度", "--today", "2024-10-05"], 7),
        (["--during", "近三个月", "--today=2024-03-01"], 8),
    ],
)
def test_filters(run: Command, kb: KnowledgeBase, arguments: list[str], expected: int) -> None:
    done = run("list", "--format", "paths", *arguments, kb=kb.root)
    assert len(done.out.splitlines()) == expected


def test_today_may_stand_anywhere(run: Command, kb: KnowledgeBase) -> None:
    words = ["list", "--format", "paths", "--during", "上季度"]
    found = {run(*words[:at], "--today", "2024-10-05", *words[at:], kb=kb.root).out for at in (0, 1, 3, 5)}
    assert len(found) == 1
    assert found.pop().count("\n") == 7


@pytest.mark.parametrize(
    "words",
    [
        ["issuers", "日期:上季度", "--format", "json"],
        ["tags", "--words", "日期:上季度", "--format", "json"],
        ["timeline", "日期:上季度", "--format", "svg"],
        ["tag", "日期:上季度", "--format", "json"],
        ["relate", "日期:上季度", "--format", "json"],
    ],
)
def test_today_is_heeded_by_every_command_that_takes_a_query(run: Command, kb: KnowledgeBase, words: list[str]) -> None:
    done = run(*words, "--today", "2024-10-05", kb=kb.root)
    assert done.code == 0
    assert (
        done.out == run(*(word.replace("上季度", "2024Q3") for word in words), "--today", "2024-10-05", kb=kb.root).out
    )


def test_what_a_period_was_understood_as_is_said(run: Command, kb: KnowledgeBase) -> None:
    done = run("search", "碳", "--during", "上季度", "--today", "2024-10-05", kb=kb.root)
    assert "2024-07-01" in done.err
    assert "2024-09-30" in done.err
    assert run("search", "碳", "--during", "2024Q2", kb=kb.root).err == ""
    assert run("search", "碳", "--from", "2024-06", "--to", "2024-07-01", kb=kb.root).err == ""


def test_counts(run: Command, kb: KnowledgeBase) -> None:
    rows = json.loads(run("issuers", "--format", "json", kb=kb.root).out)
    counts = {row["issuer"]: row["count"] for row in rows}
    assert counts["国家发展和改革委员会"] == sum("国家发展和改革委员会" in policy.issuers for policy in kb.policies())
    rows = json.loads(run("tags", "--during", "2024Q1", "--format", "json", kb=kb.root).out)
    assert {row["tag"]: row["count"] for row in rows}["碳市场"] == 2
    assert run("tags", kb=kb.root).code == 0
    out = run("issuers", "碳足迹", "--format", "csv", kb=kb.root).out
    assert list(csv.reader(io.StringIO(out.removeprefix("\ufeff"))))[0] == ["issuer", "count"]


def test_facets(run: Command, kb: KnowledgeBase) -> None:
    out = run("search", "碳足迹", "--facets", kb=kb.root).out
    for label in ("departments:", "tags:", "kinds:", "status:", "months:"):
        assert label in out
    assert "2024-06 1" in out


def test_similar(run: Command, kb: KnowledgeBase) -> None:
    out = run("similar", "2024-06-04", "--limit", "2", kb=kb.root).out
    assert "shared: " in out
    data = json.loads(run("similar", "2024-06-04", "--limit", "2", "--format", "json", kb=kb.root).out)
    assert [set(hit) for hit in data["hits"]] == [HIT | {"shared"}] * 2


def test_partial_matches_are_said_to_be(run: Command, kb: KnowledgeBase) -> None:
    done = run("search", "碳足迹", "林权", "蓝碳", kb=kb.root)
    assert "some of them" in done.err
    assert "some of the words" in done.out
    done = run("search", "碳足迹", "林权", "--match", "all", kb=kb.root)
    assert (done.code, done.out) == (0, "no entries\n")
    assert done.err


# -- mistakes


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["search", "碳", "--issuer", "发改"], 1, "发展和改革"),
        (["search", "碳", "--issuer", "生态环境布"], 1, "生态环境部"),
        (["search", "碳", "--tag", "碳市厂"], 1, "碳市场"),
        (["search", "碳", "--from", "2024-13"], 1, "2024-13"),
        (["search", "碳", "--to", "2024-02-30"], 1, "2024-02-30"),
        (["search", "碳", "--from", "2024-07", "--to", "2024-06"], 1, "2024"),
        (["search", "碳", "--during", "2024Q1", "--from", "2024-06"], 1, "no day in common"),
        (["search", "碳 date:2024-13"], 1, "2024-13"),
        (["search", "(碳"], 1, "not closed"),
        (["search", "。"], 1, ""),
        (["search", "碳", "--today", "明天", "--during", "上季度"], 1, "明天"),
        (["search", "碳", "--frm", "2024"], 2, "--frm"),
        (["search", "碳", "--limit", "-1"], 2, "limit"),
        (["search", "碳", "--match", "none"], 2, "none"),
        (["search", "碳", "--format", "xml"], 2, "xml"),
        (["serach", "碳"], 2, "search"),
        (["show", "2024-06"], 1, "2024-06-04"),
        (["show", "xyz"], 1, "xyz"),
        (["open", "xyz"], 1, "xyz"),
        (["similar", "xyz"], 1, "xyz"),
        (["tag"], 2, "TARGET"),
        (["tag", "+没有的标签", "2024-06-04"], 1, "没有的标签"),
        (["tags", "rename", "碳市场"], 2, "NEW"),
        (["tags", "rename", "碳市场", " "], 1, "cannot be a tag"),
        (["tags", "rename", "碳市场", "两\n行"], 1, "cannot be a tag"),
        (["tags", "rename", "碳市场", "碳市场"], 1, "has this name already"),
        (["tags", "rename", "碳市场", "碳汇"], 1, "policykb tags merge 碳市场 碳汇"),
        (["tags", "rename", "没有", "新的"], 1, "no entry has the tag 没有"),
        (["digest", "碳", "-o", "/nowhere/x.md"], 1, f"there is no folder {os.path.abspath('/nowhere')}"),
        (["digest", "碳", "-o", "."], 1, ".: cannot be written"),
        (["digest", "碳", "--since", "missing.md"], 1, "missing.md"),
        (["digest", "没有的词啊"], 1, "no entry"),
        (["timeline", "没有的词啊"], 1, "no entry matches"),
        (["report", "谁"], 1, "谁"),
        (["report", "2031"], 1, "2031"),
        (["report"], 2, "PERIOD"),
        (["market", "谁"], 1, "谁"),
        (["list", "--kind", "通之"], 1, "unknown kind: 通之; did you mean 通知 or 通报? Known are "),
        (["search", "碳", "--status", "草案"], 1, "unknown status: 草案; known are 征求意见稿, 正式, 试行"),
        (["search", "status:征求意见"], 1, "unknown status: 征求意见; did you mean 征求意见稿? Known are "),
        (["digest", "--kind", "没有"], 1, "unknown kind: 没有; known are "),
        (["import"], 2, "FILE"),
        (["import", "missing.txt"], 1, "missing.txt: cannot be read"),
        (["import", "."], 1, "cannot be read"),
        (["add", "missing.txt"], 1, "missing.txt: cannot be read"),
        (["check", "missing.md"], 1, "missing.md"),
        (["index", "--every", "0"], 2, "--every"),
        (["open"], 2, "ID"),
    ],
)
def test_a_mistake_is_one_message(run: Command, kb: KnowledgeBase, arguments: list[str], code: int, said: str) -> None:
    done = run(*arguments, kb=kb.root)
    assert done.code == code
    assert done.out == ""
    assert said in done.err
    assert "Traceback" not in done.err


def test_not_a_knowledge_base(run: Command, tmp_path: Path) -> None:
    done = run("search", "碳", kb=tmp_path / "nowhere")
    assert done.code == 1
    assert "nowhere" in done.err


def test_help_and_version(run: Command) -> None:
    assert run("--version").out.startswith("policykb 0.")
    out = run("--help").out
    for name in ("search", "list", "digest", "report", "import", "add", "tag", "check", "index", "init"):
        assert name in out
    assert run("search", "-h").code == 0


# -- entries


def test_show(run: Command, kb: KnowledgeBase) -> None:
    path = kb.corpus.resolve("2024-06-04")
    assert "关于建立碳足迹管理体系的实施方案" in run("show", "2024-06-04", kb=kb.root).out
    assert run("show", "2024-06-04", "--format", "md", kb=kb.root).out == path.read_text(encoding="utf-8")
    data = json.loads(run("show", "碳足迹管理体系", "--format", "json", kb=kb.root).out)
    assert data["date"] == "2024-06-04"
    assert data["body"] == kb.get("2024-06-04").body
    assert "<h" in run("show", "2024-06-04", "--format", "html", kb=kb.root).out


def test_open(run: Command, kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f'"{sys.executable}" -c pass')
    assert run("open", "2024-06-04", kb=kb.root).code == 0
    monkeypatch.setenv("EDITOR", f'"{sys.executable}" -c "raise SystemExit(1)"')
    done = run("open", "2024-06-04", kb=kb.root)
    assert (done.code, done.out) == (1, "")
    assert "ended with exit code 1" in done.err
    for editor in ("/nowhere/editor", '"'):
        monkeypatch.setenv("EDITOR", editor)
        done = run("open", "2024-06-04", kb=kb.root)
        assert (done.code, done.out) == (1, "")
        assert f"the editor {editor} cannot be started" in done.err


def test_no_shell_reads_the_name_of_an_opened_file(run: Command, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = next((own / "corpus").rglob("2024-06-04*.md"))
    hostile = entry.rename(entry.with_name("碳$(touch X)`touch Y`; touch Z;.md"))
    editor = own / "the editor"
    editor.write_text('#!/bin/sh\nprintf "%s\\n" "$@" > arguments\n', encoding="utf-8")
    editor.chmod(0o755)
    monkeypatch.setenv("EDITOR", "false")
    monkeypatch.setenv("VISUAL", f"'{editor}' --wait")
    monkeypatch.chdir(own)
    assert run("open", "碳$", kb=own).code == 0
    assert (own / "arguments").read_text(encoding="utf-8").splitlines() == ["--wait", str(hostile)]
    assert {path.name for path in own.iterdir()} == {"corpus", "the editor", "arguments"}


def test_the_shipped_entries_are_not_opened_for_editing(
    run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", f"touch {tmp_path}/edited")
    monkeypatch.delenv("POLICYKB_HOME", raising=False)
    done = run("open", "2024-06-04", cwd=tmp_path)
    assert (done.code, done.out) == (1, "")
    assert "policykb init --with-2024" in done.err
    assert list(tmp_path.iterdir()) == []


def test_index(run: Command, own: Path) -> None:
    assert run("index", kb=own).out.startswith("40 entries; added 40, ")
    assert run("index", kb=own).out.startswith("40 entries; added 0, changed 0, removed 0")
    assert run("index", "--rebuild", kb=own).out.startswith("40 entries; added 40")


def test_check(run: Command, own: Path) -> None:
    done = run("check", kb=own)
    assert (done.code, done.out) == (0, "nothing found in 40 entries\n")
    assert run("check", "碳足迹管理体系", "2024-06-07", kb=own).out == "nothing found in 2 entries\n"
    assert run("check", str(own / "corpus" / "2024"), kb=own).out == "nothing found in 40 entries\n"
    path = next((own / "corpus").rglob("2024-06-04*.md"))
    path.write_text(path.read_text(encoding="utf-8").replace("date: 2024-06-04", "date: 2024-06-31"), encoding="utf-8")
    done = run("check", "--format", "json", kb=own)
    assert done.code == 3
    assert json.loads(done.out)
    assert "2024-06-04" in done.out
    assert run("search", "林权", kb=own).code == 0


def test_init(run: Command, tmp_path: Path) -> None:
    assert run("init", str(tmp_path / "新 库")).code == 0
    assert (tmp_path / "新 库" / "corpus" / "kb.toml").is_file()
    done = run("list", kb=tmp_path / "新 库")
    assert (done.code, done.out) == (0, "no entries\n")
    assert run("init", str(tmp_path / "全"), "--with-2024").code == 0
    assert len(run("list", "--format", "paths", kb=tmp_path / "全").out.splitlines()) == 40
    assert run("init", str(tmp_path / "全")).code == 1


# -- taking in and tagging


def test_tag_by_hand(run: Command, own: Path) -> None:
    path = next((own / "corpus").rglob("2024-06-04*.md"))
    before = path.read_bytes()
    assert run("tag", "+碳市场", "-国际衔接", "2024-06-04", "--dry-run", kb=own).code == 0
    assert path.read_bytes() == before
    assert run("tag", "+碳市场", "-国际衔接", "2024-06-04", kb=own).code == 0
    policy = parse(path.read_text(encoding="utf-8"), id=path.stem)
    assert policy.tags == ("碳足迹", "碳市场")
    assert policy.body == parse(before.decode(), id=path.stem).body
    proposed = json.loads(run("tag", "2024-06-04", "--min-score", "0", "--format", "json", kb=own).out)
    assert "国际衔接" not in [tag["tag"] for tag in proposed[0]["tags"]]
    assert "2024-06-04" in run("search", "tag:碳市场 碳足迹管理体系", "--format", "paths", kb=own).out
    assert run("tag", "+没有的标签", "2024-06-04", kb=own).code == 1


def test_a_new_tag_is_made_where_that_is_asked_for(run: Command, own: Path) -> None:
    refused = run("tag", "+新标签", "2024-06-04", kb=own)
    assert refused.code == 1
    assert "--create" in refused.err
    assert run("tag", "--create", "+新标签", "2024-06-04", "--dry-run", kb=own).code == 0
    assert run("tags", "--tag", "新标签", kb=own).code == 1
    made = run("tag", "--create", "+新标签", "2024-06-04", kb=own)
    assert made.code == 0
    assert "tags.toml" in made.err
    assert "2024-06-04" in run("list", "--tag", "新标签", "--format", "paths", kb=own).out
    assert run("check", "2024-06-04", kb=own).code == 0
    assert run("tag", "--create", "+两\n行", "2024-06-04", kb=own).code == 1
    assert run("tag", "--create", "+碳交易", "2024-06-04", kb=own).code == 0  # an alias is no new tag
    assert 'name = "碳交易"' not in (own / "corpus" / "tags.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("before", "old"),
    [
        ("", "碳汇"),
        ("# mine\n", "碳汇"),
        (
            '[[tag]]\nname="碳汇"  # mine\ngroup = "topic"\ndescription = "x"\n\n[[tag]]\nname = "乙"\nretired = true\n',
            "碳汇",
        ),
        ('[[tag]]\ndescription = "x"\naliases = ["蓝色",\n  "汇"]\nname = "碳汇"\ngroup = "g"\n', "碳汇"),
    ],
)
def test_a_tag_is_renamed_in_the_vocabulary_and_its_old_name_stays_an_alias(
    run: Command, own: Path, before: str, old: str
) -> None:
    path = own / "corpus" / "tags.toml"
    if before:
        path.write_text(before, encoding="utf-8")
    found = run("list", "--tag", old, "--format", "paths", kb=own).out
    done = run("tags", "rename", old, "增汇集", kb=own)
    assert done.code == 0
    assert run("list", "--tag", old, "--format", "paths", kb=own).out == found != ""
    assert run("list", "--tag", "增汇集", "--format", "paths", kb=own).out == found
    assert run("check", kb=own).code == 0
    text = path.read_text(encoding="utf-8")
    for kept in ("# mine", "蓝色", "retired = true\n"):
        assert (kept in before) <= (kept in text)
    assert run("doctor", kb=own).code == 0


def test_a_tag_is_renamed_beside_an_entry_that_cannot_be_read(run: Command, own: Path) -> None:
    (own / "corpus" / "draft.md").write_text("---\ntitle:\ntags: [碳汇]\n---\n", encoding="utf-8")
    done = run("tags", "rename", "碳汇", "碳汇集", kb=own)
    assert done.code == 0
    assert "draft.md" in done.err
    assert "its tags stay as they are" in done.err


def test_tag_proposals(run: Command, own: Path) -> None:
    data = json.loads(run("tag", "2024-06-04", "--format", "json", kb=own).out)
    assert [set(item) for item in data] == [{"target", "tags"}]
    assert "碳足迹" in [tag["tag"] for tag in data[0]["tags"]]
    assert all(set(tag) >= {"tag", "score", "evidence"} and tag["evidence"] for tag in data[0]["tags"])


def test_rename_and_merge_tags(run: Command, own: Path) -> None:
    counts = {row["tag"]: row["count"] for row in json.loads(run("tags", "--format", "json", kb=own).out)}
    assert run("tags", "rename", "碳汇", "林草", kb=own).code == 1
    assert run("tags", "rename", "没有", "林草", kb=own).code == 1
    assert run("tags", "merge", "碳汇", "林草", "--dry-run", kb=own).code == 0
    assert run("tags", "merge", "碳汇", "林草", kb=own).code == 0
    after = {row["tag"]: row["count"] for row in json.loads(run("tags", "--format", "json", kb=own).out)}
    assert after["碳汇"] == 0
    assert after["林草"] == counts["碳汇"] + counts["林草"] - 1  # one entry had both
    assert run("tags", "rename", "焦化", "炼焦", kb=own).code == 0
    assert run("tags", "suggest", "--limit", "3", kb=own).code == 0


REVIEW = """2024年第一季度政策

2024年1月10日，工业和信息化部等十部门印发《绿色样例产业发展实施方案》

要点分析：

方案提出三项任务，其中第一项是建立标准体系。

2024年2月20日，生态环境部发布《样例企业温室气体核算指南（试行）》

要点分析：

指南明确了核算边界和方法。
"""
NOTICE = """生态环境部文件

环气候〔2024〕12号

关于做好样例工作的通知

各省、自治区、直辖市生态环境厅（局）：

为做好样例工作，现将有关事项通知如下。

一、总体要求。坚持稳中求进，做好样例工作。

生态环境部
2024年3月5日
"""


def test_import(run: Command, tmp_path: Path) -> None:
    run("init", str(tmp_path / "kb"))
    (tmp_path / "review.txt").write_text(REVIEW, encoding="utf-8")
    assert run("import", str(tmp_path / "review.txt"), "--dry-run", kb=tmp_path / "kb").code == 0
    assert not list((tmp_path / "kb" / "corpus").rglob("2024*.md"))
    done = run("import", str(tmp_path / "review.txt"), kb=tmp_path / "kb")
    assert done.code == 0, done.err
    hits = json.loads(run("list", "--format", "json", kb=tmp_path / "kb").out)["hits"]
    assert [(hit["date"], hit["title"]) for hit in hits] == [
        ("2024-01-10", "绿色样例产业发展实施方案"),
        ("2024-02-20", "样例企业温室气体核算指南（试行）"),
    ]
    assert run("search", "核算边界", "--format", "paths", kb=tmp_path / "kb").out.count("\n") == 1
    run("import", str(tmp_path / "review.txt"), kb=tmp_path / "kb")
    assert len(run("list", "--format", "paths", kb=tmp_path / "kb").out.splitlines()) == 2


@pytest.mark.parametrize("by_pipe", [False, True])
def test_add(tmp_path: Path, run: Command, by_pipe: bool) -> None:
    run("init", str(tmp_path / "kb"))
    (tmp_path / "notice.txt").write_text(NOTICE, encoding="utf-8")
    if by_pipe:
        done = run_process("--kb", str(tmp_path / "kb"), "add", "-", stdin=NOTICE)
    else:
        done = run("add", str(tmp_path / "notice.txt"), kb=tmp_path / "kb")
    assert done.code == 0, done.err
    (hit,) = json.loads(run("search", "环气候〔2024〕12号", "--format", "json", kb=tmp_path / "kb").out)["hits"]
    assert (hit["title"], hit["number"], hit["date"]) == ("关于做好样例工作的通知", "环气候〔2024〕12号", "2024-03-05")
    assert hit["issuers"] == ["生态环境部"]


def test_a_file_that_cannot_be_read(run: Command, own: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_bytes(b"")
    for command in ("import", "add"):
        for name in ("empty.txt", "missing.pdf"):
            done = run(command, str(tmp_path / name), kb=own)
            assert done.code == 1
            assert name in done.err


# -- where the knowledge base is


def test_the_nearest_knowledge_base_is_used(run: Command, kb: KnowledgeBase) -> None:
    done = run("search", "林权", "--format", "paths", cwd=kb.root / "corpus" / "2024")
    assert done.out.startswith(str(kb.root))
    assert done.err == ""


def test_outside_any_the_policies_of_2024_answer(run: Command, tmp_path: Path) -> None:
    done = run("search", "林权", "--format", "jsonl", cwd=tmp_path)
    assert len(done.out.splitlines()) == 1
    assert "no knowledge base here; using the policies of 2024" in done.err
    for command in (
        ["tag", "+碳市场", "2024-06-04"],
        ["add", "x.txt"],
        ["import", "x.txt"],
        ["tags", "rename", "a", "b"],
    ):
        done = run(*command, cwd=tmp_path)
        assert done.code == 1
        assert "policykb init" in done.err


def test_policykb_home(run: Command, kb: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLICYKB_HOME", str(kb.root))
    done = run("search", "林权", "--format", "paths", cwd=tmp_path)
    assert done.out.startswith(str(kb.root))
    assert done.err == ""
    run("init", str(tmp_path / "other"))
    assert run("list", kb=tmp_path / "other").out == "no entries\n"


def test_a_folder_named_from_where_one_stands(run: Command, kb: KnowledgeBase, tmp_path: Path) -> None:
    """``--kb ../a``: the paths of its entries are those below it."""
    beside = Path(os.path.relpath(kb.root, tmp_path))
    shown = run("show", "2024-06-04", "--format", "json", kb=beside, cwd=tmp_path)
    assert (shown.code, shown.err) == (0, "")
    assert json.loads(shown.out)["path"].startswith("corpus/2024/2024-06-04")


# -- as a process


def test_a_first_build_shows_its_progress_on_stderr(own: Path) -> None:
    done = run_process("--kb", str(own), "search", "林权", "--format", "paths")
    assert done.code == 0
    assert len(done.out.splitlines()) == 1
    assert "indexing 40 entries" in done.err


@pytest.mark.parametrize(
    "env",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONUTF8": "0"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "POSIX", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        {"PYTHONWARNINGS": "error"},
    ],
)
def test_any_locale(kb: KnowledgeBase, env: dict[str, str]) -> None:
    done = run_process("search", "林权", "--format", "jsonl", cwd=kb.root, env=env)
    assert done.code == 0, done.err
    assert json.loads(done.out)["title"] == "关于做好深化集体林权制度改革有关工作的通知"
    assert done.err == ""


@pytest.mark.parametrize(
    "env",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"},
    ],
)
def test_names_with_han_characters_in_any_locale(own: Path, tmp_path: Path, env: dict[str, str]) -> None:
    output = tmp_path / "摘要.md"
    for arguments in (
        ["index"],
        ["show", "林权制度"],
        ["digest", "林权", "-o", str(output)],
        ["tag", "+碳市场", "林权制度"],
        ["list", "--issuer", "生态环境部", "--format", "csv"],
        ["check", str(own / "corpus")],
    ):
        done = run_process("--kb", str(own), *arguments, env=env)  # which reads what is printed as UTF-8
        assert done.code == 0, done.err
        assert "\\u" not in done.out + done.err
    assert "林权" in output.read_text(encoding="utf-8")
    done = run_process("--kb", str(own), "show", "没有这个", env=env)
    assert (done.code, done.out) == (1, "")
    assert "没有这个" in done.err


def test_a_file_whose_name_is_not_utf8(run: Command, own: Path) -> None:
    path = os.fsencode(own / "corpus") + "/坏.md".encode("gb18030")
    try:
        shutil.copyfile(next((own / "corpus").rglob("2024-06-04*.md")), path)
    except OSError:
        pytest.skip("the file system refuses such names")
    done = run("search", "林权", kb=own)
    assert done.code == 0
    assert "not UTF-8" in done.err
    assert run("check", kb=own).code == 3
    for env in ({}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}):
        process = run_process("--kb", str(own), "list", "--format", "paths", env=env)
        assert (process.code, len(process.out.splitlines())) == (0, 40)


def test_colours_only_where_they_are_wanted(kb: KnowledgeBase) -> None:
    plain = on_a_terminal("search", "林权", cwd=kb.root, env={"NO_COLOR": "1"})
    assert "\x1b[" not in plain
    assert "**林权**" in plain or "林权" in plain
    assert "\x1b[" not in on_a_terminal("--no-color", "search", "林权", cwd=kb.root, env={})
    assert "\x1b[" in on_a_terminal("search", "林权", cwd=kb.root, env={})


def test_a_search_imports_only_what_it_needs(kb: KnowledgeBase) -> None:
    def modules(code: str, *arguments: str) -> set[str]:
        ending = "\nimport sys; print('\\n'.join(sys.modules), file=sys.stderr)"
        done = subprocess.run(
            [sys.executable, "-c", code + ending, *arguments], cwd=kb.root, env=os.environ | {"PYTHONUTF8": "1"},
            capture_output=True, timeout=LIMIT, check=True,
        )  # fmt: skip
        return set(done.stderr.decode().splitlines())

    base = modules("import click, whoosh.index")
    call = "import sys\nfrom policykb.cli.main import run\nassert run(sys.argv[1:]) == 0"
    loaded = modules(call, "search", "碳足迹", "--from", "2024-06")
    assert "policykb.ranking.searcher" in loaded
    heavy = {"jieba", "rich", "yaml", "jinja2", "tomllib", "markdown", "subprocess", "difflib", "docx", "nh3",
             "whoosh.qparser", "ruamel", "policykb.relations.graph"}  # fmt: skip
    assert (loaded & heavy) - base == set()


@pytest.mark.parametrize(
    "arguments", [("--debug", "search", "(碳"), ("search", "(碳", "--debug"), ("search", "--debug", "(碳")]
)
def test_errors_with_debug_show_the_traceback(kb: KnowledgeBase, arguments: tuple[str, ...]) -> None:
    done = run_process(*arguments, cwd=kb.root)
    assert done.code == 1
    assert "Traceback" in done.err
    done = run_process(*(word for word in arguments if word != "--debug"), cwd=kb.root)
    assert (done.code, done.out) == (1, "")
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    "error", [ZeroDivisionError("x"), RecursionError(), MemoryError(), OSError(5, "Input/output error", "文件")]
)
def test_a_defect_is_one_line_and_with_debug_a_traceback(
    run: Command, kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*args: object, **options: object) -> None:
        raise error

    monkeypatch.setattr(KnowledgeBase, "search", fail)
    done = run("search", "碳", kb=kb.root)
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert ("文件" if isinstance(error, OSError) else type(error).__name__) in done.err
    for arguments in (("--debug", "search", "碳"), ("search", "碳", "--debug")):
        with pytest.raises(type(error)):
            run(*arguments, kb=kb.root)
    assert run("search", "碳", "--", "--debug", kb=kb.root).err.startswith("Usage")


def test_standard_output_that_is_full(run: Command, kb: KnowledgeBase) -> None:
    done = run("digest", "林权", "-o", "/dev/full", kb=kb.root)
    assert done.code == 1
    assert "/dev/full: cannot be written: No space left" in done.err


def test_a_hostile_name_in_a_message_is_shown_not_obeyed(run: Command, make_kb: Callable[..., KnowledgeBase]) -> None:
    base = make_kb("碳")
    write_entry(base.root, Policy("ok", "题", base.get("000").date, ("国务院",), body="碳"))
    (base.root / "corpus" / "坏\x1b[31m.md").write_text("---\ntitle: [\n---\n", encoding="utf-8")
    done = run("search", "碳", kb=base.root)
    assert done.code == 0
    assert "\x1b" not in done.err
    assert "坏" in done.err


HOSTILE = "碳\x1b]0;x\x07足迹 &#27;]0;y&#7; \x1b[31m红\x9b2J"
OBEYED = ("\x1b]", "\x07", "\x9b", "\x1b[31m")


@pytest.mark.parametrize(
    "arguments",
    [
        ("digest",), ("digest", "--format", "html"), ("digest", "--format", "json"), ("digest", "--format", "atom"),
        ("report", "2024"), ("report", "2024", "--format", "html"), ("timeline",),
        ("show", "000"), ("show", "000", "--format", "md"), ("show", "000", "--format", "html"),
        ("show", "000", "--format", "json"), ("search", "足迹"), ("search", "足迹", "--format", "json"),
        ("list", "--format", "csv"), ("list", "--format", "md"), ("check",), ("tag", "000"),
    ],
)  # fmt: skip
def test_a_terminal_obeys_no_document(make_kb: Callable[..., KnowledgeBase], arguments: tuple[str, ...]) -> None:
    base = make_kb({"title": "题\x1b]0;x\x07", "body": HOSTILE})
    seen = on_a_terminal(*arguments, cwd=base.root, env={"PAGER": "cat"})
    assert "Traceback" not in seen
    assert seen.strip()
    assert [sequence for sequence in OBEYED if sequence in seen] == []


def test_files_and_pipes_get_documents_as_they_are(make_kb: Callable[..., KnowledgeBase], tmp_path: Path) -> None:
    base = make_kb(HOSTILE)
    path = base.corpus.resolve("000")
    written = path.read_bytes().decode().replace(os.linesep, "\n")  # as `run_process` gives what it reads
    assert run_process("show", "000", "--format", "md", cwd=base.root).out == written
    output = tmp_path / "digest.md"
    assert run_process("digest", "-o", str(output), cwd=base.root).code == 0
    written = output.read_bytes().decode().replace(os.linesep, "\n")
    assert run_process("digest", cwd=base.root).out == written
    assert "\x1b]0;x\x07" in output.read_text(encoding="utf-8")


def test_a_word_document_is_not_written_on_a_terminal(kb: KnowledgeBase) -> None:
    seen = on_a_terminal("digest", "林权", "--format", "docx", cwd=kb.root, env={})
    assert (
        seen
        == "policykb: a Word document, or a workbook, is nothing to read on a terminal; name a file with --output\r\n"
    )


def test_a_long_entry_goes_through_the_pager_on_a_terminal(kb: KnowledgeBase) -> None:
    seen = on_a_terminal("show", "2024-06-04", cwd=kb.root, env={"PAGER": "wc -l", "LINES": "10", "COLUMNS": "80"})
    assert seen.strip().isdigit()
    seen = on_a_terminal("show", "2024-06-04", cwd=kb.root, env={"PAGER": "wc -l", "LINES": "999", "COLUMNS": "80"})
    assert "\x1b[1m政策脉络\x1b[0m" in seen
    assert "\x1b" not in on_a_terminal("show", "2024-06-04", cwd=kb.root, env={"LINES": "999", "NO_COLOR": "1"})


def test_a_page_loads_nothing(run: Command, make_kb: Callable[..., KnowledgeBase]) -> None:
    body = "碳 ![图](https://example.com/x.png) <img src=//example.com/y> <link href=z> [a](https://www.gov.cn/)"
    page = run("show", "000", "--format", "html", kb=make_kb(body).root).out
    assert "default-src 'none'" in page
    assert '<a href="https://www.gov.cn/"' in page
    for loading in ("<img", "<link", "src=", "url(", "@import"):
        assert loading not in page


@pytest.mark.parametrize("piece", ["[", "<", "**", "- \n", "=\n", "#\n", "- a\n-\n"])
def test_a_hostile_entry_is_converted_in_linear_time(piece: str) -> None:
    def seconds(size: int) -> float:
        policy = Policy("a", "题", date(2024, 1, 1), ("国务院",), body=piece * (size // len(piece)))
        begun = time.process_time()
        entry_page.render(policy)
        entry.render(policy, 80)
        return time.process_time() - begun

    seconds(100)
    assert seconds(80_000) < 8 * seconds(20_000) + 1  # quadratic time: 16 times as long, and more than a minute


def test_markdown_is_read_well_in_a_terminal() -> None:
    body = """## 一、总体要求

坚持**稳中求进**，
做好工作 by all
means.

- 一项
  - 内项
- [二项](https://www.gov.cn/a)，长长长长长长长长长长长长

1. 甲
   - 内
2. 乙

  - 缩进

> 引文

| 机关 | 项数 |
|---|---|
| 生态环境部 | 12 |
| EU | 3 |

`code`&#27;[31m
"""
    policy = Policy("2024-01-01-题", "题", date(2024, 1, 1), ("国务院", "财政部"), issuer_count=5, documents=("甲", "乙"),
                    body=body)  # fmt: skip
    assert (
        unstyle(entry.render(policy, 40))
        == """题
2024-01-01-题

发文机关  国务院、财政部等5部门
成文日期  2024-01-01
文件      《甲》
          《乙》

一、总体要求

坚持稳中求进，做好工作 by all means.

• 一项
  • 内项
• 二项 (https://www.gov.cn/a)，长长长长
  长长长长长长长长

1. 甲
  • 内
2. 乙
  • 缩进

│ 引文

机关        项数
生态环境部  12
EU          3

code␛[31m
"""
    )


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "|", "＝", "＋", "－", "＠", "\t", " =", "\n=", "\r+"])
def test_no_cell_begins_a_formula(start: str) -> None:
    table = spreadsheet.table(["a"], [{"a": f"{start}1"}, {"a": [f"{start}1", "b"]}, {"a": -1.5}, {"a": None}])
    [head, one, several, *others] = table.decode().split("\r\n")
    assert (head, others) == ("\ufeffa", ["-1.5", '""', ""])
    assert one[:1] == several[:1] == "'"
    assert (one[-1:], several[-3:]) == ("1", "1；b")
