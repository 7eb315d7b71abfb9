"""The folder of entries: walking, reading, finding by id, and writes that lose nothing."""

from __future__ import annotations

import errno
import os
import re
import signal
import stat
import subprocess
import sys
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from policykb.corpus.corpus import Corpus
from policykb.corpus.entry_format import dump
from policykb.corpus.folder import MAX_BYTES, id_of
from policykb.corpus.locate import locate
from policykb.corpus.settings import Settings, init, load_settings
from policykb.domain.issuers import Authority
from policykb.domain.policy import Policy, entry_id
from policykb.domain.vocabulary import Vocabulary
from policykb.errors import CorpusError, DataError, DocumentError, NoKnowledgeBaseError, OutputError, PolicyKBError
from policykb.files import lock
from policykb.files.atomic import write_atomically
from policykb.files.journal import Write, write_all
from policykb.files.reading import read_terms
from policykb.text.thesaurus import synonym_groups
from robustness.moments import at_call, die
from waiting import LIMIT, Clock

SHIPPED = Path(__file__).parents[1] / "corpus"


def policy(title: str = "关于甲的通知", day: date = date(2024, 6, 4), **fields: object) -> Policy:
    return Policy(entry_id(day, title), title, day, ("生态环境部",), body="正文。", **fields)  # type: ignore[arg-type]


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    root = tmp_path / "知识 库" / "corpus"
    root.mkdir(parents=True)
    return Corpus(root)


def put(corpus: Corpus, relative: str, text: str | bytes = "") -> Path:
    path = corpus.root / relative
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def tree(folder: Path) -> dict[str, bytes | None]:
    """Everything below a folder: the content of files, None for folders."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")
    }


# --- walking ------------------------------------------------------------------------------------------------


def test_what_is_an_entry(corpus: Corpus) -> None:
    for name in ["b.md", "2024/a.md", "2024/深/层/c.md", "2024/大写.MD", "2024/market/d.md"]:
        put(corpus, name, "x")
    for name in [
        "README.md", "2024/readme.md", "kb.toml", "tags.toml", "a.txt", ".hidden.md", ".git/x.md",
        "2024/.obsidian/y.md", "market/z.md", "market/2024.toml", "2024/.policykb-0011.tmp", "md", "a.md.bak",
    ]:  # fmt: skip
        put(corpus, name, "x")
    (corpus.root / "folder.md").mkdir()
    expected = ["2024/a.md", "2024/market/d.md", "2024/大写.MD", "2024/深/层/c.md", "b.md"]
    assert list(corpus.stats()) == expected
    assert corpus.paths() == [corpus.root / name for name in expected]
    assert corpus.problems == []
    assert corpus.links == []


def test_stats_are_time_and_size(corpus: Corpus) -> None:
    path = put(corpus, "a.md", "正文")
    os.utime(path, ns=(5, 1_700_000_000_000_000_123))
    assert corpus.stats() == {"a.md": (1_700_000_000_000_000_123, 6)}


def test_links_and_pipes_are_passed_over(corpus: Corpus, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.md").write_text(dump(policy()))
    put(corpus, "a.md", "x")
    (corpus.root / "file.md").symlink_to(outside / "secret.md")
    (corpus.root / "folder").symlink_to(outside)
    (corpus.root / "loop").symlink_to(corpus.root)
    (corpus.root / "inside.md").symlink_to("a.md")
    (corpus.root / "broken.md").symlink_to("nowhere.md")
    (corpus.root / "data.csv").symlink_to(outside / "secret.md")
    os.mkfifo(corpus.root / "pipe.md")
    assert list(corpus.stats()) == ["a.md"]
    names = ["broken.md", "file.md", "folder", "inside.md", "loop"]
    assert sorted(corpus.links) == [corpus.root / name for name in names]


def test_a_corpus_reached_through_a_link(corpus: Corpus, tmp_path: Path) -> None:
    path = corpus.add(policy())
    (tmp_path / "link").symlink_to(corpus.root)
    linked = Corpus(tmp_path / "link")
    assert linked.paths() == [tmp_path / "link" / path.relative_to(corpus.root)]
    assert linked.resolve(str(path)) == linked.paths()[0]
    assert linked.update(linked.paths()[0], {"tags": ["碳市场"]})
    assert corpus.read(path).tags == ("碳市场",)


def test_names_that_are_not_utf8_are_named_not_read(corpus: Corpus) -> None:
    name = os.path.join(os.fsencode(corpus.root), b"2024-\xff\xfe.md")
    with open(name, "wb") as file:
        file.write(dump(policy()).encode())
    put(corpus, "好.md", dump(policy()))
    assert len(corpus.stats()) == 2
    assert [entry.id for entry in corpus.policies()] == ["好"]
    [problem] = corpus.problems
    assert "rename" in problem.problem
    str(problem).encode()
    with pytest.raises(CorpusError, match="no entry"):
        corpus.resolve("没有")


def test_a_folder_that_cannot_be_read_is_named(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    put(corpus, "a.md", dump(policy()))
    put(corpus, "closed/b.md", dump(policy()))
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("closed/"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert list(corpus.stats()) == ["a.md"]
    assert list(map(str, corpus.problems)) == [f"{corpus.root}/closed: the folder cannot be read: Permission denied"]


def test_no_such_corpus(tmp_path: Path) -> None:
    for path in (tmp_path / "none", put(Corpus(tmp_path), "file")):
        with pytest.raises(NoKnowledgeBaseError, match="init"):
            Corpus(path)


def test_an_empty_corpus(corpus: Corpus) -> None:
    assert (corpus.stats(), corpus.paths(), list(corpus.policies())) == ({}, [], [])
    with pytest.raises(CorpusError, match="^no entry x; .policykb list. shows what there is$"):
        corpus.resolve("x")


def test_many_entries_are_listed_quickly(tmp_path: Path) -> None:
    for folder in range(5):
        (tmp_path / str(folder)).mkdir()
        for number in range(400):
            os.close(os.open(tmp_path / str(folder) / f"{number}.md", os.O_CREAT))
    corpus = Corpus(tmp_path)
    started = time.process_time()
    assert len(corpus.stats()) == 2000
    assert (
        time.process_time() - started < 0.5
    )  # about 0.015: a tenth of what 50,000 may take, with room for the machine


# --- reading ------------------------------------------------------------------------------------------------


def test_reading(corpus: Corpus) -> None:
    path = put(corpus, "2024/甲.md", b"\xef\xbb\xbf" + dump(policy()).encode())
    assert corpus.read(path) == corpus.parse(path, corpus.read_bytes(path))
    assert corpus.read(path).id == "甲"
    assert corpus.examine(path).policy == corpus.read(path)


def test_ids_are_composed() -> None:
    assert id_of(Path("x") / unicodedata.normalize("NFD", "é.v1.md")) == "é.v1"


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        (b"---\ntitle: \xb9\xd8\xd3\xda\n---\n", 2, "UTF-8"),
        ("---\ntitle: 甲\n---\n".encode("utf-16"), 1, "UTF-8"),
        (b"", 1, "no front matter"),
        (b"\x00" * 100, 1, "no front matter"),
        (b"---\n" + b" " * MAX_BYTES, None, "20 MB"),
        (b"---\n" * 1000, 1, "is missing"),
        (b"---\n\n" + b"\x1b[2J" * 10, 1, "does not end"),
    ],
)
def test_bad_files_are_named(corpus: Corpus, content: bytes, line: int | None, said: str) -> None:
    good = put(corpus, "good.md", dump(policy()))
    path = put(corpus, "bad.md", content)
    with pytest.raises(DocumentError) as caught:
        corpus.read(path)
    assert (caught.value.path, caught.value.line) == (path, line)
    assert said in caught.value.problem
    assert [entry.id for entry in corpus.policies()] == [good.stem]
    assert [problem.path for problem in corpus.problems] == [path]
    assert corpus.examine(path).problems[0].problem == caught.value.problem


def test_a_file_that_vanished(corpus: Corpus) -> None:
    for path in (corpus.root / "gone.md", corpus.root / "a\0b.md", corpus.root / ("x" * 300 + ".md")):
        with pytest.raises(DocumentError, match="cannot be read"):
            corpus.read(path)


def test_problems_are_those_of_the_last_walk(corpus: Corpus) -> None:
    path = put(corpus, "bad.md", "x")
    for _ in range(2):
        assert list(corpus.policies()) == []
        assert len(corpus.problems) == 1
    path.unlink()
    assert list(corpus.policies()) == [] == corpus.problems


# --- ids ----------------------------------------------------------------------------------------------------


@pytest.fixture
def named(corpus: Corpus) -> Corpus:
    for name in [
        "2024/2024-06-04-碳足迹方案",
        "2024/2024-06-04-碳足迹方案（试行）",
        "2024/2024-07-01-CCER办法",
        "2025/2025-01-01-é",
    ]:
        put(corpus, name + ".md", "x")
    return corpus


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ("2024-06-04-碳足迹方案", "2024/2024-06-04-碳足迹方案.md"),
        ("  2024-06-04-碳足迹方案\n", "2024/2024-06-04-碳足迹方案.md"),
        ("试行", "2024/2024-06-04-碳足迹方案（试行）.md"),
        ("ccer", "2024/2024-07-01-CCER办法.md"),
        ("2024-07", "2024/2024-07-01-CCER办法.md"),
        ("e\u0301", "2025/2025-01-01-é.md"),
        ("{root}/2024/2024-06-04-碳足迹方案.md", "2024/2024-06-04-碳足迹方案.md"),
        ("{root}/2025/../2024/2024-07-01-CCER办法.md", "2024/2024-07-01-CCER办法.md"),
    ],
)
def test_resolving(named: Corpus, part: str, found: str) -> None:
    assert named.resolve(part.replace("{root}", str(named.root))) == named.root / found


def test_resolving_a_path_from_the_working_folder(named: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(named.root.parent)
    assert named.resolve("corpus/2024/2024-07-01-CCER办法.md").name == "2024-07-01-CCER办法.md"


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("碳足迹", "碳足迹 is in 2 entries: 2024-06-04-碳足迹方案, 2024-06-04-碳足迹方案（试行）"),
        ("2024-06-04-碳足机方案", "no entry 2024-06-04-碳足机方案; the nearest are 2024-06-04-碳足迹方案"),
        ("", "empty"),
        ("  ", "empty"),
        ("../kb.toml", "no entry ../kb.toml"),
        ("/etc/passwd", "no entry /etc/passwd"),
        ("a\0b", "no entry"),
        ("\ud800", "no entry"),
        ("长" * 5000, "no entry 长+…; "),
    ],
)
def test_not_resolving(named: Corpus, part: str, said: str) -> None:
    with pytest.raises(CorpusError, match=said):
        named.resolve(part)


def test_at_most_eight_candidates_are_named(corpus: Corpus) -> None:
    for number in range(10, 20):
        put(corpus, f"{number}甲.md")
    with pytest.raises(CorpusError, match=r"甲 is in 10 entries: 10甲, 11甲, .*, 17甲 and 2 more$"):
        corpus.resolve("甲")


def test_one_id_in_two_folders(corpus: Corpus) -> None:
    put(corpus, "a/甲.md")
    put(corpus, "b/甲.md")
    with pytest.raises(CorpusError, match=r"2 entries: a/甲\.md, b/甲\.md"):
        corpus.resolve("甲")
    assert corpus.resolve(f"{corpus.root}/b/甲.md").parent.name == "b"


# --- adding and changing ------------------------------------------------------------------------------------


def test_adding(corpus: Corpus) -> None:
    entry = policy(tags=("碳市场",))
    path = corpus.add(entry)
    assert path == corpus.root / "2024" / f"{entry.id}.md"
    assert corpus.read(path) == entry
    assert corpus.add(policy("乙"), folder="a/b") == corpus.root / "a/b/2024-06-04-乙.md"
    assert corpus.add(policy("丙"), folder="") == corpus.root / "2024-06-04-丙.md"
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~umask
    assert [name for name in tree(corpus.root) if ".policykb" in name] == []


@pytest.mark.parametrize("folder", ["2024", "elsewhere"])
def test_an_entry_is_never_overwritten(corpus: Corpus, folder: str) -> None:
    corpus.add(policy())
    before = tree(corpus.root)
    with pytest.raises(CorpusError, match=r"exists already, as 2024/"):
        corpus.add(policy(source="另一个"), folder=folder)
    assert tree(corpus.root) == before


@pytest.mark.parametrize(
    "folder",
    [
        "..",
        "../x",
        "a/../../x",
        "/tmp",
        "/",
        "a//b",
        ".hidden",
        "a/.b",
        "a\\b",
        "a\nb",
        "market",
        "market/x",
        " ",
        "长" * 90,
    ],
)
def test_folders_that_are_refused(corpus: Corpus, folder: str) -> None:
    with pytest.raises(CorpusError):
        corpus.add(policy(), folder=folder)
    assert tree(corpus.root.parent.parent) == {"知识 库": None, "知识 库/corpus": None}


@pytest.mark.parametrize(
    "id", ["", "..", ".", "a/b", "../a", "a\\b", "a\nb", "a\0b", ".a", "README", "\x1b[2J", "长" * 90, "\ud800"]
)
def test_ids_that_are_refused(corpus: Corpus, id: str) -> None:
    with pytest.raises(PolicyKBError):
        corpus.add(Policy(id, "甲", date(2024, 6, 4), ("国务院",)))
    assert tree(corpus.root) == {}


def test_a_name_of_255_bytes_is_fine(corpus: Corpus) -> None:
    id = "长" * 84
    path = corpus.add(Policy(id, "甲", date(2024, 6, 4), ("国务院",)))
    assert len(path.name.encode()) == 255
    assert corpus.update(path, {"tags": ["碳市场"]})
    assert corpus.read(path).tags == ("碳市场",)


@pytest.mark.parametrize("wrong", [{"title": ""}, {"body": "\ud800"}, {"extra": {"x": object()}}])
def test_a_policy_that_cannot_be_read_back_is_not_written(corpus: Corpus, wrong: dict[str, object]) -> None:
    fields: dict[str, object] = {"id": "x", "title": "甲", "date": date(2024, 6, 4), "issuers": ("国务院",)} | wrong
    with pytest.raises(DocumentError):
        corpus.add(Policy(**fields))  # type: ignore[arg-type]
    assert tree(corpus.root) == {}


def test_a_link_cannot_lead_a_write_out(corpus: Corpus, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    secret = outside / "secret.md"
    secret.write_text(dump(policy()))
    (corpus.root / "folder").symlink_to(outside)
    (corpus.root / "file.md").symlink_to(secret)
    before = tree(outside)
    for attempt in (
        lambda: corpus.add(policy("乙"), folder="folder"),
        lambda: corpus.update(corpus.root / "file.md", {"title": "乙"}),
        lambda: corpus.update(corpus.root / "folder/secret.md", {"title": "乙"}),
        lambda: corpus.update(secret, {"title": "乙"}),
        lambda: corpus.write([Write(corpus.root / "../x.md", b"", None)]),
        lambda: corpus.write([Write(corpus.root / "a\0.md", b"", None)]),
    ):
        with pytest.raises(CorpusError):
            attempt()
    assert tree(outside) == before
    assert not (corpus.root.parent / "x.md").exists()


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o664])
def test_a_change_keeps_mode_line_ends_and_everything_else(corpus: Corpus, mode: int) -> None:
    content = (
        ("\ufeff" + dump(policy(tags=("碳市场",)))).replace("\n", "\r\n").replace("碳市场", "碳市场  # 注").encode()
    )
    path = put(corpus, "2024/甲.md", content)
    path.chmod(mode)
    assert corpus.update(path, {"tags": ["碳市场", "水泥"]})
    assert path.read_bytes() == content.replace("# 注\r\n".encode(), "# 注\r\n  - 水泥\r\n".encode())
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_change_that_changes_nothing_does_not_touch_the_file(corpus: Corpus) -> None:
    path = corpus.add(policy(tags=("碳市场",)))
    before = path.stat()
    assert not corpus.update(path, {"tags": ["碳市场"], "kind": None})
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_file_that_changed_is_not_overwritten(corpus: Corpus) -> None:
    path = corpus.add(policy())
    read = path.read_bytes()
    write = corpus.revision(path, {"tags": ["碳市场"]})
    for changed in (read + b"\n", read[:-1], b""):
        path.write_bytes(changed)
        with pytest.raises(CorpusError, match="changed since it was read"):
            corpus.update(path, {"title": "乙"}, expected=read) if changed else corpus.write([write])
        with pytest.raises(CorpusError, match="changed since it was read"):
            corpus.write([write])
        assert path.read_bytes() == changed
    path.unlink()
    with pytest.raises(CorpusError, match="changed since it was read"):
        corpus.write([write])
    assert not path.exists()


def test_a_change_that_would_break_the_file_is_refused(corpus: Corpus) -> None:
    path = corpus.add(policy())
    before = tree(corpus.root)
    wrong: list[dict[str, object]] = [{"date": "2024-06"}, {"title": None}, {"title": "\ud800"}]
    for changes in wrong:
        with pytest.raises(DocumentError) as caught:
            corpus.update(path, changes)
        assert caught.value.path == path
    assert tree(corpus.root) == before


# --- many writes ----------------------------------------------------------------------------------------------


def test_many_writes_are_all_or_nothing(corpus: Corpus) -> None:
    paths = [corpus.add(policy(title)) for title in "甲乙丙"]
    writes = [corpus.revision(path, {"tags": ["碳市场"]}) for path in paths]
    new = corpus.addition(policy("丁"), folder="新/夹")
    before = tree(corpus.root)
    for spoilt in (
        [*writes, new, new],
        [*writes, new, writes[0]],
        [*writes[:2], new, Write(paths[2], b"x", b"not this")],
        [*writes, new, Write(paths[0].parent, b"x", b"y")],
        [*writes, new, Write(paths[0] / "x", b"x", None)],
        [*writes, corpus.addition(policy("戊"), folder="新/夹"), Write(corpus.root / ("长" * 90), b"x", None)],
    ):
        with pytest.raises(CorpusError):
            corpus.write(spoilt)
        assert tree(corpus.root) == before
    corpus.write([*writes, new])
    assert all(corpus.read(path).tags == ("碳市场",) for path in paths)
    assert new.path.read_bytes() == new.data


def test_nothing_to_write(corpus: Corpus) -> None:
    corpus.write([])
    assert tree(corpus.root) == {}


def fail(patch: pytest.MonkeyPatch, error: BaseException, name: str, after: int) -> None:
    """Let the system call ``os.<name>`` fail once it was made ``after`` times."""
    real, calls = getattr(os, name), iter(range(10_000))

    def call(*args: object) -> object:
        if next(calls) >= after:
            raise error
        return real(*args)

    patch.setattr(os, name, call)


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize(
    ("name", "after"), [("open", 0), ("open", 1), ("fsync", 0), ("fsync", 2), ("fdopen", 1), ("chmod", 1)]
)
def test_a_failure_before_the_first_rename_changes_nothing(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch, error: BaseException, name: str, after: int
) -> None:
    writes = [corpus.revision(corpus.add(policy(title)), {"tags": ["碳市场"]}) for title in "甲乙丙"]
    before = tree(corpus.root)
    with monkeypatch.context() as patch:
        fail(patch, error, name, after)
        with pytest.raises((CorpusError, KeyboardInterrupt)) as caught:
            corpus.write([corpus.addition(policy("丁"), folder="新/夹"), *writes])
    assert tree(corpus.root) == before
    if isinstance(error, OSError):
        assert str(caught.value).endswith("cannot be written: No space left on device; nothing was changed")


def test_a_failure_between_renames_says_how_far_it_came_and_can_be_repeated(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [corpus.add(policy(title)) for title in "甲乙丙"]
    writes = [corpus.revision(path, {"tags": ["碳市场"]}) for path in paths]
    with monkeypatch.context() as patch:
        fail(patch, OSError(errno.EIO, "Input/output error"), "replace", 3)  # the journal's is the first
        with pytest.raises(CorpusError, match=r"丙\.md: .*2 of 3 files were written; run it again"):
            corpus.write(writes)
    assert [corpus.read(path).tags for path in paths] == [("碳市场",), ("碳市场",), ()]
    corpus.write([corpus.revision(path, {"tags": ["碳市场"]}) for path in paths])
    assert not [name for name in tree(corpus.root) if ".policykb" in name]
    assert {corpus.read(path).tags for path in paths} == {("碳市场",)}


def test_without_hard_links_a_new_file_is_renamed(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    fail(monkeypatch, OSError(errno.EPERM, "Operation not permitted"), "link", 0)
    path = corpus.add(policy())
    assert corpus.read(path) == policy()
    assert sorted(tree(corpus.root)) == ["2024", path.relative_to(corpus.root).as_posix()]


def test_a_file_that_appears_at_the_last_moment_is_not_overwritten(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = corpus.addition(policy())
    name = "rename" if os.name == "nt" else "link"
    put = getattr(os, name)

    def late(source: Path, target: Path) -> None:
        target.write_bytes(b"theirs")
        put(source, target)

    monkeypatch.setattr(os, name, late)
    with pytest.raises(CorpusError, match="cannot be written: .*exists"):
        corpus.write([write])
    assert write.path.read_bytes() == b"theirs"


def test_a_read_only_file_is_respected(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    path = corpus.add(policy())
    before = path.read_bytes()
    path.chmod(0o444)
    monkeypatch.setattr(os, "access", lambda *_: False)  # what it says to everyone but root
    with pytest.raises(CorpusError, match="read-only; nothing was changed"):
        corpus.update(path, {"tags": ["碳市场"]})
    assert path.read_bytes() == before


def test_a_writer_waits_for_another_and_gives_up(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    handle = os.open(corpus.root, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    clock = Clock()
    monkeypatch.setattr(lock, "time", clock)
    with pytest.raises(CorpusError, match="another process is writing"):
        corpus.add(policy())
    assert lock.PATIENCE <= clock.now < lock.PATIENCE + 0.1
    assert tree(corpus.root) == {}
    clock.asleep = lambda: os.close(handle)  # the other one is ready while this one waits
    before = clock.now
    corpus.add(policy())
    assert before < clock.now < before + 0.1
    assert len(corpus.paths()) == 1


ADDER = """
import sys
from pathlib import Path
from policykb.corpus.corpus import Corpus
from policykb.errors import CorpusError
corpus = Corpus(Path(sys.argv[1]))
[path] = corpus.paths()
done = 0
while done < 25:
    content = path.read_bytes()
    tags = corpus.parse(path, content).tags
    try:
        corpus.update(path, {"tags": [*tags, f"{sys.argv[2]}-{done}"]}, expected=content)
        done += 1
    except CorpusError as error:
        assert "changed since" in str(error), error
"""


def test_two_processes_lose_no_change_of_each_other(corpus: Corpus) -> None:
    path = corpus.add(policy())
    adders = [subprocess.Popen([sys.executable, "-c", ADDER, corpus.root, name]) for name in "ab"]
    assert [adder.wait(LIMIT) for adder in adders] == [0, 0]
    tags = corpus.read(path).tags
    assert sorted(tags) == sorted(f"{name}-{number}" for name in "ab" for number in range(25))
    assert sorted(tree(corpus.root)) == ["2024", path.relative_to(corpus.root).as_posix()]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the writer is forked")
def test_a_killed_writer_damages_nothing(corpus: Corpus) -> None:
    start = {path: path.read_bytes() for path in map(corpus.add, map(policy, "甲乙"))}
    states = [start] + [{path: corpus.revision(path, {"tags": [tag] * 2000}).data for path in start} for tag in "ab"]

    def write() -> None:
        for old, new in pairwise(states):
            corpus.write([Write(path, new[path], old[path]) for path in start])

    counted = at_call(0, die)
    write()
    sys.setprofile(None)
    for part in range(1, 20):
        for path, content in start.items():
            path.write_bytes(content)
        writer = os.fork()
        if not writer:
            try:
                at_call(counted() * part // 20, die)
                write()
            finally:
                os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(writer, 0)[1]) == -signal.SIGKILL
        assert corpus.paths() == sorted(start)
        assert all(path.read_bytes() in [state[path] for state in states] for path in start)
    assert all(corpus.update(path, {"tags": ["碳市场"]}) for path in start)


# --- any file -------------------------------------------------------------------------------------------------


def test_writing_atomically(tmp_path: Path) -> None:
    path = tmp_path / "报告.html"
    write_atomically(path, b"1")
    path.chmod(0o640)
    write_atomically(path, b"2")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"2", 0o640)
    link = tmp_path / "link"
    link.symlink_to(path)
    write_atomically(link, b"3")
    assert link.is_symlink()
    assert path.read_bytes() == b"3"
    write_atomically(Path(os.devnull), b"4")
    assert not Path(os.devnull).is_file()
    assert sorted(tree(tmp_path)) == ["link", "报告.html"]


@pytest.mark.parametrize("name", ["no/such/folder.html", ".", "a\0b", "长" * 90])
def test_what_cannot_be_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        write_atomically(tmp_path / name, b"x")
    assert tree(tmp_path) == {}


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    write_atomically(path, b"old")
    fail(monkeypatch, OSError(errno.ENOSPC, "No space left on device"), "fsync", 0)
    with pytest.raises(OutputError, match="No space left"):
        write_atomically(path, b"new")
    assert tree(tmp_path) == {"a": b"old"}


def test_write_all_needs_no_corpus(tmp_path: Path) -> None:
    write_all([Write(tmp_path / "a/b", b"1", None), Write(tmp_path / "c", b"2", None)], lock=tmp_path)
    assert tree(tmp_path) == {"a": None, "a/b": b"1", "c": b"2"}
    with pytest.raises(CorpusError, match="exists already"):
        write_all([Write(tmp_path / "c", b"3", None)], lock=tmp_path)


# --- knowledge bases ------------------------------------------------------------------------------------------


EXAMPLES = tuple(f"corpus/{name}" for name in ("issuers.toml", "tags.toml", "terms.txt", "synonyms.txt"))


def uncommented(name: str, root: Path) -> None:
    """The example as its user has it who takes the # away."""
    path = root / name
    text = path.read_text(encoding="utf-8")
    lines = [
        line[2:] if "=" in line or re.match(r"# (\[|\]|  |[\u4e00-\u9fff])", line) else line
        for line in text.splitlines()
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_the_examples_of_init_can_be_used(tmp_path: Path) -> None:
    init(tmp_path, "甲")
    for name in EXAMPLES:
        uncommented(name, tmp_path)
    root = tmp_path / "corpus"
    vocabulary = Vocabulary.load(root)
    assert vocabulary.resolve("海洋牧场") == "海水养殖"
    assert "焦化" not in vocabulary
    assert Authority.load(root).resolve("省生态环境厅") == "浙江省生态环境厅"
    assert {"海洋牧场", "贝藻养殖"} <= set(read_terms(root / "terms.txt"))
    assert any("海水养殖" in words for _, words in synonym_groups(root))


def test_init_makes_an_empty_knowledge_base(tmp_path: Path) -> None:
    base = tmp_path / "新 库"
    assert init(base, '双碳"政策\\库') == base
    made = {"corpus", "corpus/kb.toml", *EXAMPLES, "index", "index/.gitignore"}
    assert set(tree(base)) == made
    for name in EXAMPLES:  # to begin from: nothing of it counts yet
        lines = (base / name).read_text(encoding="utf-8").splitlines()
        assert lines
        assert all(line.startswith("#") for line in lines)
    assert (base / "index/.gitignore").read_text() == "*\n!.gitignore\n"
    assert load_settings(base / "corpus") == Settings('双碳"政策\\库')
    assert Corpus(base / "corpus").paths() == []
    before = tree(base)
    with pytest.raises(CorpusError, match="already"):
        init(base, "另一个")
    assert tree(base) == before


def test_init_with_entries(tmp_path: Path) -> None:
    init(tmp_path, "甲", SHIPPED)
    copied, shipped = Corpus(tmp_path / "corpus"), Corpus(SHIPPED)
    assert list(copied.stats()) == list(shipped.stats())
    assert len(copied.paths()) == 40
    assert [path.read_bytes() for path in copied.paths()] == [path.read_bytes() for path in shipped.paths()]
    assert load_settings(tmp_path / "corpus").name == "甲"


def test_init_keeps_what_is_there(tmp_path: Path) -> None:
    put(Corpus(tmp_path), "corpus/我的.md", "x")
    put(Corpus(tmp_path), ".gitignore", "*.pyc\n")
    put(Corpus(tmp_path), "index/.gitignore", "*\n")
    init(tmp_path, "甲")
    assert (tmp_path / "corpus/我的.md").read_text() == "x"
    assert (tmp_path / ".gitignore").read_text() == "*.pyc\n"
    assert (tmp_path / "index/.gitignore").read_text() == "*\n"


def test_init_writes_nothing_through_a_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "index").symlink_to(outside)
    init(tmp_path / "base", "甲")
    assert list(outside.iterdir()) == []


def test_init_never_overwrites_an_entry(tmp_path: Path) -> None:
    source, base = tmp_path / "source", tmp_path / "base"
    put(Corpus(tmp_path), "source/a.md", "1")
    put(Corpus(tmp_path), "source/b/c.toml", "2")
    put(Corpus(tmp_path), "source/.hidden", "3")
    put(Corpus(tmp_path), "source/kb.toml", "4")
    put(Corpus(tmp_path), "base/corpus/a.md", "mine")
    before = tree(base)
    with pytest.raises(CorpusError, match="exists already"):
        init(base, "甲", source)
    assert tree(base) == before
    (base / "corpus/a.md").write_text("1")
    init(base, "甲", source)
    assert sorted(tree(base)) == [
        "corpus",
        "corpus/a.md",
        "corpus/b",
        "corpus/b/c.toml",
        "corpus/issuers.toml",
        "corpus/kb.toml",
        "corpus/synonyms.txt",
        "corpus/tags.toml",
        "corpus/terms.txt",
        "index",
        "index/.gitignore",
    ]


@pytest.mark.parametrize("name", ["", " ", "a\nb", "\x1b[2J", "\ud800"])
def test_names_that_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(CorpusError, match="name"):
        init(tmp_path, name)
    assert tree(tmp_path) == {}


def test_init_where_nothing_can_be_made(tmp_path: Path) -> None:
    file = put(Corpus(tmp_path), "file", "x")
    for place in (file, file / "x", tmp_path / "a\0b"):
        with pytest.raises(CorpusError):
            init(place, "甲")
    assert tree(tmp_path) == {"file": b"x"}


def test_finding_upwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = init(tmp_path / "库", "甲")
    deep = base / "corpus/2024/深"
    deep.mkdir(parents=True)
    for start in (base, base / "corpus", deep, base / "none/such"):
        assert locate(start) == base
    assert locate(tmp_path) is None
    monkeypatch.chdir(deep)
    assert locate(Path()) == base
    inner = init(base / "内", "乙")
    assert locate(inner / "corpus") == inner


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "name: is missing"),
        ("# nothing\n", 1, "name: is missing"),
        ("description = 'x'\n", 1, "name: is missing"),
        ("name = 3\n", 1, "name: must be text"),
        ("\nname = ''\n", 2, "name: must be text"),
        ("name = '甲'\ndescription = ['x']\n", 2, "description: must be text"),
        ("name = '甲'\n\ntitel = 'x'\n", 3, "titel: no such key"),
        ("name = '甲'\n\n[report]\nx = 1\n", 3, "report: no such key"),
        ("name = '甲'\nname = '乙'\n", 2, "not TOML"),
        ("name = '甲'\nx = \n", 2, "not TOML"),
        ("name = '甲", 1, "not TOML"),
        ("x = " + "[" * 5000, None, "not TOML"),
    ],
)
def test_settings_with_mistakes(corpus: Corpus, text: str, line: int | None, said: str) -> None:
    path = put(corpus, "kb.toml", text)
    with pytest.raises(DataError) as caught:
        load_settings(corpus.root)
    assert str(caught.value).startswith(f"{path}:{line}: {said}" if line else f"{path}: {said}")


def test_settings_that_cannot_be_read(corpus: Corpus) -> None:
    with pytest.raises(NoKnowledgeBaseError, match="init"):
        load_settings(corpus.root)
    put(corpus, "kb.toml", "name = '甲'".encode("gb18030"))
    with pytest.raises(DataError, match="UTF-8"):
        load_settings(corpus.root)
    (corpus.root / "kb.toml").unlink()
    (corpus.root / "kb.toml").mkdir()
    with pytest.raises(DataError, match="cannot be read"):
        load_settings(corpus.root)


def test_settings_as_written_on_windows(corpus: Corpus) -> None:
    put(corpus, "kb.toml", "\ufeffname = '甲'\r\ndescription = '乙'\r\n")
    assert load_settings(corpus.root) == Settings("甲", "乙")


@pytest.fixture(autouse=True)
def _no_temporary_files_remain(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if not {"killed", "entry"} & set(request.node.name.split("_")):
        assert not list(tmp_path.rglob(".policykb-*.tmp"))


@pytest.mark.parametrize(
    "name",
    [
        "CON",
        "nul",
        "Aux.2024",
        "com1",
        "LPT¹",
        "prn ",
        "CONIN$",
        "试:验",
        '试"验',
        "试*验",
        "试?验",
        "试<验",
        "试>验",
        "试|验",
    ],
)
def test_no_name_that_windows_does_not_have(corpus: Corpus, name: str) -> None:
    """On any system: a corpus is shared between them."""
    for given in ({"policy": replace(policy(), id=name)}, {"policy": policy(), "folder": name}):
        with pytest.raises(CorpusError, match="on Windows"):
            corpus.addition(**given)


def test_names_that_only_look_so_are_allowed(corpus: Corpus) -> None:
    for name in ("CONTENT", "2024-01-01-CON", "COM10", "nul的", "第1条。", "试.验"):
        corpus.addition(replace(policy(), id=name))
    for folder in ("2024.", "2024 "):
        with pytest.raises(CorpusError, match="on Windows"):
            corpus.addition(policy(), folder=folder)


def test_an_id_has_no_dot_at_its_end() -> None:
    assert entry_id(date(2024, 1, 1), "试" * 59 + ".1") == "2024-01-01-" + "试" * 59
