"""Text in the columns of a terminal: widths of East Asian characters, fitting and wrapping."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

_NO_LINE_START = "，。、；：！？）》〉」』】〕”’…%℃)]"
_BEGUN = 5  # characters of a name in brackets that do not stand alone at the end of a line
_NO_LINE_END = "（《〈「『【“‘〔#(["


def width(text: str) -> int:
    """The terminal columns of ``text``: two for wide East Asian characters, none for combining ones."""
    return len(text) + sum(
        1
        if (shape := unicodedata.east_asian_width(char)) in "WF"
        else -1
        if shape != "A" and unicodedata.combining(char)
        else 0
        for char in text
        if char > "\u02ff"
    )


def fit(text: str, columns: int) -> str:
    """``text`` cut or padded with spaces to exactly ``columns``."""
    if width(text) > columns:
        text = text[: bisect_left(range(1, len(text)), columns, key=lambda end: width(text[:end]))] + "…"
    return text + " " * (columns - width(text))


def wrap(text: str, columns: int, start: int = 0) -> Iterator[tuple[int, int]]:
    """Where to break ``text``, from ``start`` on, into lines of at most ``columns``: start and end of each.

    Han text breaks anywhere but before closing and after opening punctuation, Latin words at spaces where they fit.
    """
    while start < len(text):
        end, used = start, 0
        while end < len(text) and (used := used + width(text[end])) <= columns:
            end += 1
        if end < len(text):
            best = end
            while best > start + 1 and (
                text[best] in _NO_LINE_START
                or text[best - 1] in _NO_LINE_END
                or _in_word(text[best])
                and _in_word(text[best - 1])
            ):
                best -= 1
            begun = text[start:best].rstrip(" ").rpartition("《")
            if begun[0] and len(begun[2]) < _BEGUN and "》" not in begun[2]:
                best = start + len(begun[0])  # a name is not torn at its first words
            end = best if best > start + 1 else max(end, start + 1)
        yield start, start + len(text[start:end].rstrip(" ")) or end
        start = end
        while start < len(text) and text[start] == " ":
            start += 1


def _in_word(char: str) -> bool:
    """Whether a character is of a Latin word, a number or a day (2024-06-04)."""
    return char.isascii() and (char.isalnum() or char == "-")


def columns_of(rows: Sequence[Sequence[str]]) -> list[int]:
    """The width each column of a table needs."""
    return [max(map(width, column)) for column in zip(*rows, strict=True)] if rows else []


def text_of(lines: Iterable[str]) -> str:
    """Lines as one text, each with its end."""
    return "".join(f"{line}\n" for line in lines)
