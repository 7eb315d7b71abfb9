"""The charts of reports in columns and bars: volumes, turnover, shares, and counts of policies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from policykb.domain.daterange import DateRange
from policykb.market.amounts import show
from policykb.render.charts.drawing import INK, SOFT, Chart, Drawing, finished, shortened, text_width, ticks

if TYPE_CHECKING:
    from policykb.domain.policy import Policy
    from policykb.market.amounts import Amount
    from policykb.market.market import Market, Period
    from policykb.render.labels import Labels

_WIDTH, _HEIGHT = 680, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 74, 16, 44, 62
_PARTS = 32  # the room for what a column is made of, under it
_DEPARTMENTS, _MONTHS = 12, 36  # shown at most
_WIDEST_NAME = 400  # of a department, beside its bar
_AXES = {"volume": ("t", Decimal(10**4)), "turnover": ("yuan", Decimal(10**8))}


def share(market: Market, periods: Sequence[Period], labels: Labels) -> Chart | None:
    """The share of listed trading in the volume, by period."""
    known = [(p, p.share) for p in periods if p.share]
    if not known:
        return None
    words = labels["charts"]
    drawing = Drawing("share", _WIDTH, _HEIGHT)
    within = _span([p for p, _ in known])
    names = [labels.part(p.range, within) for p, _ in known]
    scale = _columns(drawing, names, max(float(amount.value) for _, amount in known), words["share_axis"])
    shares = [(name, show(amount, "%"), float(amount.value)) for name, (_, amount) in zip(names, known, strict=True)]
    for number, (_, amount) in enumerate(known):
        x, wide, y = scale(number, float(amount.value))
        drawing.rect(x, y, wide, _HEIGHT - _BOTTOM - y, drawing.fill("solid"))
        drawing.text(x + wide / 2, y - 7, show(amount, "%"), anchor="middle", size=14)
    values = [f"{name}{value}" for name, value, _ in shares]
    return finished(drawing, words["share"], [*_finding(shares, labels), *values], source(market, labels), labels)


def months(policies: Sequence[Policy], within: DateRange, labels: Labels) -> Chart | None:
    """How many policies were issued in each month."""
    if not policies or within.first is None or within.last is None:
        return None
    words, counts = labels["charts"], Counter((p.day.year, p.day.month) for p in policies)
    spans = within.months()
    if not 1 < len(spans) <= _MONTHS:
        return None
    drawing = Drawing("months", _WIDTH, 290)
    if within.first.year == within.last.year:
        names = [labels.part(span, within) for span in spans]
    else:
        names = [f"{span.first:%y-%m}" for span in spans]
    scale = _columns(drawing, names, max(counts.values()), words["count_axis"], whole=True)
    issued = []
    for number, span in enumerate(spans):
        count = counts[span.first.year, span.first.month] if span.first else 0
        x, wide, y = scale(number, count)
        if count:
            drawing.rect(x, y, wide, drawing.height - _BOTTOM - y, drawing.fill("solid"))
        drawing.text(x + wide / 2, y - 6, str(count), anchor="middle")
        issued.append((labels.period(span), words["count"].format(count=count), float(count)))
    values = [f"{name}{value}" for name, value, _ in issued]
    return finished(drawing, words["months"], [*_finding(issued, labels), *values], words["source_kb"], labels)


def issuers(policies: Sequence[Policy], labels: Labels) -> Chart | None:
    """How many policies each department issued or signed, the most first."""
    words = labels["charts"]
    counted = Counter(name for policy in policies for name in policy.issuers)
    ranked = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    if not ranked:
        return None
    shown, others = ranked[:_DEPARTMENTS], ranked[_DEPARTMENTS:]
    names = [shortened(name, _WIDEST_NAME, 13) for name, _ in shown]
    left, row = 40 + max(text_width(name, 13) for name in names), 25
    drawing = Drawing("issuers", _WIDTH, 72 + row * len(shown))
    marks = sorted({round(mark) for mark in ticks(0, ranked[0][1])})
    bottom, unit = 14 + row * len(shown), (_WIDTH - left - 60) / marks[-1]
    for mark in marks:
        x = left + mark * unit
        drawing.line([(x, 10), (x, bottom)])
        drawing.text(x, bottom + 17, str(mark), anchor="middle", fill=SOFT, size=12)
    drawing.text(left - 8, bottom + 17, words["count_axis"], anchor="end", fill=SOFT, size=12)
    for number, (name, (_, count)) in enumerate(zip(names, shown, strict=True)):
        y = 14 + row * number
        drawing.text(left - 8, y + 15, name, anchor="end")
        drawing.rect(left, y + 3, count * unit, row - 8, drawing.fill("solid"))
        drawing.text(left + count * unit + 7, y + 16, str(count))
    drawing.line([(left, 10), (left, bottom)], INK)
    if others:
        total = sum(count for _, count in others)
        more = words["more_issuers"].format(departments=len(others), count=total)
        drawing.text(8, drawing.height - 10, more, fill=SOFT, size=11)
    values = [f"{name}{words['count'].format(count=count)}" for name, count in ranked]
    said = [words["most"].format(highest=values[0]), *values] if len(values) > 1 else values
    return finished(drawing, words["issuers"], said, words["source_kb"], labels)


def stacked(name: str, market: Market, periods: Sequence[Period], labels: Labels) -> Chart | None:
    """Volume or turnover by period, listed and block trading stacked where they are known."""
    base, unit = _AXES[name]
    known = [(p, total) for p in periods if (total := getattr(p, name)["total"])]
    if not known:
        return None
    words, quantities = labels["charts"], labels["market"]
    drawing = Drawing(name, _WIDTH, _HEIGHT + _PARTS)
    within = _span([p for p, _ in known])
    names = [labels.part(p.range, within) for p, _ in known]
    highest = max(float(total.value / unit) for _, total in known)
    scale = _columns(drawing, names, highest, words[f"{name}_axis"], below=_PARTS)
    used, values = set(), []
    totals = [(names[n], show(total, base), float(total.value)) for n, (_, total) in enumerate(known)]
    for number, (p, total) in enumerate(known):
        amounts: dict[str, Amount | None] = getattr(p, name)
        parts = [(part, amounts[part], fill) for part, fill in (("listed", "solid"), ("block", "hatch"))]
        if not all(amount for _, amount, _ in parts):
            parts = [("unsplit", total, "dots")]
        below, said = 0.0, []
        for part, amount, fill in parts:
            if amount is None:
                continue
            value = float(amount.value / unit)
            x, wide, top = scale(number, below + value)
            bottom = scale(number, below)[2]
            drawing.rect(x, top, wide, bottom - top, drawing.fill(fill))
            below += value
            used.add((part, fill))
            said.append(f"{quantities[part]}{show(amount, base)}")
            # under the column, where those of a small one are as readable as those of a large one
            if part != "unsplit" and text_width(said[-1], 11) < (_WIDTH - _LEFT - _RIGHT) / len(known):
                y = drawing.height - _BOTTOM - _PARTS + 20 + 16 * len(said)
                drawing.text(x + wide / 2, y, said[-1], anchor="middle", size=11, fill=SOFT)
        x, wide, top = scale(number, below)
        drawing.text(x + wide / 2, top - 7, show(total, base), anchor="middle", size=13, bold=True)
        values.append(f"{names[number]}{show(total, base)}（{labels['words']['comma'].join(said)}）")
    legend = [(part, fill) for part, fill in (("listed", "solid"), ("block", "hatch"), ("unsplit", "dots"))]
    _legend(drawing, [(drawing.fill(fill), quantities[part]) for part, fill in legend if (part, fill) in used])
    return finished(drawing, words[name], [*_finding(totals, labels), *values], source(market, labels), labels)


def _columns(
    drawing: Drawing, names: Sequence[str], highest: float, axis: str, *, whole: bool = False, below: int = 0
) -> Callable[[int, float], tuple[float, float, float]]:
    """Draw the axes, with room ``below``; gives the left edge and the width of a column, and the y of a value."""
    marks = ticks(0, highest * 1.08)
    if whole:
        marks = sorted({float(round(mark)) for mark in marks})
    bottom, wide = drawing.height - _BOTTOM - below, (drawing.width - _LEFT - _RIGHT) / len(names)

    def y_of(value: float) -> float:
        return bottom - value / marks[-1] * (bottom - _TOP)

    for mark in marks:
        drawing.line([(_LEFT, y_of(mark)), (drawing.width - _RIGHT, y_of(mark))])
        drawing.text(_LEFT - 8, y_of(mark) + 4, f"{mark:g}", anchor="end", fill=SOFT, size=12)
    drawing.line([(_LEFT, bottom), (drawing.width - _RIGHT, bottom)], INK)
    drawing.text(18, (_TOP + bottom) / 2, axis, anchor="middle", fill=SOFT, size=12, turned=True)
    for number, name in enumerate(names):
        drawing.text(_LEFT + (number + 0.5) * wide, bottom + 19, name, anchor="middle")
    column = min(wide * 0.56, 110)

    def place(number: int, value: float) -> tuple[float, float, float]:
        return _LEFT + (number + 0.5) * wide - column / 2, column, y_of(value)

    return place


def _finding(values: Sequence[tuple[str, str, float]], labels: Labels) -> list[str]:
    """What the chart shows at first sight, the highest and the lowest of names, texts and values; nothing of one."""
    first, last = max(values, key=lambda one: one[2]), min(values, key=lambda one: one[2])
    return [extremes([f"{first[0]}{first[1]}", f"{last[0]}{last[1]}"], labels)] if first[2] > last[2] else []


def extremes(texts: Sequence[str], labels: Labels) -> str:
    """最高为四季度1.49亿吨，最低为一季度874.03万吨."""
    highest, lowest = texts
    return str(labels["charts"]["extremes"]).format(highest=highest, lowest=lowest)


def _legend(drawing: Drawing, items: Iterable[tuple[str, str]]) -> None:
    x = float(_LEFT)
    for fill, text in items:
        drawing.rect(x, 12, 22, 13, fill)
        drawing.text(x + 28, 23, text)
        x += 52 + text_width(text, 13)


def _span(periods: Sequence[Period]) -> DateRange:
    """The year of the last period, so that its quarters need not name it."""
    last = periods[-1].range
    year = last.first.year if last.first else 0
    return DateRange(date(year, 1, 1), date(year + 1, 1, 1)) if year else last


def source(market: Market, labels: Labels) -> str:
    """Where the market's figures come from."""
    sources = [labels["charts"]["source"].format(publisher=r.publisher, title=r.title) for r in market.reports]
    return sources[0] if sources else str(labels["market"]["from_daily"])
