"""The market of a period in sentences, and notes on what does not agree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from policykb.domain.daterange import DateRange
from policykb.errors import DateError
from policykb.market.amounts import Amount, ratio, show
from policykb.market.statements import PARTS
from policykb.render.market import EDGES, price_text

if TYPE_CHECKING:
    from policykb.market.findings import Finding
    from policykb.market.market import Market, Period
    from policykb.render.labels import Labels


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
    said = [words[edge].format(price=price_text(price, within, labels)) for edge, price in prices if price]
    found.append(labels["words"]["comma"].join(said) + labels["words"]["stop"] if said else "")
    return [sentence for sentence in found if sentence]


def notes(findings: Iterable[Finding], within: DateRange, labels: Labels) -> list[str]:
    """What is not right in the figures of the period, in sentences."""
    words, lines = labels["market"]["findings"], []
    for finding in findings:
        if finding.kind not in words or not finding.period or not finding.lies_in(within):
            continue
        what = subject(finding, labels)
        line = words["slip_figure" if finding.kind == "slip" and finding.figures else finding.kind]
        lines.append(
            line.format(
                at=finding.at,
                what=what,
                stated=finding.stated,
                computed=finding.computed,
                gap=finding.gap.replace(" percentage points", words["points"]),
                printed=reading(finding.printed, labels),
                meant=reading(finding.meant, labels),
            )
        )
    return lines


def subject(finding: Finding, labels: Labels) -> str:
    """The period and the quantity that a finding is about, 2024年三季度挂牌协议成交额; of a ratio both of them."""
    if len(finding.what.split(" / ")) == 2:
        of, to = (_named(f.period, f.what, labels) for f in finding.figures)
        return str(labels["market"]["findings"]["ratio"]).format(of=of, to=to)
    return _named(finding.period, finding.what, labels) if finding.period else _quantity(finding.what, labels)


def _split(words: Mapping[str, str], measure: str, amounts: Mapping[str, Amount | None], base: str, **more: Any) -> str:
    shown = {name: show(amount, base) for name, amount in amounts.items() if amount}
    if "total" not in shown:
        return ""
    whole = len(shown) == len(PARTS) and all(more.values())
    return words[measure if whole else f"{measure}_only"].format(**shown, **more)


def _change(market: Market, known: Period, labels: Labels) -> str:
    words = labels["market"]["sentences"]
    if known.range.label() is None:
        return ""
    before = market.period(known.range.previous())
    changes = {}
    for measure in ("volume", "turnover"):
        now, then = getattr(known, measure)["total"], getattr(before, measure)["total"]
        if not now or not then or not then.value:
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


def reading(text: str, labels: Labels) -> str:
    """A period (2024Q3) or a quantity (turnover.listed) as a document says it; other words as they are."""
    with suppress(DateError):
        period = DateRange.parse(text, today=date(2000, 1, 1))
        if period.label() == text:
            return labels.period(period)
    return _quantity(text, labels)
