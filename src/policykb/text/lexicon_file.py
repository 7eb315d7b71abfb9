"""The dictionary as a file: jieba's words and the field's terms, sorted, with their frequencies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from math import log
from pathlib import Path
from typing import Protocol

from policykb.files.atomic import replacing
from policykb.text.fold import fold

_HAN = "\u3007\u3400-\u9fff\U00020000-\U0003ffff"
VERSION = 2  # of folding and cutting: an index made by another version is rebuilt


class LogProbs(Protocol):
    """The part of a mapping that a `Lexicon` needs: a word's log probability, or `PREFIX`, or None."""

    def get(self, word: str, /) -> float | None:
        """As `dict.get` gives it."""


PREFIX = 1.0  # no log probability: the string is no word, but longer words begin with it


class CompiledLogProbs:
    """A compiled lexicon file, searched by bisection: the `LogProbs` of a query."""

    def __init__(self, path: Path) -> None:
        self._lines = path.read_bytes()
        self._first = self._lines.find(b"\n") + 1
        self.total = int(self._lines[: self._first].split(b"\t")[1])
        self._log_total = log(self.total)
        self._seen: dict[str, float | None] = {}

    def get(self, word: str, /) -> float | None:
        """The logarithm of the word's probability, `PREFIX` if it only begins longer words, None if neither."""
        if word not in self._seen:
            self._seen[word] = self._find(word.encode())
        return self._seen[word]

    def beginning(self, prefix: str) -> Iterator[str]:
        """The words that begin with ``prefix``, in the order of their bytes."""
        key = prefix.encode("utf-8", "replace")
        start = self._place(key)
        while self._lines[start : start + len(key)] == key and start < len(self._lines):
            tab = self._lines.find(b"\t", start)
            yield self._lines[start:tab].decode()
            start = self._lines.find(b"\n", tab) + 1

    def _place(self, key: bytes) -> int:
        """Where the first line stands whose word is not before ``key``."""
        table = self._lines
        low, high = self._first, len(table)
        while low < high:
            start = max(table.rfind(b"\n", low, (low + high) // 2) + 1, low)
            tab = table.find(b"\t", start)
            if table[start:tab] < key:
                low = table.find(b"\n", tab) + 1 or high
            else:
                high = start
        return low

    def _find(self, key: bytes) -> float | None:
        table, low = self._lines, self._place(key)
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
    with replacing(path) as partial, partial.open("wb") as file:
        file.write(f"lexicon {VERSION}\t{tokenizer.total}\n".encode())
        file.writelines(b"%s\t%d\n" % (word, frequency) for word, frequency in words)


def read_lexicon(path: Path) -> tuple[dict[str, float], int]:
    """A compiled lexicon in memory, as `LogProbs`, and the sum of all words' frequencies: for cutting many texts."""
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
    return logs, total
