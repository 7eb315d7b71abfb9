"""The tagger: what it suggests, why, and how well, on the corpus and on documents it was not made from."""

from __future__ import annotations

import json
import math
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policykb.corpus import entry_format as document
from policykb.corpus.corpus import Corpus
from policykb.domain.names import listed_names
from policykb.domain.policy import Policy
from policykb.domain.vocabulary import Tag, Trigger, Vocabulary
from policykb.files.journal import JOURNAL
from policykb.tagging.changes import retag
from policykb.tagging.evaluation import Figures, evaluate
from policykb.tagging.evidence import Evidence
from policykb.tagging.new_terms import frequent_terms_without_tag
from policykb.tagging.tagger import Suggestion, Tagger
from properties import examples

ROOT = Path(__file__).parents[1]
VOCABULARY = Vocabulary.load(None)
WITHOUT_TRIGGERS = Vocabulary([Tag(tag.name, tag.group, tag.description) for tag in VOCABULARY.values()])
CORPUS = [
    document.parse(path.read_text(encoding="utf-8"), id=path.stem) for path in sorted(ROOT.glob("corpus/2024/*.md"))
]


def heldout(part: str) -> list[Policy]:
    table = tomllib.loads((ROOT / "tests/data/tagging_heldout.toml").read_text(encoding="utf-8"))
    return [
        Policy(
            id=f"{entry['year']}-{entry['title']}",
            title=entry["title"],
            date=date(entry["year"], 1, 1),
            issuers=tuple(entry["issuers"]),
            tags=tuple(entry["tags"]),
            body=entry["body"].strip() + "\n",
        )
        for entry in table[part]
    ]


DEVELOPMENT, BLIND = heldout("development"), heldout("blind")
HELDOUT = DEVELOPMENT + BLIND
TAGGER = Tagger(VOCABULARY, CORPUS)


def policy(title: str = "通知", body: str = "", *, id: str = "new", **fields: object) -> Policy:
    return replace(Policy(id=id, title=title, date=date(2023, 1, 1), issuers=(), body=body), **fields)  # type: ignore[arg-type]


def vocabulary(**tags: list[Trigger]) -> Vocabulary:
    return Vocabulary([Tag(name, "topic", "Something.", tuple(triggers)) for name, triggers in tags.items()])


def names(suggestions: Iterable[Suggestion]) -> list[str]:
    return [suggestion.tag for suggestion in suggestions]


def figures(tagger: Tagger, policies: Iterable[Policy]) -> Figures:
    right = wrong = missed = 0
    for entry in policies:
        given, due = set(names(tagger.suggest(entry))), set(entry.tags)
        right += len(given & due)
        wrong += len(given - due)
        missed += len(due - given)
    return Figures(right, wrong, missed)


def score(tagger: Tagger, entry: Policy, tag: str) -> float:
    """The score of a tag, whatever it is; 0 if nothing speaks for it."""
    return next((found.score for found in tagger.suggest(entry, min_score=0) if found.tag == tag), 0.0)


# ---- how well


def test_the_heldout_documents_are_others_and_tagged_from_the_vocabulary() -> None:
    assert len(DEVELOPMENT) >= 40
    assert len(BLIND) >= 40
    titles = [entry.title for entry in HELDOUT]
    assert len(set(titles)) == len(titles)
    assert not set(titles) & {entry.title for entry in CORPUS}
    used = {tag for entry in HELDOUT for tag in entry.tags}
    assert used == set(VOCABULARY)
    assert any(not entry.tags for entry in HELDOUT)


def test_leave_one_out_over_the_corpus() -> None:
    found = evaluate(VOCABULARY, CORPUS)
    assert found.entries == 40
    assert found.micro.f1 >= 0.90
    assert found.macro_f1 >= 0.88


@pytest.mark.parametrize(
    ("tagged", "policies", "floor"),
    [
        pytest.param([], CORPUS, 0.90, id="vocabulary alone, corpus"),
        pytest.param([], DEVELOPMENT, 0.91, id="vocabulary alone, development"),
        pytest.param([], BLIND, 0.89, id="vocabulary alone, blind"),
        pytest.param(CORPUS, DEVELOPMENT, 0.91, id="corpus learned, development"),
        pytest.param(CORPUS, BLIND, 0.91, id="corpus learned, blind"),
        pytest.param(HELDOUT, CORPUS, 0.91, id="held-out learned, corpus"),
    ],
)
def test_micro_f1(tagged: list[Policy], policies: list[Policy], floor: float) -> None:
    assert figures(Tagger(VOCABULARY, tagged), policies).f1 >= floor


def test_what_is_learned_helps_tags_that_have_triggers() -> None:
    every = CORPUS + HELDOUT
    assert figures(Tagger(VOCABULARY, every), every).f1 > figures(Tagger(VOCABULARY), every).f1


def test_tags_without_triggers_get_better_with_each_tagged_entry() -> None:
    every = CORPUS + HELDOUT
    random.Random(4).shuffle(every)
    new, known = every[:40], every[40:]
    found = [figures(Tagger(WITHOUT_TRIGGERS, known[:count]), new).f1 for count in (0, 30, 60, 120)]
    assert found[0] == 0
    assert found == sorted(found)
    assert found[-1] >= 0.4


def test_documents_about_something_else_get_no_tag() -> None:
    tagger = Tagger(VOCABULARY, CORPUS)
    assert [names(tagger.suggest(entry)) for entry in HELDOUT if not entry.tags] == [[], [], [], []]


ABOUT_NOTHING = [
    ("山东省甲市养犬管理条例", "为了规范养犬行为，保障公民健康和人身安全，制定本条例。养犬人应当登记。"),
    ("上海市城市道路管理条例", "为了加强城市道路管理，改善城市交通，促进城市发展，制定本条例。"),
    ("广东省城镇房屋租赁条例", "租赁双方应当签订合同，并向房产管理部门备案。"),
    ("河南省黄河工程管理条例", "黄河工程包括堤防、险工和控导工程，由黄河河务部门管理。"),
    ("新疆维吾尔自治区宗教事务条例", "宗教活动应当在登记的场所举行。"),
    ("浙江省农业机械化促进条例", "推广先进适用的农业机械，扶持农机服务组织。"),
    ("北京国际科技创新中心建设条例", "支持战略科技力量，培育创新主体，开展国际合作，鼓励国际标准。"),
    ("对外贸易经营者备案登记办法", "从事货物进出口的对外贸易经营者应当备案登记。"),
    ("外资银行管理条例", "外资银行应当有注册资本，银行业监督管理机构负责监督，金融机构依法经营。"),
    ("关于成渝金融法院案件管辖的规定", "金融民商事案件由金融法院管辖，金融机构为当事人的亦同。"),
    ("企业债券管理条例", "企业发行债券应当经批准，债券可以转让。"),
    ("人工智能产业促进办法", "支持人工智能企业研究算法，开放数据，建设算力平台。"),
    ("畜禽规模养殖污染防治条例", "畜禽粪便应当综合利用，养殖场应当建设贮存设施。"),
    ("国有土地上房屋征收与补偿条例", "对被征收人给予补偿，补偿包括房屋价值、搬迁和停业损失。"),
    ("水利水电工程建设征地补偿和移民安置条例", "移民安置遵循以人为本，征地补偿依照规定支付。"),
    ("关于做好2024年普通高校招生工作的通知", "各省招生委员会应当公布招生计划。"),
    ("城市生活无着的流浪乞讨人员救助管理办法", "救助站应当提供食物和住处。"),
    ("成都市非机动车管理条例", "驾驶非机动车应当佩戴头盔，不得逆行。"),
    ("海南自由贸易港土地管理条例", "土地用途分类管理，耕地应当保护。"),
    ("长江三角洲区域公共图书馆服务办法", "读者凭一卡通借阅图书。"),
]


@pytest.mark.parametrize("tagged", [[], CORPUS], ids=["vocabulary alone", "corpus learned"])
def test_of_twenty_documents_about_nothing_in_the_vocabulary_none_gets_a_tag(tagged: list[Policy]) -> None:
    tagger = Tagger(VOCABULARY, tagged)
    given = {title: names(tagger.suggest(policy(title, body))) for title, body in ABOUT_NOTHING}
    assert {title: tags for title, tags in given.items() if tags} == {}


@pytest.mark.parametrize("place", ["海南省", "上海市", "内蒙古自治区", "粤港澳大湾区"])
def test_a_place_is_a_topic_only_where_the_title_says_what_of(place: str) -> None:
    assert "区域低碳" in names(TAGGER.suggest(policy(f"{place}碳达峰实施方案", "推动绿色低碳发展。")))
    assert "区域低碳" not in names(TAGGER.suggest(policy(f"{place}养老服务条例", "推动养老服务发展。")))


def test_words_that_say_nothing_by_themselves_need_the_subject() -> None:
    tagger = Tagger(Vocabulary([Tag("绿", "topic", "x", (Trigger(("债券",), 4.0),), about=("绿色", "碳"))]))
    bond = "债券管理办法"
    assert score(tagger, policy(f"绿色{bond}"), "绿") > score(tagger, policy(bond, "为了绿色发展，制定本办法。"), "绿")
    assert score(tagger, policy(bond, "为了绿色发展，制定本办法。"), "绿") > score(
        tagger, policy(bond, "制定本办法。"), "绿"
    )
    in_passing = "制定本办法。" * 100 + "绿色。"
    assert score(tagger, policy(bond, in_passing), "绿") == 0.0
    assert score(tagger, policy(bond, in_passing + "绿色、碳、碳。"), "绿") > 0.0


def test_speed() -> None:
    start = time.process_time()
    evaluate(VOCABULARY, CORPUS)
    assert time.process_time() - start < 2
    many = [replace(entry, id=f"{entry.id}-{copy}") for copy in range(50) for entry in CORPUS]
    start = time.process_time()
    Tagger(VOCABULARY, many)
    assert time.process_time() - start < 3


# ---- what speaks for a tag

KELP = vocabulary(海带=[Trigger(("海带",), 4.0), Trigger(("昆布",), 4.0), Trigger(("海带卷",), 0.0)])
FILLER = "加强组织领导，明确责任分工，做好宣传引导，及时总结经验。"
LONG = "\n\n".join([FILLER] * 30)


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(policy("关于海带的通知"), id="title"),
        pytest.param(policy(documents=("海带管理办法", "其他办法")), id="name of a document"),
        pytest.param(policy(body="海带养殖的规定。\n\n海带、海带和海带。\n"), id="body about nothing else"),
        pytest.param(policy("关于海 带的通知"), id="space between"),
        pytest.param(policy(body="海\n带养殖的规定。\n\n海带，海带。\n"), id="line wrap"),
    ],
)
def test_given(entry: Policy) -> None:
    assert names(Tagger(KELP).suggest(entry)) == ["海带"]


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(policy(), id="nothing"),
        pytest.param(policy("", ""), id="no text at all"),
        pytest.param(policy(body="海带。"), id="a single mention, and nothing else"),
        pytest.param(policy(body=f"{LONG}\n\n海带。\n"), id="a passing mention at the end"),
        pytest.param(policy(body=f"海带。\n\n{LONG}\n"), id="a passing mention at the beginning"),
        pytest.param(policy("海带卷管理办法", "海带卷。\n\n海带卷和海带卷。"), id="inside a guarded word"),
        pytest.param(policy(body="海\n\n带海\n\n带海\n\n带"), id="across paragraphs"),
    ],
)
def test_not_given(entry: Policy) -> None:
    assert Tagger(KELP).suggest(entry) == []


@pytest.mark.parametrize(
    ("more", "less"),
    [
        pytest.param(policy("海带"), policy(body="海带"), id="title and body"),
        pytest.param(policy(documents=("海带",)), policy(body="海带"), id="document and body"),
        pytest.param(policy("海带和昆布"), policy("海带"), id="a second word in the title"),
        pytest.param(policy(body=f"海带\n\n{LONG}"), policy(body=f"{LONG}\n\n海带"), id="first and last paragraph"),
        pytest.param(
            policy(body=f"{LONG}\n\n海带\n\n{LONG}{FILLER}"),
            policy(body=f"{LONG}\n\n{LONG}{FILLER}\n\n海带"),
            id="later",
        ),
        pytest.param(
            policy(body=f"海带，海带，海带。{FILLER}"), policy(body=f"海带，海带。{FILLER}"), id="more mentions"
        ),
        pytest.param(
            policy(body=f"海带，海带，海带。{FILLER}"),
            policy(body=f"海带，海带，海带。{FILLER * 20}"),
            id="shorter text",
        ),
        pytest.param(policy(body=f"{LONG}\n\n海带"), policy(body=f"{LONG}\n\n《海带》"), id="name of another document"),
        pytest.param(policy(body=f"{LONG}《其他》海带"), policy(body=f"{LONG}《其他〈一〉海带》"), id="nested names"),
        pytest.param(
            policy(body=f"{LONG}\n\n《其他\n\n海带"), policy(body=f"{LONG}\n\n《其他，海带》"), id="a bracket left open"
        ),
    ],
)
def test_scores_more(more: Policy, less: Policy) -> None:
    tagger = Tagger(KELP)
    assert score(tagger, more, "海带") > score(tagger, less, "海带") > 0


def test_the_name_of_a_document_counts_like_the_title_and_a_word_once() -> None:
    tagger = Tagger(KELP)
    title = score(tagger, policy("海带"), "海带")
    assert score(tagger, policy(documents=("海带",)), "海带") == title
    assert score(tagger, policy("海带", documents=("海带的海带",)), "海带") == title


def test_each_further_word_in_the_names_counts_half() -> None:
    weights = {("海带", "紫菜"): 3.0, ("石莼",): 4.0, ("虾",): 0.8, ("鱼",): -1.0}
    tagger = Tagger(vocabulary(海藻=[Trigger(words, weight) for words, weight in weights.items()]))
    [found] = tagger.suggest(policy("虾、鱼、紫菜、石莼、海带"), min_score=0)
    assert [(evidence.words, evidence.weight) for evidence in found.evidence] == [
        ("石莼", 4.0), ("海带", 1.5), ("紫菜", 0.75), ("虾", 0.1), ("鱼", -1.0),
    ]  # fmt: skip


def weight(mentions: float, characters: int, share: float = 1) -> float:
    """What mentions of this weight in a body add to a tag that has this share of all."""
    return 5 * mentions / (mentions + 4 * (0.5 + characters / 1000)) * math.sqrt(share)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("海带", weight(8, 2) * 0.6, id="one"),
        pytest.param("海带，海带", weight(16, 5), id="two"),
        pytest.param("《海带》，海带", weight(8 * 0.3 + 8, 7), id="one of them quoted"),
        pytest.param("《海带》\n\n后文", weight(8 * 0.3, 7) * 0.6, id="quoted, and a paragraph after it"),
        pytest.param("海带，海带，《后文》", weight(16, 10), id="before the name of another document"),
        pytest.param("大于>，海带，《海带》", weight(8 + 8 * 0.3, 11), id="a stray bracket"),
        pytest.param("前" * 80 + "\n\n海带，海带", weight(4 * (2 - (81 + 84) / 86 / 2), 86), id="after the opening"),
        pytest.param(
            "前" * 79 + "\n\n海带\n\n海带", weight(8 + 4 * (1 - 83 / 85 / 2), 85), id="in its second paragraph"
        ),
        pytest.param(
            "前" * 400 + "海带，海带", weight(4 * (2 - (400 + 403) / 405 / 2), 405), id="after a long paragraph"
        ),
        pytest.param("海带海带鱼鱼", weight(16, 6, 16 / 20), id="shared with another tag"),
        pytest.param("海带海带虾虾", weight(16, 6), id="shared with nothing"),
        pytest.param("海带海带蟹", weight(16 - 2, 5), id="spoken against"),
    ],
)
def test_what_mentions_in_the_body_add(body: str, expected: float) -> None:
    tagger = Tagger(
        vocabulary(
            海带=[Trigger(("海带",), 4.0), Trigger(("蟹",), -1.0)],
            鱼=[Trigger(("鱼",), 1.0)],
            虾=[Trigger(("虾",), -9.0)],
        )
    )
    found = {suggestion.tag: suggestion for suggestion in tagger.suggest(policy("", body), min_score=0)}
    assert sum(evidence.weight for evidence in found["海带"].evidence) == pytest.approx(expected)
    assert "虾" not in found


def test_mentions_that_outweigh_one_another_add_nothing() -> None:
    tagger = Tagger(vocabulary(海带=[Trigger(("海带",), 2.0), Trigger(("蟹",), -2.0)]))
    assert tagger.suggest(policy("", "海带蟹"), min_score=0) == []


def test_mentions_saturate() -> None:
    tagger = Tagger(KELP)
    found = [score(tagger, policy(body="海带" * count + FILLER * (200 - count)), "海带") for count in (5, 10, 100, 195)]
    assert found == sorted(found)
    assert found[1] - found[0] > found[3] - found[2]
    assert found[-1] < score(tagger, policy("海带", "海带"), "海带")


def test_tags_compete_for_the_body() -> None:
    tagger = Tagger(
        vocabulary(海带=[Trigger(("海带",), 2.0)], 紫菜=[Trigger(("紫菜",), 2.0)], 石莼=[Trigger(("石莼",), 2.0)])
    )
    alone = policy(body="海带、海带、海带、海带、海带、海带的养殖。")
    listed = policy(body="海带、海带、紫菜、紫菜、石莼、石莼的养殖。")
    assert names(tagger.suggest(alone)) == ["海带"]
    assert tagger.suggest(listed) == []
    assert names(tagger.suggest(listed, min_score=0)) == ["海带", "石莼", "紫菜"]


def test_where_a_trigger_counts() -> None:
    tagger = Tagger(vocabulary(题=[Trigger(("海带",), 4.0, "title")], 文=[Trigger(("海带",), 4.0, "body")]))
    assert names(tagger.suggest(policy("海带"), min_score=0)) == ["题"]
    assert names(tagger.suggest(policy(body="海带"), min_score=0)) == ["文"]


def test_a_negative_trigger_speaks_against() -> None:
    tagger = Tagger(vocabulary(海带=[Trigger(("海带",), 4.5), Trigger(("食谱",), -4.0)]))
    assert names(tagger.suggest(policy("海带的管理"))) == ["海带"]
    assert tagger.suggest(policy("海带的食谱")) == []
    against = tagger.suggest(policy("海带的食谱"), min_score=0)[0].evidence[-1]
    assert (against.words, against.weight) == ("食谱", -4.0)
    assert score(tagger, policy("通知", f"海带，海带。食谱{FILLER}"), "海带") < score(
        tagger, policy("通知", f"海带，海带。菜谱{FILLER}"), "海带"
    )


def test_against_everything_is_no_overflow() -> None:
    words = tuple(f"反{chr(0x4E00 + number)}" for number in range(400))
    tagger = Tagger(vocabulary(海带=[Trigger(words, -10.0)]))
    assert tagger.suggest(policy("".join(words)), min_score=0)[0].score < 1e-200


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("EPD平台", True),
        ("ＥＰＤ", True),
        ("产品epd", True),
        ("REPD", False),
        ("产品REPD", False),
        ("R EPD", True),
        ("EPDM", False),
        ("EPD2", False),
        ("2EPD", False),
    ],
)
def test_latin_words_are_whole_words(text: str, given: bool) -> None:
    tagger = Tagger(vocabulary(声明=[Trigger(("EPD",), 4.5)]))
    assert bool(tagger.suggest(policy(text))) is given


def test_the_longest_word_of_a_tag_counts_for_it_and_takes_nothing_from_others() -> None:
    tagger = Tagger(
        vocabulary(长=[Trigger(("碳足迹",), 4.0), Trigger(("碳足迹核算",), 5.0)], 短=[Trigger(("核算",), 4.0)])
    )
    found = {suggestion.tag: suggestion for suggestion in tagger.suggest(policy("碳足迹核算"))}
    assert [evidence.words for evidence in found["长"].evidence] == ["碳足迹核算"]
    assert [evidence.words for evidence in found["短"].evidence] == ["核算"]


def test_best_first_at_most_five_and_none_below_the_least() -> None:
    tags = {f"第{number}": [Trigger((word,), 4.0 + number / 10)] for number, word in enumerate("甲乙丙丁戊己庚")}
    tagger = Tagger(vocabulary(**tags))
    entry = policy("甲乙丙丁戊己庚")
    found = tagger.suggest(entry)
    assert names(found) == ["第6", "第5", "第4", "第3", "第2"]
    least = found[2].score
    assert names(tagger.suggest(entry, min_score=least)) == ["第6", "第5", "第4"]
    assert tagger.suggest(entry, min_score=1.01) == []


# ---- why


def checked(tagger: Tagger, entry: Policy) -> list[Suggestion]:
    """Suggestions for an entry, each of which must be explained by its evidence to the last digit."""
    found = tagger.suggest(entry, min_score=0)
    assert len(found) <= 5
    assert len(set(names(found))) == len(found)
    assert [suggestion.score for suggestion in found] == sorted((s.score for s in found), reverse=True)
    for suggestion in found:
        total = suggestion.prior + math.fsum(evidence.weight for evidence in suggestion.evidence)
        assert suggestion.score == pytest.approx(1 / (1 + math.exp(-total)))
        assert 0 <= suggestion.score <= 1
        weights = [evidence.weight for evidence in suggestion.evidence]
        assert weights == sorted(weights, reverse=True)
        for evidence in suggestion.evidence:
            stored = {"title": [entry.title], "documents": entry.documents, "body": [entry.body]}[evidence.field]
            assert any(text[evidence.start : evidence.end] == evidence.words for text in stored)
            assert evidence.words
            assert evidence.words in evidence.text
            assert any(evidence.text in text for text in stored)
            assert evidence.source in ("trigger", "learned")
            assert evidence.count >= 1
    return found


@pytest.mark.parametrize("entry", CORPUS + HELDOUT, ids=lambda entry: entry.id)
def test_every_score_is_the_sum_of_its_evidence(entry: Policy) -> None:
    assert any(found.evidence for found in checked(TAGGER, entry)) or not entry.tags


def test_evidence() -> None:
    body = "总则。\n\n- 推广ＣＯ２海 带养殖；发展昆布。\n- 海带价格。\n"
    [found] = Tagger(KELP).suggest(policy("《海带》管理办法", body))
    assert (found.prior, found.evidence[0]) == (
        -3.0,
        Evidence("title", "《海带》管理办法", 1, 3, "海带", 4.0, "trigger", 1),
    )
    kelp, kombu = found.evidence[1:]
    assert (kelp.field, kelp.words, kelp.text, kelp.count) == ("body", "海 带", "- 推广ＣＯ２海 带养殖", 2)
    assert body[kelp.start : kelp.end] == "海 带"
    assert (kombu.words, kombu.text, kombu.count) == ("昆布", "发展昆布", 1)


def test_the_passage_of_a_long_sentence_is_cut() -> None:
    [found] = Tagger(KELP).suggest(policy(body="前" * 100 + "海带昆布" + "后" * 100))
    kelp = next(evidence for evidence in found.evidence if evidence.words == "海带")
    assert kelp.text == "前" * 40 + "海带昆布" + "后" * 38


def test_a_passage_ends_with_its_sentence_or_after_forty_characters() -> None:
    for before, after, passage in (
        (40, 40, "前" * 40 + "海带" + "后" * 40),
        (39, 39, "前" * 39 + "海带" + "后" * 39),
        (41, 41, "前" * 40 + "海带" + "后" * 40),
        (60, 60, "前" * 40 + "海带" + "后" * 40),
        (0, 0, "海带"),
    ):
        [found] = Tagger(KELP).suggest(policy(body=f"始。{'前' * before}海带{'后' * after}。末"), min_score=0)
        assert found.evidence[0].text == passage


def test_machine_form() -> None:
    [found] = Tagger(KELP).suggest(policy("海带"))
    assert json.loads(json.dumps(found.as_dict())) == {
        "tag": "海带",
        "score": 0.7311,
        "prior": -3.0,
        "evidence": [
            {
                "field": "title", "text": "海带", "start": 0, "end": 2, "words": "海带", "weight": 4.0,
                "source": "trigger", "count": 1,
            }
        ],
    }  # fmt: skip


def test_machine_form_rounds() -> None:
    suggestion = Suggestion("海带", 0.123456, -1.23456, (Evidence("body", "海带", 0, 2, "海带", 0.98765, "learned"),))
    machine = suggestion.as_dict()
    assert (machine["score"], machine["prior"]) == (0.1235, -1.235)
    assert machine["evidence"] == [suggestion.evidence[0].as_dict()]
    assert suggestion.evidence[0].as_dict()["weight"] == 0.988
    assert suggestion.evidence[0].as_dict()["count"] == 1
    assert len({suggestion, replace(suggestion)}) == 1


# ---- what was learned

OTHERS = [policy(f"{word}通知", id=word, tags=("其他",)) for word in ("粮食", "公路", "戏曲", "邮政", "水库", "陶瓷")]
ALGAE = [policy(f"浅海藻类养殖{word}", id=word, tags=("海藻",)) for word in ("规划", "办法", "标准", "补贴")]
PLAIN = vocabulary(海藻=[], 其他=[])


def test_a_tag_without_triggers_is_learned_from_entries_that_have_it() -> None:
    new = policy("关于浅海藻类养殖的意见", "支持浅海藻类养殖。")
    scores = [score(Tagger(PLAIN, OTHERS + ALGAE[:count]), new, "海藻") for count in range(5)]
    assert scores[0] == 0
    assert scores == sorted(set(scores))
    assert scores[-1] >= 0.5
    [found] = Tagger(PLAIN, OTHERS + ALGAE).suggest(new)
    assert found.tag == "海藻"
    assert {evidence.source for evidence in found.evidence} == {"learned"}
    assert found.evidence[0].words in "浅海藻类养殖"
    assert len(found.evidence[0].words) > 2


def learned(likeness: float, most: float) -> float:
    return most * likeness / (likeness + 0.3)


def odds(here: float, elsewhere: float = 0) -> float:
    return math.log((here + 0.01) / (elsewhere + 0.01)) - 1.5


@pytest.mark.parametrize(("triggers", "most"), [([], 8.0), ([Trigger(("龙须菜",), 4.0)], 2.5)])
def test_what_learning_adds(triggers: list[Trigger], most: float) -> None:
    tags = vocabulary(海藻=triggers, 其他=[])
    tagged = [
        policy("海藻", id="1", tags=("海藻",)),
        policy("海藻类", id="2", tags=("海藻",)),
        policy("粮食", id="3", tags=("其他",)),
        policy("粮食类", id="4", tags=("其他",)),
    ]
    [found] = Tagger(tags, tagged).suggest(policy("海藻", "生长。"), min_score=0)
    assert (found.tag, found.prior) == ("海藻", -3 - 2 / 4)
    [only] = found.evidence
    assert (only.field, only.start, only.words, only.source) == ("title", 0, "海藻", "learned")
    assert only.weight == pytest.approx(learned(2 / 4 * odds(2 / 4), most))
    # 藻类 is the rarer pair, and so the better one.
    [found] = Tagger(tags, tagged).suggest(policy("藻类与海藻"), min_score=0)
    rare, common = math.log(5 / 1), math.log(5 / 2)
    values = [rare / math.hypot(rare, common) / 4 * odds(1 / 4), common / math.hypot(rare, common) / 2 * odds(2 / 4)]
    expected = [learned(sum(values), most) * value / sum(values) for value in values]
    assert {evidence.words: evidence.weight for evidence in found.evidence} == {
        "藻类": pytest.approx(expected[0]),
        "海藻": pytest.approx(expected[1]),
    }
    # Left out, the first entry leaves one with the tag, and three in all.
    [found] = Tagger(tags, tagged).suggest(tagged[0], min_score=0)
    assert found.prior == pytest.approx(-3 - 1 / 3)
    assert found.evidence[0].weight == pytest.approx(learned(1 / 3 * odds(1 / 3), most))


def test_a_pair_that_other_entries_have_too_says_less() -> None:
    tagged = [policy("海藻", id=str(number), tags=("海藻",)) for number in range(8)]
    tagged += [policy("海藻", id="x", tags=("其他",)), *(policy("粮食", id=f"y{n}", tags=("其他",)) for n in range(9))]
    found = {suggestion.tag: suggestion for suggestion in Tagger(PLAIN, tagged).suggest(policy("海藻"), min_score=0)}
    assert found["海藻"].evidence[0].weight == pytest.approx(learned(8 / 10 * odds(8 / 10, 1 / 10), 8))
    assert "其他" not in found


def test_the_twelve_strongest_pairs_count() -> None:
    text = "".join(chr(0x4E00 + number) for number in range(21))
    tagged = [policy(text, id="1", tags=("海藻",)), policy("粮食", id="2", tags=("其他",))]
    [found] = Tagger(PLAIN, tagged).suggest(policy(text), min_score=0)
    assert [evidence.words for evidence in found.evidence] == [text[:13]]
    assert found.evidence[0].weight == pytest.approx(learned(12 / math.sqrt(20) / 3 * odds(1 / 3), 8))


def test_pairs_are_joined_where_they_touch() -> None:
    tagged = [policy("甲乙丙丁、戊己、庚辛", id="1", tags=("海藻",)), policy("粮食", id="2", tags=("其他",))]
    entry = policy("甲乙戊己", "庚辛，丙丁", documents=("乙丙",))
    [found] = Tagger(PLAIN, tagged).suggest(entry, min_score=0)
    assert sorted((evidence.field, evidence.words) for evidence in found.evidence) == [
        ("body", "丙丁"), ("body", "庚辛"), ("documents", "乙丙"), ("title", "甲乙戊己"),
    ]  # fmt: skip


def test_nothing_is_learned_where_nothing_sets_the_tag_apart() -> None:
    assert Tagger(PLAIN, ALGAE).suggest(policy("浅海藻类养殖办法"), min_score=0) == []
    assert Tagger(PLAIN, OTHERS + ALGAE).suggest(policy("图书馆"), min_score=0) == []


def test_thirty_thousand_characters_of_a_body_are_read() -> None:
    read, unread = (policy(body="前" * before + "海带") for before in (29_998, 29_999))
    assert names(Tagger(KELP).suggest(read, min_score=0)) == ["海带"]
    assert Tagger(KELP).suggest(unread, min_score=0) == []


def test_a_passage_is_of_one_sentence_and_one_line() -> None:
    for before, after in (("前。", "。后"), ("前！", "！后"), ("前？", "？后"), ("前；", "；后"), ("前\n", "\n后")):
        [found] = Tagger(KELP).suggest(policy(body=f"{before}海带，养殖{after}"), min_score=0)
        assert found.evidence[0].text == "海带，养殖"


def test_a_tag_that_only_the_entry_itself_has_keeps_no_other_from_being_learned() -> None:
    tagged = [
        policy("海藻规划", id="1", tags=("其他",)),
        policy("海藻类", id="2", tags=("海藻",)),
        policy("粮食", id="3", tags=("粮",)),
    ]
    assert names(Tagger(vocabulary(其他=[], 海藻=[], 粮=[]), tagged).suggest(tagged[0], min_score=0)) == ["海藻"]


def test_an_entry_never_speaks_for_its_own_tags() -> None:
    entry = replace(CORPUS[0], tags=("焦化",))
    others = CORPUS[1:]
    alone = Tagger(VOCABULARY, others).suggest(entry, min_score=0)
    assert Tagger(VOCABULARY, [entry, *others]).suggest(entry, min_score=0) == alone
    assert Tagger(VOCABULARY, [*others, entry, entry]).suggest(entry, min_score=0) == alone
    assert Tagger(VOCABULARY, [entry]).suggest(entry) == Tagger(VOCABULARY).suggest(entry)


def test_entries_teach_with_names_and_aliases_that_the_vocabulary_knows() -> None:
    tags = [Tag("海藻", "topic", "Algae.", aliases=("藻类",)), Tag("其他", "topic", "The rest.")]
    called = [replace(entry, tags=("藻类", "不存在")) for entry in ALGAE]
    new = policy("关于浅海藻类养殖的意见")
    assert Tagger(Vocabulary(tags), OTHERS + called).suggest(new) == Tagger(Vocabulary(tags), OTHERS + ALGAE).suggest(
        new
    )
    retired = Vocabulary([Tag("海藻", "", "", retired=True), tags[1]])
    assert "海藻" not in names(Tagger(retired, OTHERS + ALGAE).suggest(new, min_score=0))


def test_untagged_entries_teach_nothing() -> None:
    silent = [replace(entry, id=f"{entry.id}-", tags=()) for entry in HELDOUT]
    entry = CORPUS[3]
    assert Tagger(VOCABULARY, CORPUS + silent).suggest(entry) == Tagger(VOCABULARY, CORPUS).suggest(entry)


def test_the_order_of_entries_does_not_matter() -> None:
    shuffled = CORPUS.copy()
    random.Random(1).shuffle(shuffled)
    one, other = Tagger(VOCABULARY, CORPUS), Tagger(VOCABULARY, shuffled)
    for entry in BLIND:
        assert one.suggest(entry) == other.suggest(entry)


def test_the_same_in_every_process() -> None:
    code = (
        "from test_tagging import *\n"
        "tagger = Tagger(VOCABULARY, CORPUS)\n"
        "print(repr([tagger.suggest(entry, min_score=0) for entry in BLIND]))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT / "tests",
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
    assert len(outputs.pop()) > 10_000


# ---- what a person rejected


@pytest.mark.parametrize(
    "value",
    [["碳市场"], ("碳市场",), "碳市场", "发电、碳市场", "发电， 碳市场", ["全国碳市场"], ["不存在", 7, "碳市场"]],
)
def test_rejected_tags_stay_rejected(value: object) -> None:
    entry = policy("碳排放权交易管理办法", "碳市场。")
    tagger = Tagger(VOCABULARY, CORPUS)
    assert "碳市场" in names(tagger.suggest(entry))
    assert "碳市场" not in names(tagger.suggest(replace(entry, extra={"rejected_tags": value}), min_score=0))


@pytest.mark.parametrize(
    ("value", "after"),
    [
        ("碳市场", ("碳市场", "碳核算")),
        ("碳市场、 碳汇，工业减碳", ("碳市场", "碳汇", "工业减碳", "碳核算")),
        ("[碳市场]", ("碳市场", "碳核算")),
        ("碳核算、碳市场", ("碳核算", "碳市场")),
    ],
)
def test_what_was_rejected_in_one_text_stays_so_when_another_tag_goes(
    tmp_path: Path, value: str, after: tuple[str, ...]
) -> None:
    """Regression: the text was no list, so it was dropped when the next tag was rejected."""
    path = tmp_path / "甲.md"
    head = f"title: 甲\ndate: 2024-06-04\nissuers: 国务院、 生态环境部\ntags: [碳核算]\nrejected_tags: {value}\n"
    path.write_text(f"---\n{head}---\n\n正文\n", encoding="utf-8")
    corpus = Corpus(tmp_path)
    retag(corpus, VOCABULARY, [path], remove=["碳核算"])
    changed = corpus.read(path)
    assert changed.issuers == ("国务院", "生态环境部")
    assert changed.tags == ()
    assert listed_names(changed.extra["rejected_tags"]) == list(after)


@pytest.mark.parametrize("value", [None, 3, {}, [], "", ["发电"]])
def test_other_tags_are_not_rejected(value: object) -> None:
    entry = policy("碳排放权交易管理办法", extra={"rejected_tags": value})
    assert "碳市场" in names(Tagger(VOCABULARY).suggest(entry))


def test_a_rejected_tag_leaves_its_place_to_the_next() -> None:
    tags = {f"第{number}": [Trigger((word,), 4.0 + number / 10)] for number, word in enumerate("甲乙丙丁戊己")}
    entry = policy("甲乙丙丁戊己", extra={"rejected_tags": ["第5"]})
    assert names(Tagger(vocabulary(**tags)).suggest(entry)) == ["第4", "第3", "第2", "第1", "第0"]


# ---- the evaluation


def test_evaluation_counts() -> None:
    tags = vocabulary(甲=[Trigger(("甲类",), 5.0)], 乙=[Trigger(("乙类",), 5.0)], 丙=[Trigger(("丙类",), 5.0)])
    found = evaluate(
        tags,
        [
            policy("甲类", id="1", tags=("甲",)),
            policy("甲类乙类", id="2", tags=("甲",), extra={"rejected_tags": ["乙"]}),
            policy("丁类", id="3", tags=("乙",)),
            policy("丙类", id="4"),
        ],
    )
    assert found.entries == 3
    assert dict(found.tags) == {"甲": Figures(2, 0, 0), "乙": Figures(0, 1, 1)}
    assert found.micro == Figures(2, 1, 1)
    assert found.macro_f1 == 0.5
    assert [(mistake.id, mistake.tag, mistake.given) for mistake in found.mistakes] == [
        ("3", "乙", False),
        ("2", "乙", True),
    ]
    missed, wrong = found.mistakes
    assert (missed.title, missed.score, missed.evidence) == ("丁类", pytest.approx(1 / (1 + math.exp(3))), ())
    assert wrong.evidence[0].words == "乙类"
    assert (missed.severity, wrong.severity) == (1 - missed.score, wrong.score)


def test_evaluation_of_the_corpus_agrees_with_leaving_each_out_by_hand() -> None:
    right = 0
    for number, entry in enumerate(CORPUS):
        tagger = Tagger(VOCABULARY, CORPUS[:number] + CORPUS[number + 1 :])
        right += len(set(names(tagger.suggest(entry))) & set(entry.tags))
    found = evaluate(VOCABULARY, CORPUS)
    assert found.micro.right == right
    assert found.micro.right + found.micro.missed == sum(len(entry.tags) for entry in CORPUS)
    severities = [mistake.severity for mistake in found.mistakes]
    assert severities == sorted(severities, reverse=True)
    assert len(severities) == found.micro.wrong + found.micro.missed
    assert list(found.tags) == [tag for tag in VOCABULARY if tag in found.tags]


def test_evaluation_with_another_least_score() -> None:
    strict, loose = (evaluate(VOCABULARY, CORPUS, min_score=least).micro for least in (0.9, 0.2))
    assert strict.recall < loose.recall
    assert strict.precision > loose.precision


def test_evaluation_of_nothing() -> None:
    found = evaluate(VOCABULARY, [policy("碳市场")])
    assert (found.entries, dict(found.tags), found.micro, found.macro_f1, found.mistakes) == (
        0, {}, Figures(0, 0, 0), 0.0, (),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("counts", "precision", "recall", "f1"),
    [
        ((3, 1, 2), 0.75, 0.6, 2 / 3),
        ((0, 2, 0), 0, 0, 0),
        ((0, 0, 2), 0, 0, 0),
        ((2, 0, 0), 1, 1, 1),
        ((0, 0, 0), 0, 0, 0),
    ],
)
def test_figures(counts: tuple[int, int, int], precision: float, recall: float, f1: float) -> None:
    found = Figures(*counts)
    assert (found.precision, found.recall, found.f1) == pytest.approx((precision, recall, f1))


# ---- terms that no tag covers


def halves(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(0, len(run), 2)]


def test_terms_without_tag() -> None:
    entries = [
        policy("海带碳汇通知", "海带。", id="1", kind="通知"),
        policy("通知海带育苗", "", id="2"),
        policy("通知", "紫菜，紫菜。石莼。", id="3", issuers=("农委",)),
        policy("农委通知", documents=("紫菜育苗",), id="4"),
        policy("农委通知", "石莼。石莼通知。", id="5"),
        policy("通知", "育苗，育苗，2024，2024", id="6"),
        policy("2024通知", "推进，推进。什么，什么。", id="7"),
        policy("通知", "海带育苗，推进，推进。什么，什么。", id="8"),
        *(policy("海的通知", "推进。", id=str(number)) for number in (9, 10, 11)),
    ]
    found = frequent_terms_without_tag(entries, VOCABULARY, halves)
    assert found == [("育苗", 3, ("2", "4", "6")), ("海带", 2, ("1", "2")), ("紫菜", 2, ("3", "4"))]


def test_the_longer_of_terms_that_always_stand_together() -> None:
    entries = [policy("海带育苗试点", id=str(number)) for number in range(7)]
    assert frequent_terms_without_tag(entries, VOCABULARY, halves) == [("海带育苗试点", 7, ("0", "1", "2", "3", "4"))]


def test_terms_of_up_to_three_words() -> None:
    entries = [policy("海带育苗试点项目", id=str(number)) for number in range(2)]
    found = frequent_terms_without_tag(entries, VOCABULARY, halves)
    assert [term.term for term in found] == ["海带育苗试点", "育苗试点项目"]


def test_terms_of_up_to_eight_characters_that_are_no_status() -> None:
    entries = [
        policy(title, id=str(n), status="征求意见稿") for n in range(2) for title in ("甲" * 8, "乙" * 9, "征求意见稿")
    ]
    assert [term.term for term in frequent_terms_without_tag(entries, VOCABULARY, lambda run: [run])] == ["甲" * 8]


def test_no_terms_without_policies() -> None:
    assert frequent_terms_without_tag([], VOCABULARY, halves) == []


# ---- whatever the text

TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(
        st.sampled_from(
            [
                "碳市场",
                "碳足迹",
                "《",
                "》",
                "\n\n",
                "\n- ",
                " ",
                "，",
                "CCER",
                "ＣＣＥＲ",
                "水泥、",
                "节能",
                "ﬃ",
                "\ud800",
            ]
        ),
        max_size=60,
    ).map("".join),
)


@examples(150)
@given(title=TEXTS, body=TEXTS, names=st.lists(TEXTS, max_size=2))
def test_any_text_is_read_and_explained(title: str, body: str, names: list[str]) -> None:
    entry = policy(title, body, documents=tuple(names))
    found = checked(TAGGER, entry)
    assert TAGGER.suggest(entry, min_score=0) == found


def test_a_huge_body_is_read_from_the_beginning() -> None:
    start = time.process_time()
    found = TAGGER.suggest(policy("通知", "碳排放权交易市场配额。\n\n" * 300_000))
    assert names(found)[0] == "碳市场"
    assert time.process_time() - start < 5


# ---- All proposals are written, or none

KILLED = """
import os, signal, sys
from policykb.files import journal
from policykb.__main__ import main

name, left = sys.argv[1], int(sys.argv[2])
really = getattr(journal, name)

def die_at_the_last(*args, **options):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))  # Windows ends it at once for any
    return really(*args, **options)

setattr(journal, name, die_at_the_last)
sys.argv[1:] = sys.argv[3:]
main()
"""


@pytest.fixture(scope="module")
def half_tagged(shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A knowledge base in which most entries have no tags, and those that get some would teach about the others."""
    root = tmp_path_factory.mktemp("tagging") / "kb"
    shutil.copytree(shipped, root, ignore=shutil.ignore_patterns("index"))
    corpus = Corpus(root / "corpus")
    for number, path in enumerate(corpus.paths()):
        if number % 4:
            corpus.update(path, {"tags": []})
    return root


def all_tags(root: Path) -> dict[str, tuple[str, ...]]:
    return {policy.id: policy.tags for policy in Corpus(root / "corpus").policies()}


def apply_all(root: Path, *before: str) -> int:
    command = [sys.executable, *(before or ("-m", "policykb")), "--kb", str(root), "tag", "--untagged", "--apply"]
    return subprocess.run(command, capture_output=True, check=False).returncode


@pytest.mark.parametrize(
    ("at", "number"), [("stage", 4), ("_begin", 0), ("_put", 0), ("_put", 1), ("_put", 12), ("sync", 1)]
)
def test_proposals_that_were_killed_and_run_again_are_as_if_run_once(
    half_tagged: Path, tmp_path: Path, at: str, number: int
) -> None:
    """Regression: they were written one by one, and the second run learned from what the first had written."""
    once, again = shutil.copytree(half_tagged, tmp_path / "once"), shutil.copytree(half_tagged, tmp_path / "again")
    assert apply_all(once) == 0
    assert apply_all(again, "-c", KILLED, at, str(number)) == (signal.SIGTERM if os.name == "nt" else -signal.SIGKILL)
    assert apply_all(again) == 0
    assert all_tags(again) == all_tags(once) != all_tags(half_tagged)
    assert not (again / "corpus" / JOURNAL).exists()
