"""Clean HTML, as `policykb.render.body.to_html` gives it, as lines of a terminal."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from click import style

from policykb.render.terminal.widths import columns_of, fit, width, wrap
from policykb.text.visible import visible

_HEADINGS = {f"h{n}" for n in range(1, 7)}
_BLOCKS = {"p", "li", "ul", "ol", "pre", "blockquote", "table", *_HEADINGS}


def lines(html: str, columns: int) -> list[str]:
    """Bold headings, paragraphs with an empty line between them, lists with their marks, tables aligned."""
    parser = _Lines(columns)
    parser.feed(html)
    parser.close()
    parser.end_block()
    return parser.lines


class _Lines(HTMLParser):
    def __init__(self, columns: int) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._columns, self._text, self._mark, self._link = columns, "", "", ""
        self._inside = ["p"]  # the blocks that are open
        self._numbers: list[int] = []  # of each open list, that of its last item
        self._in_list = False  # whether the last line that was written is in a list
        self._rows: list[list[str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self.end_block()
            self._inside.append(tag)
            if tag in ("ul", "ol"):
                self._in_list = self._in_list and bool(self._numbers)
                self._numbers.append(0)
            elif tag == "li" and self._numbers:
                self._numbers[-1] += 1
                self._mark = f"{self._numbers[-1]}. " if self._inside[-2] == "ol" else "• "
        elif tag == "tr":
            self._rows.append([])
        elif tag == "a":
            self._link = visible(dict(attrs).get("href") or "")
        elif tag in ("br", "hr"):
            self._text += "\v" if tag == "br" else "─" * 10 + "\v"

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS and tag in self._inside:
            self.end_block()
            while self._inside.pop() != tag:
                pass
            if tag in ("ul", "ol"):
                del self._numbers[-1:]
        elif tag in ("th", "td") and self._rows:
            self._rows[-1].append(" ".join(self._text.split()))
            self._text = ""
        elif tag == "a" and not self._text.endswith(self._link):
            self._text += f" ({self._link})"

    def handle_data(self, data: str) -> None:
        self._text += visible(data)

    def end_block(self) -> None:
        """Writes the block that is open, where it has any text."""
        block, text, rows = self._inside[-1], self._text.strip("\n"), self._rows
        self._text, self._rows = "", []
        if block == "pre":
            found = text.split("\n")
        elif rows:
            found = _table(rows, self._columns)
        elif text.strip():
            # a line break between Han characters is none
            text = re.sub(r"(?<=[^\0-\u02ff])\n(?=[^\0-\u02ff])|(?<=\v)\n", "", text).replace("\n", " ")
            indent = "│ " * self._inside.count("blockquote") + "  " * (len(self._numbers) - (self._mark != ""))
            room = self._columns - width(indent + self._mark)
            found = [part[a:b] for part in text.strip().split("\v") for a, b in wrap(part, room)]
            found = [style(line, bold=True) if block in _HEADINGS else line for line in found]
            found = [indent + (" " * width(self._mark) if n else self._mark) + line for n, line in enumerate(found)]
        else:
            return
        tight = self._in_list and (block == "li" or self._mark)
        self.lines += found if tight or not self.lines else ["", *found]
        self._mark, self._in_list = "", bool(self._numbers)


def _table(rows: list[list[str]], columns: int) -> list[str]:
    """Cells under one another; the widest columns are made narrower, and their cells broken, until all fit."""
    most = max(map(len, rows))
    rows = [[*row, *[""] * (most - len(row))] for row in rows]  # HTML in a body may lack cells
    widths = columns_of(rows)
    while sum(widths) + 2 * len(widths) - 2 > columns and max(widths) > 4:
        widths[widths.index(max(widths))] -= 1
    found = []
    for number, row in enumerate(rows):
        cells = [[cell[a:b] for a, b in wrap(cell, size)] for cell, size in zip(row, widths, strict=True)]
        for n in range(max(map(len, cells), default=0)):
            parts = (fit(cell[n] if n < len(cell) else "", size) for cell, size in zip(cells, widths, strict=True))
            found.append(style("  ".join(parts).rstrip(), bold=not number or None))
    return found
