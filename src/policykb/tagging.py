"""A policy -> the tags it should have, each with the evidence for it.

A tag's score is a probability: the logistic function of ``PRIOR`` and the sum of the weights of its evidence,
all in log-odds. Every contribution is in the evidence, and there are two kinds.

- *Triggers*, the vocabulary's own words. One in the title or in a document's name counts in full, a second one
  half. In the body mentions add up, the opening more than the end, and little in the names of other documents;
  their sum saturates, is set against the length of the text and against what the other tags have, so that
  neither a passing mention nor a list of everything gives a tag.
- *Learned*: pairs of characters that titles and texts of the entries with a tag have far more often than the
  others (naive-Bayes log-odds), weighted by TF-IDF. With no tagged entry nothing is learned, and a tag's
  influence grows with the number of its entries. An entry never speaks for its own tags.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import exp, log, sqrt
from typing import Literal, NamedTuple

from policykb.analysis import fold, fold_with_offsets
from policykb.errors import UnknownNameError
from policykb.policy import Policy
from policykb.vocabulary import Vocabulary

__all__ = [
    "MIN_SCORE", "PRIOR", "Evaluation", "Evidence", "Figures", "Mistake", "Suggestion", "Tagger", "Term", "evaluate",
    "frequent_terms_without_tag",
]  # fmt: skip

PRIOR = -3.0  # log-odds of a tag before anything is known
MIN_SCORE = 0.5
MOST_TAGS = 5

# Found by measuring on the corpus of 2024 and on documents of other years (tests/test_tagging.py).
READ = 30_000  # characters of a body that are read: what a document is about shows long before
OPENING = 80, 400  # the opening is the paragraphs of the body up to this length, at most that
SECOND_NAME = 0.5  # what each further trigger in the names counts, of the one before
OPENING_MENTION, FIRST_MENTION, LAST_MENTION = 2.0, 1.0, 0.5
QUOTED_MENTION = 0.3  # inside 《》
BODY = 5.0  # the most that mentions in the body can add
BODY_HALF = 4.0  # the weight of mentions, in a text of 500 characters, that adds half of it
SHARE = 0.5  # how much a tag's share of all mentions matters: 0 not at all, 1 in proportion
LEARNED = 4.0  # the most that learning can add
LEARNED_HALF = 0.3
LEARNED_FEATURES = 12  # the strongest that count
LEARNED_REST = 0.4  # what a pair counts outside names and opening
LEARNED_CHARACTERS = 1000
TRUST = 2.0  # as many tagged entries as this give half the influence
LEAST_ODDS = 1.5  # log-odds below which a pair says nothing
SMOOTHING = 0.01
OFF = 1.0
OFFK = 2.0

_END = "\x1f"  # of a paragraph, in folded text
_HAN = re.compile("[\u3400-\u9fff]{2,}")
_SENTENCE_END = re.compile(r"[。！？；\n]")
_PASSAGE = 40  # characters before and after the words

Source = Literal["trigger", "learned"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words that speak for a tag, or against it, and what they contribute.

    ``field`` is "title", "documents" or "body"; ``start`` and ``end`` are where the words stand for the first
    time in the title, in the document's name or in the body as stored, ``text`` is the passage around them.
    ``weight``, in log-odds, is for all ``count`` times that they stand in the field.
    """

    field: str
    text: str
    start: int
    end: int
    words: str
    weight: float
    source: Source
    count: int = 1

    def as_dict(self) -> dict[str, object]:
        """The machine form."""
        return {
            "field": self.field, "text": self.text, "start": self.start, "end": self.end, "words": self.words,
            "weight": round(self.weight, 3), "source": self.source, "count": self.count,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A tag that a policy should have; ``score`` from 0 to 1, ``evidence`` by falling weight."""

    tag: str
    score: float
    evidence: tuple[Evidence, ...]

    def as_dict(self) -> dict[str, object]:
        """The machine form."""
        return {
            "tag": self.tag,
            "score": round(self.score, 4),
            "evidence": [evidence.as_dict() for evidence in self.evidence],
        }


class _Part:
    """A text of a policy, stored and as it is matched."""

    def __init__(self, field: str, stored: str) -> None:
        self.field = field
        self.stored = stored
        self.folded = fold(stored)

    @cached_property
    def _origin(self) -> list[int]:
        return fold_with_offsets(self.stored)[1]

    def evidence(self, at: int, length: int, weight: float, source: Source, count: int) -> Evidence:
        start, end = self._origin[at], self._origin[at + length - 1] + 1
        if self.field == "body":
            before = [m.end() for m in _SENTENCE_END.finditer(self.stored, max(0, start - _PASSAGE), start)]
            after = _SENTENCE_END.search(self.stored, end, end + _PASSAGE)
            first = before[-1] if before else max(0, start - _PASSAGE)
            last = after.start() if after else min(len(self.stored), end + _PASSAGE)
            text = self.stored[first:last].strip()
        else:
            text = self.stored
        return Evidence(self.field, text, start, end, self.stored[start:end], weight, source, count)


class _Reading:
    """A policy as the tagger reads it: the names of its documents, the body, and where its opening ends."""

    def __init__(self, policy: Policy) -> None:
        self.names = [_Part("title", policy.title), *(_Part("documents", name) for name in policy.documents)]
        self.body = _Part("body", policy.body[:READ])
        least, most = OPENING
        text = self.body.folded
        end = 0
        while 0 <= end < least:
            end = text.find(_END, end + 1)
        self.opening = min(end if end > 0 else len(text), most)

    def features(self) -> tuple[set[str], set[str]]:
        """The pairs of Han characters of names and opening, and those of the rest that are not among them."""
        body = self.body.folded
        head = _pairs([*(part.folded for part in self.names), body[: self.opening]])
        return head, _pairs([body[self.opening : LEARNED_CHARACTERS]]) - head


def _pairs(texts: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for text in texts:
        for run in _HAN.findall(text):
            found.update(map(str.__add__, run, run[1:]))
    return found


class _Contribution(NamedTuple):
    part: _Part
    at: int
    length: int
    weight: float
    source: Source
    count: int


_Contributions = dict[str, list[_Contribution]]


class _Matcher:
    """Finds the words of all tags: for each tag the longest at a place, which uses the place up."""

    def __init__(self) -> None:
        self._words: dict[str, dict[str, float]] = defaultdict(dict)
        self._lengths: dict[str, tuple[int, ...]] = {}

    def add(self, tag: str, word: str, weight: float) -> None:
        if word:
            self._words[word][tag] = weight
            self._lengths[word[0]] = tuple(sorted({*self._lengths.get(word[0], ()), len(word)}, reverse=True))

    def find(self, text: str) -> Iterator[tuple[int, str, str, float]]:
        """Each match as place, word, tag and weight, in the order of the text."""
        used: dict[str, int] = {}
        for at, first in enumerate(text):
            for length in self._lengths.get(first, ()):
                word = text[at : at + length]
                tags = self._words.get(word)
                if tags and _whole(text, at, at + length):
                    for tag, weight in tags.items():
                        if used.get(tag, 0) <= at:
                            used[tag] = at + length
                            if weight:
                                yield at, word, tag, weight


def _whole(text: str, start: int, end: int) -> bool:
    """Whether the words do not begin or end inside a Latin word or a number."""
    return not (
        (start and _latin(text[start - 1]) and _latin(text[start]))
        or (end < len(text) and _latin(text[end - 1]) and _latin(text[end]))
    )


def _latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


class _Triggers:
    def __init__(self, vocabulary: Vocabulary) -> None:
        self._title = _Matcher()
        self._body = _Matcher()
        for tag in vocabulary.values():
            for trigger in tag.triggers:
                for word in map(fold, trigger.words):
                    if trigger.where != "body":
                        self._title.add(tag.name, word, trigger.weight)
                    if trigger.where != "title":
                        self._body.add(tag.name, word, trigger.weight)

    def score(self, reading: _Reading) -> _Contributions:
        found: _Contributions = defaultdict(list)
        self._score_names(reading, found)
        self._score_body(reading, found)
        return found

    def _score_names(self, reading: _Reading, found: _Contributions) -> None:
        first: dict[str, dict[str, tuple[float, _Part, int]]] = defaultdict(dict)
        for part in reading.names:
            for at, word, tag, weight in self._title.find(part.folded):
                first[tag].setdefault(word, (weight, part, at))
        for tag, words in first.items():
            factor = 1.0
            for word, (weight, part, at) in sorted(words.items(), key=lambda item: (-item[1][0], item[0])):
                found[tag].append(_Contribution(part, at, len(word), weight * factor, "trigger", 1))
                factor *= SECOND_NAME

    def _score_body(self, reading: _Reading, found: _Contributions) -> None:
        part = reading.body
        text = part.folded
        mentions: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
        places: dict[str, int] = {}
        depth = seen = 0
        for at, word, tag, weight in self._body.find(text):
            depth += text.count("<", seen, at) - text.count(">", seen, at)
            seen = at
            places.setdefault(word, at)
            if at < reading.opening:
                weight *= OPENING_MENTION
            else:
                weight *= FIRST_MENTION - (FIRST_MENTION - LAST_MENTION) * at / len(text)
            mentions[tag][word].append(weight * QUOTED_MENTION if depth > 0 else weight)
        sums = {tag: sum(map(sum, words.values())) for tag, words in mentions.items()}
        total = sum(value for value in sums.values() if value > 0)
        half = BODY_HALF * (0.5 + len(text) / 1000)
        for tag, words in mentions.items():
            if sums[tag] > 0:
                factor = BODY / (sums[tag] + half) * (sums[tag] / total) ** SHARE
                for word, weights in words.items():
                    at = places[word]
                    found[tag].append(
                        _Contribution(part, at, len(word), sum(weights) * factor, "trigger", len(weights))
                    )


class _Learned:
    """What tagged entries teach: in how many of them, and of those with each tag, a pair of characters stands."""

    def __init__(self) -> None:
        self._entries = 0
        self._head: Counter[str] = Counter()
        self._rest: Counter[str] = Counter()
        self._tags: dict[str, tuple[list[int], Counter[str], Counter[str]]] = {}

    def add(self, features: tuple[set[str], set[str]], tags: Iterable[str]) -> None:
        head, rest = features
        self._entries += 1
        self._head.update(head)
        self._rest.update(rest)
        for tag in tags:
            entries, tag_head, tag_rest = self._tags.setdefault(tag, ([0], Counter(), Counter()))
            entries[0] += 1
            tag_head.update(head)
            tag_rest.update(rest)

    def score(self, reading: _Reading, without: Collection[str] | None) -> _Contributions:
        """The contributions for each tag; ``without`` are the entry's own tags if it is among the entries."""
        head, rest = reading.features()
        self_entry = without is not None
        own_tags = without or ()
        entries = self._entries - self_entry
        values: dict[str, float] = {}
        for pair in head | rest:
            known = self._head[pair] + self._rest[pair] - self_entry
            if known > 0:
                values[pair] = (1.0 if pair in head else LEARNED_REST) * log((entries + 1) / known)
        norm = sqrt(sum(value * value for value in values.values())) or 1.0
        found: _Contributions = {}
        for tag, (count, tag_head, tag_rest) in self._tags.items():
            own = tag in own_tags
            inside = count[0] - own
            outside = entries - inside
            if not inside or not outside:
                continue
            scored: list[tuple[float, str]] = []
            for pair, value in values.items():
                self_value = 1.0 if pair in head else LEARNED_REST
                here = tag_head[pair] + LEARNED_REST * tag_rest[pair] - own * self_value
                if here < 0.01:
                    continue
                there = self._head[pair] + LEARNED_REST * self._rest[pair] - self_entry * self_value - here
                share = here / (inside + TRUST)
                odds = log((share + SMOOTHING) / (max(there, 0.0) / outside + SMOOTHING)) - LEAST_ODDS
                if odds > 0:
                    scored.append((value / norm * share * odds, pair))
            if scored:
                scored = sorted(scored, key=lambda item: (-item[0], item[1]))[:LEARNED_FEATURES]
                total = sum(value for value, _ in scored)
                factor = LEARNED / (total + LEARNED_HALF)
                found[tag] = list(_passages(reading, {pair: value * factor for value, pair in scored}))
            if OFF: found.setdefault(tag, []).append(_Contribution(reading.names[0], 0, 1, -OFF * inside / (inside + OFFK), 'learned', 1))
        return found


def _passages(reading: _Reading, weights: dict[str, float]) -> Iterator[_Contribution]:
    """The pairs where they first stand, those that overlap there or touch joined to one passage."""
    left = dict(weights)
    for part in (*reading.names, reading.body):
        places = sorted((at, pair) for pair in left if (at := part.folded.find(pair)) >= 0)
        start = end = -1
        weight = 0.0
        for at, pair in places:
            if at > end:
                if weight:
                    yield _Contribution(part, start, end - start, weight, "learned", 1)
                start, weight = at, 0.0
            weight += left.pop(pair)
            end = at + 2
        if weight:
            yield _Contribution(part, start, end - start, weight, "learned", 1)


class Tagger:
    """Suggests tags of a vocabulary for policies, having learned from ``tagged`` ones.

    Tags of the entries are names or aliases of the vocabulary's; others, and entries without tags, teach nothing.
    """

    def __init__(self, vocabulary: Vocabulary, tagged: Iterable[Policy] = ()) -> None:
        self._vocabulary = vocabulary
        self._triggers = _Triggers(vocabulary)
        self._learned = _Learned()
        self._resolved: dict[str, str | None] = {}
        self._tags: dict[str, frozenset[str]] = {}
        for policy in tagged:
            tags = self._known(policy.tags)
            if tags and policy.id not in self._tags:
                self._tags[policy.id] = tags
                self._learned.add(_Reading(policy).features(), tags)

    def suggest(self, policy: Policy, *, min_score: float = MIN_SCORE) -> list[Suggestion]:
        """The tags that ``policy`` should have, best first; at most five, none below ``min_score``.

        Tags that a person rejected for it (front-matter key ``rejected_tags``) are not among them. Those it has
        already may be, and so may none at all.
        """
        rejected = self._known(_names(policy.extra.get("rejected_tags")))
        best = [item for item in self._scored(policy) if item[1] >= min_score and item[0] not in rejected]
        return [Suggestion(tag, score, _evidence(found)) for tag, score, found in best[:MOST_TAGS]]

    def _scored(self, policy: Policy) -> list[tuple[str, float, list[_Contribution]]]:
        """Every tag for which there is evidence with its score and the contributions, best first."""
        reading = _Reading(policy)
        found = self._triggers.score(reading)
        for tag, learned in self._learned.score(reading, self._tags.get(policy.id)).items():
            found[tag] = found.get(tag, []) + learned
        scored = [(tag, _probability(item.weight for item in items), items) for tag, items in found.items()]
        return sorted(scored, key=lambda item: (-item[1], item[0]))

    def _known(self, names: Iterable[str]) -> frozenset[str]:
        """The vocabulary's names for those of ``names`` that it knows."""
        for name in names:
            if name not in self._resolved:
                try:
                    self._resolved[name] = self._vocabulary.resolve(name)
                except UnknownNameError:
                    self._resolved[name] = None
        return frozenset(tag for name in names if (tag := self._resolved[name]))


def _probability(weights: Iterable[float]) -> float:
    return 1 / (1 + exp(min(-PRIOR - sum(weights), 700)))


def _evidence(found: Iterable[_Contribution]) -> tuple[Evidence, ...]:
    ordered = sorted(found, key=lambda item: (-item.weight, item.part.field, item.at))
    return tuple(item.part.evidence(item.at, item.length, item.weight, item.source, item.count) for item in ordered)


def _names(value: object) -> list[str]:
    if isinstance(value, str):
        return [name.strip() for name in re.split("[、，,]", value)]
    return [name for name in value if isinstance(name, str)] if isinstance(value, list | tuple) else []


@dataclass(frozen=True, slots=True)
class Figures:
    """How often a tag was given rightly, given wrongly and missed."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        """The part of the suggestions that was right, 0 where there were none."""
        given = self.right + self.wrong
        return self.right / given if given else 0.0

    @property
    def recall(self) -> float:
        """The part of what should have been suggested that was, 0 where there was nothing."""
        due = self.right + self.missed
        return self.right / due if due else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.right / (2 * self.right + self.wrong + self.missed) if self.right else 0.0


@dataclass(frozen=True, slots=True)
class Mistake:
    """A tag given to an entry that does not have it (``given``), or not given to one that has.

    ``score`` is what the tagger thought of it: the higher a wrong tag's, the lower a missed tag's, the worse.
    """

    id: str
    title: str
    tag: str
    given: bool
    score: float
    evidence: tuple[Evidence, ...]

    @property
    def severity(self) -> float:
        """How far off the score was, 0 to 1."""
        return self.score if self.given else 1 - self.score


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The tagger's suggestions for each entry, learned from all the others, against the tags that it has.

    ``micro`` counts all tags together; ``macro_f1`` is the mean over the tags that some entry has or was given.
    ``mistakes`` are the worst first.
    """

    entries: int
    tags: Mapping[str, Figures]
    micro: Figures
    macro_f1: float
    mistakes: tuple[Mistake, ...]


def evaluate(vocabulary: Vocabulary, policies: Iterable[Policy], *, min_score: float = MIN_SCORE) -> Evaluation:
    """Leave-one-out over the entries that have tags; what was rejected for an entry is forgotten meanwhile."""
    entries = [replace(policy, extra={}) for policy in policies if policy.tags]
    tagger = Tagger(vocabulary, entries)
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    mistakes = []
    for policy in entries:
        due = tagger._known(policy.tags)
        every = {tag: (score, found) for tag, score, found in tagger._scored(policy)}
        given = {suggestion.tag for suggestion in tagger.suggest(policy, min_score=min_score)}
        for tag in due | given:
            counts[tag][0 if tag in due & given else 1 if tag in given else 2] += 1
        for tag in due ^ given:
            score, found = every.get(tag, (_probability(()), []))
            mistakes.append(Mistake(policy.id, policy.title, tag, tag in given, score, _evidence(found)))
    tags = {tag: Figures(*counts[tag]) for tag in vocabulary if tag in counts}
    micro = Figures(*(sum(column) for column in zip(*counts.values(), strict=True))) if counts else Figures(0, 0, 0)
    macro = sum(figures.f1 for figures in tags.values()) / len(tags) if tags else 0.0
    mistakes.sort(key=lambda mistake: (-mistake.severity, mistake.id, mistake.tag))
    return Evaluation(len(entries), tags, micro, macro, tuple(mistakes))


class Term(NamedTuple):
    """A term, the number of entries that are about it, and the ids of up to five of them."""

    term: str
    documents: int
    ids: tuple[str, ...]
