"""Corpora of any size for the benchmark: ``python tests/benchmarks/corpora.py FOLDER SIZE [SEED]``.

A text model over the repository's own corpus: words follow one another as in its entries (a Markov chain over
bigrams), mixed with terms of the field and with words of jieba's dictionary drawn by their frequency in Chinese
text, some of which an entry keeps returning to, as texts do. So common words stand in most entries, rare ones in
one or two, and the vocabulary grows with the size. The entries of a small corpus are the first of a larger one
with the same seed.
"""

from __future__ import annotations

import importlib.util
import os
import re
import sys
import tempfile
from bisect import bisect
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path
from random import Random

from policykb.corpus.corpus import Corpus
from policykb.corpus.entry_format import dump
from policykb.domain.issuers import Authority
from policykb.domain.policy import Policy, entry_id
from policykb.domain.vocabulary import Vocabulary
from policykb.files.packaged import DATA
from policykb.files.reading import read_terms
from policykb.text.lexicon import Lexicon
from policykb.text.lexicon_file import compile_lexicon

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "policykb-benchmarks"  # of what is made
SOURCE = Path(__file__).parents[2] / "corpus"
DEPARTMENTS = 40
FIRST, LAST = date(2015, 1, 1), date(2025, 12, 31)
LENGTHS = (600, 1_500)  # Han characters of a body
SHORT = (100, 300)  # of a corpus that is to be large rather than true

# Where the next word comes from: up to here the chain, the entry's own words, the field's terms; else the dictionary.
CHAIN, OWN, FIELD = 0.55, 0.70, 0.78
OWN_WORDS = 18

KINDS = ("通知", "意见", "方案", "公告", "办法", "计划", "指南", "报告", "目录", "技术规程", "规划", "条例")
STATUSES = ("正式", "试行", "征求意见稿")
VERBS = ("推进", "加强", "规范", "做好", "促进", "完善", "支持", "加快", "建立", "开展")

_TOKEN = re.compile(r"([\u4e00-\u9fff]+)|([A-Za-z][A-Za-z0-9]*|\d+(?:\.\d+)?%?)|([，。；：、（）《》“”])")


class Wheel:
    """Draws items by their weights."""

    def __init__(self, items: Sequence[str], weights: Sequence[float]) -> None:
        self._items = items
        self._sums = list(accumulate(weights))

    def draw(self, random: Random) -> str:
        """One item; the same one may come again."""
        return self._items[bisect(self._sums, random.random() * self._sums[-1])]


def zipf(items: Sequence[str], exponent: float = 1.0) -> Wheel:
    """A wheel on which the item of rank r weighs 1 / r ** exponent."""
    return Wheel(items, [1 / rank**exponent for rank in range(1, len(items) + 1)])


class Model:
    """What entries are drawn from."""

    def __init__(self, source: Path = SOURCE, lengths: tuple[int, int] = LENGTHS) -> None:
        self._lengths = lengths
        entries = list(Corpus(source).policies())
        terms = read_terms(DATA / "terms.txt")
        with tempfile.TemporaryDirectory() as folder:
            compile_lexicon(Path(folder) / "lexicon", terms)
            lexicon = Lexicon.load(Path(folder) / "lexicon")
        following: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
        for entry in entries:
            for line in entry.body.splitlines():
                before = "。"
                for token in _tokens(line.lstrip("#- "), lexicon):
                    following[before][token] += 1
                    before = token
                if before != "。":
                    following[before]["。"] += 1
        self._chain = {word: Wheel(list(next), list(next.values())) for word, next in following.items()}
        shuffled = Random(0)
        shuffled.shuffle(terms)
        self._terms = zipf([term for term in terms if _TOKEN.fullmatch(term)], 0.8)
        self._words = _dictionary()
        issued = [name for entry in entries for name in entry.issuers]
        names = dict.fromkeys(sorted(set(issued), key=lambda name: (-issued.count(name), name)))
        names |= dict.fromkeys(organ.name for organ in Authority.load(source))
        self._departments = zipf(list(names)[:DEPARTMENTS], 0.8)
        self._tags = zipf(list(Vocabulary.load(source)), 0.8)
        self._kinds, self._statuses = zipf(KINDS), zipf(STATUSES, 1.5)

    def entries(self, seed: int) -> Iterator[Policy]:
        """Entries without end, each with an id of its own."""
        seen: set[str] = set()
        number = 0
        while True:
            policy = self._entry(Random(f"{seed} {number}"))
            number += 1
            if policy.id not in seen:
                seen.add(policy.id)
                yield policy

    def _entry(self, random: Random) -> Policy:
        named = self._terms.draw(random), self._content_word(random), self._terms.draw(random)
        subject = "".join(named)
        own = [*named, *(self._words.draw(random) for _ in range(OWN_WORDS))]
        kind = self._kinds.draw(random)
        title = f"关于{random.choice(VERBS)}{subject}的{kind}"
        day = FIRST + timedelta(days=int((LAST - FIRST).days * random.random() ** 0.7))
        issuers = _several(self._departments, random, (0.6, 0.25, 0.1, 0.05))
        documents = []
        if random.random() < 0.15:
            documents = [f"{subject}{self._content_word(random)}{form}" for form in random.sample(KINDS, 2)]
        return Policy(
            id=entry_id(day, title),
            title=title,
            date=day,
            issuers=issuers,
            tags=_several(self._tags, random, (0.35, 0.35, 0.2, 0.1)),
            kind=kind,
            status=self._statuses.draw(random),
            documents=tuple(documents),
            number=f"{issuers[0][:1]}发〔{day.year}〕{random.randint(1, 999)}号" if random.random() < 0.6 else None,
            effective=day + timedelta(days=random.randint(1, 120)) if random.random() < 0.2 else None,
            body=self._body(random, own),
        )

    def _content_word(self, random: Random) -> str:
        while len(word := self._words.draw(random)) < 2:
            pass
        return word

    def _body(self, random: Random, own: Sequence[str]) -> str:
        wanted = random.randint(*self._lengths)
        summary = self._paragraph(random, own, min(120, wanted))
        parts, length = [summary], len(summary)
        while length < wanted:
            parts.append(f"## {random.choice(VERBS)}{random.choice(own)}")
            points = []
            for _ in range(random.randint(2, 5)):
                if length < wanted:
                    points.append("- " + self._paragraph(random, own, min(random.randint(40, 110), wanted - length)))
                    length += len(points[-1])
            parts.append("\n".join(points))
        return "\n\n".join(parts)

    def _paragraph(self, random: Random, own: Sequence[str], length: int) -> str:
        """Sentences of about that many characters."""
        chain, words, terms = self._chain, self._words, self._terms
        text: list[str] = []
        size = 0
        word = "。"
        while size < length or word != "。":
            source = random.random()
            if source < CHAIN or size > length + 40:
                word = chain[word].draw(random)
                text.append(word)
            elif source < OWN:
                text.append(own[int(len(own) * random.random() ** 2)])
            elif source < FIELD:
                text.append(terms.draw(random))
            else:
                text.append(words.draw(random))
            size += len(text[-1])
        return "".join(text)


def _tokens(text: str, lexicon: Lexicon) -> Iterator[str]:
    for match in _TOKEN.finditer(text):
        if match[1]:
            yield from lexicon.cut(match[1])
        else:
            yield match[0]


def _dictionary() -> Wheel:
    """The words of jieba's dictionary by their frequency."""
    found = importlib.util.find_spec("jieba")
    assert found
    assert found.origin
    lines = Path(found.origin).with_name("dict.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split()[:2] for line in lines]
    return Wheel([word for word, _ in pairs], [float(frequency) for _, frequency in pairs])


def _several(wheel: Wheel, random: Random, chances: Sequence[float]) -> tuple[str, ...]:
    """One item or more; ``chances`` are those of one, two, three ..."""
    count = bisect(list(accumulate(chances)), random.random() * 0.999) + 1
    chosen: dict[str, None] = {}
    while len(chosen) < count:
        chosen[wheel.draw(random)] = None
    return tuple(chosen)


def make(root: Path, size: int, seed: int = 6, lengths: tuple[int, int] = LENGTHS) -> Path:
    """A knowledge base of ``size`` entries in the folder ``root``; one that is there already is taken as it is."""
    done = root / "corpus" / ".complete"
    if not done.exists():
        entries = Model(lengths=lengths).entries(seed)
        for _ in range(size):
            policy = next(entries)
            path = root / "corpus" / str(policy.date.year) / f"{policy.id}.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dump(policy), encoding="utf-8")
        (root / "corpus" / "kb.toml").write_text(f'name = "benchmark {size}"\n', encoding="utf-8")
        done.touch()
    return root


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]), *map(int, sys.argv[3:4]))
