"""Cutting folded text into words by a dictionary.

Words are cut as jieba cuts them: its dictionary, its frequencies, the most probable path through all the words
a run of Han characters can be read as (``jieba.cut(text, HMM=False)``; a test compares the two). jieba itself
is loaded once, to compile its dictionary and the field's terms into a sorted file that is then searched:
cutting a query looks up a few dozen words in it instead of loading 350,000.
"""

from __future__ import annotations

import operator
import re
from collections import Counter
from collections.abc import Iterator, MutableMapping, Sequence
from math import log
from pathlib import Path
from typing import NamedTuple

from policykb.text.lexicon_file import CompiledLogProbs, LogProbs, read_lexicon

NESTED = 0.5  # what a word inside another one (甲烷 in 二氟甲烷) counts of the word itself

_SEGMENT = re.compile(r"([a-z0-9]+(?:[.\-/][a-z0-9]+)*)|([^\W_a-z0-9]+)")
_PART = re.compile(r"[^\W_]+")


class Token(NamedTuple):
    """A word and where it stands: ``position`` counts words from 0; a nested word shares its holder's position."""

    word: str
    position: int
    nested: bool = False


class Lexicon:
    """The dictionary that words are cut by.

    ``logs`` answers for a string: the logarithm of its probability if it is a word, `PREFIX` if longer words begin
    with it, None otherwise. ``total`` is the sum of all words' frequencies.
    """

    def __init__(self, logs: LogProbs, total: int) -> None:
        self._logs = logs
        self._inner: dict[str, Sequence[str]] = {}
        self._unknown = -log(total)  # of a character that is no word

    def tokens(self, folded: str) -> Iterator[Token]:
        """The words of folded text in order: each word of the most probable reading, and after it all the
        dictionary words of two characters or more that it holds (碳排放权 in 全国碳排放权交易市场)."""
        position = 0
        for latin, run in _SEGMENT.findall(folded):
            if latin:
                yield Token(latin, position)
                parts = _PART.findall(latin)
                if len(parts) > 1:
                    for part in parts:
                        yield Token(part, position, True)
                position += 1
                continue
            start = 0
            for end in self._ends(run):
                yield Token(run[start:end], position)
                if end - start > 2:
                    for word in self._inside(run, start, end):
                        yield Token(word, position, True)
                position += 1
                start = end

    def cut(self, folded: str) -> list[str]:
        """The words of the most probable reading, in order, without the nested ones."""
        return [token.word for token in self.tokens(folded) if not token.nested]

    def count(self, folded: str, weight: int, counts: MutableMapping[str, int]) -> int:
        """Adds ``weight`` to the count of every word that `tokens` gives, less for one inside another; returns how many
        are not nested."""
        words: list[str] = []
        inside = round(NESTED * weight)
        for latin, run in _SEGMENT.findall(folded):
            if not latin:
                start = 0
                for end in self._ends(run):
                    words.append(run[start:end])
                    start = end
                continue
            words.append(latin)
            parts = _PART.findall(latin)
            if len(parts) > 1:
                for part in parts:
                    counts[part] += weight
        for word, number in Counter(words).items():
            counts[word] += number * weight
            if len(word) > 2:
                for nested in self._nested(word):
                    counts[nested] += number * inside
        return len(words)

    def _nested(self, word: str) -> Sequence[str]:
        """The words inside a word, worked out once: words come again and again."""
        nested = self._inner.get(word)
        if nested is None:
            nested = self._inner[word] = tuple(self._inside(word, 0, len(word)))
        return nested

    def _ends(self, run: str) -> Iterator[int]:
        """Where the words of the most probable reading of a run end.

        Of equally probable readings the one with the longer first word, as jieba decides.
        """
        get, unknown = self._logs.get, self._unknown
        size = len(run)
        ends = [*range(1, size + 1)]
        best = [0.0] * (size + 1)
        top = 0.0  # what is best after the first character
        doubles = [None, *map(get, map(operator.add, run[-2::-1], run[:0:-1]))]  # most words have two characters
        for start, single, value in zip(range(size - 1, -1, -1), map(get, run[::-1]), doubles, strict=True):
            is_word = single is not None and single < 0
            top += single if single is not None and single < 0 else unknown
            stop = start + 1
            while value is not None:
                stop += 1
                if value < 0:
                    score = value + best[stop]
                    if score >= top or not is_word:
                        top, is_word = score, True
                        ends[start] = stop
                if stop == size:
                    break
                value = get(run[start : stop + 1])
            best[start] = top
        end = 0
        while end < size:
            end = ends[end]
            yield end

    def _inside(self, run: str, start: int, end: int) -> Iterator[str]:
        """The words of two characters or more inside the word ``run[start:end]``."""
        get = self._logs.get
        for first in range(start, end - 1):
            value = get(run[first])
            stop = first + 2
            while value is not None and stop <= end:
                value = get(run[first:stop])
                if value is not None and value < 0 and (first > start or stop < end):
                    yield run[first:stop]
                stop += 1

    @classmethod
    def open(cls, path: Path) -> Lexicon:
        """The lexicon compiled at ``path``: ready at once, each word looked up in the file."""
        table = CompiledLogProbs(path)
        return cls(table, table.total)

    @classmethod
    def load(cls, path: Path) -> Lexicon:
        """The lexicon compiled at ``path``, read into memory: for cutting many texts."""
        return cls(*read_lexicon(path))
