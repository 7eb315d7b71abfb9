"""``add``: what is refused, what is kept, what goes into the entry that is there, and many documents at once."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from conftest import Run, run_process, write_entry
from policykb.corpus.corpus import Corpus
from policykb.corpus.entry_format import parse
from policykb.domain.policy import Policy
from policykb.kb import KnowledgeBase

Command = Callable[..., Run]
TITLE = "关于做好样例工作的通知"
BODY = "".join(f"第{n}项任务，各地要把样例工作放在心上，落实到每一个村庄和每一座工厂。\n" for n in "一二三四五六")
NOTICE = f"""环气候〔2024〕12号

{TITLE}

各省、自治区、直辖市生态环境厅（局）：
{BODY}
生态环境部
2024年3月5日
"""
UNDATED = """关于废止部分规章的决定
《关于废止部分规章的决定》已经{}局务会议审议通过，现予公布。
一、废止{}办法。
"""


@pytest.fixture
def root(make_kb: Callable[..., KnowledgeBase]) -> Path:
    return make_kb().root


@pytest.fixture
def notice(tmp_path: Path) -> Path:
    path = tmp_path / "notice.txt"
    path.write_text(NOTICE, encoding="utf-8")
    return path


def entries(root: Path) -> dict[str, Policy]:
    corpus = Corpus(root / "corpus")
    return {path.stem: corpus.read(path) for path in corpus.paths()}


def files(root: Path) -> set[str]:
    corpus = root / "corpus"
    return {path.relative_to(corpus).as_posix() for path in corpus.rglob("*") if path.is_file()} - {"kb.toml"}


# -- what is no document


@pytest.mark.parametrize(
    "text",
    ["你好\n", "def f():\n    return 1\n", "日期,价格\n2024-01-02,70.1\n", "今天天气很好。\n我们去公园玩了一天。\n"],
)
def test_what_is_no_document_is_refused(root: Path, text: str) -> None:
    done = run_process("--kb", str(root), "add", "-", stdin=text)
    assert (done.code, done.out) == (1, "")
    assert "standard input: is no official document: no number in it, and not two of title, kind" in done.err
    assert files(root) == set()


def test_what_add_advises_is_what_check_finds(root: Path, tmp_path: Path, run: Command) -> None:
    (tmp_path / "a.txt").write_text(UNDATED.format("2006年第5次", "甲"), encoding="utf-8")
    done = run("add", str(tmp_path / "a.txt"), kb=root)
    assert done.err == "policykb: fill in issuers, date in the new entry; 'policykb check' asks for it\n"
    found = json.loads(run("check", "--format", "json", kb=root).out)["findings"]
    assert {(one["key"], one["level"]) for one in found} == {("issuers", "warning"), ("date", "warning")}
    path = root / "corpus" / "关于废止部分规章的决定.md"
    text = path.read_text(encoding="utf-8").replace("date:\n", "date: 2006-06-05\n")
    path.write_text(text.replace("issuers:\n", "issuers: [财政部]\n"), encoding="utf-8")
    assert run("check", kb=root).code == 0


def test_two_undated_documents_of_one_title(root: Path, tmp_path: Path, run: Command) -> None:
    for name, session, what in (("a.txt", "2006年第5次", "甲"), ("b.txt", "2007年第2次", "乙")):
        (tmp_path / name).write_text(UNDATED.format(session, what), encoding="utf-8")
        done = run("add", str(tmp_path / name), kb=root)
        assert done.code == 0, done.err
    assert "关于废止部分规章的决定-2 has the title of 关于废止部分规章的决定, and is another document" in done.err
    assert sorted(entries(root)) == ["关于废止部分规章的决定", "关于废止部分规章的决定-2"]
    again = run("add", str(tmp_path / "b.txt"), kb=root)
    assert again.code == 1
    assert "the corpus has this document already: 关于废止部分规章的决定-2" in again.err
    assert "title" not in run("check", kb=root).out  # they are told apart by their texts


def test_the_versions_of_a_law_are_two_documents(root: Path, tmp_path: Path, run: Command) -> None:
    for year in (2018, 2024):
        text = NOTICE.replace("2024年3月5日", f"{year}年3月5日").replace("环气候〔2024〕12号\n", "")
        (tmp_path / f"{year}.txt").write_text(text, encoding="utf-8")
        assert run("add", str(tmp_path / f"{year}.txt"), kb=root).code == 0
    assert sorted(entries(root)) == [f"2018-03-05-{TITLE}", f"2024-03-05-{TITLE}"]
    assert run("check", kb=root).code == 0


# -- originals


def test_the_original_is_kept_and_named(root: Path, notice: Path, run: Command) -> None:
    done = run("add", str(notice), kb=root)
    assert f"kept corpus/originals/2024-03-05-{TITLE}.txt\n" in done.out
    [policy] = entries(root).values()
    assert policy.original == f"originals/2024-03-05-{TITLE}.txt"
    data = (root / "corpus" / policy.original).read_bytes()
    assert data == notice.read_bytes()
    assert policy.original_digest == "sha256:" + hashlib.sha256(data).hexdigest()
    assert policy.original in run("show", TITLE, kb=root).out
    assert run("check", kb=root).code == 0


def test_no_original(root: Path, notice: Path, run: Command) -> None:
    assert run("add", "--no-original", str(notice), kb=root).code == 0
    [policy] = entries(root).values()
    assert (policy.original, policy.original_digest) == (None, None)
    assert files(root) == {f"2024/2024-03-05-{TITLE}.md"}


def test_nothing_among_the_originals_is_an_entry(root: Path, notice: Path, tmp_path: Path, run: Command) -> None:
    markdown = tmp_path / "notice.md"
    markdown.write_text(NOTICE, encoding="utf-8")
    assert run("add", str(markdown), kb=root).code == 0
    original = root / "corpus" / "originals" / f"2024-03-05-{TITLE}.md"
    assert original.is_file()
    entry = (root / "corpus" / "2024" / original.name).read_text(encoding="utf-8")
    (original.parent / "深").mkdir()
    (original.parent / "深" / "另一个.md").write_text(entry, encoding="utf-8")
    assert len(entries(root)) == 1
    assert run("index", kb=root).out.startswith("1 entries") or run("index", kb=root).out.startswith("1 entry")
    assert run("check", kb=root).code == 0
    for path in (original.parent, original):
        done = run("check", str(path), kb=root)
        assert done.code == 1
        assert "nothing in this folder is an entry" in done.err


def test_an_original_with_other_content_is_never_overwritten(root: Path, notice: Path, run: Command) -> None:
    folder = root / "corpus" / "originals"
    folder.mkdir()
    name = f"2024-03-05-{TITLE}"
    (folder / f"{name}.txt").write_bytes(b"of somebody else")
    assert run("add", str(notice), kb=root).code == 0
    assert (folder / f"{name}.txt").read_bytes() == b"of somebody else"
    assert (folder / f"{name}-2.txt").read_bytes() == notice.read_bytes()
    assert entries(root)[name].original == f"originals/{name}-2.txt"
    # the same content is the same original
    (root / "corpus" / "2024" / f"{name}.md").unlink()
    assert run("add", str(notice), kb=root).code == 0
    assert sorted(path.name for path in folder.iterdir()) == [f"{name}-2.txt", f"{name}.txt"]


def test_an_original_with_the_line_ends_of_another_system_is_the_one_that_was_kept(
    root: Path, notice: Path, run: Command
) -> None:
    """Git changes those of texts where it is set up for Windows."""
    run("add", str(notice), kb=root)
    original = root / "corpus" / "originals" / f"2024-03-05-{TITLE}.txt"
    lines = original.read_bytes().replace(b"\r\n", b"\n")
    for content in (lines, lines.replace(b"\n", b"\r\n")):
        original.write_bytes(content)
        assert "is not the file that was kept" not in run("check", kb=root).out
    original.write_bytes(lines + b"x")
    assert "is not the file that was kept" in run("check", kb=root).out


def test_check_looks_at_originals(root: Path, notice: Path, run: Command) -> None:
    run("add", str(notice), kb=root)
    original = root / "corpus" / "originals" / f"2024-03-05-{TITLE}.txt"
    original.write_bytes(b"x")
    done = run("check", kb=root)
    assert done.code == 3
    assert "original: originals/" in done.out
    assert "is not the file that was kept: its digest is another one" in done.out
    original.unlink()
    assert f"originals/{original.name} is not there" in run("check", kb=root).out
    entry = root / "corpus" / "2024" / f"2024-03-05-{TITLE}.md"
    text = entry.read_text(encoding="utf-8")
    for name in ("../../secret.txt", "originals/../x", "originals/", "x.txt"):
        entry.write_text(text.replace(f"originals/{original.name}", name), encoding="utf-8")
        assert "is no file of the folder originals/" in run("check", kb=root).out


# -- the official text to a summary, and a summary to the official text

SUMMARY = Policy(
    f"2024-03-05-{TITLE}", TITLE, date(2024, 3, 5), ("生态环境部",), tags=("碳市场",), body="摘要：要做好样例工作。",
    extra={"备注": "人写的"},
)  # fmt: skip


def test_a_text_goes_into_the_entry_of_its_summary(root: Path, notice: Path, run: Command) -> None:
    entry = write_entry(root, SUMMARY, "2024")
    before = entry.read_text(encoding="utf-8")
    done = run("add", str(notice), kb=root)
    assert (done.code, entry.read_text(encoding="utf-8")) == (1, before)
    assert f"the corpus has this document already: 2024-03-05-{TITLE}, as a summary" in done.err
    assert f"--to 2024-03-05-{TITLE}" in done.err
    done = run("add", str(notice), "--to", "样例", "--url", "https://example.org/1", kb=root)
    assert done.code == 0, done.err
    assert "filled in: number, source, original, original_digest" in done.out
    after = entry.read_text(encoding="utf-8")
    policy = parse(after, id=entry.stem)
    assert (policy.number, policy.source) == ("环气候〔2024〕12号", "https://example.org/1")
    assert policy.body.startswith("摘要：要做好样例工作。\n\n## 正文\n\n")
    assert "第六项任务" in policy.body
    lines = iter(after.splitlines())
    assert all(line in lines for line in before.splitlines())  # every one, in their order
    assert (root / "corpus" / str(policy.original)).read_bytes() == notice.read_bytes()
    # once is enough
    again = run("add", str(notice), "--to", "样例", kb=root)
    assert again.code == 1
    assert "the entry has this text already" in again.err
    assert entry.read_text(encoding="utf-8") == after
    assert run("add", str(notice), kb=root).code == 1


def test_a_text_does_not_go_to_an_entry_that_is_not_there(root: Path, notice: Path, run: Command) -> None:
    done = run("add", str(notice), "--to", "没有", kb=root)
    assert done.code == 1
    assert "no entry 没有" in done.err
    assert files(root) == set()
    done = run("add", str(notice), str(notice), "--to", "没有", kb=root)
    assert done.code == 2


def test_a_summary_goes_into_the_entry_of_the_text(root: Path, notice: Path, tmp_path: Path, run: Command) -> None:
    run("add", str(notice), kb=root)
    entry = root / "corpus" / "2024" / f"2024-03-05-{TITLE}.md"
    before = entry.read_text(encoding="utf-8")
    review = tmp_path / "review.txt"
    review.write_text(f"一、政策\n2024年3月5日，生态环境部印发《{TITLE}》。通知要求做好样例工作。\n", encoding="utf-8")
    done = run("import", str(review), kb=root)
    assert done.code == 0, done.err
    assert entry.read_text(encoding="utf-8") == before
    done = run("import", "--update", str(review), kb=root)
    assert done.code == 0, done.err
    after = entry.read_text(encoding="utf-8")
    assert after.startswith(before.rstrip())
    assert after.endswith("## 摘要\n\n通知要求做好样例工作。\n") or "## 摘要" in after
    run("import", "--update", str(review), kb=root)
    assert entry.read_text(encoding="utf-8") == after


# -- many


def test_many_documents_with_a_table(root: Path, notice: Path, tmp_path: Path, run: Command) -> None:
    folder = tmp_path / "下载"
    (folder / "深").mkdir(parents=True)
    (folder / "a.txt").write_text(NOTICE, encoding="utf-8")
    (folder / "深" / "b.txt").write_text(UNDATED.format("2006年第5次", "甲"), encoding="utf-8")
    (folder / "c.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    for name in (".hidden.txt", "~$a.txt"):
        (folder / name).write_text(NOTICE, encoding="utf-8")
    if os.name == "posix":  # elsewhere links need a right of their own
        (folder / "link.txt").symlink_to(folder / "a.txt")
    done = run("add", str(folder), str(notice), kb=root)
    assert done.code == 1
    lines = done.out.splitlines()
    assert [line.split()[0] for line in lines] == ["added", "refused", "added", "same", "2"]
    assert lines[-1] == "2 added, 1 same as, 1 refused"
    assert "is a picture and has no text" in lines[1]
    assert f"2024-03-05-{TITLE}" in lines[0]
    assert f"2024-03-05-{TITLE}" in lines[3]
    assert len(entries(root)) == 2
    again = run("add", str(folder / "a.txt"), str(notice), kb=root)
    assert (again.code, again.out.splitlines()[-1]) == (0, "2 same as")
    done = run("add", str(folder), "--format", "json", kb=root)
    data = json.loads(done.out)
    assert [one["state"] for one in data["documents"]] == ["same", "refused", "same"]
    assert data["documents"][1]["reason"]


def test_a_file_of_our_own_is_taken_as_it_is(root: Path, tmp_path: Path, run: Command) -> None:
    text = (
        "---\ntitle: 甲登记管理条例\ndate: 2018-03-01\nissuers:\n  - 国务院\ntags: [碳市场]\nkind: 条例\n备注: 人写的\n---\n\n"
        "第一条　2018 年版本。\n\n- 一\n- 二\n"
    )
    (tmp_path / "2018.md").write_text(text, encoding="utf-8")
    assert run("add", str(tmp_path / "2018.md"), kb=root).code == 0
    [policy] = entries(root).values()
    assert (policy.id, policy.issuers, policy.tags) == ("2018-03-01-甲登记管理条例", ("国务院",), ("碳市场",))
    assert (policy.body, policy.extra) == ("第一条　2018 年版本。\n\n- 一\n- 二", {"备注": "人写的"})
    again = run("add", str(root / "corpus" / "2018" / f"{policy.id}.md"), kb=root)
    assert (again.code, "already" in again.err) == (1, True)


def test_addresses_that_are_not_of_the_web(root: Path, run: Command) -> None:
    done = run("add", "ftp://example.org/a.pdf", kb=root)
    assert (done.code, done.err) == (1, "policykb: ftp://example.org/a.pdf: only http:// and https:// are fetched\n")


def test_a_folder_without_files(root: Path, tmp_path: Path, run: Command) -> None:
    (tmp_path / "empty").mkdir()
    done = run("add", str(tmp_path / "empty"), kb=root)
    assert done.code == 1
    assert "holds no file" in done.err


def test_one_document_as_json(root: Path, notice: Path, run: Command) -> None:
    data = json.loads(run("add", str(notice), "--format", "json", kb=root).out)
    assert (data["format"], data["state"], data["reason"]) == (1, "added", None)
    assert data["path"] == f"corpus/2024/2024-03-05-{TITLE}.md"
    assert data["original"] == f"corpus/originals/2024-03-05-{TITLE}.txt"
    assert data["found"]["number"]["value"] == "环气候〔2024〕12号"


def test_tags_in_the_same_run(root: Path, tmp_path: Path, run: Command) -> None:
    text = NOTICE.replace("样例工作", "全国碳排放权交易市场配额分配工作").replace(
        "各地要", "碳排放权交易配额分配，各地要"
    )
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    done = run("add", "--tag", str(tmp_path / "a.txt"), kb=root)
    assert done.code == 0, done.err
    [policy] = entries(root).values()
    assert policy.tags
    assert f"tagged #{policy.tags[0]}" in done.out


def test_what_is_added_says_since_when_it_is_here(root: Path, notice: Path, tmp_path: Path, run: Command) -> None:
    assert run("add", str(notice), "--today", "2024-03-09", kb=root).code == 0
    (added,) = entries(root).values()
    assert added.added == date(2024, 3, 9)
    other = tmp_path / "other"
    other.mkdir()
    run("init", "--name", "other", kb=None, cwd=other)
    file = next((root / "corpus" / "2024").glob("*.md"))
    assert run("add", str(file), "--today", "2024-04-01", kb=other).code == 0
    (copied,) = entries(other).values()
    assert copied.added == date(2024, 4, 1)  # there since then, whatever the file said


def test_what_is_imported_says_since_when_it_is_here(root: Path, tmp_path: Path, run: Command) -> None:
    review = tmp_path / "review.txt"
    review.write_text(
        "2024年1月10日，生态环境部发布《关于样例的通知》\n要点分析：通知要求做好样例。\n", encoding="utf-8"
    )
    assert run("import", str(review), "--today", "2024-02-01", kb=root).code == 0
    assert run("import", str(review), "--update", "--today", "2024-02-09", kb=root).code == 0
    (imported,) = entries(root).values()
    assert imported.added == date(2024, 2, 1)
