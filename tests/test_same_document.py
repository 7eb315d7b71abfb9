"""When two entries are about one document, how they differ, and what an import changes."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

import making
from policykb.corpus.entry_format import parse
from policykb.domain.issuers import Authority
from policykb.domain.policy import Policy, entry_id
from policykb.importing.review.review import parse_review, to_policies
from policykb.importing.same_document import Difference, compare, free_id, merge, plan, same_document
from policykb.importing.sources import read_lines

CORPUS = Path(__file__).parents[1] / "corpus"
DAY = date(2031, 1, 10)


def policy(title: str = "推进乡村风能利用行动方案", day: date | None = DAY, **fields: Any) -> Policy:
    fields.setdefault("issuers", ("国务院办公厅",))
    return Policy(id=entry_id(day, title), title=title, date=day, **fields)


CHANGED_2014 = ({"date": date(1989, 12, 26), "act": "通过"}, {"date": date(2014, 4, 24), "act": "修订"})
SAME = [
    (policy(), policy()),
    (policy(), policy("《推进乡村风能利用行动方案》")),
    (policy(), policy("国务院办公厅关于印发《推进乡村风能利用行动方案》的通知")),
    (policy(), policy("关于印发推进乡村风能利用行动方案的通知")),
    (policy(), policy("推进 乡村 风能利用行动方案", DAY + timedelta(days=20))),
    (policy("关于做好某事的通知"), policy("国家发展改革委、国家能源局关于做好某事的通知")),
    (policy("中共中央 国务院关于某事的意见"), policy("关于某事的意见")),
    (policy("甲方案（2024—2025年）"), policy("甲方案(2024-2025年)")),
    (policy("甲标准（征求意见稿）"), policy("关于公开征求《甲标准（征求意见稿）》意见的通知")),
    (policy("甲标准（征求意见稿）"), policy("甲标准", status="征求意见稿")),
    (policy("甲办法（试行）"), policy("甲办法(试行)", status="试行")),
    (policy("一个名字", number="国办发〔2031〕1号"), policy("另一个名字", number="国办发[2031]1号")),
    (policy("共同的题目", documents=("甲指南", "乙指南")), policy("另一题目", documents=("《乙指南》", "甲指南"))),
    (policy("关于支持某地绿色发展若干政策措施的通知"), policy("关于支持某地绿色发展若千政策措施的通知")),
    (policy("企业温室气体排放核查技术指南"), policy("企业温室气体放核查技术指南")),
    (policy("關於節約用水的通知"), policy("关于节约用水的通知")),
    (policy("甲决定", None, body="一、废止甲。"), policy("甲决定", None, body="一、 废止甲")),
    (policy("甲决定", None, body="一、废止甲。"), policy("甲决定", body="一、废止甲。")),
    (policy("甲法", history=CHANGED_2014), policy("甲法")),
]
DIFFERENT = [
    (policy("甲方案"), policy("乙方案")),
    (policy("甲标准"), policy("甲标准（征求意见稿）")),
    (policy("甲办法"), policy("甲办法（试行）")),
    (policy("甲办法（征求意见稿）"), policy("甲办法（试行）")),
    (policy("2023年度工作方案"), policy("2024年度工作方案")),
    (policy("中央经济工作会议"), policy("中央经济工作会议", DAY + timedelta(days=365))),
    (policy(number="国办发〔2031〕1号"), policy(number="国办发〔2031〕2号")),
    (policy("关于推进水泥行业超低排放的意见"), policy("关于推进焦化行业超低排放的意见")),
    (policy("第一批绿色工厂推荐名单公示方案"), policy("第二批绿色工厂推荐名单公示方案")),
    (policy("2031年第1批绿色工厂推荐名单"), policy("2031年第12批绿色工厂推荐名单")),
    (policy("煤电低碳化改造建设行动方案"), policy("水电低碳化改造建设行动方案")),
    (policy("关于支持若干措施的通知"), policy("关于支持若千措施的通知", DAY + timedelta(days=1))),
    (policy("题", documents=("甲指南", "乙指南")), policy("目", documents=("甲指南", "丙指南"))),
    (policy("甲决定", None, body="一、废止甲。"), policy("甲决定", None, body="一、废止乙。")),
    (policy("甲决定", None, body="一、废止甲。"), policy("甲决定", body="一、废止乙。")),
    (policy("甲决定", None, body="一、废止甲。"), policy("乙决定", None, body="一、废止甲。")),
    (policy("甲条例", date(2018, 3, 1)), policy("甲条例", date(2024, 3, 1))),
    (
        policy("甲法", history=CHANGED_2014),
        policy("甲法", history=(*CHANGED_2014, {"date": date(2018, 10, 26), "act": "修正"})),
    ),
]


@pytest.mark.parametrize(("one", "other"), SAME, ids=lambda p: p.title[:16])
def test_same_document(one: Policy, other: Policy) -> None:
    assert same_document(one, other)
    assert same_document(other, one)


@pytest.mark.parametrize(("one", "other"), DIFFERENT, ids=lambda p: p.title[:16])
def test_other_document(one: Policy, other: Policy) -> None:
    assert not same_document(one, other)
    assert not same_document(other, one)


def test_no_two_entries_of_the_corpus_are_one_document() -> None:
    entries = [parse(path.read_text(encoding="utf-8"), id=path.stem) for path in (CORPUS / "2024").glob("*.md")]
    assert len(entries) == 40
    assert [(a.id, b.id) for a in entries for b in entries if a.id < b.id and same_document(a, b)] == []


def test_compare_names_what_the_new_one_says_differently() -> None:
    old = policy(tags=("碳汇",), number="国办发〔2031〕1号", body="旧的正文", source="甲")
    new = policy(kind="方案", body="新的正文\n", source="乙")
    assert compare(old, new) == [Difference("kind", None, "方案"), Difference("body", "旧的正文", "新的正文\n")]
    assert compare(old, policy(body=" 旧的正文\n")) == []


def test_merge_without_a_base_fills_in_only_what_is_empty() -> None:
    old = policy(kind="意见", body="人写的")
    new = policy(kind="方案", status="正式", issuer_count=3, body="导入的")
    assert merge(old, new) == {"status": "正式", "issuer_count": 3}


def test_merge_with_a_base_replaces_what_nobody_edited() -> None:
    base = policy(kind="意见", status="正式", body="上次导入的")
    edited = policy(kind="方案", status="正式", body="上次导入的", tags=("碳汇",))
    new = policy(kind="计划", status="试行", body="这次导入的")
    assert merge(edited, new, base) == {"status": "试行", "body": "这次导入的"}
    assert merge(base, base, base) == {}


def test_plan() -> None:
    existing = [policy("甲方案", tags=("水泥",)), policy("乙方案", kind="方案")]
    imported = [policy("关于印发《甲方案》的通知"), policy("乙方案", kind="意见"), policy("丙方案")]
    result = plan(imported, existing)
    assert [one.title for one in result.new] == ["丙方案"]
    assert [change.existing.title for change in result.changed] == ["甲方案", "乙方案"]
    assert [difference.key for change in result.changed for difference in change.differences] == ["title", "kind"]
    assert result.unchanged == ()


def test_planning_the_same_import_again_changes_nothing() -> None:
    twice = [policy("甲方案"), policy("甲方案"), policy("乙方案")]
    twice[1] = Policy(id=f"{twice[1].id}-2", title="甲方案", date=DAY, issuers=("财政部",))
    first = plan(twice, [])
    assert len(first.new) == 3
    again = plan(twice, first.new)
    assert (again.new, again.changed) == ((), ())
    assert again.unchanged == tuple(twice)


def test_id_taken_by_another_document_gets_a_number() -> None:
    name = "很长的名字" * 14
    result = plan([policy(name + "甲")], [policy(name + "乙")])
    assert [one.id for one in result.new] == [entry_id(DAY, name) + "-2"]


def test_capitals_alone_make_no_other_id() -> None:
    """They make no other file on Windows."""
    taken = {"2024-06-03-co2方案": 1}
    assert [free_id("2024-06-03-CO2方案", taken), free_id("2024-06-03-Co2方案", taken)] == [
        "2024-06-03-CO2方案-2",
        "2024-06-03-Co2方案-3",
    ]


def test_report_against_the_corpus_made_by_hand() -> None:
    report = parse_review(read_lines(making.report_or_skip()), Authority.load(None))
    existing = [parse(path.read_text(encoding="utf-8"), id=path.stem) for path in (CORPUS / "2024").glob("*.md")]
    result = plan(to_policies(report), existing)
    assert result.new == ()
    assert len({change.existing.id for change in result.changed}) == 40
    assert {difference.key for change in result.changed for difference in change.differences} <= {
        "title", "documents", "body",
    }  # fmt: skip
    imported = to_policies(report)
    assert plan(imported, imported).unchanged == tuple(imported)


def test_plan_of_many_entries_is_quick() -> None:
    import time

    existing = [policy(f"第{n}号工作方案", DAY + timedelta(days=n)) for n in range(20_000)]
    start = time.process_time()
    result = plan(existing[:200], existing)
    assert time.process_time() - start < 5
    assert len(result.unchanged) == 200
