"""The formats: plain text, Markdown, PDF, Word files and web pages, each turned into lines with what surrounds them.

The functions take a file's content and raise SourceError for what is not one of its kind; other exceptions come
from the libraries and are turned into a SourceError by `sources`. Libraries are extras, imported when needed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from policykb.errors import MissingExtraError, SourceError
from policykb.reports.lines import INVISIBLE, Line, visible

__all__ = ["Raw", "archived_page", "docx", "html", "markdown", "pdf", "text"]

MAX_PAGES = 5000
MAX_COLUMNS = 50  # a line with more tabs or bars is no table row
MAX_UNPACKED = 300 * 1024 * 1024
MAX_RATIO = 200  # real Word files reach 20; XML of a bomb 1000


@dataclass(slots=True)
class Raw:
    """A file's lines before running heads are taken out; the fields are those of ``sources.Source``."""

    lines: list[Line]
    meta: Mapping[str, str] = field(default_factory=dict)
    dropped: list[Line] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


# ---- Text and Markdown

_LINE_END = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
_WIDE_SPACE = re.compile(r"[^\S\t]{3,}")  # as wide as it may be, it only sets apart
_FRONT_MATTER = re.compile(r"---[ \t]*$(.*?)^(?:---|\.\.\.)[ \t]*$", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"(#{1,6})[ \t]+(.+?)(?:[ \t]+#+)?")
_UNDERLINE = re.compile(r"=+|--+")
_RULE = re.compile(r"(?:[*_-][ \t]*){3,}")
_EMPHASIS = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_TABLE_RULE = re.compile(r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?")
_CELL_END = re.compile(r"(?<!\\)\|")


def text(content: str) -> Raw:
    """Plain text; a form feed begins a page, tabs divide the cells of a table row."""
    lines: list[Line] = []
    page, gap = 1 if "\f" in content else None, False
    for number, written in enumerate(_LINE_END.split(content), 1):
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
    return Raw(lines)


def markdown(content: str) -> Raw:
    """Markdown: marked headings get their level, table rows their cells; the marks themselves are no text."""
    front = _FRONT_MATTER.match(content)
    inside = len(_LINE_END.findall(front[0])) + 1 if front else 0
    meta: dict[str, str] = {}
    lines: list[Line] = []
    dropped: list[Line] = []
    for line in text(content).lines:
        key, colon, value = line.text.partition(":")
        if line.number <= inside:
            dropped.append(line)
            if colon and value.strip():
                meta[key.strip().lower()] = value.strip().strip("\"'")
        elif _UNDERLINE.fullmatch(line.text) and lines and lines[-1].number == line.number - 1:
            if not lines[-1].cells:
                lines[-1] = replace(lines[-1], level=1 if line.text[0] == "=" else 2)
        elif not _UNDERLINE.fullmatch(line.text) and not _RULE.fullmatch(line.text):
            lines += _markdown_line(line)
    return Raw(lines, meta, dropped)


def _markdown_line(line: Line) -> Iterator[Line]:
    written = line.text.lstrip("> \t")
    if written.startswith("|") or (written.endswith("|") and "|" in written[:-1]):
        if not _TABLE_RULE.fullmatch(written):
            cells = tuple(_plain(cell) for cell in _CELL_END.split(written.removeprefix("|").removesuffix("|")))
            yield replace(line, text="\t".join(cells), cells=cells if len(cells) <= MAX_COLUMNS else ())
        return
    heading = _HEADING.fullmatch(written)
    plain = _plain(heading[2] if heading else written)
    if plain:
        yield replace(line, text=plain, level=len(heading[1]) if heading else 0, cells=())


def _plain(written: str) -> str:
    return _ESCAPE.sub(r"\1", _EMPHASIS.sub(r"\2", written)).strip()


# ---- PDF


def pdf(data: bytes) -> Raw:
    """The text layer of a PDF, page by page."""
    try:
        import pypdfium2
    except ImportError as error:
        raise MissingExtraError("reading PDF", "import") from error
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "assword" in str(error):
            raise SourceError("is encrypted: save a copy without a password") from error
        raise SourceError(f"is a damaged PDF: {error}") from error
    with document:
        if len(document) > MAX_PAGES:
            raise SourceError(f"has more than {MAX_PAGES} pages: split it")
        lines: list[Line] = []
        blank: list[int] = []
        for number, page in enumerate(document, 1):
            found = list(_page_lines(page, number, len(lines)))
            lines += found
            if not found:
                blank.append(number)
        meta = {key.lower(): value for key, value in document.get_metadata_dict(skip_empty=True).items()}
    letters = "".join(visible(line.text) for line in lines)
    if len(letters) < 20 * max(1, len(blank)) and len(blank) >= 0.5 * (number if lines or blank else 1):
        raise SourceError("is a scanned PDF, it has pictures of text and no text: run it through OCR first")
    unreadable = sum(char == "\ufffd" or "\ue000" <= char <= "\uf8ff" for char in letters)
    if unreadable > 0.2 * len(letters):
        raise SourceError("has a text layer that cannot be read, its fonts lack their character table: use OCR")
    notes = [f"no text on page {', '.join(map(str, blank))}: a picture, or empty"] if blank else []
    return Raw(lines, meta, notes=notes)


def _page_lines(page: Any, number: int, before: int) -> Iterator[Line]:
    text_page = page.get_textpage()
    content = text_page.get_text_range()
    # A hyphen at a line's end comes out as a non-character. Character boxes can be asked for by position only as
    # long as the text has one character for each of the page's.
    content = re.sub("[\ufffe\x02]", "-", content)
    aligned = len(content) == text_page.count_chars()
    found: list[tuple[str, float, float]] = []
    for match in re.finditer(r"[^\r\n]+", content):
        clean = INVISIBLE.sub("", match[0])
        if clean.strip():
            first = match.start() + len(match[0]) - len(match[0].lstrip())
            left, bottom, _, top = text_page.get_charbox(first, loose=True) if aligned else (0.0, 0.0, 0.0, 0.0)
            left = left if not clean.startswith("\u3000") else float("inf")
            found.append((clean.strip(), left, top - bottom))
    margin = min((left for _, left, _ in found), default=0.0)
    for n, (clean, left, height) in enumerate(found, 1):
        yield Line(clean, before + n, number, indented=left > margin + 1.2 * height)


# ---- Word files

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_HEADING_STYLE = re.compile(r"(?:heading|标题)\s*([1-9])", re.IGNORECASE)


def docx(data: bytes) -> Raw:
    """The paragraphs, tables and text boxes of a Word file, in order, as if all tracked changes were accepted."""
    try:
        import docx as python_docx
    except ImportError as error:
        raise MissingExtraError("reading Word files", "import") from error
    from io import BytesIO

    _check_package(data)
    document = python_docx.Document(BytesIO(data))
    levels = {style.style_id: level for style in document.styles if (level := _style_level(style.name))}
    lines: list[Line] = []
    for written, level, cells in _blocks(document.element.body, levels):
        clean = INVISIBLE.sub("", written)
        if clean.strip():
            lines.append(Line(clean if cells else clean.strip(), len(lines) + 1, level=level, cells=cells))
    properties = document.core_properties
    meta = {"title": properties.title or "", "author": properties.author or ""}
    return Raw(lines, {key: value for key, value in meta.items() if value})


def _check_package(data: bytes) -> None:
    import zipfile
    from io import BytesIO

    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            files = package.infolist()
    except zipfile.BadZipFile as error:
        raise SourceError(f"is a damaged Word file: {error}") from error
    names = {file.filename for file in files}
    if "word/document.xml" not in names:
        known = {
            "xl/workbook.xml": "an Excel file",
            "ppt/presentation.xml": "a PowerPoint file",
            "OFD.xml": "an OFD file",
        }
        what = next((what for name, what in known.items() if name in names), "a ZIP archive")
        raise SourceError(f"is {what}, not a Word file: save it as PDF or DOCX")
    size = sum(file.file_size for file in files)
    bomb = any(file.file_size > 10_000_000 and file.file_size > MAX_RATIO * file.compress_size for file in files)
    if bomb or size > MAX_UNPACKED:
        raise SourceError(f"would unpack to {size >> 20} MB: that is no document")


def _style_level(name: str | None) -> int:
    match = _HEADING_STYLE.match(name or "")
    return int(match[1]) if match else 1 if name in ("Title", "标题") else 0


def _blocks(parent: Any, levels: Mapping[str, int]) -> Iterator[tuple[str, int, tuple[str, ...]]]:
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
                yield from _blocks(box, levels)
        elif child.tag == _W + "tbl":
            for row in child.iter(_W + "tr"):
                yield from _row(row, levels)
        elif child.tag in (_W + "sdt", _W + "sdtContent", _W + "ins", _W + "moveTo", _W + "customXml", _W + "smartTag"):
            yield from _blocks(child, levels)


def _row(row: Any, levels: Mapping[str, int]) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    cells = [cell for cell in row.iter(_W + "tc") if next(cell.iterancestors(_W + "tr")) is row]
    if len(cells) == 1 or any(cell.find(f".//{_W}tbl") is not None for cell in cells):
        for cell in cells:  # a frame around text
            yield from _blocks(cell, levels)
        return
    texts = tuple("\n".join(text for text, _, _ in _blocks(cell, levels) if text.strip()) for cell in cells)
    yield "\t".join(texts), 0, texts


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


# ---- Web pages


def archived_page(data: bytes, decode: Callable[[bytes], str]) -> str | None:
    """The page inside a file that a browser saved as one (.mhtml), None for anything else."""
    if b"mime-version:" not in data[:4096].lower() or b"multipart/related" not in data[:4096].lower():
        return None
    import email
    from email.policy import compat32

    for part in email.message_from_bytes(data, policy=compat32).walk():
        if part.get_content_type() == "text/html":
            payload = part.get_payload(decode=True)
            return decode(payload) if isinstance(payload, bytes) else None
    return None


def html(content: str) -> Raw:
    """The article of a web page; what is around it, and the page's own metadata, apart. See `webpage`."""
    from policykb.reports import webpage

    lines, meta, around = webpage.article(content)
    return Raw(lines, meta, around)
