"""The calendar that periods are counted in: whole days of the years 1900-2100, months and what is made of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from policykb.i18n import _

FIRST, STOP = date(1900, 1, 1), date(2101, 1, 1)
DAY = timedelta(days=1)


class Bounds(NamedTuple):
    """The first day, and the day after the last one; None is unbounded."""

    start: date | None
    end: date | None


def read_plain(text: str) -> Bounds | None:
    """2024, 2024-06 and 2024-06-04, as most are typed, for which no grammar need be loaded.

    None for anything else, a date that does not exist too: the forms say what is wrong with it.
    """
    sizes = [len(part) for part in text.split("-")]
    if sizes not in ([4], [4, 2], [4, 2, 2]) or not text.isascii() or not text.replace("-", "").isdecimal():
        return None
    try:
        first = date.fromisoformat(text + "-01" * (3 - len(sizes)))
    except ValueError:
        return None
    if not FIRST <= first < STOP:
        return None
    if len(sizes) == 3:
        return Bounds(first, first + DAY)
    return months_from(first.year, first.month, 12 if len(sizes) == 1 else 1)


def months_around(day: date, size: int, away: int = 0) -> Bounds:
    """The month (size 1), quarter (3), half-year (6) or year (12) that a day is in, or that many ``away`` from it."""
    return months_from(day.year, (day.month - 1) // size * size + 1 + away * size, size)


def months_from(year: int, month: int, count: int) -> Bounds:
    """So many months, from the first day of one on."""
    return Bounds(month_start(year, month), month_start(year, month + count))


def month_start(year: int, month: int) -> date:
    """The first of a month, where months 0 and 13 belong to the years before and after."""
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def outside() -> str:
    """What is said of a day, or a period, that is not between `FIRST` and `STOP`."""
    return _("the period reaches outside the years 1900-2100")
