"""Policies along a line of time: below the price of allowances, and by topic on a page of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from math import sqrt

from policykb.dates import DateRange
from policykb.digest.labels import Labels
from policykb.market import Market
from policykb.market.figures import Figure, show
from policykb.policy import Policy
from policykb.render.charts import Chart, finished, month_spans, source
from policykb.render.svg import BLUE, INK, ORANGE, RED, SOFT, Drawing, shortened, text_width, ticks

_WIDTH = 680
_LEFT, _RIGHT, _TOP, _BOTTOM = 84, 14, 58, 350  # the edges of the price plot; right counts from the right
_NUMBERED = 14  # policies named below the prices
_MANY = 150  # policies that are counted by month, not shown one by one
_UNDATED, _BOUND = (RED, 1.8, "9 3 2 3"), (SOFT, 1.6, "6 4")  # colour, width and dashes
Box = tuple[float, float, float, float]


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
    x_of = _days_to_x(within, _LEFT, _WIDTH - _RIGHT)
    many = len(others) > _MANY
    rows, depth = _rows([x_of(p.date) for p in named], 20), [] if many else _rows([x_of(p.date) for p in others], 9)
    lane = _BOTTOM + 42
    other_lane = lane + 20 * (max(rows, default=0) + 1) + 6
    list_top = other_lane + 9 * (max(depth, default=0) + 1) + 26
    drawing = Drawing("prices", _WIDTH, int(list_top + 19 * -(-len(named) // 2) + 26))

    values = [float(f.amount.value) for f in stated] + [float(day.close) for day in days]
    marks = ticks(min(values) - 2, max(values) + 4, 6)

    def y_of(value: float) -> float:
        return _BOTTOM - (value - marks[0]) / (marks[-1] - marks[0]) * (_BOTTOM - _TOP)

    for mark in marks:
        drawing.line([(_LEFT, y_of(mark)), (_WIDTH - _RIGHT, y_of(mark))])
        drawing.text(_LEFT - 8, y_of(mark) + 4, f"{mark:g}", anchor="end", fill=SOFT, size=12)
    drawing.text(18, (_TOP + _BOTTOM) / 2, words["axis"], anchor="middle", fill=SOFT, size=12, turned=True)
    _months(drawing, within, x_of, _TOP, other_lane + 4, _BOTTOM + 18, labels)
    for policy in named:
        drawing.line([(x_of(policy.date), _TOP), (x_of(policy.date), lane - 9)], ORANGE, 1, "2 3")
    drawing.line([(_LEFT, _BOTTOM), (_WIDTH - _RIGHT, _BOTTOM)], INK)
    _draw_prices(
        drawing, stated, [(x_of(day.date), y_of(float(day.close))) for day in days], within, x_of, y_of, labels
    )

    name = words["focus"].format(tag=focus) if focused else words["policies"]
    drawing.text(_LEFT - 8, lane + 4, name if named else "", anchor="end", fill=SOFT, size=11)
    for number, (policy, row) in enumerate(zip(named, rows, strict=True), 1):
        x, y = x_of(policy.date), lane + 20 * row
        drawing.mark(x, y, "circle", ORANGE, 9)
        drawing.text(x, y + 4, str(number), anchor="middle", size=11, bold=True)
    if others:
        drawing.text(_LEFT - 8, other_lane + 4, words["others"], anchor="end", fill=SOFT, size=11)
    if many:
        _bubbles(drawing, others, within, x_of, other_lane, 26)
    for policy, row in zip([] if many else others, depth, strict=True):
        drawing.mark(x_of(policy.date), other_lane + 9 * row, "diamond", "#fff", 3.5)
    half = -(-len(named) // 2)
    for number, policy in enumerate(named):
        x, y = 16 + 330 * (number // half), list_top + 19 * (number % half)
        drawing.text(x + 14, y, str(number + 1), anchor="end", size=12, bold=True)
        drawing.text(x + 22, y, labels.day_of_year(policy.date), size=12, fill=SOFT)
        drawing.text(x + 84, y, shortened(policy.title, 238, 12), size=12)
    if rest:
        more = labels["words"]["more"].format(count=rest)
        drawing.text(20, drawing.height - 10, more, size=11, fill=SOFT)
    said = [_said(f, within, labels) for f in stated]
    said += [f"{number} {labels.day(policy.date)}{policy.title}" for number, policy in enumerate(named, 1)]
    return finished(drawing, words["title"], said, source(market, labels), labels)


def by_topic(policies: Sequence[Policy], within: DateRange, drafts: frozenset[str], labels: Labels) -> Chart:
    """All policies of a bounded period on one page, a lane for each topic; ``drafts`` are ids."""
    words, lanes = labels["timeline"], _lanes(policies, labels)
    wide, high, left, top = 1120, 780, 128, 84
    title = words["title"].format(period=labels.period(within), count=len(policies))
    drawing = Drawing("timeline", wide, high)
    drawing.text(20, 34, title, size=20, bold=True)
    x_of, bottom = _days_to_x(within, left, wide - 24), high - 44
    many = len(policies) > _MANY
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
    _months(drawing, within, x_of, top - 6, bottom, top - 14, labels)
    y = float(top)
    for number, (name, lane) in enumerate(placed.items()):
        tall = step * depths[name]
        if number % 2 == 0:
            drawing.rect(8, y, wide - 16, tall, "#0b4a7d0d", "none")
        drawing.line([(8, y), (wide - 8, y)])
        drawing.text(16, y + min(tall / 2, 16) + 4, shortened(name, left - 30, 13), bold=True)
        if many:
            _bubbles(drawing, lanes[name], within, x_of, y + tall / 2, tall)
        for policy, end, row in lane:
            x, middle = x_of(policy.date), y + step * (row + 0.5)
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
    said = [f"{labels.day(p.date)}{p.title}（{name}）" for name, lane in lanes.items() for p in lane if not many]
    if many:
        said = [name + labels["charts"]["count"].format(count=len(lane)) for name, lane in lanes.items()]
    return finished(drawing, title, said, labels["charts"]["source_kb"], labels)


def _days_to_x(within: DateRange, left: float, right: float) -> Callable[[date], float]:
    first, last = within.first or date.min, within.last or date.max
    count = (last - first).days + 1
    return lambda day: left + ((day - first).days + 0.5) / count * (right - left)


def _months(
    drawing: Drawing,
    within: DateRange,
    x_of: Callable[[date], float],
    top: float,
    bottom: float,
    base: float,
    labels: Labels,
) -> None:
    """Lines between the months and their names, of as many as there is room for."""
    spans = [span & within or span for span in month_spans(within)]
    every = next(n for n in (1, 2, 3, 6, 12, 24, 36, 60, 120, 240) if len(spans) / n <= 15 or n == 240)
    half = (x_of(spans[0].last or date.max) - x_of(spans[0].first or date.min)) / 62  # of a day
    for span in spans[::every]:
        first, last = span.first or date.min, span.last or date.max
        left, right = x_of(first) - half, x_of(last) + half
        drawing.line([(left, top), (left, bottom)])
        name = f"{first:%Y-%m}"
        if every == 1:
            name = labels.part(DateRange(first.replace(day=1), month_spans(span)[0].end), within)
        wide = text_width(name, 12)
        if every > 1:
            drawing.text(left + 2, base, name, size=12)
        elif wide < right - left:
            drawing.text((left + right) / 2, base, name, anchor="middle", size=12)
    end = x_of(within.last or date.max) + half
    drawing.line([(end, top), (end, bottom)])


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
    low, high = _LEFT + wide / 2 + 2, drawing.width - 6 - wide / 2
    beside = wide / 2 + 9
    places = [(x, y - 10), (x, y + 19), (x + beside, y + 4), (x - beside, y + 4)]
    places += [(x + dx, y + dy) for dy in (-25, 34, -40, 49) for dx in (0, beside / 2, -beside / 2)]
    boxes = []
    for center, base in places:
        middle = min(max(center, low), max(high, low))
        if base - 11 > _TOP - 14 and base < _BOTTOM:
            boxes.append((middle - wide / 2, base - 11, middle + wide / 2, base + 3))
    free = [box for box in boxes if not any(_overlap(box, other) for other in taken)]
    box = (free or boxes)[0]
    taken.append(box)
    drawing.text((box[0] + box[2]) / 2, box[3] - 3, text, anchor="middle", size=12, fill=fill, halo=True)


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _said(f: Figure, within: DateRange, labels: Labels, *, short: bool = False) -> str:
    words, price = labels["prices"], show(f.amount, "yuan/t").removesuffix(f.unit)
    if f.day:
        text = words["dated"].format(price=price, day=labels.day_of_year(f.day))
    elif f.bound:
        kind = {"min": "at_least", "max": "at_most", "about": "level"}[f.bound]
        text = words[kind].format(price=price)
    else:
        text = words[next((mark for mark in f.marks if mark in words), "level")].format(price=price)
    return text if short else f"{labels.part(f.period, within)}{text}"


def _lanes(policies: Sequence[Policy], labels: Labels) -> dict[str, list[Policy]]:
    """Topic -> policies in order of date; topics with the most first, those with one policy together last."""
    counts = Counter(tag for policy in policies for tag in policy.tags)
    other = labels["timeline"]["other"]
    lanes: dict[str, list[Policy]] = {}
    for policy in sorted(policies, key=lambda policy: (policy.date, policy.id)):
        topic = max(policy.tags, key=lambda tag: counts[tag], default=other)
        lanes.setdefault(topic, []).append(policy)
    ranked = sorted(lanes.items(), key=lambda lane: (-len(lane[1]), lane[0]))
    shown = dict([lane for lane in ranked if lane[0] != other and len(lane[1]) > 1][:14])
    rest = [policy for name, lane in ranked if name not in shown for policy in lane]
    if rest:
        shown[other] = sorted(rest, key=lambda policy: (policy.date, policy.id))
    return shown


def _labelled(
    lane: Sequence[Policy], x_of: Callable[[date], float], right: float, room: float
) -> list[tuple[Policy, float, int]]:
    """Each policy with the far end of its label and the row in which it overlaps no other."""
    rows: list[list[tuple[float, float]]] = []
    placed = []
    for policy in lane:
        x, wide = x_of(policy.date), text_width(shortened(policy.title, room, 11), 11) if room else 0
        end = x + 12 + wide if x + 12 + wide <= right else x - 12 - wide
        span = (min(x - 6, end), max(x + 6, end))
        row = next((n for n, spans in enumerate(rows) if all(span[1] < a or b < span[0] for a, b in spans)), len(rows))
        rows[row:] = rows[row:] or [[]]
        rows[row].append(span)
        placed.append((policy, end, row))
    return placed


def _bubbles(
    drawing: Drawing, lane: Sequence[Policy], within: DateRange, x_of: Callable[[date], float], y: float, tall: float
) -> None:
    """Counts by month, by quarter or by year, as many as there is room for."""
    spans = len(month_spans(within))
    months = 1 if spans <= 30 else 3 if spans <= 90 else 12
    days: dict[tuple[int, int], list[date]] = {}
    for policy in lane:
        days.setdefault((policy.date.year, (policy.date.month - 1) // months), []).append(policy.date)
    most = max(map(len, days.values()))
    for found in days.values():
        size = max(3.0, sqrt(len(found) / most) * min(tall / 2 - 2, 16))
        x = (x_of(min(found)) + x_of(max(found))) / 2
        drawing.mark(x, y, "circle", "#bfe3f5", size)
        if size > 7:
            drawing.text(x, y + 4, str(len(found)), anchor="middle", size=10)
