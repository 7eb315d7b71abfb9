"""Plain text and Markdown, as lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from policykb.importing.formats.source import LINE_END, MAX_COLUMNS, Source
from policykb.importing.paragraphs import INVISIBLE, Line

_FRONT_MATTER = re.compile(r"---[ \t]*$(.*?)^(?:---|\.\.\.)[ \t]*$", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"(#{1,6})[ \t]+(.+?)(?:[ \t]+#+)?")
_UNDERLINE = re.compile(r"=+|--+")
_RULE = re.compile(r"(?:[*_-][ \t]*){3,}")
_CONTAINER = re.compile(r":{3,}.*")  # of site generators: ::: tip
_EMPHASIS = re.compile(r"(\*\*|__)(?=\S)(.{1,500}?)(?<=\S)\1")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_CELL_END = re.compile(r"(?<!\\)\|")
_WIDE_SPACE = re.compile(r"[^\S\t]{3,}")  # as wide as it may be, it only sets apart
_TABLE_RULE = re.compile(r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?")


def read_text(content: str) -> Source:
    """Plain text; a form feed begins a page, tabs divide the cells of a table row."""
    lines: list[Line] = []
    page, gap = 1 if "\f" in content else None, False
    for number, written in enumerate(LINE_END.split(content), 1):
        for n, part in enumerate(written.split("\f")):
            if n and page is not None:
                page += 1
            clean = INVISIBLE.sub("", part)
            stripped = _WIDE_SPACE.sub("  ", clean.strip())
            if stripped:
                # One space is what a page break leaves behind; two, or a wide one, are somebody's indent.
                indented = clean.startswith(("\u3000", "  ", "\t", "\xa0\xa0"))
                cells = tuple(cell.strip() for cell in stripped.split("\t"))
                cells = cells if 1 < len(cells) <= MAX_COLUMNS else ()
                lines.append(Line(stripped, number, page, cells=cells, indented=indented, gap=gap))
                gap = False
            elif part == written:
                gap = True
    return Source("text", lines)


def read_markdown(content: str) -> Source:
    """Markdown: marked headings get their level, table rows their cells; the marks themselves are no text."""
    front = _FRONT_MATTER.match(content)
    inside = len(LINE_END.findall(front[0])) + 1 if front else 0
    meta: dict[str, str] = {}
    lines: list[Line] = []
    dropped: list[Line] = []
    for line in read_text(content).lines:
        key, colon, value = line.text.partition(":")
        if line.number <= inside:
            dropped.append(line)
            if colon and value.strip():
                meta[key.strip().lower()] = value.strip().strip("\"'")
        elif _UNDERLINE.fullmatch(line.text) and lines and lines[-1].number == line.number - 1:
            if not lines[-1].cells:
                lines[-1] = replace(lines[-1], level=1 if line.text[0] == "=" else 2)
        elif _CONTAINER.fullmatch(line.text):
            dropped.append(line)
        elif not _UNDERLINE.fullmatch(line.text) and not _RULE.fullmatch(line.text):
            lines += _markdown_line(line)
    return Source("markdown", lines, meta, dropped)


def _markdown_line(line: Line) -> Iterator[Line]:
    written = line.text.lstrip("> \t")
    if written.startswith("|") or (written.endswith("|") and "|" in written[:-1]):
        if not _TABLE_RULE.fullmatch(written):
            cells = tuple(_plain(cell) for cell in _CELL_END.split(written.removeprefix("|").removesuffix("|")))
            if any(cells):
                yield replace(line, text="\t".join(cells), cells=cells if len(cells) <= MAX_COLUMNS else ())
        return
    heading = _HEADING.fullmatch(written)
    plain = _plain(heading[2] if heading else written)
    if plain:
        yield replace(line, text=plain, level=len(heading[1]) if heading else 0, cells=())


def _plain(written: str) -> str:
    return _ESCAPE.sub(r"\1", _EMPHASIS.sub(r"\2", written)).strip()
