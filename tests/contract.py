"""What every engine has to do, whichever it is: its answers held against brute force over the policies.

`test_engines.py` runs it over each engine. What no other engine could give alike stays out: which documents a question
finds in part, and scores.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import write_entry
from policykb.corpus.corpus import Corpus
from policykb.domain.daterange import DateRange
from policykb.domain.policy import Policy
from policykb.errors import CorpusError, IndexUnusableError
from policykb.search.engine import Engine
from policykb.search.nodes import And, Field, Not, Or, Phrase, Within, Word
from policykb.search.request import ALL, FILTERED, Filters, Result, SearchRequest
from policykb.search.snippets import LONGEST
from policykb.text.fold import fold

Start = Callable[[Corpus], Engine]

WORDS = [
    "碳排放",
    "配额",
    "水泥",
    "钢铁",
    "碳足迹",
    "企业",
    "核查",
    "双碳",
    "CO2",
    "结转",
    "〔2024〕9号",
    "Ａ",
    "的",
    "ﬁ",
]
ISSUERS, TAGS = ["生态环境部", "国务院", "财政部"], ["碳市场", "水泥", "钢铁"]
KINDS, STATUSES = ["通知", "意见", None], ["正式", "征求意见稿", None]
FACETS = {"issuer": "issuers", "tag": "tags", "kind": "kind", "status": "status", "level": "level", "region": "region"}

texts = st.lists(st.sampled_from([*WORDS, "，", "。\n\n", " "]), min_size=1, max_size=8).map("".join)
policies = st.builds(
    Policy,
    id=st.just(""),
    title=texts.map(lambda text: f"题{' '.join(text.split())}"),
    date=st.none() | st.dates(date(2024, 1, 1), date(2024, 4, 3)),
    issuers=st.lists(st.sampled_from(ISSUERS), min_size=1, max_size=2, unique=True).map(tuple),
    tags=st.lists(st.sampled_from(TAGS), max_size=2, unique=True).map(tuple),
    kind=st.sampled_from(KINDS),
    status=st.sampled_from(STATUSES),
    level=st.sampled_from([None, "法律", "规范性文件"]),
    region=st.sampled_from([None, "国家", "浙江省"]),
    body=texts.map(str.strip),
)
corpora = st.lists(policies, max_size=7)
periods = st.tuples(st.dates(date(2024, 1, 1), date(2024, 4, 9)), st.integers(1, 70)).map(
    lambda pair: DateRange(pair[0], date.fromordinal(pair[0].toordinal() + pair[1]))
)
filters = st.builds(
    Filters,
    dates=st.none() | periods,
    issuers=st.lists(st.sampled_from([*ISSUERS, "民政部"]), max_size=2, unique=True).map(tuple),
    tags=st.lists(st.sampled_from(TAGS), max_size=1).map(tuple),
    kinds=st.lists(st.sampled_from(["通知", "意见", "令"]), max_size=2, unique=True).map(tuple),
    statuses=st.lists(st.sampled_from(["正式"]), max_size=1).map(tuple),
    levels=st.lists(st.sampled_from(["法律", "部门规章"]), max_size=2, unique=True).map(tuple),
    regions=st.lists(st.sampled_from(["国家"]), max_size=1).map(tuple),
)
phrases = st.text("碳排放配额水泥双核查CO2co结转〔9号Ａaf", min_size=1, max_size=4).filter(
    lambda text: bool(fold(text))
)
leaves = st.one_of(
    phrases.map(Phrase),
    st.sampled_from(ISSUERS).map(lambda name: Field("issuer", name)),
    st.sampled_from(TAGS).map(lambda name: Field("tag", name)),
    (st.none() | periods).map(Within),
)
nodes = st.recursive(
    leaves,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(lambda items: And(tuple(items))),
        st.lists(inner, min_size=2, max_size=3).map(lambda items: Or(tuple(items))),
    ),
    max_leaves=5,
)


# -- brute force


def searched(policy: Policy) -> list[str]:
    return [fold(text) for text in (policy.title, "\n\n".join(policy.documents), policy.number or "", policy.body)]


def matches(node: object, policy: Policy) -> bool:
    """Whether an entry is what a tree of strings, fields and periods selects."""
    match node:
        case None:
            return True
        case Phrase():
            return any(fold(node.text) in text for text in searched(policy))
        case Field():
            value = getattr(policy, FACETS[node.name])
            return node.value in value if isinstance(value, tuple) else node.value == value
        case Within():
            if node.dates is None or policy.date is None:
                return node.dates is policy.date
            return node.dates.start <= policy.date < node.dates.end
        case Not():
            return not matches(node.item, policy)
        case And():
            return all(matches(item, policy) for item in node.items)
        case Or():
            return any(matches(item, policy) for item in node.items)
    raise AssertionError(node)


def passes(chosen: Filters, policy: Policy) -> bool:
    if chosen.dates and not matches(Within(chosen.dates), policy):
        return False
    if chosen.issuers and not set(chosen.issuers) & set(policy.issuers):
        return False
    if chosen.tags and not set(chosen.tags) & set(policy.tags):
        return False
    if (chosen.levels and policy.level not in chosen.levels) or (
        chosen.regions and policy.region not in chosen.regions
    ):
        return False
    return not (
        (chosen.kinds and policy.kind not in chosen.kinds) or (chosen.statuses and policy.status not in chosen.statuses)
    )


def counted(found: Iterable[Policy]) -> dict[str, dict[str, int]]:
    """The facets of some entries."""
    counts: dict[str, dict[str, int]] = {name: {} for name in (*FACETS, "month")}
    for policy in found:
        values = {
            "month": (policy.date.isoformat()[:7],) if policy.date else (),
            "issuer": policy.issuers,
            "tag": policy.tags,
        }
        values |= {
            name: (value,) if (value := getattr(policy, name)) else () for name in ("kind", "status", "level", "region")
        }
        for facet, names in values.items():
            for name in names:
                counts[facet][name] = counts[facet].get(name, 0) + 1
    return counts


def paths(result: Result) -> list[str]:
    return [hit.path for hit in result.hits]


def everything(engine: Engine) -> list[object]:
    """What can be seen of an engine that answers by the entries alone."""
    seen: list[object] = [sorted(engine.terms(field)) for field in FACETS]
    for node in (None, Phrase("碳"), Phrase("配额"), Word("碳排放"), Word("水泥"), Word("结转")):
        result = engine.search(SearchRequest(node, sort="oldest", match="all", limit=ALL, facets=True))
        seen.append((result.total, paths(result), result.facets, [hit.policy for hit in result.hits]))
    return seen


def refilled(start: Start, root: Path) -> Callable[[Sequence[Policy]], Engine]:
    """An engine over whatever entries it is given, named e00, e01 ...: one corpus and engine serve all examples."""
    (root / "corpus").mkdir()
    engine = start(Corpus(root / "corpus"))

    def over(entries: Sequence[Policy]) -> Engine:
        for path in (root / "corpus").glob("*.md"):
            path.unlink()
        for number, policy in enumerate(entries):
            write_entry(root, replace(policy, id=f"e{number:02}"))
        outcome = engine.refresh()
        assert outcome.entries == len(entries)
        assert not outcome.problems
        assert not outcome.remarks
        return engine

    return over


class Contract:
    """The suite; needs the fixtures ``start``, which makes an engine for a corpus, and ``base``, which is `refilled`."""

    @staticmethod
    def expected(entries: Sequence[Policy], node: object, chosen: Filters) -> dict[str, Policy]:
        found = {f"e{number:02}.md": policy for number, policy in enumerate(entries)}
        return {path: p for path, p in found.items() if matches(node, p) and passes(chosen, p)}

    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(corpora, st.lists(st.tuples(st.none() | nodes, filters), min_size=1, max_size=6))
    def test_everything_that_matches_is_found_and_counted(
        self, base: Callable[..., Engine], entries: list[Policy], asked: list[tuple[object, Filters]]
    ) -> None:
        engine = base(entries)
        for node, chosen in asked:
            wanted = self.expected(entries, node, chosen)
            request = SearchRequest(node, chosen, match="all", limit=ALL, facets=True)  # type: ignore[arg-type]
            result = engine.search(request)
            assert sorted(paths(result)) == sorted(wanted), (node, chosen)
            assert result.total == len(wanted)
            assert result.facets == counted(wanted.values())
            for hit in result.hits:
                assert replace(hit.policy, id="") == wanted[hit.path]
                assert len(hit.snippet.text) <= LONGEST * 2
            page = engine.search(request._replace(limit=1, offset=2))
            assert (page.total, page.facets) == (result.total, result.facets)
            beside = engine.search(request._replace(facets=False, facet_siblings=True))
            for facet, counts in beside.facets.items():  # as if nothing of the facet were chosen
                wider = self.expected(entries, node, chosen.without(FILTERED[facet]))
                assert counts == counted(wider.values())[facet]

    @settings(max_examples=30, suppress_health_check=list(HealthCheck))
    @given(
        corpora,
        st.sampled_from([None, Phrase("碳"), Word("碳排放"), Or((Word("水泥"), Phrase("配额")))]),
        st.integers(1, 4),
    )
    def test_pages_part_the_whole_in_one_order(
        self, base: Callable[..., Engine], entries: list[Policy], node: object, limit: int
    ) -> None:
        engine = base(entries)
        for sort in (None, "relevance", "newest", "oldest"):
            request = SearchRequest(node, match="all", sort=sort, limit=ALL)  # type: ignore[arg-type]
            whole = engine.search(request)
            assert paths(engine.search(request)) == paths(whole)
            pages = []
            for offset in range(0, whole.total + limit, limit):
                pages += paths(engine.search(request._replace(limit=limit, offset=offset)))
            assert pages == paths(whole)
            assert engine.search(request._replace(limit=0)).total == whole.total
            days = [hit.policy.date for hit in whole.hits]
            if request.order == "relevance":
                scores = [hit.score for hit in whole.hits]
                assert scores == sorted(scores, reverse=True)
            else:
                keys = [
                    (day is None, day and day.toordinal() * (1 if sort == "oldest" else -1), hit.path)
                    for day, hit in zip(days, whole.hits, strict=True)
                ]
                assert keys == sorted(keys)

    @pytest.mark.parametrize("seed", range(3))
    def test_many_updates_equal_one_build(self, start: Start, tmp_path: Path, seed: int) -> None:
        chance = random.Random(seed)
        root = tmp_path / "kb"
        (root / "corpus").mkdir(parents=True)
        engine = start(Corpus(root / "corpus"))
        for step in range(7):
            files = sorted((root / "corpus").glob("*.md"))
            for path in chance.sample(files, min(len(files), chance.randint(0, 3))):
                path.unlink()
            for _ in range(chance.randint(0, 5)):
                write_entry(root, any_policy(chance, f"{chance.randint(0, 20):03}"))
            outcome = engine.refresh()
            assert outcome.entries == len(list((root / "corpus").glob("*.md")))
            if step % 3 == 2:
                before = everything(engine)
                assert engine.refresh(rebuild=True).rebuilt
                assert everything(engine) == before
        engine.close()

    def test_what_a_refresh_says_it_did(self, start: Start, tmp_path: Path) -> None:
        for number in range(3):
            write_entry(tmp_path, replace(any_policy(random.Random(number), str(number)), body="甲"))
        engine = start(Corpus(tmp_path / "corpus"))
        outcome = engine.refresh()
        assert (outcome.entries, outcome.added, outcome.changed, outcome.removed) == (3, 3, 0, 0)
        (tmp_path / "corpus" / "0.md").unlink()
        write_entry(tmp_path, replace(any_policy(random.Random(1), "1"), body="乙"))
        write_entry(tmp_path, any_policy(random.Random(9), "9"))
        (tmp_path / "corpus" / "broken.md").write_text("---\ntitle: [\n---\n", encoding="utf-8")
        assert engine.is_stale()
        outcome = engine.refresh()
        assert (outcome.entries, outcome.added, outcome.changed, outcome.removed) == (3, 2, 1, 1)
        assert list(outcome.problems) == ["broken.md"]
        engine.close()

    def test_what_is_no_file_any_more_is_no_entry(self, start: Start, tmp_path: Path) -> None:
        for id in "ab":
            write_entry(tmp_path, Policy(id, "题", date(2024, 1, 1), ("财政部",), body="水泥"))
        engine = start(Corpus(tmp_path / "corpus"))
        engine.refresh()
        (tmp_path / "corpus" / "b.md").unlink()
        (tmp_path / "corpus" / "b.md").mkdir()
        outcome = engine.refresh()
        assert (outcome.entries, outcome.removed) == (1, 1)
        assert paths(engine.search(SearchRequest(Phrase("水泥")))) == ["a.md"]
        engine.close()

    def test_terms_are_those_of_entries_that_are_there(self, start: Start, tmp_path: Path) -> None:
        one = Policy("a", "题", date(2024, 1, 1), ("财政部", "民政部"), tags=("碳市场", "碳税"), kind="通知", body="甲")
        write_entry(tmp_path, one)
        write_entry(tmp_path, replace(one, id="b", issuers=("国务院",), tags=("水泥",), kind=None, status="试行"))
        engine = start(Corpus(tmp_path / "corpus"))
        assert list(engine.terms("tag")) == sorted(["水泥", "碳市场", "碳税"])
        assert list(engine.terms("tag", "碳")) == sorted(["碳市场", "碳税"])
        assert list(engine.terms("issuer")) == sorted(["国务院", "民政部", "财政部"])
        assert (list(engine.terms("kind")), list(engine.terms("status"))) == (["通知"], ["试行"])
        assert list(engine.terms("tag", "没有")) == []
        (tmp_path / "corpus" / "a.md").unlink()
        engine.refresh()
        assert (list(engine.terms("tag")), list(engine.terms("kind")), list(engine.terms("issuer", "财"))) == (
            ["水泥"],
            [],
            [],
        )
        engine.close()

    def test_numbers_are_found_as_they_are_typed_and_said(self, start: Start, tmp_path: Path) -> None:
        """By any part of the number, or up to its end where it is said with 号, or 号文."""
        one = Policy("a", "题", date(2024, 1, 1), ("财政部",), body="正")
        numbers = [
            "国办发〔2024〕39号",
            "国办发〔2023〕39号",
            "国办发〔2024〕139号",
            "国务院令第39号",
            "2024年第5号",
            "国发〔2024〕3号",
        ]
        for id, number in zip("abcdef", numbers, strict=True):
            write_entry(tmp_path, replace(one, id=id, number=number))
        write_entry(tmp_path, replace(one, id="g", body="国办发〔2024〕39号文，国办发〔2023〕39号文"))
        engine = start(Corpus(tmp_path / "corpus"))

        def found(node: object) -> str:
            request = SearchRequest(node, match="all", limit=ALL)  # type: ignore[arg-type]
            return "".join(path[:-3] for path in paths(engine.search(request)))

        for typed, wanted in {
            "39": "abcd", "39号": "abd", "３９号文": "abd", "第39号文件": "abd", "国办发39号": "ab", "令39号": "d",
            "国务院令第39号": "d", "国办发〔2024〕39号文": "a", "〔2024〕3号": "f", "〔2024〕3": "af", "2024": "acef", "2024号": "",
            "5": "e", "9": "abcd", "0": "abcef", "国": "abcdf", "令": "d", "8": "", "号": "d", "国" * 2000 + "39号": "",
        }.items():  # fmt: skip
            assert "".join(sorted(found(Field("number", typed)))) == wanted, typed
        for typed, same in {
            "39号文": "39号",
            "国办发39号文": "国办发39号",
            "国办发〔2024〕39号文件": numbers[0],
        }.items():
            assert found(Word(typed)) == found(Word(same)), typed
        assert sorted(found(Word("39号文"))) == sorted("abcdg")
        assert sorted(found(Word("39号文"))[:3]) == sorted("abd")  # those whose number it is
        assert sorted(found(Word("国办发39号文"))[:2]) == sorted("ab")
        assert found(Word("国办发〔2024〕39号文"))[0] == "a"
        engine.close()

    def test_similar_entries_never_hold_the_entry_itself(self, start: Start, tmp_path: Path) -> None:
        chance = random.Random(4)
        for number in range(12):
            write_entry(tmp_path, any_policy(chance, f"{number:02}"))
        engine = start(Corpus(tmp_path / "corpus"))
        for number in range(12):
            for limit in (0, 3, 50):
                found = engine.similar(f"{number:02}.md", limit)
                assert f"{number:02}.md" not in [hit.path for hit, _ in found]
                assert len(found) == len({hit.path for hit, _ in found}) <= limit
                assert [hit.score for hit, _ in found] == sorted((hit.score for hit, _ in found), reverse=True)
                assert all(shared for _, shared in found)
        with pytest.raises(CorpusError, match="not in the index"):
            engine.similar("none.md", 3)
        engine.close()

    def test_a_relation_that_a_person_refused_is_none(self, start: Start, tmp_path: Path) -> None:
        """Refused by id, of several versions that one of the day; by title; and of one type, where another is left."""
        law = Policy("2010-01-01-law", "丰泽法", date(2010, 1, 1), ("国务院",), kind="法律", body="正文。")
        later = replace(law, id="2020-01-01-law", date=date(2020, 1, 1))
        body = "根据《丰泽法》，制定本办法。"
        rests = Policy("2015-01-01-a", "甲办法", date(2015, 1, 1), ("财政部",), body=body)

        def refusing(id: str, target: str, type: str = "basis", body: str = body) -> Policy:
            refused = ({"type": type, "target": target},)
            return replace(rests, id=id, title=f"{id}办法", body=body, rejected_relations=refused)

        for policy in (
            law,
            later,
            rests,
            refusing("2015-01-01-by-id", law.id),
            refusing("2015-01-01-of-other", later.id),
            refusing("2015-01-01-by-title", law.title),
            refusing("2015-01-01-at-all", law.id, "cites"),
            refusing("2015-01-01-no-repeal", law.id, "repeals"),
        ):
            write_entry(tmp_path, policy)
        engine = start(Corpus(tmp_path / "corpus"))

        def found(type: str, value: str) -> list[str]:
            request = SearchRequest(Field(type, value), sort="oldest", match="all", limit=ALL)
            return sorted(path[11:-3] for path in paths(engine.search(request)))

        rest = ["a", "no-repeal", "of-other"]
        assert found("basis", "丰泽法") == found("basis", law.id) == found("basis", "丰泽") == rest
        assert found("cites", "丰泽法") == found("cites", law.id) == rest
        assert found("repeals", "丰泽法") == []
        engine.close()

    def test_after_closing_it_is_opened_again(self, start: Start, tmp_path: Path) -> None:
        one = Policy("a", "题", date(2024, 1, 1), ("财政部",), body="水泥")
        write_entry(tmp_path, one)
        engine = start(Corpus(tmp_path / "corpus"))
        with pytest.raises(IndexUnusableError):
            engine.open(fresh=False)
        request = SearchRequest(Phrase("水泥"))
        assert engine.search(request).total == 1
        for _ in range(2):
            engine.close()
        write_entry(tmp_path, replace(one, id="b"))
        engine.open(fresh=False)  # as it was
        assert engine.search(request).total == 1
        assert engine.is_stale()
        engine.open()  # it is open
        assert engine.search(request).total == 1
        for path in (tmp_path / "corpus").iterdir():
            os.utime(path, (1_600_000_000, 1_600_000_000))  # a young file may change again within the clock's tick
        engine.refresh()
        assert not engine.is_stale()
        engine.close()
        assert engine.search(request).total == 2  # the first use brings it up to date
        assert engine.cut("水泥")
        engine.close()

    def test_what_another_process_has_brought_up_to_date_is_seen(self, start: Start, tmp_path: Path) -> None:
        one = Policy("a", "题", date(2024, 1, 1), ("财政部",), body="水泥")
        write_entry(tmp_path, one)
        engine, other = start(Corpus(tmp_path / "corpus")), start(Corpus(tmp_path / "corpus"))
        request = SearchRequest(Phrase("水泥"))
        assert engine.search(request).total == 1
        write_entry(tmp_path, replace(one, id="b"))
        for path in (tmp_path / "corpus").iterdir():
            os.utime(path, (1_600_000_000, 1_600_000_000))  # a young file may change again within the clock's tick
        other.refresh()
        if engine.is_stale():  # as pages and watchers ask
            engine.refresh()
        assert engine.search(request).total == 2
        assert not engine.is_stale()
        engine.close()
        other.close()

    def test_two_knowledge_bases_do_not_see_one_another(self, start: Start, tmp_path: Path) -> None:
        engines = []
        for name in ("one", "other"):
            write_entry(tmp_path / name, Policy(name, "题", date(2024, 1, 1), ("财政部",), body="水泥"))
            engines.append(start(Corpus(tmp_path / name / "corpus")))
        for rebuild in (False, True):
            for engine in engines:
                assert engine.refresh(rebuild=rebuild).entries == 1
                assert engine.examine(mend=True) == ([], [])
            for engine in engines:
                found = engine.search(SearchRequest(Phrase("水泥")))
                assert [hit.path for hit in found.hits] == [f"{engine.corpus.root.parent.name}.md"]
        for engine in engines:
            engine.close()

    def test_a_sound_index_is_sound(self, start: Start, tmp_path: Path) -> None:
        write_entry(tmp_path, Policy("a", "题", date(2024, 1, 1), ("财政部",), body="水泥"))
        engine = start(Corpus(tmp_path / "corpus"))
        assert engine.examine() == ([], [])  # there is none
        engine.refresh()
        for mend in (False, True):
            assert engine.examine(mend=mend) == ([], [])
        engine.close()


def any_policy(chance: random.Random, id: str) -> Policy:
    body = "。\n\n".join("，".join(chance.choices(WORDS, k=chance.randint(1, 6))) for _ in range(chance.randint(1, 4)))
    return Policy(
        id, f"题{''.join(chance.choices(WORDS, k=2))}", date(2024, chance.randint(1, 3), chance.randint(1, 3)),
        tuple(chance.sample(ISSUERS, chance.randint(1, 2))), tags=tuple(chance.sample(TAGS, chance.randint(0, 2))),
        kind=chance.choice(KINDS), status=chance.choice(STATUSES), body=body,
    )  # fmt: skip
