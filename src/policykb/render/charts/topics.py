"""Policies along a line of time: below the price of allowances, and by topic on a page of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from policykb.render.charts.columns import finished
from policykb.render.charts.drawing import BLUE, Drawing, shortened, text_width
from policykb.render.charts.time_axis import days_to_x, draw_bubbles, draw_months

if TYPE_CHECKING:
    from policykb.domain.daterange import DateRange
    from policykb.domain.policy import Policy
    from policykb.render.charts.columns import Chart
    from policykb.render.labels import Labels

NUMBERED = 14  # policies named below the prices
MANY = 150  # policies that are counted by month, not shown one by one


def by_topic(policies: Sequence[Policy], within: DateRange, drafts: frozenset[str], labels: Labels) -> Chart:
    """All policies of a bounded period on one page, a lane for each topic; ``drafts`` are ids."""
    words, lanes = labels["timeline"], _lanes(policies, labels)
    wide, high, left, top = 1120, 780, 128, 84
    title = words["title"].format(period=labels.period(within), count=len(policies))
    drawing = Drawing("timeline", wide, high)
    drawing.text(20, 34, title, size=20, bold=True)
    x_of, bottom = days_to_x(within, left, wide - 24), high - 44
    many = len(policies) > MANY
    placed: dict[str, list[tuple[Policy, float, int]]] = dict.fromkeys(lanes, [])
    depths, step = dict.fromkeys(lanes, 1), (bottom - top) / len(lanes)
    for room in [] if many else [260, 220, 190, 160, 130, 100, 0]:
        placed = {name: _labelled(lane, x_of, wide - 16, room) for name, lane in lanes.items()}
        depths = {name: max(row for _, _, row in lane) + 1 for name, lane in placed.items()}
        step = (bottom - top) / sum(depths.values())
        if step >= 15:
            break
    step = min(step, 40 if many else 24)
    bottom = drawing.height = int(top + step * sum(depths.values()))
    drawing.height += 44
    draw_months(drawing, within, x_of, top - 6, bottom, top - 14, labels)
    y = float(top)
    for number, (name, lane) in enumerate(placed.items()):
        tall = step * depths[name]
        if number % 2 == 0:
            drawing.rect(8, y, wide - 16, tall, "#0b4a7d0d", "none")
        drawing.line([(8, y), (wide - 8, y)])
        drawing.text(16, y + min(tall / 2, 16) + 4, shortened(name, left - 30, 13), bold=True)
        if many:
            draw_bubbles(drawing, lanes[name], within, x_of, y + tall / 2, tall)
        for policy, end, row in lane:
            x, middle = x_of(policy.day), y + step * (row + 0.5)
            drawing.mark(x, middle, "circle", "#fff" if policy.id in drafts else BLUE, 4.5)
            text = shortened(policy.title, room, 11)
            anchor, at = ("start", x + 8) if end > x else ("end", x - 8)
            drawing.text(at, middle + 4, text if room else "", anchor=anchor, size=11, halo=True)
        y += tall
    drawing.line([(8, y), (wide - 8, y)])
    if not many:
        x = wide - 250
        for fill, text in ((BLUE, words["issued"]), ("#fff", words["draft"])):
            drawing.mark(x, 28, "circle", fill, 4.5)
            drawing.text(x + 10, 32, text, size=12)
            x += 90
    said = [f"{labels.day(p.day)}{p.title}（{name}）" for name, lane in lanes.items() for p in lane if not many]
    if many:
        said = [name + labels["charts"]["count"].format(count=len(lane)) for name, lane in lanes.items()]
    return finished(drawing, title, said, labels["charts"]["source_kb"], labels)


def _lanes(policies: Sequence[Policy], labels: Labels) -> dict[str, list[Policy]]:
    """Topic -> policies in order of date; topics with the most first, those with one policy together last."""
    counts = Counter(tag for policy in policies for tag in policy.tags)
    other = labels["timeline"]["other"]
    lanes: dict[str, list[Policy]] = {}
    for policy in sorted(policies, key=lambda policy: (policy.day, policy.id)):
        topic = max(policy.tags, key=lambda tag: counts[tag], default=other)
        lanes.setdefault(topic, []).append(policy)
    ranked = sorted(lanes.items(), key=lambda lane: (-len(lane[1]), lane[0]))
    shown = dict([lane for lane in ranked if lane[0] != other and len(lane[1]) > 1][:14])
    rest = [policy for name, lane in ranked if name not in shown for policy in lane]
    if rest:
        shown[other] = sorted(rest, key=lambda policy: (policy.day, policy.id))
    return shown


def _labelled(
    lane: Sequence[Policy], x_of: Callable[[date], float], right: float, room: float
) -> list[tuple[Policy, float, int]]:
    """Each policy with the far end of its label and the row in which it overlaps no other."""
    rows: list[list[tuple[float, float]]] = []
    placed = []
    for policy in lane:
        x, wide = x_of(policy.day), text_width(shortened(policy.title, room, 11), 11) if room else 0
        end = x + 12 + wide if x + 12 + wide <= right else x - 12 - wide
        span = (min(x - 6, end), max(x + 6, end))
        row = next((n for n, spans in enumerate(rows) if all(span[1] < a or b < span[0] for a, b in spans)), len(rows))
        rows[row:] = rows[row:] or [[]]
        rows[row].append(span)
        placed.append((policy, end, row))
    return placed
