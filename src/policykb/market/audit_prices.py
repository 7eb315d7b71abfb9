"""The checks of prices and trading days."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from policykb.i18n import _
from policykb.market.amounts import Amount, show
from policykb.market.findings import Finding, compare, exactly
from policykb.market.market import sum_of_days

if TYPE_CHECKING:
    from policykb.domain.daterange import DateRange
    from policykb.market.market import Market
    from policykb.market.statements import Figure


def price_limits(market: Market) -> Iterator[Finding]:
    """Every price that is stated inside a period lies on the right side of its highest and its lowest."""
    prices = [f for f in market.figures if f.what == "price" and f.bound != "about"]
    for limit in (f for f in prices if {"high", "low"} & set(f.marks)):
        inside = [f for f in prices if f.key != limit.key and not f.bound and _inside(f, limit.period)]
        if not inside:
            continue
        high = "high" in limit.marks
        # A highest price of "at least x" asks for one above x; any other highest price has none above it.
        at_most = high != (limit.bound == ("min" if high else "max"))
        other = (max if high else min)(inside, key=lambda f: f.amount.value)
        gap = limit.amount.value - other.amount.value
        yield Finding(
            "agrees" if gap == 0 or (gap > 0) == at_most else "differs",
            limit.at,
            limit.period,
            "price",
            (
                _("{price} is the highest other price stated")
                if high
                else _("{price} is the lowest other price stated")
            ).format(price=f"{other.value}{other.unit}"),
            f"{'≤' if at_most else '≥'}{limit.value}{limit.unit}",
            difference=gap,
            figures=(limit, other),
        )


def _inside(f: Figure, period: DateRange) -> bool:
    return f.day in period if f.day else f.period & period == f.period


def counted_days(market: Market) -> Iterator[Finding]:
    """A report cannot give the prices of more days above a price than it counts."""
    for count in (f for f in market.figures if f.what == "days" and f.over is not None):
        dated = {f.day: f for f in market.figures if f.what == "price" and f.day and f.day in count.period}
        above = [f for f in dated.values() if count.over is not None and f.amount.value > count.over]
        if len(above) >= count.amount.value:
            computed = exactly(Decimal(len(above)), "d")
            why = _("days with a price above {price} that are given").format(price=count.over)
            yield compare(count, computed, why, *above)


def averages(market: Market) -> Iterator[Finding]:
    """Whether turnover by volume lies inside the prices that are stated for a period."""
    for period in market.periods:
        known, total = market.period(period), market.figure(period, "turnover.total")
        if total is None or known.average is None or known.high is None:
            continue
        low = known.low.amount.value if known.low else Decimal(0)
        right = known.average.high >= low and known.average.low <= known.high.amount.high
        limits = _("{low:f} to {high}").format(low=low.normalize(), high=show(known.high.amount, "yuan/t"))
        why = _("turnover by volume lies inside the prices stated, {limits}")
        if not right:
            why = _("turnover by volume lies outside the prices stated, {limits}")
        volume = market.figure(period, "volume.total")
        yield Finding(
            "agrees" if right else "differs",
            total.at,
            period,
            "average",
            why.format(limits=limits),
            computed=show(known.average, "yuan/t"),
            figures=(total, *([volume] if volume else [])),
        )


def repeated_prices(market: Market) -> Iterator[Finding]:
    """First prices of a period that are also the last ones of the period before."""
    exact = [f for f in market.figures if f.what == "price" and not f.bound]
    for first in (f for f in exact if "first" in f.marks):
        for last in (f for f in exact if "last" in f.marks):
            if last.period.end == first.period.start and last.value == first.value:
                why = _("the same as on the last trading day before ({at}): one of the two may be a slip").format(
                    at=last.at
                )
                stated = first.value + first.unit
                yield Finding("doubt", first.at, first.period, "price", why, stated, figures=(first, last))


def daily_prices(market: Market) -> Iterator[Finding]:
    """What reports state beside what the daily series gives."""
    closes = {day.date: day.close for day in market.daily}
    for f in market.figures:
        days = market.days(f.period)
        computed: Amount | None = None
        if f.what.startswith(("volume.", "turnover.")) and days:
            computed = sum_of_days(days, f.what)
        elif f.what == "days" and days and f.over is not None:
            computed = exactly(Decimal(sum(day.close > f.over for day in days)), "d")
        elif f.what == "price" and not f.bound:
            edges = {
                "first": lambda days: days[0].close,
                "last": lambda days: days[-1].close,
                "high": lambda days: max(day.close for day in days),
                "low": lambda days: min(day.close for day in days),
            }
            mark = next((mark for mark in f.marks if mark in edges), None)
            close = closes.get(f.day) if f.day else edges[mark](days) if mark and days else None
            computed = Amount(close, Decimal(0), Decimal("0.01")) if close is not None else None
        if computed:
            yield compare(f, computed, _("from the daily series"))
