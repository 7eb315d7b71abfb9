"""A file of any format -> its text as lines: PDF, Word, web pages, text and Markdown.

What a file is, is decided by its content; a name that promises something else is an error.
"""

from __future__ import annotations

import errno
import re
from dataclasses import replace
from pathlib import Path

from policykb.errors import PolicyKBError, SourceError
from policykb.files.reading import read_regular, reason
from policykb.i18n import _
from policykb.importing.formats import pdf, webpage, word
from policykb.importing.formats import text as plain
from policykb.importing.formats.decoding import BOMS, text_in
from policykb.importing.formats.furniture import without_furniture
from policykb.importing.formats.source import MAX_LINES, Source
from policykb.importing.paragraphs import INVISIBLE

MAX_BYTES = 50 * 1024 * 1024
_PROMISED = {".pdf": "PDF", ".docx": "DOCX"}
_HTML = re.compile(
    r"(?:\s|<!--.*?-->|<\?xml[^>]*>)*+<(?:!doctype\s+html|(?:html|head|body|meta|title|div|p|table|h[1-6])[\s>/])",
    re.IGNORECASE | re.DOTALL,
)
_MARKDOWN = re.compile(r"^#{1,6} +\S|^\|? *:?-{3,}:? *\|", re.MULTILINE)


def read_lines(source: Path | bytes, *, name: str | None = None) -> Source:
    """Read a file, or the bytes of one; ``name`` is what messages and the result call it.

    Raises SourceError, which names the file, for everything that is not a readable document: missing, empty, over
    50 MB, of another format, corrupt, encrypted, scanned. Raises MissingExtraError where the format's library is
    not installed.
    """
    shown = _shown(source, name)
    try:
        return _read(_bytes(source), shown)
    except SourceError as error:
        raise SourceError(f"{shown}: {error}") from error.__cause__


def read_bytes(source: Path | bytes, *, name: str | None = None) -> bytes:
    """What `read_lines` reads, as it came. Raises SourceError for what is missing, empty or over 50 MB."""
    try:
        return _bytes(source)
    except SourceError as error:
        raise SourceError(f"{_shown(source, name)}: {error}") from error.__cause__


def _shown(source: Path | bytes, name: str | None) -> str:
    called = name if name is not None else "<stdin>" if isinstance(source, bytes) else source.name
    last = re.split(r"[/\\]", called)[-1]
    return "".join(char if char.isprintable() else "?" for char in last)[-100:] or "<file>"


def _bytes(source: Path | bytes) -> bytes:
    too_large = _("is larger than {most} MB: split it, or save it without its pictures").format(most=MAX_BYTES >> 20)
    try:
        data = source if isinstance(source, bytes) else read_regular(source, at_most=MAX_BYTES)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        if isinstance(error, OSError) and error.errno == errno.EFBIG:
            raise SourceError(too_large) from error
        raise SourceError(_("cannot be read: {reason}").format(reason=reason(error))) from error
    if len(data) > MAX_BYTES:
        raise SourceError(too_large)
    if not data.strip(b"\0 \t\r\n\f") or data in dict(BOMS):
        raise SourceError(_("is empty"))
    return data


def _read(data: bytes, name: str) -> Source:
    suffix = name[name.rfind(".") :].lower()
    kind = "pdf" if b"%PDF-" in data[:1024] else "docx" if data.startswith(b"PK\x03\x04") else "text"
    if kind == "text":
        _require_text(data)
    promised = _PROMISED.get(suffix)
    if promised and promised.lower() != kind:
        problem = _("is not a {format} file, whatever its name says: it is damaged or misnamed")
        raise SourceError(problem.format(format=promised))
    try:
        if kind == "pdf":
            raw = pdf.read_pdf(data)
        elif kind == "docx":
            raw = word.read_docx(data)
        else:
            text = text_in(data)
            if _HTML.match(text, 0, 20_000):
                raw = webpage.read_html(text)
            elif suffix in (".md", ".markdown") or len(_MARKDOWN.findall(text, 0, 50_000)) > 1:
                raw = plain.read_markdown(text)
            else:
                raw = plain.read_text(text)
    except PolicyKBError:
        raise
    except Exception as error:  # whatever somebody else's parser does with a broken file
        problem = _("cannot be read as {format}, it may be damaged: {error}")
        raise SourceError(problem.format(format=kind, error=error)) from error
    if len(raw.lines) + len(raw.dropped) > MAX_LINES:
        raise SourceError(_("has more than {most:,} lines: that is no document").format(most=MAX_LINES))
    lines, furniture = without_furniture(raw.lines)
    if not lines:
        raise SourceError(_("has no text"))
    dropped = sorted((*raw.dropped, *furniture), key=lambda line: line.number)
    meta = {key: INVISIBLE.sub("", value) for key, value in raw.meta.items()}
    return replace(raw, name=name, lines=tuple(lines), meta=meta, dropped=tuple(dropped))


def _require_text(data: bytes) -> None:
    """Raises SourceError for the formats that are known and not read."""
    picture = _("is a picture and has no text: run it through OCR first")
    compressed = _("is a compressed file: unpack it first")
    refused = {
        b"\xd0\xcf\x11\xe0": _(
            "is an old Word file (.doc, .wps), or an encrypted one: save it as .docx without a password"
        ),
        b"{\\rtf": _("is an RTF file: save it as .docx"),
        **dict.fromkeys((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"BM", b"RIFF"), picture),
        **dict.fromkeys((b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh"), compressed),
    }
    for magic, what in refused.items():
        if data.startswith(magic) and (len(magic) > 2 or b"\0" in data[:64]):
            raise SourceError(what)
