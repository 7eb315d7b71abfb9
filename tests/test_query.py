"""The query language: what is understood, what is refused and where, what the operators mean."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conftest import ids, make_base
from policykb.domain.daterange import DateRange
from policykb.errors import PolicyKBError, QueryError
from policykb.kb import KnowledgeBase
from policykb.search.nodes import And, Field, Node, Not, Or, Phrase, Wildcard, Word
from policykb.search.query_language import parse
from policykb.search.request import Filters
from policykb.text.fold import fold
from properties import examples

ALL = 10**6


def shape(node: Node | None) -> object:
    """A query tree without positions."""
    match node:
        case Word(text=text):
            return text
        case Phrase(text=text):
            return ("phrase", text)
        case Wildcard(pattern=pattern):
            return ("wildcard", pattern)
        case Field(name=name, value=value):
            return (name, value)
        case Not(item=item):
            return ("not", shape(item))
        case And(items=items):
            return ("and", *map(shape, items))
        case Or(items=items):
            return ("or", *map(shape, items))
    return node


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("  \t\n　", None),
        ("碳足迹", "碳足迹"),
        ("  碳足迹  ", "碳足迹"),
        ("碳足迹 标识", ("and", "碳足迹", "标识")),
        ("碳足迹　标识", ("and", "碳足迹", "标识")),
        ("碳足迹 AND 标识", ("and", "碳足迹", "标识")),
        ("碳足迹，标识", "碳足迹，标识"),
        ('"碳足迹"', ("phrase", "碳足迹")),
        ("“碳足迹”", ("phrase", "碳足迹")),
        ('"碳足迹 标识"', ("phrase", "碳足迹 标识")),
        ('全国"碳足迹"标识', ("and", "全国", ("phrase", "碳足迹"), "标识")),
        ("水泥 OR 钢铁", ("or", "水泥", "钢铁")),
        ("水泥 | 钢铁", ("or", "水泥", "钢铁")),
        ("水泥 || 钢铁", ("or", "水泥", "钢铁")),
        ("水泥 配额 OR 钢铁", ("or", ("and", "水泥", "配额"), "钢铁")),
        ("(水泥 OR 钢铁) 配额", ("and", ("or", "水泥", "钢铁"), "配额")),
        ("配额 (水泥 OR 钢铁)", ("and", "配额", ("or", "水泥", "钢铁"))),
        ("((水泥))", "水泥"),
        ("(水泥 配额(结转))", ("and", "水泥", "配额(结转)")),
        ("配额(结转)", "配额(结转)"),
        ("配额)", "配额)"),
        ("（征求意见稿）", "（征求意见稿）"),
        ("-征求意见稿", ("not", "征求意见稿")),
        ("NOT 征求意见稿", ("not", "征求意见稿")),
        ("指南 -征求意见稿", ("and", "指南", ("not", "征求意见稿"))),
        ("指南 -(水泥 OR 钢铁)", ("and", "指南", ("not", ("or", "水泥", "钢铁")))),
        ('-"征求意见稿"', ("not", ("phrase", "征求意见稿"))),
        ("--水泥", "--水泥"),
        ("-(-水泥)", ("not", ("not", "水泥"))),
        ("HFC-32", "HFC-32"),
        ("2024-06-04", "2024-06-04"),
        ("碳*", ("wildcard", "碳*")),
        ("碳?双控", ("wildcard", "碳?双控")),
        ("什么是碳足迹?", "什么是碳足迹"),
        ("什么是碳足迹？", "什么是碳足迹？"),
        ("什么是碳足迹??", "什么是碳足迹"),
        ("怎么结转? 有什么规定?", ("and", "怎么结转", "有什么规定")),
        ("title:配额", ("title", "配额")),
        ("TITLE:配额", ("title", "配额")),
        ("标题:配额", ("title", "配额")),
        ("标题：配额", ("title", "配额")),
        ('标题:"配额 分配"', ("title", "配额 分配")),
        ("部门:生态环境部", ("issuer", "生态环境部")),
        ("发文机关:生态环境部", ("issuer", "生态环境部")),
        ("标签:碳市场", ("tag", "碳市场")),
        ("文种:指南", ("kind", "指南")),
        ("状态:试行", ("status", "试行")),
        ("日期:2024Q2", ("date", "2024Q2")),
        ('date:"近 三个月"', ("date", "近 三个月")),
        ("文号:国办发〔2024〕39号", ("number", "国办发〔2024〕39号")),
        ("发文字号:国办发(2024)39号", ("number", "国办发(2024)39号")),
        ("-tag:碳市场", ("not", ("tag", "碳市场"))),
        ("x:y", "x:y"),
        ("http://a.b", "http://a.b"),
        ("12:30", "12:30"),
        ("OR", "OR"),
        ("AND", "AND"),
        ("NOT", "NOT"),
        (" OR ", "OR"),
        ("or", "or"),
        ("水泥 or 钢铁", ("and", "水泥", "or", "钢铁")),
        ("ORDER", "ORDER"),
        ("碳 。 足迹", ("and", "碳", "足迹")),
        ("碳 、", "碳"),
        ("水泥|钢铁", "水泥|钢铁"),
        ("()", None),
        ("碳 ()", "碳"),
        ("-()", None),
        ("“”", None),
        ('"" 碳', "碳"),
        ("- 水泥", "水泥"),
        ("(水泥) 配额)", ("and", "水泥", "配额)")),
        ("(水泥 配额(结)转)", ("and", "水泥", "配额(结)转")),
        ("(水泥 配额((结)转) 焦化)", ("and", "水泥", "配额((结)转)", "焦化")),
        ('碳""足迹', ("and", "碳", "足迹")),
        ("title:XX", ("title", "XX")),
        ("issuer:国务院", ("issuer", "国务院")),
        ("tag:碳市场", ("tag", "碳市场")),
        ("kind:指南", ("kind", "指南")),
        ("status:试行", ("status", "试行")),
        ("date:2024Q2", ("date", "2024Q2")),
        ("number:39", ("number", "39")),
        ("ANDROID NOTES", ("and", "ANDROID", "NOTES")),
        ("|水泥", "|水泥"),
        ("((配额))结转)", ("and", "配额", "结转)")),
        ("“碳足迹", "“碳足迹"),
        ("“碳”和“足迹", ("and", ("phrase", "碳"), "和“足迹")),
        ("碳“足迹”", "碳“足迹”"),
        ('碳"足迹', '碳"足迹'),
        ("标题:“配额 分配”结转", ("and", ("title", "配额 分配"), "结转")),
        ('title:" 配额 "', ("title", "配额")),
        ("title:配额(结转)", ("title", "配额(结转)")),
        ("title: 配额", ("and", "title:", "配额")),
        ("水泥 AND -钢铁", ("and", "水泥", ("not", "钢铁"))),
        ("水泥 AND (钢铁)", ("and", "水泥", "钢铁")),
        ("水泥 AND NOT 钢铁", ("and", "水泥", ("not", "钢铁"))),
        ("水泥 OR 钢铁 OR 焦化", ("or", "水泥", "钢铁", "焦化")),
        ("水泥 OR NOT 钢铁", ("or", "水泥", ("not", "钢铁"))),
        ("碳排放权交易市场的额?规定", "碳排放权交易市场的额?规定"),
        ("碳排放权交易市场的?规定", ("wildcard", "碳排放权交易市场的?规定")),
        ("?足迹", ("wildcard", "?足迹")),
        ("碳*?", ("wildcard", "碳*")),
        ("碳_?", "碳_"),
    ],
)
def test_what_is_understood(text: str, expected: object) -> None:
    assert shape(parse(text)) == expected


OR, AND = "OR needs words on both sides", "AND needs words on both sides"
QUOTE, BRACKET = "this quote is not closed", "this bracket is not closed"


@pytest.mark.parametrize(
    ("text", "position", "problem"),
    [
        ('"碳足迹', 0, QUOTE),
        ('水泥 "碳足迹', 3, QUOTE),
        ("标题:“配额", 3, QUOTE),
        ("(水泥", 0, BRACKET),
        ("配额 (水泥 OR 钢铁", 3, BRACKET),
        ("((水泥)", 0, BRACKET),
        ("水泥 -(", 4, BRACKET),
        ("(水泥) (钢铁", 5, BRACKET),
        ("水泥 OR", 5, OR),
        ("OR 水泥", 0, OR),
        ("(OR 水泥)", 1, OR),
        ("水泥 OR OR 钢铁", 6, OR),
        ("水泥 OR 。 OR 钢铁", 8, OR),
        ("水泥 OR ()", 8, OR),
        ("水泥 |", 4, OR),
        ("AND 水泥", 0, AND),
        ("水泥 AND", 3, AND),
        ("水泥 AND AND 钢铁", 3, AND),
        ("水泥 AND OR 钢铁", 3, AND),
        ("水泥 OR AND 钢铁", 6, AND),
        ("(水泥 AND )", 4, AND),
        ("水泥 NOT", 3, "nothing to exclude"),
        ("NOT OR 水泥", 0, "nothing to exclude"),
        ("NOT AND 水泥", 0, "nothing to exclude"),
        ("(NOT ) 水泥", 1, "nothing to exclude"),
        ('水泥 title:""', 3, "title: needs a value"),
        ("标题：“ ”", 0, "标题： needs a value"),
        ("(" * 21 + "水泥" + ")" * 21, 21, "more than 20 brackets inside one another"),
        ("NOT " * 21 + "水泥", 80, "more than 20 exclusions inside one another"),
        ("碳" * 5001, 5000, "a query has at most 5,000 characters, not 5,001"),
    ],
)
def test_a_mistake_is_pointed_at(text: str, position: int, problem: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert (caught.value.query, caught.value.position, caught.value.problem) == (text, position, problem)
    assert f"at character {position + 1} of" in str(caught.value)


def test_the_longest_and_the_deepest_query() -> None:
    assert shape(parse("碳" * 5000)) == "碳" * 5000
    assert shape(parse("(" * 20 + "水泥" + ")" * 20)) == "水泥"
    node = shape(parse("NOT " * 20 + "水泥"))
    for _ in range(20):
        assert isinstance(node, tuple)
        assert node[0] == "not"
        node = node[1]
    assert node == "水泥"


def test_positions_of_words() -> None:
    node = parse('水泥 "钢铁" title:配额 碳*')
    assert isinstance(node, And)
    assert [item.position for item in node.items] == [0, 3, 8, 17]  # type: ignore[union-attr]
    kinds = [Word("碳"), Phrase("碳"), Wildcard("碳*"), Field("title", "碳")]
    # as text: tuples of two kinds can be equal
    assert repr([parse(text) for text in ("碳", '"碳"', "碳*", "title:碳")]) == repr(kinds)
    operators = [Word("OR", 1), Word("AND", 0), Word("NOT", 1)]
    assert repr([parse(text) for text in (" OR ", "AND", "\tNOT")]) == repr(operators)


def test_a_query_is_a_value() -> None:
    for text in ("碳", '"碳"', "碳*", "title:碳", "-碳", "碳 足迹", "碳 OR 足迹"):
        assert len({parse(text), parse(text)}) == 1


@pytest.mark.parametrize(
    "filters",
    [
        Filters(dates=DateRange(date(2024, 1, 1))),
        Filters(issuers=("国务院",)),
        Filters(tags=("碳市场",)),
        Filters(kinds=("意见",)),
        Filters(statuses=("试行",)),
    ],
)
def test_filters_are_true_where_they_restrict(filters: Filters) -> None:
    assert filters
    assert not Filters(DateRange())
    assert not Filters()


SIGNS = ['"', "“", "”", "(", ")", "OR ", "AND ", "NOT ", " ", "-", "|", "*", "?", "碳", "水泥", "title:", "标签：", "date:",
         "2024", "issuer:", "number:", "\x00", "\ud800", "\n", "。", "a"]  # fmt: skip
queries = st.one_of(st.lists(st.sampled_from(SIGNS), max_size=12).map("".join), st.text(max_size=30))


@given(queries)
@example("(" * 100)
@example("NOT " * 30 + "a")
@example("-" * 50 + "a")
@examples(600)
def test_any_text_is_understood_or_a_query_error(text: str) -> None:
    try:
        parse(text)
    except QueryError as error:
        assert 0 <= error.position <= len(text)
        assert error.query == text


@given(queries)
@example("*\x00*碳。*")  # a piece that folds to nothing
@examples(200)
def test_any_text_is_answered_or_refused(kb: KnowledgeBase, text: str) -> None:
    try:
        result = kb.search(text, limit=3)
    except PolicyKBError as error:
        assert str(error)
    else:
        assert len(result.hits) == min(result.total, 3)
        assert result.total or result.notes


@pytest.mark.parametrize("text", ["。", "，、", "“", "”", "……", "\ud800", "\udcb5\udcc2", "、 。"])
def test_nothing_to_search_for_is_an_error(kb: KnowledgeBase, text: str) -> None:
    with pytest.raises(QueryError):
        kb.search(text)


@pytest.mark.parametrize("text", ["", " ", "\n", "　"])
def test_an_empty_query_is_the_whole_corpus(kb: KnowledgeBase, text: str) -> None:
    result = kb.search(text, limit=ALL)
    assert result.total == 40
    days = [hit.policy.date for hit in result.hits]
    assert days == sorted(days, reverse=True)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("碳 date:2024-13", "2024-13"),
        ("日期:2024-02-30 碳", "2024-02-30"),
        ("碳 -date:昨日的昨日", "昨日的昨日"),
        ("(date:abc)", "abc"),
    ],
)
def test_a_wrong_date_is_pointed_at(kb: KnowledgeBase, text: str, value: str) -> None:
    with pytest.raises(QueryError) as caught:
        kb.search(text)
    assert caught.value.query == text
    assert text.index("d" if "date" in text else "日") <= caught.value.position <= text.index(value)
    assert value in str(caught.value)


def test_an_unknown_name_in_a_field_suggests_others(kb: KnowledgeBase) -> None:
    with pytest.raises(PolicyKBError, match="生态环境部"):
        kb.search("issuer:生态环境布")
    with pytest.raises(PolicyKBError, match="碳市场"):
        kb.search("tag:碳市厂")


# -- what the operators mean


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    """Entries of a few characters each, one word apart."""
    chance = random.Random(7)
    bodies = ["，".join(chance.sample("甲乙丙丁戊己", chance.randint(1, 5))) for _ in range(40)]
    with make_base(
        tmp_path_factory.mktemp("letters") / "kb", [{"title": "某", "body": body} for body in bodies]
    ) as base:
        base.refresh()
        yield base


atoms = st.sampled_from("甲乙丙丁戊己").map(lambda char: (char, lambda text: char in text))


def combined(children: st.SearchStrategy) -> st.SearchStrategy:  # type: ignore[type-arg]
    several = st.lists(children, min_size=2, max_size=3)
    return st.one_of(
        several.map(lambda items: (f"({' '.join(t for t, _ in items)})", lambda b: all(f(b) for _, f in items))),
        several.map(lambda items: (f"({' OR '.join(t for t, _ in items)})", lambda b: any(f(b) for _, f in items))),
        several.map(lambda items: (f"({' AND '.join(t for t, _ in items)})", lambda b: all(f(b) for _, f in items))),
        children.map(lambda item: (f"-({item[0]})", lambda b: not item[1](b))),
        children.map(lambda item: (f"NOT ({item[0]})", lambda b: not item[1](b))),
    )


@given(st.recursive(atoms, combined, max_leaves=8))
@examples(200)
def test_operators_mean_what_they_say(letters: KnowledgeBase, query: tuple[str, Callable[[str], bool]]) -> None:
    text, holds = query
    expected = {policy.id for policy in letters.policies() if holds(policy.body)}
    for match in ("all", "auto"):
        if match == "all" or expected:
            assert set(ids(letters.search(text, match=match, limit=ALL))) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("title:碳足迹", ["06-04", "09-09", "11-06"]),
        ("标题:碳足迹 -title:标识", ["06-04", "11-06"]),
        ("title:水泥 status:征求意见稿", ["04-03"]),
        ("标题:水泥 -状态:征求意见稿", ["01-19", "06-07"]),
        ("文种:行政法规", ["02-04", "04-10"]),
        ("kind:法律 OR kind:会议", ["11-09", "12-11"]),
        ("issuer:国务院 date:2024Q2", ["04-10", "05-23"]),
        ("部门:国办", ["07-30"]),
        ("文号:国办发〔2024〕39号", ["07-30"]),
        ("number:39", ["07-30"]),
        ("tag:碳市场 date:2024Q2", ["04-03", "06-29"]),
        ("标签:碳市场 日期:2024上半年 -部门:国务院", ["03-15", "04-03", "06-29"]),
        ("issuer:生态环境部 tag:碳市场 date:2024Q2 title:配额", ["06-29"]),
        ('"碳排放权交易" title:条例', ["02-04"]),
        ("(title:水泥 OR title:钢铁) tag:碳核算", ["04-03", "12-03"]),
        ("date:2024-11..2024-12 碳", ["11-06", "11-06", "11-09", "12-03", "12-11"]),
    ],
)
def test_fields(kb: KnowledgeBase, query: str, expected: list[str]) -> None:
    assert sorted(id[5:10] for id in ids(kb.search(query, limit=ALL, exact=True))) == expected


# -- wildcards


WILD = ["甲1乙2丙3丁4戊5己", "甲" + "中" * 50 + "尾", "CO2排放", "碳足迹", "碳  足\n迹管理", "a_b", "碳，足迹", "甲，乙", "碳排放权交易",
        "甲甲乙甲乙", "xaxbxcx", "１２３４"]  # fmt: skip


@pytest.fixture(scope="module")
def wild(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    with make_base(tmp_path_factory.mktemp("wild") / "kb", [{"title": "某", "body": body} for body in WILD]) as base:
        base.refresh()
        yield base


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("甲*乙*丙*丁*戊*己", [0]),
        ("甲*尾", [1]),
        ("甲中*尾", [1]),
        ("co?排放", [2]),
        ("C*放", [2]),
        ("*放", [2, 8]),
        ("碳*迹", [3, 4]),
        ("碳?迹", [3, 4]),
        ("碳*管", [4]),
        ("?足迹", [3, 4]),
        ("碳*易", [8]),
        ("碳*x", []),
        ("甲?乙", [0, 9]),
        ("甲**乙", [0, 9]),
        ("1??4", [11]),
        ("a*b*c", [10]),
        ("甲*", [0, 1, 7, 9]),
    ],
)
def test_wildcards(wild: KnowledgeBase, query: str, expected: list[int]) -> None:
    assert sorted(int(id) for id in ids(wild.search(query, limit=ALL, match="all"))) == expected


@example("碳**迹")
@given(st.text("甲乙碳足迹迹a1*?", min_size=2, max_size=8).filter(lambda p: any(c not in "*?" for c in p)))
@examples(200)
def test_wildcards_against_regular_expressions(wild: KnowledgeBase, pattern: str) -> None:
    import re

    wanted = pattern.rstrip("?")
    if "*" not in wanted and "?" not in wanted:
        return
    # character by character: of the whole, ** would be folded away as emphasis
    regex = re.compile("".join({"*": r"[^\W_]*", "?": r"[^\W_]"}.get(char, fold(char)) for char in wanted))
    expected = {f"{number:03}" for number, body in enumerate(WILD) if regex.search(fold(body)) or regex.search("某")}
    assert set(ids(wild.search(pattern, limit=ALL, match="all"))) == expected
