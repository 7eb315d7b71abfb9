"""`KnowledgeBase`: the Python API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

import policykb
from conftest import ids, make_base
from policykb.domain.daterange import DateRange
from policykb.errors import CorpusError, NoKnowledgeBaseError, PolicyKBError, UnknownNameError
from policykb.kb import KnowledgeBase


def test_public_names() -> None:
    for name in policykb.__all__:
        assert getattr(policykb, name) is not None
    assert {"KnowledgeBase", "DateRange", "Policy", "PolicyKBError", "Result", "Hit", "Snippet"} <= {*policykb.__all__}
    with pytest.raises(AttributeError):
        _ = policykb.nothing  # type: ignore[attr-defined]


def test_a_path_with_spaces_and_han_characters(kb: KnowledgeBase, shipped: Path) -> None:
    assert " " in str(shipped)
    assert "库" in str(shipped)
    assert kb.search("碳足迹", limit=0).total == 11


def test_a_search_sees_what_changed_since_the_last_opening(make_kb: Callable[..., KnowledgeBase]) -> None:
    base = make_kb("碳足迹", "水泥")
    assert ids(base.search("水泥")) == ["001"]
    base.close()
    (base.root / "corpus" / "001.md").unlink()
    assert ids(base.search("水泥")) == []
    assert ids(base.search("碳足迹")) == ["000"]


def test_a_result(kb: KnowledgeBase) -> None:
    result = kb.search("碳足迹", dates=DateRange.parse("2024Q3", today=date(2024, 1, 1)), issuers="发改委", limit=1)
    assert result.total == 2
    (hit,) = result.hits
    assert hit.policy.id == "2024-09-09-关于开展产品碳足迹标识认证试点工作的通知"
    assert hit.policy.date == date(2024, 9, 9)
    assert "国家发展和改革委员会" in hit.policy.issuers
    assert hit.path == f"2024/{hit.policy.id}.md"
    assert "碳足迹" in hit.snippet
    assert str(hit.snippet) == hit.snippet.text
    assert hit.score > 0
    assert set(result.timings) == {"parse", "open", "search", "facets", "show"}


def test_a_hit_is_the_entry(kb: KnowledgeBase) -> None:
    for hit in kb.search("", limit=100).hits:
        assert hit.policy == kb.get(hit.policy.id)


def test_relative_periods_count_from_today(kb: KnowledgeBase) -> None:
    options = {"dates": "上季度", "today": date(2024, 10, 5), "limit": 100}
    months = {hit.policy.date.month for hit in kb.search("", **options).hits}  # type: ignore[arg-type]
    assert months == {7, 8, 9}
    assert ids(kb.search("日期:上季度", today=date(2024, 10, 5), limit=100, sort="newest")) == ids(
        kb.search("", **options)  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("name", ["发改委", "国家发改委", "国家发展改革委", "国家发展和改革委员会"])
def test_names_of_departments(kb: KnowledgeBase, name: str) -> None:
    assert kb.search("", issuers=name).total == sum("国家发展和改革委员会" in p.issuers for p in kb.policies())


def test_a_department_of_the_knowledge_bases_own(make_kb: Callable[..., KnowledgeBase]) -> None:
    base = make_kb({"body": "碳", "issuers": ("某省低碳协会",)})
    assert ids(base.search("", issuers="某省低碳协会")) == ["000"]
    with pytest.raises(UnknownNameError):
        base.search("", issuers="某市低碳协会")


@pytest.mark.parametrize(
    "options", [{"issuers": "生态环境布"}, {"tags": "碳市厂"}, {"dates": "2024-13"}], ids=["issuers", "tags", "dates"]
)
def test_unknown_values_are_errors(kb: KnowledgeBase, options: dict[str, str]) -> None:
    with pytest.raises(PolicyKBError):
        kb.search("碳", **options)  # type: ignore[arg-type]


def test_entries_by_a_part_of_their_id(kb: KnowledgeBase) -> None:
    assert kb.get("2024-06-04").title == "关于建立碳足迹管理体系的实施方案"
    assert kb.get("能源法").kind == "法律"
    with pytest.raises(CorpusError, match="2024-06-04"):
        kb.get("2024-06")
    with pytest.raises(CorpusError):
        kb.get("没有")
    assert len(list(kb.policies())) == 40


def test_a_folder_that_is_no_knowledge_base(tmp_path: Path) -> None:
    with pytest.raises(NoKnowledgeBaseError, match="policykb init"):
        KnowledgeBase.open(tmp_path)
    with pytest.raises(NoKnowledgeBaseError):
        KnowledgeBase.open(tmp_path / "missing")


def test_it_closes_and_opens_again(tmp_path: Path) -> None:
    with make_base(tmp_path / "kb", ["碳足迹"]) as base:
        assert base.search("碳足迹").total == 1
    base.close()
    assert base.search("碳足迹").total == 1
    base.close()


def test_it_says_what_the_user_should_know(make_kb: Callable[..., KnowledgeBase]) -> None:
    said: list[str] = []
    base = make_kb("碳足迹", say=said.append)
    (base.root / "corpus" / "broken.md").write_text("---\ntitle: [\n---\nx", encoding="utf-8")
    assert ids(base.search("碳足迹")) == ["000"]
    assert any("broken.md" in text for text in said)


def test_an_index_elsewhere(make_kb: Callable[..., KnowledgeBase], tmp_path: Path) -> None:
    base = make_kb("碳足迹", index=tmp_path / "elsewhere")
    assert base.search("碳足迹").total == 1
    assert (tmp_path / "elsewhere").is_dir()
    assert not (base.root / "index").exists()


def test_similar_needs_an_entry(kb: KnowledgeBase) -> None:
    with pytest.raises(CorpusError):
        kb.similar("没有")
