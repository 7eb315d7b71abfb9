"""``/``: search, with the filters as facets, the months as columns, and the hits with their passages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from policykb.domain.daterange import DateRange
from policykb.domain.policy import FACETS
from policykb.errors import PolicyKBError
from policykb.i18n import _
from policykb.web.address import FILTERS, PERIOD, Address
from policykb.web.view import page

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from policykb.kb import KnowledgeBase
    from policykb.render.labels import Labels
    from policykb.search.request import Result

HITS = 20  # on a page
_SHOWN = 8  # values of a facet before the others are folded away
_TALLEST = 40  # px of the highest column
_COLUMNS = 24  # months before there are years instead


class Choice(NamedTuple):
    """A value that can be chosen: what it is called, how many hits it has, whether it is chosen, and the way there."""

    name: str
    entries: int
    chosen: bool
    href: str


class Facet(NamedTuple):
    """The values of a field among the hits; ``more`` are those that are folded away."""

    name: str
    label: str
    choices: Sequence[Choice]
    more: Sequence[Choice]


class Column(NamedTuple):
    """A month or year: its count, the height of its column in px, and the address that sets it as the period."""

    name: str
    entries: int
    height: int
    href: str


def show(request: Request) -> Response:
    """The page; a query that cannot be read is shown again, with what is wrong."""
    site = request.app.state.site
    address = Address()
    try:
        address = Address.read(request.query_params.multi_items())
        today = site.today()
        number = address.number("page", 1)
        kb = site.kb
        result = search(kb, address, today, limit=HITS, offset=(number - 1) * HITS, facets=True)
        facets = _facets(kb, address, today, result)
        shown: dict[str, Any] = {
            "result": result,
            "facets": facets,
            "columns": _columns(result.facets["month"], address, site.labels),
            "first": (number - 1) * HITS + 1,
            "previous": address.with_(page=str(number - 1) if number > 2 else "") if number > 1 else None,
            "next": address.with_(page=str(number + 1)) if number * HITS < result.total else None,
            "period": address.period(today),
        }
    except PolicyKBError as error:
        return page(request, "search.html.j2", 400, address=address, problem=str(error), quick=[], chips=[])
    shown |= {"address": address, "problem": "", "quick": _quick(address, today), "chips": _chips(address)}
    return page(request, "search.html.j2", **shown)


def search(kb: KnowledgeBase, address: Address, today: date, **options: Any) -> Result:
    """What an address asks for."""
    options |= {name: address.get(name) for name in ("sort", "match") if address.get(name)}
    return kb.search(address.get("q"), **address.selection(today), today=today, **options)


def _facets(kb: KnowledgeBase, address: Address, today: date, result: Result) -> list[Facet]:
    """The facets, each counted as if nothing of it were chosen: what another choice would give."""
    found = []
    for name in FILTERS:
        chosen = address.all(name)
        counts = result.facets[name]
        if chosen:
            counts = search(kb, address.without(name), today, limit=0, facets=True).facets[name]
        label = next(one.label for one in FACETS if name == one.query[0])
        named = dict.fromkeys((*chosen, *counts))
        choices = [
            Choice(value, counts.get(value, 0), value in chosen, address.turned(name, value).href()) for value in named
        ]
        choices.sort(key=lambda one: not one.chosen)
        if not choices and name in ("level", "region"):
            continue
        found.append(Facet(name, label, choices[:_SHOWN], choices[_SHOWN:]))
    return found


def _columns(months: Mapping[str, int], address: Address, labels: Labels) -> list[Column]:
    """The months of the hits, the empty ones between them too; years where they would be too many."""
    if not months:
        return []
    first, last = (date.fromisoformat(f"{month}-01") for month in (min(months), max(months)))
    periods = DateRange(first, DateRange.month(last).end).months()
    if len(periods) > _COLUMNS:
        periods = [DateRange.year(date(year, 1, 1)) for year in range(first.year, last.year + 1)]
    counts = [sum(months.get(str(one.label()), 0) for one in period.months()) for period in periods]
    most = max(counts)
    whole = DateRange.year(first)
    own = address.without(*PERIOD, "page", "at")
    return [
        Column(
            labels.part(period, whole),
            count,
            -(-count * _TALLEST // most),
            own.with_(during=str(period.label())).href(),
        )
        for period, count in zip(periods, counts, strict=True)
    ]


def _quick(address: Address, today: date) -> list[Choice]:
    """Periods that are often asked for."""
    quarter, year = DateRange.quarter(today), DateRange.year(today)
    own = address.without(*PERIOD, "page", "at")
    periods = {
        _("this quarter"): quarter,
        _("last quarter"): quarter.previous(),
        _("this year"): year,
        _("last year"): year.previous(),
    }
    now = address.get("during")
    choices = []
    for name, period in periods.items():
        label = str(period.label())
        choices.append(Choice(name, 0, now == label, (own if now == label else own.with_(during=label)).href()))
    return choices


def _chips(address: Address) -> list[tuple[str, str]]:
    """What is set, each with the address that takes it away."""
    written = {"during": "{}", "from": _("from {}"), "to": _("to {}")}
    chips = []
    for name, value in address.parameters:
        if name in FILTERS:
            chips.append((value, address.turned(name, value).href()))
        elif name in PERIOD:
            chips.append((written[name].format(value), address.without(name, "page", "at").href()))
    return chips
