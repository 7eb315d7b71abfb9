"""Dates at the beginning or the end of a line, which may open an entry."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache

from policykb.domain.dates_in_text import find_dates
from policykb.domain.names import any_of
from policykb.domain.numerals import DIGITS
from policykb.importing.labels import label_keys

_NUMERAL = "[0-9一二三四五六七八九十]{1,3}"
ENUMERATOR = re.compile(
    rf"(?:第{_NUMERAL}[章节部分篇条]+[、.．：:\s]*|{_NUMERAL}、|[（(]{_NUMERAL}[)）]、?|[0-9]{{1,2}}[.．)）](?![0-9])|[①-⑳]|[-*+•●■◆▪]\s)\s*"
)
YEAR = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})(?:\s*年|(?![0-9]))")
MONTH = re.compile(r"(?<![0-9-])(1[0-2]|0?[1-9])\s*月(?:份|$|(?!\s*[0-9]))")
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
ANY_MONTH = "2000年1月"  # a context to see whether something is a date at all


@dataclass(frozen=True, slots=True)
class Dated:
    """A block that begins, or ends, with a date: ``label`` is all of it that is no heading, ``rest`` the heading."""

    day: date
    last: date | None
    label: str
    rest: str
    marked: bool  # by brackets or a number before it: this date is a label, not part of a sentence


def dated(text: str, context: str = "") -> Dated | None:
    """Read the date that ``text`` begins with, after a number or a bracket.

    ``context`` is what the headings above say of a date that lacks it: 2024年, or 2024年1月.
    """
    plain = text.translate(DIGITS)
    enumerator = ENUMERATOR.match(plain)
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


def trailing_date(text: str, context: str = "") -> Dated | None:
    """Read the date, in brackets or not, that a heading ends with; ``context`` as in `dated`."""
    plain = text.translate(DIGITS).rstrip()
    bare = plain.rstrip(_CLOSING)
    match = _LAST_DATE.search(bare[-30:])
    found = match and (find_dates(match[0]) or find_dates(context[:5] + match[0]))
    if not match or not found:
        return None
    start = len(bare) - len(match[0])
    while start and plain[start - 1] in _OPENING + " ，,|—-":
        start -= 1
    return Dated(found[0][2], None, text[start:].strip(), text[:start].strip(), True)


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


@cache
def _date_label() -> re.Pattern[str]:
    labels = any_of(label for label, key in label_keys().items() if key == "date")
    return re.compile(rf"(?:{labels})\s*[：:]\s*")
