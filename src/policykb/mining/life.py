"""From which day to which a document is in force, as its text says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from policykb.domain.dates_in_text import find_dates
from policykb.domain.numerals import number_in
from policykb.domain.wording import clean_name, names_in

_TAKES_EFFECT = re.compile(r"(?:之日)?起?(?:正式|开始|全面)*(?:施行|实施|执行|生效)")
_ON_ISSUE = re.compile(r"自(?P<what>印发|发布|公布|颁布)之日起(?:正式)?(?:施行|实施|执行|生效)")
# 自甲日起至乙日(止)施行: what stands between the days, and behind the second
_TO = re.compile(r"\s*起?\s*(?:施行|实施|执行|生效)?[，,]?\s*(?:截?至|到)\s*")
_WITHIN = re.compile(r"\s*止?(?:期间)?(?:试行|施行|实施|执行|有效)|\s*止$")
_UNTIL = re.compile(r"(?:施行|实施|执行|有效|试行)(?:期限?)?(?:暂定)?(?:延长|延续)?(?:截?至|到)\s*$")
_SOON = 31  # days after the day of issue within which a publication is that of the document, and no later copy
_CLAUSE = re.compile(r"[日号起0-9]\s*(?:正式|开始|全面)*(?:施行|实施|执行|生效)")
_SENTENCE = re.compile(r"[^。；！？\n]+")
_BEFORE_DATE = 300  # characters of a sentence before a date in which the document it speaks of stands

_OWN = r"(?:本[办规条意方通决公细标指规目通法]\w{0,3}|试行|施行|执行|实施)"
_EXPIRY = re.compile(
    r"(?:^|[，,；。：起\s]|本\w{1,4}|试行|执行|实施)(?:的)?(?:有效期|试行期|试行|执行期限?|实施期限?)(?:限)?"
    r"(?:暂定)?(?:(?P<until>.{0,24}?(?:至|到|截至|截止到?))|(?:为|是|自.{2,8}之日起)?(?P<years>[0-9一二两三四五六七八九十]{1,2})年)"
)
_OWN_NAME = r"本(?:[办规条意方通决公细标指目法]\w{0,3}|政策|文件)"
_OF_ITSELF = re.compile(r"\s*(?:第\S{1,6}条\s*)?本\w{1,4}")


class Clause(NamedTuple):
    """A day that a text states, and the sentence ``text[start:end]`` that says so."""

    day: date
    start: int
    end: int


def commencement(
    text: str, names: Iterable[str], issued: date | None = None, published: date | None = None
) -> Clause | None:
    """From which day a document is in force, as its own text or a text about it says.

    A sentence that names another document before the date speaks of that one. 自印发之日起施行 is the day ``issued``,
    自发布之日起施行 the day ``published`` where that is soon after.
    """
    if not _CLAUSE.search(text):
        return None
    own = [clean_name(name) for name in names]
    for sentence in _SENTENCE.finditer(text):
        said = sentence[0]
        if not _CLAUSE.search(said):
            continue
        days = find_dates(said)
        for (start, end, day), (last, stop, _day) in pairwise(days):
            if _TO.fullmatch(said, end, last) and _WITHIN.match(said, stop) and not _speaks_of_other(said, start, own):
                return Clause(day, *sentence.span())
        for start, end, day in days:
            if _TAKES_EFFECT.match(said[end : end + 12].lstrip()) and not _speaks_of_other(said, start, own):
                return Clause(day, *sentence.span())
        if (match := _ON_ISSUE.search(said)) and not _speaks_of_other(said, match.start(), own):
            day_of = published if match["what"] != "印发" and _is_soon(issued, published) else issued
            return Clause(day_of, *sentence.span()) if day_of else None
    return None


def _is_soon(issued: date | None, published: date | None) -> bool:
    return published is not None and (issued is None or 0 <= (published - issued).days <= _SOON)


def effective_date(text: str, names: Iterable[str], issued: date | None = None) -> date | None:
    """The day of `commencement`."""
    found = commencement(text, names, issued)
    return found.day if found else None


def expiry(text: str, begins: date | None) -> Clause | None:
    """The last day of a document, as its text says: 有效期至2026年12月31日, 有效期五年, 试行两年, 自甲日至乙日施行.

    Years count from ``begins``. What is said of a certificate's validity is not said of the document.
    """
    for sentence in _SENTENCE.finditer(text):
        said = sentence[0]
        if not any(word in said for word in _SPEAKING):
            continue
        if (last := _last_day(said)) is not None:
            return Clause(last, *sentence.span())
        match = _EXPIRY.search(said)
        if not match or not (_CLAUSE.search(said) or re.search(_OWN, said)):
            continue
        if match["until"]:
            days = [day for start, _end, day in find_dates(said) if match.end() - 1 <= start <= match.end() + 3]
            if days:
                return Clause(days[0], *sentence.span())
        elif begins:
            years = number_in(match["years"].replace("两", "二"))
            return Clause(_day_before(begins, years), *sentence.span())
    return None


_SPEAKING = ("有效", "试行", "期限", "执行", "施行", "实施")


def _last_day(sentence: str) -> date | None:
    """The second day of 自甲日起至乙日施行, or that of 执行至乙日, where the sentence speaks of the document."""
    if "至" not in sentence and "到" not in sentence or not re.search(_OWN_NAME, sentence):
        return None
    days = find_dates(sentence)
    for (_start, end, _day), (last, stop, day) in pairwise(days):
        if _TO.fullmatch(sentence, end, last) and _WITHIN.match(sentence, stop):
            return day
    return next((day for start, _end, day in days if _UNTIL.search(sentence, max(start - 14, 0), start)), None)


def _day_before(begins: date, years: int) -> date:
    """The last day of a number of years that begin on a day."""
    end = (
        date(begins.year + years, 3, 1)
        if (begins.month, begins.day) == (2, 29)
        else begins.replace(year=begins.year + years)
    )
    return date.fromordinal(end.toordinal() - 1)


def _speaks_of_other(sentence: str, at: int, own: Sequence[str]) -> bool:
    if _OF_ITSELF.match(sentence) and sentence[:at].rstrip().endswith(("，", "，自", ",", ",自")):
        return False  # 本规范代替《X》，自……起实施
    names = [clean_name(name) for name in names_in(sentence[max(0, at - _BEFORE_DATE) : at])[0]]
    return bool(names) and not any(names[-1] in name or name in names[-1] for name in own)
