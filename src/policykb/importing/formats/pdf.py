"""PDF files, as lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from policykb.errors import MissingExtraError, SourceError
from policykb.i18n import _
from policykb.importing.formats.source import Source
from policykb.importing.paragraphs import INVISIBLE, Line, without_space

MAX_PAGES = 5000


def read_pdf(data: bytes) -> Source:
    """The text layer of a PDF, page by page."""
    try:
        import pypdfium2
    except ImportError as error:
        raise MissingExtraError(_("reading PDF"), "import") from error
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "assword" in str(error):
            raise SourceError(_("is encrypted: save a copy without a password")) from error
        raise SourceError(_("is a damaged PDF: {error}").format(error=error)) from error
    with document:
        if len(document) > MAX_PAGES:
            raise SourceError(_("has more than {most:,} pages: split it").format(most=MAX_PAGES))
        lines: list[Line] = []
        blank: list[int] = []
        for number, page in enumerate(document, 1):
            found = list(_page_lines(page, number, len(lines)))
            lines += found
            if not found:
                blank.append(number)
        meta = {key.lower(): value for key, value in document.get_metadata_dict(skip_empty=True).items()}
    letters = "".join(without_space(line.text) for line in lines)
    if len(letters) < 20 * max(1, len(blank)) and len(blank) >= 0.5 * (number if lines or blank else 1):
        problem = _("is a scanned PDF, it has pictures of text and no text: give it one, with {command}")
        raise SourceError(problem.format(command="'ocrmypdf -l chi_sim FILE NEW'"))
    unreadable = sum(char == "\ufffd" or "\ue000" <= char <= "\uf8ff" for char in letters)
    if unreadable > 0.2 * len(letters):
        raise SourceError(_("has a text layer that cannot be read, its fonts lack their character table: use OCR"))
    note = _("no text on page {pages}: a picture, or empty").format(pages=_(", ").join(map(str, blank)))
    return Source("pdf", lines, meta, notes=(note,) if blank else ())


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
