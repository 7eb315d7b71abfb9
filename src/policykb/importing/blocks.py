"""Lines -> blocks: paragraphs, headings, table rows; and which are markers, captions, chapter headings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from policykb.domain.names import any_of
from policykb.domain.numerals import DIGITS
from policykb.domain.spacing import join_lines
from policykb.domain.wording import words
from policykb.importing.dated import ANY_MONTH, ENUMERATOR, MONTH, YEAR, dated
from policykb.importing.paragraphs import SENTENCE_END, Line, paragraph_starts

_PERIOD = re.compile(
    r"(?:(?P<year>(?:19|20)[0-9]{2})\s*年(?:度|全年)?)?(?P<part>第?[一二三四1-4]季度|[上下]半年|[0-9一二三四五六七八九十]{1,2}月份?|全年)?"
)
_LONGEST_HEADING = 60
_CHAPTER_WORD_WITHIN = 15  # characters of a heading that may stand before the word


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading or table row: ``text`` is that of its ``lines``, joined."""

    lines: tuple[Line, ...]
    text: str

    @property
    def first(self) -> int:
        """The number of its first line."""
        return self.lines[0].number

    @property
    def last(self) -> int:
        """The number of its last line."""
        return self.lines[-1].number

    @property
    def level(self) -> int:
        """The level of a heading, as its first line has it."""
        return self.lines[0].level

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells of a row of a table, as its first line has them."""
        return self.lines[0].cells

    @property
    def is_sentence(self) -> bool:
        """Whether it holds the end of a sentence."""
        return bool(SENTENCE_END.search(self.text))


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter heading.

    ``lists`` is True for chapters that list documents, False for those that do not, None where the words do not
    tell. ``period`` is the part of the year it names (一季度), and ``is_period`` says that it names nothing else;
    ``style`` is the kind of its enumerator.
    """

    text: str
    lists: bool | None
    period: str | None
    style: str
    is_period: bool


def blocks(lines: Sequence[Line]) -> list[Block]:
    """Lines put together to paragraphs; labels and markers that stand apart begin or are a block of their own."""
    groups: list[list[Line]] = []
    after_label = True
    for line, starts in zip(lines, paragraph_starts(lines, _has_chapter_word), strict=True):
        label = not line.cells and _is_bare_date(line.text)
        if starts or after_label or label or marker(line.text):
            groups.append([])
        groups[-1].append(line)
        after_label = label
    return [Block(tuple(group), join_lines(line.text for line in group)) for group in groups]


def marker(text: str) -> str | None:
    """The words that announce the body (要点分析：) as the text begins with them, brackets and colon included."""
    match = _marker().match(text)
    return match[0] if match else None


def is_caption(block: Block) -> bool:
    """Whether the block is the caption of a figure or table, or its source."""
    return len(block.text) <= 80 and not block.is_sentence and bool(_caption().match(block.text))


def chapter_heading(block: Block) -> Chapter | None:
    """Read a chapter heading: a marked or numbered heading, a period (一季度), or one with a chapter's words."""
    text = block.text
    if block.cells or block.is_sentence or len(text) > _LONGEST_HEADING or marker(text):
        return None
    enumerator, bare = without_enumerator(text)
    period = _PERIOD.match(bare)
    only_period = bool(bare and period and period.end() == len(bare))
    if not (block.level or enumerator or only_period or _has_chapter_word(text)):
        return None
    part = period["part"] if period else None
    lists = True if only_period else _lists(bare)
    return Chapter(text, lists, part.removeprefix("第") if part else None, enumerator_style(text), only_period)


def without_enumerator(text: str) -> tuple[str, str]:
    """A heading in two: the number or list mark it begins with, and the rest."""
    enumerator = ENUMERATOR.match(text)
    return (text[: enumerator.end()], text[enumerator.end() :]) if enumerator else ("", text)


def enumerator_style(text: str) -> str:
    """What kind of number a heading begins with: n、 (n) n. and so on, empty for none."""
    return re.sub(r"[0-9]+|[一二三四五六七八九十]+|[①-⑳]", "n", without_enumerator(text)[0].strip())


def period_in(text: str, context: str = "") -> str:
    """The year, or month, that a heading states, as the context of dates under it; else the ``context`` above."""
    plain = text.translate(DIGITS)
    year = YEAR.search(plain)
    stated = f"{year[1]}年" if year else context[:5]
    month = MONTH.search(plain)
    if month and stated:
        return f"{stated}{month[1]}月"
    return stated if year else context


def _is_bare_date(text: str) -> bool:
    found = len(text) <= 40 and dated(text, ANY_MONTH)
    return bool(found and not found.rest)


@cache
def _marker() -> re.Pattern[str]:
    markers = any_of(words()["review"]["markers"])
    return re.compile(rf"[【\[]\s?(?:{markers})\s?[】\]]\s*[：:]?\s*|(?:{markers})(?:\s*[：:]\s*|$)")


@cache
def _caption() -> re.Pattern[str]:
    captions = any_of(words()["review"]["captions"])
    return re.compile(rf"[（(]?(?:{captions})\s*(?:[0-9]+(?:[-—.][0-9]+)?(?![0-9年月日%])|[：:])")


def _has_chapter_word(text: str) -> bool:
    return len(text) <= _LONGEST_HEADING and not SENTENCE_END.search(text) and _lists(text) is not None


def _lists(text: str) -> bool | None:
    if re.search("[《<〈]", text):
        return None
    return next((lists for lists, pattern in _chapter_words() if pattern.match(text)), None)


@cache
def _chapter_words() -> tuple[tuple[bool, re.Pattern[str]], ...]:
    return tuple(
        (lists, re.compile(f".{{0,{_CHAPTER_WORD_WITHIN}}}?(?:{any_of(words()['review'][key])})"))
        for lists, key in ((False, "others"), (True, "policies"))
    )
