"""The search against the judgments of `benchmarks/judgments.toml`: its targets, and that the judgments are sound."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from benchmarks import ranking
from benchmarks.ranking import Judgment, Scores
from policykb.domain.policy import Policy
from policykb.kb import KnowledgeBase
from policykb.text.fold import fold

QUERIES = 70  # judged at the least
TYPED_ALONE = ("keyword", "abbreviation", "synonym", "traditional", "substring")


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    with KnowledgeBase.open(ranking.ROOT, index=tmp_path_factory.mktemp("judged") / "index") as kb:
        yield kb


@pytest.fixture(scope="module")
def policies(kb: KnowledgeBase) -> Sequence[Policy]:
    return list(kb.policies())


@pytest.fixture(scope="module")
def judgments(policies: Sequence[Policy]) -> Sequence[Judgment]:
    return ranking.read_judgments(ranking.JUDGMENTS, [policy.id for policy in policies])


def _shortcomings(judgments: Sequence[Judgment], scores: Sequence[Scores]) -> str:
    pairs = sorted(zip(scores, judgments, strict=True), key=lambda pair: (pair[0].recall, pair[0].ndcg))
    lines = [f"{score.ndcg:.3f} {score.recall:.2f} {judgment.label}" for score, judgment in pairs[:25]]
    return "\n".join(["worst queries (nDCG@10, recall):", *lines])


def test_ranking_reaches_its_target(kb: KnowledgeBase, judgments: Sequence[Judgment]) -> None:
    scores = ranking.evaluate(ranking.policykb(kb), judgments)
    assert Scores.mean(scores).ndcg >= 0.95, _shortcomings(judgments, scores)


def test_nothing_relevant_is_missed(kb: KnowledgeBase, judgments: Sequence[Judgment]) -> None:
    scores = ranking.evaluate(ranking.policykb(kb), judgments)
    assert Scores.mean(scores).recall == 1, _shortcomings(judgments, scores)


def test_ranking_beats_the_baselines(kb: KnowledgeBase, judgments: Sequence[Judgment], tmp_path: Path) -> None:
    scores = ranking.compare(kb, judgments, tmp_path)
    ours, *baselines = (Scores.mean(values) for values in scores.values())
    assert len(baselines) == 2
    for baseline in baselines:
        assert ours.ndcg > baseline.ndcg
        assert ours.reciprocal > baseline.reciprocal


def test_judgments_are_many_and_of_every_kind(judgments: Sequence[Judgment]) -> None:
    assert len(judgments) >= QUERIES
    repeated = [label for label, count in Counter(judgment.label for judgment in judgments).items() if count > 1]
    assert repeated == []
    kinds = Counter(judgment.kind for judgment in judgments)
    assert set(kinds) == {
        *TYPED_ALONE,
        "words",
        "question",
        "filters",
        "number",
        "title",
        "phrase",
        "latin",
        "language",
    }
    assert min(kinds.values()) >= 4


def test_an_entry_that_contains_a_word_typed_alone_is_judged(
    judgments: Sequence[Judgment], policies: Sequence[Policy]
) -> None:
    for judgment in judgments:
        if judgment.kind in TYPED_ALONE:
            word = fold(judgment.text)
            holding = {p.id for p in policies if word in fold("\n\n".join([p.title, *p.documents, p.body]))}
            assert holding <= judgment.grades.keys(), judgment.label


@pytest.mark.parametrize(
    ("found", "grades", "expected"),
    [
        # (2^3-1)/log2(2) + (2^1-1)/log2(3) = 7.631 is ideal
        (["a", "b"], {"a": 3, "b": 1}, Scores(1, 1, 1, 1)),
        (["b", "a"], {"a": 3, "b": 1}, Scores((1 + 7 / 1.584963) / 7.630930, 1, 1, 1)),
        (["x", "a"], {"a": 3, "b": 1}, Scores(7 / 1.584963 / 7.630930, 0.5, 0.5, 0.5)),
        ([*"0123456789", "a"], {"a": 2}, Scores(0, 1, 0, 1 / 11)),
        ([], {"a": 2}, Scores(0, 0, 0, 0)),
    ],
)
def test_measures(found: Sequence[str], grades: dict[str, int], expected: Scores) -> None:
    scores = Scores.of(found, grades)
    assert (scores.ndcg, scores.recall, scores.recall_at, scores.reciprocal) == pytest.approx(
        (expected.ndcg, expected.recall, expected.recall_at, expected.reciprocal), rel=1e-5
    )


def test_an_entry_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "judgments.toml"
    file.write_text('[[query]]\ntext = "配额"\nkind = "keyword"\nwanted = ["b"]\n', encoding="utf-8")
    with pytest.raises(ValueError, match="'配额': 'b' is no entry"):
        ranking.read_judgments(file, ["a1", "a2"])
    with pytest.raises(ValueError, match=r"\['b1', 'b2'\]"):
        ranking.read_judgments(file, ["b1", "b2"])
