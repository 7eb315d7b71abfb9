"""Short versions of the harnesses in ``robustness/``, and what once went wrong."""

from __future__ import annotations

import csv
import io
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from policykb import doctor
from policykb.cli import run
from policykb.errors import IndexBusyError, IndexUnusableError, PolicyKBError
from policykb.index import Index
from policykb.kb import KnowledgeBase
from robustness import concurrency, fuzz, kills

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the harnesses fork")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    place = tmp_path / "知识 库"
    place.mkdir()
    kills.make(place, 8)
    return place


def result(root: Path) -> list[object]:
    with KnowledgeBase.open(root) as kb:
        kb.refresh()
        return kills.answers(kb)


# -- kills


@pytest.mark.parametrize("name", ["build", "incremental", "tag", "import"])
def test_a_killed_command_leaves_everything_sound(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "ABANDONED", doctor.ABANDONED)  # the harness changes it
    killed, failures = kills.harness(name, times=3, every=9)
    assert not failures
    assert killed > 2


def test_interrupted_it_exits_130_and_leaves_everything_sound(root: Path) -> None:
    for moment in (0.3, 0.5, 0.9):
        command = [sys.executable, "-m", "policykb", "--kb", str(root), "index", "--rebuild"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(moment)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
        # before Python has reached policykb nothing of ours can answer
        assert process.returncode in (0, 130) or b"policykb/cli" not in said, said
        with KnowledgeBase.open(root) as kb:
            assert kb.search("碳足迹").total == 8


def test_a_closed_pipe_is_silent(root: Path) -> None:
    result(root)
    command = [sys.executable, "-m", "policykb", "--kb", str(root), "list", "--format", "json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout
    process.stdout.close()
    assert process.stderr
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(30) == 0


# -- concurrency


def test_readers_beside_writers() -> None:
    counts, failures = concurrency.harness(4, 4)
    assert not failures
    assert counts["read"]
    assert counts["write"]
    assert counts["tag"]


def test_a_waiting_writer_says_so_and_gives_up(root: Path) -> None:
    said: list[str] = []
    with KnowledgeBase.open(root, say=said.append) as kb:
        kb.refresh()
        with Index(kb.index.folder).update():
            began = time.monotonic()
            with pytest.raises(IndexBusyError, match="another process"):
                kb.refresh(rebuild=True, wait=0.3)
            assert 0.3 <= time.monotonic() - began < 5
            assert any("waiting up to 0.3 s" in text for text in said)
            (root / "corpus" / "2024" / "e0001.md").unlink()
            outcome = kb.refresh(wait=0.1)  # a reader is answered all the same
            assert outcome.reader.count == 8
            assert "last update" in outcome.remarks[0]


# -- a damaged index


@pytest.mark.parametrize("pattern", ["*.trm", "*.text.col", "state_*", "manifest_*", "lexicon-*", "thesaurus-*"])
def test_a_damaged_index_is_rebuilt_once(root: Path, pattern: str) -> None:
    wanted = result(root)
    rng = random.Random(pattern)
    for damage in ("missing", "empty", "half", "garbage", "flip", "flip", "flip"):
        (path,) = (root / "index").glob(pattern)
        data = bytearray(path.read_bytes())
        if damage == "missing":
            path.unlink()
        elif damage == "flip":
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
            path.write_bytes(data)
        else:
            path.write_bytes({"empty": b"", "half": data[: len(data) // 2], "garbage": rng.randbytes(99)}[damage])
        said: list[str] = []
        with KnowledgeBase.open(root, say=said.append) as kb:
            try:
                kb.searcher(fresh=False)
                assert kills.answers(kb) == wanted, damage
            except IndexUnusableError as error:
                assert "policykb index" in str(error)
            kb.close()
            (root / "corpus" / "2024" / "e0001.md").touch()
            kb.refresh()
            assert kills.answers(kb) == wanted, damage
        assert sum("rebuilding" in text for text in said) <= 1
        with KnowledgeBase.open(root, say=said.append) as kb:
            assert not kb.refresh().rebuilt


@pytest.mark.parametrize("name", ["state_99.json", "manifest_99-0.json", "policies_abcdef0123456789.trm"])
def test_files_that_do_not_belong_there(root: Path, name: str) -> None:
    wanted = result(root)
    (root / "index" / name).write_bytes(b"garbage")
    assert result(root) == wanted
    assert result(root) == wanted


# -- hostile content

HOSTILE = {
    "bomb": "---\na: &a [x, x]\nb: &b [*a, *a]\ntitle: *b\ndate: 2024-01-01\nissuers: [a]\n---\n碳足迹",
    "python": "---\ntitle: !!python/object/apply:os.abort []\ndate: 2024-01-01\nissuers: [a]\n---\n",
    "deep": f"---\ntitle: {'[' * 5000}\ndate: 2024-01-01\nissuers: [a]\n---\n",
    "huge": f"---\ntitle: {'x' * 1_000_000}\n---\n",
    "escape": '---\ntitle: "甲\\e[31m\\u202e"\ndate: 2024-01-02\nissuers: ["\\e]0;x\\a"]\ntags: ["\\e[5m"]\n---\n碳足迹 \x1b[2J\u202e乙\x9b',
    "formula": '---\ntitle: "=1+1"\ndate: 2024-01-03\nissuers: ["@x"]\ntags: ["+1", "-2"]\n---\n=碳足迹',
    "script": "---\ntitle: <script>x</script>\ndate: 2024-01-04\nissuers: [a]\n---\n碳足迹 <script>x</script> "
    "<img src=x onerror=x> [a](javascript:x) <iframe src=x></iframe>",
}


@pytest.fixture
def hostile(root: Path) -> Path:
    corpus = root / "corpus"
    for name, text in HOSTILE.items():
        (corpus / f"{name}.md").write_text(text, encoding="utf-8")
    (corpus / "gb.md").write_bytes(kills.entry(1).encode("gb18030"))
    (corpus / "zero.md").write_bytes(bytes(1000))
    (corpus / "large.md").write_bytes(b"---\n" + b"x" * 20_000_001)
    (corpus / "folder.md").mkdir()
    os.mkfifo(corpus / "pipe.md")
    (corpus / "link.md").symlink_to("/etc/passwd")
    (corpus / "all").symlink_to("/etc")
    (corpus / "around").symlink_to(corpus)
    (corpus / f"{'长' * 84}.md").write_text(kills.entry(2), encoding="utf-8")
    (corpus / "a\nb\x1b[31m.md").write_text(kills.entry(3), encoding="utf-8")
    (corpus / "e\u0301.md").write_text(kills.entry(4), encoding="utf-8")
    try:
        Path(os.fsdecode(os.fsencode(corpus) + b"/\xff.md")).write_text(kills.entry(5), encoding="utf-8")
    except OSError:
        pass  # a file system that refuses such names
    return root


def output(root: Path, capsys: pytest.CaptureFixture[str], *args: str) -> str:
    code = run(["--kb", str(root), *args])
    shown = capsys.readouterr()
    assert code in (0, 1, 2, 3)
    for char in "\x1b\x9b\u202e\x07":
        assert char not in shown.out + shown.err, args
    return shown.out


def test_no_file_stops_the_search_of_the_others(hostile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = output(hostile, capsys, "search", "碳足迹", "--limit", "99", "--format", "paths")
    assert found.count("/2024/e0") == 8
    assert "长" * 84 in found
    assert not any(name in found for name in ("passwd", "bomb", "python", "deep", "huge", "gb.md", "zero", "large"))


@pytest.mark.parametrize("form", ["text", "csv", "md"])
def test_nothing_a_terminal_obeys_is_printed(hostile: Path, capsys: pytest.CaptureFixture[str], form: str) -> None:
    for args in (["search", "碳足迹"], ["list"], ["search", "碳足迹", "--facets", "--explain"]):
        assert output(hostile, capsys, *args, "--limit", "99", "--format", form)


@pytest.mark.parametrize(
    "args", [["check"], ["doctor"], ["tags"], ["issuers"], ["show", "escape"], ["similar", "escape"]]
)
def test_no_command_prints_what_a_terminal_obeys(
    hostile: Path, capsys: pytest.CaptureFixture[str], args: list[str]
) -> None:
    assert output(hostile, capsys, *args)


def test_no_cell_of_a_table_is_a_formula(hostile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = output(hostile, capsys, "search", "title:1+1", "--limit", "99", "--format", "csv").lstrip("\ufeff")
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) > 1
    assert not [cell for row in rows for cell in row if cell[:1] in "=+-@\t\r" and cell[:1]]


def test_a_page_holds_no_script(hostile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = output(hostile, capsys, "show", "script", "--format", "html")
    assert not [word for word in ("<script", "onerror=", "javascript:", "<iframe") if word in page]


@pytest.mark.parametrize("id", ["../../etc/passwd", "/etc/passwd", "link", "all/passwd", "..", "", "\x00"])
def test_an_id_does_not_lead_out_of_the_corpus(hostile: Path, capsys: pytest.CaptureFixture[str], id: str) -> None:
    assert output(hostile, capsys, "show", id) == ""


@pytest.mark.parametrize(
    "query",
    [
        "*" * 50, "*?" * 500 + "碳", "碳" + "*碳" * 300, "(" * 100_000, "-" * 100_000, "a " * 50_000, "碳" * 100_000,
        " OR ".join(["碳*"] * 5000), "NOT " * 1000 + "a", "?" * 1000 + "x", "tag:*", "issuer:" + "x" * 5000,
        "date:" + "9" * 5000, "\x00", "\ud800", 'title:"' * 3000, "碳 " * 400,
    ],
)  # fmt: skip
def test_no_query_takes_long(root: Path, query: str) -> None:
    with KnowledgeBase.open(root) as kb:
        kb.refresh()
        began = time.process_time()
        try:
            kb.search(query)
        except PolicyKBError:
            pass
        assert time.process_time() - began < 5


# -- bounds


@pytest.mark.parametrize("count", [0, 1, 10])
def test_few_entries(tmp_path: Path, capsys: pytest.CaptureFixture[str], count: int) -> None:
    kills.make(tmp_path, count)
    for args in (["search", "碳足迹"], ["list"], ["tags"], ["issuers"], ["tags", "suggest"], ["index"]):
        assert run(["--kb", str(tmp_path), *args]) == 0, args
    with KnowledgeBase.open(tmp_path) as kb:
        assert kb.search("碳足迹").total == count


def test_a_long_entry_and_many_tags(root: Path) -> None:
    body = "碳足迹与" + "配额结转和水泥行业。" * 160_000 + "末尾词"
    (root / "corpus" / "big.md").write_text(kills.entry(77) + body, encoding="utf-8")
    tags = "".join(f'[[tag]]\nname = "标签{n}"\ngroup = "x"\ndescription = "x"\n' for n in range(10_000))
    (root / "corpus" / "tags.toml").write_text(tags, encoding="utf-8")
    with KnowledgeBase.open(root) as kb:
        assert [hit.policy.id for hit in kb.search('"末尾词"').hits] == ["big"]
        assert kb.search(tags="碳市场").total == 9


# -- fuzzing


@pytest.mark.parametrize(("kind", "cases"), [("frontmatter", 400), ("dates", 800), ("query", 1000), ("report", 40)])
def test_broken_input_raises_nothing_else(kind: str, cases: int) -> None:
    assert fuzz.fuzz(kind, cases, seed=2) == []


@pytest.mark.parametrize(
    ("kind", "cases", "needs"), [("html", 30, "trafilatura"), ("docx", 100, "docx"), ("pdf", 60, "pypdfium2")]
)
def test_broken_files_raise_nothing_else(kind: str, cases: int, needs: str) -> None:
    pytest.importorskip(needs)
    assert fuzz.fuzz(kind, cases, seed=2) == []
