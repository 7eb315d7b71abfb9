"""The market in a period: the figures that reports state of it, and what follows from them.

A stated figure is taken as it is; what no report states is added up from the daily series, or from the
periods that make this one up. A derived figure knows how far rounding can have moved it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import reduce
from itertools import pairwise
from operator import add
from pathlib import Path
from typing import TYPE_CHECKING

from policykb.domain.daterange import DateRange
from policykb.market.amounts import Amount, ratio
from policykb.market.files import read_daily, read_figures
from policykb.market.statements import PARTS

if TYPE_CHECKING:
    from policykb.market.statements import Day, Figure, FigureReport

# Exchanges close for at most ten days running, so a series that stops further from an end does not cover it.
_CLOSED = timedelta(days=11)


@dataclass(frozen=True, slots=True)
class Price:
    """A price of a period: on ``day`` where that is known, else somewhere in ``period``."""

    amount: Amount
    period: DateRange
    day: date | None
    bound: str | None


@dataclass(frozen=True, slots=True)
class Period:
    """The market in one period; None is a figure that the data does not give.

    ``volume`` and ``turnover`` have the keys of ``PARTS``, in tonnes and yuan; ``share`` is listed in all
    volume, ``average`` turnover by volume. ``parts`` are the periods inside that have figures of their own.
    """

    range: DateRange
    volume: Mapping[str, Amount | None]
    turnover: Mapping[str, Amount | None]
    share: Amount | None
    average: Amount | None
    first: Price | None
    last: Price | None
    high: Price | None
    low: Price | None
    parts: tuple[Period, ...] = ()

    @property
    def known(self) -> bool:
        """Whether there is any figure."""
        figures = (*self.volume.values(), *self.turnover.values(), self.share)
        return any((*figures, self.first, self.last, self.high, self.low))


@dataclass(frozen=True, slots=True)
class Market:
    """All figures of a knowledge base."""

    reports: tuple[FigureReport, ...] = ()
    daily: tuple[Day, ...] = ()

    @property
    def figures(self) -> Iterator[Figure]:
        """All figures, report by report."""
        return (figure for report in self.reports for figure in report.figures)

    @property
    def periods(self) -> list[DateRange]:
        """The periods that figures are stated for, in order."""
        return sorted({f.period for f in self.figures}, key=lambda p: (p.start or date.min, p.end or date.max))

    @property
    def covered(self) -> DateRange:
        """The period that there are figures for: all time, or where only days are known, from the first to the last."""
        if any(self.figures) or not self.daily:
            return DateRange()
        return DateRange(self.daily[0].date, self.daily[-1].date + timedelta(days=1))

    def figure(self, period: DateRange, what: str) -> Figure | None:
        """The most exact figure that a report states for exactly this period."""
        found = [f for f in self.figures if (f.period, f.what, f.bound) == (period, what, None)]
        return min(found, key=lambda f: f.amount.step, default=None)

    def stated(self, period: DateRange, what: str) -> Amount | None:
        """The amount of `figure`."""
        found = self.figure(period, what)
        return found.amount if found else None

    def parts(self, within: DateRange) -> list[DateRange]:
        """The periods inside this one with volumes or turnover of their own: the longest, without overlap."""
        stated = {f.period for f in self.figures if f.what.startswith(("volume.", "turnover."))}
        inside = [p for p in stated if p & within == p != within]
        chosen: list[DateRange] = []
        for p in sorted(inside, key=lambda p: (p.start or date.min, -(p.end or date.max).toordinal())):
            if not chosen or (chosen[-1].end or date.max) <= (p.start or date.min):
                chosen.append(p)
        return chosen

    def amount(self, period: DateRange, what: str) -> Amount | None:
        """A volume or turnover: as stated, or added up from the daily series or from the periods inside."""
        if stated := self.stated(period, what):
            return stated
        if (days := self.days(period)) and (total := sum_of_days(days, what)):
            return total
        parts = self.parts(period)
        joints = [(period.start, parts[0].start), (parts[-1].end, period.end)] if parts else [(None, period.end)]
        joints += [(a.end, b.start) for a, b in pairwise(parts)]
        amounts = [amount for p in parts if (amount := self.stated(p, what))]
        if not amounts or len(amounts) < len(parts) or any(a != b for a, b in joints):
            return None
        return reduce(add, amounts)

    def days(self, period: DateRange) -> list[Day]:
        """The trading days of the period; none when the series does not cover all of it."""
        days = [day for day in self.daily if day.date in period]
        if not days or period.first is None or period.last is None:
            return []
        return days if days[0].date - period.first < _CLOSED and period.last - days[-1].date < _CLOSED else []

    def prices(self, within: DateRange) -> list[Figure]:
        """The stated prices whose day, or else period, lies inside; each thing stated once, in order."""
        found: dict[tuple[object, ...], Figure] = {}
        for f in self.figures:
            if f.what == "price" and (f.day in within if f.day else f.period & within == f.period):
                found.setdefault(f.key, f)
        return sorted(found.values(), key=lambda f: (f.day or f.period.start or date.min, f.value))

    def period(self, within: DateRange) -> Period:
        """What is known of a period, with the periods inside it."""
        volume = {name: self.amount(within, f"volume.{name}") for name in PARTS}
        turnover = {name: self.amount(within, f"turnover.{name}") for name in PARTS}
        total, listed, paid = volume["total"], volume["listed"], turnover["total"]
        traded = total if total and total.value else None
        share = self.stated(within, "share") or (ratio(listed, traded, 100) if listed and traded else None)
        parts = tuple(self.period(p) for p in self.parts(within))
        return Period(
            within,
            volume,
            turnover,
            share,
            ratio(paid, traded) if paid and traded else None,
            self._edge(within, "first"),
            self._edge(within, "last"),
            self._high(within, parts),
            self._low(within, parts),
            parts,
        )

    def around(self, within: DateRange) -> DateRange | None:
        """The shortest period with volumes or turnover of its own that contains this one."""
        stated = {f.period for f in self.figures if f.what.startswith(("volume.", "turnover."))}
        outer = [p for p in stated if p & within == within and p.start and p.end]
        return min(outer, key=lambda p: ((p.end or date.max) - (p.start or date.min), p.start), default=None)

    def _edge(self, within: DateRange, mark: str) -> Price | None:
        for f in self.prices(within):
            inside = f.period.start == within.start if mark == "first" else f.period.end == within.end
            if mark in f.marks and not f.bound and inside:
                return replace(_price(f), period=within)
        if days := self.days(within):
            return _close(days[0 if mark == "first" else -1], within)
        return None

    def _high(self, within: DateRange, parts: tuple[Period, ...]) -> Price | None:
        prices = [f for f in self.prices(within) if "high" in f.marks and f.period == within]
        if exact := [f for f in prices if not f.bound]:
            return _price(max(exact, key=lambda f: f.amount.value))
        if days := self.days(within):
            return _close(max(days, key=lambda day: day.close), within)
        for count in self.figures:
            # A report that counts the days above a price, and gives the price of every one of them.
            if count.what == "days" and count.period == within and count.over is not None:
                above = {f.day: f for f in self.prices(within) if f.day and f.amount.value > count.over}
                if len(above) == count.amount.value:
                    top = max(above.values(), key=lambda f: f.amount.value)
                    return replace(_price(top), amount=replace(top.amount, derived=True))
        highs = [p.high for p in parts if p.high and not p.high.bound]
        if parts and len(highs) == len(parts) and self.amount(within, "volume.total"):
            top_price = max(highs, key=lambda price: price.amount.value)
            return replace(top_price, amount=replace(top_price.amount, derived=True))
        return _price(prices[0]) if prices else None

    def _low(self, within: DateRange, parts: tuple[Period, ...]) -> Price | None:
        prices = [f for f in self.prices(within) if "low" in f.marks]
        if exact := [f for f in prices if f.period == within]:
            return _price(min(exact, key=lambda f: (f.bound is not None, f.amount.value)))
        if days := self.days(within):
            return _close(min(days, key=lambda day: day.close), within)
        if not all(p.low for p in parts):
            return None
        return _price(min(prices, key=lambda f: f.amount.value)) if prices else None


def sum_of_days(days: Iterable[Day], what: str) -> Amount | None:
    """A volume or turnover over trading days; None when a cell is empty."""
    measure, _, name = what.partition(".")
    columns = [f"{column}_{measure}" for column in (("listed", "block") if name == "total" else (name,))]
    cells = [getattr(day, column) for day in days for column in columns]
    if any(cell is None for cell in cells):
        return None
    return Amount(sum(cells, Decimal(0)), Decimal(0), Decimal(1), True)


def _price(figure: Figure) -> Price:
    return Price(figure.amount, figure.period, figure.day, figure.bound)


def _close(day: Day, within: DateRange) -> Price:
    return Price(Amount(day.close, Decimal(0), Decimal("0.01"), True), within, day.date, None)


def load(corpus: Path) -> Market:
    """The market of a ``corpus/`` folder, empty when it has none; a DataError names file and record."""
    folder = corpus / "market"
    daily = folder / "daily.csv"
    return Market(
        tuple(read_figures(path) for path in sorted(folder.glob("*.toml"))),
        read_daily(daily) if os.path.lexists(daily) else (),
    )
