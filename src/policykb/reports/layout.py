"""The parts that reviews of policy are laid out with: dated labels, markers, captions, chapter headings, fields.

Each function looks at one paragraph, a `Block`, and says whether it is such a part; `reports` puts them together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from policykb.dates import find_dates
from policykb.reports.lines import Line, join_lines, paragraph_starts
from policykb.reports.wording import HAN, words

__all__ = [
    "ANY_MONTH",
    "Block",
    "Dated",
    "Section",
    "blocks",
    "dated",
    "fields",
    "is_caption",
    "label_key",
    "marker",
    "number_style",
    "section",
    "trailing_date",
    "without_number",
    "period_in",
]

_NUMERAL = "[0-9一二三四五六七八九十]{1,3}"
_ENUMERATOR = re.compile(
    rf"(?:第{_NUMERAL}[章节部分篇条]+[、.．：:\s]*|{_NUMERAL}、|[（(]{_NUMERAL}[)）]、?|[0-9]{{1,2}}[.．)）](?![0-9])|[①-⑳]|[-*+•●■◆▪]\s)\s*"
)
_SENTENCE_END = re.compile(r"[。！？；!?;][”’」』）)》〉\]】]*$")
_PERIOD = re.compile(
    r"(?:(?P<year>(?:19|20)[0-9]{2})\s*年(?:度|全年)?)?(?P<part>第?[一二三四1-4]季度|[上下]半年|[0-9一二三四五六七八九十]{1,2}月份?|全年)?"
)
_YEAR = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})(?:\s*年|(?![0-9]))")
_MONTH = re.compile(r"(?<![0-9-])(1[0-2]|0?[1-9])\s*月(?:份|$|(?!\s*[0-9]))")
_LAST_DATE = re.compile(
    r"(?:(?:19|20)[0-9]{2}\s*[-年/.])?\s*[0-9]{1,2}\s*[-月/.]\s*[0-9]{1,2}\s*[日号]?$|[二〇○零一二三四五六七八九十]+年[^年]+日$"
)
_OPENING, _CLOSING = "【[（(〔「", "】]）)〕」"
_AFTER_DATE = re.compile(
    r"[】\])）〕」]?(?:[（(]?(?:星期|周)[一二三四五六日天][)）]?)?[】\])）〕」]?[\s，,、：:|｜—–-]*"
)
_SHORT_DATE = re.compile(r"([0-9]{1,2})\s?[.·/-]\s?([0-9]{1,2})(?![0-9.%])")
_NUMERAL_FIRST = re.compile("[0-9零〇○一二三四五六七八九十廿]")
_RANGE_SIGN = re.compile(r"\s*[-—–~～至到]{1,2}\s*")
_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")
_LONGEST_HEADING = 60
ANY_MONTH = "2000年1月"  # a context to see whether something is a date at all
_CHAPTER_WORD_WITHIN = 15  # characters of a heading that may stand before the word


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading or table row: ``text`` is that of its ``lines``, joined."""

    lines: tuple[Line, ...]
    text: str

    @property
    def first(self) -> int:
        return self.lines[0].number

    @property
    def last(self) -> int:
        return self.lines[-1].number

    @property
    def level(self) -> int:
        return self.lines[0].level

    @property
    def cells(self) -> tuple[str, ...]:
        return self.lines[0].cells

    @property
    def is_sentence(self) -> bool:
        return bool(_SENTENCE_END.search(self.text))


@dataclass(frozen=True, slots=True)
class Dated:
    """A block that begins, or ends, with a date: ``label`` is all of it that is no heading, ``rest`` the heading."""

    day: date
    last: date | None
    label: str
    rest: str
    marked: bool  # by brackets or a number before it: this date is a label, not part of a sentence


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter heading.

    ``lists`` is True for chapters that list documents, False for those that do not, None where the words do not
    tell. ``period`` is the part of the year it names (一季度), and ``is_period`` says that it names nothing else;
    ``style`` is the kind of its number.
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


def _is_bare_date(text: str) -> bool:
    found = len(text) <= 40 and dated(text, ANY_MONTH)
    return bool(found and not found.rest)


def dated(text: str, context: str = "") -> Dated | None:
    """Read the date that ``text`` begins with, after a number or a bracket.

    ``context`` is what the headings above say of a date that lacks it: 2024年, or 2024年1月.
    """
    plain = text.translate(_DIGITS)
    enumerator = _ENUMERATOR.match(plain)
    at = enumerator.end() if enumerator else 0
    named = _date_label().match(plain, at)
    at = named.end() if named else at
    bracket = plain[at : at + 1] in _OPENING and plain[at : at + 1] != ""
    at += bracket
    day, end = _day_at(plain[at:], context, bracket)
    if day is None:
        return None
    end += at
    last: date | None = None
    if sign := _RANGE_SIGN.match(plain, end):
        for prefix in ("", f"{day.year}年", f"{day.year}年{day.month}月"):
            found = find_dates(prefix + plain[sign.end() : sign.end() + 20])
            if found and found[0][0] == 0 and found[0][2] > day:
                last, end = found[0][2], sign.end() + found[0][1] - len(prefix)
                break
    after = _AFTER_DATE.match(plain, end)
    end = after.end() if after else end
    return Dated(day, last, text[:end].strip(), text[end:].strip(), bool(enumerator or bracket or named))


def _day_at(text: str, context: str, bracket: bool) -> tuple[date | None, int]:
    """The day at the very beginning of a text, and where it ends."""
    head = text[:40]
    if not _NUMERAL_FIRST.match(head):
        return None, 0
    for prefix in dict.fromkeys(("", context[:5], context)):
        found = find_dates(prefix + head)
        if found and found[0][0] == 0:
            return found[0][2], found[0][1] - len(prefix)
    short = _SHORT_DATE.match(head) if bracket and context else None
    if short and head[short.end() : short.end() + 1] in tuple(_CLOSING + " -—–至"):
        try:
            return date(int(context[:4]), int(short[1]), int(short[2])), short.end()
        except ValueError:
            return None, 0
    return None, 0


def trailing_date(text: str, context: str = "") -> Dated | None:
    """Read the date, in brackets or not, that a heading ends with; ``context`` as in `dated`."""
    plain = text.translate(_DIGITS).rstrip()
    bare = plain.rstrip(_CLOSING)
    match = _LAST_DATE.search(bare[-30:])
    found = match and (find_dates(match[0]) or find_dates(context[:5] + match[0]))
    if not match or not found:
        return None
    start = len(bare) - len(match[0])
    while start and plain[start - 1] in _OPENING + " ，,|—-":
        start -= 1
    return Dated(found[0][2], None, text[start:].strip(), text[:start].strip(), True)


def marker(text: str) -> str | None:
    """The words that announce the body (要点分析：) as the text begins with them, brackets and colon included."""
    match = _marker().match(text)
    return match[0] if match else None


@cache
def _marker() -> re.Pattern[str]:
    alternatives = "|".join(sorted(map(re.escape, words()["review"]["markers"]), key=len, reverse=True))
    return re.compile(rf"[【\[]\s?(?:{alternatives})\s?[】\]]\s*[：:]?\s*|(?:{alternatives})(?:\s*[：:]\s*|$)")


def is_caption(block: Block) -> bool:
    """Whether the block is the caption of a figure or table, or its source."""
    return len(block.text) <= 80 and not block.is_sentence and bool(_caption().match(block.text))


@cache
def _caption() -> re.Pattern[str]:
    alternatives = "|".join(map(re.escape, words()["review"]["captions"]))
    return re.compile(rf"[（(]?(?:{alternatives})\s*(?:[0-9]+(?:[-—.][0-9]+)?(?![0-9年月日%])|[：:])")


def section(block: Block) -> Section | None:
    """Read a chapter heading: a marked or numbered heading, a period (一季度), or one with a chapter's words."""
    text = block.text
    if block.cells or block.is_sentence or len(text) > _LONGEST_HEADING or marker(text):
        return None
    number, bare = without_number(text)
    period = _PERIOD.match(bare)
    only_period = bool(bare and period and period.end() == len(bare))
    if not (block.level or number or only_period or _has_chapter_word(text)):
        return None
    part = period["part"] if period else None
    lists = True if only_period else _lists(bare)
    return Section(text, lists, part.removeprefix("第") if part else None, number_style(text), only_period)


def without_number(text: str) -> tuple[str, str]:
    """A heading in two: the number or list mark it begins with, and the rest."""
    enumerator = _ENUMERATOR.match(text)
    return (text[: enumerator.end()], text[enumerator.end() :]) if enumerator else ("", text)


def number_style(text: str) -> str:
    """What kind of number a heading begins with: n、 (n) n. and so on, empty for none."""
    return re.sub(r"[0-9]+|[一二三四五六七八九十]+|[①-⑳]", "n", without_number(text)[0].strip())


def period_in(text: str, context: str = "") -> str:
    """The year, or month, that a heading states, as the context of dates under it; else the ``context`` above."""
    plain = text.translate(_DIGITS)
    year = _YEAR.search(plain)
    stated = f"{year[1]}年" if year else context[:5]
    month = _MONTH.search(plain)
    if month and stated:
        return f"{stated}{month[1]}月"
    return stated if year else context


def _has_chapter_word(text: str) -> bool:
    return len(text) <= _LONGEST_HEADING and not _SENTENCE_END.search(text) and _lists(text) is not None


def _lists(text: str) -> bool | None:
    if re.search("[《<〈]", text):
        return None
    return next((lists for lists, pattern in _chapter_words() if pattern.match(text)), None)


@cache
def _chapter_words() -> tuple[tuple[bool, re.Pattern[str]], ...]:
    return tuple(
        (lists, re.compile(f".{{0,{_CHAPTER_WORD_WITHIN}}}?(?:{'|'.join(map(re.escape, words()['review'][key]))})"))
        for lists, key in ((False, "others"), (True, "policies"))
    )


# ---- Fields: 发布日期：……


@cache
def _labels() -> dict[str, str]:
    return {"".join(word.split()): key for key, found in words()["labels"].items() for word in found}


@cache
def _label() -> re.Pattern[str]:
    spaced = (r"\s{0,4}".join(map(re.escape, label)) for label in sorted(_labels(), key=len, reverse=True))
    return re.compile(rf"(?<![{HAN}])({'|'.join(spaced)})\s*[：:]")


@cache
def _date_label() -> re.Pattern[str]:
    labels = sorted(map(re.escape, words()["labels"]["date"]), key=len, reverse=True)
    return re.compile(rf"(?:{'|'.join(labels)})\s*[：:]\s*")


def label_key(text: str) -> str | None:
    """The key that a label or a column's head stands for (发 文 机 关：: issuers), None where it is none."""
    return _labels().get("".join(text.split()).strip("：:【】[]"))


def fields(text: str) -> Iterator[tuple[str, str]]:
    """The values in a line of labelled ones: 发布日期：2024-01-10 发布机构：生态环境部."""
    known = [(match.start(), match.end(), _labels()["".join(match[1].split())]) for match in _label().finditer(text)]
    for n, (_, end, key) in enumerate(known):
        following = known[n + 1][0] if n + 1 < len(known) else len(text)
        yield key, text[end:following].strip(" \t\u3000|，,；;")
