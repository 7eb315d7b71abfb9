"""Policies along a line of time, by topic, on a page of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from policykb.render.charts.drawing import BLUE, Drawing, finished, shortened, text_width
from policykb.render.charts.time_axis import MANY, days_to_x, draw_bubbles, draw_months
from policykb.render.terminal.widths import width, wrap

if TYPE_CHECKING:
    from policykb.domain.daterange import DateRange
    from policykb.domain.policy import Policy
    from policykb.render.charts.drawing import Chart
    from policykb.render.labels import Labels

_TOPICS = 14  # shown at most
# Heights of the page, from landscape to portrait, and room for a line of a title: the first that all have room in.
_SIZES = (
    *((780, room) for room in (260, 220, 190, 160)),
    *((1560, room) for room in (260, 220, 190, 160, 130, 100, 0)),
)
_COLUMN = 5.5  # the width of half a Han character

_Placed = tuple["Policy", list[str], float, int]  # the lines of its label, their far end, the first of its rows


def by_topic(
    policies: Sequence[Policy],
    within: DateRange,
    drafts: frozenset[str],
    labels: Labels,
    way: Callable[[Policy], str] = lambda policy: "",
) -> Chart:
    """All policies of a bounded period on one page, a lane for each topic; ``drafts`` are ids.

    ``way`` is the address that a policy shown by itself leads to.
    """
    words, lanes = labels["timeline"], _lanes(policies, labels)
    wide, high, left, top = 1120, 780, 128, 84
    title = words["title"].format(period=labels.period(within), count=len(policies))
    drawing = Drawing("timeline", wide, high)
    drawing.text(20, 34, title, size=20, bold=True)
    x_of, bottom = days_to_x(within, left, wide - 24), high - 44
    many = len(policies) > MANY
    placed: dict[str, list[_Placed]] = dict.fromkeys(lanes, [])
    depths, step, room = dict.fromkeys(lanes, 1), (bottom - top) / len(lanes), 0
    for high, room in () if many else _SIZES:
        placed = {name: _labelled(lane, x_of, wide - 16, room) for name, lane in lanes.items()}
        depths = {name: max(row + len(lines) for _, lines, _, row in lane) for name, lane in placed.items()}
        step = (high - 44 - top) / sum(depths.values())
        if step >= 15:
            break
    step = min(step, 40 if many else 18)
    bottom = drawing.height = int(top + step * sum(depths.values()))
    drawing.height += 44
    draw_months(drawing, within, x_of, top - 6, bottom, top - 12, top - 28, labels)
    y = float(top)
    for number, (name, lane) in enumerate(placed.items()):
        tall = step * depths[name]
        if number % 2 == 0:
            drawing.rect(8, y, wide - 16, tall, "#0b4a7d0d", "none")
        drawing.line([(8, y), (wide - 8, y)])
        drawing.text(16, y + min(tall / 2, 16) + 4, shortened(name, left - 30, 13), bold=True)
        if many:
            draw_bubbles(drawing, lanes[name], within, x_of, y + tall / 2, tall)
        for policy, lines, end, row in lane:
            x, first = x_of(policy.day), y + step * (row + 0.5)
            anchor, at = ("start", x + 8) if end > x else ("end", x - 8)
            with drawing.leads_to(way(policy)):
                drawing.mark(x, first, "circle", "#fff" if policy.id in drafts else BLUE, 4.5)
                for n, line in enumerate(lines):
                    drawing.text(at, first + step * n + 4, line, anchor=anchor, size=11, halo=True)
        y += tall
    drawing.line([(8, y), (wide - 8, y)])
    if not many:
        x = wide - 250
        for fill, text in ((BLUE, words["issued"]), ("#fff", words["draft"])):
            drawing.mark(x, 28, "circle", fill, 4.5)
            drawing.text(x + 10, 32, text, size=12)
            x += 90
    counted = [name + labels["charts"]["count"].format(count=len(lane)) for name, lane in lanes.items()]
    said = [labels["charts"]["most"].format(highest=counted[0])] if len(lanes) > 1 else []
    if many:
        said += counted[1:]
    else:
        said += [f"{labels.day(p.day)}{p.title}（{name}）" for name, lane in lanes.items() for p in lane]
    return finished(drawing, title, said, labels["charts"]["source_kb"], labels)


def _lanes(policies: Sequence[Policy], labels: Labels) -> dict[str, list[Policy]]:
    """Topic -> its policies in order of date; those with the most first, last what stands in none of them."""
    ordered = sorted(policies, key=_place)
    counts = Counter(tag for policy in policies for tag in policy.tags)
    ranked = sorted((-count, tag) for tag, count in counts.items() if count > 1)
    lanes = {tag: [policy for policy in ordered if tag in policy.tags] for _, tag in ranked[:_TOPICS]}
    if rest := [policy for policy in ordered if not lanes.keys() & set(policy.tags)]:
        other = labels["timeline"]["other"]  # a tag may be called so, too
        lanes[other] = sorted([*lanes.get(other, ()), *rest], key=_place)
    return lanes


def _place(policy: Policy) -> tuple[date, str]:
    return policy.day, policy.id


def _labelled(lane: Sequence[Policy], x_of: Callable[[date], float], right: float, room: float) -> list[_Placed]:
    """Each policy with the lines of its label, their far end, and the first row where they overlap no other."""
    rows: list[list[tuple[float, float]]] = []
    placed = []
    for policy in lane:
        lines = _wrapped(policy.title, room) if room else [""]
        x, wide = x_of(policy.day), max(text_width(line, 11) for line in lines)
        end = x + 12 + wide if x + 12 + wide <= right else x - 12 - wide
        span = (min(x - 6, end), max(x + 6, end))
        free = [all(span[1] < a or b < span[0] for a, b in spans) for spans in rows]
        row = next(n for n in range(len(rows) + 1) if all(free[n : n + len(lines)]))
        rows += [[] for _ in range(row + len(lines) - len(rows))]
        for spans in rows[row : row + len(lines)]:
            spans.append(span)
        placed.append((policy, lines, end, row))
    return placed


def _wrapped(title: str, room: float) -> list[str]:
    """The title in lines of about that width, one as long as the other; the last of at most three is shortened."""
    places = list(wrap(title, int(room / _COLUMN)))
    even = list(wrap(title, width(title) // len(places) + 2))
    lines = [title[start:end] for start, end in (even if len(even) == len(places) else places)]
    return [*lines[:2], shortened(title[places[2][0] :], room, 11)] if len(lines) > 2 else lines
