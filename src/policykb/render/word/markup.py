"""WordprocessingML as text: runs, paragraphs, tables, fields, pictures, and clean HTML turned into them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import unescape
from html.parser import HTMLParser
from xml.sax.saxutils import escape, quoteattr

from policykb.text.visible import fit_for_xml

WIDTH = 8310  # twentieths of a point between the margins of A4
EMU = 635  # of a twentieth of a point
NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture" '
    'xmlns:asvg="http://schemas.microsoft.com/office/drawing/2016/SVG/main"'
)
_PICTURE = (
    '<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{wide}" cy="{high}"/>'
    '<wp:docPr id="{number}" name={name} descr={description}/>'
    '<wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect="1"/></wp:cNvGraphicFramePr>'
    '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic>'
    '<pic:nvPicPr><pic:cNvPr id="{number}" name={name} descr={description}/><pic:cNvPicPr/></pic:nvPicPr>'
    '<pic:blipFill><a:blip r:embed="{png}"><a:extLst><a:ext uri="{{96DAC541-7B7A-43D3-8B79-37D633B846F1}}">'
    '<asvg:svgBlip r:embed="{svg}"/></a:ext></a:extLst></a:blip><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
    '<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{wide}" cy="{high}"/></a:xfrm>'
    '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>'
    "</wp:inline></w:drawing></w:r>"
)


def run(text: str, properties: str = "") -> str:
    """Plain text; a line break becomes one."""
    lines = (f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in fit_for_xml(text).split("\n"))
    return f"<w:r>{f'<w:rPr>{properties}</w:rPr>' if properties else ''}{'<w:br/>'.join(lines)}</w:r>"


def paragraph(runs: str, style: str, properties: str = "") -> str:
    """A paragraph; ``style`` is the id of its style."""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{properties}</w:pPr>{runs}</w:p>'


def field(code: str) -> str:
    """A field that shows 1 until it is updated."""
    parts = ['<w:fldChar w:fldCharType="begin"/>', f'<w:instrText xml:space="preserve"> {code} </w:instrText>']
    parts += ['<w:fldChar w:fldCharType="separate"/>', "<w:t>1</w:t>", '<w:fldChar w:fldCharType="end"/>']
    return "".join(f"<w:r>{part}</w:r>" for part in parts)


def contents(headings: Iterable[tuple[int, str, str]], deepest: int) -> str:
    """A contents field that Word fills when it opens the document; until then it shows links without pages.

    ``headings`` are level, text and bookmark. Only a word processor knows the pages; wrong ones would be worse.
    """
    start = (
        '<w:r><w:fldChar w:fldCharType="begin" w:dirty="true"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve"> TOC \\o "1-{deepest}" \\h \\z \\u </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    )
    lines: list[str] = []
    for level, text, name in headings:
        link = f'<w:hyperlink w:anchor="{name}" w:history="1">{run(text)}</w:hyperlink>'
        lines.append(paragraph(("" if lines else start) + link, f"TOC{level}"))
    return "".join(lines) + '<w:p><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'


def table(
    header: Sequence[str] | None, rows: Iterable[Sequence[str]], widths: Sequence[int], numbers: bool = False
) -> str:
    """A table of plain texts whose header is repeated on every page; without one, the first column is the head.

    A row of one cell reaches over all columns. ``widths`` are proportions; ``numbers`` aligns all columns but the
    first on the right.
    """
    sizes = [WIDTH * width // sum(widths) for width in widths]

    def row(cells: Sequence[str], head: bool) -> str:
        done = []
        whole = len(cells) < len(sizes)
        for number, (cell, size) in enumerate(zip(cells, [sum(sizes)] if whole else sizes, strict=True)):
            bold = head or whole or (header is None and not number)
            shade = '<w:shd w:val="clear" w:color="auto" w:fill="E8EDF3"/>' if bold else ""
            span = f'<w:gridSpan w:val="{len(sizes)}"/>' if whole else ""
            align = "<w:keepNext/>" if whole else ""  # the head of a group is not left alone at the end of a page
            align += '<w:jc w:val="right"/>' if numbers and number else ""
            text = paragraph(run(cell, "<w:b/>" if bold else ""), "TableText", align)
            done.append(f'<w:tc><w:tcPr><w:tcW w:w="{size}" w:type="dxa"/>{span}{shade}</w:tcPr>{text}</w:tc>')
        return f"<w:tr><w:trPr><w:cantSplit/>{'<w:tblHeader/>' if head else ''}</w:trPr>{''.join(done)}</w:tr>"

    grid = "".join(f'<w:gridCol w:w="{size}"/>' for size in sizes)
    return (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="{sum(sizes)}" w:type="dxa"/>'
        '<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/>'
        f'</w:tblCellMar><w:tblLook w:val="0420"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>'
        f"{row(header, True) if header else ''}{''.join(row(cells, False) for cells in rows)}</w:tbl>"
    )


def picture(number: int, png: str, svg: str, size: tuple[int, int], name: str, description: str) -> str:
    """A picture as wide as the text: the SVG part where the reader knows SVG, else the PNG part."""
    wide = WIDTH * EMU
    words = {"name": quoteattr(fit_for_xml(name)), "description": quoteattr(fit_for_xml(description))}
    return _PICTURE.format(number=number, wide=wide, high=wide * size[1] // size[0], png=png, svg=svg, **words)


def from_html(text: str) -> list[str]:
    """Clean HTML, as ``body.to_html`` gives it, as paragraphs and tables."""
    parser = _Body()
    parser.feed(text)
    parser.close()
    return parser.finished()


class _Body(HTMLParser):
    # In the order that the schema wants.
    _MARKS = {
        "code": '<w:rFonts w:ascii="Consolas" w:hAnsi="Consolas"/>',
        "strong": "<w:b/>",
        "em": "<w:i/>",
        "del": "<w:strike/>",
        "sup": '<w:vertAlign w:val="superscript"/>',
        "sub": '<w:vertAlign w:val="subscript"/>',
    }

    def __init__(self) -> None:
        super().__init__()
        self._done: list[str] = []
        self._runs: list[str] = []
        self._marks: list[str] = []
        self._lists: list[int | None] = []  # of an ordered list, the number of its last item
        self._number = ""
        self._style = "BodyText"
        self._rows: list[list[str]] | None = None
        self._link = ""

    def finished(self) -> list[str]:
        self._flush()
        return self._done

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._MARKS:
            self._marks.append(tag)
        elif tag == "a":
            self._link = dict(attrs).get("href") or ""
        elif tag == "br":
            self._runs.append("<w:r><w:br/></w:r>")
        elif tag == "tr" and self._rows is not None:
            self._rows.append([])
        elif tag in ("th", "td"):
            self._runs = []
        elif self._rows is None:
            self._flush()
            self._open_block(tag)

    def _open_block(self, tag: str) -> None:
        if tag == "table":
            self._rows = []
        elif tag in ("ul", "ol"):
            self._lists.append(0 if tag == "ol" else None)
        elif tag == "li" and self._lists:
            last = self._lists[-1]
            self._lists[-1] = None if last is None else last + 1
            self._number = "" if last is None else f"{last + 1}.\t"
            self._style = "ListBullet" if last is None else "ListNumber"
        elif re.fullmatch("h[1-6]", tag):
            self._style = f"Heading{tag[1]}"
        elif tag in ("blockquote", "pre"):
            self._style = "Quote"

    def handle_endtag(self, tag: str) -> None:
        if tag in self._MARKS:
            del self._marks[-1:]
        elif tag == "a":
            # A printed link is of use only when its address is printed too.
            printed = not self._link or escape(fit_for_xml(self._link)) in "".join(self._runs)
            self._runs += [] if printed else [run(f"（{self._link}）")]
        elif tag in ("th", "td") and self._rows:
            cell = "".join(self._runs).replace("<w:br/>", "\n")
            self._rows[-1].append(unescape(re.sub("<[^>]*>", "", cell)))
            self._runs = []
        elif tag == "table":
            self._close_table()
        elif self._rows is None and tag not in ("thead", "tbody", "tr"):
            self._flush()
            if tag in ("ul", "ol"):
                del self._lists[-1:]
            elif tag == "li":
                self._number = ""  # an item without a word has none
            if tag != "p" and not self._lists:
                self._style = "BodyText"

    def handle_data(self, data: str) -> None:
        text = data if self._style == "Quote" else re.sub(r"\s+", " ", data)
        if text.strip() or self._runs:
            tags = set(self._marks) - ({"sub"} if "sup" in self._marks else set())
            marks = "".join(mark for tag, mark in self._MARKS.items() if tag in tags)
            self._runs.append(run(self._number + text, marks).replace("\t", "</w:t><w:tab/><w:t>"))
            self._number = ""

    def _flush(self) -> None:
        if self._runs:
            depth = len(self._lists) if self._style.startswith("List") else 0
            indent = f'<w:ind w:left="{420 * depth}" w:hanging="420"/>' if depth > 1 else ""
            self._done.append(paragraph("".join(self._runs), self._style, indent))
            self._runs = []

    def _close_table(self) -> None:
        rows, self._rows = [row for row in self._rows or () if row], None
        if rows:
            columns = max(map(len, rows))
            full = [[*row, *[""] * (columns - len(row))] for row in rows]
            self._done += [table(full[0], full[1:], [1] * columns), paragraph("", "TableText")]
