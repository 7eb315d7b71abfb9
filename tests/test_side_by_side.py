"""A page, a watcher, commands and a killed writer beside one another, on Windows as elsewhere.

Windows neither removes nor replaces a file that a process has open; where the tests run elsewhere, some pretend it.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import httpx
import pytest

import policykb
from conftest import make_base, run_process
from policykb.engines.whoosh import build, refresh
from policykb.engines.whoosh.folder import is_file
from policykb.errors import CorpusError
from policykb.files import lock, sharing
from policykb.files.journal import Write, write_all
from policykb.kb import KnowledgeBase
from waiting import LIMIT, Clock, wait_until

PLACE = str(Path(policykb.__file__).parents[1])

NOTICE = "# 生态环境部关于水泥行业的通知\n\n各省：\n\n水泥行业。\n\n生态环境部\n\n2024年3月1日\n"
READER = """
import sys
from policykb.kb import KnowledgeBase
kb = KnowledgeBase.open(sys.argv[1])
for line in sys.stdin:
    if line.strip() == "refresh":
        kb.refresh()
    print(kb.search("水泥").total, flush=True)
"""

HOLDER = """
import sys
from pathlib import Path
from policykb.files.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def python(code: str, *arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """A process of Python; it is killed in the end."""
    process = subprocess.Popen(
        [sys.executable, "-X", "utf8", "-c", code, *map(str, arguments)], env={**os.environ, "PYTHONPATH": PLACE},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def policykb_started(root: Path, *arguments: str) -> AbstractContextManager[subprocess.Popen[str]]:
    """A command that stays."""
    return python("from policykb.__main__ import main; main()", "--kb", root, *arguments)


def asked(process: subprocess.Popen[str], line: str = "") -> str:
    assert process.stdin
    assert process.stdout
    process.stdin.write(line + "\n")
    process.stdin.flush()
    return process.stdout.readline().strip()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    place = tmp_path / "知识 库"
    with make_base(place, ["水泥熟料", "铝冶炼"]) as kb:
        kb.refresh()
    return place


def stray(root: Path) -> list[str]:
    """The files of the index that belong to no current generation, and what was not completed."""
    with KnowledgeBase.open(root) as kb:
        index = kb.engine.index
        generation = index.generation()
        state = index.state(generation)
        current = {*state.sums, state.manifest, f"state_{generation}.json"}
        return [
            name for name in os.listdir(root / "index") if (is_file(name) or name[0] == ".") and name not in current
        ]


def test_the_index_is_rebuilt_and_changed_beside_an_open_reader(root: Path) -> None:
    new = root.parent / "关于水泥行业的通知.md"
    new.write_text(NOTICE, encoding="utf-8")
    with python(READER, root) as reader:
        assert asked(reader) == "1"
        for arguments in (["index", "--rebuild"], ["tag", "+碳市场", "000"], ["index"], ["index", "--rebuild"]):
            done = run_process("--kb", str(root), *arguments)
            assert done.code == 0, done.err
            assert "cannot" not in done.err
            assert "could not" not in done.err
        assert run_process("--kb", str(root), "add", str(new)).code == 0
        found = run_process("--kb", str(root), "search", "水泥", "--format", "json")
        assert json.loads(found.out)["total"] == 2, found.err
        assert asked(reader) == "1"  # its snapshot
        assert run_process("--kb", str(root), "doctor").code == 0  # what the reader keeps is no leftover
        assert asked(reader, "refresh") == "2"
    assert run_process("--kb", str(root), "doctor").code == 0  # nor is what only waits for the next update
    done = run_process("--kb", str(root), "index", "--rebuild")
    assert done.code == 0, done.err
    assert stray(root) == []


def test_commands_write_beside_a_page_and_a_watcher(root: Path) -> None:
    new = root.parent / "通知.md"
    new.write_text(NOTICE, encoding="utf-8")
    with (
        policykb_started(root, "serve", "--port", "0") as server,
        policykb_started(root, "index", "--watch") as watcher,
    ):
        assert server.stderr
        [address] = re.findall(r"http://[\d.:]+/", server.stderr.readline())
        with httpx.Client(base_url=address, timeout=LIMIT, trust_env=False) as page:
            assert "共 1 项" in page.get("/", params={"q": "水泥"}).text
            assert watcher.stdout
            assert watcher.stdout.readline().startswith("2 entries")
            for arguments in (["tag", "+碳市场", "000"], ["add", str(new)], ["index", "--rebuild"]):
                done = run_process("--kb", str(root), *arguments)
                assert done.code == 0, done.err
                assert "cannot" not in done.err
            wait_until(lambda: "共 2 项" in page.get("/", params={"q": "水泥"}).text, "the page finds what is new")
            assert "共 1 项" in page.get("/", params={"q": "tag:碳市场"}).text
        assert watcher.poll() is None
        assert server.poll() is None
    done = run_process("--kb", str(root), "index", "--rebuild")  # which removes what was open
    assert done.code == 0, done.err
    assert stray(root) == []


def test_files_that_are_open_elsewhere_stay_until_a_later_update(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unlink = Path.unlink

    def held(path: Path, missing_ok: bool = False) -> None:
        if is_file(path.name) and path.exists():
            raise PermissionError(13, "The process cannot access the file")
        unlink(path, missing_ok=missing_ok)

    with KnowledgeBase.open(root) as kb:
        old = set(filter(is_file, os.listdir(root / "index")))
        monkeypatch.setattr(Path, "unlink", held)
        kb.refresh(rebuild=True)
        assert kb.engine.index.folder == root / "index"
        assert kb.search("水泥").total == 1
        assert old < set(os.listdir(root / "index"))
        monkeypatch.undo()
    with KnowledgeBase.open(root) as kb:
        kb.refresh(rebuild=True)
        kb.close()
    assert stray(root) == [] or os.name == "nt"  # there this process may still have mapped them


def test_a_damaged_dictionary_that_is_open_elsewhere_is_not_replaced(root: Path) -> None:
    with KnowledgeBase.open(root) as kb:
        index = kb.engine.index
        before = index.state(index.generation())
        lexicon = root / "index" / before.lexicon
        lexicon.write_bytes(lexicon.read_bytes()[:-1] + b"9")
        kb.refresh(rebuild=True)
        after = index.state(index.generation())
        assert after.lexicon != before.lexicon
        assert after.thesaurus == before.thesaurus  # as it was: it keeps its name
        assert kb.search("水泥").total == 1


def test_a_file_that_is_being_removed_is_looked_for_in_the_next_generation(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows denies access to a file that another process has just removed, as long as it is open anywhere."""
    with KnowledgeBase.open(root) as kb, KnowledgeBase.open(root) as other:
        index = kb.engine.index
        state = index.state

        def overtaken(generation: int) -> object:
            monkeypatch.undo()
            other.refresh(rebuild=True)
            raise PermissionError(13, "Access denied")

        monkeypatch.setattr(index, "state", overtaken)
        assert refresh.open_as_is(index).reader.count == 2
        assert index.state(1) != state


# -- renaming


def test_a_name_that_is_open_elsewhere_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, replace, path = Clock(), os.replace, tmp_path / "a"
    path.write_bytes(b"new")

    def held(source: Path, target: Path) -> None:
        error = PermissionError(13, "The process cannot access the file")
        error.winerror = 32  # type: ignore[attr-defined]
        raise error

    monkeypatch.setattr(sharing, "time", clock)
    monkeypatch.setattr(os, "replace", held)
    with pytest.raises(PermissionError):
        sharing.rename(path, tmp_path / "b")
    assert sharing.PATIENCE <= clock.now < sharing.PATIENCE + 0.1
    clock.asleep = lambda: monkeypatch.setattr(os, "replace", replace)  # the other one has looked at it
    sharing.rename(path, tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == b"new"


def test_a_file_that_is_open_elsewhere_for_a_moment_is_removed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry, and the journal, while somebody looks for viruses."""
    unlink, clock, entries = Path.unlink, Clock(), sorted((root / "corpus").glob("*.md"))
    looked_at: set[Path] = set()

    def held(path: Path, missing_ok: bool = False) -> None:
        if path.exists() and path not in looked_at:
            looked_at.add(path)
            error = PermissionError(13, "The process cannot access the file")
            error.winerror = 32  # type: ignore[attr-defined]
            raise error
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(sharing, "time", clock)
    monkeypatch.setattr(Path, "unlink", held)
    write_all([Write(path, None, path.read_bytes()) for path in entries], lock=root / "corpus")
    assert looked_at > {*entries}
    assert [path.name for path in (root / "corpus").iterdir()] == ["kb.toml"]


def test_a_file_that_is_open_in_another_program_is_said_to_be(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "time", Clock())
    path = root / "corpus" / "000.md"
    before = path.read_bytes()

    def held(*_: object) -> None:
        error = PermissionError(13, "The process cannot access the file")
        error.winerror = 32  # type: ignore[attr-defined]
        raise error

    monkeypatch.setattr(os, "replace", held)
    with pytest.raises(CorpusError, match="open in another program.*nothing was changed"):
        write_all([Write(path, b"new", before)], lock=root / "corpus")
    assert path.read_bytes() == before


# -- locks and kills


def test_a_lock_ends_with_its_process(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(lock, "time", clock)
    with python(HOLDER, root / "corpus") as holder:
        assert holder.stdout
        assert holder.stdout.readline().strip() == "held"
        with pytest.raises(CorpusError, match="another process is writing"), lock.locked(root / "corpus"):
            pass
    with lock.locked(root / "corpus"):
        assert clock.now < lock.PATIENCE + 1
    assert not [path for path in (root / "corpus").iterdir() if path.name[0] == "."]


def test_a_killed_build_leaves_no_worker_and_is_done_again(
    tmp_path: Path, make_kb: Callable[..., KnowledgeBase]
) -> None:
    kb = make_kb(*(f"水泥熟料{number}" for number in range(build.ALONE + 20)))
    index = kb.root / "index"
    code = f"import os; os.cpu_count = lambda: 2; from policykb.cli.main import run; raise SystemExit(run(['--kb', {str(kb.root)!r}, 'index']))"
    with python(code) as builder:
        wait_until(lambda: list(index.glob(".work-*/*/*.trm")) or builder.poll() is not None, "a worker writes")
        builder.kill()
    wait_until(lambda: _removable(index), "the workers have ended")
    done = run_process("--kb", str(kb.root), "index")
    assert done.code == 0, done.err
    assert run_process("--kb", str(kb.root), "search", "水泥", "--format", "json").code == 0
    assert stray(kb.root) == []


def _removable(index: Path) -> bool:
    """Whether nobody has a file of an unfinished build open, as far as the system tells."""
    try:
        for path in index.glob(".work-*/*/*"):
            os.rename(path, path)
    except FileNotFoundError:
        return True
    except PermissionError:
        return False
    return True


# -- paths


def test_paths_are_the_same_on_every_system(root: Path) -> None:
    (root / "corpus" / "2024").mkdir()
    os.rename(root / "corpus" / "001.md", root / "corpus" / "2024" / "001.md")
    with KnowledgeBase.open(root) as kb:
        kb.refresh()
        index = kb.engine.index
        assert set(index.manifest(index.state(index.generation()))) == {"000.md", "2024/001.md"}
    found = json.loads(run_process("--kb", str(root), "search", "冶炼", "--format", "json").out)
    assert [hit["path"] for hit in found["hits"]] == ["corpus/2024/001.md"]


def test_line_ends_of_windows_stay(root: Path) -> None:
    path = root / "corpus" / "000.md"
    path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    assert run_process("--kb", str(root), "tag", "+碳市场", "000").code == 0
    assert "碳市场".encode() in path.read_bytes()
    assert path.read_bytes().count(b"\n") == path.read_bytes().count(b"\r\n")
