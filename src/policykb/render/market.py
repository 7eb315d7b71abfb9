"""The market of a period as a table, in sentences, and as text, JSON or CSV."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from policykb.dates import DateRange
from policykb.digest.labels import Labels
from policykb.errors import DateError, OutputError
from policykb.market import Market, Period, Price
from policykb.market.audit import Finding
from policykb.market.figures import PARTS, UNITS, Amount, ratio, show
from policykb.render.terminal import width

EDGES = ("first", "last", "high", "low")
_YUAN_A_TONNE = next(name for name, (base, _) in UNITS.items() if base == "yuan/t")
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


def sentences(market: Market, within: DateRange, labels: Labels) -> list[str]:
    """The period's figures in sentences; what is not known is left out."""
    known, words = market.period(within), labels["market"]["sentences"]
    name = market.reports[0].market if market.reports else ""
    share = known.share and show(known.share, "%")
    found = [
        _split(words, "volume", known.volume, "t", period=labels.period(within), market=name, share=share),
        _split(words, "turnover", known.turnover, "yuan"),
        words["average"].format(average=show(known.average, "yuan/t")) if known.average else "",
        _change(market, known, labels),
        _largest_part(known, labels),
    ]
    prices = [(edge, getattr(known, edge)) for edge in EDGES]
    said = [words[edge].format(price=_price(price, within, labels)) for edge, price in prices if price]
    found.append(labels["words"]["comma"].join(said) + labels["words"]["stop"] if said else "")
    return [sentence for sentence in found if sentence]


def notes(findings: Iterable[Finding], within: DateRange, labels: Labels) -> list[str]:
    """What is not right in the figures of the period, in sentences."""
    words, lines = labels["market"]["findings"], []
    for finding in findings:
        if finding.kind not in words or not finding.period or finding.period & within != finding.period:
            continue
        what = _named(finding.period, finding.what, labels)
        if len(finding.what.split(" / ")) == 2:
            of, to = (_named(f.period, f.what, labels) for f in finding.figures)
            what = words["ratio"].format(of=of, to=to)
        line = words["slip_figure" if finding.kind == "slip" and finding.figures else finding.kind]
        lines.append(
            line.format(
                at=finding.at,
                what=what,
                stated=finding.stated,
                computed=finding.computed,
                gap=finding.gap.replace(" percentage points", words["points"]),
                printed=_reading(finding.printed, labels),
                meant=_reading(finding.meant, labels),
            )
        )
    return lines


def render(market: Market, within: DateRange, format: str, labels: Labels) -> bytes:
    """The market of a period as ``text``, ``json`` or ``csv``; an OutputError when there is no figure."""
    import csv
    import io
    import json

    found = table(market, within, labels)
    if found is None:
        have = sorted({f.period.label() or str(f.period) for f in market.figures})
        known = f"there are figures for {', '.join(have)}" if have else "corpus/market/ holds none"
        raise OutputError(f"no market figures for {within.label() or within}: {known}")
    if format == "text":
        return _text(found, market, labels).encode()
    if format == "csv":
        out = io.StringIO()
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(_rows(market, within))
        return out.getvalue().encode()
    if format == "json":
        data = {
            "format": 1,
            "period": {"from": str(within.first or "") or None, "to": str(within.last or "") or None},
            "sources": [{"title": r.title, "market": r.market, "publisher": r.publisher} for r in market.reports],
            "figures": _rows(market, within),
        }
        return (json.dumps(data, ensure_ascii=False, indent=2) + "\n").encode()
    raise OutputError(f"unknown format {format}; known are text, json and csv")


def sources(market: Market, labels: Labels) -> list[str]:
    """Where the figures come from."""
    words = labels["words"]
    names = [f"{r.publisher}{words['comma']}{words['quote'].format(r.title)}" for r in market.reports]
    return [words["source"].format(name) for name in names]


def _text(found: Table, market: Market, labels: Labels) -> str:
    rows = [found.header, *found.rows]
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
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
    cells = (period.label() or str(period), what, plain[0], unit, plain[1], amount.derived, None, None, None)
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


def _price(price: Price, within: DateRange, labels: Labels) -> str:
    day = _price_day(price, within, labels)
    return _limited(price, labels) + (f"（{day}）" if day else "")


def _limited(price: Price, labels: Labels) -> str:
    words, text = labels["market"], show(price.amount, "yuan/t")
    return str(words["at_least" if price.bound == "min" else "at_most"].format(text)) if price.bound else text


def _split(words: Mapping[str, str], measure: str, amounts: Mapping[str, Amount | None], base: str, **more: Any) -> str:
    shown = {name: show(amount, base) for name, amount in amounts.items() if amount}
    if "total" not in shown:
        return ""
    whole = len(shown) == len(PARTS) and all(more.values())
    return words[measure if whole else f"{measure}_only"].format(**shown, **more)


def _change(market: Market, known: Period, labels: Labels) -> str:
    first, last, words = known.range.first, known.range.last, labels["market"]["sentences"]
    if first is None or last is None or known.range.label() is None:
        return ""
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    month = first.year * 12 + first.month - 1 - months
    before = market.period(DateRange(date(month // 12, month % 12 + 1, 1), first))
    changes = {}
    for measure in ("volume", "turnover"):
        now, then = getattr(known, measure)["total"], getattr(before, measure)["total"]
        if not now or not then or not then.value or before.range.last != first - timedelta(days=1):
            return ""
        times = ratio(now, then, 100)
        change = Amount(abs(times.value - 100), times.slack, max(times.step, Decimal("0.1")), True)
        changes[measure] = words["up" if times.value >= 100 else "down"].format(show(change, "%"))
    return str(words["change"]).format(before=labels.period(before.range), **changes)


def _largest_part(known: Period, labels: Labels) -> str:
    total = known.volume["total"]
    if not total or not total.value or not known.parts:
        return ""
    of = [(p, amount) for p in known.parts if (amount := p.volume["total"])]
    largest, amount = max(of, key=lambda pair: pair[1].value)
    share = show(ratio(amount, total, 100), "%")
    return str(labels["market"]["sentences"]["quarter_part"]).format(
        part=labels.period(largest.range), volume=show(amount, "t"), share=share
    )


def _named(period: DateRange, what: str, labels: Labels) -> str:
    return labels.period(period) + _quantity(what, labels)


def _quantity(what: str, labels: Labels) -> str:
    words = labels["market"]
    if what.startswith("part."):
        return _quantity(what.removeprefix("part."), labels) + str(words["of_year"])
    return str(words.get(what.replace(".", "_"), what))


def _reading(text: str, labels: Labels) -> str:
    """A period (2024Q3) or a quantity (turnover.listed) as a document says it; other words as they are."""
    with suppress(DateError):
        period = DateRange.parse(text, today=date(2000, 1, 1))
        if period.label() == text:
            return labels.period(period)
    return _quantity(text, labels)
