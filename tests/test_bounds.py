"""Nothing, one entry, very long entries, very many tags, very long names, strange paths. For 100,000 entries see
``robustness/bounds.py``.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from conftest import Run, make_base, write_entry
from policykb.corpus.folder import MAX_BYTES
from policykb.domain.policy import Policy
from policykb.kb import KnowledgeBase
from robustness import bounds

Command = Callable[..., Run]

SLOW = 40.0  # seconds of the processor, on a slow machine


@contextmanager
def not_slow() -> Iterator[None]:
    began = time.process_time()
    yield
    assert time.process_time() - began < SLOW


def entry(number: int, **fields: object) -> Policy:
    start = {
        "id": f"2024-05-{number + 1:02}-第{number}号",
        "title": f"关于第{number}号碳足迹事项的通知",
        "date": date(2024, 5, number + 1),
        "issuers": ("生态环境部",),
        "tags": ("碳足迹",),
        "kind": "通知",
        "body": f"为做好碳足迹核算，第{number}号水泥企业应当报送。",
    }
    return Policy(**(start | fields))  # type: ignore[arg-type]


# What a command ends with where there is nothing, and where there is something.
READING = {
    ("search", "碳足迹"): (0, 0), ("search",): (0, 0), ("search", "碳*", "--facets", "--explain"): (0, 0),
    ("search", "tag:碳足迹", "--format", "json"): (0, 0), ("list",): (0, 0), ("list", "--facets"): (0, 0),
    ("list", "--format", "csv"): (0, 0), ("show", "第0号"): (1, 0), ("similar", "第0号"): (1, 0), ("tags",): (0, 0),
    ("tags", "suggest"): (0, 0), ("issuers",): (0, 0), ("issuers", "--format", "csv"): (0, 0), ("digest",): (1, 0),
    ("digest", "--format", "html", "--group", "issuer"): (1, 0), ("report", "2024Q2"): (1, 0),
    ("timeline",): (1, 0), ("market",): (1, 1), ("market", "check"): (0, 0), ("check",): (0, 0), ("doctor",): (0, 0),
    ("tag", "碳足迹"): (1, 0), ("tag", "--untagged"): (0, 0), ("tag", "--evaluate"): (0, 0), ("index",): (0, 0),
    ("index", "--rebuild"): (0, 0),
}  # fmt: skip


@pytest.mark.parametrize("count", [0, 1, 10])
def test_few_entries(tmp_path: Path, run: Command, count: int) -> None:
    make_base(tmp_path / "库", [entry(number) for number in range(count)])
    for args, codes in READING.items():
        done = run(*args, kb=tmp_path / "库")
        assert done.code == codes[count > 0], (args, done)
        assert "a defect" not in done.err
        if done.code:
            assert (done.out, done.err.count("\n")) == ("", 1), args
    found = json.loads(run("search", "碳足迹", "--limit", "20", "--format", "json", kb=tmp_path / "库").out)
    assert found["total"] == len(found["hits"]) == count


def test_an_entry_of_5_mb(tmp_path: Path, run: Command) -> None:
    body = "开头词。" + "\n\n".join(["配额结转和水泥行业的有关事项。" * 100] * 1100) + "\n\n罕见末尾词。"
    assert len(body.encode()) > 5_000_000 - 300_000
    root = make_base(tmp_path / "库", [entry(0), entry(1, id="big", body=body)]).root
    with not_slow():
        assert run("index", kb=root).code == 0
    with not_slow():
        (hit,) = json.loads(run("search", '"罕见末尾词"', "--format", "json", kb=root).out)["hits"]
        assert hit["id"] == "big"
        assert "罕见末尾词" in hit["snippet"]
        assert len(hit["snippet"]) < 500
        assert run("search", "配额", "水泥", "--explain", kb=root).out.count("\n") < 60
        shown = "".join(run("show", "big", kb=root).out.split())
        assert shown.count("配额结转") == 110_000
        assert "罕见末尾词" in shown
        assert run("check", kb=root).code == 0
        assert run("similar", "big", kb=root).code == 0
        assert run("digest", "罕见末尾词", "--style", "brief", kb=root).code == 0


def test_an_entry_that_is_too_large(tmp_path: Path, run: Command) -> None:
    root = make_base(tmp_path / "库", [entry(0)]).root
    path = write_entry(root, entry(1, id="huge"))
    with open(path, "ab") as file:
        file.truncate(MAX_BYTES + 1)
    done = run("search", "碳足迹", "--format", "paths", kb=root)
    assert (done.code, done.out.count("\n")) == (0, 1)
    for args in (
        ["search", "碳足迹"],
        ["show", "huge"],
        ["tag", "+碳市场", "huge"],
        ["tags", "rename", "碳足迹", "新的"],
    ):
        assert "huge.md: is larger than 20 MB" in run(*args, kb=root).err, args
    for args in (["check"], ["doctor"]):
        assert run(*args, kb=root).code == 3
    assert "huge.md" in run("check", kb=root).out
    assert path.stat().st_size == MAX_BYTES + 1


def test_ten_thousand_tags(tmp_path: Path, run: Command) -> None:
    names = tuple(f"标签{number}" for number in range(10_000))
    tags = [names[:5_000], names[5_000:], names[5_000:5_001]]
    root = make_base(tmp_path / "库", [entry(number, tags=some) for number, some in enumerate(tags)]).root
    text = "".join(f'[[tag]]\nname = "{name}"\ngroup = "x"\ndescription = "x"\n' for name in names)
    (root / "corpus" / "tags.toml").write_text(text, encoding="utf-8")
    head = f"title: 太多\ndate: 2024-06-04\nissuers: [生态环境部]\ntags: [{', '.join(names)}]"
    (root / "corpus" / "第3号.md").write_text(f"---\n{head}\n---\n碳足迹。\n", encoding="utf-8")
    with not_slow():
        done = run("index", kb=root)
        assert done.out.startswith("3 entries")
        assert "第3号.md:1: the front matter is longer than 65536 characters" in done.err
        counts = {row["tag"]: row["count"] for row in json.loads(run("tags", "--format", "json", kb=root).out)}
        assert {counts[name] for name in names} == {1, 2}
        assert run("list", "--tag", "标签9999", "--format", "paths", kb=root).out.count("\n") == 1
        facets = json.loads(run("search", "碳足迹", "--facets", "--format", "json", kb=root).out)["facets"]
        assert len(facets["tag"]) == 10_000
        assert run("list", "--facets", kb=root).code == 0
        assert run("tag", "-标签5000", "+标签1", "第1号", kb=root).code == 0
        assert run("tags", "rename", "标签1", "别的", kb=root).out.endswith("2 changed\n")
        assert "没有这个标签" in run("list", "--tag", "没有这个标签", kb=root).err


def test_a_tag_for_each_entry(tmp_path: Path, run: Command) -> None:
    root = make_base(tmp_path / "库", [entry(n % 28, id=f"e{n}", tags=(f"标签{n}",)) for n in range(60)]).root
    assert run("list", "--tag", "标签59", "--format", "paths", kb=root).out.count("\n") == 1
    facets = json.loads(run("search", "--facets", "--format", "json", kb=root).out)["facets"]["tag"]
    assert set(facets.values()) == {1}
    assert len(facets) == 60


def test_a_file_name_of_255_bytes(tmp_path: Path, run: Command) -> None:
    id = "长" * 84
    root = make_base(tmp_path / "库", [entry(0, id=id)]).root
    path = root / "corpus" / f"{id}.md"
    assert len(path.name.encode()) == 255
    assert run("index", kb=root).code == 0
    assert run("search", "碳足迹", "--format", "paths", kb=root).out == f"{path}\n"
    assert "碳足迹" in run("show", "长长长", kb=root).out
    assert run("tag", "+碳市场", "长长长", kb=root).code == 0
    assert run("tags", "rename", "碳市场", "别的", kb=root).code == 0
    assert json.loads(run("show", id, "--format", "json", kb=root).out)["tags"] == ["碳足迹", "别的"]
    assert run("similar", id, kb=root).code == 0
    assert run("check", "--format", "json", kb=root).code == 0
    output = tmp_path / f"{'出' * 84}.md"
    assert run("digest", "-o", str(output), kb=root).code == 0
    assert output.exists()
    assert run("doctor", kb=root).code == 0
    with KnowledgeBase.open(root) as kb:
        policy = kb.get(id)
    write_entry(tmp_path, policy, "x")
    with pytest.raises(OSError, match="File name too long"):
        write_entry(root, entry(0, id=id + "长"))


@pytest.mark.parametrize("name", ["有 空格", "引'号\"双", "新\n行", "-o", "$(x)`y`;*?", "e\u0301", "%s{}[b]", " 前后 "])
def test_a_strange_path(tmp_path: Path, run: Command, name: str) -> None:
    root = tmp_path / name / "库"
    assert run("init", str(root)).code == 0
    write_entry(root, entry(0))
    path = root / "corpus" / f"{entry(0).id}.md"
    assert run("index", kb=root).code == 0
    assert run("search", "碳足迹", "--format", "json", kb=root).code == 0
    assert json.loads(run("search", "碳足迹", "--format", "json", kb=root).out)["total"] == 1
    assert run("show", str(path), kb=root).code == 0
    assert run("tag", "+碳市场", "第0号", kb=root).code == 0
    assert run("tags", "rename", "碳市场", "碳汇", kb=root).code == 0
    assert run("check", str(path), kb=root).code == 0
    assert run("doctor", kb=root).code == 0
    output = root / "摘要.html"
    for form in (["digest", "--format", "html"], ["timeline"], ["report", "2024Q2", "--format", "html"]):
        output.unlink(missing_ok=True)
        assert run(*form, "-o", str(output), kb=root).code == 0
        assert output.exists()
    done = run("show", "没有", cwd=root)
    assert (done.code, done.err.count("\n")) == (1, 1)
    (root / "corpus" / "坏.md").write_text("---\n", encoding="utf-8")
    done = run("search", "碳足迹", kb=root)
    assert (done.code, done.err.count("\n")) == (0, 1)


def test_the_harness_for_many_entries(tmp_path: Path) -> None:
    said: list[str] = []
    assert bounds.measure(tmp_path / "库", 260, 3, said.append) == []
    assert any("searches after the changes" in text for text in said)
