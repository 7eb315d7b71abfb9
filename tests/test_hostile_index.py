"""A stranger's folder: its ``index/`` runs nothing, deletes nothing and breaks nothing; a damaged cache neither."""

from __future__ import annotations

import errno
import os
import random
import shutil
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO

import pytest

import policykb
from conftest import Run, ids, write_entry
from policykb.engines import workers
from policykb.engines.sums import read_json, write_json
from policykb.engines.whoosh import folder
from policykb.engines.workers import ALONE
from policykb.errors import IndexUnusableError
from policykb.kb import KnowledgeBase
from robustness import kills

DECOYS = ["x.tmp", ".work-1", ".work-x", "policies_x", "policies_abcdef0123456789", "lexicon-x", "state_1.json.tmp"]


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


# -- whose folder it is


@pytest.fixture
def decoys(tmp_path: Path) -> Path:
    """A folder of somebody's, with names that an index once removed."""
    place = tmp_path / "elsewhere"
    for name in DECOYS:
        (place / name).mkdir(parents=True)
        (place / name / "kept").write_text("x", encoding="utf-8")
    partial = (".state_1.json.7", ".policykb-0123456789abcdef.tmp")
    for name in ("policies_abcdef0123456789.trm", *partial, "manifest_7-0.json", "lexicon-abcdef0123456789"):
        (place / name).write_text("x", encoding="utf-8")
    return place


@pytest.mark.parametrize(
    "command", [("search", "水泥"), ("index", "--rebuild"), ("doctor", "--fix")], ids=lambda command: command[0]
)
def test_nothing_is_done_through_a_link(
    make_kb: Callable[..., KnowledgeBase], decoys: Path, run: Callable[..., Run], command: tuple[str, ...]
) -> None:
    base = make_kb("水泥")
    (base.root / "index").symlink_to(decoys)
    before = contents(decoys)
    done = run(*command, kb=base.root)
    assert done.code == 0
    assert f"{base.root / 'index'} cannot hold the index: it is a symbolic link; using one in" in done.err
    assert contents(decoys) == before
    assert sorted(path.name for path in decoys.iterdir() if path.is_dir()) == sorted(DECOYS)


def test_a_link_to_the_knowledge_base_itself(make_kb: Callable[..., KnowledgeBase], run: Callable[..., Run]) -> None:
    base = make_kb("水泥")
    (base.root / "index").symlink_to("..")
    for name in DECOYS:
        (base.root.parent / name).mkdir()
    assert "水泥" in run("search", "水泥", kb=base.root).out
    assert all((base.root.parent / name).is_dir() for name in DECOYS)


def test_a_folder_of_somebody_elses_stays_as_it_is(
    make_kb: Callable[..., KnowledgeBase], decoys: Path, run: Callable[..., Run]
) -> None:
    base = make_kb("水泥")
    shutil.copytree(decoys, base.root / "index")
    (base.root / "index" / "index.html").write_text("x", encoding="utf-8")
    before = contents(base.root)
    done = run("search", "水泥", kb=base.root)
    assert "cannot hold the index: it holds files that are not policykb's" in done.err
    assert done.code == 0
    assert contents(base.root) == before
    assert run("search", "水泥", "--no-refresh", kb=base.root).code == 0  # the one in the cache


@pytest.mark.parametrize("kind", ["file", "fifo"])
def test_what_is_no_folder_is_not_used(
    make_kb: Callable[..., KnowledgeBase], run: Callable[..., Run], kind: str
) -> None:
    base = make_kb("水泥")
    if kind == "file":
        (base.root / "index").write_text("x", encoding="utf-8")
    else:
        os.mkfifo(base.root / "index")
    done = run("search", "水泥", kb=base.root)
    assert done.code == 0
    assert "it is no folder" in done.err


def test_a_folder_that_was_named_is_refused(
    make_kb: Callable[..., KnowledgeBase], decoys: Path, tmp_path: Path
) -> None:
    root = make_kb("水泥").root
    (tmp_path / "link").symlink_to(decoys)
    before = contents(decoys)
    for named in (tmp_path / "link", decoys):
        (decoys / "mine.txt").write_text("x", encoding="utf-8")
        with KnowledgeBase.open(root, index=named) as base, pytest.raises(IndexUnusableError, match="cannot hold"):
            base.refresh()
    (decoys / "mine.txt").unlink()
    assert contents(decoys) == before


def test_in_a_folder_of_ours_only_our_files_are_removed(make_kb: Callable[..., KnowledgeBase], decoys: Path) -> None:
    base = make_kb("水泥")
    base.refresh()
    index = base.root / "index"
    shutil.copytree(decoys, index, dirs_exist_ok=True)
    (index / ".gitignore").write_text("*\n", encoding="utf-8")
    (index / "policies_abcdef0123456780.trm").symlink_to(decoys / "policies_abcdef0123456789.trm")
    before = contents(decoys)
    base.refresh(rebuild=True)
    assert contents(decoys) == before
    assert (index / ".gitignore").exists()
    left = {path.name for path in index.iterdir() if path.is_dir()}
    assert left == set(DECOYS) - {".work-1"}  # which is as we name what is being built
    assert not (index / "policies_abcdef0123456789.trm").exists()
    assert not list(index.glob(".state_1.json.7")) + list(index.glob(".policykb-*.tmp"))  # a killed writer's


@pytest.mark.parametrize("marker", [True, False], ids=["marked", "of version 0.1.0"])
def test_a_folder_of_an_earlier_version_is_ours(make_kb: Callable[..., KnowledgeBase], marker: bool) -> None:
    base = make_kb("水泥")
    base.refresh()
    (base.root / "index" / "notes.txt").write_text("x", encoding="utf-8")
    if not marker:
        (base.root / "index" / folder.MARKER).unlink()
    assert folder.refusal(base.root / "index") is None
    base.refresh(rebuild=True)
    assert (base.root / "index" / folder.MARKER).exists()


@pytest.mark.parametrize("name", [folder.LOCK, ".state_0.json.1", ".work-1", folder.MARKER])
@pytest.mark.parametrize("kind", ["link", "dangling", "fifo"])
def test_nothing_is_written_through_what_lies_there(
    make_kb: Callable[..., KnowledgeBase], tmp_path: Path, name: str, kind: str
) -> None:
    base = make_kb("水泥")
    victim = tmp_path / "victim"
    victim.write_text("x", encoding="utf-8")
    (base.root / "index").mkdir()
    place = base.root / "index" / name
    if kind == "fifo":
        os.mkfifo(place)
    else:
        place.symlink_to(victim if kind == "link" else tmp_path / "made")
    assert base.search("水泥").total == 1
    assert victim.read_text(encoding="utf-8") == "x"
    assert not (tmp_path / "made").exists()


# -- crafted states


CRAFTED: dict[str, Callable[[dict[str, object]], object]] = {
    "list": lambda state: [],
    "number": lambda state: 7,
    "nothing": lambda state: {},
    "more": lambda state: state | {"more": 1},
    "fingerprint": lambda state: state | {"fingerprint": 3},
    "listing": lambda state: state | {"listing": None},
    "manifest outside": lambda state: state | {"manifest": "../../victim"},
    "manifest absolute": lambda state: state | {"manifest": "/etc/passwd"},
    "lexicon outside": lambda state: state | {"lexicon": "../../victim"},
    "lexicon device": lambda state: state | {"lexicon": "/dev/zero"},
    "lexicon outside with its sum": lambda state: state
    | {"lexicon": "../../victim", "sums": state["sums"] | {"../../victim": [1, 1, zlib.crc32(b"x")]}},
    "thesaurus outside for it": lambda state: state
    | {
        "thesaurus": "../../victim",
        "sums": {name: sums for name, sums in state["sums"].items() if name != state["thesaurus"]}
        | {"../../victim": [1, 1, zlib.crc32(b"x")]},
    },
    "problems": lambda state: state | {"problems": [1]},
    "problems of numbers": lambda state: state | {"problems": {"a.md": 1}},
    "sums": lambda state: state | {"sums": 3},
    "sums of texts": lambda state: state | {"sums": {name: ["x", "y", "z"] for name in state["sums"]}},
    "sums outside": lambda state: state | {"sums": state["sums"] | {"../../victim": [1, 1, 1]}},
    "sums missing": lambda state: state | {"sums": {}},
    "segments": lambda state: state | {"segments": "abc"},
    "segment name": lambda state: state | {"segments": [["../../../victim", 2, []]]},
    "segment unknown": lambda state: state | {"segments": [["abcdef0123456789", 2, []]]},
    "negative count": lambda state: state | {"segments": [[state["segments"][0][0], -1, []]]},
    "huge count": lambda state: state | {"segments": [[state["segments"][0][0], 10**12, []]]},
    "more documents": lambda state: state | {"segments": [[state["segments"][0][0], 3, []]]},
    "fewer documents": lambda state: state | {"segments": [[state["segments"][0][0], 1, []]]},
    "deleted beyond": lambda state: state | {"segments": [[state["segments"][0][0], 2, [10**9]]]},
    "deleted text": lambda state: state | {"segments": [[state["segments"][0][0], 2, ["0"]]]},
    "deleted nested": lambda state: state | {"segments": [[state["segments"][0][0], 2, [[0]]]]},
    "deleted negative": lambda state: state | {"segments": [[state["segments"][0][0], 2, [-1]]]},
}  # fmt: skip


@pytest.mark.timeout(60)
@pytest.mark.parametrize("how", CRAFTED)
def test_a_crafted_state_is_a_damaged_index(
    make_kb: Callable[..., KnowledgeBase], run: Callable[..., Run], how: str
) -> None:
    base = make_kb("水泥", "钢铁")
    base.refresh()
    victim = base.root.parent / "victim"
    victim.write_text("x", encoding="utf-8")
    state = base.root / "index" / "state_0.json"
    write_json(state, CRAFTED[how](read_json(state)))
    assert run("doctor", kb=base.root).code == 3
    done = run("search", "水泥", "--format", "paths", kb=base.root)
    assert (done.code, done.out.count("\n")) == (0, 1)
    assert done.err.count("rebuilding") == 1
    assert "defect" not in done.err
    assert victim.read_text(encoding="utf-8") == "x"
    assert run("search", "水泥", kb=base.root).err == ""


MANIFESTS: list[object] = [
    None,
    3,
    [],
    [[1], [2], [3], ["x"]],
    [["a.md"], ["x"], ["y"], ["z"]],
    [["a.md"], [1]],
    {"a": 1},
]


@pytest.mark.parametrize("manifest", MANIFESTS, ids=str)
def test_a_crafted_manifest_is_a_damaged_index(make_kb: Callable[..., KnowledgeBase], manifest: object) -> None:
    messages: list[str] = []
    base = make_kb("水泥", say=messages.append)
    base.refresh()
    (path,) = (base.root / "index").glob("manifest_*")
    write_json(path, manifest)
    write_entry(base.root, replace(base.get("000"), id="001"))
    base.refresh()
    assert ids(base.search("水泥")) == ["000", "001"]
    assert sum("rebuilding" in text for text in messages) == 1


def put(path: Path, kind: str) -> None:
    """Something that is no file, in the place of one."""
    path.unlink(missing_ok=True)
    if kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")


@pytest.mark.timeout(60)
@pytest.mark.parametrize("kind", ["folder", "fifo", "zero"])
@pytest.mark.parametrize(
    "name", ["state_0.json", "state_9.json", "manifest_*", "lexicon-*", "thesaurus-*", "*.trm", "*.day.col"]
)
def test_what_is_no_file_is_never_read(
    make_kb: Callable[..., KnowledgeBase], run: Callable[..., Run], name: str, kind: str
) -> None:
    base = make_kb("水泥")
    base.refresh()
    index = base.root / "index"
    put(next(index.glob(name), index / name), kind)
    write_entry(base.root, replace(base.get("000"), id="001"))
    assert run("doctor", kb=base.root).code in (0, 3)
    for again in range(2):
        done = run("search", "水泥", "--format", "paths", kb=base.root)
        assert (done.code, done.out.count("\n")) == (0, 2), done
        assert not again or done.err == "" or (kind == "folder" and "using one in" in done.err)


def test_a_generation_beyond_all_others_is_not_for_ever(make_kb: Callable[..., KnowledgeBase]) -> None:
    messages: list[str] = []
    base = make_kb("水泥", say=messages.append)
    base.refresh()
    for digits in (12, 13, 200):
        (base.root / "index" / f"state_{'9' * digits}.json").write_bytes(b"x")
    write_entry(base.root, replace(base.get("000"), id="001"))
    base.refresh()
    messages.clear()
    base.close()
    assert ids(base.search("水泥")) == ["000", "001"]
    assert messages == []


# -- the user's cache


@pytest.mark.parametrize("damage", ["empty", "half", "flip", "garbage", "folder", "unrecorded"])
def test_a_damaged_lexicon_in_the_cache_is_made_anew(
    make_kb: Callable[..., KnowledgeBase], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cache: Path, damage: str
) -> None:
    shutil.copytree(cache / "policykb", tmp_path / "cache" / "policykb", ignore=shutil.ignore_patterns("index-*"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    base = make_kb("水泥碳足迹")
    base.refresh()
    own = (base.root / "index" / base.engine.index.state(0).lexicon).read_bytes()
    shared = tmp_path / "cache" / "policykb" / base.engine.index.state(0).lexicon
    assert shared.read_bytes() == own
    if damage == "folder":
        shared.unlink()
        shared.mkdir()
    elif damage == "unrecorded":
        shared.with_name(f"{shared.name}.json").unlink()
        shared.write_bytes(b"")
    else:
        flipped = bytearray(own)
        flipped[len(own) // 2] ^= 1
        shared.write_bytes({"empty": b"", "half": own[: len(own) // 2], "flip": flipped, "garbage": b"x"}[damage])
    base.refresh(rebuild=True)
    assert (base.root / "index" / base.engine.index.state(1).lexicon).read_bytes() == own
    assert base.search("碳足迹").total == 1
    if damage != "folder":
        assert shared.read_bytes() == own


def test_an_index_that_was_made_with_a_damaged_lexicon_is_rebuilt(make_kb: Callable[..., KnowledgeBase]) -> None:
    messages: list[str] = []
    base = make_kb("水泥", say=messages.append)
    base.refresh()
    path = base.root / "index" / "state_0.json"
    state = read_json(path)
    (base.root / "index" / state["lexicon"]).write_bytes(b"")
    state["sums"][state["lexicon"]] = [0, 0, zlib.crc32(b"")]
    write_json(path, state)
    base.close()
    assert base.search("水泥").total == 1
    assert sum("rebuilding" in text for text in messages) == 1


# -- a file system without locks


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP], ids=errno.errorcode.get)
def test_a_folder_without_locks_has_its_index_in_the_cache(
    make_kb: Callable[..., KnowledgeBase], run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    fcntl = pytest.importorskip("fcntl")
    base = make_kb("水泥")
    flock = fcntl.flock

    def refused(file: int | IO[str], how: int) -> None:
        handle = file if isinstance(file, int) else file.fileno()
        if os.readlink(f"/proc/self/fd/{handle}").startswith(str(base.root)):
            raise OSError(number, os.strerror(number))
        flock(file, how)

    monkeypatch.setattr(fcntl, "flock", refused)
    for _ in range(2):
        done = run("search", "水泥", "--format", "paths", kb=base.root)
        assert (done.code, done.out.count("\n")) == (0, 1)
        assert "using one in" in done.err
    assert run("tag", "+碳市场", "--", "水泥", kb=base.root).out.endswith("1 changed\n")
    assert run("search", "tag:碳市场", "--format", "paths", kb=base.root).out.count("\n") == 1


# -- deleted while it is used; several threads


def test_the_index_is_deleted_while_it_is_watched(tmp_path: Path) -> None:
    kills.make(tmp_path, 3)
    command = [sys.executable, "-m", "policykb", "--kb", str(tmp_path), "index", "--watch", "--every", "0.1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        try:
            assert process.stdout.readline().startswith(b"3 entries")
            for _ in range(2):
                shutil.rmtree(tmp_path / "index")
                assert b"3 entries" in process.stdout.readline()
                (tmp_path / "corpus" / "2024" / "e0003.md").write_text(kills.entry(3), encoding="utf-8")
                assert b"4 entries; added 1" in process.stdout.readline()
                (tmp_path / "corpus" / "2024" / "e0003.md").unlink()
                assert b"removed 1" in process.stdout.readline()
        finally:
            process.kill()


def test_threads_search_while_others_refresh_and_close(make_kb: Callable[..., KnowledgeBase]) -> None:
    base = make_kb(*["碳足迹 水泥 配额"] * 20)
    base.refresh()
    policy = base.get("000")
    failures: list[BaseException] = []
    done = threading.Event()
    counts = [0] * 6

    def read(number: int) -> None:
        chance = random.Random(number)
        while not done.is_set():
            result = base.search(chance.choice(["碳足迹", "水泥 配额", "迹 水", ""]), facets=True, limit=100)
            assert 20 <= result.total <= 21
            assert len({hit.path for hit in result.hits}) == result.total
            assert sum(result.facets["month"].values()) == result.total
            assert len(base.similar("000", limit=3)) == 3
            counts[number] += 1

    def write() -> None:
        for number in range(12):
            if number % 2:
                (base.root / "corpus" / "900.md").unlink()
            else:
                write_entry(base.root, replace(policy, id="900"))
            base.refresh(rebuild=number % 5 == 4)
            if number % 3 == 0:
                base.close()
        while not all(counts):
            pass

    def guarded(work: Callable[..., None], *arguments: object) -> None:
        try:
            work(*arguments)
        except BaseException as error:
            failures.append(error)
            done.set()

    readers = [threading.Thread(target=guarded, args=(read, number)) for number in range(6)]
    writers = [
        threading.Thread(target=guarded, args=(work,)) for work in (write, lambda: [base.refresh() for _ in range(9)])
    ]
    for thread in (*readers, *writers):
        thread.start()
    for thread in writers:
        thread.join(200)
    done.set()
    for thread in readers:
        thread.join(60)
    assert not failures


def test_a_snapshot_that_nobody_uses_is_released(make_kb: Callable[..., KnowledgeBase]) -> None:
    """Its files are closed at once, without a search for cycles."""

    def held() -> int:
        files = [os.readlink(one) for one in Path("/proc/self/fd").iterdir() if one.is_symlink()]
        return sum(str(base.root / "index") in file for file in files)

    base = make_kb("水泥")
    if not Path("/proc/self/fd").exists():
        pytest.skip("needs /proc")
    base.search("水泥", facets=True)
    open_files = held()
    assert open_files
    for _ in range(3):
        base.refresh(rebuild=True)
        base.search("水泥", facets=True)
        base.similar("000")
        assert held() == open_files
    base.close()
    assert held() == 0


# -- a locale of another encoding


def test_a_locale_that_is_not_utf_8_changes_nothing(make_kb: Callable[..., KnowledgeBase], tmp_path: Path) -> None:
    made = tmp_path / "locales" / "zh_CN.GBK"
    made.parent.mkdir()
    try:
        subprocess.run(["localedef", "-i", "zh_CN", "-f", "GBK", made], capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("needs localedef")
    if not made.exists():
        pytest.skip("the sources of zh_CN.GBK are not installed")
    base = make_kb({"id": "关于水泥", "body": "水泥"}, {"id": "乙", "body": "钢铁"})
    base.refresh()
    # the link of an editable installation cannot be followed where its path is read in another encoding
    place = str(Path(policykb.__file__).parents[1])
    environment = os.environ | {"LOCPATH": str(made.parent), "LC_ALL": "zh_CN.GBK", "PYTHONPATH": place}
    for typed in ("水泥", "水泥".encode("gbk")):
        done = subprocess.run(
            [sys.executable, "-m", "policykb", "--kb", base.root, "search", typed, "--format", "paths"],
            env=environment, capture_output=True, check=True,
        )  # fmt: skip
        assert done.stdout.decode().endswith("关于水泥.md\n")
        assert done.stderr == b""
    assert not base.refresh().rebuilt


# -- code from the working folder


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A stranger's knowledge base, beside every module that Python or policykb may import, each leaving a mark."""
    root = tmp_path_factory.mktemp("fremd") / "库"
    kills.make(root, ALONE + 20)
    code = (
        "import policykb.engines.whoosh.build, policykb.engines.whoosh.engine, concurrent.futures.process, sys, jieba"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", f"{code}\nprint(*sys.modules)"], capture_output=True, text=True, check=True
    )
    names = {name.partition(".")[0] for name in done.stdout.split()} | sys.stdlib_module_names
    mark = f"open({str(root / 'marks')!r}, 'a').write(__name__ + '\\n')\n"
    for name in {*names, "sitecustomize", "usercustomize"} - {"__main__"}:
        (root / f"{name}.py").write_text(mark, encoding="utf-8")
    (root / "policykb.py").unlink()
    (root / "policykb").mkdir()
    (root / "policykb" / "__init__.py").write_text(mark, encoding="utf-8")
    yield root


def test_a_search_runs_nothing_that_lies_in_the_working_folder(planted: Path) -> None:
    script = Path(sys.executable).with_name("policykb")
    if not script.exists():
        pytest.skip("the console script is not installed")
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [str(script), "search", "碳足迹", "--format", "paths", "--limit", "9999"],
        cwd=planted, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == ALONE + 20
    assert not (planted / "marks").exists(), (planted / "marks").read_text()


@pytest.mark.parametrize("first", ["", "here"], ids=["-c", "-m"])
def test_no_worker_imports_from_the_working_folder(
    planted: Path, monkeypatch: pytest.MonkeyPatch, first: str, tmp_path: Path
) -> None:
    """Whatever Python put first for the process that starts them."""
    shutil.copytree(planted / "corpus", tmp_path / "corpus")
    monkeypatch.chdir(planted)
    monkeypatch.setattr(sys, "path", [first and str(planted), *sys.path])
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 1}, raising=False)
    assert str(planted) not in workers.import_path()
    with KnowledgeBase.open(tmp_path) as base:
        assert base.refresh().added == ALONE + 20
        assert len(list((tmp_path / "index").glob("*.trm"))) == 2
    assert not (planted / "marks").exists(), (planted / "marks").read_text()


def test_a_worker_imports_what_its_parent_does(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder that is on the path by configuration, even where somebody stands in it."""
    monkeypatch.chdir(tmp_path)
    elsewhere = os.path.abspath("/bin")
    monkeypatch.setattr(sys, "path", [elsewhere, str(tmp_path), "", "relative"])
    assert workers.import_path() == [elsewhere, str(tmp_path)]
    home = Path(workers.__file__).parents[2]
    monkeypatch.chdir(home)
    monkeypatch.setattr(sys, "path", [str(home), elsewhere])
    assert workers.import_path() == [str(home), elsewhere]
