"""A Word document in the making.

The body is built as text and parsed once, because python-docx takes quadratic time for tens of thousands of
paragraphs; styles, pictures, properties and the package are python-docx's. The bytes depend on nothing but the
content. A knowledge base can bring its own styles and page as ``templates/reference.docx``.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from policykb.digest.manifest import NAMESPACE, PART, dump
from policykb.errors import MissingExtraError, OutputError
from policykb.i18n import _
from policykb.render.word import markup as wordml
from policykb.text.visible import fit_for_xml

if TYPE_CHECKING:
    from docx.document import Document

    from policykb.digest.manifest import Manifest
    from policykb.render.labels import Labels

_LISTED = 2  # levels of headings in the contents
_EPOCH = (1980, 1, 1, 0, 0, 0)


class Writer:
    """Takes headings, paragraphs, tables and pictures in order; ``finish`` gives the file."""

    def __init__(self, title: str, labels: Labels, corpus: Path | None) -> None:
        self._document = _new(corpus)
        self._labels, self._title = labels, title
        self._parts: list[str] = []
        self._headings: list[tuple[int, str, str]] = []
        self._contents_at: int | None = None
        self._pictures = 0
        self.paragraph(title, "Title")

    def paragraph(self, text: str, style: str = "BodyText") -> None:
        """A paragraph of plain text; ``style`` is the id of a style."""
        self._parts.append(wordml.paragraph(wordml.run(text), style))

    def heading(self, text: str, level: int, *, listed: bool = True) -> None:
        """A heading; ``listed`` puts it into the contents."""
        runs = wordml.run(text)
        if listed and level <= _LISTED:
            number = len(self._headings) + 1
            name = f"_Toc{number:08}"
            self._headings.append((level, text, name))
            runs = f'<w:bookmarkStart w:id="{number}" w:name="{name}"/>{runs}<w:bookmarkEnd w:id="{number}"/>'
        self._parts.append(wordml.paragraph(runs, f"Heading{level}"))

    def contents(self) -> None:
        """The table of contents stands here."""
        self.paragraph(self._labels["words"]["contents"], "TOCHeading")
        self._contents_at = len(self._parts)

    def caption(self, text: str) -> None:
        """The caption of the table that follows, on the same page."""
        self._parts.append(wordml.paragraph(wordml.run(text), "Caption", "<w:keepNext/>"))

    def bullets(self, items: Iterable[str]) -> None:
        """A list of plain texts."""
        self._parts += [wordml.paragraph(wordml.run(item), "ListBullet") for item in items]

    def html(self, text: str) -> None:
        """Clean HTML, as ``body.to_html`` gives it."""
        self._parts += wordml.from_html(text)

    def table(
        self,
        header: Sequence[str] | None,
        rows: Iterable[Sequence[str]],
        widths: Sequence[int],
        *,
        numbers: bool = False,
    ) -> None:
        """A table; see ``wordml.table``."""
        self._parts += [wordml.table(header, rows, widths, numbers), wordml.paragraph("", "TableText")]

    def picture(self, png: bytes, svg: str, size: tuple[int, int], name: str, description: str) -> None:
        """A picture; readers that know SVG show that, all others the PNG."""
        from docx.opc.constants import RELATIONSHIP_TYPE
        from docx.opc.packuri import PackURI
        from docx.opc.part import Part

        part = self._document.part
        self._pictures += 1
        image, _ = part.get_or_add_image(io.BytesIO(png))
        uri = PackURI(f"/word/media/chart{self._pictures}.svg")
        vector = part.relate_to(Part(uri, "image/svg+xml", svg.encode(), part.package), RELATIONSHIP_TYPE.IMAGE)
        runs = wordml.picture(self._pictures, image, vector, size, name, description)
        self._parts.append(wordml.paragraph(runs, "Figure"))

    def finish(self, day: date, state: str, manifest: Manifest | None = None) -> bytes:
        """The file; ``day`` is the date, ``state`` the identifier in its properties."""
        from docx.oxml import parse_xml

        from policykb.render.word.styles import set_page

        if self._contents_at is not None and self._headings:
            self._parts.insert(self._contents_at, wordml.contents(self._headings, _LISTED))
        body = self._document.element.body
        for child in list(body)[:-1]:
            body.remove(child)
        for child in list(parse_xml(f"<w:body {wordml.NAMESPACES}>{''.join(self._parts)}</w:body>")):
            body[-1].addprevious(child)
        set_page(self._document, self._labels["words"]["page"])
        _set_properties(self._document, self._title, day, state)
        if manifest:
            _add_manifest(self._document, manifest)
        stream = io.BytesIO()
        self._document.save(stream)
        return _fixed_times(stream.getvalue())


def _new(corpus: Path | None) -> Document:
    try:
        import docx
    except ImportError:
        raise MissingExtraError(_("writing Word documents"), "report") from None
    from policykb.render.word.styles import set_styles

    reference = corpus / "templates" / "reference.docx" if corpus else None
    try:
        document = docx.Document(str(reference) if reference and reference.is_file() else None)
    except Exception as error:  # python-docx, lxml and zipfile each have their own
        raise OutputError(_("{path}: not a Word document: {error}").format(path=reference, error=error)) from None
    if not (reference and reference.is_file()):
        set_styles(document)
    return document


def _set_properties(document: Document, title: str, day: date, state: str) -> None:
    properties = document.core_properties
    properties.title, properties.author, properties.last_modified_by = fit_for_xml(title)[:255], "policykb", "policykb"
    properties.comments, properties.revision, properties.language = "", 1, "zh-CN"
    properties.identifier = state
    properties.created = properties.modified = datetime(day.year, day.month, day.day, tzinfo=UTC)
    relations = document.part.package.rels
    for key in [key for key, relation in relations.items() if relation.reltype.endswith("/thumbnail")]:
        del relations[key]  # a picture of python-docx's empty template


def _add_manifest(document: Document, manifest: Manifest) -> None:
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    relations = document.part.rels
    for key in [key for key, relation in relations.items() if relation.target_ref.endswith(PART)]:
        del relations[key]  # of the digest that serves as the reference
    content = escape(fit_for_xml(dump(manifest)))
    xml = f'<?xml version="1.0" encoding="UTF-8"?>\n<manifest xmlns="{NAMESPACE}">{content}</manifest>'
    part = Part(PackURI(f"/{PART}"), "application/xml", xml.encode(), document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.CUSTOM_XML)


def _fixed_times(data: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type, info.create_system = zipfile.ZIP_DEFLATED, 0
            new.writestr(info, old.read(name))
    return stream.getvalue()
