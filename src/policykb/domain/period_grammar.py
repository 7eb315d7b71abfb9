"""The grammar of periods as people write them in Chinese policy work; `policykb.domain.daterange` reads by it.

``DateRange.parse`` reads one expression, or two joined by a range sign. ``N`` is a number in Arabic or
Chinese numerals (6, 06, 六, 十二, 廿一, 二十一); a year is 1900-2100 in four digits (2024, 二〇二四).

===========  ===============================================================================================
day          2024-06-04  2024/6/4  2024.6.4  20240604  2024年6月4日 (or 号)  去年6月4日  6月4日
month        2024-06  2024/6  2024.6  202406  2024年6月  2024年6月份  24年6月  二〇二四年六月  去年6月  6月
months       2024年1-6月  2024年1至6月  1-6月
quarter      2024Q2  2024-Q2  24Q2  2024年二季度  2024年第2季度  去年四季度  二季度  Q2
quarters     前三季度  2024年前三季度  2024Q1-Q2
half-year    2024H1  2024上半年  2024年下半年  去年下半年  上半年  H1
year         2024  2024年  2024年度  2024全年  今年 本年 全年 年内  去年 上年  前年  明年
year's end   2024年底  年底 (December)
near days    今天 今日 today  昨天 昨日 yesterday  前天  明天
near units   本 这 上 上一 下 下一 + (个) + 周 星期 月 季度;  this last next + week month quarter year
span         近 最近 过去 + N + 天 日 周 (个)星期 (个)月 年;  近半年  半年来  三个月来
day away     N + 天 日 周 (个)星期 (个)月 年 + 前;  半年前
since        今年以来 年初以来 ytd;  any of the above or below + 以来 (from its first day through today)
plan         十四五  “十四五”期间  十四五规划  第十四个五年规划 (一五 to 二十九五)
range        A..B  A~B  A至B  A到B  A—B  A–B;  2024-2025  2024年6月-8月  2024.1-2024.6;  A..  ..B  2024年6月至今
===========  ===============================================================================================

* Without a year, a day, month, quarter or half-year is in the year of ``today``. Only on the right of a range
  sign other than ``..`` is it in the year that the left side states: 2024年6月至8月 ends in August 2024.
* Weeks run from Monday to Sunday.
* A span ends with today. In days and weeks it is counted: 近90天 is today and the 89 days before. In months
  and years it begins on the day after the same calendar day n months ago, where the last day of a month
  corresponds to the last day of the other: 近三个月 is 2024-03-16..2024-06-15 on the 15th of June,
  2024-04-01..2024-06-30 on the 30th, and 2024-03-01..2024-05-30 on the 30th of May.
* A range goes from the first day of A through the last day of B.
* A year of two digits is in this century, and has 年 or a quarter behind it: 24年6月, 24Q2.
* A day away is as far from today as a span goes back: 三个月前 is 2024-03-15 on the 15th of June.
* Upper and lower case, full-width characters and spaces make no difference; a space between two digits is
  refused, because it can hide a missing separator.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from policykb.domain.calendar import DAY, Bounds, month_start, months_around, months_from
from policykb.domain.dates_in_text import (
    FULL_DATES,
    NEAR,
    ONES,
    YEAR,
    N,
    Y,
    calendar_day,
    explained,
    quoted,
    tidy,
    up_to,
    year_of,
)
from policykb.domain.numerals import number_in
from policykb.errors import DateError
from policykb.i18n import _

_DAYS_AWAY = {"今": 0, "昨": -1, "前": -2, "明": 1, "t": 0, "y": -1}
_UNITS_AWAY = {"本": 0, "这": 0, "this": 0, "上": -1, "上一": -1, "last": -1, "下": 1, "下一": 1, "next": 1}
_UNIT_MONTHS = {"月": 1, "month": 1, "季度": 3, "quarter": 3, "year": 12}

# Those that a shell offers; others are years and their parts.
USUAL = (
    "今天", "本周", "上周", "本月", "上月", "本季度", "上季度", "上半年", "下半年", "今年", "去年", "今年以来",
    "近30天", "近三个月", "近半年", "近一年",
)  # fmt: skip

# A hyphen joins two sides only where it cannot be the separator inside one date.
_SIGN = (
    rf"\.\.|[~至到]|[—–]{{1,2}}|(?:(?<=[月日号份])|(?<=季度))-|(?<=年)-(?=[0-9〇{ONES}]{{4}}|.年)"
    r"|(?<=^[0-9]{4})-(?=[0-9]{4}(?:年度?)?$)|(?<=^[0-9]{8})-(?=[0-9]{8}$)"
    r"|(?:(?<=[./][0-9])|(?<=[./][0-9]{2}))-(?=[0-9]{4}[./])|(?<=q[1-4])-(?=(?:[0-9]{2,4})?q[1-4]$)"
)
_MONTHS = f"{YEAR}?(?P<m>{N})(?:月份?)?[-~至到—–](?P<last>{N})月份?"
_COUNT = rf"(?P<n>[0-9]{{1,4}}|两|{N})个?(?P<unit>[天日周月年]|星期)"
_QUOTE = "[\"“”'‘’「」]?"


def read_range(text: str, today: date) -> Bounds:
    """One expression, or two joined by a range sign. Raises DateError for anything else."""
    text = _with_century(tidy(text))
    signs = list(re.finditer(_SIGN, text))
    if not signs or re.fullmatch(_MONTHS, text):
        return _period(text, today)
    left, sign, right = text[: signs[0].start()], signs[0][0], text[signs[0].end() :]
    if len(signs) > 1 or text == sign != "..":
        raise DateError(_("a range has one sign, between a start and an end"))
    year = re.match(f"{YEAR}.", left)
    if sign != ".." and year and re.fullmatch(f"{N}月.*|第?{N}季度|[qh]{N}|[上下]半年", right):
        right = f"{year['y'] or year['near']}年{right}"
    left_side, right_side = _period(left, today) if left else None, _period(right, today) if right else None
    return Bounds(left_side and left_side.start, right_side and right_side.end)


def read_period(text: str, today: date) -> Bounds:
    """One expression. Raises DateError where it is none of the forms."""
    return _period(tidy(text), today)


def unreadable(text: str, error: Exception) -> DateError:
    """The error that a person is told of an expression."""
    return explained(text, error, _("2024-06-04, 2024年6月, 2024Q2, 上半年, 近三个月 or 2024-03..2024-08"))


def _period(text: str, today: date) -> Bounds:
    text = _with_century(text)
    for form, family in _FORMS:
        if match := re.fullmatch(form, text):
            return family(match, today)
    raise DateError(_("{text} is not a date or a period").format(text=quoted(text)))


def _with_century(text: str) -> str:
    return f"20{text}" if re.match(rf"[0-9]{{2}}(?:年(?!来|前(?!{N}个?季度))|[qh][0-9])", text) else text


def _one_day(match: re.Match[str], today: date) -> Bounds:
    day = calendar_day(match, today)
    return Bounds(day, day + DAY)


def _year_or_part(match: re.Match[str], today: date) -> Bounds:
    year = year_of(match, today)
    for group, what, size in (("m", _("month"), 1), ("q", _("quarter"), 3), ("h", _("half-year"), 6)):
        if numeral := match.groupdict().get(group):
            return months_from(year, up_to(12 // size, what, number_in(numeral)) * size - size + 1, size)
    return months_from(year, 1, 12)


def _months(match: re.Match[str], today: date) -> Bounds:
    year, what = year_of(match, today), _("month")
    first, last = (up_to(12, what, number_in(match[group])) for group in ("m", "last"))
    if last < first:
        raise DateError(_("month {first} comes after month {last}").format(first=first, last=last))
    return months_from(year, first, last - first + 1)


def _first_quarters(match: re.Match[str], today: date) -> Bounds:
    return months_from(year_of(match, today), 1, 3 * up_to(4, _("quarter"), number_in(match["q"])))


def _years_end(match: re.Match[str], today: date) -> Bounds:
    return months_from(year_of(match, today), 12, 1)


def _away(match: re.Match[str], today: date) -> Bounds:
    start = _span(match, today - DAY).start
    return Bounds(start, start and start + DAY)


def _unmeasured(match: re.Match[str], today: date) -> Bounds:
    raise DateError(_("{text} does not say how long: 近30天, 近三个月, 近一年").format(text=quoted(match[0])))


def _near_day(match: re.Match[str], today: date) -> Bounds:
    day = today + _DAYS_AWAY[match[0][0]] * DAY
    return Bounds(day, day + DAY)


def _near_unit(match: re.Match[str], today: date) -> Bounds:
    away = _UNITS_AWAY[match["away"]]
    if size := _UNIT_MONTHS.get(match["unit"]):
        return months_around(today, size, away)
    monday = today + (away * 7 - today.weekday()) * DAY
    return Bounds(monday, monday + 7 * DAY)


def _span(match: re.Match[str], today: date) -> Bounds:
    count = up_to(9999, _("span of"), number_in(match["n"])) if match["n"] else 6
    unit, end = match["unit"] or "月", today + DAY
    if unit not in "月年":
        return Bounds(end - count * (1 if unit in "天日" else 7) * DAY, end)
    month = end.month - count * (12 if unit == "年" else 1)
    # Counting back from tomorrow is what makes whole months of the last three at the end of a month; a day
    # that the earlier month lacks gives way to the first of the next, lest the span grow longer.
    same_day = month_start(end.year, month) + (end.day - 1) * DAY
    return Bounds(min(same_day, month_start(end.year, month + 1)), end)


def _since(match: re.Match[str], today: date) -> Bounds:
    start = _period(match["x"] or "今年", today).start
    if start is not None and start > today:
        raise DateError(_("{start} is after today, {today}").format(start=start, today=today))
    return Bounds(start, today + DAY)


def _plan(match: re.Match[str], today: date) -> Bounds:
    number = up_to(29, _("five-year plan"), number_in(match["n"]))
    # The first two were followed by three years without a plan.
    return months_from({1: 1953, 2: 1958}.get(number, 1951 + number * 5), 1, 60)


_FORMS: tuple[tuple[str, Callable[[re.Match[str], date], Bounds]], ...] = (
    *((form, _one_day) for form in FULL_DATES),
    (f"(?:(?:{Y}|{NEAR})年度?)?(?P<m>{N})月(?P<d>{N})[日号]", _one_day),
    (f"(?:(?:{Y}|{NEAR})年度?)?(?P<m>{N})月份?", _year_or_part),
    (f"{Y}[-/.](?P<m>{N})", _year_or_part),
    ("(?P<y>[0-9]{4})(?P<m>[0-9]{2})", _year_or_part),
    (_MONTHS, _months),
    (f"{YEAR}?q(?P<q>{N})", _year_or_part),
    (f"{YEAR}?第?(?P<q>{N})季度", _year_or_part),
    (f"{YEAR}?h(?P<h>{N})", _year_or_part),
    (f"{YEAR}?(?P<h>[上下])半年", _year_or_part),
    (f"(?:{Y}(?:年度?)?|{NEAR}年度?)(?:全年)?|全年|年内", _year_or_part),
    (f"(?:{Y}|{NEAR})?年底", _years_end),
    (f"{YEAR}?前(?P<q>{N})个?季度", _first_quarters),
    ("[今昨明][天日]|前天|今|today|yesterday", _near_day),  # 今 alone is there for 至今
    ("(?P<away>本|这|[上下]一?)个?(?P<unit>周|星期|月|季度)", _near_unit),
    ("(?P<away>this|last|next)(?P<unit>week|month|quarter|year)", _near_unit),
    (f"(?:最?近|过去)(?:{_COUNT}|半年)来?", _span),
    (f"(?:{_COUNT}|半年)来", _span),
    (f"(?:{_COUNT}|半年)前", _away),
    ("最近|近期|近来", _unmeasured),
    ("年初以来|ytd|自?(?P<x>[^来]+)以来", _since),
    (f"{_QUOTE}(?P<n>{N})五{_QUOTE}(?:规划|计划)?{_QUOTE}(?:时期|期间)?", _plan),
    (f"第(?P<n>{N})个五年(?:规划|计划)", _plan),
)
