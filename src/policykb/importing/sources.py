"""A file of any format -> its text as lines: what `read_lines` makes of PDF, Word, web pages, text and Markdown.

What a file is, is decided by its content; a name that promises something else is an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from policykb.errors import PolicyKBError, SourceError
from policykb.importing.decoding import BOMS, decode
from policykb.importing.furniture import without_furniture

if TYPE_CHECKING:
    from policykb.importing.paragraphs import Line

MAX_BYTES = 50 * 1024 * 1024
MAX_LINES = 500_000

_PICTURE = "a picture and has no text: run it through OCR first"
_COMPRESSED = "a compressed file: unpack it first"
_NOT_FOR_US = (
    (b"\xd0\xcf\x11\xe0", "an old Word file (.doc), or an encrypted one: save it as .docx without a password"),
    (b"{\\rtf", "an RTF file: save it as .docx"),
    *((magic, _PICTURE) for magic in (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"BM", b"RIFF")),
    *((magic, _COMPRESSED) for magic in (b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh")),
)
_PROMISED = {".pdf": "PDF", ".docx": "DOCX"}

_HTML = re.compile(
    r"(?:\s|<!--.*?-->|<\?xml[^>]*>)*+<(?:!doctype\s+html|(?:html|head|body|meta|title|div|p|table|h[1-6])[\s>/])",
    re.IGNORECASE | re.DOTALL,
)
_MARKDOWN = re.compile(r"^#{1,6} +\S|^\|? *:?-{3,}:? *\|", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Source:
    """A file's text.

    ``kind`` is text, markdown, html, docx or pdf. ``meta`` holds what the file says about itself: the properties
    of a PDF or Word file, the ``<title>`` and ``<meta>`` tags of a web page, the front matter of Markdown.
    ``dropped`` are the lines that are not its text: running heads, page numbers, what surrounds the article of a
    web page. ``notes`` say what could not be read, in sentences for the user.
    """

    name: str
    kind: str
    lines: tuple[Line, ...]
    meta: Mapping[str, str] = field(default_factory=dict)
    dropped: tuple[Line, ...] = ()
    notes: tuple[str, ...] = ()


def read_lines(source: Path | bytes, *, name: str | None = None) -> Source:
    """Read a file, or the bytes of one; ``name`` is what messages and the result call it.

    Raises SourceError, which names the file, for everything that is not a readable document: missing, empty, over
    50 MB, of another format, corrupt, encrypted, scanned. Raises MissingExtraError where the format's library is
    not installed.
    """
    called = name if name is not None else "<stdin>" if isinstance(source, bytes) else source.name
    last = re.split(r"[/\\]", called)[-1]
    shown = "".join(char if char.isprintable() else "?" for char in last)[-100:] or "<file>"
    try:
        return _read(_bytes(source), shown)
    except SourceError as error:
        raise SourceError(f"{shown}: {error}") from error.__cause__


def _bytes(source: Path | bytes) -> bytes:
    if isinstance(source, bytes):
        data = source
    else:
        try:
            with source.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise SourceError(f"cannot be read: {error.strerror}") from error
        except ValueError as error:  # a NUL in the name
            raise SourceError(f"cannot be read: {error}") from error
    if len(data) > MAX_BYTES:
        raise SourceError(f"is larger than {MAX_BYTES >> 20} MB: split it, or save it without its pictures")
    if not data.strip(b"\0 \t\r\n\f") or data in dict(BOMS):
        raise SourceError("is empty")
    return data


def _read(data: bytes, name: str) -> Source:
    from policykb.importing.formats import archive, pdf, plain, word

    suffix = name[name.rfind(".") :].lower()
    kind = "pdf" if b"%PDF-" in data[:1024] else "docx" if data.startswith(b"PK\x03\x04") else "text"
    if kind == "text":
        for magic, what in _NOT_FOR_US:
            if data.startswith(magic) and (len(magic) > 2 or b"\0" in data[:64]):
                raise SourceError(f"is {what}")
    promised = _PROMISED.get(suffix)
    if promised and promised.lower() != kind:
        raise SourceError(f"is not a {promised} file, whatever its name says: it is damaged or misnamed")
    try:
        if kind == "pdf":
            raw = pdf.read_pdf(data)
        elif kind == "docx":
            raw = word.read_docx(data)
        else:
            text = archive.page_in(data, decode) or decode(data)
            if _HTML.match(text, 0, 20_000):
                kind, raw = "html", plain.read_html(text)
            elif suffix in (".md", ".markdown") or len(_MARKDOWN.findall(text, 0, 50_000)) > 1:
                kind, raw = "markdown", plain.read_markdown(text)
            else:
                raw = plain.read_text(text)
    except PolicyKBError:
        raise
    except Exception as error:  # whatever somebody else's parser does with a broken file
        raise SourceError(f"cannot be read as {kind}, it may be damaged: {error}") from error
    if len(raw.lines) + len(raw.dropped) > MAX_LINES:
        raise SourceError(f"has more than {MAX_LINES} lines: that is no document")
    lines, furniture = without_furniture(raw.lines)
    if not lines:
        raise SourceError("has no text")
    dropped = sorted((*raw.dropped, *furniture), key=lambda line: line.number)
    return Source(name, kind, tuple(lines), raw.meta, tuple(dropped), tuple(raw.notes))
