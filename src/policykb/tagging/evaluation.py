"""How well the tagger agrees with the tags that entries have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from policykb.domain.policy import Policy
from policykb.domain.vocabulary import Vocabulary
from policykb.tagging.evidence import Evidence
from policykb.tagging.tagger import MIN_SCORE, PRIOR, Ranked, Tagger, best


@dataclass(frozen=True, slots=True)
class Figures:
    """How often a tag was given rightly, given wrongly, and missed."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        """The part of those given that was right, from 0 to 1; 0 if none was given."""
        return self.right / (self.right + self.wrong) if self.right else 0.0

    @property
    def recall(self) -> float:
        """The part of those due that was given, from 0 to 1; 0 if none was due."""
        return self.right / (self.right + self.missed) if self.right else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.right / (2 * self.right + self.wrong + self.missed) if self.right else 0.0


@dataclass(frozen=True, slots=True)
class Mistake:
    """A tag that an entry was ``given`` and does not have, or has and was not given; ``severity`` from 0 to 1."""

    id: str
    title: str
    tag: str
    given: bool
    score: float
    evidence: tuple[Evidence, ...]

    @property
    def severity(self) -> float:
        """How far the score was off."""
        return self.score if self.given else 1 - self.score


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What the tagger suggests for each of ``entries`` entries, having learned from all others, against their tags.

    ``micro`` counts all tags together, ``macro_f1`` is the mean over ``tags``, those that are due or given
    somewhere. The worst mistakes come first.
    """

    entries: int
    tags: Mapping[str, Figures]
    micro: Figures
    macro_f1: float
    mistakes: tuple[Mistake, ...]


def evaluate(vocabulary: Vocabulary, policies: Iterable[Policy], *, min_score: float = MIN_SCORE) -> Evaluation:
    """Leave-one-out over the policies that have tags; which ones were rejected for a policy is not told."""
    entries = [policy for policy in policies if policy.tags]
    tagger = Tagger(vocabulary, entries)
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    mistakes = []
    for policy in entries:
        ranked = tagger.ranked(policy)
        thoughts = {tag.tag: tag for tag in ranked}
        due = tagger.known(policy.tags)
        given = {tag.tag for tag in best(ranked, min_score)}
        for tag in due | given:
            counts[tag][0 if tag in due & given else 1 if tag in given else 2] += 1
        for tag in due ^ given:
            thought = thoughts.get(tag, Ranked(tag, PRIOR, ())).suggestion()
            mistakes.append(Mistake(policy.id, policy.title, tag, tag in given, thought.score, thought.evidence))
    tags = {tag: Figures(*counts[tag]) for tag in vocabulary if tag in counts}
    micro = Figures(*(sum(count[n] for count in counts.values()) for n in range(3)))
    macro_f1 = sum(tag.f1 for tag in tags.values()) / len(tags) if tags else 0.0
    mistakes.sort(key=lambda mistake: (-mistake.severity, mistake.id, mistake.tag))
    return Evaluation(len(entries), tags, micro, macro_f1, tuple(mistakes))
