"""Days and periods as people write them in Chinese policy work.

``DateRange.parse`` reads one expression, or two joined by a range sign. ``N`` is a number in Arabic or
Chinese numerals (6, 06, 六, 十二, 廿一, 二十一); a year is 1900-2100 in four digits (2024, 二〇二四).

===========  ===============================================================================================
day          2024-06-04  2024/6/4  2024.6.4  20240604  2024年6月4日 (or 号)  去年6月4日  6月4日
month        2024-06  2024/6  2024.6  202406  2024年6月  2024年6月份  二〇二四年六月  去年6月  6月
quarter      2024Q2  2024-Q2  2024年二季度  2024年第2季度  去年四季度  二季度  Q2
half-year    2024H1  2024上半年  2024年下半年  去年下半年  上半年  H1
year         2024  2024年  2024年度  今年 本年  去年 上年  前年  明年
near days    今天 今日 today  昨天 昨日 yesterday  前天  明天
near units   本 这 上 上一 下 下一 + (个) + 周 星期 月 季度;  this last next + week month quarter year
span         近 最近 过去 + N + 天 日 周 (个)星期 (个)月 年;  近半年
since        今年以来 年初以来 ytd;  any of the above or below + 以来 (from its first day through today)
plan         十四五  “十四五”期间  十四五规划  第十四个五年规划 (一五 to 二十九五)
range        A..B  A~B  A至B  A到B  A—B  A–B;  2024-2025  2024年6月-8月;  A..  ..B  2024年6月至今
===========  ===============================================================================================

* Without a year, a day, month, quarter or half-year is in the year of ``today``. Only on the right of a range
  sign other than ``..`` is it in the year that the left side states: 2024年6月至8月 ends in August 2024.
* Weeks run from Monday to Sunday.
* A span ends with today. In days and weeks it is counted: 近90天 is today and the 89 days before. In months
  and years it begins on the day after the same calendar day n months ago, where the last day of a month
  corresponds to the last day of the other: 近三个月 is 2024-03-16..2024-06-15 on the 15th of June,
  2024-04-01..2024-06-30 on the 30th, and 2024-03-01..2024-05-30 on the 30th of May.
* A range goes from the first day of A through the last day of B.
* Upper and lower case, full-width characters and spaces make no difference; a space between two digits is
  refused, because it can hide a missing separator.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from policykb.errors import DateError

__all__ = ["DateRange", "find_dates", "parse_day"]

_FIRST, _STOP = date(1900, 1, 1), date(2101, 1, 1)
_DAY = timedelta(days=1)
_LONGEST = 100
_OUTSIDE = "the period reaches outside the years 1900-2100"
_SOME_FORMS = "2024-06-04, 2024年6月, 2024Q2, 上半年, 近三个月 or 2024-03..2024-08"


@dataclass(frozen=True, slots=True)
class DateRange:
    """The days from ``start`` up to, but without, ``end``; None is unbounded, ``DateRange()`` is all days.

    It is never empty and stays within the years 1900-2100, so that ``str`` can always be parsed back.
    It is true when it has a bound, that is, when it leaves any day out. The grammar of ``parse`` stands
    in the docstring of this module.
    """

    start: date | None = None
    end: date | None = None

    def __post_init__(self) -> None:
        start, end = self.start or _FIRST, self.end or _STOP
        if not (_FIRST <= start < _STOP and _FIRST < end <= _STOP):
            raise DateError(_OUTSIDE)
        if start >= end:
            raise DateError(f"the period begins on {start}, after its last day {self.last}")

    @classmethod
    def parse(cls, text: str, *, today: date) -> DateRange:
        """Read an expression or a range of two; anything else, whatever it is, is a DateError."""
        try:
            return _plain(text) or _range(_tidy(text), today)
        except (DateError, OverflowError, ValueError) as error:
            raise _explained(text, error, _SOME_FORMS) from None

    @classmethod
    def between(cls, start: str | None, end: str | None, *, today: date) -> DateRange:
        """From the first day of ``start`` through the last day of ``end``: what ``start..end`` means."""
        try:
            left = None if start is None else _plain(start) or _period(_tidy(start), today)
            right = None if end is None else _plain(end) or _period(_tidy(end), today)
            return _through(left, right)
        except (DateError, OverflowError, ValueError) as error:
            raise _explained(f"{start or ''}..{end or ''}", error, _SOME_FORMS) from None

    @property
    def first(self) -> date | None:
        """The first day, or None."""
        return self.start

    @property
    def last(self) -> date | None:
        """The last day that is still inside, or None."""
        return None if self.end is None else self.end - _DAY

    def days(self) -> Iterator[date]:
        """All days in order; a DateError when a bound is missing."""
        start, end = self.start, self.end
        if start is None or end is None:
            raise DateError(f"the days of {self} cannot be counted: it has no {'end' if start else 'start'}")
        return (start + n * _DAY for n in range((end - start).days))

    def label(self) -> str | None:
        """2024, 2024H1, 2024Q2, 2024-06 or 2024-06-04 when the range is exactly that, else None."""
        start, end = self.start, self.end
        if start is None or end is None:
            return None
        if end - start == _DAY:
            return str(start)
        months = (end.year - start.year) * 12 + end.month - start.month
        if not start.day == end.day == 1 or months not in (1, 3, 6, 12) or (start.month - 1) % months:
            return None
        number = start.month // months + 1
        part = {1: f"-{start.month:02}", 3: f"Q{number}", 6: f"H{number}", 12: ""}[months]
        return f"{start.year}{part}"

    def __contains__(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)

    def __and__(self, other: DateRange) -> DateRange | None:
        """The days in both, or None when there are none: periods that do not meet are no error."""
        starts = [day for day in (self.start, other.start) if day is not None]
        ends = [day for day in (self.end, other.end) if day is not None]
        start, end = max(starts, default=None), min(ends, default=None)
        return None if start is not None and end is not None and start >= end else DateRange(start, end)

    def __bool__(self) -> bool:
        return self.start is not None or self.end is not None

    def __str__(self) -> str:
        if self.start is not None and self.start == self.last:
            return str(self.start)
        return f"{self.start or ''}..{self.last or ''}"


def parse_day(text: str) -> date:
    """One calendar day with its year, in any form of the table; a DateError for anything coarser."""
    try:
        tidy = _tidy(text)
        for form in _DATES:
            if match := re.fullmatch(form, tidy):
                return _calendar_day(match)
        raise DateError("this is not one calendar day")
    except DateError as error:
        raise _explained(text, error, "2024-06-04, 20240604 or 2024年6月4日") from None


def find_dates(text: str) -> list[tuple[int, int, date]]:
    """Every full day written in running text: (start, end, day) in order, ``text[start:end]`` is the date.

    The forms are those of ``parse_day``, with the spaces and line breaks of PDF files (2024 年 5 月 1 日).
    Days that do not exist are left out, and so are digits of a longer number.
    """
    folded = text.translate(_FOLD)
    found = []
    for form in _DATES:
        for match in re.finditer(form, folded):
            try:
                found.append((match.start(), match.end(), _calendar_day(match)))
            except DateError:
                continue
    return sorted(found)


class _Fold(dict[int, str]):
    """For str.translate: NFKC, but one character for one, so that positions in the text stay true."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        plain = unicodedata.normalize("NFKC", char)
        # ① and ² stay: beside a date they are list numbers and footnote marks, not digits of it.
        self[code] = char if len(plain) != 1 or unicodedata.category(char) == "No" else plain
        return self[code]


# What NFKC leaves apart: the zeros that OCR and typists put for 〇, and the hyphens of typesetters.
_FOLD = _Fold(zip(map(ord, "零○◯‐‑−"), "〇〇〇---", strict=True))
# 两 counts months and weeks; 上 and 下 are the halves of a year.
_DIGITS = str.maketrans("〇一二三四五六七八九两上下", "0123456789212")

_ONES = "一二三四五六七八九"
_N = f"(?:[0-9]{{1,2}}|[{_ONES}]?十[{_ONES}]?|廿[{_ONES}]?|〇?[{_ONES}])"
_Y = f"(?P<y>[0-9]{{4}}|[〇{_ONES}]{{4}})"
_NEAR = "(?P<near>[今本去上前明])"
_YEAR = f"(?:{_Y}(?:年度?|[-/.])?+|{_NEAR}年度?+)"
_YEARS_AWAY = {"今": 0, "本": 0, "去": -1, "上": -1, "前": -2, "明": 1}
_DAYS_AWAY = {"今": 0, "昨": -1, "前": -2, "明": 1, "t": 0, "y": -1}
_UNITS_AWAY = {"本": 0, "这": 0, "this": 0, "上": -1, "上一": -1, "last": -1, "下": 1, "下一": 1, "next": 1}
_UNIT_MONTHS = {"月": 1, "month": 1, "季度": 3, "quarter": 3, "year": 12}

# Full days. They serve running text as well, hence the gaps, and the guards against longer numbers: a third
# separator makes it a version or an article number (2024.6.4.1), unless a second year follows it. All name
# their year, so reading one needs no today.
_GAP = r"\s{0,3}"
_DATES = (
    rf"(?<![0-9〇{_ONES}]){_Y}{_GAP}年{_GAP}(?P<m>{_N}){_GAP}月{_GAP}(?P<d>{_N}){_GAP}[日号]",
    (
        r"(?<![0-9])(?P<y>[0-9]{4}) ?(?P<sep>[-/.]) ?(?P<m>[0-9]{1,2}) ?(?P=sep) ?(?P<d>[0-9]{1,2})"
        r"(?![0-9]|(?P=sep)[0-9]{1,3}(?![0-9]))"
    ),
    r"(?<![0-9])(?<![0-9][.,])(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})(?![0-9]|[.,][0-9])",
)
# A hyphen joins two sides only where it cannot be the separator inside one date.
_SIGN = (
    rf"\.\.|[~至到]|[—–]{{1,2}}|(?:(?<=[月日号份])|(?<=季度))-|(?<=年)-(?=[0-9〇{_ONES}]{{4}}|.年)"
    r"|(?<=^[0-9]{4})-(?=[0-9]{4}(?:年度?)?$)|(?<=^[0-9]{8})-(?=[0-9]{8}$)"
)
_QUOTE = "[\"“”'‘’「」]?"


def _tidy(text: str) -> str:
    if len(text) > _LONGEST:
        raise DateError(f"the text is longer than {_LONGEST} characters")
    folded = text.translate(_FOLD).lower()
    if re.search(r"[0-9]\s+[0-9]", folded):
        raise DateError("a space stands between two digits")
    if tidy := "".join(folded.split()):
        return tidy
    raise DateError("the text is empty")


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:40] + "…")


def _explained(text: str, error: Exception, forms: str) -> DateError:
    # Anything but a DateError comes from date arithmetic at the ends of the calendar.
    problem = error if isinstance(error, DateError) else _OUTSIDE
    return DateError(f"cannot read {_quoted(text)}: {problem}; write for example {forms}")


def _plain(text: str) -> DateRange | None:
    """2024, 2024-06 and 2024-06-04, as most are typed, without compiling the expressions of all the forms.

    None for anything else, a date that does not exist too: the forms say what is wrong with it.
    """
    sizes = [len(part) for part in text.split("-")]
    if sizes not in ([4], [4, 2], [4, 2, 2]) or not text.isascii() or not text.replace("-", "").isdecimal():
        return None
    try:
        first = date.fromisoformat(text + "-01" * (3 - len(sizes)))
    except ValueError:
        return None
    if not _FIRST <= first < _STOP:
        return None
    if len(sizes) == 3:
        return DateRange(first, first + _DAY)
    return _months(first.year, first.month, 12 if len(sizes) == 1 else 1)


def _range(text: str, today: date) -> DateRange:
    signs = list(re.finditer(_SIGN, text))
    if not signs:
        return _period(text, today)
    left, sign, right = text[: signs[0].start()], signs[0][0], text[signs[0].end() :]
    if len(signs) > 1 or text == sign != "..":
        raise DateError("a range has one sign, between a start and an end")
    year = re.match(f"{_YEAR}.", left)
    if sign != ".." and year and re.fullmatch(f"{_N}月.*|第?{_N}季度|[qh]{_N}|[上下]半年", right):
        right = f"{year['y'] or year['near']}年{right}"
    return _through(_period(left, today) if left else None, _period(right, today) if right else None)


def _through(left: DateRange | None, right: DateRange | None) -> DateRange:
    return DateRange(left.start if left else None, right.end if right else None)


def _period(text: str, today: date) -> DateRange:
    for form, family in _FORMS:
        if match := re.fullmatch(form, text):
            return family(match, today)
    raise DateError(f"{_quoted(text)} is not a date or a period")


def _number(numeral: str) -> int:
    """Arabic digits, Chinese numerals to 99 (二十一), and digit by digit (二〇二四)."""
    tens, ten, units = numeral.replace("廿", "二十").translate(_DIGITS).rpartition("十")
    return int(tens or 1) * 10 + int(units or 0) if ten else int(units)


def _upto(highest: int, what: str, number: int) -> int:
    if not 1 <= number <= highest:
        raise DateError(f"there is no {what} {number}")
    return number


def _year(match: re.Match[str], today: date) -> int:
    parts = match.groupdict()
    year = _number(parts["y"]) if parts["y"] else today.year + _YEARS_AWAY[parts.get("near") or "今"]
    if not _FIRST.year <= year < _STOP.year:
        raise DateError(f"the year {year} is outside 1900-2100")
    return year


def _month_start(year: int, month: int) -> date:
    """The first of a month, where months 0 and 13 belong to the years before and after."""
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def _months(year: int, month: int, count: int) -> DateRange:
    return DateRange(_month_start(year, month), _month_start(year, month + count))


def _calendar_day(match: re.Match[str], today: date = _FIRST) -> date:
    year, month, day = _year(match, today), _upto(12, "month", _number(match["m"])), _number(match["d"])
    length = (_month_start(year, month + 1) - _month_start(year, month)).days
    if not 1 <= day <= length:
        raise DateError(f"there is no day {day}: {year}-{month:02} has {length} days")
    return date(year, month, day)


def _one_day(match: re.Match[str], today: date) -> DateRange:
    day = _calendar_day(match, today)
    return DateRange(day, day + _DAY)


def _year_or_part(match: re.Match[str], today: date) -> DateRange:
    year = _year(match, today)
    for group, what, size in (("m", "month", 1), ("q", "quarter", 3), ("h", "half-year", 6)):
        if numeral := match.groupdict().get(group):
            return _months(year, _upto(12 // size, what, _number(numeral)) * size - size + 1, size)
    return _months(year, 1, 12)


def _near_day(match: re.Match[str], today: date) -> DateRange:
    day = today + _DAYS_AWAY[match[0][0]] * _DAY
    return DateRange(day, day + _DAY)


def _near_unit(match: re.Match[str], today: date) -> DateRange:
    away = _UNITS_AWAY[match["away"]]
    if size := _UNIT_MONTHS.get(match["unit"]):
        return _months(today.year, (today.month - 1) // size * size + 1 + away * size, size)
    monday = today + (away * 7 - today.weekday()) * _DAY
    return DateRange(monday, monday + 7 * _DAY)


def _span(match: re.Match[str], today: date) -> DateRange:
    count = _upto(9999, "span of", _number(match["n"])) if match["n"] else 6
    unit, end = match["unit"] or "月", today + _DAY
    if unit not in "月年":
        return DateRange(end - count * (1 if unit in "天日" else 7) * _DAY, end)
    month = end.month - count * (12 if unit == "年" else 1)
    # Counting back from tomorrow is what makes whole months of the last three at the end of a month; a day
    # that the earlier month lacks gives way to the first of the next, lest the span grow longer.
    same_day = _month_start(end.year, month) + (end.day - 1) * _DAY
    return DateRange(min(same_day, _month_start(end.year, month + 1)), end)


def _since(match: re.Match[str], today: date) -> DateRange:
    start = _period(match["x"] or "今年", today).start
    if start is not None and start > today:
        raise DateError(f"{start} is after today, {today}")
    return DateRange(start, today + _DAY)


def _plan(match: re.Match[str], today: date) -> DateRange:
    number = _upto(29, "five-year plan", _number(match["n"]))
    # The first two were followed by three years without a plan.
    return _months({1: 1953, 2: 1958}.get(number, 1951 + number * 5), 1, 60)


_FORMS: tuple[tuple[str, Callable[[re.Match[str], date], DateRange]], ...] = (
    *((form, _one_day) for form in _DATES),
    (f"(?:(?:{_Y}|{_NEAR})年度?)?(?P<m>{_N})月(?P<d>{_N})[日号]", _one_day),
    (f"(?:(?:{_Y}|{_NEAR})年度?)?(?P<m>{_N})月份?", _year_or_part),
    (f"{_Y}[-/.](?P<m>{_N})", _year_or_part),
    ("(?P<y>[0-9]{4})(?P<m>[0-9]{2})", _year_or_part),
    (f"{_YEAR}?q(?P<q>{_N})", _year_or_part),
    (f"{_YEAR}?第?(?P<q>{_N})季度", _year_or_part),
    (f"{_YEAR}?h(?P<h>{_N})", _year_or_part),
    (f"{_YEAR}?(?P<h>[上下])半年", _year_or_part),
    (f"(?:{_Y}(?:年度?)?|{_NEAR}年度?)", _year_or_part),
    ("[今昨明][天日]|前天|今|today|yesterday", _near_day),  # 今 alone is there for 至今
    ("(?P<away>本|这|[上下]一?)个?(?P<unit>周|星期|月|季度)", _near_unit),
    ("(?P<away>this|last|next)(?P<unit>week|month|quarter|year)", _near_unit),
    (f"(?:最?近|过去)(?:(?P<n>[0-9]{{1,4}}|两|{_N})个?(?P<unit>[天日周月年]|星期)|半年)", _span),
    ("年初以来|ytd|自?(?P<x>[^来]+)以来", _since),
    (f"{_QUOTE}(?P<n>{_N})五{_QUOTE}(?:规划|计划)?{_QUOTE}(?:时期|期间)?", _plan),
    (f"第(?P<n>{_N})个五年(?:规划|计划)", _plan),
)
