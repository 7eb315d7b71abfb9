"""Whether the market's figures agree with one another: what follows from others is computed again.

A printed figure stands for all values that round to it, so a computed one differs only when no unrounded
values could have given both. Every finding says how large the difference is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import reduce
from operator import add

from policykb.dates import DateRange
from policykb.market import Market, sum_of_days
from policykb.market.figures import PARTS, QUANTITIES, UNITS, Amount, Figure, part, ratio, show

PROBLEMS = frozenset({"differs", "doubt", "slip", "units"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    ``kind`` is agrees, differs, doubt (it may be right), slip (a word that is wrong), units (one quantity in
    two units) or unchecked. ``what`` is the quantity, ``stated`` and ``computed`` are figures with their
    units, ``difference`` is stated less computed in tonnes, yuan, yuan a tonne, percentage points or times.
    ``printed`` and ``meant`` are there for slips. ``figures`` are the statements that were used.
    """

    kind: str
    at: str
    period: DateRange | None
    what: str
    why: str
    stated: str = ""
    computed: str = ""
    difference: Decimal | None = None
    printed: str = ""
    meant: str = ""
    figures: tuple[Figure, ...] = ()

    @property
    def gap(self) -> str:
        """The size of the difference with its unit."""
        size = "" if self.difference is None else _gap(self.difference, self.what)
        return size.replace("%", " percentage points")

    def __str__(self) -> str:
        name = f"{self.period.label()} {self.what}" if self.period else self.what
        parts = [f"{self.kind}: {name} ({self.at})"]
        if self.stated and self.computed:
            parts.append(f"stated {self.stated}, computed {self.computed}")
        elif self.stated:
            parts.append(f"stated {self.stated}")
        if self.difference and self.kind == "differs":
            parts.append(f"difference {self.gap}")
        return "; ".join([*parts, self.why])


def check(market: Market) -> tuple[Finding, ...]:
    """All findings: problems first, then what agrees, then what nothing in the data can check."""
    found = [
        *_restated(market),
        *_sums(market),
        *_shares(market),
        *_parts_of_the_year(market),
        *_ratios(market),
        *_price_limits(market),
        *_counted_days(market),
        *_averages(market),
        *_daily(market),
        *_repeated_prices(market),
        *_misprints(market),
        *_slips(market),
        *_units(market),
    ]
    used = {f.key for finding in found if finding.kind != "slip" for f in finding.figures}
    for f in {f.key: f for f in market.figures if f.key not in used}.values():
        why = "nothing in the data bears on it"
        found.append(Finding("unchecked", f.at, f.period, f.what, why, f.value + f.unit, figures=(f,)))
    order = ("differs", "doubt", "slip", "units", "agrees", "unchecked")
    return tuple(sorted(found, key=lambda finding: order.index(finding.kind)))


def _compare(figure: Figure, computed: Amount, why: str, *others: Figure) -> Finding:
    amount, base = figure.amount, QUANTITIES[figure.what]
    shown = show(replace(computed, step=amount.step), base)
    if computed.slack * 2 >= amount.step:
        shown += f"±{show(Amount(computed.slack, computed.slack, amount.step), base)}"
    return Finding(
        "agrees" if amount.agrees(computed) else "differs",
        figure.at,
        figure.period,
        figure.what,
        why,
        figure.value + figure.unit,
        shown,
        amount.value - computed.value,
        figures=(figure, *others),
    )


def _figure(market: Market, period: DateRange, what: str) -> Figure | None:
    found = [f for f in market.figures if (f.period, f.what, f.bound) == (period, what, None)]
    return min(found, key=lambda f: f.amount.step, default=None)


def _periods(market: Market) -> list[DateRange]:
    return sorted({f.period for f in market.figures}, key=lambda p: (p.start or date.min, p.end or date.max))


def _restated(market: Market) -> Iterator[Finding]:
    statements: dict[tuple[object, ...], list[Figure]] = {}
    for f in market.figures:
        statements.setdefault(f.key, []).append(f)
    for first, *others in statements.values():
        best = min((first, *others), key=lambda f: f.amount.step)
        for f in (f for f in (first, *others) if f is not best):
            yield _compare(f, best.amount, f"also stated at {best.at}", best)


def _sums(market: Market) -> Iterator[Finding]:
    for period in _periods(market):
        for measure in ("volume", "turnover"):
            total, listed, block = (_figure(market, period, f"{measure}.{name}") for name in PARTS)
            if total and listed and block:
                both = listed.amount + block.amount
                yield _compare(total, both, "listed and block make the total", listed, block)


def _shares(market: Market) -> Iterator[Finding]:
    for period in _periods(market):
        share, total, listed = (_figure(market, period, what) for what in ("share", "volume.total", "volume.listed"))
        if share and total and listed:
            computed = ratio(listed.amount, total.amount, 100)
            yield _compare(share, computed, "listed volume in the total", listed, total)


def _parts_of_the_year(market: Market) -> Iterator[Finding]:
    for f in market.figures:
        _, _, what = f.what.partition("part.")
        own = _figure(market, f.period, what) if what else None
        if own is None or f.period.start is None:
            continue
        year = DateRange(date(f.period.start.year, 1, 1), date(f.period.start.year + 1, 1, 1))
        others = [g for p in market.parts(year) if p != f.period and (g := _figure(market, p, what))]
        if others and market.amount(year, what):
            rest = reduce(add, (g.amount for g in others))
            if own.amount.value + rest.value == 0:
                continue
            total = show(own.amount + rest, QUANTITIES[what])
            why = f"{own.value}{own.unit} of the year's {total}"
            yield _compare(f, part(own.amount, rest), why, own, *others)


def _ratios(market: Market) -> Iterator[Finding]:
    for report in market.reports:
        for r in report.ratios:
            computed, stated = ratio(r.of.amount, r.to.amount), Decimal(r.value)
            half = Decimal((0, (5,), int(stated.as_tuple().exponent) - 1))
            low = computed.high >= stated if r.bound == "min" else computed.high >= stated - half
            high = computed.low <= stated if r.bound == "max" else computed.low <= stated + half
            agrees = low if r.bound == "min" else high if r.bound == "max" else low and high
            yield Finding(
                "agrees" if agrees else "differs",
                r.at,
                r.of.period,
                f"{r.of.what} / {r.to.period.label()}",
                f"{r.of.value}{r.of.unit} by {r.to.value}{r.to.unit}",
                f"{r.value}倍",
                show(computed, "x"),
                stated - computed.value,
                figures=(r.of, r.to),
            )


def _price_limits(market: Market) -> Iterator[Finding]:
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
            f"{other.value}{other.unit} is the {'highest' if high else 'lowest'} other price stated",
            f"{'≤' if at_most else '≥'}{limit.value}{limit.unit}",
            difference=gap,
            figures=(limit, other),
        )


def _inside(f: Figure, period: DateRange) -> bool:
    return f.day in period if f.day else f.period & period == f.period


def _counted_days(market: Market) -> Iterator[Finding]:
    """A report cannot give the prices of more days above a price than it counts."""
    for count in (f for f in market.figures if f.what == "days" and f.over is not None):
        dated = {f.day: f for f in market.figures if f.what == "price" and f.day and f.day in count.period}
        above = [f for f in dated.values() if count.over is not None and f.amount.value > count.over]
        if len(above) >= count.amount.value:
            computed = _exact(Decimal(len(above)), "d")
            yield _compare(count, computed, f"days with a price above {count.over} that are given", *above)


def _averages(market: Market) -> Iterator[Finding]:
    for period in _periods(market):
        known, total = market.period(period), _figure(market, period, "turnover.total")
        if total is None or known.average is None or known.high is None:
            continue
        low = known.low.amount.value if known.low else Decimal(0)
        right = known.average.high >= low and known.average.low <= known.high.amount.high
        limits = f"{low.normalize():f} to {show(known.high.amount, 'yuan/t')}"
        why = f"turnover by volume lies {'inside' if right else 'outside'} the prices stated, {limits}"
        volume = _figure(market, period, "volume.total")
        yield Finding(
            "agrees" if right else "differs",
            total.at,
            period,
            "average",
            why,
            computed=show(known.average, "yuan/t"),
            figures=(total, *([volume] if volume else [])),
        )


def _repeated_prices(market: Market) -> Iterator[Finding]:
    exact = [f for f in market.figures if f.what == "price" and not f.bound]
    for first in (f for f in exact if "first" in f.marks):
        for last in (f for f in exact if "last" in f.marks):
            if last.period.end == first.period.start and last.value == first.value:
                why = f"the same as on the last trading day before ({last.at}): one of the two may be a slip"
                stated = first.value + first.unit
                yield Finding("doubt", first.at, first.period, "price", why, stated, figures=(first, last))


def _misprints(market: Market) -> Iterator[Finding]:
    for f in market.figures:
        if not f.printed:
            continue
        period = DateRange.parse(f.printed.get("period", str(f.period)), today=date(2000, 1, 1))
        what = f.printed.get("what", f.what)
        rival, why = _figure(market, period, what), "nothing else is stated for what is printed"
        if rival and rival is not f:
            gap = _gap(f.amount.value - rival.amount.value, what)
            why = f"as printed it contradicts {rival.value}{rival.unit} ({rival.at}) by {gap}"
        printed, meant = (" ".join(f.printed.values()), _meant(f))
        why = f"printed as {printed}, read as {meant}: {why}"
        stated = f.value + f.unit
        yield Finding("slip", f.at, f.period, f.what, why, stated, printed=printed, meant=meant, figures=(f,))


def _meant(f: Figure) -> str:
    own = {"period": f.period.label() or str(f.period), "what": f.what}
    return " ".join(own[key] for key in f.printed)


def _slips(market: Market) -> Iterator[Finding]:
    for report in market.reports:
        for s in report.slips:
            why = f"printed {s.printed}, meant {s.meant}: {s.why}"
            yield Finding("slip", s.at, s.period, "wording", why, printed=s.printed, meant=s.meant)


def _units(market: Market) -> Iterator[Finding]:
    stated = [f for f in market.figures if f.what.startswith(("volume.", "turnover.")) and f.period.start]
    by_year = sorted({(f.what, f.period.start.year) for f in stated if f.period.start})
    for what, year in by_year:
        figures = [f for f in stated if f.what == what and f.period.start and f.period.start.year == year]
        common = max(sorted({f.unit for f in figures}), key=lambda unit: sum(f.unit == unit for f in figures))
        for f in (f for f in figures if f.unit != common):
            finest = min(g.amount.step for g in figures)
            known, base = f.amount.step, UNITS[f.unit][0]
            why = f"other periods are in {common}: this one is known to {known:,.0f} {base}, "
            why += f"they to {finest:,.0f}"
            yield Finding("units", f.at, f.period, what, why, f.value + f.unit, figures=(f,))


def _daily(market: Market) -> Iterator[Finding]:
    closes = {day.date: day.close for day in market.daily}
    for f in market.figures:
        days = market.days(f.period)
        computed: Amount | None = None
        if f.what.startswith(("volume.", "turnover.")) and days:
            computed = sum_of_days(days, f.what)
        elif f.what == "days" and days and f.over is not None:
            computed = _exact(Decimal(sum(day.close > f.over for day in days)), "d")
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
            yield _compare(f, computed, "from the daily series")


def _gap(difference: Decimal, what: str) -> str:
    base = QUANTITIES.get(what, "x")
    return show(_exact(abs(difference), base), base)


def _exact(value: Decimal, base: str) -> Amount:
    step = Decimal(1) if base == "d" else Decimal("0.01") * next(n for unit, n in UNITS.values() if unit == base)
    return Amount(value, Decimal(0), step, True)
