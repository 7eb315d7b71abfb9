"""A policy -> the tags it should have, each with the evidence for it.

A tag's score is a probability: the logistic function of its prior plus the weights of its evidence, in log-odds.
Nothing else contributes, and the evidence lists every contribution. There are two kinds.

- *Triggers*, the vocabulary's own words. One in the title or in a document's name counts in full, a second one
  half. In the body mentions add up, the opening more than the end and little in the names of other documents;
  the sum saturates and is set against the length of the text and the mentions of other tags, so that neither a
  passing mention nor a list of everything gives a tag.
- *Learned*: pairs of characters that are far more frequent in the names and openings of the entries with a tag
  than in the others' (naive-Bayes log-odds), weighted by TF-IDF. With no tagged entry nothing is learned; each
  entry with the tag adds to the influence, and the prior falls, as likeness may then be expected. An entry
  never speaks for its own tags.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from math import exp

from policykb.domain.names import listed_names
from policykb.domain.policy import Policy
from policykb.domain.vocabulary import Vocabulary
from policykb.tagging.evidence import OPENING, Contribution, Evidence, PolicyText
from policykb.tagging.signals import Learned, Triggers

MIN_SCORE = 0.5
MOST_TAGS = 5
PRIOR = -3.0  # log-odds of a tag before anything is read
EXPECTED = 1.0  # by how much the prior falls with the trust in the entries with the tag


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A tag that a policy should have: ``score`` from 0 to 1, ``evidence`` by falling weight.

    ``score`` is 1 / (1 + exp(-x)), where x is ``prior`` plus the weights of the evidence.
    """

    tag: str
    score: float
    prior: float
    evidence: tuple[Evidence, ...]

    def as_dict(self) -> dict[str, object]:
        """The suggestion as JSON gives it."""
        return {
            "tag": self.tag,
            "score": round(self.score, 4),
            "prior": round(self.prior, 3),
            "evidence": [evidence.as_dict() for evidence in self.evidence],
        }


class Tagger:
    """Suggests tags of a vocabulary for policies, having learned from ``tagged`` ones.

    An entry teaches with those of its tags that the vocabulary knows, by name or alias; one without does not.
    """

    def __init__(self, vocabulary: Vocabulary, tagged: Iterable[Policy] = ()) -> None:
        self._vocabulary = vocabulary
        self._resolved: dict[str, str | None] = {}
        self._triggers = Triggers(vocabulary)
        self._learned = Learned(vocabulary.keys() - self._triggers.tags)
        self._tags: dict[str, frozenset[str]] = {}
        for policy in tagged:
            tags = self.known(policy.tags)
            if tags and policy.id not in self._tags:
                self._tags[policy.id] = tags
                self._learned.add(PolicyText(policy, most=2 * OPENING[1]), tags)

    def suggest(self, policy: Policy, *, min_score: float = MIN_SCORE) -> list[Suggestion]:
        """The tags that ``policy`` should have, best first: at most five, none below ``min_score``, maybe none.

        Tags that a person rejected for it (front-matter key ``rejected_tags``) are not among them; tags that it
        has already may be.
        """
        rejected = self.known(listed_names(policy.extra.get("rejected_tags")))
        allowed = [tag for tag in self.ranked(policy) if tag.tag not in rejected]
        return [tag.suggestion() for tag in best(allowed, min_score)]

    def ranked(self, policy: Policy) -> list[Ranked]:
        """All tags that anything speaks for, or against, best first; rejected ones included."""
        reading = PolicyText(policy)
        own = self._tags.get(policy.id)
        found = self._triggers.score(reading)
        for tag, contributions in self._learned.score(reading, own).items():
            found[tag] = found.get(tag, []) + contributions
        ranked = [
            Ranked(tag, PRIOR - EXPECTED * self._learned.trust(tag, own or ()), contributions)
            for tag, contributions in found.items()
        ]
        return sorted(ranked, key=lambda tag: (-tag.score, tag.tag))

    def known(self, names: Iterable[str]) -> frozenset[str]:
        """The tags of the vocabulary that ``names`` are the names or aliases of."""
        for name in names:
            if name not in self._resolved:
                self._resolved[name] = self._vocabulary.known(name)
        return frozenset(tag for name in names if (tag := self._resolved[name]))


class Ranked:
    """A tag with all that was found for it, not yet put into words."""

    def __init__(self, tag: str, prior: float, contributions: Collection[Contribution]) -> None:
        self.tag = tag
        self.prior = prior
        self.contributions = contributions
        self.score = 1 / (1 + exp(min(700.0, -prior - sum(found.weight for found in contributions))))

    def suggestion(self) -> Suggestion:
        """The tag with its evidence in words, the strongest first."""
        ordered = sorted(self.contributions, key=lambda found: (-found.weight, found.part.field, found.at))
        return Suggestion(self.tag, self.score, self.prior, tuple(found.evidence() for found in ordered))


def best(ranked: Iterable[Ranked], min_score: float) -> list[Ranked]:
    """The first of ranked tags that are sure enough, at most five."""
    return [tag for tag in ranked if tag.score >= min_score][:MOST_TAGS]
