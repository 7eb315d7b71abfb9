"""What can be chosen on a search page: values of facets, periods, what is set; each with the address that does it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from policykb.domain.daterange import DateRange
from policykb.domain.policy import FACETS
from policykb.i18n import _
from policykb.relations.validity import IN_FORCE
from policykb.search.request import FILTERS, PERIOD
from policykb.web.address import PLACE, Address

if TYPE_CHECKING:
    from policykb.render.labels import Labels
    from policykb.search.request import Result

_SHOWN = 7  # values of a facet before the others are folded away
_LISTED = 60  # values of a facet on the page; a page of their own has all
_TALLEST = 40  # px of the highest column
_COLUMNS = 24  # months before there are years instead
_ORDER = ("issuer", "tag", "kind", "validity", "status", "level", "region")
_ALL = {"issuer": "/departments", "tag": "/tags"}  # pages that have all values


class Choice(NamedTuple):
    """A value that can be chosen: what it is called, how many hits it has, whether it is chosen, and the way there."""

    name: str
    entries: int
    chosen: bool
    href: str


class Facet(NamedTuple):
    """The values of a field among the hits; ``more`` are folded away, ``left`` are not listed: the page ``all`` is."""

    name: str
    label: str
    choices: Sequence[Choice]
    more: Sequence[Choice]
    left: int = 0
    all: str = ""


class Column(NamedTuple):
    """A month or year: its count, the height of its column in px, and the address that sets it as the period."""

    name: str
    entries: int
    height: int
    chosen: bool
    href: str


def facets(result: Result, address: Address) -> Iterator[Facet]:
    """The facets of a result that counted the siblings of what is chosen."""
    labels = {one.query[0]: one.label for one in FACETS} | {"validity": _("Validity")}
    for name in _ORDER:
        chosen, counts = address.all(name), result.facets.get(name, {})
        named = list(dict.fromkeys((*chosen, *counts)))
        some = [
            Choice(value, counts.get(value, 0), value in chosen, address.turned(name, value).href())
            for value in named[:_LISTED]
        ]
        if some:
            yield Facet(
                name, labels[name], some[: max(_SHOWN, len(chosen))], some[max(_SHOWN, len(chosen)) :],
                len(named) - len(some), address.without(*PLACE).href(_ALL[name]) if name in _ALL else "",
            )  # fmt: skip


def columns(months: Mapping[str, int], address: Address, period: DateRange | None, labels: Labels) -> list[Column]:
    """The months around those of a period, or of all; the empty ones too. Years where they would be too many."""
    if not months:
        return []
    first, last = (date.fromisoformat(f"{month}-01") for month in (min(months), max(months)))
    if period and period.first and period.last:  # its neighbours can be chosen in its place
        first = max(first, DateRange.year(period.first).first or first)
        last = min(last, DateRange.year(period.last).last or last)
    if first > last:
        return []
    shown = DateRange(DateRange.month(first).first, DateRange.month(last).end).months()
    if len(shown) > _COLUMNS:
        shown = [DateRange.year(date(year, 1, 1)) for year in range(first.year, last.year + 1)]
    counts = [sum(months.get(str(one.label()), 0) for one in part.months()) for part in shown]
    most, own = max(counts), address.without(*PERIOD, *PLACE)
    whole = DateRange.year(first)
    return [
        Column(
            labels.part(part, whole), count, -(-count * _TALLEST // most) if most else 0,
            period is not None and (part & period) == part, own.with_(during=str(part.label())).href(),
        )
        for part, count in zip(shown, counts, strict=True)
    ]  # fmt: skip


def quick(address: Address, today: date, path: str = "/") -> list[Choice]:
    """Periods that are often asked for, and what is in force; those that are set are among `chips`."""
    quarter, year = DateRange.quarter(today), DateRange.year(today)
    own = address.without(*PERIOD, *PLACE)
    periods = {
        _("this quarter"): quarter,
        _("last quarter"): quarter.previous(),
        _("this year"): year,
        _("last year"): year.previous(),
    }
    now = address.get("during")
    some = [
        Choice(name, 0, False, own.with_(during=label).href(path))
        for name, period in periods.items()
        if (label := str(period.label())) != now
    ]
    if not address.all("validity"):
        some.append(Choice(IN_FORCE, 0, False, address.turned("validity", IN_FORCE).href(path)))
    return some


def chips(address: Address, path: str = "/") -> list[tuple[str, str]]:
    """What is set, each with the address that takes it away."""
    written = {"during": "{}", "from": _("from {}"), "to": _("to {}"), "as-of": _("as of {}")}
    some = []
    for name, value in address.parameters:
        if name in FILTERS:
            some.append((value, address.turned(name, value).href(path)))
        elif name in written:
            some.append((written[name].format(value), address.without(name, *PLACE).href(path)))
    return some
