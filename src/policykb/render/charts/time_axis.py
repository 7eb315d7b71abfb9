"""What charts over time share: the axis of days and months, the numbered bubbles of policies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from math import sqrt
from typing import TYPE_CHECKING

from policykb.domain.daterange import DateRange
from policykb.render.charts.drawing import SOFT, text_width

if TYPE_CHECKING:
    from policykb.domain.policy import Policy
    from policykb.render.charts.drawing import Drawing
    from policykb.render.labels import Labels

WIDTH = 680
LEFT, RIGHT, TOP, BOTTOM = 84, 14, 58, 350  # the edges of the price plot; right counts from the right

MANY = 150  # policies that are counted by month, not shown one by one

Box = tuple[float, float, float, float]


def days_to_x(within: DateRange, left: float, right: float) -> Callable[[date], float]:
    """Gives for a day of ``within`` where its middle lies between ``left`` and ``right``."""
    first, last = within.first or date.min, within.last or date.max
    count = (last - first).days + 1
    return lambda day: left + ((day - first).days + 0.5) / count * (right - left)


def draw_months(
    drawing: Drawing,
    within: DateRange,
    x_of: Callable[[date], float],
    top: float,
    bottom: float,
    base: float,
    years: float,
    labels: Labels,
) -> None:
    """Lines between the months, their names on ``base`` and their years on ``years``, as far as there is room."""
    spans = [span & within or span for span in within.months()]
    wide = (x_of(within.last or date.max) - x_of(within.first or date.min)) / len(spans)
    steps = (1, *(n for n in (3, 6, 12, 24, 36, 60, 120, 240) if n * wide >= 50), len(spans))
    every = 1 if wide >= 16 else steps[1]
    half = (x_of(spans[0].last or date.max) - x_of(spans[0].first or date.min)) / 62  # of a day
    for number, span in enumerate(spans[::every]):
        first, last = span.first or date.min, span.last or date.max
        left, right = x_of(first) - half, x_of(last) + half
        drawing.line([(left, top), (left, bottom)])
        if every > 1:
            drawing.text(left + 2, base, f"{first:%Y-%m}", size=12)
            continue
        names = (labels.part(DateRange.month(first), DateRange.year(first)), str(first.month))
        name = next((name for name in names if text_width(name, 12) < right - left), "")
        drawing.text((left + right) / 2, base, name, anchor="middle", size=12)
        if number == 0 or first.month == 1:
            drawing.text(left + 2, years, labels.period(DateRange.year(first)), size=12, fill=SOFT)
    end = x_of(within.last or date.max) + half
    drawing.line([(end, top), (end, bottom)])


def draw_bubbles(
    drawing: Drawing, lane: Sequence[Policy], within: DateRange, x_of: Callable[[date], float], y: float, tall: float
) -> None:
    """Counts by month, by quarter or by year, as many as there is room for."""
    spans = len(within.months())
    months = 1 if spans <= 30 else 3 if spans <= 90 else 12
    days: dict[tuple[int, int], list[date]] = {}
    for policy in lane:
        days.setdefault((policy.day.year, (policy.day.month - 1) // months), []).append(policy.day)
    most = max(map(len, days.values()))
    for found in days.values():
        size = max(3.0, sqrt(len(found) / most) * min(tall / 2 - 2, 16))
        x = (x_of(min(found)) + x_of(max(found))) / 2
        drawing.mark(x, y, "circle", "#bfe3f5", size)
        if size > 7:
            drawing.text(x, y + 4, str(len(found)), anchor="middle", size=10)
