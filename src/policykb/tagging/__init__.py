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

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from math import exp
from typing import NamedTuple

from policykb.analysis import DATA, fold, read_terms, runs
from policykb.errors import UnknownNameError
from policykb.policy import Policy
from policykb.tagging.evidence import OPENING, Contribution, Evidence, Reading
from policykb.tagging.signals import Learned, Triggers
from policykb.vocabulary import Vocabulary

__all__ = [
    "MIN_SCORE", "Evaluation", "Evidence", "Figures", "Mistake", "Suggestion", "Tagger", "Term", "evaluate",
    "frequent_terms_without_tag",
]  # fmt: skip

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
        """The machine form."""
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
                self._learned.add(Reading(policy, most=2 * OPENING[1]), tags)

    def suggest(self, policy: Policy, *, min_score: float = MIN_SCORE) -> list[Suggestion]:
        """The tags that ``policy`` should have, best first: at most five, none below ``min_score``, maybe none.

        Tags that a person rejected for it (front-matter key ``rejected_tags``) are not among them; tags that it
        has already may be.
        """
        rejected = self.known(_names(policy.extra.get("rejected_tags")))
        allowed = [tag for tag in self.ranked(policy) if tag.tag not in rejected]
        return [tag.suggestion() for tag in _best(allowed, min_score)]

    def ranked(self, policy: Policy) -> list[_Ranked]:
        """All tags that anything speaks for, or against, best first; rejected ones included."""
        reading = Reading(policy)
        own = self._tags.get(policy.id)
        found = self._triggers.score(reading)
        for tag, contributions in self._learned.score(reading, own).items():
            found[tag] = found.get(tag, []) + contributions
        ranked = [
            _Ranked(tag, PRIOR - EXPECTED * self._learned.trust(tag, own or ()), contributions)
            for tag, contributions in found.items()
        ]
        return sorted(ranked, key=lambda tag: (-tag.score, tag.tag))

    def known(self, names: Iterable[str]) -> frozenset[str]:
        """The tags of the vocabulary that ``names`` are the names or aliases of."""
        for name in names:
            if name not in self._resolved:
                try:
                    self._resolved[name] = self._vocabulary.resolve(name)
                except UnknownNameError:
                    self._resolved[name] = None
        return frozenset(tag for name in names if (tag := self._resolved[name]))


class _Ranked:
    """A tag with all that was found for it, not yet put into words."""

    def __init__(self, tag: str, prior: float, contributions: Collection[Contribution]) -> None:
        self.tag = tag
        self.prior = prior
        self.contributions = contributions
        self.score = 1 / (1 + exp(min(700.0, -prior - sum(found.weight for found in contributions))))

    def suggestion(self) -> Suggestion:
        ordered = sorted(self.contributions, key=lambda found: (-found.weight, found.part.field, found.at))
        return Suggestion(self.tag, self.score, self.prior, tuple(found.evidence() for found in ordered))


def _best(ranked: Iterable[_Ranked], min_score: float) -> list[_Ranked]:
    return [tag for tag in ranked if tag.score >= min_score][:MOST_TAGS]


def _names(value: object) -> list[str]:
    """The names in a value of the front matter: a list, or one text with 、 ， or , between them."""
    if isinstance(value, str):
        return re.split("[、，,]", value)
    return [name for name in value if isinstance(name, str)] if isinstance(value, list | tuple) else []


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
        given = {tag.tag for tag in _best(ranked, min_score)}
        for tag in due | given:
            counts[tag][0 if tag in due & given else 1 if tag in given else 2] += 1
        for tag in due ^ given:
            thought = thoughts.get(tag, _Ranked(tag, PRIOR, ())).suggestion()
            mistakes.append(Mistake(policy.id, policy.title, tag, tag in given, thought.score, thought.evidence))
    tags = {tag: Figures(*counts[tag]) for tag in vocabulary if tag in counts}
    micro = Figures(
        sum(tag.right for tag in tags.values()),
        sum(tag.wrong for tag in tags.values()),
        sum(tag.missed for tag in tags.values()),
    )
    macro_f1 = sum(tag.f1 for tag in tags.values()) / len(tags) if tags else 0.0
    mistakes.sort(key=lambda mistake: (-mistake.severity, mistake.id, mistake.tag))
    return Evaluation(len(entries), tags, micro, macro_f1, tuple(mistakes))


class Term(NamedTuple):
    """A term, in how many policies it is a subject, and the ids of the first five of them."""

    term: str
    documents: int
    ids: tuple[str, ...]


def frequent_terms_without_tag(
    policies: Iterable[Policy],
    vocabulary: Vocabulary,
    cut: Callable[[str], Iterable[str]],
    *,
    ignore: Iterable[str] = (),
) -> list[Term]:
    """Subjects of several policies that no tag's name, alias or trigger covers, the most frequent first.

    ``cut`` cuts folded text into words; terms are up to three words in a row, eight characters at most. A term is a
    subject where it is in the title or a document's name or stands twice in the body, and in at least half of the
    policies that have it at all: others belong to the language of policies. Terms that contain a covered word, a
    stop word, a kind of document (文种), a department that issued one of the policies or one of ``ignore``, or are
    part of one, are left out.
    """
    subjects: dict[str, list[str]] = defaultdict(list)
    having: Counter[str] = Counter()
    covered = {fold(word) for word in (*ignore, *read_terms(DATA / "stopwords.txt"))}
    for policy in policies:
        names = {term for text in (policy.title, *policy.documents) for term in _terms(text, cut)}
        body = Counter(_terms(policy.body, cut))
        having.update(names | body.keys())
        for term in names | {term for term, count in body.items() if count > 1}:
            subjects[term].append(policy.id)
        covered |= {fold(name) for name in (*policy.issuers, policy.kind or "", policy.status or "") if name}
    for tag in vocabulary.values():
        covered |= {fold(word) for word in (tag.name, *tag.aliases, *(w for t in tag.triggers for w in t.words))}
    text = "\n".join(covered)
    found = {
        term: ids
        for term, ids in subjects.items()
        if len(ids) > 1 and 2 * len(ids) >= having[term] and term not in text and not _parts(term) & covered
    }
    # Of 碳关 and 碳关税, subjects of the same policies, the longer is the term.
    inner = {part for term, ids in found.items() for part in _parts(term) if part != term and found.get(part) == ids}
    terms = [Term(term, len(ids), tuple(sorted(ids)[:5])) for term, ids in found.items() if term not in inner]
    return sorted(terms, key=lambda term: (-term.documents, -len(term.term), term.term))


def _terms(text: str, cut: Callable[[str], Iterable[str]]) -> list[str]:
    terms = []
    for run in runs(fold(text)):
        words = list(cut(run))
        for first in range(len(words)):
            for last in range(first + 1, min(first + 3, len(words)) + 1):
                term = "".join(words[first:last])
                if 2 <= len(term) <= 8 and not any(map(str.isdecimal, term)):
                    terms.append(term)
    return terms


def _parts(term: str) -> set[str]:
    return {term[first:last] for first in range(len(term)) for last in range(first + 1, len(term) + 1)}
