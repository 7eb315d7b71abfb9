"""The price of allowances over time, with the policies that fell into it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from policykb.market.amounts import show
from policykb.render.charts.columns import extremes, source
from policykb.render.charts.drawing import BLUE, INK, ORANGE, RED, SOFT, Drawing, finished, shortened, text_width, ticks
from policykb.render.charts.time_axis import (
    BOTTOM,
    LEFT,
    MANY,
    RIGHT,
    TOP,
    WIDTH,
    Box,
    days_to_x,
    draw_bubbles,
    draw_months,
)

if TYPE_CHECKING:
    from policykb.domain.daterange import DateRange
    from policykb.domain.policy import Policy
    from policykb.market.market import Market
    from policykb.market.statements import Figure
    from policykb.render.charts.drawing import Chart
    from policykb.render.labels import Labels

_NUMBERED = 14  # policies named below the prices
_UNDATED, _BOUND = (RED, 1.8, "9 3 2 3"), (SOFT, 1.6, "6 4")  # colour, width and dashes


def prices(market: Market, policies: Sequence[Policy], within: DateRange, focus: str, labels: Labels) -> Chart | None:
    """The stated prices, or the daily series, of a period, and under it the policies issued.

    Policies with the tag ``focus`` are numbered and named; when there are none, all are.
    """
    stated = [f for f in market.prices(within) if not ("high" in f.marks and f.bound == "min")]
    days = [day for day in market.daily if day.date in within]
    if within.first is None or within.last is None or not (stated or days):
        return None
    words = labels["prices"]
    focused = any(focus in p.tags for p in policies)
    named = [p for p in policies if focus in p.tags or not focused]
    others = [p for p in policies if focused and focus not in p.tags]
    named, rest = named[:_NUMBERED], len(named[_NUMBERED:])
    x_of = days_to_x(within, LEFT, WIDTH - RIGHT)
    many = len(others) > MANY
    rows, depth = _rows([x_of(p.day) for p in named], 20), [] if many else _rows([x_of(p.day) for p in others], 9)
    lane = BOTTOM + 56
    other_lane = lane + 20 * (max(rows, default=0) + 1) + 6
    list_top = other_lane + 9 * (max(depth, default=0) + 1) + 26
    drawing = Drawing("prices", WIDTH, int(list_top + 19 * -(-len(named) // 2) + 26))

    values = [float(f.amount.value) for f in stated] + [float(day.close) for day in days]
    marks = ticks(min(values) - 2, max(values) + 4, 6)

    def y_of(value: float) -> float:
        return BOTTOM - (value - marks[0]) / (marks[-1] - marks[0]) * (BOTTOM - TOP)

    for mark in marks:
        drawing.line([(LEFT, y_of(mark)), (WIDTH - RIGHT, y_of(mark))])
        drawing.text(LEFT - 8, y_of(mark) + 4, f"{mark:g}", anchor="end", fill=SOFT, size=12)
    drawing.text(18, (TOP + BOTTOM) / 2, words["axis"], anchor="middle", fill=SOFT, size=12, turned=True)
    draw_months(drawing, within, x_of, TOP, other_lane + 4, BOTTOM + 18, BOTTOM + 34, labels)
    for policy in named:
        drawing.line([(x_of(policy.day), TOP), (x_of(policy.day), lane - 9)], ORANGE, 1, "2 3")
    drawing.line([(LEFT, BOTTOM), (WIDTH - RIGHT, BOTTOM)], INK)
    _draw_prices(
        drawing, stated, [(x_of(day.date), y_of(float(day.close))) for day in days], within, x_of, y_of, labels
    )

    name = words["focus"].format(tag=focus) if focused else words["policies"]
    drawing.text(LEFT - 8, lane + 4, name if named else "", anchor="end", fill=SOFT, size=11)
    for number, (policy, row) in enumerate(zip(named, rows, strict=True), 1):
        x, y = x_of(policy.day), lane + 20 * row
        drawing.mark(x, y, "circle", ORANGE, 9)
        drawing.text(x, y + 4, str(number), anchor="middle", size=11, bold=True)
    if others:
        drawing.text(LEFT - 8, other_lane + 4, words["others"], anchor="end", fill=SOFT, size=11)
    if many:
        draw_bubbles(drawing, others, within, x_of, other_lane, 26)
    for policy, row in zip([] if many else others, depth, strict=True):
        drawing.mark(x_of(policy.day), other_lane + 9 * row, "diamond", "#fff", 3.5)
    half = -(-len(named) // 2)
    for number, policy in enumerate(named):
        x, y = 16 + 330 * (number // half), list_top + 19 * (number % half)
        drawing.text(x + 14, y, str(number + 1), anchor="end", size=12, bold=True)
        drawing.text(x + 22, y, labels.day_of_year(policy.day), size=12, fill=SOFT)
        drawing.text(x + 84, y, shortened(policy.title, 238, 12), size=12)
    if rest:
        more = labels["words"]["more"].format(count=rest)
        drawing.text(20, drawing.height - 10, more, size=11, fill=SOFT)
    said = [_said(f, within, labels) for f in stated]
    exact = sorted((f for f in stated if not f.bound), key=lambda f: f.amount.value)
    if days:
        ends = (max(days, key=lambda day: day.close), min(days, key=lambda day: day.close))
        said.insert(0, extremes([f"{labels.day_of_year(day.date)}{day.close:f}" for day in ends], labels))
    elif len(exact) > 1:
        said.insert(0, extremes([_said(f, within, labels) for f in (exact[-1], exact[0])], labels))
    said += [f"{number} {labels.day(policy.day)}{policy.title}" for number, policy in enumerate(named, 1)]
    return finished(drawing, words["title"], said, source(market, labels), labels)


def _rows(places: Sequence[float], gap: float) -> list[int]:
    """For marks at these places, in order, the rows in which they do not touch."""
    ends: list[float] = []
    rows = []
    for x in places:
        row = next((number for number, end in enumerate(ends) if x >= end), len(ends))
        ends[row : row + 1] = [x + gap]
        rows.append(row)
    return rows


def _draw_prices(
    drawing: Drawing,
    stated: Sequence[Figure],
    daily: list[tuple[float, float]],
    within: DateRange,
    x_of: Callable[[date], float],
    y_of: Callable[[float], float],
    labels: Labels,
) -> None:
    words, taken = labels["prices"], list[Box]()
    points, edges, spans = [], [], []
    for f in stated:
        y, inside = y_of(float(f.amount.value)), f.period & within
        if inside is None or inside.first is None or inside.last is None:
            continue
        if f.day:
            points.append((x_of(f.day), y, f))
        elif not f.bound and {"first", "last"} & set(f.marks):
            edges.append((x_of(inside.first if "first" in f.marks else inside.last), y, f))
        else:
            spans.append((x_of(inside.first), x_of(inside.last), y, f))
    if daily:
        drawing.line(daily, BLUE, 1.8)
    else:
        drawing.line(sorted((x, y) for x, y, _ in points + edges), SOFT, 1.2, "2 4")
    for start, end, y, f in spans:
        drawing.line([(start, y), (end, y)], *(_BOUND if f.bound else _UNDATED))
    for x, y, _ in edges:
        drawing.mark(x, y, "square", "#fff", 4)
    for x, y, _ in points:
        drawing.mark(x, y, "circle", BLUE, 5)
    taken += [(x - 6, y - 6, x + 6, y + 6) for x, y, _ in points + edges]
    taken += [(start, y - 1, end, y + 1) for start, end, y, _ in spans]
    for x, y, f in points + edges:
        _label(drawing, _said(f, within, labels, short=True), x, y, taken)
    for start, end, y, f in spans:
        _label(
            drawing, _said(f, within, labels, short=True), (start + end) / 2, y, taken, RED if f.bound is None else SOFT
        )
    x = 20.0
    for shape, fill, text, found in (
        ("circle", BLUE, words["exact"], points),
        ("square", "#fff", words["edge"], edges),
        ("", RED, words["undated"], [span for span in spans if not span[3].bound]),
        ("", SOFT, words["bound"], [span for span in spans if span[3].bound]),
    ):
        if found:
            if shape:
                drawing.mark(x + 10, 16, shape, fill, 4.5)
            else:
                drawing.line([(x, 16), (x + 24, 16)], *(_UNDATED if fill == RED else _BOUND))
            drawing.text(x + 26, 20, text, size=12)
            x += 42 + text_width(text, 12)
    drawing.line([(20, 36), (40, 36)], BLUE if daily else SOFT, 1.8 if daily else 1.2, "" if daily else "2 4")
    drawing.text(46, 40, words["daily"] if daily else words["joined"], size=12)


def _label(drawing: Drawing, text: str, x: float, y: float, taken: list[Box], fill: str = INK) -> None:
    """Write beside (x, y) where nothing else is written."""
    wide = text_width(text, 12)
    low, high = LEFT + wide / 2 + 2, drawing.width - 6 - wide / 2
    beside = wide / 2 + 9
    places = [(x, y - 10), (x, y + 19), (x + beside, y + 4), (x - beside, y + 4)]
    places += [(x + dx, y + dy) for dy in (-25, 34, -40, 49) for dx in (0, beside / 2, -beside / 2)]
    boxes = []
    for center, base in places:
        middle = min(max(center, low), max(high, low))
        if base - 11 > TOP - 14 and base < BOTTOM:
            boxes.append((middle - wide / 2, base - 11, middle + wide / 2, base + 3))
    free = [box for box in boxes if not any(_overlap(box, other) for other in taken)]
    box = (free or boxes)[0]
    taken.append(box)
    drawing.text((box[0] + box[2]) / 2, box[3] - 3, text, anchor="middle", size=12, fill=fill, halo=True)


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _said(f: Figure, within: DateRange, labels: Labels, *, short: bool = False) -> str:
    words, price = labels["prices"], show(f.amount, "yuan/t").removesuffix("元/吨")
    if f.day:
        text = words["dated"].format(price=price, day=labels.day_of_year(f.day))
    elif f.bound:
        kind = {"min": "at_least", "max": "at_most", "about": "level"}[f.bound]
        text = words[kind].format(price=price)
    else:
        text = words[next((mark for mark in f.marks if mark in words), "level")].format(price=price)
    return text if short else f"{labels.part(f.period, within)}{text}"
