"""Whether the market's figures agree with one another: what follows from others is computed again.

A printed figure stands for all values that round to it, so a computed one differs only when no unrounded
values could have given both. Every finding says how large the difference is.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import reduce
from operator import add
from typing import TYPE_CHECKING

from policykb.domain.daterange import DateRange
from policykb.i18n import _
from policykb.market.amounts import UNITS, part, ratio, show
from policykb.market.audit_prices import averages, counted_days, daily_prices, price_limits, repeated_prices
from policykb.market.findings import Finding, compare, size_of
from policykb.market.statements import PARTS, QUANTITIES

if TYPE_CHECKING:
    from policykb.market.market import Market
    from policykb.market.statements import Figure


def check(market: Market) -> tuple[Finding, ...]:
    """All findings: problems first, then what agrees, then what nothing in the data can check."""
    found = [
        *_restated(market),
        *_sums(market),
        *_shares(market),
        *_parts_of_the_year(market),
        *_ratios(market),
        *price_limits(market),
        *counted_days(market),
        *averages(market),
        *daily_prices(market),
        *repeated_prices(market),
        *_misprints(market),
        *_slips(market),
        *_units(market),
    ]
    used = {f.key for finding in found if finding.kind != "slip" for f in finding.figures}
    for f in {f.key: f for f in market.figures if f.key not in used}.values():
        why = _("nothing in the data bears on it")
        found.append(Finding("unchecked", f.at, f.period, f.what, why, f.value + f.unit, figures=(f,)))
    order = ("differs", "doubt", "slip", "units", "agrees", "unchecked")
    return tuple(sorted(found, key=lambda finding: order.index(finding.kind)))


def _restated(market: Market) -> Iterator[Finding]:
    statements: dict[tuple[object, ...], list[Figure]] = {}
    for f in market.figures:
        statements.setdefault(f.key, []).append(f)
    for first, *others in statements.values():
        best = min((first, *others), key=lambda f: f.amount.step)
        for f in (f for f in (first, *others) if f is not best):
            yield compare(f, best.amount, _("also stated at {place}").format(place=best.at), best)


def _sums(market: Market) -> Iterator[Finding]:
    for period in market.periods:
        for measure in ("volume", "turnover"):
            total, listed, block = (market.figure(period, f"{measure}.{name}") for name in PARTS)
            if total and listed and block:
                both = listed.amount + block.amount
                yield compare(total, both, _("listed and block make the total"), listed, block)


def _shares(market: Market) -> Iterator[Finding]:
    for period in market.periods:
        share, total, listed = (market.figure(period, what) for what in ("share", "volume.total", "volume.listed"))
        if share and total and listed:
            computed = ratio(listed.amount, total.amount, 100)
            yield compare(share, computed, _("listed volume in the total"), listed, total)


def _parts_of_the_year(market: Market) -> Iterator[Finding]:
    for f in market.figures:
        what = f.what.partition("part.")[2]
        own = market.figure(f.period, what) if what else None
        if own is None or f.period.start is None:
            continue
        year = DateRange.year(f.period.start)
        others = [g for p in market.parts(year) if p != f.period and (g := market.figure(p, what))]
        if others and market.amount(year, what):
            rest = reduce(add, (g.amount for g in others))
            if own.amount.value + rest.value == 0:
                continue
            total = show(own.amount + rest, QUANTITIES[what])
            why = _("{value}{unit} of the year's {total}").format(value=own.value, unit=own.unit, total=total)
            yield compare(f, part(own.amount, rest), why, own, *others)


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
                _("{one} by {other}").format(one=f"{r.of.value}{r.of.unit}", other=f"{r.to.value}{r.to.unit}"),
                f"{r.value}倍",
                show(computed, "x"),
                stated - computed.value,
                figures=(r.of, r.to),
            )


def _misprints(market: Market) -> Iterator[Finding]:
    for f in market.figures:
        if not f.printed:
            continue
        period = DateRange.parse(f.printed.get("period", str(f.period)), today=date(2000, 1, 1))
        what = f.printed.get("what", f.what)
        rival, why = market.figure(period, what), _("nothing else is stated for what is printed")
        if rival and rival is not f:
            gap = size_of(f.amount.value - rival.amount.value, what)
            why = _("as printed it contradicts {value}{unit} ({at}) by {gap}").format(
                value=rival.value, unit=rival.unit, at=rival.at, gap=gap
            )
        printed, meant = (" ".join(f.printed.values()), _meant(f))
        why = _("printed as {printed}, read as {meant}: {why}").format(printed=printed, meant=meant, why=why)
        stated = f.value + f.unit
        yield Finding("slip", f.at, f.period, f.what, why, stated, printed=printed, meant=meant, figures=(f,))


def _meant(f: Figure) -> str:
    own = {"period": f.period.name, "what": f.what}
    return " ".join(own[key] for key in f.printed)


def _slips(market: Market) -> Iterator[Finding]:
    for report in market.reports:
        for s in report.slips:
            why = _("printed {printed}, meant {meant}: {why}").format(printed=s.printed, meant=s.meant, why=s.why)
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
            why = _(
                "other periods are in {unit}: this one is known to {known:,.0f} {base}, they to {finest:,.0f}"
            ).format(unit=common, known=known, base=base, finest=finest)
            yield Finding("units", f.at, f.period, what, why, f.value + f.unit, figures=(f,))
