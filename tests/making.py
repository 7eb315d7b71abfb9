"""Files for the import tests: texts laid out as PDF, Word files, web pages and plain text."""

from __future__ import annotations

import html as html_module
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

REPORT = Path(__file__).parents[2] / "shared/reference/000_b77fbfa45fc7fad5.txt"

# How a line of an official document is placed: (place, text); places are left, indent, center, right.
Placed = tuple[str, str]


def report_or_skip() -> Path:
    if not REPORT.exists():
        pytest.skip("the reference report is not in ../shared/reference")
    return REPORT


def width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in text)


def wrap(text: str, measure: int, first: int = 0) -> list[str]:
    """Cut at ``measure`` half-widths, as a typesetter does: the first line has ``first`` less."""
    lines, line, room = [], "", measure - first
    for piece in re.findall(r"[!-~]+|.", text):
        if width(line + piece) > room and piece not in "，。；：、）》”！？":
            lines.append(line)
            line, room = "", measure
        line += piece
    return [*lines, line]


def physical(document: Iterable[Placed], measure: int = 56) -> list[Placed]:
    """The printed lines of a document whose paragraphs are indented by two characters."""
    lines: list[Placed] = []
    for place, text in document:
        first, *rest = wrap(text, measure, 4 if place == "indent" else 0)
        lines += [(place, first), *(("left" if place == "indent" else place, line) for line in rest)]
    return lines


def as_text(document: Iterable[Placed], measure: int = 56) -> bytes:
    written = []
    for place, text in physical(document, measure):
        room = measure - width(text)
        space = {"left": 0, "indent": 4, "center": max(room // 2, 2), "right": max(room - 4, 2)}[place]
        written.append(" " * space + text)
    return "\n".join(written).encode()


def as_pdf(document: Iterable[Placed], *, head: str = "", per_page: int = 24, measure: int = 56) -> bytes:
    """One line of the file for each printed line, with page numbers as officials print them, and a running head."""
    canvas_module = pytest.importorskip("reportlab.pdfgen.canvas", reason="needs reportlab to make a PDF")
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    out = io.BytesIO()
    canvas = canvas_module.Canvas(out, pagesize=(595, 842), invariant=True)
    size = 440 / measure * 2
    lines = physical(document, measure)
    for number, start in enumerate(range(0, len(lines), per_page), 1):
        canvas.setFont("STSong-Light", 9)
        if head:
            canvas.drawCentredString(297, 815, head)
        canvas.drawCentredString(297, 30, f"— {number} —")
        canvas.setFont("STSong-Light", size)
        for n, (place, text) in enumerate(lines[start : start + per_page]):
            y = 780 - n * 30 * 24 / per_page
            if place == "center":
                canvas.drawCentredString(297, y, text)
            elif place == "right":
                canvas.drawRightString(490, y, text)
            else:
                canvas.drawString(75 + (2 * size if place == "indent" else 0), y, text)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def as_docx(document: Iterable[Placed], tables: Sequence[Sequence[Sequence[str]]] = ()) -> bytes:
    docx = pytest.importorskip("docx", reason="needs python-docx")
    file = docx.Document()
    for place, text in document:
        if place.startswith("h"):
            file.add_heading(text, int(place[1]))
        else:
            file.add_paragraph(text).alignment = {"center": 1, "right": 2}.get(place, 0)
    for rows in tables:
        table = file.add_table(len(rows), len(rows[0]))
        for row, texts in zip(table.rows, rows, strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def page(body: str, *, head: str = "", charset: str = "utf-8", title: str = "文件_某网站") -> bytes:
    """A page of a site, with the navigation that such pages have."""
    text = f"""<!DOCTYPE html><html><head><meta http-equiv="Content-Type" content="text/html; charset={charset}">
<title>{title}</title>{head}<script>var x = "首页";</script><style>p {{}}</style></head><body>
<div class="nav"><a href="/">首页</a> <a href="/zc">政策</a> <a href="/hd">互动</a></div>
<div class="crumbs">当前位置：<a href="/">首页</a> &gt; 政策文件</div>
{body}
<div class="related"><h4>相关阅读</h4><ul><li><a href="/1">一图读懂新政策</a></li></ul></div>
<div class="footer">版权所有：某网站 备案号00000000 <a href="/map">网站地图</a></div></body></html>"""
    return text.encode("gb18030" if charset.lower() in ("gb2312", "gbk") else charset)


def as_html(document: Iterable[Placed], **page_options: str) -> bytes:
    align = {"center": ' style="text-align: center"', "right": ' style="text-align: right"'}
    body = "\n".join(f"<p{align.get(place, '')}>{html_module.escape(text)}</p>" for place, text in document)
    return page(f'<div class="article">{body}</div>', **page_options)


def archive(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in files.items():
            package.writestr(name, data)
    return out.getvalue()


def control_characters(value: object) -> set[str]:
    """Those in all texts of a value and of what it holds."""
    if isinstance(value, str):
        return {char for char in value if unicodedata.category(char) == "Cc"}
    if is_dataclass(value):
        value = [getattr(value, one.name) for one in fields(value)]
    elif isinstance(value, Mapping):
        value = [*value.values()]
    return set[str]().union(*map(control_characters, value)) if isinstance(value, list | tuple) else set()
