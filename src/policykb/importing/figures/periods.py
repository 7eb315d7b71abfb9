"""The periods and days that a market report names, seen from the chapter that names them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from policykb.domain.calendar import months_around, months_from
from policykb.domain.daterange import DateRange
from policykb.domain.numerals import number_in
from policykb.importing.figures.words import Token, near, tokens

_SIZES = {"上月": 1, "上季度": 3, "上年": 12}


def period_of(token: Token, own: DateRange) -> DateRange | None:
    """The month, quarter, half-year or year of a token; without a year that of the chapter's ``own`` period.

    None for what is no whole period: part of a month, several quarters, months before the chapter's own.
    """
    first = own.start or date.min
    parts = token.parts
    match token.kind:
        case "month":
            return _months(parts, "my", first, int(parts["mm"] or 0), 1)
        case "quarter":
            return _months(parts, "qy", first, number_in(str(parts["qn"])) * 3 - 2, 3)
        case "half":
            return _months(parts, "hy", first, number_in(str(parts["hn"])) * 6 - 5, 6)
        case "year":
            return _months(parts, "yy", first, 1, 12)
        case "whole":
            return DateRange.year(first)
        case "since":
            since = _months(parts, "sy", first, int(parts["sm"] or 0), 1)
            return own if since.start == own.start else None
        case "edge":
            # the first or last trading day of a month is that of the chapter's period, where both begin or end
            month = month_of(token, own)
            return own if (month.start == own.start if "ef" in parts else month.end == own.end) else month
        case "near":
            return DateRange(*months_around(first, _SIZES[near(token)], -1))
    return None


def month_of(token: Token, own: DateRange) -> DateRange:
    """The month that a token of the kinds ``month``, ``edge`` and ``vague`` names."""
    letter = token.kind[0]
    return _months(token.parts, f"{letter}y", own.start or date.min, int(token.parts[f"{letter}m"] or 0), 1)


def day_of(token: Token, own: DateRange) -> date | None:
    """The day of a token of the kind ``day``; None where there is no such day."""
    year = int(token.parts.get("dy") or (own.start or date.min).year)
    try:
        return date(year, int(token.parts["dm"] or 0), int(token.parts["dd"] or 0))
    except ValueError:
        return None


def opening_in(text: str) -> DateRange | None:
    """The month in which the market opened, where a report says so: 2021年7月全国碳市场开市."""
    before: Token | None = None
    for token in tokens(text):
        if token.kind == "opening" and before and token.start - before.end <= 2 and before.parts.get("my"):
            return month_of(before, DateRange())
        if token.kind != "opening":
            before = token
    return None


def _months(parts: Mapping[str, str | None], year: str, own: date, month: int, size: int) -> DateRange:
    return DateRange(*months_from(int(parts.get(year) or own.year), month, size))
