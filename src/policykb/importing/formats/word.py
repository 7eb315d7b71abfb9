"""Word files, as lines."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

from policykb.errors import MissingExtraError, SourceError
from policykb.i18n import _
from policykb.importing.formats import webpage
from policykb.importing.formats.decoding import text_in
from policykb.importing.formats.source import MAX_LINES, Source
from policykb.importing.paragraphs import INVISIBLE, Line

MAX_UNPACKED = 300 * 1024 * 1024
MAX_RATIO = 200  # real Word files reach 20; XML of a bomb 1000

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_AROUND = frozenset(_W + name for name in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag"))
_HEADING_STYLE = re.compile(r"(?:heading|标题)\s*([1-9])", re.IGNORECASE)


def read_docx(data: bytes) -> Source:
    """The paragraphs, tables and text boxes of a Word file, in order, as if all tracked changes were accepted."""
    try:
        import docx as python_docx
    except ImportError as error:
        raise MissingExtraError(_("reading Word files"), "import") from error
    _check_package(data)
    document = python_docx.Document(BytesIO(data))
    levels = {style.style_id: level for style in document.styles if (level := _style_level(style.name))}
    lines: list[Line] = []
    if document.element.body.xpath("count(.//w:p) + count(.//w:br)") > MAX_LINES:  # most of them empty
        raise SourceError(_("has more than {most:,} lines: that is no document").format(most=MAX_LINES))
    for child in document.element.body:
        chunk = child.tag == _W + "altChunk"
        for written, level, cells in _chunk(child, document.part) if chunk else _paragraphs([child], levels):
            clean = INVISIBLE.sub("", written)
            if clean.strip():
                cells = tuple(INVISIBLE.sub("", cell) for cell in cells)
                lines.append(Line(clean if cells else clean.strip(), len(lines) + 1, level=level, cells=cells))
    properties = document.core_properties
    meta = {"title": properties.title or "", "author": properties.author or ""}
    return Source("docx", lines, {key: value for key, value in meta.items() if value})


def _check_package(data: bytes) -> None:
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            files = package.infolist()
    except zipfile.BadZipFile as error:
        raise SourceError(_("is a damaged Word file: {error}").format(error=error)) from error
    names = {file.filename for file in files}
    if "word/document.xml" not in names:
        known = {
            "xl/workbook.xml": _("an Excel file"),
            "ppt/presentation.xml": _("a PowerPoint file"),
        }
        if "OFD.xml" in names:
            raise SourceError(_("is an OFD file: open it in an OFD reader, and print it as PDF"))
        what = next((what for name, what in known.items() if name in names), _("a ZIP archive"))
        raise SourceError(_("is {what}, not a Word file: save it as PDF or DOCX").format(what=what))
    size = sum(file.file_size for file in files)
    bomb = any(file.file_size > 10_000_000 and file.file_size > MAX_RATIO * file.compress_size for file in files)
    if bomb or size > MAX_UNPACKED:
        raise SourceError(_("would unpack to {size} MB: that is no document").format(size=size >> 20))


def _style_level(name: str | None) -> int:
    match = _HEADING_STYLE.match(name or "")
    return int(match[1]) if match else 1 if name in ("Title", "标题") else 0


def _chunk(element: Any, package: Any) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    """As `_paragraphs`, of a file inside the Word file that Word shows as a part of the text: a web page, mostly."""
    data: bytes = package.related_parts[element.get(_ID)].blob
    if data.startswith(b"PK"):
        inside = read_docx(data).lines
    elif data.startswith(b"{\\rtf"):
        raise SourceError(_("holds RTF inside: open it in Word, and save it once more as .docx"))
    else:
        inside = webpage.read_whole(text_in(data))
    for line in inside:
        yield line.text, line.level, line.cells


def _paragraphs(parent: Any, levels: Mapping[str, int]) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    """(text, heading level, cells) of each paragraph line and table row below an element of a Word file."""
    for child in parent:
        if child.tag == _W + "p":
            style = child.find(f"{_W}pPr/{_W}pStyle")
            outline = child.find(f"{_W}pPr/{_W}outlineLvl")
            level = levels.get(style.get(_W + "val"), 0) if style is not None else 0
            if outline is not None and (outline.get(_W + "val") or "9") < "9":
                level = int(outline.get(_W + "val")) + 1
            boxes: list[Any] = []
            for written in "".join(_runs(child, boxes)).split("\n"):
                yield written, level, ()
            for box in boxes:
                yield from _paragraphs(box, levels)
        elif child.tag == _W + "tbl":
            for row in _children(child, _W + "tr"):
                yield from _row(row, levels)
        elif child.tag in _AROUND:
            yield from _paragraphs(child, levels)


def _row(row: Any, levels: Mapping[str, int]) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    cells = list(_children(row, _W + "tc"))
    if len(cells) == 1 or any(cell.find(f".//{_W}tbl") is not None for cell in cells):
        for cell in cells:  # a frame around text
            yield from _paragraphs(cell, levels)
        return
    texts = tuple(
        "\n".join(text for text, _level, _cells in _paragraphs(cell, levels) if text.strip()) for cell in cells
    )
    yield "\t".join(texts), 0, texts


def _children(element: Any, tag: str) -> Iterator[Any]:
    """The rows of a table, or the cells of a row, and none of the tables inside them."""
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag in _AROUND:
            yield from _children(child, tag)


def _runs(element: Any, boxes: list[Any]) -> Iterator[str]:
    """The text of a paragraph; text boxes anchored in it are put into ``boxes``, once each."""
    for child in element:
        tag = child.tag
        if tag == _W + "t":
            yield child.text or ""
        elif tag == _W + "tab":
            yield "\t" if element.tag == _W + "r" else ""
        elif tag in (_W + "br", _W + "cr"):
            yield "\n"
        elif tag == _W + "noBreakHyphen":
            yield "-"
        elif tag == _W + "txbxContent":
            boxes.append(child)
        elif tag not in (_W + "del", _W + "moveFrom", _W + "pPr", _FALLBACK):
            yield from _runs(child, boxes)
