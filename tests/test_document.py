"""The format of an entry's file: reading it, writing it, and changing single keys of it."""

from __future__ import annotations

import math
import re
import string
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from policykb.corpus import frontmatter
from policykb.corpus.entry_format import dump, edit, examine, parse
from policykb.corpus.frontmatter import split
from policykb.corpus.yaml_nodes import MAX_DEPTH
from policykb.domain.policy import BY_KEY, BY_NAME, Policy
from policykb.errors import DocumentError
from properties import examples

ENTRIES = sorted((Path(__file__).parents[1] / "corpus/2024").glob("*.md"))

PLAIN = """\
---
title: 关于建立碳足迹管理体系的实施方案
date: 2024-06-04
issuers:
  - 生态环境部
  - 国家发展和改革委员会
issuer_count: 15
tags:
  - 碳足迹
kind: 方案
---

正文。
"""


def with_head(*lines: str, body: str = "\n正文。\n") -> str:
    return "\n".join(["---", *lines, "---", ""]) + body


def head(**keys: str) -> str:
    """A text with the required keys, some of them replaced or added, written as given."""
    lines = {"title": "甲", "date": "2024-06-04", "issuers": "[生态环境部]"} | keys
    return with_head(*(f"{key}: {value}" for key, value in lines.items()))


def read(text: str) -> Policy:
    return parse(text, id="x")


def problem(text: str) -> DocumentError:
    with pytest.raises(DocumentError) as caught:
        parse(text, id="x", path=Path("x.md"))
    return caught.value


# --- reading ------------------------------------------------------------------------------------------------


def test_an_entry_with_everything() -> None:
    text = with_head(
        "title: 甲", "date: 2024-06-04", "issuers: [国务院, 中共中央]", "issuer_count: 3", "tags: [碳市场]",
        "kind: 会议", "status: 试行", "documents: [乙、丙, 丁]", "effective: 2024-07-01", "date_end: 2024-06-05",
        "number: 国办发〔2024〕39号", "source: 报告", "pages: 12",
        body="\n摘要。\n\n- 一\n",
    )  # fmt: skip
    assert read(text) == Policy(
        id="x", title="甲", date=date(2024, 6, 4), issuers=("国务院", "中共中央"), issuer_count=3, tags=("碳市场",),
        kind="会议", status="试行", documents=("乙、丙", "丁"), effective=date(2024, 7, 1), date_end=date(2024, 6, 5),
        number="国办发〔2024〕39号", source="报告", extra={"pages": 12}, body="摘要。\n\n- 一",
    )  # fmt: skip


def test_what_a_plain_entry_needs() -> None:
    policy = read(head())
    assert policy == Policy("x", "甲", date(2024, 6, 4), ("生态环境部",), body="正文。")


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("生态环境部、国务院", ("生态环境部", "国务院")),
        ("生态环境部，国务院 , 财政部", ("生态环境部", "国务院", "财政部")),
        ("生态环境部 国务院", ("生态环境部 国务院",)),
        ("[生态环境部、国务院]", ("生态环境部、国务院",)),
        ('["生态环境部"]', ("生态环境部",)),
    ],
)
def test_a_list_may_be_one_text(written: str, names: tuple[str, ...]) -> None:
    assert read(head(issuers=written)).issuers == names
    assert read(head(tags=written)).tags == names


def test_the_name_of_one_document_is_not_cut_at_its_commas() -> None:
    assert read(head(documents="关于水泥、焦化的意见")).documents == ("关于水泥、焦化的意见",)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2024-06-04", date(2024, 6, 4)),
        ("2024-6-4", date(2024, 6, 4)),
        ("'2024-06-04'", date(2024, 6, 4)),
        ("2024-06-04 10:30:00", date(2024, 6, 4)),
        ("2024-06-04T23:30:00-08:00", date(2024, 6, 4)),
        ("2024-02-29T00:30:00+08:00", date(2024, 2, 29)),
        ("2024年6月4日", date(2024, 6, 4)),
        ("2024/6/4", date(2024, 6, 4)),
        ("20240604", date(2024, 6, 4)),
        ("二〇二四年六月四日", date(2024, 6, 4)),
        ("1949-10-01", date(1949, 10, 1)),
    ],
)
def test_a_date_is_one_day_in_any_full_form(written: str, day: date) -> None:
    assert read(head(date=written)).date == day
    assert read(head(effective=written)).effective == day


@pytest.mark.parametrize(
    "written",
    [
        "2024", "2024-06", "2024.6", "2024Q2", "2024年6月", "2024-13-01", "2024-02-30", "2023-02-29", "20240230",
        "昨天", "2024-06-041", "0000-01-01", "[2024-06-04]", "true", "2024-06-04 及以后", "2024-02-30 10:00:00",
    ],
)  # fmt: skip
def test_a_date_is_never_filled_in(written: str) -> None:
    for key in ("date", "effective", "date_end"):
        error = problem(head(kind="会议", **{key: written}))
        assert (error.key, error.line) == (key, 3 if key == "date" else 6)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("closing", ["---", "...", "---  \t"])
def test_line_ends_byte_order_marks_and_closing_lines(end: str, mark: str, closing: str) -> None:
    text = mark + PLAIN.replace("---\n\n", f"{closing}\n\n").replace("\n", end)
    front = split(text)
    assert text[front.start : front.end].startswith("title:")
    assert text[front.end : front.body] == closing + end
    assert read(text) == read(PLAIN)
    with pytest.raises(DocumentError) as caught:
        parse(text.replace("2024-06-04", "2024-06"), id="x")
    assert caught.value.line == 3
    changed = edit(text, {"tags": ["碳足迹", "碳核算"]})
    assert changed == text.replace("碳足迹" + end + "kind", f"碳足迹{end}  - 碳核算{end}kind")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "no front matter"),
        ("title: 甲\n", 1, "no front matter"),
        ("\n---\ntitle: 甲\n---\n", 1, "no front matter"),
        ("----\ntitle: 甲\n----\n", 1, "no front matter"),
        ("---\ntitle: 甲\n", 1, "does not end"),
        ("---\ntitle: 甲\n ---\n", 1, "does not end"),
        ("---\n- 甲\n---\n", 2, "key: value"),
        ("---\n甲\n---\n", 2, "key: value"),
        ("---\n# nothing\n---\n", 1, "is missing"),
        ("---\n---\n", 1, "is missing"),
        ("---\n" + "x: y\n" * 20_000 + "---\n", 1, "longer than"),
    ],
)
def test_what_is_not_front_matter(text: str, line: int, said: str) -> None:
    error = problem(text)
    assert error.line == line
    assert said in error.problem
    assert str(error).startswith(f"x.md:{line}: ")


@pytest.mark.parametrize(
    ("lines", "line", "key", "said"),
    [
        (["title: 关于: 甲"], 2, "title", "not YAML"),
        (["title: 甲", "date：2024-06-04"], 3, "date", "a colon (:) and a space"),
        (["title: 甲", "date:2024-06-04", "kind: 意见"], 3, "date", "a colon (:) and a space"),
        (["title: 甲", "tags: [a", "kind: b"], 3, "tags", "not YAML"),
        (["title: 甲", "tags: {a", "kind: b"], 3, "tags", "not YAML"),
        (["title: '甲", "kind: b"], 2, "title", "not YAML"),
        (["title: 甲", "kind"], 3, "title", "not YAML"),
        (["title: 甲", "\tkind: 通知"], 3, "title", "not YAML"),
        (["title: 甲", "title: 乙"], 3, "title", "line 2"),
        (["标题: 甲", "title: 乙"], 3, "title", "标题 in line 2"),
        (["title: &a 甲", "kind: 意见"], 2, "title", "anchors"),
        (["title: 甲", "kind: *a"], 3, "kind", "anchors"),
        (["title: 甲", "x: &a [1]", "y: *a"], 3, "x", "anchors"),
        (["title: 甲", "<<: {a: b}"], 3, "<<", "merge"),
        (["title: !!python/object/apply:os.system ['exit 1']"], 2, "title", "python"),
        (["title: !!python/name:os.system"], 2, "title", "python"),
        (["title: !secret 甲"], 2, "title", "!secret"),
        (["x: !!set {a, b}"], 2, "x", "set"),
        (["x: !!binary aGk="], 2, "x", "binary"),
        (["2024: 甲"], 2, "2024", "not text"),
        (["no: 国办发〔2024〕39号"], 2, "no", "not text"),
        (["x: {1: a}"], 2, "x", "not text"),
        (["? [a]", ": b"], 2, None, "not text"),
        (["title: 甲\x00"], 2, "title", "U+0000"),
        (["title: 甲", "kind: 意\u2028见"], 3, "kind", "U+2028"),
        (["title: \ud800"], 2, "title", "U+D800"),
        (['title: "\\ud800"'], 2, "title", ""),
        (['title: "\\UFFFFFFFF"'], None, "", ""),
        (["title: 甲", "--- kind: b"], None, "", ""),
        (["x: " + "[" * 8 + "]" * 8], 2, "x", "deep"),
        (["x: " + "[" * 30_000], 2, "x", ""),
        (["x: " + "{a: " * 9 + "b" + "}" * 9], 2, "x", "deep"),
        (["x: 0x" + "f" * 5_000], 2, "x", "quoted"),
        (["x: " + "9" * 5_000], 2, "x", "quoted"),
        (["x: 2024-02-30"], 2, "x", "not a valid timestamp"),
        (["x: !!int 甲"], 2, "x", "not a valid int"),
        (["x: !!bool 甲"], 2, "x", "not a valid bool"),
        (["x: !!timestamp 甲"], 2, "x", "not a valid timestamp"),
        (["x: !!str [a]"], 2, "x", "not allowed"),
    ],
)
@pytest.mark.parametrize("libyaml", [True, False])
def test_broken_yaml_names_line_and_key(
    lines: list[str], line: int | None, key: str | None, said: str, libyaml: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not libyaml:
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    rest = ["date: 2024-06-04", "issuers: [国务院]"]
    names = " ".join(lines)
    text = with_head(*lines, *([] if "title" in names and "date" in names else rest))
    errors = examine(text, id="x").problems
    assert errors
    if line is not None:
        assert any((e.line, e.key) == (line, key) and said in e.problem for e in errors), list(map(str, errors))


@pytest.mark.parametrize(
    ("lines", "where", "said"),
    [
        (["title: 甲", "--- kind: b"], (3, "title"), "a second YAML document begins inside the front matter"),
        (
            ["title: 甲", "x: &a [1]"],
            (3, "x"),
            "anchors and aliases (& and *) are not allowed; put quotes around text that begins so",
        ),
        (["title: 甲", "<<: {a: b}"], (3, "<<"), "merge keys (<<) are not allowed"),
        (["x: " + "[" * 8 + "]" * 8], (2, "x"), "lists and mappings more than 8 deep are not allowed"),
        (["x: !!set {a, b}"], (2, "x"), "the YAML tag tag:yaml.org,2002:set is not allowed"),
        (["title: 甲", "title: 乙"], (3, "title"), "stands twice: in line 2 already"),
        (["2024: 甲"], (2, "2024"), "the key '2024' is not text; put quotes around it"),
        (["x: 2024-02-30"], (2, "x"), "'2024-02-30' is not a valid timestamp"),
        (["title: 甲\x00"], (2, "title"), "the character U+0000 is not allowed in front matter; remove it"),
        (["- 甲"], (2, None), "the front matter is not made of lines like 'key: value'"),
    ],
)
@pytest.mark.parametrize("libyaml", [True, False])
def test_what_is_said_of_forbidden_yaml(
    lines: list[str], where: tuple[int, str | None], said: str, libyaml: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not libyaml:
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    found = [(e.line, e.key, e.problem) for e in examine(with_head(*lines), id="x").problems]
    assert (*where, said) in found


def test_what_only_the_parser_without_libyaml_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    error = problem(with_head('title: "\\ud800"'))
    assert (error.line, error.problem) == (2, "half of a character (a surrogate) is not allowed")
    error = problem(with_head('title: "\\UFFFFFFFF"'))
    assert error.line == 1
    assert error.problem.startswith("not YAML: ")


def test_an_equals_sign_is_text() -> None:
    assert read(head(title="=", x="=")).title == "="
    assert read(head(x="=")).extra == {"x": "="}


def test_what_could_be_read_beside_what_could_not() -> None:
    fields = examine(head(date="2024-06", kind="通知", 页数="3"), id="x").fields
    assert fields == {"title": "甲", "issuers": ("生态环境部",), "kind": "通知", "body": "正文。", "extra": {"页数": 3}}


@pytest.mark.parametrize("blank", [" ", "\t", " \t "])
def test_blanks_after_the_opening_line(blank: str) -> None:
    assert read(PLAIN.replace("---", f"---{blank}", 1)) == read(PLAIN)


def test_text_may_be_tagged_as_text() -> None:
    assert read(head(title="!!str 2024")).title == "2024"
    assert read(head(x="!!str 39")).extra == {"x": "39"}


@pytest.mark.parametrize("char", "\x01\x08\x0b\x0c\x0e\x1f\x7f\x80\x85\x9f\u2028\u2029\ufeff\ufffe\uffff")
def test_characters_that_front_matter_cannot_have(char: str) -> None:
    error = problem(head(kind=f"意{char}见"))
    assert (error.line, error.key) == (5, "kind")
    assert error.problem == f"the character U+{ord(char):04X} is not allowed in front matter; remove it"
    written = dump(Policy("x", "甲", date(2024, 6, 4), ("国务院",), kind=f"意{char}见"))
    assert char not in written
    assert read(written).kind == f"意{char}见"


@pytest.mark.parametrize("key", ["题", "标题", "_x", "x2", "题" * 21])
def test_a_colon_without_a_space_after_a_key(key: str) -> None:
    for colon in ("：", ":"):
        error = problem(with_head("title: 甲", f"{key}{colon}乙", "kind: 意见"))
        assert (error.line, error.key) == (3, key)
        assert error.problem == "after a key comes a colon (:) and a space"


@pytest.mark.parametrize("line", ["kind: 甲：乙", "2024：丙", "（一）：丙", "-：丙", "题" * 22 + "：丙", "标题 ：丙"])
def test_a_colon_that_follows_no_key(line: str) -> None:
    error = problem(with_head("title: 关于: 甲", line))
    assert (error.line, error.key) == (2, "title")
    assert error.problem.startswith("not YAML: ")


def test_what_is_said_of_broken_yaml() -> None:
    error = problem(with_head("title: 甲", "date：2024-06-04"))
    assert error.problem == "after a key comes a colon (:) and a space"
    error = problem(with_head("title: 关于: 甲", body="\n说明：乙\n"))  # a colon in the body is none of a key
    assert (error.line, error.key) == (2, "title")
    assert error.problem.startswith("not YAML: ")
    assert error.problem.endswith("; put quotes around text with special characters")


def test_seven_levels_below_the_mapping_are_fine() -> None:
    assert read(head(x="[" * 7 + "1" + "]" * 7)).extra == {"x": [[[[[[[1]]]]]]]}


def test_all_problems_of_a_file_at_once() -> None:
    text = with_head(
        "kind: 3",
        "date: 2024-06",
        "issuers: {a: b}",
        "tags: {a: b}",
        "issuer_count: 十",
        "documents: [甲, 4, ]",
        "effective: 明天",
    )
    reading = examine(text, id="x", path=Path("x.md"))
    assert reading.policy is None
    assert [(error.line, error.key) for error in reading.problems] == [
        (1, "title"), (2, "kind"), (3, "date"), (4, "issuers"), (5, "tags"), (6, "issuer_count"), (7, "documents"),
        (8, "effective"),
    ]  # fmt: skip
    assert all(error.path == Path("x.md") for error in reading.problems)
    with pytest.raises(DocumentError, match="title"):
        parse(text, id="x")


@pytest.mark.parametrize("value", ["", "null", "''", "~", '"  "'])
def test_the_title_may_not_be_empty(value: str) -> None:
    error = problem(head(title=value))
    assert (error.key, error.problem[:8]) == ("title", "is empty")


@pytest.mark.parametrize("value", ["", "null", "''", '"  "'])
@pytest.mark.parametrize("key", sorted(set(BY_NAME) - {"title", "date", "issuers"}))
def test_an_optional_key_may_be_empty(key: str, value: str) -> None:
    assert read(head(**{key: value})) == read(head())


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("title", "2024"), ("title", "[甲]"), ("title", "2024-06-04"), ("title", "yes"), ("title", "{a: b}"),
        ("kind", "1.5"), ("status", "[试行]"), ("number", "39"), ("source", "true"),
        ("tags", "5"), ("tags", "[5]"), ("tags", "[[a]]"), ("tags", "{a: b}"), ("tags", "['']"), ("tags", "[a, null]"),
        ("documents", "2024"), ("documents", "[2024]"),
        ("issuer_count", "'10'"), ("issuer_count", "0"), ("issuer_count", "-3"), ("issuer_count", "1.5"),
        ("issuer_count", "true"), ("issuer_count", "0x10"), ("issuer_count", "99999"), ("issuer_count", "[3]"),
        ("issuers", "7"), ("issuers", "[7]"),
    ],
)  # fmt: skip
def test_values_of_the_wrong_type(key: str, value: str) -> None:
    error = problem(head(**{key: value}))
    assert error.key == key
    assert error.line == {"title": 2, "issuers": 4}.get(key, 5)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("title", "''", "is empty"),
        ("title", "2024", "must be text, not '2024': put quotes around it"),
        ("title", "9" * 40, f"must be text, not '{'9' * 40}': put quotes around it"),
        ("title", "9" * 41, f"must be text, not '{'9' * 40}…': put quotes around it"),
        ("title", "[甲]", "must be text, not a list"),
        ("title", "{a: b}", "must be text, not a mapping"),
        ("tags", "{a: b}", "must be a list, not a mapping"),
        ("tags", "[a, '']", "is empty"),
        ("title", "", "is empty"),
        ("date", "[2024-06-04]", "a list is not a date"),
        ("date", "{a: b}", "a mapping is not a date"),
        ("date", "2024-2-30", "2024-02-30 is not a day of the calendar"),
        ("date", "昨天", "'昨天' is not one day: write it in full, as 2024-06-04 or 2024年6月4日"),
        ("issuer_count", "十", "'十' is not a number of departments"),
        ("issuer_count", "10000", "'10000' is not a number of departments"),
        ("issuer_count", "[3]", "a list is not a number of departments"),
        ("签发日期", "2024-06-05", "says the same as date in line 3: keep one of them"),
    ],
)
def test_what_is_said_of_a_wrong_value(key: str, value: str, said: str) -> None:
    assert problem(head(**{key: value})).problem == said


def test_what_is_said_of_a_missing_key() -> None:
    said = {error.key: error.problem for error in examine(with_head("kind: 通知"), id="x").problems}
    assert said == {"title": "is missing: every entry needs it"}


@pytest.mark.parametrize("line", ["", "date:\n", "date: null\n", "发布日期: ''\n"])
def test_a_date_may_be_unknown(line: str) -> None:
    policy = read(head().replace("date: 2024-06-04\n", line))
    assert policy == Policy("x", "甲", None, ("生态环境部",), body="正文。")
    assert "\ndate:\n" in dump(policy)  # to be filled in
    assert policy.as_data()["date"] is None
    assert Policy.from_data(policy.as_data()) == policy
    with pytest.raises(ValueError, match="no date"):
        print(policy.day)


def test_the_greatest_number_of_departments() -> None:
    assert read(head(issuer_count="9999")).issuer_count == 9999


@pytest.mark.parametrize("value", ["", "[]", "null", "''"])
def test_who_issued_it_may_be_unknown(value: str) -> None:
    policy = read(head(issuers=value))
    assert policy.issuers == read(head().replace("issuers: [生态环境部]\n", "")).issuers == ()
    assert "\nissuers:\n" in dump(policy)  # to be filled in
    assert "\nissuers: []\n" in dump(read(head(issuers=value, kind="会议")))  # nobody issues a meeting


def test_chinese_keys() -> None:
    lines = [
        "标题: 甲", "发布日期: 2024年6月4日", "发文机关: 生态环境部、财政部", "标签: [碳市场]", "文种: 通知",
        "状态: 试行", "文件: [乙]", "施行日期: 2024-07-01", "结束日期: 2024-06-05",
        "发文字号: 财资环〔2024〕1号", "来源: 网站",
    ]  # fmt: skip
    assert read(with_head(*lines)) == Policy(
        id="x", title="甲", date=date(2024, 6, 4), issuers=("生态环境部", "财政部"), tags=("碳市场",), kind="通知",
        status="试行", documents=("乙",), effective=date(2024, 7, 1), date_end=date(2024, 6, 5),
        number="财资环〔2024〕1号", source="网站", body="正文。",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("written", "field", "value"),
    [
        ("公文种类: 通知", "kind", "通知"),
        ("实施日期: 2024-07-01", "effective", date(2024, 7, 1)),
        ("生效日期: 2024-07-01", "effective", date(2024, 7, 1)),
        ("文号: 财资环〔2024〕1号", "number", "财资环〔2024〕1号"),
    ],
)
def test_other_chinese_keys(written: str, field: str, value: object) -> None:
    policy = read(with_head("标题: 甲", "date: 2024-06-04", "发布机构: 国务院", written))
    assert (getattr(policy, field), policy.issuers, policy.extra) == (value, ("国务院",), {})


@pytest.mark.parametrize(
    "order", [("成文日期: 2024-05-01", "发布日期: 2024-06-04"), ("发布日期: 2024-06-04", "date: 2024-05-01")]
)
def test_the_day_of_issue_is_the_date_and_that_of_publication_is_kept(order: tuple[str, str]) -> None:
    policy = read(with_head("标题: 甲", *order, "发文机关: 国务院", "发布机构: 国务院办公厅"))
    assert (policy.date, policy.published, policy.issuers) == (date(2024, 5, 1), date(2024, 6, 4), ("国务院",))
    assert policy.extra == {"发布机构": "国务院办公厅"}
    assert parse(dump(policy), id="x") == policy


def test_the_day_of_publication_alone_is_the_date() -> None:
    text = with_head("标题: 甲", "发布日期: 2024-05-01", "发布机构: 国务院")
    policy = read(text)
    assert (policy.date, policy.published, policy.issuers) == (date(2024, 5, 1), None, ("国务院",))
    assert read(edit(text, {"date": date(2024, 5, 2)})).date == date(2024, 5, 2)
    both = read(edit(text, {"published": date(2024, 6, 4)}))
    assert (both.date, both.published) == (date(2024, 5, 1), date(2024, 6, 4))


def test_the_day_of_signing_alone_is_the_date() -> None:
    policy = read(with_head("标题: 甲", "成文日期: 2024-05-01", "发布机构: 国务院"))
    assert (policy.date, policy.issuers, policy.extra) == (date(2024, 5, 1), ("国务院",), {})


def test_the_day_of_signing_beside_a_date_is_kept_as_it_stands() -> None:
    text = with_head("标题: 甲", "date: 2024-06-04", "成文日期: 2024-05-01", "发布机构: 国务院")
    policy = read(text)
    assert (policy.date, policy.extra) == (date(2024, 6, 4), {"成文日期": date(2024, 5, 1)})
    assert parse(dump(policy), id="x") == policy
    assert read(edit(text, {"date": date(2024, 5, 1)})).extra == policy.extra


def test_lines_of_fields_items_and_unknown_keys() -> None:
    reading = examine(PLAIN.replace("kind: 方案", "# 注\n页数: 3"), id="x")
    assert reading.problems == ()
    assert reading.lines == {
        "title": (2,), "date": (3,), "issuers": (4, 5, 6), "issuer_count": (7,), "tags": (8, 9),
        "页数": (11,), "body": (13,),
    }  # fmt: skip


def test_text_is_one_line_and_the_body_is_trimmed() -> None:
    policy = read(
        with_head(
            "title: |", "  甲", "  乙", "date: 2024-06-04", "issuers: [国务院]", body="\n \n\t\n    代码\r\n末\n\n"
        )
    )
    assert policy.title == "甲 乙"
    assert policy.body == "    代码\n末"


def test_alias_bombs_are_refused_without_growing() -> None:
    bomb = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9))]
    error = problem(with_head(*bomb))
    assert (error.line, error.key) == (2, "a0")


# --- writing ------------------------------------------------------------------------------------------------

plain_text = st.text(
    st.characters(exclude_categories=["Cs"])
    | st.sampled_from("碳足迹: #-'\"[]{},&*!|>%@`?=~\\\t\n\x85\u2028\ufeff😀0123"),
    max_size=30,
)
one_line = plain_text.map(lambda text: re.sub(r"\s*[\r\n]\s*", " ", text.strip())).filter(
    lambda text: text and text == text.strip()
)
tricky = st.sampled_from(
    ["null", "~", "yes", "no", "2024", "1.5", "0x1f", "2024-06-04", "2024-06-04 10:00:00", "1:30", "=", "<<", "- a",
     "---", "...", "a: b", "a #b", "a:", "#", "'", '"', "{}", "[]", "!x", "&a", "*a", "?", "? a", "%", "@", "`", "|",
     ">", "1e3", ".inf", "：", "a,b", "关于: 甲", "2023、2024年度", "{a", "a\\nb"]
)  # fmt: skip
texts = one_line | tricky
names = st.lists(texts, max_size=4).map(tuple)
days = st.dates(date(1949, 1, 1), date(2100, 12, 31))
scalars = (
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False) | plain_text | tricky | days
    | st.datetimes(timezones=st.none() | st.just(UTC))
)  # fmt: skip
plain = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(plain_text.filter(bool), inner, max_size=3),
    max_leaves=6,
).filter(lambda value: depth(value) < MAX_DEPTH)
known = {*BY_KEY}
extras = st.dictionaries((plain_text | tricky).filter(lambda key: key and key not in known), plain, max_size=3)
bodies = plain_text.map(lambda text: re.sub(r"\A(?:[^\S\n]*\n)+", "", re.sub(r"\r\n?", "\n", text)).rstrip())


def depth(value: object) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth, inner), default=0)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    issuers = draw(names)
    kind = draw(st.none() | texts) if issuers else "会议"
    return Policy(
        id="x", title=draw(texts), date=draw(days), issuers=issuers, tags=draw(names), kind=kind,
        status=draw(st.none() | texts), documents=draw(names), number=draw(st.none() | texts),
        issuer_count=draw(st.none() | st.integers(1, 9999)), effective=draw(st.none() | days),
        date_end=draw(st.none() | days), source=draw(st.none() | texts), body=draw(bodies), extra=draw(extras),
    )  # fmt: skip


few = settings(examples(100), suppress_health_check=[HealthCheck.too_slow])


@few
@given(policies())
def test_parse_undoes_dump(policy: Policy) -> None:
    text = dump(policy)
    assert parse(text, id="x") == policy
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert dump(parse(text, id="x")) == text


@pytest.mark.parametrize("path", ENTRIES, ids=lambda path: path.stem[:24])
def test_the_shipped_entries_are_written_as_dump_writes(path: Path) -> None:
    text = path.read_text("utf-8")
    policy = parse(text, id=path.stem, path=path)
    assert dump(policy) == text
    assert edit(text, {}) == text
    assert edit(text, {key: getattr(policy, key) for key in ("title", "date", "issuers", "tags")}) == text


def test_there_are_forty_shipped_entries() -> None:
    assert len(ENTRIES) == 40


@pytest.mark.parametrize(
    "extra",
    [{"'" * 600: 1}, {"\x85" * 200: 1}, {"x": 10**70}, {"x": "碳" * 70_000}],
    ids=["a key of quotes", "a key of escapes", "a long number", "a long value"],
)
def test_dump_refuses_what_could_not_be_read_back(extra: dict[str, object]) -> None:
    policy = parse("---\ntitle: 甲\ndate: 2024-06-04\nissuers: [乙]\n---\n", id="a")
    with pytest.raises(DocumentError):
        dump(replace(policy, extra=extra))


def test_dump_quotes_only_what_needs_it() -> None:
    policy = Policy(
        "x", "2024: 甲", date(2024, 6, 4), ("国务院",), tags=("a #b", "c#d"), kind="yes", number="39", source='"引"',
        extra={"f": 1e300, "list": ["a, b", 2, None], "map": {"k": [True]}, "none": None, "text": "a\nb\u2028"},
    )  # fmt: skip
    assert dump(policy).splitlines()[1:-1] == [
        "title: '2024: 甲'", "date: 2024-06-04", "issuers:", "  - 国务院", "tags:", "  - 'a #b'", "  - c#d",
        "kind: 'yes'", "number: '39'", "source: '\"引\"'", "f: 1.0e+300", "list:", "  - a, b", "  - 2", "  - null",
        "map: {k: [true]}", "none: null", 'text: "a\\nb\\u2028"',
    ]  # fmt: skip


def test_dump_writes_commas_and_brackets_inside_a_line_as_they_are() -> None:
    text = dump(Policy("x", "甲, 乙[丙]{丁}?", date(2024, 6, 4), ("甲, 乙[丙]",), kind="a:b", extra={"x": ["a?"]}))
    assert text.splitlines()[1:-1] == [
        "title: 甲, 乙[丙]{丁}?", "date: 2024-06-04", "issuers:", "  - 甲, 乙[丙]", "kind: a:b", "x:", "  - a?",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("extra", "said"),
    [({"title": 1}, "title: is a field of the entry, and cannot be an extra key"), ({"标题": 1}, "标题: is a field"),
     ({"x": {1, 2}}, "^front matter cannot hold a set"), ({"x": b"a"}, "^front matter cannot hold a bytes"),
     ({"": 1}, "^a key must be text of 1 to 1000 characters, not ''"), ({"x": {1: 2}}, "1000 characters, not 1"),
     ({"k" * 1001: 1}, "1000 characters, not 'k{79}$"),
     ({"x": "\ud800"}, r"^half a character \(a surrogate\) cannot be written: '\\ud800'")],
)  # fmt: skip
def test_what_dump_refuses(extra: dict[str, object], said: str) -> None:
    with pytest.raises(DocumentError, match=said):
        dump(Policy("x", "甲", date(2024, 6, 4), ("国务院",), extra=extra))


def test_the_limits_of_front_matter_can_be_reached() -> None:
    for extra in ({"k" * 1000: 1}, {"x": 10**63}, {"x": "9" * 65}):
        policy = Policy("x", "甲", date(2024, 6, 4), ("国务院",), extra=extra)
        assert parse(dump(policy), id="x") == policy
    _, front, body = head().split("---\n")
    comment = "#" * (64 * 1024 - len(front) - 1)
    assert read(f"---\n{front}{comment}\n---\n{body}") == read(head())
    error = problem(f"---\n{front}{comment}#\n---\n{body}")
    assert error.problem == "the front matter is longer than 65536 characters"
    assert read(head(x="9" * 64)).extra == {"x": int("9" * 64)}
    assert problem(head(x="9" * 65)).problem == "a value of more than 64 characters must be quoted"


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (math.nan, ".nan"), (math.inf, ".inf"), (-math.inf, "-.inf"), (1e300, "1.0e+300"), (1.5e-7, "1.5e-07"),
        (-2.5, "-2.5"), (10.0, "10.0"),
    ],
)  # fmt: skip
def test_numbers_are_written_so_that_yaml_reads_numbers(number: float, written: str) -> None:
    text = dump(Policy("x", "甲", date(2024, 6, 4), ("国务院",), extra={"x": number}))
    assert f"\nx: {written}\n" in text
    assert repr(read(text).extra["x"]) == repr(number)


# --- editing ------------------------------------------------------------------------------------------------

COMMENTED = """\
---
# 头注
title:   "甲"    # 题
date: '2024-06-04'

issuers: [生态环境部,  "国务院"]  # 两家
tags:  # 标签
    - 碳市场   # 一
    # 二的注
    - '碳汇'
    - 水泥

kind: >-
  意
  见
effective:  # 未定
页数: {a: [1,   2]}
# 尾注
---
正文
"""


def lines_but(text: str, *wanted: str) -> list[str]:
    return [line for line in text.splitlines() if not line.lstrip(" -").startswith(wanted)]


@pytest.mark.parametrize(
    ("changes", "old", "new"),
    [
        ({}, "", ""),
        ({"title": "甲"}, "", ""),
        ({"title": "乙"}, '"甲"', '"乙"'),
        ({"title": "a: b"}, '"甲"', '"a: b"'),
        ({"date": date(2024, 6, 4)}, "", ""),
        ({"date": date(2024, 6, 5)}, "'2024-06-04'", "2024-06-05"),
        ({"date": "2024年6月5日"}, "'2024-06-04'", "2024-06-05"),
        ({"issuers": ("生态环境部", "国务院")}, "", ""),
        ({"issuers": ["国务院", "财政部", "x, y"]}, '[生态环境部,  "国务院"]', "[\"国务院\", 财政部, 'x, y']"),
        ({"tags": ["碳市场", "碳汇", "水泥"]}, "", ""),
        ({"tags": ["碳市场", "水泥"]}, "    - '碳汇'\n", ""),
        ({"tags": ["碳市场", "碳汇", "水泥", "钢铁"]}, "- 水泥\n", "- 水泥\n    - 钢铁\n"),
        (
            {"tags": ["碳汇"]},
            "    - 碳市场   # 一\n    # 二的注\n    - '碳汇'\n    - 水泥\n",
            "    # 二的注\n    - '碳汇'\n",
        ),
        ({"tags": ["新"]}, "    - 碳市场   # 一\n    # 二的注\n    - '碳汇'\n    - 水泥\n", "    - 新\n    # 二的注\n"),
        (
            {"tags": ["水泥", "碳市场", "碳汇"]},
            "    - 碳市场   # 一\n    # 二的注\n    - '碳汇'\n    - 水泥\n",
            "    - 水泥\n    - 碳市场   # 一\n    # 二的注\n    - '碳汇'\n",
        ),
        (
            {"tags": []},
            "tags:  # 标签\n    - 碳市场   # 一\n    # 二的注\n    - '碳汇'\n    - 水泥\n",
            "tags: []  # 标签\n",
        ),
        (
            {"tags": None},
            "tags:  # 标签\n    - 碳市场   # 一\n    # 二的注\n    - '碳汇'\n    - 水泥\n",
            "",
        ),
        ({"kind": "意 见"}, "", ""),
        ({"kind": "通知"}, "kind: >-\n  意\n  见\n", "kind: 通知\n"),
        ({"kind": None}, "kind: >-\n  意\n  见\n", ""),
        ({"title": "甲", "documents": [], "没有": None, "kind": "通知"}, "kind: >-\n  意\n  见\n", "kind: 通知\n"),
        ({"effective": date(2024, 7, 1)}, "effective:", "effective: 2024-07-01"),
        ({"effective": None}, "effective:  # 未定\n", ""),
        ({"页数": {"a": [1, 2]}}, "", ""),
        ({"页数": {"a": [2]}}, "{a: [1,   2]}", "{a: [2]}"),
        ({"页数": ["一", "二"]}, "{a: [1,   2]}", "[一, 二]"),
        ({"status": "试行"}, "  见\n", "  见\nstatus: 试行\n"),
        ({"issuer_count": 5}, "# 两家\n", "# 两家\nissuer_count: 5\n"),
        ({"documents": ["乙", "丙"]}, "  见\n", "  见\ndocuments:\n    - 乙\n    - 丙\n"),
        ({"number": "39"}, "# 未定\n", "# 未定\nnumber: '39'\n"),
        ({"新键": [1.5]}, "2]}\n", "2]}\n新键:\n    - 1.5\n"),
        ({"source": None, "没有": None, "documents": []}, "", ""),
        (
            {"status": "试行", "documents": ["乙"], "number": "三号"},
            "  见\neffective:  # 未定\n",
            "  见\nstatus: 试行\ndocuments:\n    - 乙\neffective:  # 未定\nnumber: 三号\n",
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_change_touches_only_the_lines_of_its_key(changes: dict[str, object], old: str, new: str, end: str) -> None:
    assert not old or COMMENTED.count(old) == 1
    expected = COMMENTED.replace(old, new) if old else COMMENTED
    assert edit(COMMENTED.replace("\n", end), changes) == expected.replace("\n", end)


@pytest.mark.parametrize(
    ("front", "changes", "result"),
    [
        ("", {"title": "甲"}, "title: 甲\n"),
        ("# 注\n", {"title": "甲", "tags": ["a"]}, "# 注\ntitle: 甲\ntags:\n  - a\n"),
        ("date: 2024-06-04\n", {"title": "甲"}, "title: 甲\ndate: 2024-06-04\n"),
        ("# 注\ndate: 2024-06-04\n", {"title": "甲"}, "# 注\ntitle: 甲\ndate: 2024-06-04\n"),
        ("tags:\n", {"tags": ["a", "b"]}, "tags:\n  - a\n  - b\n"),
        ("tags: # 无\nkind: 意见\n", {"tags": ["a"]}, "tags: # 无\n  - a\nkind: 意见\n"),
        ("tags: []\n", {"tags": ["a", "b"]}, "tags: [a, b]\n"),
        ("tags:\n- a\n- b\n", {"tags": ["b", "c"]}, "tags:\n- b\n- c\n"),
        ("tags: a、b  # 注\n", {"tags": ["a", "c"]}, "tags: [a, c]  # 注\n"),
        ("tags: a、b\n", {"tags": ("a", "b")}, "tags: a、b\n"),
        ("issuers: [x]\n", {"tags": ["a"]}, "issuers: [x]\ntags: [a]\n"),
        ("  title: 甲\n  date: 2024-06-04\n", {"kind": "意见"}, "  title: 甲\n  date: 2024-06-04\n  kind: 意见\n"),
        ("  title: 甲\n", {"tags": ["a"]}, "  title: 甲\n  tags:\n    - a\n"),
        (
            "标题: 甲\n发文机关: x\n来源: y\n",
            {"tags": ["a"], "title": "乙"},
            "标题: 乙\n发文机关: x\ntags:\n  - a\n来源: y\n",
        ),
        ("标题: 甲\n", {"标题": "乙"}, "标题: 乙\n"),
        ("title: 甲\n", {"标题": "乙"}, "title: 乙\n"),
        ("成文日期: 2024-05-01\n", {"date": date(2024, 5, 2)}, "成文日期: 2024-05-02\n"),
        (
            "date: 2024-06-04\n发布日期: 2024-07-01\n",
            {"date": "2024-06-05"},
            "date: 2024-06-05\n发布日期: 2024-07-01\n",
        ),
        ("title: '甲'\n", {"title": "乙's"}, "title: '乙''s'\n"),
        ("title: 甲\n  乙  # 注\nkind: 意见\n", {"title": "丙"}, "title: 丙  # 注\nkind: 意见\n"),
        ("title:\n  甲\nkind: 意见\n", {"title": "丙"}, "title: 丙\nkind: 意见\n"),
        ("title: |\n  甲\n\n# 注\nkind: 意见\n", {"title": "丙"}, "title: 丙\n\n# 注\nkind: 意见\n"),
        ("x:\n  a: 1\n  b:\n    - 2\ny: 3\n", {"x": None}, "y: 3\n"),
        ("x:\n  a: 1\n  b:\n    - 2\ny: 3\n", {"x": {"a": 2}}, "x: {a: 2}\ny: 3\n"),
        ("tags: [a,  # 一\n  b]  # 二\nkind: 意见\n", {"tags": ["b"]}, "tags: [b]  # 二\nkind: 意见\n"),
        ("tags: !!seq\n  - a\n", {"tags": ["a", "b"]}, "tags: !!seq\n  - a\n  - b\n"),
        ("tags:\n  - a\n  - a\n", {"tags": ["a"]}, "tags:\n  - a\n"),
        ("tags:\n  -\n    a\n  - b\n", {"tags": ["a", "c"]}, "tags: [a, c]\n"),
        ('"title" : 甲\n', {"title": "乙"}, '"title" : 乙\n'),
        ("effective: 2024-02-30\nkind: 意见\n", {"kind": "通知"}, "effective: 2024-02-30\nkind: 通知\n"),
        ("effective: 2024-02-30\n", {"effective": None}, ""),
        ("tags: [1, b]\n", {"tags": ["b"]}, "tags: [b]\n"),
    ],
)  # fmt: skip
def test_edits_of_many_layouts(front: str, changes: dict[str, object], result: str) -> None:
    assert edit(f"---\n{front}---\n正文", changes) == f"---\n{result}---\n正文"


@pytest.mark.parametrize(
    ("front", "changes", "key"),
    [
        ("{title: 甲, kind: 意见}", {"kind": "通知"}, "kind"),
        ("? title\n: 甲", {"title": "乙"}, "title"),
        ("title: 甲", {"title": None}, "title"),
        ("标题: 甲", {"title": None}, "标题"),
        ("title: 甲", {"date": "2024-06"}, "date"),
        ("title: 甲", {"发布日期": "2024-06"}, "date"),
        ("title: 甲", {"issuer_count": "十"}, "issuer_count"),
        ("title: 甲", {"tags": [3]}, "tags"),
        ("title: 甲", {"title": " "}, "title"),
        ("title: 甲", {"x": object()}, None),
        ("title: 甲", {"x": "\ud800"}, None),
        ("title: a: b", {"kind": "意见"}, "title"),
        ("x: |+\n  a\n\n", {"y": 1}, "y"),
    ],
)
def test_edits_that_are_refused(front: str, changes: dict[str, object], key: str | None) -> None:
    with pytest.raises(DocumentError) as caught:
        edit(f"---\n{front}\n---\n", changes)
    assert caught.value.key == key


def test_what_is_said_of_a_refused_edit() -> None:
    for changes, said in (
        ({"title": None}, "is required, and cannot be removed"),
        ({"date": "2024-06"}, "cannot read '2024-06': this is not one calendar day"),
        ({"kind": "通知"}, "cannot be changed alone: write it as 'key: value' on a line of its own"),
    ):
        with pytest.raises(DocumentError) as caught:
            edit("---\n{title: 甲, kind: 意见}\n---\n", changes)
        assert caught.value.problem.startswith(said)


def layouts(values: list[str]) -> st.SearchStrategy[str]:
    """The lines of a key ``tags`` with these values, in any of the styles that people write."""
    quoted = ["'" + value.replace("'", "''") + "'" for value in values]
    comment = st.sampled_from(["", "  # 注"])
    block = st.tuples(st.sampled_from(["", "  ", "      "]), comment, comment).map(
        lambda style: f"tags:{style[1]}\n" + "".join(f"{style[0]}- {value}{style[2]}\n" for value in quoted)
    )
    flow = comment.map(lambda after: f"tags: [{', '.join(quoted)}]{after}\n")
    return (block | flow) if values else st.sampled_from(["", "tags:\n", "tags: []\n", "tags: ~ # 无\n"])


tag_lists = st.lists(texts, max_size=4)
written_lists = st.lists(texts.filter(lambda text: not frontmatter.UNWRITABLE.search(text)), max_size=4)
line_pieces = st.sampled_from(
    [
        "# 注\n",
        "\n",
        "kind: 意见\n",
        "status: '试行' # 注\n",
        "x: {a: [1]}\n",
        "source: >\n  长\n\n  文\n",
        "y:\n- 1\n# z\n- 2\n",
    ]
)


@few
@given(st.data(), written_lists, tag_lists, st.lists(line_pieces, unique=True), st.sampled_from(["\n", "\r\n"]), bodies)
def test_new_tags_leave_everything_else_as_it_was(
    data: st.DataObject, old: list[str], new: list[str], pieces: list[str], end: str, body: str
) -> None:
    cut, layout, mark = (
        data.draw(st.integers(0, len(pieces))),
        data.draw(layouts(old)),
        data.draw(st.sampled_from(["", "\ufeff"])),
    )
    required = ["title: 甲\n", "date: 2024-06-04\n", "issuers: [x]\n"]
    text, without = (
        mark + "".join(["---\n", *pieces[:cut], lines, *pieces[cut:], *required, "---\n"]).replace("\n", end) + body
        for lines in (layout, "")
    )
    before = parse(text, id="x")
    assume(before.tags == tuple(old))

    assert edit(text, {}) == edit(text, {"tags": old}) == text
    after = edit(text, {"tags": new})
    policy = parse(after, id="x")
    assert policy.tags == tuple(new)
    for field in ("title", "date", "issuers", "kind", "status", "source", "extra", "body"):
        assert getattr(policy, field) == getattr(before, field)
    assert edit(after, {"tags": new}) == after
    assert edit(after, {"tags": None}) == without


@few
@given(
    policies(),
    st.dictionaries(st.sampled_from(["kind", "status", "number", "source", "x y", "新: 键"]), st.none() | texts),
)
def test_any_text_can_be_set_and_removed(policy: Policy, changes: dict[str, str | None]) -> None:
    assume(policy.issuers or "kind" not in changes)
    assume(not set(policy.extra) & set(changes))
    after = parse(edit(dump(policy), changes), id="x")
    for key, value in changes.items():
        assert (getattr(after, key) if key in BY_NAME else after.extra.get(key)) == value
    for key in set(BY_NAME) - set(changes):
        assert getattr(after, key) == getattr(policy, key)
    assert after.body == policy.body
    assert {key: value for key, value in after.extra.items() if key not in changes} == policy.extra


# --- hostile --------------------------------------------------------------------------------------------------

fragments = st.lists(
    st.sampled_from(
        ["---", "...", "\n", "\r", "\r\n", "title", "date", "issuers", "tags", ":", ": ", " ", "  ", "- ", "[", "]",
         "{", "}", ",", "&a", "*a", "!!python/name:os", "!!int ", "<<", "|", ">", "'", '"', "#", "?", "2024-06-04",
         "甲", "\t", "\ufeff", "\x00", "\u2028", "\x85", "\ud800", "\\x", "%YAML 1.1", "~", "0x", "=", "@"]
    )
    | st.text(string.printable, max_size=5),
    max_size=40,
).map("".join)  # fmt: skip


@examples(400)
@given(fragments, st.sampled_from(["", "---\n", "---\ntitle: 甲\ndate: 2024-06-04\nissuers: [x]\n"]), st.booleans())
def test_only_document_errors_come_out(text: str, opening: str, closed: bool) -> None:
    text = opening + text + ("\n---\n" if closed else "")
    reading = examine(text, id="x")
    assert (reading.policy is None) == bool(reading.problems)
    both: list[dict[str, object]] = [{"tags": ["a"]}, {"title": "乙", "tags": None}]
    for changes in both:
        try:
            result = edit(text, changes)
        except DocumentError:
            continue
        assert split(result).body - len(result) == split(text).body - len(text)
    if reading.policy is not None:
        assert parse(dump(reading.policy), id="x") == reading.policy


@examples(200)
@given(fragments)
def test_both_yaml_parsers_find_the_same(text: str) -> None:
    text = "---\ntitle: 甲\ndate: 2024-06-04\nissuers: [x]\n" + text + "\n---\n"
    first = examine(text, id="x")
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(yaml, "CSafeLoader", raising=False)
        second = examine(text, id="x")
    if first.policy is not None and second.policy is not None:
        assert (first.policy, first.lines) == (second.policy, second.lines)


def test_a_day_keeps_its_day_whatever_the_zone() -> None:
    assert edit(head(), {"date": datetime(2024, 6, 5, 23, 59, tzinfo=UTC)}) == head(date="2024-06-05")
