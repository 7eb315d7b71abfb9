"""What speaks for a tag: the vocabulary's triggers, and what tagged entries teach.

Both give contributions in log-odds, for each tag a list. The numbers were found by measuring, on the corpus of
2024 and on documents of other years (tests/test_tagging.py); the figures change little around them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from math import log, sqrt

from policykb.domain.vocabulary import Vocabulary
from policykb.tagging.evidence import Contribution, Part, PolicyText
from policykb.text.fold import BREAK, fold

Contributions = dict[str, list[Contribution]]

SECOND_NAME = 0.5  # what each further trigger in the names counts, of the one before
OPENING_MENTION, FIRST_MENTION, LAST_MENTION = 2.0, 1.0, 0.5  # in the opening; after it, falling to the end
QUOTED_MENTION = 0.3  # in the name of another document
LONE_MENTION = 0.6  # the only one of a tag
BODY = 5.0  # the most that mentions in the body can add
BODY_HALF = 4.0  # the weight of mentions that adds half of it in a text of 500 characters
SUBJECT = 2, 2000  # mentions of a tag's subject that a body must have, and one more for so many characters
SUBJECT_IN_TEXT = 0.5  # what words in a name count where only the text says the subject
SHARE = 0.5  # how much a tag's share of all tags' mentions matters: 0 not at all, 1 in proportion

LEARNED = 2.5  # the most that is learned for a tag that has triggers
LEARNED_ALONE = 8.0  # and for one that has none
LEARNED_HALF = 0.3  # the likeness that adds half of it
LEARNED_PAIRS = 12  # the strongest that count
TRUST = 2.0  # as many entries with a tag give half of their influence
LEAST_ODDS = 1.5  # log-odds up to which a pair says nothing
SMOOTHING = 0.01


class _Matcher:
    """Finds the words of all tags in folded text: for each tag the longest at a place, which uses the place up."""

    def __init__(self) -> None:
        self._words: dict[str, dict[str, float]] = defaultdict(dict)
        self._lengths: dict[str, tuple[int, ...]] = {}

    def add(self, tag: str, word: str, weight: float) -> None:
        if word:
            self._words[word][tag] = weight
            self._lengths[word[0]] = tuple(sorted({*self._lengths.get(word[0], ()), len(word)}, reverse=True))

    def find(self, text: str) -> Iterator[tuple[int, str, str, float]]:
        """Each match as place, word, tag and weight, in the order of the text; none of weight 0."""
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


class Triggers:
    """The words of a vocabulary's tags."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._names = _Matcher()
        self._body = _Matcher()
        self.tags = frozenset(name for name, tag in vocabulary.items() if tag.triggers)
        self._about = {name: tuple(map(fold, tag.about)) for name, tag in vocabulary.items() if tag.about}
        for name, tag in vocabulary.items():
            for trigger in tag.triggers:
                for word in map(fold, trigger.words):
                    if trigger.where != "body":
                        self._names.add(name, word, trigger.weight)
                    if trigger.where != "title":
                        self._body.add(name, word, trigger.weight)

    def score(self, policy: PolicyText) -> Contributions:
        """What the words in the policy contribute to each tag."""
        found: Contributions = defaultdict(list)
        self._score_names(policy, found)
        self._score_body(policy, found)
        said: dict[tuple[str, ...], float] = {}  # tags of one field have the same words
        for tag in found.keys() & self._about.keys():
            words = self._about[tag]
            if words not in said:
                said[words] = _says(policy, words)
            found[tag] = [_counted(one, said[words]) for one in found[tag] if said[words] or one.weight < 0]
        return {tag: contributions for tag, contributions in found.items() if contributions}

    def _score_names(self, policy: PolicyText, found: Contributions) -> None:
        first: dict[str, dict[str, tuple[float, Part, int]]] = defaultdict(dict)
        for part in policy.names:
            for at, word, tag, weight in self._names.find(part.folded):
                first[tag].setdefault(word, (weight, part, at))
        for tag, words in first.items():
            factor = 1.0
            for word, (weight, part, at) in sorted(words.items(), key=lambda item: (-item[1][0], item[0])):
                value = weight * factor if weight > 0 else weight
                found[tag].append(Contribution(part, at, len(word), value, "trigger"))
                factor *= SECOND_NAME

    def _score_body(self, policy: PolicyText, found: Contributions) -> None:
        text = policy.body.folded
        mentions: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
        places: dict[str, int] = {}
        quoted = seen = 0
        for at, word, tag, weight in self._body.find(text):
            paragraph = text.rfind(BREAK, seen, at)
            if paragraph >= 0:  # a bracket that nobody closed ends with its paragraph
                quoted, seen = 0, paragraph
            quoted = max(0, quoted + text.count("<", seen, at) - text.count(">", seen, at))
            seen = at
            place = OPENING_MENTION
            if at >= policy.opening:
                place = FIRST_MENTION - (FIRST_MENTION - LAST_MENTION) * at / len(text)
            mentions[tag][word].append(weight * place * (QUOTED_MENTION if quoted else 1))
            places.setdefault(word, at)
        sums = {tag: sum(map(sum, words.values())) for tag, words in mentions.items()}
        total = sum(value for value in sums.values() if value > 0)
        half = BODY_HALF * (0.5 + len(text) / 1000)
        for tag, words in mentions.items():
            if sums[tag] > 0:
                factor = BODY / (sums[tag] + half) * (sums[tag] / total) ** SHARE
                if sum(map(len, words.values())) == 1:
                    factor *= LONE_MENTION
                for word, weights in words.items():
                    value = factor * sum(weights)
                    found[tag].append(
                        Contribution(policy.body, places[word], len(word), value, "trigger", len(weights))
                    )


class Learned:
    """What tagged entries teach: how many of all, and of those with a tag, have a pair of characters."""

    def __init__(self, alone: Collection[str] = ()) -> None:
        """``alone`` are the tags that nothing else speaks for."""
        self._alone = alone
        self._entries = 0
        self._having: Counter[str] = Counter()
        self._tags: dict[str, tuple[int, Counter[str]]] = {}

    def add(self, policy: PolicyText, tags: Iterable[str]) -> None:
        """Learn from one more entry and its tags."""
        bigrams = policy.bigrams()
        self._entries += 1
        self._having.update(bigrams)
        for tag in tags:
            entries, having = self._tags.get(tag, (0, Counter()))
            having.update(bigrams)
            self._tags[tag] = entries + 1, having

    def trust(self, tag: str, own: Collection[str] = ()) -> float:
        """How far the entries with the tag are trusted, 0 to 1; ``own`` as in ``score``."""
        entries = self._tags[tag][0] - (tag in own) if tag in self._tags else 0
        return entries / (entries + TRUST)

    def score(self, policy: PolicyText, own: Collection[str] | None) -> Contributions:
        """What the policy's likeness to the entries contributes to each tag.

        ``own`` are the tags that the policy was learned with, which is then left out; None if it was not.
        """
        itself = own is not None
        entries = self._entries - itself
        bigrams = sorted(policy.bigrams())  # sums of floats depend on the order
        everywhere = {pair: having for pair in bigrams if (having := self._having.get(pair, 0) - itself) > 0}
        values = {pair: log((entries + 1) / having) for pair, having in everywhere.items()}
        norm = sqrt(sum(value * value for value in values.values())) or 1.0
        found: Contributions = {}
        for tag, (tagged, tag_having) in self._tags.items():
            mine = tag in (own or ())
            inside = tagged - mine
            outside = entries - inside
            if not inside or not outside:
                continue
            likeness = []
            for pair, value in values.items():
                here = tag_having.get(pair, 0) - mine
                if here > 0:
                    share = here / (inside + TRUST)
                    elsewhere = (everywhere[pair] - here) / outside
                    odds = log((share + SMOOTHING) / (elsewhere + SMOOTHING)) - LEAST_ODDS
                    if odds > 0:
                        likeness.append((value / norm * share * odds, pair))
            strongest = sorted(likeness, key=lambda item: (-item[0], item[1]))[:LEARNED_PAIRS]
            if strongest:
                most = LEARNED_ALONE if tag in self._alone else LEARNED
                factor = most / (sum(value for value, _ in strongest) + LEARNED_HALF)
                found[tag] = list(_joined(policy, {pair: value * factor for value, pair in strongest}))
        return found


def _says(policy: PolicyText, words: Iterable[str]) -> float:
    """How far a document says what it is about: 1 in a name, less in its opening or again and again, 0 in passing."""
    body = policy.body.folded
    if any(word in name.folded for word in words for name in policy.names):
        return 1.0
    if any(word in body[: policy.opening] for word in words):
        return SUBJECT_IN_TEXT
    least, more = SUBJECT
    return SUBJECT_IN_TEXT if sum(map(body.count, words)) >= least + len(body) / more else 0.0


def _counted(one: Contribution, said: float) -> Contribution:
    """A word in a name by how far the document says the tag's subject; the body has its own measure."""
    return one if one.part.field == "body" or one.weight < 0 else one._replace(weight=one.weight * said)


def _whole(text: str, start: int, end: int) -> bool:
    """Whether no Latin word or number goes on beyond the place."""
    return not (
        (start > 0 and _latin(text[start - 1]) and _latin(text[start]))
        or (end < len(text) and _latin(text[end - 1]) and _latin(text[end]))
    )


def _latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _joined(policy: PolicyText, weights: Mapping[str, float]) -> Iterator[Contribution]:
    """The pairs where each stands first, those that touch joined to one stretch of text."""
    left = dict(weights)
    for part in (*policy.names, policy.body):
        places = sorted((at, pair) for pair in left if (at := part.folded.find(pair)) >= 0)
        start = end = -1
        weight = 0.0
        for at, pair in places:
            if at > end:
                if weight:
                    yield Contribution(part, start, end - start, weight, "learned")
                start, weight = at, 0.0
            weight += left.pop(pair)
            end = at + 2
        if weight:
            yield Contribution(part, start, end - start, weight, "learned")
