"""Laws are found, named and shown by their articles."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from conftest import make_base
from policykb.domain.numerals import number_in
from policykb.errors import CorpusError
from policykb.kb import KnowledgeBase
from policykb.text.articles import articles, same_name

Run = Callable[..., object]

FILLER = "申报材料应当真实、准确、完整，主管部门依照程序办理登记、备案和公示，并接受社会监督。"
LAW = "\n\n".join(
    [
        "## 第一章 总则",
        "第一条 为了规范窑炉登记，制定本法。",
        *(f"第{n}条 {FILLER}" for n in "二三四五六七八九"),
        "第十条 窑炉停用后，登记单位应当在十五日内注销登记，拒不注销的处三万元罚款。",
        *(f"第十{n}条 {FILLER}" for n in "一二三四五"),
    ]
)


@pytest.fixture(scope="module")
def laws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    entries = [
        {"id": "登记法", "title": "中华人民共和国窑炉登记法", "body": LAW},
        {"id": "罚款通知", "title": "关于罚款的通知", "body": f"罚款应当依法。{FILLER}" * 3},
        {"id": "注销通知", "title": "关于注销的通知", "body": f"注销登记要及时。{FILLER}" * 3},
        *({"id": f"其他{n}", "title": f"其他事项{n}", "body": FILLER} for n in range(6)),
    ]
    with make_base(tmp_path_factory.mktemp("laws") / "kb", entries) as base:
        yield base


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("第一条 甲。\n\n第二条 乙。\n\n第三条 丙。", ["第一条", "第二条", "第三条"]),
        ("第一条 甲。\n第二条 乙。\n第三条 丙。", ["第一条", "第二条", "第三条"]),
        (
            "**第一条** 甲。\n\n## 第二条　乙\n\n丁。\n\n第二条之一 丙。\n\n　　第三条 戊。",
            ["第一条", "第二条", "第二条之一", "第三条"],
        ),
        ("第1条 甲。\n\n第2条 乙。\n\n第3条 丙。", ["第1条", "第2条", "第3条"]),
        ("第一条甲。\n\n第二条乙。\n\n第五条丙。\n\n第六条丁。", ["第一条", "第二条", "第五条", "第六条"]),
        ("第一条 甲。\n\n第二条 乙。\n\n第一条规定的除外。\n\n第三条 丙。", ["第一条", "第二条", "第三条"]),
        ("第一条 甲。\n\n第二条 规定的。\n\n第三条 第一款。\n\n第四条 和。", ["第一条", "第二条", "第三条", "第四条"]),
        ("第一条 甲，依照\n第二条规定的。\n\n第二条 乙。\n\n第三条 丙。", ["第一条", "第二条", "第三条"]),
        ("第一条 甲。\n\n第二条 乙。", []),
        ("按照第一条、第二条和第三条办理。", []),
        ("第十百条 甲。\n\n第条 乙。\n\n第一条 丙。", []),
        ("", []),
    ],
)
def test_where_articles_begin(body: str, names: list[str]) -> None:
    found = articles(body)
    assert [name for name, _, _ in found] == names
    assert all(end == start for (_, _, end), (_, start, _) in zip(found, found[1:], strict=False))
    for name, start, end in found:
        assert body[start:end].lstrip("*# 　").startswith(name)


@pytest.mark.parametrize(
    ("numeral", "number"),
    [
        ("一百二十", 120),
        ("一百零七", 107),
        ("二百", 200),
        ("三百一十六", 316),
        ("一千二百六十", 1260),
        ("一千零五", 1005),
        ("一千零一十", 1010),
        ("百", 100),
        ("一零八", 108),
    ],
)
def test_numerals_of_long_laws(numeral: str, number: int) -> None:
    assert number_in(numeral) == number


def test_spellings_of_a_name() -> None:
    assert same_name("第十二条") == same_name("第12条") != same_name("第十二条之一")
    with pytest.raises(ValueError, match="十二"):
        same_name("十二")


@pytest.mark.parametrize(
    "query", ["不注销窑炉登记要罚多少钱", "注销登记 罚款", "拒不注销", "窑炉登记法第十条", "窑炉登记法 第10条"]
)
def test_a_law_is_found_and_shown_by_its_article(laws: KnowledgeBase, query: str) -> None:
    hit = laws.search(query).hits[0]
    assert (hit.policy.id, hit.article) == ("登记法", "第十条")
    assert hit.snippet.text.startswith("第十条 窑炉停用后")
    assert hit.policy.body[hit.snippet.offset :].startswith(hit.snippet.text)


@pytest.mark.parametrize("query", ["窑炉登记法第零条", "窑炉登记法第一百一百条", "第一零八条 窑炉"])
def test_an_article_that_no_law_has_may_be_asked_for(laws: KnowledgeBase, query: str) -> None:
    assert laws.search(query).hits[0].policy.id == "登记法"


@pytest.mark.parametrize("query", ["窑炉登记法", "中华人民共和国窑炉登记法", "《窑炉登记法》", ""])
def test_a_law_that_is_asked_for_by_name_is_shown_whole(laws: KnowledgeBase, query: str) -> None:
    hits = laws.search(query).hits
    assert [hit.article for hit in hits if hit.policy.id == "登记法"] == [""]


def test_entries_without_articles_have_none(laws: KnowledgeBase) -> None:
    assert not any(hit.article for hit in laws.search("罚款 监督").hits if hit.policy.id != "登记法")


def test_length_does_not_dilute_a_law(laws: KnowledgeBase, make_kb: Callable[..., KnowledgeBase]) -> None:
    short = make_kb(
        {"title": "窑炉办法", "body": "窑炉停用后十五日内注销。" + FILLER}, {"title": "其他", "body": FILLER}
    )
    own = laws.search("停用后注销").hits[0]
    assert own.policy.id == "登记法"
    assert own.score > 0.5 * short.search("停用后注销").hits[0].score


@pytest.mark.parametrize(
    "query", ["不注销窑炉登记要罚多少钱", "注销登记 罚款", "窑炉登记法", "登记 备案", "窑炉登记法第十条"]
)
def test_what_an_article_scores_is_explained(laws: KnowledgeBase, query: str) -> None:
    for hit in laws.search(query, explain=True).hits:
        assert sum(hit.explanation.values()) == pytest.approx(hit.score, abs=0.001)
        assert all(share > -0.01 for share in hit.explanation.values()), hit


def test_machine_forms_name_the_article(run: Run, laws: KnowledgeBase) -> None:
    done = run("search", "拒不注销", "--format", "json", kb=laws.root)
    assert json.loads(done.out)["hits"][0]["article"] == "第十条"
    done = run("search", "关于罚款的通知", "--format", "json", kb=laws.root)
    assert json.loads(done.out)["hits"][0]["article"] is None
    assert "登记法#第十条" in run("search", "拒不注销", kb=laws.root).out
    assert "登记法\\#第十条" in run("search", "拒不注销", "--format", "md", kb=laws.root).out


@pytest.mark.parametrize("article", ["第十条", "第10条"])
def test_an_article_is_shown(run: Run, laws: KnowledgeBase, article: str) -> None:
    done = run("show", f"登记法#{article}", kb=laws.root)
    assert done.code == 0
    assert "拒不注销" in done.out
    assert "第九条" not in done.out
    assert "第十一条" not in done.out
    assert "窑炉登记法" in done.out
    markdown = run("show", f"登记法#{article}", "--format", "md", kb=laws.root).out
    assert markdown.startswith("第十条 窑炉停用后")
    assert markdown.endswith("罚款。\n")
    record = json.loads(run("show", f"登记法#{article}", "--format", "json", kb=laws.root).out)
    assert record["body"].startswith("第十条 ")


@pytest.mark.parametrize(
    ("id", "problem"),
    [
        ("登记法#第十六条", "has no 第十六条; it has 第一条 to 第十五条"),
        ("登记法#第百条之", "has no 第百条之"),
        ("罚款通知#第一条", "has no articles"),
        ("没有#第一条", "no entry 没有"),
    ],
)
def test_an_article_that_is_not_there(run: Run, laws: KnowledgeBase, id: str, problem: str) -> None:
    done = run("show", id, kb=laws.root)
    assert (done.code, done.out) == (1, "")
    assert problem in done.err


def test_an_id_may_have_the_sign_of_an_article(run: Run, make_kb: Callable[..., KnowledgeBase]) -> None:
    base = make_kb({"id": "甲#乙", "body": "正文"})
    assert "正文" in run("show", "甲#乙", kb=base.root).out
    with pytest.raises(CorpusError):
        base.get("甲#第一条")


def test_paragraphs_that_begin_articles_can_be_linked_to(run: Run, make_kb: Callable[..., KnowledgeBase]) -> None:
    base = make_kb(
        {"id": "法", "body": "# 总则\n\n第一条 甲。\n第二条 乙。\n\n**第三条** 丙，<b>第三条</b>。\n\n第三条规定的。"}
    )
    page = run("show", "法", "--format", "html", kb=base.root).out
    for name in ("第一条", "第二条", "第三条"):
        assert page.count(f'id="{name}"') == 1, page
    assert 'id="' not in run("show", "无", "--format", "html", kb=make_kb({"id": "无", "body": "第一条 甲。"}).root).out


def test_a_line_that_begins_an_article_ends_what_stands_before(make_kb: Callable[..., KnowledgeBase]) -> None:
    base = make_kb({"id": "法", "body": "第一条 甲乙。\n第二条 丙丁。\n第三条 戊己。"})
    assert not base.search('"甲乙。第二条"').total
    assert base.search("丙丁").hits[0].article == "第二条"
