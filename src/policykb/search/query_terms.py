"""What a query is cut into: clauses, the pieces typed without a space, and their terms, which match and count."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from policykb.text.fold import fold
from policykb.text.number_key import PAPER

if TYPE_CHECKING:
    from policykb.text.lexicon import Lexicon
    from policykb.text.thesaurus import Thesaurus

SENTENCE = 5  # terms from which what was typed is a question, not a term

_SAID = re.compile(PAPER)


class QueryTerm(NamedTuple):
    """A word of the query, or several words that have synonyms together, with what else stands for it.

    ``names`` are other names of the same department and count as the word itself; ``synonyms`` count less.
    """

    text: str
    words: tuple[str, ...]
    names: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()
    nested: tuple[str, ...] = ()


class Clause(NamedTuple):
    """What was typed without a space: its folded text and its terms."""

    text: str
    terms: tuple[QueryTerm, ...]
    words: tuple[str, ...] = ()
    asks: bool = False

    @property
    def is_sentence(self) -> bool:
        """Whether it is a question, by its words or its length, rather than a term."""
        return self.asks or len(self.terms) >= SENTENCE


class QueryAnalyzer:
    """Cuts what was typed by a dictionary, and knows what else it is called."""

    def __init__(self, lexicon: Lexicon, thesaurus: Thesaurus) -> None:
        self._lexicon = lexicon
        self._thesaurus = thesaurus

    def synonyms(self, text: str) -> Sequence[str]:
        """What the whole of what was typed is also called, folded (环境保护法 for 环保法)."""
        return self._thesaurus.synonyms(fold(text))

    def clause(self, text: str, *, exact: bool = False) -> Clause:
        """Cuts what was typed without a space into terms; ``exact`` leaves synonyms out, and 文 behind a number in."""
        folded = fold(text) if exact else self._as_written(fold(text))
        words: list[str] = []
        nested: list[list[str]] = []
        for token in self._lexicon.tokens(folded):
            if token.nested:
                nested[-1].append(token.word)
            else:
                words.append(token.word)
                nested.append([])
        ends = _ends(folded, words)
        starts = [end - len(word) for end, word in zip(ends, words, strict=True)]
        spans = {} if exact else self._synonym_spans(folded, starts, ends)
        terms: list[QueryTerm] = []
        number = 0
        while number < len(words):
            if number in spans:
                end, parts = spans[number], words[number : spans[number]]
            else:
                end = self._end_of_term(folded, words, starts, ends, number, spans)
                parts = [folded[starts[number] : ends[end - 1]]]
            text = folded[starts[number] : ends[end - 1]]
            inside = [word for i in range(number, end) for word in nested[i]]
            if end > number + 1:
                inside += [word for word in words[number:end] if len(word) > 1]
            names = () if exact else tuple(self._thesaurus.names(text))
            synonyms = () if exact else tuple(self._thesaurus.synonyms(text))
            terms.append(QueryTerm(text, tuple(parts), names, synonyms, tuple(dict.fromkeys(inside))))
            number = end
        content = [term for term in terms if not self._thesaurus.is_stopword(term.text)]
        asks = len(content) > 1 and any(map(self._thesaurus.asks, words))
        said = [word for word in words if not self._thesaurus.is_stopword(word)]
        return Clause(folded, tuple(dict.fromkeys(content or terms)), tuple(said or words), asks)

    def _as_written(self, folded: str) -> str:
        """A folded text without the word 文, or 文件, behind a number: documents say 39号, people 39号文."""
        if not _SAID.search(folded):
            return folded
        ends = _ends(folded, self._lexicon.cut(folded))
        return _SAID.sub(lambda found: "" if found.end() in ends else found[0], folded)

    def _end_of_term(
        self,
        folded: str,
        words: Sequence[str],
        starts: Sequence[int],
        ends: Sequence[int],
        number: int,
        spans: Mapping[int, int],
    ) -> int:
        """The word after the term that begins with a word: a term of the user's own, which the dictionary does
        not have, falls into single characters when it is cut (林 权, 碳 配额, 水泥 厂); they belong together."""

        def single(i: int) -> bool:
            word = words[i]
            return len(word) == 1 and not word.isascii() and not self._thesaurus.is_stopword(word)

        def joined(i: int) -> bool:
            return i < len(words) and starts[i] == ends[i - 1] and i not in spans

        def says(i: int) -> bool:
            return joined(i) and not self._thesaurus.is_stopword(words[i])

        end = number + 1
        if single(number):
            while joined(end) and single(end):
                end += 1
            if end == number + 1 and says(end) and not words[end].isascii():
                end += 1
        elif joined(end) and single(end) and not self._thesaurus.is_stopword(words[number]):
            end += words[number].isascii() or not says(end + 1)
        return end

    def _synonym_spans(self, folded: str, starts: Sequence[int], ends: Sequence[int]) -> dict[int, int]:
        """First word -> word after the last, for word sequences that have synonyms together."""
        first = {start: number for number, start in enumerate(starts)}
        after = {end: number + 1 for number, end in enumerate(ends)}
        spans = {}
        for start, end in self._thesaurus.inside(folded):
            if start in first and end in after and after[end] > first[start] + 1:
                spans[first[start]] = after[end]
        return spans


def _ends(folded: str, words: Sequence[str]) -> list[int]:
    """Where each of the words of a folded text ends."""
    ends: list[int] = []
    for word in words:
        ends.append(folded.index(word, ends[-1] if ends else 0) + len(word))
    return ends
