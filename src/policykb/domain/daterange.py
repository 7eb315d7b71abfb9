"""`DateRange`: a period of whole days, read as people write it (`policykb.domain.period_grammar`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from policykb.domain.dates_in_text import FIRST, OUTSIDE, STOP, explained, tidy
from policykb.domain.period_grammar import DAY, SOME_FORMS, read_period, read_plain, read_range, through
from policykb.errors import DateError


@dataclass(frozen=True, slots=True)
class DateRange:
    """The days from ``start`` up to, but without, ``end``; None is unbounded, ``DateRange()`` is all days.

    It is never empty and stays within the years 1900-2100, so that ``str`` can always be parsed back.
    It is true when it has a bound, that is, when it leaves any day out. The grammar of ``parse`` stands
    in the docstring of `policykb.domain.period_grammar`.

    >>> str(DateRange.parse("2024年6月至8月", today=date(2025, 1, 1)))
    '2024-06-01..2024-08-31'
    >>> DateRange.parse("上季度", today=date(2025, 1, 1)).label()
    '2024Q4'
    """

    start: date | None = None
    end: date | None = None

    def __post_init__(self) -> None:
        start, end = self.start or FIRST, self.end or STOP
        if not (FIRST <= start < STOP and FIRST < end <= STOP):
            raise DateError(OUTSIDE)
        if start >= end:
            raise DateError(f"the period begins on {start}, after its last day {self.last}")

    @classmethod
    def parse(cls, text: str, *, today: date) -> DateRange:
        """Read an expression or a range of two; anything else, whatever it is, is a DateError."""
        try:
            return cls(*(read_plain(text) or read_range(tidy(text), today)))
        except (DateError, OverflowError, ValueError) as error:
            raise explained(text, error, SOME_FORMS) from None

    @classmethod
    def between(cls, start: str | None, end: str | None, *, today: date) -> DateRange:
        """From the first day of ``start`` through the last day of ``end``: what ``start..end`` means."""
        try:
            left = None if start is None else read_plain(start) or read_period(tidy(start), today)
            right = None if end is None else read_plain(end) or read_period(tidy(end), today)
            return cls(*through(left, right))
        except (DateError, OverflowError, ValueError) as error:
            raise explained(f"{start or ''}..{end or ''}", error, SOME_FORMS) from None

    @property
    def first(self) -> date | None:
        """The first day, or None."""
        return self.start

    @property
    def last(self) -> date | None:
        """The last day that is still inside, or None."""
        return None if self.end is None else self.end - DAY

    def days(self) -> Iterator[date]:
        """All days in order; a DateError when a bound is missing."""
        start, end = self.start, self.end
        if start is None or end is None:
            raise DateError(f"the days of {self} cannot be counted: it has no {'end' if start else 'start'}")
        return (start + n * DAY for n in range((end - start).days))

    def label(self) -> str | None:
        """2024, 2024H1, 2024Q2, 2024-06 or 2024-06-04 when the range is exactly that, else None."""
        start, end = self.start, self.end
        if start is None or end is None:
            return None
        if end - start == DAY:
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
