"""`DateRange`: a period of whole days, read as people write it (`policykb.domain.period_grammar`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Self

from policykb.domain.calendar import DAY, FIRST, STOP, Bounds, month_start, months_around, outside, read_plain
from policykb.errors import DateError
from policykb.i18n import _


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
            raise DateError(outside())
        if start >= end:
            problem = _("the period begins on {start}, after its last day {last}")
            raise DateError(problem.format(start=start, last=self.last))

    @classmethod
    def parse(cls, text: str, *, today: date) -> DateRange:
        """Read an expression or a range of two; anything else, whatever it is, is a DateError."""
        if plain := read_plain(text):
            return cls(*plain)
        from policykb.domain import period_grammar  # most periods are plain

        try:
            return cls(*period_grammar.read_range(text, today))
        except (DateError, OverflowError, ValueError) as error:
            raise period_grammar.unreadable(text, error) from None

    @classmethod
    def between(cls, start: str | None, end: str | None, *, today: date) -> DateRange:
        """From the first day of ``start`` through the last day of ``end``: what ``start..end`` means."""
        try:
            left, right = (None if text is None else read_plain(text) or _read(text, today) for text in (start, end))
            return cls(left and left.start, right and right.end)
        except (DateError, OverflowError, ValueError) as error:
            from policykb.domain.period_grammar import unreadable  # most periods are plain

            raise unreadable(f"{start or ''}..{end or ''}", error) from None

    @classmethod
    def within(cls, start: str | None, end: str | None, during: str | None, *, today: date) -> DateRange:
        """What `between` gives, and of that what lies in the period ``during``; a DateError where no day does."""
        whole = cls.between(start or None, end or None, today=today)
        if not during:
            return whole
        both = whole & cls.parse(during, today=today)
        if both is None:
            raise DateError(_("{during} and {whole} have no day in common").format(during=during, whole=whole))
        return both

    @classmethod
    def month(cls, day: date) -> Self:
        """The calendar month that a day is in."""
        return cls(*months_around(day, 1))

    @classmethod
    def quarter(cls, day: date) -> Self:
        """The quarter that a day is in."""
        return cls(*months_around(day, 3))

    @classmethod
    def year(cls, day: date) -> Self:
        """The year that a day is in."""
        return cls(*months_around(day, 12))

    @property
    def first(self) -> date | None:
        """The first day, or None."""
        return self.start

    @property
    def last(self) -> date | None:
        """The last day that is still inside, or None."""
        return None if self.end is None else self.end - DAY

    def nearest(self, day: date) -> date:
        """The day of the period that is nearest to a day."""
        return min(max(day, self.start or day), self.last or date.max)

    def days(self) -> Iterator[date]:
        """All days in order; a DateError when a bound is missing."""
        start, end = self.start, self.end
        if start is None or end is None:
            problem = _("the days of {period} cannot be counted: it has no end")
            if start is None:
                problem = _("the days of {period} cannot be counted: it has no start")
            raise DateError(problem.format(period=self))
        return (start + n * DAY for n in range((end - start).days))

    def months(self) -> list[DateRange]:
        """The calendar months that the range touches, in order; none when a bound is missing."""
        first, last = self.first, self.last
        if first is None or last is None:
            return []
        number = (last.year - first.year) * 12 + last.month - first.month + 1
        return [DateRange(*months_around(first, 1, away)) for away in range(number)]

    def previous(self) -> DateRange:
        """The range as long as this one that ends where it starts: 2024Q1 for 2024Q2; whole months are counted so.

        Raises DateError when a bound is missing, or for years outside 1900-2100; so does ``next``.
        """
        return self._moved(-1)

    def next(self) -> DateRange:
        """The range as long as this one that starts where it ends."""
        return self._moved(1)

    def _moved(self, lengths: int) -> DateRange:
        start, end = self.start, self.end
        if start is None or end is None:
            raise DateError(_("{period} has no length: it has no start or no end").format(period=self))
        months = self._whole_months
        if months is None:
            return DateRange(start + lengths * (end - start), end + lengths * (end - start))
        months *= lengths
        return DateRange(month_start(start.year, start.month + months), month_start(end.year, end.month + months))

    @property
    def _whole_months(self) -> int | None:
        """How many calendar months the range is, None where it does not begin and end with one."""
        start, end = self.start, self.end
        if start is None or end is None or not start.day == end.day == 1:
            return None
        return (end.year - start.year) * 12 + end.month - start.month

    def label(self) -> str | None:
        """2024, 2024H1, 2024Q2, 2024-06 or 2024-06-04 when the range is exactly that, else None."""
        start, months = self.start, self._whole_months
        if start is not None and start == self.last:
            return str(start)
        if start is None or months not in (1, 3, 6, 12) or (start.month - 1) % months:
            return None
        number = start.month // months + 1
        part = {1: f"-{start.month:02}", 3: f"Q{number}", 6: f"H{number}", 12: ""}[months]
        return f"{start.year}{part}"

    @property
    def name(self) -> str:
        """What `label` gives, or else `str`."""
        return self.label() or str(self)

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


def _read(text: str, today: date) -> Bounds:
    from policykb.domain.period_grammar import read_period  # most periods are plain

    return read_period(text, today)
