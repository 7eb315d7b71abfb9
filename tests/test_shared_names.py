"""Names, paths, drives and line ends that differ between systems, for a corpus that is used on all of them."""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path, PureWindowsPath

import pytest

import policykb
from conftest import Run, as_policy, make_base, run_process, write_entry
from policykb.cli import open_, options
from policykb.corpus.check import check
from policykb.domain.policy import Policy
from policykb.engines.whoosh.opening import index_folder
from policykb.errors import CorpusError
from policykb.files.pieces import opened
from policykb.files.reading import read_regular, reason
from policykb.kb import KnowledgeBase
from policykb.render.records import as_json
from waiting import LIMIT

Command = Callable[..., Run]

on_windows = pytest.mark.skipif(sys.platform != "win32", reason="only Windows does this")
not_on_windows = pytest.mark.skipif(sys.platform == "win32", reason="no file can have such a name there")


def held(number: int, path: str = "a") -> PermissionError:
    """The error that Windows raises with one of its own numbers."""
    error = PermissionError(13, "Access denied", path)
    error.winerror = number  # type: ignore[attr-defined]
    return error


# -- names


def problems(kb: KnowledgeBase) -> set[tuple[str, str]]:
    found = check(kb.corpus, kb.authority, kb.vocabulary)
    return {(one.path.relative_to(kb.corpus.root).as_posix(), one.problem) for one in found if one.line is None}


@not_on_windows
@pytest.mark.parametrize("name", ["con", "a:b", "问？?", "a*", '"引"', "<1>", "a|b", "a\\b", "LPT1.备份"])
def test_a_name_that_windows_cannot_have_is_found(tmp_path: Path, name: str) -> None:
    with make_base(tmp_path, ["水泥"]) as kb:
        write_entry(kb.root, as_policy(1, Policy(name, "题", as_policy(1, "").date, ("生态环境部",))))
        said = f"{name}.md cannot be the name of a file or folder on Windows: rename it"
        assert problems(kb) == {(f"{name}.md", said)}


@not_on_windows
def test_a_folder_that_windows_cannot_have_is_found(tmp_path: Path) -> None:
    with make_base(tmp_path, ["水泥"]) as kb:
        write_entry(kb.root, as_policy(1, "铝"), "2024.")
        assert {problem[:5] for _path, problem in problems(kb)} == {"2024."}


def test_entries_that_differ_in_capitals_only(tmp_path: Path) -> None:
    with make_base(tmp_path) as kb:
        one = Policy("co2", "甲", as_policy(1, "").date, ("生态环境部",), body="甲")
        write_entry(kb.root, one)
        with pytest.raises(CorpusError, match=r"CO2: exists already, as co2\.md"):
            kb.corpus.add(as_policy(0, Policy("CO2", "乙", one.date, one.issuers)))
        write_entry(kb.root, Policy("CO2", "乙", one.date, one.issuers, body="乙"))
        paths = [path.name for path in kb.corpus.paths()]
        if len(paths) == 1:
            pytest.skip("this file system makes no difference")
        said = "differs from {} in capitals only, and would be the same file on Windows: rename one"
        assert problems(kb) == {("CO2.md", said.format("co2.md")), ("co2.md", said.format("CO2.md"))}


@pytest.mark.parametrize(
    "title", ["CON", "a:b?", '关于"双碳"的<通知>', "a|b*", "甲/乙\\丙", "结尾。.", "空 格 ", "NUL.txt"]
)
def test_a_title_with_any_characters_gets_a_name_that_every_system_has(tmp_path: Path, title: str) -> None:
    from policykb.domain.policy import entry_id, is_portable

    policy = as_policy(0, "水泥")
    with make_base(tmp_path) as kb:
        path = kb.corpus.add(Policy(entry_id(policy.date, title), title, policy.date, policy.issuers, body="水泥"))
        assert is_portable(path.name)
        assert kb.corpus.read(path).title == title.strip()
        assert problems(kb) == set()


def test_a_path_that_is_too_long_for_windows_is_said_to_be() -> None:
    long = "C:\\知识库\\" + "长" * 260
    for error in (FileNotFoundError(2, "No such file or directory", long), held(206)):
        assert "longer than Windows allows (259 characters)" in reason(error)
    for name in ("C:\\short", "/" + "long" * 80):
        assert reason(FileNotFoundError(2, "No such file or directory", name)) == "No such file or directory"


def test_paths_in_json_have_slashes() -> None:
    assert json.loads(as_json({"path": PureWindowsPath("C:\\库\\corpus\\a.md")})) == {"path": "C:/库/corpus/a.md"}


@on_windows
def test_drives_and_backslashes(tmp_path: Path, run: Command) -> None:
    root, output = tmp_path / "库", tmp_path / "out" / "a.md"
    with make_base(root, ["水泥熟料"]):
        pass
    output.parent.mkdir()
    for name in (str(root), root.as_posix(), str(root).swapcase(), "."):
        done = run("--kb", name, "list", "--format", "json", cwd=root)
        assert json.loads(done.out)["hits"][0]["path"] == "corpus/000.md", done.err
    for name in (str(output), output.as_posix(), "out\\b.md", "out/c.md"):
        assert run("--kb", "库", "digest", "-o", name, cwd=tmp_path).code == 0
    assert len(list(output.parent.iterdir())) == 3
    assert "水泥熟料" in run("show", "corpus\\000.md", cwd=root).out


# -- files that others have open


@on_windows
def test_a_file_that_somebody_keeps_for_himself(tmp_path: Path, run: Command) -> None:
    import _winapi

    path = tmp_path / "通知.docx"
    path.write_bytes(b"PK")
    access = _winapi.GENERIC_READ | _winapi.GENERIC_WRITE
    handle = _winapi.CreateFile(str(path), access, 0, 0, _winapi.OPEN_EXISTING, 0, 0)
    try:
        with pytest.raises(PermissionError) as caught:
            read_regular(path)
        assert "open in another program, such as Word" in reason(caught.value)
        with make_base(tmp_path / "库", ["水泥"]) as kb:
            kb.refresh()
        added = run("--kb", "库", "add", str(path), cwd=tmp_path)
        written = run("--kb", "库", "digest", "-o", str(path), cwd=tmp_path)
        for done in (added, written):
            assert (done.code, done.out) == (1, "")
            assert "通知.docx: cannot be" in done.err
            assert "open in another program, such as Word: close it there" in done.err
    finally:
        _winapi.CloseHandle(handle)
    assert path.read_bytes() == b"PK"


@on_windows
def test_a_file_that_is_read_only_is_said_to_be(tmp_path: Path, run: Command) -> None:
    with make_base(tmp_path / "库", ["水泥"]):
        pass
    path = tmp_path / "out" / "摘要.md"
    path.parent.mkdir()
    path.write_bytes(b"old")
    path.chmod(0o444)
    done = run("--kb", "库", "digest", "-o", str(path), cwd=tmp_path)
    assert (done.code, done.err.count("摘要.md: cannot be written: the file is read-only")) == (1, 1), done.err
    assert [(one.name, one.read_bytes()) for one in path.parent.iterdir()] == [("摘要.md", b"old")]


# -- drives


def test_a_file_that_cannot_be_mapped_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with make_base(tmp_path, ["水泥熟料", "铝冶炼"]) as kb:
        assert kb.search("水泥").total == 1

    def refused(*_: object, **__: object) -> object:
        raise OSError(19, "No such device")

    monkeypatch.delattr(os, "pread", raising=False)  # as on Windows
    monkeypatch.setattr(mmap, "mmap", refused)
    assert opened(tmp_path / "corpus" / "000.md") == (tmp_path / "corpus" / "000.md").read_bytes()
    with KnowledgeBase.open(tmp_path) as kb:
        assert kb.search("水泥").total == 1


@on_windows
def test_an_index_is_not_in_a_folder_that_is_uploaded(
    tmp_path: Path, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "OneDrive" / "库"
    with make_base(root, ["水泥"]):
        pass
    assert index_folder(root) == root / "index"
    monkeypatch.setenv("OneDriveCommercial", str(tmp_path / "onedrive"))
    assert not index_folder(root).is_relative_to(tmp_path)
    done = run("search", "水泥", "--format", "paths", kb=root)
    assert (done.code, done.err) == (0, "")
    assert not (root / "index").exists()


# -- line ends


def test_a_corpus_with_the_line_ends_of_windows_says_the_same(tmp_path: Path, run: Command) -> None:
    """As git makes one with ``autocrlf``, the knowledge base's own words too."""
    answers = []
    for name, end in (("lf", b"\n"), ("crlf", b"\r\n")):
        root = tmp_path / name
        with make_base(root, ["水泥熟料。\n\n- 一\n- 二\n", {"body": "铝冶炼", "tags": ("双碳",)}]):
            pass
        (root / "corpus" / "synonyms.txt").write_text("洋灰 = 水泥\n", encoding="utf-8")
        (root / "corpus" / "terms.txt").write_text("铝冶炼\n", encoding="utf-8")
        (root / "corpus" / "tags.toml").write_text(
            '[[tag]]\nname = "双碳"\ngroup = "topic"\ndescription = "x"\n', encoding="utf-8"
        )
        for path in (root / "corpus").iterdir():
            path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", end))
        shown = [["search", "洋灰"], ["list"], ["show", "000"], ["tags"]]
        runs = [run(*words, "--format", "json", kb=root) for words in shown]
        answers.append([done.out.replace("\r\n", "\n") for done in runs])
        assert not any(done.code for done in runs), runs
        assert run("tag", "+碳市场", "000", kb=root).code == 0
        assert all(path.read_bytes().count(end) == path.read_bytes().count(b"\n") for path in root.rglob("corpus/*"))
    assert answers[0] == answers[1]


# -- arguments and programs


def test_patterns_are_filled_in_where_no_shell_does_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a[1].docx", "b[1].docx", "~$b[1].docx", "c.pdf"):
        (tmp_path / name).write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    words = ["c.pdf", "*[1].docx", "no*", "missing.pdf"]
    if os.name != "nt":
        assert options.named_files(words) == [Path(word) for word in words]
    monkeypatch.setattr(options, "SHELL_FILLS_IN", False)
    assert [str(path) for path in options.named_files(words)] == [
        "c.pdf",
        "a[1].docx",
        "b[1].docx",
        "no*",
        "missing.pdf",
    ]


def test_documents_are_added_by_a_pattern(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Command) -> None:
    monkeypatch.setattr(options, "SHELL_FILLS_IN", False)
    with make_base(tmp_path / "库"):
        pass
    for number in "12":
        text = f"生态环境部关于第{number}号水泥的通知\n\n各省：\n\n水泥{number}。\n\n生态环境部\n\n2024年3月1日\n"
        (tmp_path / f"a{number}.txt").write_text(text, encoding="utf-8")
    (tmp_path / "~$a3.txt").write_bytes(b"who has it")
    done = run("--kb", "库", "add", "*.txt", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[-1] == "2 added"
    done = run("--kb", "库", "add", "b*.txt", cwd=tmp_path)
    assert done.code == 1
    assert done.err.startswith("policykb: b*.txt: ")


@on_windows
def test_an_editor_that_is_a_batch_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Command) -> None:
    with make_base(tmp_path / "库", ["水泥"]) as kb:
        write_entry(
            kb.root, as_policy(0, Policy("a&echo X&ver& 碳", "题", as_policy(0, "").date, ("生态环境部",), body="碳"))
        )
        write_entry(kb.root, as_policy(0, Policy("%PATH%", "题", as_policy(0, "").date, ("生态环境部",), body="碳")))
    programs = tmp_path / "the programs"
    programs.mkdir()
    (programs / "ed.cmd").write_bytes(b"@echo %*> arguments\r\n")
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("VISUAL", raising=False)
    for editor in ("ed --wait", f'"{programs}\\ed.cmd" --wait'):
        monkeypatch.setenv("EDITOR", editor)
        done = run("--kb", "库", "open", "碳", cwd=tmp_path)
        assert (done.code, done.out, done.err) == (0, "", "")  # nothing in the name was obeyed
        assert b"--wait" in (tmp_path / "arguments").read_bytes()
        assert b"a&echo X&ver& " in (tmp_path / "arguments").read_bytes()
    done = run("--kb", "库", "open", "PATH", cwd=tmp_path)
    assert done.code == 1
    assert "a name with % cannot be given to a .cmd or .bat file" in done.err


@on_windows
def test_without_an_editor_the_program_of_such_files_is_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    started: list[object] = []
    monkeypatch.delenv("EDITOR", raising=False)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setattr(os, "startfile", started.append)
    open_.edit(tmp_path / "a.md")
    assert started == [tmp_path / "a.md"]

    def none(path: Path) -> None:
        error = OSError(22, "No application is associated")
        error.winerror = 1155
        raise error

    monkeypatch.setattr(os, "startfile", none)
    monkeypatch.setattr("subprocess.Popen", started.append)
    open_.edit(tmp_path / "b.md")
    program, path = started[1]  # type: ignore[misc]
    assert program.lower().endswith("\\notepad.exe")
    assert os.path.isabs(program)
    assert path == tmp_path / "b.md"


# -- the shortcut


def shortcut(root: Path) -> Path:
    return next(root.glob("start-policykb.*"))


def test_a_shortcut_shows_the_pages_and_then_takes_commands(tmp_path: Path) -> None:
    """Here the pages end at once: there is no place for them to be at."""
    root = tmp_path / "知识 库"
    done = run_process("init", str(root), "--shortcut")
    assert done.code == 0, done.err
    assert shortcut(root).name in done.out
    write_entry(root, as_policy(0, "水泥"))
    where = tmp_path / "elsewhere"
    where.mkdir()
    command = ["cmd", "/d", "/c", str(shortcut(root))] if os.name == "nt" else [str(shortcut(root))]
    package = str(Path(policykb.__file__).parents[1])
    with contextlib.ExitStack() as taken:
        with contextlib.suppress(OSError):  # somebody has it already
            taken.enter_context(socket.create_server(("127.0.0.1", 8420)))
        said = subprocess.run(
            command, cwd=where, input=b"policykb list --format paths\nexit\n", capture_output=True, timeout=LIMIT,
            check=False, env=os.environ | {"PYTHONPATH": package, "SHELL": "/bin/sh"},
        )  # fmt: skip
    assert b"policykb: cannot listen at 127.0.0.1:8420" in said.stderr
    assert os.fsencode(Path("corpus", "000.md")) in said.stdout, said


def test_a_shortcut_is_made_anew_and_nothing_else_is_written_over(tmp_path: Path, run: Command) -> None:
    def init(*arguments: str) -> Run:
        return run("init", *arguments, "--shortcut", cwd=tmp_path)

    assert init().code == 0
    before = shortcut(tmp_path).read_bytes()
    shortcut(tmp_path).write_bytes(before + b"changed")
    assert init().code == 0
    assert shortcut(tmp_path).read_bytes() == before
    assert init("--name", "x").code == 1  # it would have changed nothing
    shortcut(tmp_path).write_bytes(b"mine")
    done = init()
    assert done.code == 1
    assert "exists already, and is not overwritten" in done.err
    assert shortcut(tmp_path).read_bytes() == b"mine"
