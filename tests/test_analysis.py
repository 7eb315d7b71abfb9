"""Folding, cutting and bigrams."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from policykb.kb import KnowledgeBase
from policykb.text.bigrams import bigrams, runs
from policykb.text.fold import fold, fold_with_offsets
from policykb.text.lexicon import Lexicon
from policykb.text.lexicon_file import compile_lexicon
from properties import examples

HAN = "碳排放权交易市场配额国家发展改革委员会生态环境部水泥钢铁电解铝的了和有什么规定核证自愿减排量双碳𠮷𠀀〇々龍門碳足跡權發電廠後麼臺"
LATIN = "abcXYZCO2tkgＣＯ₂Hh０１２３éß①Ⅲſİﬁ½㎏Σςя한か゛ガﾊﾟ"
MARKS = " 　\n，。、；：（）()[]〔〕《》<>“”\"'*_`#-+|>/\\—·…%.,!?~^\t\u200b\xad\u0301=&$@\r\x00\x1b\x1f"
pieces = st.one_of(
    st.text(HAN, min_size=1, max_size=8),
    st.text(LATIN, min_size=1, max_size=5),
    st.text(MARKS, min_size=1, max_size=3),
    st.sampled_from(["\n\n", "\n- ", "\n## ", "\n1. ", "**", "__", "`", "全国碳排放权交易市场", "tCO₂/MWh", "0.5942"]),
    st.characters(),
)
texts = st.lists(pieces, max_size=25).map("".join)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CO2", "CO₂"),
        ("CO2", "ＣＯ２"),
        ("co2", "CO²"),
        ("2024", "２０２４"),
        ("ＨＦＣ－３２", "hfc-32"),
        ("㎏", "kg"),
        ("½", "1⁄2"),
        ("①", "1"),
        ("Ⅲ", "iii"),
        ("ﬁ", "FI"),
        ("école", "ECOLE"),
        ("e\u0301cole", "ecole"),
        ("Straße", "STRASSE"),
        ("碳足跡", "碳足迹"),
        ("碳排放權交易", "碳排放权交易"),
        ("國務院辦公廳", "国务院办公厅"),
        ("發電廠", "发电厂"),
        ("〔2024〕", "[2024]"),
        ("（2024）", "(2024)"),
        ("【2024】", "〔2024〕"),
        ("｛2024｝", "［2024］"),
        ("《方案》", "<方案>"),
        ("《方案》", "〈方案〉"),
        ("“双碳”", '"双碳"'),
        ("「双碳」", "『双碳』"),
        ("‘双碳’", "“双碳”"),
        ("2024—2025年", "2024-2025年"),
        ("2024–2025年", "2024－2025年"),
        ("到 2030 年", "到2030年"),
        ("碳 足　迹", "碳足迹"),
        ("碳足\n迹", "碳足迹"),
        ("碳足  \n  迹", "碳足迹"),
        ("碳足\r\n迹", "碳足迹"),
        ("碳\u200b足\u00ad迹", "碳足迹"),
        ("\x00碳\ud800足迹", "碳足迹"),
        ("**碳足迹**管理", "碳足迹管理"),
        ("`碳足迹`管理", "碳足迹管理"),
        ("carbon  \n footprint", "carbon footprint"),
        ("15 部门", "15部门"),
        ("", ""),
        (" \n ", ""),
    ],
)
def test_written_differently_matched_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("carbon footprint", "carbonfootprint"),
        ("12 5", "125"),
        ("碳足\n\n迹", "碳足迹"),
        ("碳足\n- 迹", "碳足迹"),
        ("碳足\n## 迹", "碳足迹"),
        ("碳足\n> 迹", "碳足迹"),
        ("碳足\n| 迹", "碳足迹"),
        ("碳足\n1. 迹", "碳足迹"),
        ("碳，足迹", "碳足迹"),
        ("千", "干"),
        ("(2024)", "<2024>"),
    ],
)
def test_what_stays_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@pytest.mark.parametrize(
    ("wrapped", "whole"),
    [
        ("HFC\n-32", "HFC-32"),
        ("碳市场\n——全国", "碳市场——全国"),
        ("碳管理\n》的通知", "碳管理》的通知"),
        ("温度\n-5度", "温度-5度"),
        ("碳市场\n#1号", "碳市场#1号"),
        ("碳市场\n+5", "碳市场+5"),
        ("碳市场\n>5", "碳市场>5"),
        ("约占\n15.3%", "约占15.3%"),
        ("这是\n**碳足迹**的", "这是碳足迹的"),
    ],
)
def test_a_wrap_inside_a_paragraph_is_no_end(wrapped: str, whole: str) -> None:
    assert fold(wrapped) == fold(whole)


def test_unicode_says_nothing_further_of_a_han_character() -> None:
    every = "".join(map(chr, range(0x4E00, 0xA000)))
    assert unicodedata.normalize("NFKD", every).casefold() == every
    assert len(fold(every)) == len(every)


@given(texts)
@example("前\n\n\n- 后")
@example("a \n b\x1f\n")
@examples(400)
def test_offsets_of_the_folded_text(text: str) -> None:
    folded, offsets = fold_with_offsets(text)
    assert folded == fold(text)
    assert len(offsets) == len(folded)
    assert offsets == sorted(offsets)
    assert all(0 <= offset < len(text) for offset in offsets)


@given(st.text(HAN + LATIN, min_size=1))
def test_an_offset_points_at_the_character(text: str) -> None:
    folded, offsets = fold_with_offsets(text)
    for char, offset in zip(folded, offsets, strict=True):
        assert char == " " or char in fold(text[offset])  # a space at the end of a text goes, inside it stays


@given(st.text(HAN + "abc123，。、（）《》 ", max_size=60))
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(HAN + "abc12，。 ", min_size=1, max_size=60), st.data())
def test_the_pairs_of_a_part_are_pairs_of_the_whole(text: str, data: st.DataObject) -> None:
    folded = fold(text)
    start = data.draw(st.integers(0, len(folded)))
    part = folded[start : data.draw(st.integers(start, len(folded)))]
    whole = bigrams(folded)
    for run in runs(part):
        if len(run) == 1:
            assert any(pair[0] == run or pair == run for pair in whole)
        assert {a + b for a, b in zip(run, run[1:], strict=False)} <= whole


# -- cutting


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory, kb: KnowledgeBase) -> Path:
    """The lexicon of the shipped knowledge base."""
    return next(kb.engine.index.folder.glob("lexicon*"))


@pytest.fixture(scope="module")
def loaded(compiled: Path) -> Lexicon:
    return Lexicon.load(compiled)


@pytest.fixture(scope="module")
def opened(compiled: Path) -> Lexicon:
    return Lexicon.open(compiled)


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """jieba itself, with its own dictionary and nothing else."""
    import logging
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jieba
    jieba.setLogLevel(logging.CRITICAL)
    tokenizer = jieba.Tokenizer()
    tokenizer.tmp_dir = str(tmp_path_factory.mktemp("jieba"))
    tokenizer.initialize()
    return tokenizer


def random_texts(kb: KnowledgeBase, count: int) -> list[str]:
    """Stretches of the corpus, and characters and words of it thrown together."""
    chance = random.Random(1)
    bodies = [fold(policy.body) for policy in kb.policies()]
    characters = "".join(bodies)
    found = []
    for number in range(count):
        if number % 2:
            body = chance.choice(bodies)
            start = chance.randrange(len(body))
            found.append(body[start : start + chance.randint(1, 80)])
        else:
            starts = [chance.randrange(len(characters) - 4) for _ in range(chance.randint(1, 12))]
            found.append("".join(characters[start : start + chance.randint(1, 4)] for start in starts))
    return found


def han_runs(text: str) -> list[str]:
    return [run for run in runs(text) if all("\u4e00" <= char <= "\u9fff" for char in run)]


def test_words_are_cut_as_jieba_cuts_them(
    kb: KnowledgeBase, reference: object, tmp_path_factory: pytest.TempPathFactory
) -> None:
    plain = tmp_path_factory.mktemp("plain") / "lexicon"
    compile_lexicon(plain, [])
    lexicon = Lexicon.open(plain)
    compared = 0
    for text in random_texts(kb, 300):
        for run in han_runs(text):
            assert lexicon.cut(run) == list(reference.cut(run, HMM=False)), run  # type: ignore[attr-defined]
            compared += 1
    assert compared > 500


def test_terms_are_cut_as_jieba_cuts_them_with_the_terms_added(
    kb: KnowledgeBase, reference: object, tmp_path_factory: pytest.TempPathFactory
) -> None:
    terms = ["配额结转", "全国碳排放权交易市场", "碳足迹标识", "掺烧", "林权制度改革"]
    own = tmp_path_factory.mktemp("own") / "lexicon"
    compile_lexicon(own, terms)
    lexicon = Lexicon.open(own)
    for term in terms:
        reference.add_word(term)  # type: ignore[attr-defined]
        assert lexicon.cut(term) == [term]
    for policy in kb.policies():
        for run in han_runs(fold(policy.body)):
            assert lexicon.cut(run) == list(reference.cut(run, HMM=False)), run  # type: ignore[attr-defined]
    for term in terms:
        reference.del_word(term)  # type: ignore[attr-defined]


def test_mapped_and_loaded_lexicon_cut_alike(kb: KnowledgeBase, opened: Lexicon, loaded: Lexicon) -> None:
    for text in random_texts(kb, 300):
        assert list(opened.tokens(text)) == list(loaded.tokens(text))


@given(texts)
@examples(150)
def test_mapped_and_loaded_lexicon_cut_any_text_alike(opened: Lexicon, loaded: Lexicon, text: str) -> None:
    folded = fold(text)
    tokens = list(opened.tokens(folded))
    assert tokens == list(loaded.tokens(folded))
    words = [token for token in tokens if not token.nested]
    assert [token.position for token in words] == list(range(len(words)))
    at = 0
    for token in words:
        at = folded.index(token.word, at) + len(token.word)
    holders = {token.position: token.word for token in words}
    for token in tokens:
        if token.nested:
            assert token.word in holders[token.position]
            assert token.word != holders[token.position]


def test_nothing_that_is_written_is_left_out_of_the_words(kb: KnowledgeBase, opened: Lexicon) -> None:
    for policy in kb.policies():
        folded = fold(policy.title)
        assert "".join(runs("".join(opened.cut(folded)))) == "".join(runs(folded))


@pytest.mark.parametrize(
    "term",
    ["碳足迹", "碳排放权交易", "全国碳排放权交易市场", "核证自愿减排量", "氢氟碳化物", "气候投融资", "电解铝", "掺烧",
     "重点排放单位", "国家发展和改革委员会", "发改委", "绿电绿证", "碳排放双控"],
)  # fmt: skip
def test_words_of_the_field_are_words(opened: Lexicon, term: str) -> None:
    assert opened.cut(term) == [term]


def test_nested_terms(opened: Lexicon) -> None:
    words = {token.word for token in opened.tokens("全国碳排放权交易市场")}
    assert {"全国碳排放权交易市场", "碳排放权", "碳排放", "交易市场", "全国"} <= words
    assert [(t.word, t.nested) for t in opened.tokens("tco2/mwh")] == [
        ("tco2/mwh", False),
        ("tco2", True),
        ("mwh", True),
    ]


def test_a_knowledge_bases_own_terms(make_kb: Callable[..., KnowledgeBase]) -> None:
    base = make_kb("甲丙戊庚碳")
    assert "甲丙戊庚" not in base.engine.searcher.lexicon.cut("甲丙戊庚碳")
    base.close()
    (base.root / "corpus" / "terms.txt").write_text("# own\n甲丙戊庚\n", encoding="utf-8")
    assert base.engine.searcher.lexicon.cut("甲丙戊庚碳")[0] == "甲丙戊庚"
