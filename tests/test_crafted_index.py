"""An index with valid sums and wrong contents, as in a stranger's folder: it is rebuilt once, and leads nowhere."""

from __future__ import annotations

import json
import shutil
import zlib
from array import array
from collections.abc import Callable
from dataclasses import replace

import pytest

from conftest import Run, ids, write_entry
from policykb.engines import analysis
from policykb.engines.sums import read_json, write_json
from policykb.engines.whoosh import build, segment
from policykb.engines.whoosh.folder import NAME
from policykb.errors import IndexUnusableError
from policykb.kb import KnowledgeBase
from policykb.search.record import Record, make_record

COMMANDS = (
    ("search", "水泥 碳足迹", "--facets", "--explain"),
    ("search", "水泥", "--format", "json"),
    ("search", "水泥 从未", "--format", "csv"),
    ("search", "碳* -钢", "--sort", "oldest"),
    ("search", '"水泥碳"', "--match", "phrase"),
    ("search", "--issuer", "生态环境部"),
    ("search", "issuer:生态环境部"),
    ("similar", "000"),
    ("digest", "水泥"),
    ("tag", "--dry-run", "+碳市场", "--", "水泥碳足迹"),
    ("tags", "suggest"),
)


def crafted(record: Record, **stored: object) -> Record:
    return replace_record(record, stored=json.dumps(json.loads(record.stored) | stored, ensure_ascii=False))


def replace_record(record: Record, **values: object) -> Record:
    return record._replace(**values)


# what is stored of an entry
RECORDS: dict[str, Callable[[Record], Record]] = {
    "nothing": lambda record: replace_record(record, stored="{}"),
    "a list": lambda record: replace_record(record, stored="[]"),
    "no JSON": lambda record: replace_record(record, stored="{"),
    "deep JSON": lambda record: replace_record(record, stored="[" * 100_000),
    "path outside": lambda record: crafted(record, path="../../victim.md"),
    "path absolute": lambda record: crafted(record, path="/etc/passwd"),
    "path of a number": lambda record: crafted(record, path=7),
    "title of a number": lambda record: crafted(record, title=7),
    "no title": lambda record: crafted(record, title=None),
    "body of a list": lambda record: crafted(record, body=["x"]),
    "id of nothing": lambda record: crafted(record, id=None),
    "date of a number": lambda record: crafted(record, date=20240101),
    "date of nonsense": lambda record: crafted(record, date="2024-99-01"),
    "issuers of numbers": lambda record: crafted(record, issuers=[1, 2]),
    "issuers of nothing": lambda record: crafted(record, issuers=None),
    "tags nested": lambda record: crafted(record, tags=[["x"]]),
    "count of a text": lambda record: crafted(record, issuer_count="x"),
    "kind of a table": lambda record: crafted(record, kind={}),
    "text not UTF-8": lambda record: replace_record(record, text=b"\xff\xfe" + record.text),
    "text without parts": lambda record: replace_record(record, text="水泥碳足迹".encode()),
    "day of no calendar": lambda record: replace_record(record, day=2**31 - 1),
    "day before all": lambda record: replace_record(record, day=-5),
}


def must_answer(base: KnowledgeBase, run: Callable[..., Run], number: int, *, complete: bool = True) -> None:
    """Some of the commands, others for each number, over a crafted index; one that lies may know of no entry."""
    base.close()
    kept = base.root.parent / "crafted"
    shutil.copytree(base.root / "index", kept)
    for command in (COMMANDS[0], COMMANDS[1 + number % (len(COMMANDS) - 1)]):
        shutil.rmtree(base.root / "index")
        shutil.copytree(kept, base.root / "index")
        done = run(*command, kb=base.root)
        assert (done.code == 0 or not complete, "defect" in done.err) == (True, False), (command, done)
        assert done.err.count("rebuilding") <= 1
        assert "victim" not in done.out


@pytest.fixture
def base(make_kb: Callable[..., KnowledgeBase]) -> KnowledgeBase:
    return make_kb("水泥碳足迹", "水泥碳足迹", "钢铁")


@pytest.mark.parametrize("how", RECORDS)
def test_what_is_stored(
    base: KnowledgeBase, run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    victim = base.root.parent / "victim.md"
    shutil.copy(base.root / "corpus" / "000.md", victim)
    before = victim.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(analysis, "make_record", lambda *arguments: RECORDS[how](make_record(*arguments)))
        base.refresh()
    must_answer(base, run, list(RECORDS).index(how))
    run("tag", "+碳市场", "--", "水泥碳足迹", kb=base.root)
    assert victim.read_bytes() == before
    assert run("search", "水泥", "--format", "paths", kb=base.root).out.count("\n") == 2


def rewritten(base: KnowledgeBase, name: str, change: Callable[[bytes], bytes]) -> None:
    """A file of the index changed, with its sum."""
    path = base.root / "index" / "state_0.json"
    state = read_json(path)
    name = state.get(name, f"{NAME}_{state['segments'][0][0]}.{name}")
    data = change((base.root / "index" / name).read_bytes())
    (base.root / "index" / name).write_bytes(data)
    state["sums"][name] = [len(data), (base.root / "index" / name).stat().st_mtime_ns, zlib.crc32(data)]
    write_json(path, state)


def every_byte(data: bytes) -> bytes:
    return bytes(255 - byte for byte in data)


FILES: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "lexicon of garbage": ("lexicon", lambda data: data.split(b"\n")[0] + b"\n" + b"\xff\xfe\n" * 5000),
    "lexicon without numbers": ("lexicon", lambda data: data.split(b"\n")[0] + b"\n" + "水泥\tx\n碳\t-1\n".encode()),
    "lexicon of zeros": ("lexicon", lambda data: b"lexicon 1\t0\n" + data.partition(b"\n")[2].replace(b"\t", b"\t0")),
    "lexicon of one line": ("lexicon", lambda data: b"lexicon 1\t5"),
    "thesaurus of a list": ("thesaurus", lambda data: b"[]"),
    "thesaurus of numbers": (
        "thesaurus",
        lambda data: json.dumps({"synonyms": {"水泥": 7}, "names": [[1]], "stopwords": [], "questions": []}).encode(),
    ),
    "synonyms of numbers": (
        "thesaurus",
        lambda data: json.dumps(json.loads(data) | {"synonyms": {"水泥": [7], "碳足迹": [None]}}).encode(),
    ),
    "names of numbers": ("thesaurus", lambda data: json.dumps(json.loads(data) | {"names": [["水泥", 7]]}).encode()),
    "terms": ("trm", lambda data: every_byte(data[:-300]) + data[-300:]),
    "terms' numbers": ("trm", lambda data: data[:-32] + b"\xff" * 32),
    "entries": ("entry.col", every_byte),
    "texts": ("text.col", every_byte),
    "names": ("name.col", every_byte),
    "days": ("day.col", every_byte),
    "lengths": ("length.col", every_byte),
    "no entries": ("entry.col", lambda data: b""),
    "no texts": ("text.col", lambda data: b""),
    "no lengths": ("length.col", lambda data: b""),
}


@pytest.mark.parametrize("how", FILES)
def test_what_stands_in_the_files(base: KnowledgeBase, run: Callable[..., Run], how: str) -> None:
    base.refresh()
    rewritten(base, *FILES[how])
    must_answer(base, run, list(FILES).index(how), complete=how != "terms")


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "unknown form": lambda data: b"?" + data[1:],
    "half": lambda data: data[: len(data) // 2],
    "numbers beyond": lambda data: b"L" + array("H", [60_000, 65_535]).tobytes(),
    "weights beyond": lambda data: b"W" + array("H", [60_000]).tobytes() + b"\x01",
    "too few weights": lambda data: b"D\x01",
    "bits beyond": lambda data: b"B" + b"\xff" * 5000,
    "without weights": lambda data: b"B\x01",
}


@pytest.mark.parametrize("how", PACKED)
def test_posting_lists(base: KnowledgeBase, run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    pack = segment.pack
    with monkeypatch.context() as patch:
        patch.setattr(segment, "pack", lambda *arguments: PACKED[how](pack(*arguments)))
        base.refresh()
    must_answer(base, run, list(PACKED).index(how), complete=False)


@pytest.mark.parametrize(
    ("how", "many"),
    [
        ("lexicon without numbers", 5),
        ("entries", 5),
        ("texts", 5),
        ("lexicon of garbage", build.LOAD + 5),
        ("lexicon of garbage", build.ALONE + 5),
    ],
)
def test_an_update_of_it(base: KnowledgeBase, how: str, many: int) -> None:
    """What is new is put beside what is crafted, and merged with it."""
    base.refresh()
    rewritten(base, *FILES[how])
    base.close()
    policy = base.get("000")
    for number in range(many):
        write_entry(base.root, replace(policy, id=f"n{number:03}"))
    base.refresh()
    (base.root / "corpus" / "001.md").unlink()
    base.refresh()
    assert base.search("水泥").total == many + 1
    assert len(ids(base.search("碳足迹", limit=1000))) == many + 1


def test_an_index_that_may_not_be_written_is_not_rebuilt(base: KnowledgeBase) -> None:
    base.refresh()
    rewritten(base, *FILES["entries"])
    base.close()
    with pytest.raises(IndexUnusableError, match="is damaged: .*index --rebuild"):
        base.search("水泥", fresh=False)
