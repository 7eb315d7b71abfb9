"""The index: it follows the files, can be thrown away, and is not believed when it is damaged."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from conftest import Run, ids, make_base, write_entry
from policykb.corpus.settings import init
from policykb.domain.policy import Policy
from policykb.engines import changes
from policykb.engines.whoosh import build, update
from policykb.engines.whoosh.index import Index
from policykb.errors import IndexUnusableError
from policykb.kb import KnowledgeBase

ALL = 10**6
WORDS = [
    "碳排放",
    "配额",
    "水泥",
    "钢铁",
    "碳足迹",
    "掺烧",
    "企业",
    "核查",
    "双碳",
    "CO2",
    "2024",
    "结转",
    "规定",
    "的",
]
QUERIES = ["", "碳", "碳排放", "配额 水泥", "双碳", "碳排放配额结转有什么规定", "CO2", "企业 核查 火星", "结转"]


def random_policy(chance: random.Random, id: str) -> Policy:
    body = "。\n\n".join("，".join(chance.choices(WORDS, k=chance.randint(1, 6))) for _ in range(chance.randint(1, 5)))
    return Policy(
        id,
        f"题{''.join(chance.choices(WORDS, k=2))}",
        date(2024, chance.randint(1, 3), chance.randint(1, 3)),
        tuple(chance.sample(["生态环境部", "国务院", "财政部"], chance.randint(1, 2))),
        tags=tuple(chance.sample(["碳市场", "水泥", "钢铁"], chance.randint(0, 2))),
        kind=chance.choice(["通知", "意见", None]),
        body=body,
    )


def answers(base: KnowledgeBase) -> list[object]:
    """Everything that can be seen of an index: hits in order, totals, facets, similar entries."""
    found: list[object] = []
    for query in QUERIES:
        result = base.search(query, limit=ALL, facets=True)
        found.append(
            (query, result.total, ids(result), result.partial, result.facets, [h.snippet for h in result.hits])
        )
    return found


def scores(base: KnowledgeBase) -> list[float]:
    return [hit.score for query in QUERIES for hit in base.search(query, limit=ALL).hits]


def reopened(base: KnowledgeBase, messages: list[str] | None = None) -> KnowledgeBase:
    base.close()
    said = messages if messages is not None else []
    return KnowledgeBase.open(base.root, say=said.append)


def never(*arguments: object) -> None:
    raise AssertionError("an entry was indexed")


@pytest.mark.parametrize("seed", range(4))
def test_incremental_equals_rebuild(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    with make_base(tmp_path / "kb", [random_policy(chance, f"{number:03}") for number in range(25)]) as base:
        base.refresh()
        for step in range(8):
            files = sorted((base.root / "corpus").glob("*.md"))
            for path in chance.sample(files, min(len(files), chance.randint(0, 4))):
                path.unlink()
            for _ in range(chance.randint(0, 5)):
                write_entry(base.root, random_policy(chance, f"{chance.randint(0, 40):03}"))
            if step == 5:
                for path in (base.root / "corpus").glob("*.md"):
                    path.unlink()
            base.refresh()
            assert base.search("").total == len(list((base.root / "corpus").glob("*.md")))
            if step % 2:
                before, marks = answers(base), scores(base)
                base.refresh(rebuild=True)
                assert answers(base) == before
                assert scores(base) == pytest.approx(marks, abs=1e-6)


def test_what_a_refresh_did(make_kb: Callable[..., KnowledgeBase]) -> None:
    base = make_kb("碳", "水泥", "钢铁")
    outcome = base.refresh()
    assert (outcome.added, outcome.changed, outcome.removed, outcome.rebuilt) == (3, 0, 0, False)
    outcome = base.refresh()
    assert (outcome.added, outcome.changed, outcome.removed, outcome.rebuilt) == (0, 0, 0, False)
    (base.root / "corpus" / "000.md").unlink()
    write_entry(base.root, replace(base.get("001"), body="配额"))
    write_entry(base.root, replace(base.get("002"), id="003"), folder="深/处")
    outcome = base.refresh()
    assert (outcome.added, outcome.changed, outcome.removed, outcome.rebuilt) == (1, 1, 1, False)
    assert set(ids(base.search(""))) == {"001", "002", "003"}
    outcome = base.refresh(rebuild=True)
    assert (outcome.added, outcome.rebuilt) == (3, True)


def test_a_rebuild_that_was_asked_for_is_done_whoever_updates_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, number = update.begin_update, iter(range(100))

    def overtaken(index: Index, *, fresh: bool = False, **options: Any) -> update.Update:
        if fresh:
            write_entry(tmp_path, random_policy(random.Random(0), f"{next(number):03}"))
            with KnowledgeBase.open(tmp_path) as other:
                other.refresh()
        return begin(index, fresh=fresh, **options)

    with make_base(tmp_path, [random_policy(random.Random(1), "old")]) as base:
        base.refresh()
        monkeypatch.setattr(update, "begin_update", overtaken)
        outcome = base.refresh(rebuild=True)
        assert outcome.rebuilt
        assert next(number) == 1
        assert base.search().total == 2


def test_a_renamed_file_is_found_under_its_new_name(make_kb: Callable[..., KnowledgeBase]) -> None:
    base = make_kb("碳足迹")
    base.refresh()
    (base.root / "corpus" / "000.md").rename(base.root / "corpus" / "新名.md")
    base.refresh()
    assert ids(base.search("碳足迹")) == ["新名"]


def test_new_times_cost_no_indexing(shipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(shipped / "corpus", tmp_path / "kb" / "corpus")
    with KnowledgeBase.open(tmp_path / "kb") as base:
        base.refresh()
        before = answers(base)
    for number, path in enumerate((tmp_path / "kb" / "corpus").rglob("*.md")):
        os.utime(path, (1_600_000_000 + number, 1_600_000_000 + number))
    monkeypatch.setattr(build, "index_file", never)
    with KnowledgeBase.open(tmp_path / "kb") as base:
        outcome = base.refresh()
        assert (outcome.added, outcome.changed, outcome.removed, outcome.rebuilt) == (0, 0, 0, False)
        assert answers(base) == before


def test_only_what_changed_is_indexed(make_kb: Callable[..., KnowledgeBase], monkeypatch: pytest.MonkeyPatch) -> None:
    base = make_kb("碳", "水泥", "钢铁")
    base.refresh()
    write_entry(base.root, replace(base.get("001"), body="配额"))
    indexed = []
    original = build.index_file
    monkeypatch.setattr(build, "index_file", lambda c, path, *rest: [indexed.append(path), original(c, path, *rest)][1])
    base.refresh()
    assert indexed == ["001.md"]


def test_a_change_of_equal_length_within_the_clocks_tick_is_seen(make_kb: Callable[..., KnowledgeBase]) -> None:
    base = make_kb("水泥")
    base.refresh()
    path = base.root / "corpus" / "000.md"
    when = path.stat().st_mtime_ns
    path.write_text(path.read_text(encoding="utf-8").replace("水泥", "钢铁"), encoding="utf-8")
    os.utime(path, ns=(when, when))
    base.refresh()
    assert ids(base.search("钢铁")) == ["000"]
    assert ids(base.search("水泥")) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("terms.txt", "甲丙戊庚\n"),
        ("synonyms.txt", "水泥 = 甲丙戊庚\n"),
        ("stopwords.txt", "水泥\n"),
        ("tags.toml", '[[tag]]\nname = "水泥"\nretired = true\n'),
    ],
)
def test_changed_dictionaries_rebuild(make_kb: Callable[..., KnowledgeBase], name: str, content: str) -> None:
    messages: list[str] = []
    base = make_kb("水泥", "甲丙戊庚", say=messages.append)
    base.refresh()
    assert messages == []
    (base.root / "corpus" / name).write_text(content, encoding="utf-8")
    assert base.refresh().rebuilt
    assert any("rebuild" in message for message in messages)
    if name == "synonyms.txt":
        assert ids(base.search("水泥")) == ["000", "001"]
    assert not base.refresh().rebuilt


def test_another_version_rebuilds(make_kb: Callable[..., KnowledgeBase], monkeypatch: pytest.MonkeyPatch) -> None:
    base = make_kb("水泥")
    base.refresh()
    monkeypatch.setattr(changes, "INDEX", changes.INDEX + 1)
    assert base.refresh().rebuilt
    monkeypatch.setattr(changes, "ANALYSIS", changes.ANALYSIS + 1)
    assert base.refresh().rebuilt


def test_deleting_the_index_loses_nothing(make_kb: Callable[..., KnowledgeBase]) -> None:
    chance = random.Random(5)
    base = make_kb(*[random_policy(chance, f"{number:03}") for number in range(12)])
    before = answers(base)
    base.close()
    shutil.rmtree(base.root / "index")
    assert answers(base) == before


def test_searching_without_an_index_that_may_not_be_refreshed(make_kb: Callable[..., KnowledgeBase]) -> None:
    base = make_kb("水泥")
    with pytest.raises(IndexUnusableError, match="policykb index"):
        base.search("水泥", fresh=False)
    base.refresh()
    write_entry(base.root, replace(base.get("000"), body="钢铁"))
    base.close()
    assert base.search("水泥", fresh=False).total == 1
    assert base.engine.is_stale()


def test_a_broken_file_stops_no_search(make_kb: Callable[..., KnowledgeBase]) -> None:
    messages: list[str] = []
    base = make_kb("水泥", say=messages.append)
    corpus = base.root / "corpus"
    (corpus / "a.md").write_bytes(b"---\ntitle: [\n---\nx")
    (corpus / "b.md").write_bytes(b"\xff\xfe\x00\x01")
    (corpus / "c.md").write_bytes(b"")
    assert ids(base.search("水泥")) == ["000"]
    assert {name for name in ("a.md", "b.md", "c.md") for message in messages if name in message} == {
        "a.md",
        "b.md",
        "c.md",
    }
    write_entry(base.root, replace(base.get("000"), id="a"))
    (corpus / "b.md").unlink()
    base.refresh()
    assert ids(base.search("水泥")) == ["000", "a"]


def test_few_segments_after_many_updates(make_kb: Callable[..., KnowledgeBase]) -> None:
    base = make_kb("碳", "碳")
    base.refresh()
    most = 0
    for number in range(40):
        write_entry(
            base.root, Policy(f"n{number:02}", f"题{number}", date(2024, 2, 1), ("国务院",), body=f"碳足迹{number}")
        )
        base.refresh()
        most = max(most, len(list(base.engine.index.folder.glob("*.trm"))))
    assert most <= 12
    assert base.search("碳足迹").total == 40
    for kind in ("state_*", "manifest_*", "lexicon-*", "thesaurus-*"):
        assert len(list(base.engine.index.folder.glob(kind))) == 1


def test_a_program_that_seeds_the_random_numbers_loses_nothing(make_kb: Callable[..., KnowledgeBase]) -> None:
    base = make_kb("水泥", "钢铁")
    for number in range(4):
        random.seed(0)
        write_entry(base.root, replace(base.get("000"), id=f"n{number}"))
        base.refresh()
        assert set(ids(base.search(""))) == {"000", "001", *(f"n{n}" for n in range(number + 1))}


# -- damage

NAMES = [
    "lexicon",
    "thesaurus",
    "state",
    "manifest",
    "trm",
    "text.col",
    "entry.col",
    "day.col",
    "length.col",
    "name.col",
]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[object]]]:
    """A knowledge base with a sound index of two segments, and what it answers."""
    chance = random.Random(3)
    root = tmp_path_factory.mktemp("sound") / "kb"
    with make_base(root, [random_policy(chance, f"{number:03}") for number in range(10)]) as base:
        base.refresh()
        for number in range(3):
            write_entry(root, random_policy(chance, f"9{number:02}"))
        for path in (root / "corpus").rglob("*"):
            os.utime(path, (1_600_000_000, 1_600_000_000))
        base.refresh()
        expected = answers(base)
    yield root, expected


def part(folder: Path, kind: str) -> Path:
    """The file of the index of that kind."""
    found = [path for path in sorted(folder.iterdir()) if path.name.startswith(kind) or path.name.endswith(f".{kind}")]
    assert found, sorted(path.name for path in folder.iterdir())
    return found[0]


def harmed(data: bytes, how: str, chance: random.Random) -> bytes | None:
    match how:
        case "deleted":
            return None
        case "empty":
            return b""
        case "half":
            return data[: len(data) // 2]
        case "cut":
            return data[:-1]
        case "longer":
            return data + b"x"
        case "zeros":
            return bytes(len(data))
        case _:
            at = chance.randrange(len(data))
            return data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]


@pytest.mark.parametrize("how", ["zeros", "flip1"])
def test_doctor_reads_large_files_that_look_untouched(
    sound: tuple[Path, list[object]], tmp_path: Path, how: str, run: Callable[..., Run]
) -> None:
    root, expected = sound
    shutil.copytree(root, tmp_path / "kb", symlinks=True)
    file = part(tmp_path / "kb" / "index", "lexicon")
    status = file.stat()
    assert status.st_size > 1 << 20
    file.write_bytes(harmed(file.read_bytes(), how, random.Random(1)) or b"")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    done = run("doctor", kb=tmp_path / "kb")
    assert done.code == 3
    assert f"{file.name} is not as it was written" in done.out
    run("doctor", "--fix", kb=tmp_path / "kb")
    assert run("doctor", kb=tmp_path / "kb").code == 0
    with KnowledgeBase.open(tmp_path / "kb") as base:
        assert answers(base) == expected


@pytest.mark.parametrize("same_time", [False, True], ids=["new time", "same time"])
@pytest.mark.parametrize("how", ["deleted", "empty", "half", "cut", "longer", "zeros", "flip1", "flip2"])
@pytest.mark.parametrize("kind", NAMES)
def test_damage_is_recognised(
    sound: tuple[Path, list[object]], tmp_path: Path, kind: str, how: str, same_time: bool
) -> None:
    if same_time and (how == "deleted" or (kind == "lexicon" and how in ("zeros", "flip1", "flip2"))):
        return  # nothing to date; only doctor reads a large file that looks untouched
    chance = random.Random(f"{kind}{how}")
    root, expected = sound
    shutil.copytree(root, tmp_path / "kb", symlinks=True)  # keeps times
    file = part(tmp_path / "kb" / "index", kind)
    status = file.stat()
    data = harmed(file.read_bytes(), how, chance)
    if data is None:
        file.unlink()
    else:
        file.write_bytes(data)
        if same_time:
            os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    if kind == "manifest":  # it is read when a file has changed
        os.utime(tmp_path / "kb" / "corpus" / "000.md")
    messages: list[str] = []
    with KnowledgeBase.open(tmp_path / "kb", say=messages.append) as base:
        if (kind, how) != ("state", "deleted"):  # without its state there is no index: a first build
            base.search("碳")
            assert any("damaged" in message for message in messages), messages
        if kind not in ("lexicon", "thesaurus"):
            assert answers(base) == expected
        else:
            assert base.search("碳排放", limit=ALL).total == expected[2][1]  # type: ignore[index]
    messages.clear()
    with KnowledgeBase.open(tmp_path / "kb", say=messages.append) as base:
        base.search("碳")
        assert messages == []


def test_foreign_files_in_the_index_do_no_harm(make_kb: Callable[..., KnowledgeBase]) -> None:
    base = make_kb("水泥")
    base.refresh()
    (base.engine.index.folder / "notes.txt").write_text("x")
    (base.engine.index.folder / "policies_foreign.seg").write_bytes(b"x")
    messages: list[str] = []
    assert reopened(base, messages).search("水泥").total == 1
    assert messages == []


def test_an_index_that_cannot_be_written_is_searched_as_it_is(
    make_kb: Callable[..., KnowledgeBase], monkeypatch: pytest.MonkeyPatch
) -> None:
    from policykb.engines.whoosh import update

    base = make_kb("水泥")
    base.refresh()
    write_entry(base.root, replace(base.get("000"), id="001"))

    def refused(*arguments: object, **options: object) -> None:
        raise PermissionError(13, "Permission denied")

    messages: list[str] = []
    again = reopened(base, messages)
    monkeypatch.setattr(update, "begin_update", refused)
    assert ids(again.search("水泥")) == ["000"]
    assert any("could not be updated" in message for message in messages)


def test_the_index_command_fails_where_nothing_could_be_updated(
    make_kb: Callable[..., KnowledgeBase], run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    from policykb.engines.whoosh import update

    base = make_kb("水泥")
    assert run("index", kb=base.root).code == 0
    write_entry(base.root, replace(base.get("000"), id="001"))

    def full(*arguments: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(update, "begin_update", full)
    done = run("index", kb=base.root)
    assert done.code == 1
    assert f"the index {base.root / 'index'} could not be updated (No space left on device)" in done.err
    assert run("search", "水泥", kb=base.root).code == 0


# -- several processes


def test_a_look_between_two_generations_finds_one(
    make_kb: Callable[..., KnowledgeBase], monkeypatch: pytest.MonkeyPatch
) -> None:
    base = make_kb("水泥")
    base.refresh()
    looks = iter([[], os.listdir(base.engine.index.folder)])  # as a folder may be listed while a file replaces another
    with monkeypatch.context() as patched:
        patched.setattr(os, "listdir", lambda folder: next(looks))
        assert base.engine.index.generation() == 0


def test_a_parallel_build_equals_a_serial_one(shipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "several"):
        shutil.copytree(shipped / "corpus", tmp_path / name / "corpus")
        (tmp_path / name / "corpus" / "broken.md").write_text("---\ntitle: [\n---\nx", encoding="utf-8")
    with KnowledgeBase.open(tmp_path / "one") as base:
        assert base.refresh().added == 40
        expected, marks = answers(base), scores(base)
    monkeypatch.setattr(build, "ALONE", 5)
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 1}, raising=False)
    progress: list[tuple[int, int]] = []
    with KnowledgeBase.open(tmp_path / "several", progress=lambda done, total: progress.append((done, total))) as base:
        outcome = base.refresh()
        assert outcome.added == 40
        assert list(outcome.problems) == ["broken.md"]
        assert len(list(base.engine.index.folder.glob("*.trm"))) == 2
        assert answers(base) == expected
        assert scores(base) == pytest.approx(marks, abs=1e-6)
        assert not base.refresh().rebuilt
    assert progress[-1] == (41, 41)
    assert not list((tmp_path / "several" / "index").glob(".work*"))


def test_a_folder_that_holds_only_its_gitignore_is_filled_and_keeps_it(tmp_path: Path, run: Callable[..., Run]) -> None:
    """As in a fresh clone: index/ is there, and git sees nothing of what is put into it."""
    init(tmp_path, "甲")
    write_entry(tmp_path, random_policy(random.Random(1), "a"))
    index, marks = tmp_path / "index", {".gitignore": b"*\n!.gitignore\n"}
    assert {path.name: path.read_bytes() for path in index.iterdir()} == marks
    for command in (["index"], ["index", "--rebuild"], ["doctor", "--fix"]):
        assert run(*command, kb=tmp_path).code == 0
        assert (index / ".gitignore").read_bytes() == marks[".gitignore"]
    assert len(list(index.iterdir())) > 1
    part(index, "state").write_bytes(b"damaged")
    assert run("search", "碳", kb=tmp_path).code == 0
    assert (index / ".gitignore").read_bytes() == marks[".gitignore"]
    for command in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    listed = subprocess.run(["git", "ls-files"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    assert [name for name in listed.split() if name.startswith("index/")] == ["index/.gitignore"]


def test_many_files_of_which_none_can_be_read_leave_an_index_without_entries(tmp_path: Path) -> None:
    """Each process that indexes a part of many files makes a segment, and one without a document has no columns."""
    with make_base(tmp_path) as kb:
        for number in range(401):
            (tmp_path / "corpus" / f"{number}.md").write_text("---\ntitle: 2024-01-01\n---\n\n", encoding="utf-8")
        assert len(kb.refresh().problems) == 401
        assert kb.search().total == 0
