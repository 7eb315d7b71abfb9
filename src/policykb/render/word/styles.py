"""The styles, the page and the footer of Word documents: what a Chinese office expects."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from policykb.render.word.markup import NAMESPACES, WIDTH, field, paragraph, run

if TYPE_CHECKING:
    from docx.document import Document

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SERIF, _SANS, _SOFT = ("Times New Roman", "宋体"), ("Arial", "黑体"), ("Times New Roman", "楷体")
_RULES = ("top", "left", "bottom", "right", "insideH", "insideV")
_INDENT = 420  # twentieths of a point, two characters of 10.5 points
# Name, fonts, size, space before and after (points), line spacing, bold.
_STYLES = (
    ("Normal", _SERIF, 12, 0, 0, 1.5, False),
    ("Body Text", _SERIF, 12, 0, 0, 1.5, False),
    ("Title", _SANS, 22, 0, 18, 1.2, True),
    ("Heading 1", _SANS, 16, 16, 8, 1.3, True),
    ("Heading 2", _SANS, 14, 14, 6, 1.3, True),
    ("Heading 3", _SANS, 12, 8, 4, 1.3, True),
    ("Heading 4", _SANS, 12, 8, 4, 1.3, False),
    ("Heading 5", _SANS, 12, 6, 2, 1.3, False),
    ("Heading 6", _SANS, 12, 6, 2, 1.3, False),
    ("List Bullet", _SERIF, 12, 0, 0, 1.5, False),
    ("List Number", _SERIF, 12, 0, 0, 1.5, False),
    ("Quote", _SOFT, 12, 0, 0, 1.5, False),
    ("Meta", _SOFT, 10.5, 0, 4, 1.3, False),
    ("Table Text", _SERIF, 9, 1, 1, 1.15, False),
    ("Caption", _SANS, 10.5, 8, 4, 1.2, False),
    ("Figure", _SERIF, 12, 0, 10, 1, False),
    ("Note", _SERIF, 9, 0, 6, 1.3, False),
    ("TOC Heading", _SANS, 16, 12, 6, 1.3, True),
    ("toc 1", _SANS, 11, 4, 2, 1.2, False),
    ("toc 2", _SERIF, 10.5, 1, 1, 1.2, False),
    ("Footer", _SERIF, 9, 0, 0, 1, False),
)


def set_styles(document: Document) -> None:
    """Give the document its styles."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
    from docx.shared import Pt, RGBColor, Twips

    styles: Any = document.styles
    for name, fonts, size, before, after, lines, bold in _STYLES:
        if name not in styles:
            made = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=name.startswith("toc"))
            made.base_style = styles["Normal"]
        style = styles[name]
        style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
        style.font.color.rgb = RGBColor(0, 0, 0)
        _set_fonts(style.element.get_or_add_rPr(), fonts)
        layout = style.paragraph_format
        layout.space_before, layout.space_after, layout.line_spacing = Pt(before), Pt(after), lines
        layout.keep_with_next = name.startswith(("Heading", "Figure", "Meta", "TOC"))
    for name in ("Title", "Caption", "TOC Heading", "Figure"):
        styles[name].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for level in (1, 2):
        tabs, style = styles[f"toc {level}"].paragraph_format.tab_stops, styles[f"toc {level}"]
        tabs.add_tab_stop(Twips(WIDTH), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
        style.element.set(f"{_W}styleId", f"TOC{level}")
        style.paragraph_format.left_indent = Twips(_INDENT * (level - 1))
    styles["Table Text"].paragraph_format.line_spacing = Pt(13)  # whatever fonts a line has
    for rule in styles["Table Grid"].element.iter(*(f"{_W}{side}" for side in _RULES)):
        rule.set(f"{_W}color", "C9D0DA")
    _remove(styles["Title"].element.pPr, "pBdr")
    _remove(styles["TOC Heading"].element.pPr, "outlineLvl")
    _remove(styles["List Number"].element.get_or_add_pPr(), "numPr")  # numbers are text: each list begins at 1
    for name in ("List Number", "Quote"):
        styles[name].paragraph_format.left_indent = Twips(_INDENT)
    styles["List Number"].paragraph_format.first_line_indent = Twips(-_INDENT)
    indent = styles["Body Text"].element.get_or_add_pPr().get_or_add_ind()
    indent.set(f"{_W}firstLineChars", "200")
    indent.set(f"{_W}firstLine", "480")
    defaults = styles.element.find(f"{_W}docDefaults/{_W}rPrDefault/{_W}rPr")
    _set_fonts(defaults, _SERIF)
    for language in defaults.findall(f"{_W}lang"):
        language.set(f"{_W}eastAsia", "zh-CN")


def set_page(document: Document, numbering: str) -> None:
    """A4, and a footer in which {page} and {pages} of ``numbering`` are fields."""
    from docx.oxml import parse_xml
    from docx.shared import Twips

    codes = {"page": "PAGE", "pages": "NUMPAGES"}
    pieces = re.split(r"\{(page|pages)\}", numbering)
    runs = "".join(field(codes[piece]) if number % 2 else run(piece) for number, piece in enumerate(pieces))
    for section in document.sections:
        section.page_width, section.page_height = Twips(11906), Twips(16838)
        section.left_margin = section.right_margin = Twips((11906 - WIDTH) // 2)
        section.top_margin = section.bottom_margin = Twips(1440)
        section.footer.is_linked_to_previous = False
        old = section.footer.paragraphs[0]._p
        new = paragraph(runs, "Footer", '<w:jc w:val="center"/>').replace("<w:p>", f"<w:p {NAMESPACES}>", 1)
        old.getparent().replace(old, parse_xml(new))


def _set_fonts(properties: Any, fonts: tuple[str, str]) -> None:
    named = properties.get_or_add_rFonts()
    named.attrib.clear()  # the theme's fonts would win
    for name in ("ascii", "hAnsi", "cs", "eastAsia"):
        named.set(f"{_W}{name}", fonts[name == "eastAsia"])


def _remove(element: Any, name: str) -> None:
    for child in element.findall(f"{_W}{name}"):
        element.remove(child)
