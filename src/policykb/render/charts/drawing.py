"""SVG written by hand: a drawing, its fonts and fills, how wide text is, and the `Chart` that a drawing becomes.

Every chart has its source, and its values in words as a text alternative.

Colours are those of Okabe and Ito, which the colour-blind tell apart; fills carry patterns as well, for print in
grey. The same calls give the same bytes.
"""

from __future__ import annotations

import math
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from policykb.text.visible import fit_for_xml

if TYPE_CHECKING:
    from policykb.render.labels import Labels

INK, SOFT, GRID = "#1c2330", "#5a6473", "#d5dae1"
BLUE, ORANGE, RED = "#0072B2", "#E69F00", "#D55E00"
FONTS = "'Noto Sans CJK SC','Source Han Sans SC','PingFang SC','Microsoft YaHei',SimHei,sans-serif"

# Patterns, 8 by 8: the background and what is drawn on it.
_PATTERNS = {
    "hatch": ("#F6C65B", f'<path d="M-2,2 L2,-2 M0,8 L8,0 M6,10 L10,6" stroke="{INK}" stroke-width="1.1"/>'),
    "dots": ("#e3e7ec", f'<circle cx="2" cy="2" r="1.1" fill="{SOFT}"/><circle cx="6" cy="6" r="1.1" fill="{SOFT}"/>'),
}


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture: ``description`` says in words what it shows, ``size`` is its width and height."""

    name: str
    title: str
    description: str
    svg: str
    size: tuple[int, int]


class Drawing:
    """Shapes on a page of ``width`` by ``height``; ``name`` keeps ids apart where several stand in one document."""

    def __init__(self, name: str, width: int, height: int) -> None:
        self.name, self.width, self.height = name, width, height
        self._shapes: list[str] = []
        self._role = "img"
        self._patterns: set[str] = set()

    def fill(self, pattern: str) -> str:
        """The fill of a pattern, hatch or dots, or solid."""
        if pattern == "solid":
            return BLUE
        self._patterns.add(pattern)
        return f"url(#{self.name}-{pattern})"

    def rect(self, x: float, y: float, width: float, height: float, fill: str, stroke: str = INK) -> None:
        """A box with a thin outline."""
        box = f'x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}"'
        self._shapes.append(f'<rect {box} fill="{fill}" stroke="{stroke}" stroke-width="0.8"/>')

    def line(self, points: list[tuple[float, float]], stroke: str = GRID, width: float = 1, dash: str = "") -> None:
        """A line through points."""
        path = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        style = f'fill="none" stroke="{stroke}" stroke-width="{_n(width)}"{dashed} stroke-linejoin="round"'
        self._shapes.append(f'<polyline points="{path}" {style}/>')

    def mark(self, x: float, y: float, shape: str, fill: str, size: float = 5) -> None:
        """A marker: circle, square, diamond or tick."""
        s = size
        outlines = {
            "square": [(-s, -s), (s, -s), (s, s), (-s, s)],
            "diamond": [(0, -1.3 * s), (1.3 * s, 0), (0, 1.3 * s), (-1.3 * s, 0)],
            "tick": [(-1.5, -1.6 * s), (1.5, -1.6 * s), (1.5, 1.6 * s), (-1.5, 1.6 * s)],
        }
        style = f'fill="{fill}" stroke="{INK}" stroke-width="1"'
        if shape == "circle":
            self._shapes.append(f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(s)}" {style}/>')
        else:
            points = " ".join(f"{_n(x + dx)},{_n(y + dy)}" for dx, dy in outlines[shape])
            self._shapes.append(f'<polygon points="{points}" {style}/>')

    def leads_to(self, href: str) -> AbstractContextManager[None]:
        """What is drawn within is a link, unless the address is empty."""
        return self._link(href) if href else nullcontext()

    @contextmanager
    def _link(self, href: str) -> Iterator[None]:
        self._role = "group"  # a picture has no links
        self._shapes.append(f"<a href={quoteattr(href)}>")
        yield
        self._shapes.append("</a>")

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 13,
        anchor: str = "start",
        fill: str = INK,
        bold: bool = False,
        halo: bool = False,
        turned: bool = False,
    ) -> None:
        """A line of text on the base line y; ``halo`` keeps it readable on lines, ``turned`` reads upwards."""
        more = ' font-weight="bold"' if bold else ""
        more += ' paint-order="stroke" stroke="#fff" stroke-width="3" stroke-linejoin="round"' if halo else ""
        more += f' transform="rotate(-90 {_n(x)} {_n(y)})"' if turned else ""
        place = f'x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}" text-anchor="{anchor}" fill="{fill}"'
        self._shapes.append(f"<text {place}{more}>{_escaped(text)}</text>")

    def finish(self, title: str, description: str) -> str:
        """The SVG, with its text alternatives."""
        patterns = "".join(
            f'<pattern id="{self.name}-{name}" width="8" height="8" patternUnits="userSpaceOnUse">'
            f'<rect width="8" height="8" fill="{ground}"/>{shapes}</pattern>'
            for name, (ground, shapes) in _PATTERNS.items()
            if name in self._patterns
        )
        ids = f"{self.name}-title {self.name}-desc"
        size = f'width="{self.width}" height="{self.height}" viewBox="0 0 {self.width} {self.height}"'
        lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="{self._role}" aria-labelledby="{ids}" '
            f"font-family={quoteattr(FONTS)}>",
            f'<title id="{self.name}-title">{_escaped(title)}</title>',
            f'<desc id="{self.name}-desc">{_escaped(description)}</desc>',
            *([f"<defs>{patterns}</defs>"] if patterns else []),
            f'<rect width="{self.width}" height="{self.height}" fill="#fff"/>',
            *self._shapes,
            "</svg>",
        ]
        return "\n".join(lines) + "\n"


def finished(drawing: Drawing, title: str, values: Iterable[str], origin: str, labels: Labels) -> Chart:
    """The drawing with its source and, from the values, its text alternative."""
    drawing.text(drawing.width - 8, drawing.height - 10, origin, anchor="end", size=11, fill=SOFT)
    words = labels["charts"]["summary"]
    description = words.format(title=title, values=labels["words"]["separator"].join(values))
    svg = drawing.finish(title, description)
    return Chart(drawing.name, title, description, svg, (drawing.width, drawing.height))


def text_width(text: str, size: float) -> float:
    """How wide a line of text is, near enough to keep labels apart."""
    return sum(1.0 if unicodedata.east_asian_width(c) in "WF" else 0.58 for c in text) * size


def shortened(text: str, width: float, size: float) -> str:
    """As much of the text as fits, with … where something is left out."""
    if text_width(text, size) <= width:
        return text
    most = bisect_right(range(1, len(text)), width, key=lambda end: text_width(text[:end] + "…", size))
    return text[:most] + "…"


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round numbers from ``low`` or below to ``high`` or above, about ``count`` steps."""
    raw = (high - low) / count or 1
    power = 10 ** math.floor(math.log10(raw))
    step = next(n * power for n in (1, 2, 2.5, 5, 10) if n * power >= raw * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [n * step for n in range(first, max(last, first + 1) + 1)]


def _escaped(text: str) -> str:
    return escape(fit_for_xml(text))


def _n(number: float) -> str:
    return f"{round(number, 1) + 0.0:.1f}".removesuffix(".0")
