"""Relations between documents: how they are written in front matter, found in texts, and what follows for validity."""

from __future__ import annotations

from datetime import date

import pytest

from policykb.corpus import entry_format
from policykb.digest.manifest import content_hash
from policykb.domain.policy import Policy
from policykb.domain.relation import RELATION_TYPES, relation_type

WRITTEN = """\
---
title: 关于甲的通知
date: 2024-06-04
issuers: [国务院]
ended: {date: 2025年1月1日, by: 国务院令第800号}
relations:
  # said by the ministry itself
  - {type: 依据, target: 乙条例, decided: 2025-01-02}  # sure
  - type: cites
    target: "丙办法"
tags: [碳市场]
---
正文。
"""


# ---- front matter


def test_relations_are_read_from_front_matter() -> None:
    policy = entry_format.parse(WRITTEN, id="甲")
    assert policy.ended == ({"date": date(2025, 1, 1), "by": "国务院令第800号"},)
    assert policy.relations == (
        {"type": "basis", "target": "乙条例", "decided": date(2025, 1, 2)},
        {"type": "cites", "target": "丙办法"},
    )
    assert Policy.from_data(policy.as_data()) == policy
    assert entry_format.parse(entry_format.dump(policy), id="甲") == policy


def test_an_edit_of_relations_keeps_every_other_byte() -> None:
    policy = entry_format.parse(WRITTEN, id="甲")
    assert entry_format.edit(WRITTEN, {"relations": list(policy.relations), "ended": list(policy.ended)}) == WRITTEN
    new = {"type": "repeals", "target": "丁: 戊", "partial": True}
    added = entry_format.edit(WRITTEN, {"relations": [*policy.relations, new]})
    assert added == WRITTEN.replace('"丙办法"\n', "\"丙办法\"\n  - {type: repeals, target: '丁: 戊', partial: true}\n")
    assert entry_format.edit(added, {"relations": list(policy.relations)}) == WRITTEN
    fewer = entry_format.edit(WRITTEN, {"relations": list(policy.relations[:1])})
    assert fewer == WRITTEN.replace('  - type: cites\n    target: "丙办法"\n', "")
    assert "relations" not in entry_format.edit(WRITTEN, {"relations": None})


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("{type: 依据}", ":6: relations: target is missing"),
        ("{type: 抄袭, target: 乙}", ":6: relations.type: 抄袭 is no relation; known are basis, "),
        ("[{type: basis, target: 3}]", ":6: relations.target: must be text, not '3'"),
        ("乙", ":6: relations: must be made of type: …, target: …"),
        ("[{typ: basis}]", ":6: relations.typ: there is no such key here; known are type, "),
        ("{type: basis, target: 乙, partial: maybe}", ":6: relations.partial: 'maybe' is not true or false"),
        ("{type: basis, target: 乙, date: 2024-02-30}", ":6: relations.date: 2024-02-30 is not a day"),
        ("\n- {type: basis, target: 乙}\n- {type: '', target: 丙}", ":8: relations.type: is empty"),
    ],
)
def test_what_is_wrong_with_relations_is_said_with_line_and_key(written: str, problem: str) -> None:
    text = WRITTEN.partition("relations")[0] + f"relations: {written}\n---\n正文\n"
    (found,) = entry_format.examine(text, id="甲").problems
    assert problem in str(found)


def test_every_type_has_names() -> None:
    assert [relation_type(name) for name in RELATION_TYPES] == [*RELATION_TYPES]
    named = [relation_type(name) for name in ("依据", "落实", "修改", "废止", "代替", "定稿", "解读", "提及")]
    assert named == [*RELATION_TYPES]
    assert relation_type("修订") == "amends"
    assert relation_type("抄袭") is None


def test_a_digest_sees_that_relations_changed() -> None:
    policy = entry_format.parse(WRITTEN, id="甲")
    changed = entry_format.parse(WRITTEN.replace("2025年1月1日", "2025年1月2日"), id="甲")
    assert content_hash(policy) != content_hash(changed)
