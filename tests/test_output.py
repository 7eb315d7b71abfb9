"""How commands hand over what they found: the format by the file's name, workbooks, lists on a terminal, colours."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import time
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree as xml

import pytest
from click import unstyle

from conftest import Run, on_a_terminal, run_process
from policykb.domain.policy import Policy
from policykb.errors import OutputError
from policykb.kb import KnowledgeBase
from policykb.render import spreadsheet
from policykb.render.labels import Labels
from policykb.render.terminal import entry, html
from policykb.render.terminal.hits import merged
from policykb.render.terminal.widths import fit, width, wrap
from policykb.search.request import Mark

Command = Callable[..., Run]
S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.mark.parametrize(
    ("command", "name", "begins"),
    [
        (["search", "林权"], "found.json", b'{\n  "format": 1'),
        (["search", "林权"], "found.jsonl", b'{"id"'),
        (["search", "林权"], "found.CSV", b"\xef\xbb\xbfdate,"),
        (["search", "林权"], "found.md", b"- **"),
        (["search", "林权"], "found.txt", b"2024-01-24  "),
        (["search", "林权"], "found", b"2024-01-24  "),
        (["search", "林权", "--format", "paths"], "found.txt", b"/" if os.name == "posix" else b"C:\\"),
        (["list"], "all.xlsx", b"PK"),
        (["digest", "林权"], "digest.html", b"<!DOCTYPE html>"),
        (["digest", "林权"], "digest.docx", b"PK"),
        (["digest", "林权"], "digest.xlsx", b"PK"),
        (["digest", "林权"], "digest.xml", b"<?xml"),
        (["digest", "2024年", "--format", "ics"], "days.ics", b"BEGIN:VCALENDAR"),
        (["report", "2024Q4"], "report.docx", b"PK"),
        (["report", "2024Q4"], "report.htm", b"<!DOCTYPE html>"),
        (["report", "2024Q4"], "report.md", b"# "),
        (["timeline", "林权"], "line.svg", b"<svg"),
        (["timeline", "林权"], "line.html", b"<!DOCTYPE html>"),
        (["market"], "market.csv", b"\xef\xbb\xbfperiod,"),
        (["market", "check", "2024Q1"], "check.json", b'{\n  "format": 1'),
        (["tags"], "tags.json", b"["),
        (["issuers"], "issuers.xlsx", b"PK"),
        (["gaps"], "gaps.xlsx", b"PK"),
    ],
)
def test_the_name_of_a_file_says_its_format(
    run: Command, kb: KnowledgeBase, tmp_path: Path, command: list[str], name: str, begins: bytes
) -> None:
    done = run(*command, "-o", str(tmp_path / name), kb=kb.root)
    assert (done.code in (0, 3), done.out) == (True, "")
    assert (tmp_path / name).read_bytes().startswith(begins)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["report", "2024Q4", "-o", "x.xyz"], "no format has this ending; name the file *.md or *.html or *.docx"),
        (["report", "2024Q4", "-o", "x.xlsx"], "no format has this ending"),
        (["report", "2024Q4", "--format", "md", "-o", "x.docx"], "a file in the format md is named *.md"),
        (["search", "林权", "-o", "x.docx"], "no format has this ending"),
        (["search", "林权", "--format", "csv", "-o", "x.json"], "a file in the format csv is named *.csv"),
        (["timeline", "-o", "x.png"], "no format has this ending; name the file *.svg or *.html"),
        (["tags", "-o", "x.md"], "no format has this ending"),
    ],
)
def test_a_name_that_is_of_no_format_or_of_another_is_an_error(
    run: Command, kb: KnowledgeBase, tmp_path: Path, arguments: list[str], said: str
) -> None:
    name = str(tmp_path / arguments[-1])
    done = run(*arguments[:-1], name, kb=kb.root)
    assert (done.code, done.out) == (2, "")
    assert f"{name}: {said}" in done.err
    assert list(tmp_path.iterdir()) == []


def test_text_in_a_file_has_no_colours(run: Command, kb: KnowledgeBase, tmp_path: Path) -> None:
    on_a_terminal("search", "林权", "-o", str(tmp_path / "found.txt"), cwd=kb.root, env={})
    assert "\x1b" not in (tmp_path / "found.txt").read_text(encoding="utf-8")


def test_an_entry_that_says_nothing_of_itself_is_shown() -> None:
    assert unstyle(entry.render(Policy("甲", "题", None, ()), 40)) == "题\n甲\n\n\n"


def test_a_table_whose_rows_lack_cells_is_shown() -> None:
    rows = "<tr></tr><tr><td>甲</td></tr><tr><td>乙</td><td>丙</td></tr>"
    assert [unstyle(line) for line in html.lines(f"<table>{rows}</table>", 40)] == ["甲", "乙  丙"]


def test_a_long_text_is_cut_at_once() -> None:
    begun = time.process_time()
    assert fit("长" * 20_000, 9) == "长" * 4 + "…"
    assert fit("e\u0591" * 10_000, 3) == "e\u0591" * 2 + "…"
    assert time.process_time() - begun < 1


# Workbooks


def sheet(data: bytes) -> tuple[list[list[object]], xml.Element]:
    """The cells of a workbook's only sheet, with days as days, and the sheet itself."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        texts = ["".join(one.itertext()) for one in xml.fromstring(archive.read("xl/sharedStrings.xml"))]
        styles = xml.fromstring(archive.read("xl/styles.xml"))
        root = xml.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    formats = {f.get("numFmtId"): f.get("formatCode") for f in styles.iter(f"{S}numFmt")}
    days = [formats.get(one.get("numFmtId")) == "yyyy-mm-dd" for one in styles.iterfind(f"{S}cellXfs/*")]
    rows = []
    for row in root.iter(f"{S}row"):
        cells: dict[int, object] = {}
        for cell in row:
            value: object = cell.findtext(f"{S}v")
            if cell.get("t") == "s":
                value = texts[int(str(value))]
            elif value is not None:
                value = float(str(value))
                if days[int(cell.get("s", "0"))]:
                    value = date(1899, 12, 30) + timedelta(value)
            cells[ord(re.sub(r"\d", "", cell.get("r", ""))) - ord("A")] = value
        rows.append([cells.get(n) for n in range(max(cells) + 1)])
    return rows, root


HOSTILE = Policy(
    "2024-06-01-题", "=cmd|' /C calc'!A1", date(2024, 6, 1), ("@某部", "+另一部"), ("-标签",), "通知",
    issuer_count=10, effective=date(2024, 7, 1), documents=("https://example.com/", "甲"), body="＝1+1",
)  # fmt: skip


def test_a_workbook_of_a_search(run: Command, kb: KnowledgeBase, tmp_path: Path) -> None:
    assert run("search", "碳足迹", "--limit", "40", "-o", str(tmp_path / "x.xlsx"), kb=kb.root).code == 0
    data = (tmp_path / "x.xlsx").read_bytes()
    (head, *rows), root = sheet(data)
    assert head[:4] == ["成文日期", "标题", "发文机关", "标签"]
    assert head[-1] == "发文机关数"
    assert len(rows) == 11
    assert all(isinstance(row[0], date) for row in rows)
    pane = root.find(f".//{S}pane")
    assert pane is not None
    assert (pane.get("ySplit"), pane.get("state")) == ("1", "frozen")
    shade = root.find(f"{S}autoFilter")
    assert shade is not None
    assert shade.get("ref") == "A1:K12"
    wide = [float(column.get("width", 0)) for column in root.iter(f"{S}col")]
    assert sum(int(one.get("max", 0)) + 1 - int(one.get("min", 0)) for one in root.iter(f"{S}col")) == len(head)
    assert 10 < wide[0] < 20 < wide[1] <= 61
    run("search", "碳足迹", "--limit", "40", "-o", str(tmp_path / "again.xlsx"), kb=kb.root)
    assert (tmp_path / "again.xlsx").read_bytes() == data


@pytest.mark.parametrize("command", [["list"], ["digest"], ["digest", "--style", "table"], ["tags"], ["issuers"]])
def test_a_workbook_has_no_formula_and_no_link_from_a_document(
    run: Command, make_kb: Callable[..., KnowledgeBase], tmp_path: Path, command: list[str]
) -> None:
    base = make_kb(HOSTILE)
    assert run(*command, "-o", str(tmp_path / "x.xlsx"), kb=base.root).code == 0
    rows, root = sheet((tmp_path / "x.xlsx").read_bytes())
    assert not list(root.iter(f"{S}f"))
    assert not list(root.iter(f"{S}hyperlink"))
    cells = [cell for row in rows for cell in row]
    expected = {"list": "=cmd|' /C calc'!A1", "digest": "=cmd|' /C calc'!A1", "tags": "-标签", "issuers": "@某部"}
    assert expected[command[0]] in cells
    with zipfile.ZipFile(tmp_path / "x.xlsx") as archive:
        assert b'quotePrefix="1"' in archive.read("xl/styles.xml")  # nor when somebody edits the cell


def test_a_workbook_of_a_digest_has_real_days(
    run: Command, make_kb: Callable[..., KnowledgeBase], tmp_path: Path
) -> None:
    run("digest", "-o", str(tmp_path / "x.xlsx"), kb=make_kb(HOSTILE).root)
    (head, row), _root = sheet((tmp_path / "x.xlsx").read_bytes())
    found = dict(zip(head, row, strict=False))
    assert (found["成文日期"], found["施行日期"], found["发文机关数"]) == (date(2024, 6, 1), date(2024, 7, 1), 10)
    done = run("digest", "--style", "full", "-o", str(tmp_path / "y.xlsx"), kb=make_kb(HOSTILE).root)
    assert (done.code, done.err) == (1, "policykb: a workbook is a table: --style table, not full\n")


def test_a_meeting_has_nobody_beside_its_day(run: Command, make_kb: Callable[..., KnowledgeBase]) -> None:
    meeting = Policy("会", "某会议", date(2024, 6, 1), ())
    assert run("list", "--format", "md", kb=make_kb(meeting).root).out.startswith("- **某会议** (2024-06-01)  \n")


def test_a_workbook_of_the_market_has_numbers(run: Command, kb: KnowledgeBase, tmp_path: Path) -> None:
    assert run("market", "2024Q1", "-o", str(tmp_path / "x.xlsx"), kb=kb.root).code == 0
    (head, *rows), _root = sheet((tmp_path / "x.xlsx").read_bytes())
    assert head[:4] == ["时期", "指标", "数值", "单位"]
    assert rows[0][:4] == ["2024Q1", "volume.total", 8740300.0, "t"]
    assert any(isinstance(cell, date) for row in rows for cell in row)


def test_a_cell_and_a_sheet_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = Labels.load(None)
    (_head, [cell]), _root = sheet(spreadsheet.workbook(["a"], [{"a": "长" * 40_000}], labels))
    assert (len(str(cell)), str(cell)[-2:]) == (32_767, "长…")
    monkeypatch.setattr(spreadsheet, "_MOST_ROWS", 3)
    spreadsheet.workbook(["a"], [{"a": 1}] * 2, labels)
    with pytest.raises(OutputError, match="more than 2 rows"):
        spreadsheet.workbook(["a"], [{"a": 1}] * 3, labels)


# How many departments signed


def test_the_number_of_departments_is_handed_on(run: Command, make_kb: Callable[..., KnowledgeBase]) -> None:
    base = make_kb(HOSTILE)
    [hit] = json.loads(run("list", "--format", "json", kb=base.root).out)["hits"]
    assert hit["issuer_count"] == 10
    [row] = csv.DictReader(io.StringIO(run("list", "--format", "csv", kb=base.root).out.removeprefix("\ufeff")))
    assert row["issuer_count"] == "10"
    assert "等10部门" in run("list", "--format", "md", kb=base.root).out


# Advice


def test_advice_is_one_line_and_speaks_with_one_voice(
    run: Command, kb: KnowledgeBase, make_kb: Callable[..., KnowledgeBase]
) -> None:
    done = run("search", "霪霪霪霪 犇犇犇犇", kb=kb.root)
    assert done.err.count("\n") == 1
    assert "霪霪" in done.err
    assert "犇犇" in done.err
    for arguments in (["search", "碳"], ["search", "碳", "--during", "2024"], ["list"], ["list", "--tag", "碳市场"]):
        done = run(*arguments, kb=make_kb().root)
        assert (done.out, done.err) == ("no entries\n", "policykb: the knowledge base has no entries yet\n")


# Lists, lines, marks, colours


def test_a_list_is_compact_on_a_terminal(kb: KnowledgeBase, run: Command) -> None:
    seen = on_a_terminal("list", cwd=kb.root, env={"LINES": "99", "COLUMNS": "80", "NO_COLOR": "1"}).splitlines()
    assert seen[-1] == "40 entries"
    assert len(seen) == 41
    assert all(re.match(r"2024-\d\d-\d\d  \S", line) for line in seen[:-1])
    assert all(width(line) <= 80 and line == line.rstrip() for line in seen)
    assert seen[0] == "2024-01-10  绿色建材产业高质量发展实施方案                工业和信息化部、国家…"
    assert "\x1b[2m2024-01-10" in on_a_terminal("list", cwd=kb.root, env={"LINES": "99"})
    # what is written into a pipe stays as it is
    assert len(run("list", kb=kb.root).out.splitlines()) > 160


def test_a_long_list_goes_through_the_pager(kb: KnowledgeBase) -> None:
    seen = on_a_terminal("list", cwd=kb.root, env={"PAGER": "wc -l", "LINES": "10", "COLUMNS": "80"})
    assert seen.strip() == "41"


@pytest.mark.parametrize("columns", ["40", "61", "80"])
@pytest.mark.parametrize("arguments", [("list",), ("search", "碳"), ("similar", "2024-10-16"), ("show", "2024-06-04")])
def test_no_line_ends_with_a_space(
    run: Command, kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch, columns: str, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    lines = run(*arguments, kb=kb.root).out.splitlines()
    assert lines
    assert [line for line in lines if line != line.rstrip()] == []


def test_a_name_is_not_torn_at_its_first_words() -> None:
    text = "要求《中共中央 国务院关于全面推进美丽中国建设的意见》作为依据"
    for columns in range(12, 60):
        lines = [text[start:end] for start, end in wrap(text, columns)]
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert [line for line in lines if 0 <= line.find("《", 1) >= len(line) - 5] == []
    assert list(wrap("《中共中央 国务院", 8)) == [(0, 4), (4, 8), (8, 9)]  # where there is no other way


def test_days_and_what_is_in_brackets_are_not_torn() -> None:
    text = "现行有效: in force from 2010-06-01; a later one, 丰泽法 (2021-01-01)"
    for columns in range(14, 60):
        lines = [text[start:end] for start, end in wrap(text, columns)]
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert any("2010-06-01" in line for line in lines)
        assert any("(2021-01-01)" in line for line in lines)


def test_marks_that_touch_are_one_in_markdown(run: Command, make_kb: Callable[..., KnowledgeBase]) -> None:
    base = make_kb({"title": "题", "body": "碳减排与碳的减排。"})
    out = run("search", "碳 减排", "--format", "md", kb=base.root).out
    assert "**碳减排**与**碳**的**减排**" in out
    assert "****" not in out
    assert "**碳减排**" in run("search", "碳 减排", kb=base.root).out
    kinds = [Mark(0, 1, False), Mark(1, 2, True), Mark(2, 3, True)]
    assert merged(kinds) == [Mark(0, 1, False), Mark(1, 3, True)]


def test_colours_when_they_are_asked_for(run: Command, kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[" not in run("search", "林权", kb=kb.root).out
    for arguments in (["--color", "always", "search", "林权"], ["search", "林权", "--color=always"]):
        assert "\x1b[33m" in run(*arguments, kb=kb.root).out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[33m" in run("search", "林权", "--color=always", kb=kb.root).out
    assert "\x1b[" not in on_a_terminal("search", "林权", "--color=never", cwd=kb.root, env={})


# Completion


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("sea", ["search"]),
        ("list --issuer 发改", ["发改委"]),
        ("list --issuer 生态环境", ["生态环境部"]),
        ("list --tag 碳足", ["碳足迹"]),
        ("search 碳 --kind 技术", ["技术规程"]),
        ("search 碳 --status 征", ["征求意见稿"]),
        ("list --validity 已废", ["已废止"]),
        ("digest --during 近三", ["近三个月"]),
        ("report 2024Q", ["2024Q1", "2024Q2", "2024Q3", "2024Q4"]),
        ("list --from 2024-1", ["2024-10", "2024-11", "2024-12"]),
        ("show 林权", ["2024-01-24-关于做好深化集体林权制度改革有关工作的通知"]),
        ("list --tag 没有", []),
        ("news 没有", []),
    ],
)
def test_a_shell_completes_names_periods_and_ids(kb: KnowledgeBase, typed: str, offered: list[str]) -> None:
    words = ["policykb", *typed.split()]
    env = {"COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1), "_POLICYKB_COMPLETE": "bash_complete"}
    done = run_process(cwd=kb.root, env=env)
    assert (done.out.split(), done.err) == ([f"plain,{name}" for name in offered], "")


def test_completion_of_a_broken_knowledge_base_offers_nothing(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "kb.toml").write_text("name = 'x'", encoding="utf-8")
    (tmp_path / "corpus" / "tags.toml").write_text("[[tag", encoding="utf-8")
    (tmp_path / "corpus" / "searches.toml").write_text("[[search", encoding="utf-8")
    for words in ("list --tag 碳", "news 碳"):
        count = str(len(words.split()))
        env = {"COMP_WORDS": f"policykb {words}", "COMP_CWORD": count, "_POLICYKB_COMPLETE": "bash_complete"}
        done = run_process(cwd=tmp_path, env=env)
        assert (done.out.strip(), done.err) == ("", "")


def test_saved_searches_are_those_of_the_knowledge_base_that_is_named(tmp_path: Path) -> None:
    corpus = tmp_path / "named" / "corpus"
    corpus.mkdir(parents=True)
    (corpus / "kb.toml").write_text("name = 'x'", encoding="utf-8")
    (corpus / "searches.toml").write_text("[[search]]\nname = '碳足迹'\nquery = '碳足迹'\n", encoding="utf-8")
    env = {"COMP_WORDS": "policykb --kb named news 碳", "COMP_CWORD": "4", "_POLICYKB_COMPLETE": "bash_complete"}
    done = run_process(cwd=tmp_path, env=env)
    assert (done.out.split(), done.err) == (["plain,碳足迹"], "")


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_one_command_installs_completion(run: Command, tmp_path: Path, shell: str) -> None:
    assert f"policykb completion {shell} >> ~/.{shell}rc" in run("completion", "--help").out
    script = run("completion", shell).out
    assert "_POLICYKB_COMPLETE" in script
    if program := shutil.which(shell):
        (tmp_path / "rc").write_text(script, encoding="utf-8")
        assert subprocess.run([program, "-n", str(tmp_path / "rc")], check=False).returncode == 0


def test_no_argument_at_all_shows_the_help(run: Command) -> None:
    done = run()
    assert "Commands:" in done.out + done.err
    assert "Traceback" not in done.err
