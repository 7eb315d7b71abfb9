"""A made-up legal system: how its documents hang together, and in what state each is on a day."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from policykb.cli.group import policykb
from policykb.domain.policy import Policy
from policykb.errors import CorpusError
from policykb.kb import KnowledgeBase
from policykb.relations.contradictions import contradictions
from policykb.relations.decisions import decide, parse
from policykb.relations.gaps import gaps
from policykb.relations.graph import Graph
from policykb.relations.plain import plain_state
from policykb.relations.states import states, states_of
from policykb.relations.validity import Change, Facts, Interval, intervals, on

STATE_COUNCIL, MINISTRY, OTHER = "国务院", "生态环境部", "财政部"

# id: title, date, issuers, body, other fields
LAWS: dict[str, tuple[str, str | None, str, str, dict[str, Any]]] = {
    # a law, amended twice, its last version held too
    "law": ("中华人民共和国丰泽法", "2010-03-01", "全国人民代表大会常务委员会", "第一条 为了保护丰泽，制定本法。\n\n第二条 本法自2010年6月1日起施行。", {"kind": "法律"}),
    "law-decision": ("关于修改《中华人民共和国丰泽法》的决定", "2015-04-20", "全国人民代表大会常务委员会", "对《中华人民共和国丰泽法》作如下修改：\n\n本决定自2015年7月1日起施行。", {"kind": "决定"}),
    "law-2020": ("中华人民共和国丰泽法（2020年修订）", "2020-09-01", "全国人民代表大会常务委员会", "第九条 本法自2021年1月1日起施行。", {"kind": "法律"}),
    # a regulation on it, its rules and a plan that implements it
    "regulation": ("丰泽保护条例", "2011-05-01", STATE_COUNCIL, "第一条 根据《中华人民共和国丰泽法》，制定本条例。\n\n第三十条 本条例自2011年8月1日起施行。", {"kind": "行政法规", "number": "国务院令第611号"}),
    "rules": ("丰泽保护条例实施细则", "2012-02-01", MINISTRY, "根据国务院令第611号，制定本细则。本细则自2012年3月1日起施行。", {"kind": "细则"}),
    "plan": ("丰泽保护行动方案", "2013-01-10", MINISTRY, "为贯彻落实《丰泽保护条例》，制定本方案。", {"kind": "方案"}),
    # replaced: the old rules, by name and number
    "old-measures": ("丰泽登记管理办法", "2005-06-01", MINISTRY, "本办法自2005年7月1日起施行。", {"kind": "办法", "number": "环发〔2005〕12号"}),
    "new-measures": ("丰泽权属登记规定", "2014-06-01", MINISTRY, "本规定自2014年9月1日起施行。《丰泽登记管理办法》（环发〔2005〕12号）同时废止。", {"kind": "规定"}),
    # repealed on a day of its own
    "old-fees": ("丰泽收费办法", "2006-01-01", OTHER, "本办法自发布之日起施行。", {"kind": "办法"}),
    "fee-notice": ("关于停止丰泽收费的通知", "2016-03-01", OTHER, "《丰泽收费办法》自2016年5月1日起废止。", {"kind": "通知"}),
    # repealed in part
    "standard": ("丰泽监测技术规范", "2008-01-01", MINISTRY, "本规范自2008年2月1日起实施。", {"kind": "规范"}),
    "standard-notice": ("关于发布丰泽水质标准的公告", "2017-01-01", MINISTRY, "《丰泽监测技术规范》第五条同时废止。", {"kind": "公告"}),
    # a standard that a newer one replaces
    "old-norm": ("丰泽噪声限值规范", "2009-01-01", MINISTRY, "正文。", {"kind": "规范"}),
    "new-norm": ("丰泽声环境规范", "2018-01-01", MINISTRY, "本规范代替《丰泽噪声限值规范》，自2018年7月1日起实施。", {"kind": "规范"}),
    # expired: five years, until a day, two years on trial
    "five-years": ("关于丰泽补贴的通知", "2015-02-01", OTHER, "本通知自2015年3月1日起施行，有效期五年。", {"kind": "通知"}),
    "until": ("关于丰泽试点的通知", "2018-05-01", MINISTRY, "本通知自发布之日起施行，有效期至2019年12月31日。", {"kind": "通知"}),
    "trial": ("丰泽核算指南（试行）", "2019-01-15", MINISTRY, "本指南自印发之日起试行，试行期两年。", {"kind": "指南", "status": "试行"}),
    # a draft with its final of the same title, one of another title, and one that never became anything
    "draft-same": ("丰泽交易管理办法（征求意见稿）", "2019-03-01", MINISTRY, "现公开征求意见。", {"kind": "办法", "status": "征求意见稿"}),
    "final-same": ("丰泽交易管理办法", "2019-11-01", MINISTRY, "本办法自2020年1月1日起施行。", {"kind": "办法"}),
    "draft-other": ("2021、2022年度全国丰泽交易发电行业配额分配方案（征求意见稿）", "2021-05-01", MINISTRY, "现公开征求意见。", {"kind": "方案", "status": "征求意见稿"}),
    "final-other": ("关于做好2021、2022年度丰泽配额工作的通知", "2021-10-15", MINISTRY, "现将方案印发给你们。", {"kind": "通知", "documents": ("2021、2022年度发电行业全国丰泽交易配额分配方案",)}),
    "draft-open": ("丰泽统计指南 铝冶炼行业（征求意见稿）", "2021-06-01", MINISTRY, "现公开征求意见。", {"kind": "指南", "status": "征求意见稿"}),
    "no-final": ("丰泽统计指南 水泥行业", "2021-12-01", MINISTRY, "正文。", {"kind": "指南"}),
    # a list of repealed documents, one by its bare name
    "listed-1": ("关于丰泽检查的通知", "2007-01-01", MINISTRY, "正文。", {"kind": "通知", "number": "环发〔2007〕3号"}),
    "listed-2": ("关于丰泽年报的通知", "2008-06-01", MINISTRY, "正文。", {"kind": "通知"}),
    "list": ("关于废止部分文件的决定", "2022-02-01", MINISTRY, "下列文件予以废止：\n\n1. 关于丰泽检查的通知（环发〔2007〕3号）\n2. 《关于丰泽年报的通知》", {"kind": "决定"}),
    # ended by something that is not held, as a person knows
    "by-hand": ("丰泽奖励办法", "2009-09-01", OTHER, "正文。", {"kind": "办法", "ended": ({"date": date(2012, 1, 1), "by": "财政部令第70号"},)}),
    # a relation that a person added
    "confirmed": ("关于丰泽税收的通知", "2013-07-01", OTHER, "正文。", {"kind": "通知"}),
    "confirming": ("关于丰泽税收政策的公告", "2019-07-01", OTHER, "正文。", {"kind": "公告", "relations": ({"type": "repeals", "target": "关于丰泽税收的通知", "date": date(2019, 8, 1)},)}),
    # a text that only announces what it will do, and a meeting
    "meeting": ("丰泽工作会议", "2020-12-11", "", "会议强调，适时废止《丰泽交易管理办法》，加快修订《丰泽保护条例》。", {"kind": "会议"}),
}  # fmt: skip

# id: the day from which each state holds, in order
TABLE: dict[str, list[tuple[str, str]]] = {
    "law": [("2010-03-01", "尚未施行"), ("2010-06-01", "现行有效"), ("2015-07-01", "已被修改")],
    "law-decision": [("2015-04-20", "尚未施行"), ("2015-07-01", "现行有效")],
    "law-2020": [("2020-09-01", "尚未施行"), ("2021-01-01", "现行有效")],
    "regulation": [("2011-05-01", "尚未施行"), ("2011-08-01", "现行有效")],
    "rules": [("2012-02-01", "尚未施行"), ("2012-03-01", "现行有效")],
    "plan": [("2013-01-10", "现行有效")],
    "old-measures": [("2005-06-01", "尚未施行"), ("2005-07-01", "现行有效"), ("2014-09-01", "已废止")],
    "new-measures": [("2014-06-01", "尚未施行"), ("2014-09-01", "现行有效")],
    "old-fees": [("2006-01-01", "现行有效"), ("2016-05-01", "已废止")],
    "fee-notice": [("2016-03-01", "现行有效")],
    "standard": [("2008-01-01", "尚未施行"), ("2008-02-01", "现行有效"), ("2017-01-01", "部分废止")],
    "standard-notice": [("2017-01-01", "现行有效")],
    "old-norm": [("2009-01-01", "现行有效"), ("2018-07-01", "已废止")],
    "new-norm": [("2018-01-01", "尚未施行"), ("2018-07-01", "现行有效")],
    "five-years": [("2015-02-01", "尚未施行"), ("2015-03-01", "现行有效"), ("2020-03-01", "已失效")],
    "until": [("2018-05-01", "现行有效"), ("2020-01-01", "已失效")],
    "trial": [("2019-01-15", "现行有效"), ("2021-01-15", "已失效")],
    "draft-same": [("2019-03-01", "征求意见"), ("2019-11-01", "已定稿")],
    "final-same": [("2019-11-01", "尚未施行"), ("2020-01-01", "现行有效")],
    "draft-other": [("2021-05-01", "征求意见"), ("2021-10-15", "已定稿")],
    "final-other": [("2021-10-15", "现行有效")],
    "draft-open": [("2021-06-01", "征求意见")],
    "no-final": [("2021-12-01", "现行有效")],
    "listed-1": [("2007-01-01", "现行有效"), ("2022-02-01", "已废止")],
    "listed-2": [("2008-06-01", "现行有效"), ("2022-02-01", "已废止")],
    "list": [("2022-02-01", "现行有效")],
    "by-hand": [("2009-09-01", "现行有效"), ("2012-01-01", "已废止")],
    "confirmed": [("2013-07-01", "现行有效"), ("2019-08-01", "已废止")],
    "confirming": [("2019-07-01", "现行有效")],
    "meeting": [("2020-12-11", "不详")],
}


def laws(names: Sequence[str] = tuple(LAWS)) -> list[Policy]:
    found = []
    for name in names:
        title, day, issuers, body, fields = LAWS[name]
        found.append(
            Policy(
                id=name, title=title, date=date.fromisoformat(day or ""), issuers=(issuers,) if issuers else (), body=body,
                **{"status": "正式", **fields},
            )
        )  # fmt: skip
    return found


@pytest.fixture
def make(tmp_path: Path) -> Callable[[Sequence[Policy]], KnowledgeBase]:
    """A knowledge base of policies, with what it has been made before."""

    def make(policies: Sequence[Policy]) -> KnowledgeBase:
        (tmp_path / "corpus").mkdir(exist_ok=True)
        kb = KnowledgeBase.open(tmp_path)
        for policy in policies:
            kb.corpus.add(policy)
        kb.refresh()
        return kb

    return make


def read(kb: KnowledgeBase, what: Callable[[Graph], Any]) -> Any:
    return kb.engine.linked(lambda links: what(Graph(links)))


def timelines(kb: KnowledgeBase) -> dict[str, list[tuple[str, str]]]:
    def all_of(graph: Graph) -> dict[str, list[tuple[str, str]]]:
        found = {}
        for document in graph.links.documents():
            states = graph.validity(document)
            found[graph.policy(document).id] = [(str(one.since), one.state) for one in states]
        return found

    result: dict[str, list[tuple[str, str]]] = read(kb, all_of)
    return result


def test_the_state_of_every_document_on_every_day(make: Callable[..., KnowledgeBase]) -> None:
    assert len(LAWS) == 30
    kb = make(laws())
    assert timelines(kb) == TABLE


def test_all_at_once_is_one_by_one(make: Callable[..., KnowledgeBase]) -> None:
    kb = make(laws())
    days = sorted({date.fromisoformat(day) for steps in TABLE.values() for day, _ in steps})

    def both(graph: Graph) -> None:
        for day in (*days, *(day - timedelta(1) for day in days)):
            one_by_one = {document: graph.state(document, day) for document in graph.links.documents()}
            assert states(graph, day) == {document: state for document, state in one_by_one.items() if state}
            assert states_of(graph.links, one_by_one, day) == one_by_one
            plain = {one: plain_state(graph.links, one, day) for one in one_by_one}
            assert plain == {one: state if plain[one] is not None else None for one, state in one_by_one.items()}
            assert len([state for state in plain.values() if state is not None]) > 5  # most need no graph

    read(kb, both)


def test_an_update_equals_a_rebuild(make: Callable[..., KnowledgeBase]) -> None:
    """Documents that arrive later become the targets of what was said of them before."""
    names = [*LAWS]
    make(laws(names[::2])).close()
    kb = make(laws(names[1::2]))
    assert timelines(kb) == TABLE
    kb.refresh(rebuild=True)
    assert timelines(kb) == TABLE


def test_what_comes_in_is_what_goes_out(make: Callable[..., KnowledgeBase]) -> None:
    def all_links(graph: Graph) -> tuple[set[Any], set[Any]]:
        out = {
            (one.source, one.target, one.relation)
            for d in graph.links.documents()
            for one in graph.out(d)
            if one.target is not None
        }
        into = {(one.source, one.target, one.relation) for d in graph.links.documents() for one in graph.into(d)}
        return out, into

    out, into = read(make(laws()), all_links)
    assert out == into
    assert len(out) > 12


def test_relations_go_to_the_version_of_the_day(make: Callable[..., KnowledgeBase]) -> None:
    def target(graph: Graph, source: str) -> list[str]:
        return [graph.policy(one.target).id for one in graph.out(graph.find(source) or 0) if one.target is not None]

    kb = make(laws())
    assert read(kb, lambda graph: target(graph, "regulation")) == ["law"]
    assert read(kb, lambda graph: target(graph, "rules")) == ["regulation"] * 2  # by title and by number
    assert read(kb, lambda graph: sorted(target(graph, "meeting"))) == ["final-same", "regulation"]


def test_a_later_version_counts_wherever_it_stands_in_the_index(make: Callable[..., KnowledgeBase]) -> None:
    kb = make([])
    for id, year in (("a", 2020), ("b", 2010)):  # the first document has the number 0
        law = Policy(id=id, title="丰泽法", date=date(year, 1, 1), issuers=(MINISTRY,), kind="法律", body="正文。")
        kb.corpus.add(law, folder=id)
    kb.refresh()
    found = read(kb, lambda graph: {one: graph.state(one, date(2025, 1, 1)) for one in graph.links.documents()})
    assert found == {0: "现行有效", 1: "已被修改"}


days = st.dates(date(2000, 1, 1), date(2030, 12, 31))
maybe = st.none() | days
changes = st.lists(
    st.builds(
        Change,
        st.sampled_from(["amends", "repeals", "replaces", "finalises", "version"]),
        maybe,
        st.just("乙"),
        st.booleans(),
    ),
    max_size=4,
)
facts = st.builds(
    Facts,
    maybe,
    maybe,
    maybe,
    st.lists(st.tuples(days, st.just("丙")), max_size=1).map(tuple),
    st.booleans(),
    st.booleans(),
)


@given(facts, changes)
def test_validity_changes_only_on_days_that_something_names(facts: Facts, changes: list[Change]) -> None:
    found = intervals(facts, changes)
    named = {
        facts.issued,
        facts.published,
        facts.effective,
        *(day for day, _by in facts.ended),
        *(one.day for one in changes),
    }
    if facts.expires:
        named.add(facts.expires + timedelta(1))
    for one, following in zip(found, found[1:], strict=False):
        assert one.since in named
        assert following.since in named
        assert one.until == following.since - timedelta(1)  # type: ignore[operator]
        assert one.state != following.state
    assert found[-1].until is None
    for day in named - {None}:
        if found[0].since is None or day >= found[0].since:  # type: ignore[operator]
            assert on(found, day) is not None  # type: ignore[arg-type]
    if facts.is_draft and not facts.is_meeting:
        assert {one.state for one in found} <= {"征求意见", "已定稿"}


# ---- commands


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Any]:
    """Runs a command on a knowledge base of the made-up system; gives what it printed."""
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "kb.toml").write_text('name = "丰泽"\n', encoding="utf-8")
    with KnowledgeBase.open(tmp_path) as kb:
        for policy in laws():
            kb.corpus.add(policy)

    def run(*arguments: str, code: int = 0) -> str:
        done = CliRunner().invoke(policykb, ["--kb", str(tmp_path), "--today", "2024-01-01", *arguments])
        assert done.exit_code == code, done.output
        return "".join(line for line in done.stdout.splitlines(True) if not line.startswith("policykb: "))

    return run


def test_relations_of_an_entry(run: Callable[..., str]) -> None:
    found = json.loads(run("relations", "old-measures", "--format", "json"))
    assert found["format"] == 1
    assert found["validity"]["state"] == "已废止"
    assert found["validity"]["since"] == "2014-09-01"
    assert found["validity"]["because"] == ["repealed by 丰泽权属登记规定"]
    (one,) = found["in"]
    assert one["source"] == {"id": "new-measures", "title": "丰泽权属登记规定", "number": None}
    assert (one["type"], one["quote"], one["offset"]) == (
        "repeals",
        "《丰泽登记管理办法》（环发〔2005〕12号）同时废止。",
        17,
    )
    assert (one["date"], one["partial"], one["confirmed"]) == (None, False, False)
    before = json.loads(run("relations", "old-measures", "--format", "json", "--as-of", "2010-01-01"))
    assert before["validity"]["state"] == "现行有效"
    assert before["in"] == []
    assert json.loads(run("relations", "law", "--as-of", "2009-01-01", "--format", "json"))["validity"] is None
    text = run("relations", "old-measures")
    assert "已废止" in text
    assert "as far as this knowledge base knows" in text
    tree = run("relations", "regulation", "--tree").splitlines()
    assert tree[0].startswith("依据 basis: 中华人民共和国丰泽法")
    assert [line.index("丰泽保护") for line in tree if "丰泽保护条例 " in line] == [4]
    run("relations", "nothing", code=1)
    then = run("relations", "regulation", "--tree", "--as-of", "2012-06-01")
    assert "丰泽保护条例实施细则" in then
    assert "丰泽保护行动方案" not in then  # of 2013
    assert "no document of its family is held" in run("relations", "by-hand", "--tree")


def test_a_person_decides_on_relations(run: Callable[..., str], tmp_path: Path) -> None:
    path = tmp_path / "corpus" / "2013" / "plan.md"
    before = path.read_text(encoding="utf-8")
    run("relate", "plan", "+basis:丰泽保护条例", "--dry-run")
    assert path.read_text(encoding="utf-8") == before
    run("relate", "plan", "+依据：《丰泽保护条例》", "--by", "李四")
    line = "  - {type: basis, target: 丰泽保护条例, decided: 2024-01-01, by: 李四}\n"
    assert line in path.read_text(encoding="utf-8")
    (one,) = json.loads(run("relations", "plan", "--format", "json"))["out"]
    assert (one["type"], one["confirmed"], one["target"]["id"], one["by"]) == ("basis", True, "regulation", "李四")
    run("relate", "plan", "-basis:丰泽保护条例", "-implements:丰泽保护条例")
    assert json.loads(run("relations", "plan", "--format", "json"))["out"] == []
    assert "rejected_relations:" in path.read_text(encoding="utf-8")
    hint = run("relate", "plan", "-cites:the other", "--dry-run")  # its h is not the -h of --help
    assert "- 提及 cites      the other" in hint
    run("relate", "plan", "+implements:丰泽保护条例")
    (one,) = json.loads(run("relations", "plan", "--format", "json"))["out"]
    assert (one["type"], one["quote"]) == ("implements", "为贯彻落实《丰泽保护条例》，制定本方案。")
    assert "抄袭 is no relation" in failing(run, "relate", "plan", "+抄袭:甲")
    assert "write +basis:TARGET" in failing(run, "relate", "plan", "+basis")
    written = path.read_text(encoding="utf-8")
    both = [parse("+basis:甲条例"), parse("-依据:《甲条例》")]
    with KnowledgeBase.open(tmp_path) as kb:
        with pytest.raises(CorpusError, match="confirmed and rejected at once"):
            decide(kb.corpus, {path: both}, today=date(2024, 1, 1))
        with pytest.raises(CorpusError, match="no relation to itself"):
            decide(kb.corpus, {path: [parse("+repeals:plan")]}, today=date(2024, 1, 1))
    assert path.read_text(encoding="utf-8") == written


def failing(run: Callable[..., str], *arguments: str) -> str:
    done = CliRunner().invoke(policykb, ["--kb", "unused", *arguments])
    return str(done.exception)


def test_what_was_found_is_confirmed(run: Callable[..., str], tmp_path: Path) -> None:
    assert "为贯彻落实《丰泽保护条例》" in run("relate", "plan")
    run("relate", "plan", "--apply")
    assert "{type: implements, target: 丰泽保护条例, decided: 2024-01-01}" in (
        tmp_path / "corpus" / "2013" / "plan.md"
    ).read_text(encoding="utf-8")
    assert "nothing found that is not decided already" in run("relate", "plan")


def test_gaps(run: Callable[..., str]) -> None:
    found = json.loads(run("gaps", "--format", "json"))
    assert found["cited"] == []
    assert found["drafts"] == ["draft-open"]
    assert "regulation" not in found["lacking"]["number"]
    assert "plan" in found["lacking"]["number"]
    assert "draft-open" in run("gaps")
    assert "plan" not in found["lacking"]["text"]
    assert "by-hand" in found["lacking"]["text"]


def test_gaps_of_one_document_are_one(make: Callable[..., KnowledgeBase]) -> None:
    """However it is cited: by its title, by its number, by both; with who issued it, where a text says so."""
    kb = make([])
    added(kb, "a", "甲办法", "2020-01-01", "根据国务院印发的《天规划》（国发〔2019〕5号），制定本办法。")
    added(kb, "b", "乙办法", "2020-01-01", "根据国发〔2019〕5号文件，制定本办法。")
    added(kb, "c", "丙办法", "2020-01-01", "根据《天规划》，制定本办法。")
    added(kb, "d", "丁办法", "2020-01-01", "根据《财政部关于地的通知》和国发〔2018〕9号，制定本办法。")
    added(kb, "e", "戊办法", "2020-01-01", "根据《旧名》（环发〔2012〕3号），制定本办法。")
    added(kb, "f", "己办法", "2012-01-01", number="环发〔2012〕3号")
    added(
        kb,
        "g",
        "庚办法",
        "2020-01-01",
        "《玄意见》（国家发改委等部门，2019年11月）提出要求。\n\n《黄方案》：2019年由财政部联合两部门发布。",
    )
    kb.refresh()
    today = date(2024, 1, 1)
    found = kb.engine.linked(lambda links: gaps(links, today))
    assert [(one.title, one.number, one.issuer, one.entries) for one in found.cited] == [
        ("天规划", "国发〔2019〕5号", "国务院", 3),
        ("", "国发〔2018〕9号", "", 1),
        ("财政部关于地的通知", "", "财政部", 1),
        ("玄意见", "", "国家发改委", 1),
        ("黄方案", "", "财政部", 1),
    ]
    assert kb.engine.linked(lambda links: gaps(links, today, 1, 2)).lacking["number"].total == 6
    assert found.total == 5
    kb.close()
    again = KnowledgeBase.open(kb.root).engine  # what was worked out is read again
    again.open()
    assert again.linked(lambda links: gaps(links, today)) == found


def test_what_was_worked_out_does_not_outlive_a_change(make: Callable[..., KnowledgeBase], tmp_path: Path) -> None:
    kb = make(laws(["old-measures"]))
    day = date(2020, 1, 1)
    assert [hit.policy.id for hit in kb.search(validity="现行有效", today=day).hits] == ["old-measures"]
    kept = {path.name for path in (tmp_path / "index").glob("kept-*")}
    assert len(kept) == 1
    for path in (tmp_path / "index").glob("kept-*"):
        path.write_bytes(b"nonsense")
    kb.close()
    assert [hit.policy.id for hit in kb.search(validity="现行有效", today=day).hits] == ["old-measures"]
    kb.corpus.add(laws(["new-measures"])[0])
    kb.refresh()
    assert [hit.policy.id for hit in kb.search(validity="已废止", today=day).hits] == ["old-measures"]
    assert kept.isdisjoint(path.name for path in (tmp_path / "index").glob("kept-*"))
    assert kb.engine.examine() == ([], [])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("依据:中华人民共和国丰泽法", ["regulation"]),
        ("basis:丰泽法", ["regulation"]),
        ("依据:丰泽保护条例", ["rules"]),  # cited by its number alone
        ("依据:国务院令第611号", ["rules"]),
        ("cites:丰泽保护条例", ["meeting", "plan", "rules"]),
        ("废止:丰泽登记管理办法", ["new-measures"]),
        ("落实:丰泽保护条例 -细则", ["plan"]),
        ("依据:不在此处的办法", []),
        ("cites:交易管理", ["meeting"]),
    ],
)
def test_relations_in_queries(run: Callable[..., str], query: str, expected: list[str]) -> None:
    found = run("search", query, "--format", "paths", "--limit", "50")
    assert sorted(Path(path).stem for path in found.splitlines()) == expected


def test_searches_as_of_a_day(run: Callable[..., str]) -> None:
    def found(*options: str) -> dict[str, str]:
        hits = json.loads(run("list", "--format", "json", *options))["hits"]
        return {hit["id"]: hit["validity"] for hit in hits}

    for day in ("2006-01-01", "2015-05-01", "2016-05-01", "2020-12-31", "2022-02-01"):
        expected = {id: [state for since, state in steps if since <= day] for id, steps in TABLE.items()}
        assert found("--as-of", day) == {id: states[-1] for id, states in expected.items() if states}
    assert [*found("--validity", "部分废止")] == ["standard"]
    assert [*found("--validity", "已失效", "--validity", "部分废止", "--as-of", "2020-06-01")] == [
        "standard",
        "five-years",
        "until",
    ]
    facets = json.loads(run("list", "--facets", "--format", "json"))["facets"]
    assert facets["validity"]["已废止"] == 7
    assert "已废止" in run("search", "丰泽登记管理办法")
    run("list", "--validity", "好", code=1)
    run("list", "--as-of", "2010-01-01", "--from", "2011", code=1)


def test_a_draft_that_became_final_sets_no_days(tmp_path: Path) -> None:
    """Its deadline does not stand beside that of the final, but does so as long as there was none."""
    (tmp_path / "corpus").mkdir()
    body = "清缴期限：配额清缴须在2021年12月31日前完成。"
    draft = replace(laws(["draft-other"])[0], body=body)
    with KnowledgeBase.open(tmp_path) as kb:
        kb.corpus.add(draft)
        kb.corpus.add(replace(laws(["final-other"])[0], body=body))

        def ids(today: date) -> list[str]:
            entries = kb.digest(today=today).entries
            return [one.policy.id for one in entries if one.dates]

        assert ids(date(2021, 12, 1)) == ["final-other"]
        assert ids(date(2021, 6, 1)) == ["draft-other", "final-other"]


# ---- what is delivered


def test_a_digest_says_in_what_state_its_documents_are_and_what_they_rest_on(run: Callable[..., str]) -> None:
    text = run("digest", "--format", "md", "--style", "brief")
    entry = {title: rest for title, _, rest in (part.partition("\n") for part in text.split("\n### "))}
    assert "- 效力：已废止\n" in entry["丰泽登记管理办法"]
    assert "- 效力" not in entry["丰泽权属登记规定"]
    assert "- 废止：《丰泽登记管理办法》" in entry["丰泽权属登记规定"]
    assert "- 依据：《中华人民共和国丰泽法》\n" in entry["丰泽保护条例"]
    assert "- 征求意见稿：《丰泽交易管理办法（征求意见稿）》" in entry["丰泽交易管理办法"]
    assert "- 效力" not in entry["丰泽工作会议"]
    assert "| 征求意见稿（已定稿） |" in run("digest", "--format", "md", "--style", "table")
    assert "<span>已废止</span>" in run("digest", "--format", "html")
    (one,) = [
        one
        for section in json.loads(run("digest", "--format", "json"))["sections"]
        for one in section["entries"]
        if one["id"] == "new-norm"
    ]
    assert (one["validity"], one["says"]) == (None, [{"type": "replaces", "titles": ["丰泽噪声限值规范"]}])


def test_a_digest_as_of_a_day_knows_the_states_of_that_day(run: Callable[..., str]) -> None:
    text = run("digest", "--format", "md", "--style", "table", "--as-of", "2010-04-01")
    rows = {line.split(" | ")[1]: line.split(" | ")[3] for line in text.splitlines() if line.startswith("| 20")}
    assert rows["丰泽登记管理办法"] == "正式"
    assert rows["中华人民共和国丰泽法"] == "正式（尚未施行）"
    assert ("- 截至：2010年4月1日" in text, "- 检索条件：全部" in text) == (True, True)
    asked = json.loads(run("digest", "丰泽", "--format", "json", "--as-of", "2010-04-01"))["query"]
    assert asked == "丰泽 2010-04-01"  # what a later digest is compared by stays one text


def test_a_report_says_what_its_documents_rest_on_and_lists_what_is_open(run: Callable[..., str]) -> None:
    early, late = (run("report", period, "--format", "md") for period in ("2019Q1", "2019"))
    assert "### 本期发布的征求意见稿" in early
    assert "### 本期发布的征求意见稿" not in late
    assert "- 征求意见稿：《丰泽交易管理办法（征求意见稿）》" in late
    assert "- 代替：《丰泽噪声限值规范》" in run("report", "2018", "--format", "md")


def test_a_time_line_marks_only_drafts_that_are_open(run: Callable[..., str]) -> None:
    days = ("2019-05-01", "2020-01-01")
    drawn = [run("timeline", "丰泽交易管理办法", "--as-of", day, "--format", "svg") for day in days]
    before, after = (re.findall('<circle[^>]* fill="#fff"', one) for one in drawn)
    assert len(before) == len(after) + 1


def test_nothing_is_to_come_of_what_is_over(make: Callable[..., KnowledgeBase]) -> None:
    """What a repealed document set before its end stays; what it set for later does not."""
    body = "首批任务于2010年6月30日前完成，其余任务于2015年6月30日前完成。"
    kb = make([replace(laws(["old-measures"])[0], body=body), *laws(["new-measures"])])
    (old,) = [one for one in kb.digest(today=date(2024, 1, 1)).entries if one.policy.id == "old-measures"]
    assert [str(one.day) for one in old.dates] == ["2010-06-30"]
    (old,) = [one for one in kb.digest(today=date(2014, 8, 1)).entries if one.policy.id == "old-measures"]
    assert [str(one.day) for one in old.dates] == ["2010-06-30", "2015-06-30"]


def test_relations_from_python(make: Callable[..., KnowledgeBase]) -> None:
    kb = make(laws())
    known = kb.relations("old-measures", as_of=date(2014, 8, 31))
    assert known.now is not None
    assert (known.now.state, [one.id for one in known.into]) == ("现行有效", ["new-measures"])
    after = kb.relations("old-measures", today=date(2024, 1, 1))
    assert after.now is not None
    assert after.now.state == "已废止"


def test_a_document_without_a_day_of_issue_counts_from_its_publication(make: Callable[..., KnowledgeBase]) -> None:
    kb = make([replace(laws(["plan"])[0], date=None, published=date(2013, 2, 1), body="正文。")])
    found = kb.relations("plan", today=date(2024, 1, 1)).states
    because = ("no clause, no day of issue; day of publication",)
    assert found == (Interval("现行有效", date(2013, 2, 1), None, because),)


def test_versions_of_a_law_are_folded_for_people(run: Callable[..., str]) -> None:
    def shown(*options: str) -> list[str]:
        lines = run("search", *options).splitlines()
        return [line.split(None, 1)[1] for line in lines if re.match("[0-9]{4}-", line) or "other versions" in line]

    old, new = "中华人民共和国丰泽法", "中华人民共和国丰泽法（2020年修订）"
    assert [line.replace("*", "") for line in shown("丰泽法", "--kind", "法律")] == [new, "versions: law 已被修改"]
    assert [line.replace("*", "") for line in shown("丰泽法", "--kind", "法律", "--as-of", "2016-01-01")] == [old]
    assert len(shown('"丰泽法"', "--kind", "法律")) == 2
    assert len(shown("丰泽法", "--kind", "法律", "--sort", "newest")) == 2
    assert "2 entries" in run("search", "丰泽法", "--kind", "法律")
    assert len(json.loads(run("search", "丰泽法", "--kind", "法律", "--format", "json"))["hits"]) == 2


# ---- what cannot be


def added(kb: KnowledgeBase, id: str, title: str, day: str, body: str = "正文。", **fields: Any) -> None:
    kb.corpus.add(
        Policy(id=id, title=title, date=date.fromisoformat(day), issuers=(MINISTRY,), body=body, kind="办法", **fields)
    )


def contradicting(kb: KnowledgeBase) -> list[str]:
    root = kb.corpus.root
    return [
        f"{one.path.relative_to(root).as_posix()}:{one.line}: {one.key}: {one.problem}"
        for one in contradictions(kb.engine, kb.corpus)
    ]


def test_a_circle_of_repeals_is_found(make: Callable[..., KnowledgeBase]) -> None:
    kb = make([])
    added(kb, "a", "甲办法", "2020-01-01", "第一条 正文。\n\n《乙办法》同时废止。")
    added(kb, "b", "乙办法", "2020-01-01", relations=({"type": "replaces", "target": "丙办法"},))
    added(
        kb,
        "c",
        "丙办法",
        "2020-01-01",
        relations=({"type": "basis", "target": "乙办法"}, {"type": "repeals", "target": "甲办法"}),
    )
    added(kb, "d", "丁办法", "2021-01-01", "《甲办法》同时废止。")
    kb.refresh()
    assert contradicting(kb) == [
        "2020/a.md:10: body: repeals b, which repeals this one in turn",
        "2020/b.md:8: relations: repeals c, which repeals this one in turn",
        "2020/c.md:9: relations: repeals a, which repeals this one in turn",
    ]


def test_a_repeal_of_a_later_document_is_found(make: Callable[..., KnowledgeBase]) -> None:
    kb = make([])
    added(kb, "old", "甲办法", "2010-01-01", "《乙办法》（环发〔2012〕3号）和《丙办法》同时废止。")
    added(kb, "numbered", "乙办法", "2012-03-01", number="环发〔2012〕3号")
    added(kb, "titled", "丙办法", "2012-03-01")  # an earlier one of this title may be meant
    added(kb, "sure", "丁办法", "2010-01-01", relations=({"type": "repeals", "target": "丙办法"},))
    kb.refresh()
    assert contradicting(kb) == [
        "2010/old.md:8: body: repeals numbered, which was issued later, on 2012-03-01",
        "2010/sure.md:8: relations: repeals titled, which was issued later, on 2012-03-01",
    ]


def test_two_finals_of_one_draft_are_found(make: Callable[..., KnowledgeBase]) -> None:
    kb = make([])
    added(kb, "draft", "甲办法（征求意见稿）", "2020-01-01", status="征求意见稿")
    for id in ("one", "two"):
        added(
            kb, id, f"甲办法之{id}", "2020-06-01", relations=({"type": "finalises", "target": "甲办法（征求意见稿）"},)
        )
    kb.refresh()
    assert contradicting(kb) == [
        "2020/one.md:8: relations: is the final of draft, and so is two",
        "2020/two.md:8: relations: is the final of draft, and so is one",
    ]


def test_the_made_up_system_contradicts_itself_nowhere(run: Callable[..., str], tmp_path: Path) -> None:
    assert contradicting(KnowledgeBase.open(tmp_path)) == []
    path = tmp_path / "corpus" / "2014" / "new-measures.md"
    path.write_text(path.read_text(encoding="utf-8").replace("2014-06-01", "2004-06-01"), encoding="utf-8")
    assert "repeals old-measures, which was issued later, on 2005-06-01" in run("check")
    assert "issued later" not in run("check", str(path))


def test_gaps_of_the_shipped_entries(kb: KnowledgeBase) -> None:
    kb.engine.open()
    found = kb.engine.linked(lambda links: gaps(links, date(2026, 1, 1)))
    twice = {one.title for one in found.cited if one.entries == 2}
    assert twice >= {
        "中共中央 国务院关于全面推进美丽中国建设的意见",
        "2030年前碳达峰行动方案",
        "关于加快建立产品碳足迹管理体系的意见",
    }


@pytest.fixture
def two(tmp_path: Path) -> Callable[..., str]:
    """Runs a command on a knowledge base in which one document rests on another, and repeals it."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "kb.toml").write_text('name = "库"\n', encoding="utf-8")
    for id, title, body in (
        ("2019-05-01-水效管理办法", "水效管理办法", "第一条 本办法自2019年7月1日起施行。"),
        ("2023-09-01-水效标识办法", "水效标识办法", "根据水办〔2019〕5号，制定本办法。《水效管理办法》同时废止。"),
        ("2024-01-05-解读", "《水效标识办法》解读", "正文。"),
    ):
        number = "\nnumber: 水办〔2019〕5号" if id.startswith("2019") else ""
        head = f"---\ntitle: {title}\ndate: {id[:10]}\nissuers: [水利部]{number}\n---\n"
        (corpus / f"{id}.md").write_text(f"{head}{body}\n", encoding="utf-8")

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(policykb, ["--kb", str(tmp_path), *arguments])
        return done.output if done.exit_code == 0 else str(done.exception)

    return run


def said(run: Callable[..., str]) -> list[tuple[str, str, bool, str]]:
    found = json.loads(run("relations", "2023-09", "--format", "json"))["out"]
    return [(one["type"], one["target"]["id"], one["confirmed"], one["quote"]) for one in found]


def test_what_is_decided_by_id_is_not_found_again_by_title_or_number(two: Callable[..., str]) -> None:
    old = "2019-05-01-水效管理办法"
    basis = ("basis", old, False, "根据水办〔2019〕5号，制定本办法。")
    assert said(two) == [basis, ("repeals", old, False, "《水效管理办法》同时废止。")]
    two("relate", "2023-09", f"+repeals:{old}")
    assert sorted(said(two)) == [basis, ("repeals", old, True, "《水效管理办法》同时废止。")]
    assert "was not found there" not in two("relate", "2023-09", f"-basis:{old}")
    assert said(two) == [("repeals", old, True, "《水效管理办法》同时废止。")]
    assert "was not found there" not in two("relate", "2023-09", f"-repeals:{old}")
    assert said(two) == []
    assert json.loads(two("relations", "2019", "--format", "json"))["validity"]["state"] == "现行有效"


def test_what_is_rejected_and_was_never_found_is_said(two: Callable[..., str]) -> None:
    told = "2024-01-05-解读: amends 水效管理办法 was not found there; it is rejected should it be found one day"
    assert told in two("relate", "2024", "-amends:水效管理办法")
    assert told not in two("relate", "2024", "-amends:水效管理办法")  # rejected already
    assert "was not found there" not in two("relate", "2023-09", "-cites:《水效管理办法》")  # which means every type
    assert "was not found there" not in two("relate", "2023-09", "-basis:水办〔2019〕5号")


def test_a_part_of_an_id_stands_for_the_entry(two: Callable[..., str]) -> None:
    assert "+ 废止 repeals    2019-05-01-水效管理办法" in two("relate", "2024", "+repeals:2019-05", "--dry-run")
    assert "no entry 2019-06; the nearest are" in two("relate", "2024", "+repeals:2019-06")
    assert "20 is in 3 entries" in two("relations", "20")
    assert "+ 依据 basis      2021-2025年规划" in two("relate", "2024", "+basis:2021-2025年规划", "--dry-run")
    assert "2020-01-01-没有了" in two("relate", "2024", "-basis:2020-01-01-没有了", "--dry-run")


def test_marks_within_a_title_are_inner_ones(two: Callable[..., str]) -> None:
    assert "《〈水效标识办法〉解读》" in two("relations", "2023-09")
