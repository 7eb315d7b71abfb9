"""Chinese text made searchable: folding, cutting into words, character pairs.

Everything that is matched goes through `fold` first, at indexing and at searching alike, so width, case,
brackets, line wraps and traditional characters never keep a query from its text. Stored text is not touched.

Words are cut as jieba cuts them: its dictionary, its frequencies, the most probable path through all the words
a run of Han characters can be read as (``jieba.cut(text, HMM=False)``; a test compares the two). jieba itself
is loaded once, to compile its dictionary and the field's terms into a sorted file that is then memory-mapped:
cutting a query looks up a few dozen words in it instead of loading 350,000.
"""

from __future__ import annotations

import mmap
import operator
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from functools import cache
from math import log
from pathlib import Path
from typing import NamedTuple, Protocol

from policykb.errors import DataError

NESTED = 0.5  # what a word inside another one (甲烷 in 二氟甲烷) counts of the word itself
VERSION = 1  # of folding and cutting: an index made by another version is rebuilt

DATA = Path(__file__).parent / "data"

# A line break inside a paragraph is a wrap; before a blank line or one of Markdown's block marks it is an end.
_PARAGRAPH = re.compile(r"\n[ \t]*(?:\n[ \t\n]*|(?=[-*+>] |#{1,6} |\||[0-9]{1,3}[.)] ))")
_EMPHASIS = re.compile(r"\*\*|__|`")
_LOOSE_SPACE = re.compile(r"(?<![0-9a-z]) | (?![0-9a-z])")
_SPACE = re.compile(r"[ \t\n]+")
_BREAK = "\x1f"  # stands for the end of a paragraph, which no match crosses

_RUN = re.compile(r"[^\W_]+")
_HAN = "\u3007\u3400-\u9fff\U00020000-\U0003ffff"
_SEGMENT = re.compile(r"([a-z0-9]+(?:[.\-/][a-z0-9]+)*)|([^\W_a-z0-9]+)")
_PART = re.compile(r"[^\W_]+")

_BRACKETS = {
    **dict.fromkeys("〔[【（［{｛〖", "("),
    **dict.fromkeys("〕]】）］}｝〗", ")"),
    **dict.fromkeys("《〈＜«‹", "<"),
    **dict.fromkeys("》〉＞»›", ">"),
    **dict.fromkeys("“”「」『』‘’＂＇'", '"'),
    **dict.fromkeys("—–―−‐‑－～", "-"),
}


@cache
def _simplified() -> Mapping[str, str]:
    lines = (DATA / "traditional.txt").read_text(encoding="utf-8").splitlines()
    return {line[0]: line[1] for line in lines if line[:1] not in ("", "#")}


class _FoldTable(dict[int, str]):
    """Character -> what it is matched as, worked out the first time a character is met.

    ``uneven`` are the characters met so far that do not become exactly one.
    """

    uneven: set[str]

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if char in _BRACKETS:
            folded = _BRACKETS[char]
        elif char == "\n":
            folded = char
        elif char.isspace():
            folded = " "
        elif unicodedata.category(char) in ("Cc", "Cf", "Mn", "Cs"):
            folded = ""  # controls, soft hyphens, joiners, combining accents, lone surrogates
        else:
            compatible = unicodedata.normalize("NFKD", char)
            simplified = _simplified()
            folded = "".join(simplified.get(c, c) for c in compatible.casefold() if unicodedata.category(c) != "Mn")
            folded = "".join(_BRACKETS.get(c, c) for c in folded)
        self[code] = folded
        if len(folded) != 1:
            self.uneven.add(char)
        return folded


_FOLD = _FoldTable({code: chr(code).lower() for code in range(33, 127)} | {32: " ", 10: "\n", 9: " ", 13: ""})
_FOLD.update({ord(c): folded for c, folded in _BRACKETS.items()})
_FOLD.uneven = {"\r"}


def fold(text: str) -> str:
    """Text as it is matched.

    Compatibility forms (full width, subscripts, ligatures) become plain, capitals small, accents fall away,
    traditional characters become simplified, all brackets of one shape and all quotes and dashes equal. Spaces
    and line wraps go, except between Latin words or figures, where one space stays; the end of a paragraph
    stays as a character that no match crosses.
    """
    folded = text.translate(_FOLD)
    if "\n" in folded:
        folded = _PARAGRAPH.sub(_BREAK, folded)
    if "*" in folded or "`" in folded or "_" in folded:
        folded = _EMPHASIS.sub("", folded)
    return _LOOSE_SPACE.sub("", _SPACE.sub(" ", folded))


def fold_with_offsets(text: str) -> tuple[str, list[int]]:
    """``fold(text)``, and for each of its characters the position in ``text`` it comes from."""
    flat = text.translate(_FOLD)
    if len(flat) == len(text) and _FOLD.uneven.isdisjoint(text):
        origin = list(range(len(text)))
    else:
        origin = [position for position, char in enumerate(text) for _ in _FOLD[ord(char)]]
    for pattern, replacement in (
        (_PARAGRAPH, _BREAK),
        (_EMPHASIS, ""),
        (_SPACE, " "),
        (_LOOSE_SPACE, ""),
    ):
        pieces: list[str] = []
        kept: list[int] = []
        last = 0
        for match in pattern.finditer(flat):
            start, end = match.span()
            pieces.append(flat[last:start])
            kept += origin[last:start]
            if replacement:
                pieces.append(replacement)
                kept.append(origin[start])
            last = end
        if last:
            pieces.append(flat[last:])
            kept += origin[last:]
            flat, origin = "".join(pieces), kept
    return flat, origin


def pairs(folded: str) -> set[str]:
    """The character pairs of folded text, and the last character of each run of letters and digits alone.

    A string of two characters or more can only stand in a text that has all its pairs; a single character
    stands wherever a pair begins with it or a run ends with it.
    """
    found: set[str] = set()
    for run in _RUN.findall(folded):
        found.update(map(operator.add, run, run[1:]))
        found.add(run[-1])
    return found


def runs(folded: str) -> list[str]:
    """The unbroken runs of letters, digits and Han characters of folded text."""
    return _RUN.findall(folded)


class Token(NamedTuple):
    """A word and where it stands: ``position`` counts words from 0; a nested word shares its holder's position."""

    word: str
    position: int
    nested: bool = False


class Logs(Protocol):
    """The part of a mapping that a `Lexicon` needs: a word's log probability, or `PREFIX`, or None."""

    def get(self, word: str, /) -> float | None: ...


PREFIX = 1.0  # no log probability: the string is no word, but longer words begin with it


class Lexicon:
    """The dictionary that words are cut by.

    ``logs`` answers for a string: the logarithm of its probability if it is a word, `PREFIX` if longer words begin
    with it, None otherwise. ``total`` is the sum of all words' frequencies.
    """

    def __init__(self, logs: Logs, total: int) -> None:
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
            for start, end in self._words(run):
                yield Token(run[start:end], position)
                if end - start > 2:
                    for word in self._inside(run, start, end):
                        yield Token(word, position, True)
                position += 1

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
                words += [run[start:end] for start, end in self._words(run)]
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

    def _words(self, run: str) -> list[tuple[int, int]]:
        """The words of the most probable reading of a run, as start and end.

        Of equally probable readings the one with the longer first word, as jieba decides.
        """
        get = self._logs.get
        size = len(run)
        if size == 1:
            return [(0, 1)]
        ends = [0] * size
        best = [0.0] * (size + 1)
        singles = [get(char) for char in run]
        doubles = [*map(get, map(operator.add, run, run[1:])), None]  # most words have two characters
        following = 0.0  # what is best after the first character
        for start in range(size - 1, -1, -1):
            end = stop = start + 1
            value = singles[start]
            is_word = value is not None and value < 0
            top = (value if value is not None and value < 0 else self._unknown) + following
            if value is not None:
                value = doubles[start]
            while value is not None:
                stop += 1
                if value < 0:
                    score = value + best[stop]
                    if score >= top or not is_word:
                        top, end, is_word = score, stop, True
                if stop == size:
                    break
                value = get(run[start : stop + 1])
            ends[start] = end
            best[start] = following = top
        words = []
        start = 0
        while start < size:
            words.append((start, ends[start]))
            start = ends[start]
        return words

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
        """The lexicon compiled at ``path``, memory-mapped: ready at once, each word looked up on disk."""
        table = MappedLogs(path)
        return cls(table, table.total)

    @classmethod
    def load(cls, path: Path) -> Lexicon:
        """The lexicon compiled at ``path``, read into memory: for cutting many texts."""
        with path.open(encoding="utf-8") as file:
            total = int(file.readline().split("\t")[1])
            log_total = log(total)
            logs: dict[str, float] = {}
            for line in file:
                word, _, frequency = line.partition("\t")
                logs[word] = log(int(frequency)) - log_total
        for word in list(logs):
            for end in range(len(word) - 1, 0, -1):
                if word[:end] in logs:
                    break
                logs[word[:end]] = PREFIX
        return cls(logs, total)


class MappedLogs:
    """A compiled lexicon file, memory-mapped and searched by bisection: the `Logs` of a query."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._first = self._map.find(b"\n") + 1
        self.total = int(self._map[: self._first].split(b"\t")[1])
        self._log_total = log(self.total)
        self._seen: dict[str, float | None] = {}

    def get(self, word: str, /) -> float | None:
        """The logarithm of the word's probability, `PREFIX` if it only begins longer words, None if neither."""
        if word not in self._seen:
            self._seen[word] = self._find(word.encode())
        return self._seen[word]

    def _find(self, key: bytes) -> float | None:
        table = self._map
        low, high = self._first, len(table)
        while low < high:
            start = max(table.rfind(b"\n", low, (low + high) // 2) + 1, low)
            tab = table.find(b"\t", start)
            if table[start:tab] < key:
                low = table.find(b"\n", tab) + 1 or high
            else:
                high = start
        tab = table.find(b"\t", low)
        found = table[low:tab]
        if found == key:
            return log(int(table[tab + 1 : table.find(b"\n", tab)])) - self._log_total
        return PREFIX if found.startswith(key) else None


def compile_lexicon(path: Path, terms: Iterable[str]) -> None:
    """Writes jieba's dictionary, with ``terms`` added so that each is cut as one word, to ``path``.

    The file is replaced atomically: a header line, then ``word<tab>frequency`` sorted by the word's bytes.
    """
    import logging
    import tempfile

    # jieba warns about pkg_resources when it is imported beside an old setuptools, logs its progress and keeps
    # a cache at a predictable place in the temporary folder: none of that may reach the user.
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jieba
    jieba.setLogLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        tokenizer = jieba.Tokenizer()
        tokenizer.tmp_dir = folder
        tokenizer.initialize()
    for word in sorted({run for term in terms for run in re.findall(f"[{_HAN}]+", fold(term)) if len(run) > 1}):
        tokenizer.add_word(word)
    only_han = re.compile(f"[{_HAN}]+").fullmatch
    words = sorted(
        (word.encode(), frequency) for word, frequency in tokenizer.FREQ.items() if frequency > 0 and only_han(word)
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with partial.open("wb") as file:
            file.write(f"lexicon {VERSION}\t{tokenizer.total}\n".encode())
            file.writelines(b"%s\t%d\n" % (word, frequency) for word, frequency in words)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)  # where the disk is full


def read_lines(path: Path) -> list[str]:
    """The lines of a data file. Raises `DataError` where it is not UTF-8."""
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(f"{path}:{line}: not UTF-8: save it in that encoding") from error


def read_terms(path: Path) -> list[str]:
    """The lines of a word list (``terms.txt``), without comments (``#``) and blank lines."""
    return [line.strip() for line in read_lines(path) if line.strip() and not line.startswith("#")]
