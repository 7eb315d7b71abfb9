"""policykb doctor: what it finds, what it mends, and what it leaves alone."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from policykb import doctor
from policykb.cli.main import run
from policykb.corpus.findings import Finding
from policykb.engines.whoosh.update import begin_update
from policykb.kb import KnowledgeBase
from robustness import kills

OLD = 1_700_000_000
SHIPPED = Path(__file__).parents[1] / "corpus"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small knowledge base, indexed; read only."""
    root = tmp_path_factory.mktemp("template") / "库"
    kills.make(root, 5)
    with KnowledgeBase.open(root) as kb:
        kb.refresh()
    return root


@pytest.fixture
def root(template: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(template, tmp_path, dirs_exist_ok=True)


def diagnose(root: Path, *, fix: bool = False) -> doctor.Diagnosis:
    kb = KnowledgeBase.open(root)
    return doctor.diagnose(kb.corpus, kb.engine, fix=fix)


def only(found: list[Finding]) -> Finding:
    assert len(found) == 1, found
    return found[0]


def one(root: Path, pattern: str) -> Path:
    (found,) = (root / "index").glob(pattern)
    return found


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_a_sound_knowledge_base_is_sound(root: Path) -> None:
    assert diagnose(root) == ([], [])
    assert diagnose(root, fix=True) == ([], [])


def test_without_an_index_nothing_is_wrong(tmp_path: Path) -> None:
    kills.make(tmp_path, 1)
    assert diagnose(tmp_path) == ([], [])


def test_what_the_next_search_does_by_itself_is_nothing_wrong(root: Path) -> None:
    (root / "corpus" / "2024" / "e0001.md").unlink()
    (root / "corpus" / "terms.txt").write_text("新术语\n", encoding="utf-8")
    assert diagnose(root) == ([], [])


@pytest.mark.parametrize("pattern", ["*.trm", "*.text.col", "state_*", "manifest_*", "lexicon-*", "thesaurus-*"])
@pytest.mark.parametrize("damage", [cut, flip, Path.unlink], ids=["cut", "flip", "missing"])
def test_a_damaged_index_is_found_and_rebuilt(root: Path, pattern: str, damage: Callable[[Path], None]) -> None:
    file = one(root, pattern)
    when = file.stat().st_mtime_ns
    damage(file)
    if file.exists():
        os.utime(file, ns=(when, when))  # as a failing disk would do it
    # without its state an index is leftovers, of which Windows may have some at any time: the next update removes them
    silent = sys.platform == "win32" and pattern == "state_*" and not file.exists()
    found, mended = diagnose(root)
    assert bool(found) is not silent
    assert not mended
    found, mended = diagnose(root, fix=True)
    assert not found
    assert mended
    assert diagnose(root) == ([], [])
    with KnowledgeBase.open(root) as kb:
        assert kb.search("碳足迹").total == 5


def test_leftovers_of_killed_writers_are_removed(root: Path) -> None:
    index = root / "index"
    (index / ".work-1").mkdir()
    (index / ".work-1" / "policies_x.trm").write_bytes(b"x")
    names = [".state_1.json.7", ".lexicon-abcdef0123456789.8", "policies_abcdef0123456789.trm", "manifest_7-0.json"]
    for name in names:
        (index / name).write_bytes(b"x")
    (index / "of-somebody-else").write_bytes(b"x")
    found, _ = diagnose(root)
    # on Windows whole files may be what somebody had open: no reason to warn, the next update removes them
    waiting = {name for name in names if name[0] != "."} if sys.platform == "win32" else set()
    assert {finding.path.name for finding in found} == {".work-1", *names} - waiting
    found, mended = diagnose(root, fix=True)
    assert not found
    assert {finding.path.name for finding in mended} == {".work-1", *names}
    assert (index / "of-somebody-else").exists()
    assert diagnose(root) == ([], [])


def test_while_another_process_writes_its_files_are_not_taken_for_leftovers(root: Path) -> None:
    with begin_update(KnowledgeBase.open(root).engine.index):
        (root / "index" / "policies_abcdef0123456789.trm").write_bytes(b"x")
        assert diagnose(root) == ([], [])
    left = diagnose(root, fix=True).mended if sys.platform == "win32" else diagnose(root).found
    assert only(left).path.name == "policies_abcdef0123456789.trm"


def test_only_old_temporary_files_of_the_corpus_are_removed(root: Path) -> None:
    folder = root / "corpus" / "2024"
    old, young = folder / f".policykb-{'0' * 16}.tmp", folder / f".policykb-{'1' * 16}.tmp"
    others = [folder / ".policykb-notes.tmp", folder / f".policykb-{'2' * 16}.tmp.bak"]
    past = time.time() - doctor.ABANDONED - 1
    for path in (old, young, *others):
        path.write_bytes(b"x")
        if path != young:
            os.utime(path, (past, past))
    assert only(diagnose(root).found).path == old
    assert only(diagnose(root, fix=True).mended).path == old
    assert not old.exists()
    assert all(path.exists() for path in (young, *others))


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("kb.toml", 'name = "x"\nname = "y"\n', 2),
        ("kb.toml", 'name = "x"\n\nnome = "y"\n', 3),
        ("tags.toml", "\n\n[[tag]\n", 3),
        ("tags.toml", "[[tag]]\n", None),
        ("issuers.toml", "x = \n", 1),
        ("synonyms.txt", "a = b\n只有一个\n", 2),
        ("synonyms.txt", "a = b\n\n\udcff\n", 3),
        ("terms.txt", "一\n\udcff\n", 2),
        ("stopwords.txt", "\udcff\n", 1),
        ("questions.txt", "何\n\udcff\n", 2),
        ("templates/digest.md.j2", "# {{ title }}\n{% for %}\n", 2),
        ("labels.toml", "a = [\n", 2),
        ("deadlines.toml", "x = 1\n", None),
        ("relations.toml", "[cues.basis]\nbefore = [1]\n", 2),
        ("market/2024.toml", "x = = 1\n", 1),
    ],
)
def test_a_wrong_data_file_is_named_with_its_line_and_left_alone(
    root: Path, name: str, content: str, line: int | None
) -> None:
    path = root / "corpus" / name
    path.parent.mkdir(exist_ok=True)
    data = content.encode("utf-8", "surrogateescape")
    path.write_bytes(data)
    for fix in (False, True):
        finding = only([finding for finding in diagnose(root, fix=fix).found if finding.level == "error"])
        assert finding.path == path
        assert finding.line == line
        assert str(path) not in finding.problem
    assert path.read_bytes() == data


def test_every_data_file_that_the_program_reads_is_looked_at(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is opened in ``corpus/`` by commands of all kinds, entries aside, is what doctor reads."""
    folder = root / "corpus"
    shutil.copytree(SHIPPED / "market", folder / "market")
    for name in [*doctor.data_readers(folder), "templates/digest.md.j2"]:
        if "." in name and not (folder / name).exists():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text("", encoding="utf-8")
    opened: set[str] = set()

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and isinstance(arguments[0], str | os.PathLike):
            path = Path(arguments[0])
            if path.is_relative_to(folder) and path.suffix in (".toml", ".txt", ".j2", ".csv"):
                opened.add(path.relative_to(folder).parts[0])

    hooks.append(hook)
    for command in (
        ["search", "碳"],
        ["digest", "碳"],
        ["report", "2024Q1"],
        ["tag", "--untagged"],
        ["market"],
        ["check"],
    ):
        run(["--kb", str(root), *command])
    run(["--kb", str(root), "index", "--rebuild"])
    capsys.readouterr()
    read, opened = opened, set()
    diagnose(root)
    hooks.clear()
    assert {"tags.toml", "questions.txt", "market", "templates"} <= read
    assert read <= doctor.data_readers(folder).keys()
    assert read <= opened


hooks: list[Callable[[str, tuple[object, ...]], None]] = []
sys.addaudithook(lambda event, arguments: [hook(event, arguments) for hook in hooks] and None)


def test_a_missing_settings_file_is_named(root: Path) -> None:
    (root / "corpus" / "kb.toml").unlink()
    finding = only(diagnose(root).found)
    assert (finding.path, finding.line, finding.level) == (root / "corpus" / "kb.toml", None, "error")
    assert finding.problem.startswith("no such file")


def test_a_name_close_to_that_of_a_data_file_is_named(root: Path) -> None:
    for name in ("tag.toml", "term.txt", "tags.toml.bak", "notes.txt"):
        (root / "corpus" / name).write_text("", encoding="utf-8")
    found = diagnose(root).found
    assert [(one.path.name, one.level) for one in found] == [("tag.toml", "warning"), ("term.txt", "warning")]
    assert "did you mean tags.toml?" in found[0].problem


def test_problems_of_entries_are_counted_and_links_named(root: Path) -> None:
    (root / "corpus" / "2024" / "e0001.md").write_text("没有题头", encoding="utf-8")
    (root / "corpus" / "link.md").symlink_to(root / "corpus" / "2024" / "e0002.md")
    link, count = sorted(diagnose(root, fix=True).found, key=lambda finding: finding.level, reverse=True)
    assert "link" in link.problem
    assert "1 of 5 entries" in count.problem


def test_a_change_that_kept_time_and_size_is_found(root: Path) -> None:
    path = root / "corpus" / "2024" / "e0001.md"
    os.utime(path, (OLD, OLD))
    with KnowledgeBase.open(root) as kb:
        kb.refresh()
    path.write_bytes(path.read_bytes().replace("水泥".encode(), "钢铁".encode()))
    os.utime(path, (OLD, OLD))
    assert only(diagnose(root).found).path == path
    diagnose(root, fix=True)
    assert diagnose(root) == ([], [])
    with KnowledgeBase.open(root) as kb:
        assert kb.search("钢铁", exact=True).total == 1


def test_the_command(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--kb", str(root), "doctor"]) == 0
    assert capsys.readouterr().out == "nothing found in 5 entries\n"
    cut(one(root, "*.trm"))
    assert run(["--kb", str(root), "doctor", "--format", "json"]) == 3
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert finding["path"] == (root / "index").as_posix()
    assert run(["--kb", str(root), "doctor", "--fix"]) == 0
    shown = capsys.readouterr()
    assert "mended: " in shown.err
    assert shown.out == "nothing found in 5 entries\n"
