"""The market of a period as a table, in sentences, and as text, JSON or CSV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from policykb.errors import OutputError
from policykb.i18n import _
from policykb.market.amounts import UNITS, show
from policykb.market.statements import PARTS
from policykb.render import spreadsheet, templates
from policykb.render.records import as_json
from policykb.render.terminal.widths import columns_of, width

if TYPE_CHECKING:
    from policykb.domain.daterange import DateRange
    from policykb.market.amounts import Amount
    from policykb.market.market import Market, Price
    from policykb.render.labels import Labels

EDGES = ("first", "last", "high", "low")
_YUAN_A_TONNE = next(name for name, (base, _) in UNITS.items() if base == "yuan/t")
FORMATS = ("text", "json", "csv", "xlsx")
COLUMNS = ("period", "what", "value", "unit", "precision", "derived", "day", "bound", "within")


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first cell of ``header`` and of each row names the row."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def table(market: Market, within: DateRange, labels: Labels) -> Table | None:
    """One column for each part of the period and one for all of it; None when there is no figure."""
    whole, words = market.period(within), labels["market"]
    columns = [p for p in (*whole.parts, whole) if p.known]
    rows: list[list[str]] = []
    for measure, base in (("volume", "t"), ("turnover", "yuan")):
        for name in PARTS:
            amounts = [getattr(p, measure)[name] for p in columns]
            rows.append([words[f"{measure}_{name}"], *(_cell(amount, base, labels) for amount in amounts)])
        if measure == "volume":
            rows.append([words["share"], *(_cell(p.share, "%", labels) for p in columns)])
    averages = (_cell(p.average, "yuan/t", labels) for p in columns)
    rows.append([words["average"], *(cell.replace(_YUAN_A_TONNE, "") for cell in averages)])
    for edge in EDGES:
        prices = [(getattr(p, edge), p.range) for p in columns]
        rows.append([words[edge], *(_price_cell(price, labels) for price, _ in prices)])
        days = [price and _price_day(price, inside, labels) for price, inside in prices]
        if any(days):
            rows.append([words["on_day"], *(day or "" for day in days)])
    known = [tuple(row) for row in rows if set(row[1:]) != {words["missing"]}]
    header = (words["item"], *(labels.part(p.range, within) for p in columns))
    return Table(header, tuple(known)) if columns else None


def render(market: Market, within: DateRange, format: str, labels: Labels) -> bytes:
    """The market of a period in one of ``FORMATS``; an OutputError for another one, and when there is no figure."""
    templates.known_format(format, FORMATS)
    found = table(market, within, labels)
    if found is None:
        have = sorted({f.period.name for f in market.figures})
        if not have and not market.daily:
            raise OutputError(none_yet())
        said = _("no market figures for {period}: there are figures for {periods}")
        days = (
            [_("the days {first} to {last}").format(first=market.daily[0].date, last=market.daily[-1].date)]
            if market.daily
            else []
        )
        raise OutputError(said.format(period=within.name, periods=_(", ").join((*have, *days))))
    if format == "text":
        return _text(found, market, labels).encode()
    if format == "csv":
        return spreadsheet.table(COLUMNS, _rows(market, within))
    if format == "xlsx":
        return spreadsheet.workbook(COLUMNS, _rows(market, within), labels)
    data = {
        "format": 1,
        "period": {"from": str(within.first or "") or None, "to": str(within.last or "") or None},
        "sources": [{"title": r.title, "market": r.market, "publisher": r.publisher} for r in market.reports],
        "figures": _rows(market, within),
    }
    return as_json(data)


def none_yet() -> str:
    """How figures come into a knowledge base that has none."""
    return _(
        "no market figures here yet: 'policykb import REPORT' reads them from a review of the market, "
        "'policykb market import FILE' takes a daily series of an exchange (CSV, Excel)"
    )


def sources(market: Market, labels: Labels) -> list[str]:
    """Where the figures come from."""
    words = labels["words"]
    unseen = labels["market"]["unreviewed"]
    names = [
        f"{r.publisher}{words['comma']}{words['quote'].format(r.title)}{'' if r.reviewed else unseen}"
        for r in market.reports
    ]
    return [words["source"].format(name) for name in names]


def _text(found: Table, market: Market, labels: Labels) -> str:
    rows = [found.header, *found.rows]
    widths = columns_of(rows)
    lines = [_aligned(row, widths) for row in rows]
    return "\n".join([*lines, "", labels["market"]["derived"], *sources(market, labels)]) + "\n"


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    first = row[0] + " " * (widths[0] - width(row[0]))
    cells = (" " * (n - width(cell)) + cell for cell, n in zip(row[1:], widths[1:], strict=True))
    return "  ".join([first, *cells]).rstrip()


def _rows(market: Market, within: DateRange) -> list[dict[str, object]]:
    whole = market.period(within)
    rows: list[dict[str, object]] = []
    for p in (*whole.parts, whole):
        amounts: list[tuple[str, Amount | None, str]] = []
        for measure, base in (("volume", "t"), ("turnover", "yuan")):
            amounts += [(f"{measure}.{name}", getattr(p, measure)[name], base) for name in PARTS]
        amounts += [("share", p.share, "%"), ("average", p.average, "yuan/t")]
        rows += [_row(p.range, what, amount, base) for what, amount, base in amounts if amount]
        for edge in EDGES:
            price: Price | None = getattr(p, edge)
            if price:
                row = _row(p.range, f"price.{edge}", price.amount, "yuan/t")
                row["day"], row["bound"] = price.day and str(price.day), price.bound
                row["within"] = None if price.period == p.range else price.period.label()
                rows.append(row)
    return rows


def _row(period: DateRange, what: str, amount: Amount, unit: str) -> dict[str, object]:
    value = (amount.value / amount.step).quantize(Decimal(1)) * amount.step
    plain: list[object] = [float(n) if n % 1 else int(n) for n in (value, amount.step)]
    cells = (period.name, what, plain[0], unit, plain[1], amount.derived, None, None, None)
    return dict(zip(COLUMNS, cells, strict=True))


def _cell(amount: Amount | None, base: str, labels: Labels) -> str:
    words = labels["market"]
    if amount is None:
        return str(words["missing"])
    return show(amount, base) + (words["derived_mark"] if amount.derived else "")


def _price_cell(price: Price | None, labels: Labels) -> str:
    words = labels["market"]
    if price is None:
        return str(words["missing"])
    text = _limited(price, labels).replace(_YUAN_A_TONNE, "")
    return text + (words["derived_mark"] if price.amount.derived else "")


def _price_day(price: Price, within: DateRange, labels: Labels) -> str:
    if price.day:
        return labels.day_of_year(price.day)
    return "" if price.period == within else labels.part(price.period, within)


def price_text(price: Price, within: DateRange, labels: Labels) -> str:
    """A price with its unit, and its day or part of the period in brackets."""
    day = _price_day(price, within, labels)
    return _limited(price, labels) + (f"（{day}）" if day else "")


def _limited(price: Price, labels: Labels) -> str:
    words, text = labels["market"], show(price.amount, "yuan/t")
    return str(words["at_least" if price.bound == "min" else "at_most"].format(text)) if price.bound else text
