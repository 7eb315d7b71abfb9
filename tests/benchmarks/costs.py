"""The tables and the chart of what speed.py measured, and their place in RESULTS.md."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import ceil, floor, log10
from pathlib import Path
from statistics import median
from typing import Any

from policykb.files.atomic import write_atomically
from policykb.render.charts.drawing import BLUE, INK, ORANGE, RED, SOFT, Drawing

RESULTS = Path(__file__).with_name("RESULTS.md")
CHART = Path(__file__).with_name("cost.svg")
BEGIN, END = "<!-- speed -->", "<!-- /speed -->"
NONE = "–"
OURS = "policykb"
# The line's colour (of Okabe and Ito), the mark and its fill; marks differ, for print in grey.
LOOKS = {
    OURS: (BLUE, "circle", BLUE),
    "Whoosh": (RED, "square", RED),
    "SQLite FTS5": (ORANGE, "diamond", ORANGE),
    "tantivy": ("#009E73", "tick", "#009E73"),
    "grep": (SOFT, "circle", "#fff"),
}

Data = Mapping[str, Mapping[str, Sequence[Any]]]
"""What was measured at one size, as in speed.py: measure -> engine -> a value for each round."""
Show = Callable[[Sequence[Any]], str]


def seconds(value: float) -> str:
    """A duration, to three digits at most."""
    if value < 1:
        return f"{_digits(value * 1000)} ms"
    return f"{_digits(value)} s"


def _digits(value: float) -> str:
    return f"{value:.0f}" if value >= 99.5 else f"{value:.1f}" if value >= 9.95 else f"{value:.2f}"


def _duration(values: Sequence[float]) -> str:
    return seconds(median(values)) + (" (once)" if len(values) == 1 else "")


def _bytes(values: Sequence[float]) -> str:
    return f"{median(values) / 1e6:,.0f} MB" if median(values) >= 1e7 else f"{median(values) / 1e6:.1f} MB"


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of the values does not exceed."""
    return sorted(values)[ceil(share * len(values)) - 1]


def _query(rounds: Sequence[Sequence[float]]) -> str:
    middle, slow = (median(percentile(times, share) for times in rounds) for share in (0.5, 0.95))
    return f"{seconds(middle)} / {seconds(slow)}"


def ratio(values: Sequence[Any], base: Sequence[Any]) -> float:
    """The median of the ratios of each round; for queries those of the p50 of the queries that both answered."""
    ratios: list[float] = []
    for value, against in zip(values, base, strict=False):
        if isinstance(value, list):
            count = min(len(value), len(against))
            value, against = (percentile(times[:count], 0.5) for times in (value, against))
        ratios.append(value / against)
    return median(ratios)


def _times(value: float) -> str:
    return f" ×{_digits(value)}"


QUERY_ROWS = {"top": "top ten", "date": "within a year", "department": "of a department", "sort": "newest first",
              "facets": "with facets", "snippets": "with snippets"}  # fmt: skip
CHANGES = [(f"{doing} {count}", f"{doing} {'one entry' if count == 1 else 'a hundred'}")
           for doing in ("adding", "changing", "removing") for count in (1, 100)]  # fmt: skip
ROWS: Sequence[tuple[str, str, Show]] = (
    ("cold", "a search as a process", _duration),
    *((mode, label, _query) for mode, label in QUERY_ROWS.items()),
    ("opening", "opening", _duration),
    ("building", "building", _duration),
    *((key, label, _duration) for key, label in CHANGES),
    ("memory building", "memory, building", _bytes),
    ("memory answering", "memory, answering", _bytes),
    ("disk", "index on disk", _bytes),
)
AFTER = ("segments, new → after 100 small updates", "top ten after these, against before")


def _after(data: Data, engine: str) -> list[str]:
    if engine not in data.get("after updates", {}) or engine not in data["segments"]:
        return [NONE, NONE]
    return [
        " → ".join(map(str, data["segments"][engine])),
        _times(ratio(data["after updates"][engine], data["before updates"][engine])).strip(),
    ]


def comparison(data: Data) -> str:
    """Engines beside one another at one size, each with how many times policykb's cost it has."""
    engines = [name for name in LOOKS if name in data["top"]]
    rows = []
    for key, label, show in ROWS:
        found = data.get(key, {})
        if OURS not in found and key != "snippets":
            continue
        cells = [label]
        for name in engines:
            against = found.get(OURS, data["top"][OURS])  # a hit of policykb has its snippet anyway
            if key == "snippets" and name == OURS:
                cells.append("always")
            elif name not in found:
                cells.append(NONE)
            else:
                cells.append(show(found[name]) + ("" if name == OURS else _times(ratio(found[name], against))))
        rows.append(cells)
    after = zip(AFTER, *(_after(data, name) for name in engines), strict=True)
    return _markdown(["", *engines], [*rows, *map(list, after)])


def growth(sizes: Mapping[str, Data]) -> str:
    """policykb's own costs, size by size, against what the same is without."""
    rows = []

    def add(label: str, cell: Callable[[Data], str]) -> None:
        rows.append([label, *(cell(data) for data in sizes.values())])

    def cold(name: str, base: str) -> Callable[[Data], str]:
        return lambda data: _duration(data["cold"][name]) + _times(ratio(data["cold"][name], data["cold"][base]))

    def own(key: str, show: Show, base: str = "") -> Callable[[Data], str]:
        def cell(data: Data) -> str:
            if OURS not in data.get(key, {}):
                return NONE
            return show(data[key][OURS]) + (_times(ratio(data[key][OURS], data[base][OURS])) if base else "")

        return cell

    add("`policykb search 碳足迹 --from 2024-06` ¹", cold(OURS, "search floor"))
    add("the same with `--no-refresh` ¹", cold("no refresh", "search floor"))
    add("`policykb --help` ²", cold("help", "help floor"))
    for mode, label in QUERY_ROWS.items():
        if mode != "snippets":
            add(
                f"{label}, p50 / p95" + ("" if mode == "top" else " ³"),
                own(mode, _query, "" if mode == "top" else "top"),
            )
    add("opening", own("opening", _duration))
    add("noticing that nothing changed", own("no change", _duration))
    for key, label, show in ROWS[ROWS.index(next(row for row in ROWS if row[0] == "building")) :]:
        add(label, own(key, show))
    for number, label in enumerate(AFTER):
        add(label, lambda data, number=number: _after(data, OURS)[number])  # type: ignore[misc]
    return _markdown(["entries", *(f"{int(size):,}" for size in sizes)], rows)


def _markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def tables(result: Mapping[str, Any]) -> str:
    """All tables, as Markdown, with what they were measured on and how."""
    sizes: dict[str, Data] = {size: result["sizes"][size] for size in sorted(result["sizes"], key=int)}
    most = max(len(data["top"]) for data in sizes.values())
    main = [size for size, data in sizes.items() if len(data["top"]) == most][-1]
    found = dict(result["versions"])
    machine = f"{found.pop('cores')} cores, Python {found.pop('Python')}"
    runs = "one run" if result["runs"] == 1 else f"{result['runs']} runs"
    parts = [
        f"Medians of {result['rounds']} rounds, measured in {runs} on {machine}: {_listed(found)}. A ratio (×) is the "
        "median of the ratios of each round, in which all engines took turns. Queries are 200 of one to three words, "
        "common and rare, drawn from each corpus, that must all match, in an index that is open and was searched "
        "once before; grep, and Whoosh with facets and with snippets, answer the first 20. Building is a whole "
        "process, from files to a searchable index; the others cut with jieba on one core, as they are commonly set "
        "up, policykb on all. Memory is the most that was resident.",
        growth(sizes),
        '¹ × `python -c "import click, whoosh.index, whoosh.qparser"`; ² × `python -c "import click"`; ³ × the top ten '
        "without. Hits come with their snippets.",
        f"Beside others at {int(main):,} entries (× policykb's cost):",
        comparison(sizes[main]),
    ]
    for size, data in sizes.items():
        if size != main:
            parts.append(f"<details><summary>At {int(size):,} entries</summary>\n\n{comparison(data)}\n\n</details>")
    return "\n\n".join(parts)


def _listed(found: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in found.items())


def chart(sizes: Mapping[int, Data]) -> str:
    """Cost against size, both logarithmic: a query on the left, building on the right."""
    drawing = Drawing("cost", 860, 400)
    names = [name for name in LOOKS if any(name in data["top"] for data in sizes.values())]
    for number, name in enumerate(names):
        x = 76 + 150 * number
        drawing.line([(x - 14, 22), (x + 14, 22)], LOOKS[name][0], 2.6 if name == OURS else 1.6)
        drawing.mark(x, 22, *LOOKS[name][1:])
        drawing.text(x + 22, 27, name, bold=name == OURS)
    said = []
    panels: Sequence[tuple[str, str, Callable[[Sequence[Any]], float]]] = (
        ("top", "one query, top ten: p50", lambda rounds: median(percentile(times, 0.5) for times in rounds)),
        ("building", "building the index", median),
    )
    for number, (key, title, value) in enumerate(panels):
        lines = {
            name: [(size, value(data[key][name])) for size, data in sizes.items() if name in data[key]]
            for name in names
        }
        _panel(drawing, 76 + 430 * number, title, lines, list(sizes))
        for name, points in lines.items():
            values = ", ".join(f"{seconds(cost)} at {size:,}" for size, cost in points)
            said += [f"{title}, {name}: {values}"] if points else []
    return drawing.finish("Cost against the number of entries", "; ".join(said))


def _panel(
    drawing: Drawing, left: float, title: str, lines: Mapping[str, Sequence[tuple[int, float]]], sizes: Sequence[int]
) -> None:
    width, top, bottom = 330, 76, 346
    costs = [cost for points in lines.values() for _, cost in points]
    low, high = floor(log10(min(costs))), ceil(log10(max(costs)))
    first, last = log10(sizes[0]) - 0.15, log10(sizes[-1]) + 0.15

    def at(size: float, cost: float) -> tuple[float, float]:
        x = left + (log10(size) - first) / (last - first) * width
        return x, bottom - (log10(cost) - low) / (high - low) * (bottom - top)

    drawing.text(left, top - 18, title, bold=True)
    for power in range(low, high + 1):
        y = at(1, 10.0**power)[1]
        drawing.line([(left, y), (left + width, y)])
        label = f"{10.0**power:,.0f} s" if power >= 0 else f"{10.0 ** (power + 3):g} ms"
        drawing.text(left - 8, y + 4, label, anchor="end", fill=SOFT, size=12)
    for size in sizes:
        x = at(size, 1)[0]
        drawing.line([(x, top), (x, bottom)])
        drawing.text(x, bottom + 19, f"{size:,}", anchor="middle", size=12)
    drawing.line([(left, top), (left, bottom), (left + width, bottom)], INK)
    drawing.text(left + width / 2, bottom + 40, "entries", anchor="middle", fill=SOFT, size=12)
    for name, points in reversed(list(lines.items())):  # ours on top
        colour, shape, fill = LOOKS[name]
        places = [at(size, cost) for size, cost in points]
        drawing.line(places, colour, 2.6 if name == OURS else 1.6)
        for x, y in places:
            drawing.mark(x, y, shape, fill)


def write(result: Mapping[str, Any]) -> None:
    """The tables into RESULTS.md between their marks, the chart beside it."""
    sizes = {int(size): result["sizes"][size] for size in sorted(result["sizes"], key=int)}
    before, begin, rest = RESULTS.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise SystemExit(f"{RESULTS} has no {BEGIN} and {END}")
    write_atomically(CHART, chart(sizes).encode())
    picture = f"![cost of a query and of building against the number of entries]({CHART.name})"
    write_atomically(RESULTS, f"{before}{begin}\n{picture}\n\n{tables(result)}\n{end}{after}".encode())
