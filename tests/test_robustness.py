"""Short versions of the harnesses in ``robustness/``, and what once went wrong."""

from __future__ import annotations

import csv
import io
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from policykb import doctor
from policykb.cli.main import run
from policykb.corpus.corpus import Corpus
from policykb.engines.whoosh import update
from policykb.engines.whoosh.index import Index
from policykb.errors import CorpusError, IndexBusyError, IndexUnusableError, PolicyKBError
from policykb.files.journal import JOURNAL
from policykb.kb import KnowledgeBase
from policykb.render import results
from robustness import concurrency, fuzz, kills, moments, strangers
from waiting import LIMIT, Clock, wait_until

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


@pytest.mark.parametrize("name", ["build", "incremental", "tag", "rename", "import"])
def test_a_killed_command_leaves_everything_sound(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "ABANDONED", doctor.ABANDONED)  # the harness changes it
    killed, failures = kills.harness(name, times=3, every=9)
    assert not failures
    assert killed > 2


# -- a change of many files


@pytest.fixture(scope="module")
def killed_rename(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A knowledge base in which a rename was killed when some of its files were in their place, others not."""
    folder = tmp_path_factory.mktemp("rename")
    template = folder / "template"
    kills.make(template, 8)
    shutil.copytree(template, folder / "whole")
    _, _, operations = kills.execute(folder / "whole", ["tags", "rename", "碳市场", "碳交易"])
    for number in range(operations, 0, -3):
        place = folder / "知识 库"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(template, place)
        kills.execute(place, ["tags", "rename", "碳市场", "碳交易"], kill_at=number)
        if 0 < len(tagged(place, "碳交易")) < 8:
            (place / ".log").unlink()
            return place
    raise AssertionError("the rename was never half done")


@pytest.fixture
def half(killed_rename: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(killed_rename, tmp_path / "半 库")


def tagged(root: Path, tag: str) -> list[str]:
    return [policy.id for policy in Corpus(root / "corpus").policies() if tag in policy.tags]


def hidden(root: Path) -> list[Path]:
    return [path for path in (root / "corpus").rglob(".*") if path.name != ".imported"]


def test_a_change_cut_short_disturbs_no_reader(half: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = len(tagged(half, "碳交易"))
    for args in (["search", "碳足迹"], ["list"], ["check", "--format", "json"], ["show", "e0001"], ["index"], ["tags"]):
        assert run(["--kb", str(half), *args]) in (0, 3), args
    assert capsys.readouterr().err.count("policykb: ") <= 1  # the first index
    assert run(["--kb", str(half), "doctor"]) == 3
    assert "cut short" in capsys.readouterr().out
    assert len(tagged(half, "碳交易")) == before


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["tags", "rename", "碳市场", "碳交易"], 0),
        (["tags", "merge", "碳市场", "碳交易"], 0),
        (["tags", "rename", "没有", "碳汇"], 1),
        (["tag", "+碳汇", "e0001"], 0),
        (["doctor", "--fix"], 0),
    ],
)
def test_a_change_cut_short_is_finished(
    half: Path, args: list[str], code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "ABANDONED", -1)
    assert run(["--kb", str(half), *args]) == code
    assert "cut short" in capsys.readouterr().err
    assert len(tagged(half, "碳交易")) == 8
    assert not tagged(half, "碳市场")
    assert not hidden(half)


def test_an_import_cut_short_is_finished_with_its_copies(tmp_path: Path) -> None:
    template = tmp_path / "库"
    template.mkdir()
    args = kills.import_(template)
    whole = tmp_path / "whole"
    shutil.copytree(template, whole)
    _, _, operations = kills.execute(whole, ["import", str(whole / "report.txt")])
    wanted = kills.contents(whole)
    seen = 0
    for number in range(operations - 9, operations, 3):
        root = tmp_path / "trial"
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(template, root)
        args = ["import", str(root / "report.txt")]
        kills.execute(root, args, kill_at=number)
        seen += (root / "corpus" / JOURNAL).exists()
        assert kills.execute(root, args)[0] == 0
        assert kills.contents(root) == wanted
        assert not [path for path in hidden(root) if path.name == JOURNAL]
    assert seen


def test_a_file_changed_since_then_is_left_as_it_is(half: Path, capsys: pytest.CaptureFixture[str]) -> None:
    id = tagged(half, "碳市场")[-1]
    path = half / "corpus" / "2024" / f"{id}.md"
    path.write_text(path.read_text(encoding="utf-8") + "后来写的。\n", encoding="utf-8")
    assert run(["--kb", str(half), "tag", "+碳汇", "e0000"]) == 0
    assert f"{id}.md: was to be changed" in capsys.readouterr().err
    assert "后来写的" in path.read_text(encoding="utf-8")
    assert tagged(half, "碳市场") == [id]
    assert not hidden(half)


def test_what_cannot_be_finished_is_said(half: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("nothing is refused to root")
    (half / "corpus" / "2024").chmod(0o500)
    with KnowledgeBase.open(half) as kb, pytest.raises(CorpusError, match="cannot be finished.*give it up"):
        kb.corpus.finish_change()
    (half / "corpus" / "2024").chmod(0o700)


JOURNALS = [
    "", "{}", "[1]", "[[]]", "[[1, 2, 3]]", "[" * 10_000, "\x00",
    '[["x.tmp", "2024/e0001.md", null]]',
    '[[".policykb-0123456789abcdef.tmp", "../outside.md", null]]',
    '[[".policykb-0123456789abcdef.tmp", "/etc/outside.md", null]]',
    '[["../.policykb-0123456789abcdef.tmp", "2024/e0001.md", null]]',
    '[[".policykb-0123456789abcdef.tmp", "out/x.md", null]]',
    '[[".policykb-0123456789abcdef.tmp", "link.md", null]]',
    '[[".policykb-0123456789abcdef.tmp", "a\\u0000b/x.md", null]]',
]  # fmt: skip


@pytest.mark.parametrize("journal", JOURNALS)
def test_a_journal_from_elsewhere_leads_nowhere(root: Path, journal: str, capsys: pytest.CaptureFixture[str]) -> None:
    corpus = root / "corpus"
    (root / "out").mkdir()
    (corpus / "out").symlink_to(root / "out")
    (root / "secret").write_text("secret", encoding="utf-8")
    (corpus / "link.md").symlink_to(root / "secret")
    for folder in (root, corpus, root / "out"):
        (folder / ".policykb-0123456789abcdef.tmp").write_text("payload", encoding="utf-8")
    before = kills.contents(root)
    (corpus / JOURNAL).write_text(journal, encoding="utf-8")
    assert run(["--kb", str(root), "search", "碳足迹"]) == 0
    assert run(["--kb", str(root), "check"]) in (0, 3)
    capsys.readouterr()
    code = run(["--kb", str(root), "tag", "+碳汇", "e0001"])
    said = capsys.readouterr().err
    if journal != "{}":  # which names no file
        assert code == 1
        assert JOURNAL in said
        assert kills.contents(root) == before
    assert (root / "secret").read_text(encoding="utf-8") == "secret"
    assert [path.name for path in (root / "out").iterdir()] == [".policykb-0123456789abcdef.tmp"]
    assert not (root / "outside.md").exists()


# -- Ctrl-C and closed pipes


POLICYKB = ("-m", "policykb")


def start(
    root: Path, *args: str, program: tuple[str, ...] = POLICYKB, env: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """A command in a session of its own, as a terminal starts it: SIGINT does its work."""
    return subprocess.Popen(
        [sys.executable, *program, "--kb", str(root), *args],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        env=os.environ | {kills.MARK: str(root)} | dict(env or {}),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # where the tests run in the background
    )  # fmt: skip


def assert_sound(root: Path) -> None:
    """No process, no lock and no half-made file is left, and the next command works."""
    wait_until(lambda: not kills.workers(root), "no worker is left")
    assert not hidden(root)
    said: list[str] = []
    with KnowledgeBase.open(root, say=said.append) as kb:
        kb.refresh()
        assert kb.search("碳足迹").total == len(list((root / "corpus" / "2024").glob("e*.md")))
    assert not [text for text in said if "waiting" in text or "damaged" in text]


@pytest.mark.parametrize("send", [os.kill, os.killpg])
@pytest.mark.parametrize(
    "args",
    [["index", "--rebuild"], ["search", "碳足迹"], ["tag", "+碳汇", "碳足迹"], ["import", "report.txt", "--dry-run"]],
    ids=lambda args: args[0],
)
def test_interrupted_at_any_moment(tmp_path: Path, args: list[str], send: Callable[[int, int], None]) -> None:
    """The first run is counted, the others are stopped at a part of its calls, and go on with the signal."""
    kills.make(tmp_path / "first", 1)
    result(tmp_path / "first")  # from now on the lexicon is compiled
    calls = 0
    for part in (0.0, 0.02, 0.2, 0.6, 0.95):
        root = tmp_path / f"{part:g}" / "知识 库"
        kills.make(root, 8)
        (root / "report.txt").write_text(kills.REPORT, encoding="utf-8")
        there = [str(root / arg) if arg == "report.txt" else arg for arg in args]
        program = (moments.__file__, str(int(calls * part)), str(tmp_path / "calls"))
        process = start(root, *there, program=program)
        if part:
            assert moments.wait_for_stop(process.pid), process.communicate()
            send(process.pid, signal.SIGINT)
            os.kill(process.pid, signal.SIGCONT)
        _, said = process.communicate(timeout=LIMIT)
        calls = calls or int((tmp_path / "calls").read_text(encoding="ascii"))
        # before Python has reached policykb nothing of ours can answer
        assert process.returncode in (0, 130) or b"/policykb/cli" not in said, said
        if process.returncode == 130:
            assert said.decode().split("\n")[-2:] in (["interrupted", ""], [""]), said
            assert b"Traceback" not in said
        assert_sound(root)


# What Python does first in every process: few entries are many, and a worker is stopped in the middle of its work,
# where it would read an entry.
STOPPING = """
import os, signal, sys

if "POLICYKB_STARTER" not in os.environ:
    from policykb.engines.whoosh import build
    build.ALONE = 40

def stop(event, arguments, starter=os.environ.setdefault("POLICYKB_STARTER", str(os.getpid()))):
    if event == "open" and str(arguments[0]).endswith("e0030.md") and str(os.getpid()) != starter:
        os.kill(os.getpid(), signal.SIGSTOP)

sys.addaudithook(stop)
os.sched_getaffinity = lambda process: {0, 1}  # there are workers where there is one core too
"""


def stopped(process: int) -> bool:
    """Whether a process is stopped (or gone, which is seen later)."""
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "T"
    except OSError:
        return False


@pytest.mark.parametrize("send", [os.kill, os.killpg])
def test_interrupted_with_workers(tmp_path: Path, send: Callable[[int, int], None]) -> None:
    root = tmp_path / "库"
    kills.make(root, 60)
    (tmp_path / "sitecustomize.py").write_text(STOPPING, encoding="utf-8")
    process = start(root, "index", "--rebuild", env={"PYTHONPATH": str(tmp_path)})
    assert process.stderr
    assert b"indexing " in process.stderr.readline()
    wait_until(lambda: any(map(stopped, kills.workers(root))), "a worker is in the middle of its work")
    send(process.pid, signal.SIGINT)
    said = process.communicate(timeout=LIMIT)[1]
    assert process.returncode == 130
    assert said.strip() == b"interrupted"
    assert_sound(root)


@pytest.mark.parametrize("send", [os.kill, os.killpg])
def test_a_watch_ends_with_ctrl_c(root: Path, send: Callable[[int, int], None]) -> None:
    process = start(root, "index", "--watch", "--every", "0.1")
    assert process.stdout
    assert process.stdout.readline().startswith(b"8 entries")
    (root / "corpus" / "2024" / "e0008.md").write_text(kills.entry(8), encoding="utf-8")
    assert b"9 entries; added 1" in process.stdout.readline()
    send(process.pid, signal.SIGINT)
    said = process.communicate(timeout=LIMIT)[1]
    assert process.returncode == 130
    assert said.splitlines()[-1] == b"interrupted"
    assert b"Traceback" not in said
    assert_sound(root)


PRINTING = [
    ["search", "碳足迹", "--limit", "1000"], ["list", "--format", "json"], ["show", "e0001"], ["digest"], ["--help"],
]  # fmt: skip


def in_shell(root: Path, args: list[str], redirection: str) -> tuple[str, str]:
    """What a command prints and says with a redirection; the last word it says is its exit code."""
    command = [sys.executable, "-m", "policykb", "--kb", str(root), *args]
    script = '{ "$@" ' + redirection.partition("|")[0] + "; echo $? >&2; } " + "".join(redirection.partition("|")[1:])
    done = subprocess.run(["bash", "-c", script, "bash", *command], capture_output=True, timeout=LIMIT, check=False)
    return done.stdout.decode(), done.stderr.decode()


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More entries, indexed, than a pipe holds at once; read only."""
    root = tmp_path_factory.mktemp("many")
    kills.make(root, 150)
    assert run(["--kb", str(root), "index"]) == 0
    return root


@pytest.mark.parametrize("args", PRINTING, ids=" ".join)
def test_wherever_the_output_goes(many: Path, args: list[str]) -> None:
    root = many
    out, said = in_shell(root, args, "| head -n 1")
    assert out.count("\n") == 1
    assert said == "0\n"
    out, said = in_shell(root, args, "2>&1 | true")
    assert (out, said) == ("", "0\n")
    for redirection in (">&-", "<&- >&-", ">/dev/null 2>&- <&-"):
        assert in_shell(root, args, redirection) == ("", "0\n"), redirection
    out, said = in_shell(root, args, ">/dev/full")
    assert said == "policykb: standard output: No space left on device\n1\n"


def test_a_closed_pipe_is_silent(root: Path) -> None:
    result(root)
    command = [sys.executable, "-m", "policykb", "--kb", str(root), "list", "--format", "json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout
    process.stdout.close()
    assert process.stderr
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(LIMIT) == 0


# -- concurrency


def test_readers_beside_writers() -> None:
    counts, failures = concurrency.harness(12, 4)
    assert not failures
    assert counts["read"] >= 4 * 12
    assert counts["write"] >= 12
    assert counts["tag"] >= 12
    assert counts["relate"] >= 12


def test_a_waiting_writer_says_so_and_gives_up(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    clock = Clock()
    monkeypatch.setattr(update, "time", clock)
    with KnowledgeBase.open(root, say=said.append) as kb:
        kb.refresh()
        with update.begin_update(Index(kb.engine.index.folder)):
            with pytest.raises(IndexBusyError, match="another process"):
                kb.refresh(rebuild=True, wait=0.3)
            assert 0.3 <= clock.now < 0.4
            assert any("waiting up to 0.3 s" in text for text in said)
            (root / "corpus" / "2024" / "e0001.md").unlink()
            outcome = kb.refresh(wait=0.1)  # a reader is answered all the same
            assert outcome.entries == 8
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
                kb.engine.open(fresh=False)
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
    # paths are for programs: in a pipe they are the exact names, whatever a terminal would make of them
    assert run(["--kb", str(hostile), "search", "碳足迹", "--limit", "99", "--format", "paths"]) == 0
    found = capsys.readouterr().out
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


def test_no_style_of_a_document_is_rendered(hostile: Path) -> None:
    """Styles get through to a terminal, as those of ours do; Markdown has none of ours."""
    with KnowledgeBase.open(hostile) as base:
        result = base.search("碳足迹", limit=99)
    text = results.render(result, "md", {}, hostile, columns=80, styled=False)
    assert isinstance(text, str)
    assert "`␛[5m`" in text
    assert "\x1b" not in text


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


# -- fuzzing


@pytest.mark.parametrize(
    ("kind", "cases"),
    [
        ("frontmatter", 400), ("dates", 800), ("query", 1000), ("address", 800), ("relations", 80), ("figures", 60),
        ("report", 40),
    ],
)  # fmt: skip
def test_broken_input_raises_nothing_else(kind: str, cases: int) -> None:
    assert fuzz.fuzz(kind, cases, seed=2) == []


@pytest.mark.parametrize(
    ("kind", "cases", "needs"),
    [("feed", 60, "feedparser"), ("html", 30, "trafilatura"), ("docx", 100, "docx"), ("pdf", 60, "pypdfium2")],
)
def test_broken_files_raise_nothing_else(kind: str, cases: int, needs: str) -> None:
    pytest.importorskip(needs)
    assert fuzz.fuzz(kind, cases, seed=2) == []


# -- a stranger's folder


def test_a_strangers_folder_stops_nothing() -> None:
    assert strangers.harness(2) == []


# -- full disks, revoked permissions, read-only media


@pytest.mark.parametrize(
    ("kind", "command"), [("full", "incremental"), ("full", "tag"), ("revoked", "rename"), ("readonly", "import")]
)
def test_a_disk_that_takes_nothing(kind: str, command: str) -> None:
    script = Path(__file__).parent / "robustness" / "disks.py"
    args = [sys.executable, str(script), kind, "--commands", command, "--trials", "3"]
    done = subprocess.run(args, capture_output=True, text=True, check=False)
    if done.returncode == 2 and done.stdout:
        pytest.skip(done.stdout.strip())
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{kind} {command}: 3 trials" in done.stdout
