"""A saved web page -> its article as lines, complete, with what surrounds it apart.

trafilatura tells what the article is, but drops short lines and repeated ones from it. So the smallest element that
holds what it found is looked for, and that element's text is taken whole.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from policykb.domain.spacing import join_lines
from policykb.errors import MissingExtraError, SourceError
from policykb.i18n import _
from policykb.importing.formats.source import Source
from policykb.importing.paragraphs import INVISIBLE, SENTENCE_END, Line, without_space

_UNSEEN = ("script", "style", "noscript", "template", "svg", "select", "button", "textarea", "iframe", "object", "head")
_BLOCKS = frozenset(
    ["address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details", "dialog", "div"]
    + ["dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header"]
    + ["hr", "html", "legend", "li", "main", "menu", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody"]
    + ["td", "tfoot", "th", "thead", "title", "tr", "ucapcontent", "ul"]
)
_MOST_OF_IT = 0.8  # of what trafilatura found, by characters
_MANY_BLOCKS, _MANY_ELEMENTS = (
    4000,
    20_000,
)  # more than trafilatura, which takes their square, is asked about
_TELLING = 20  # characters from which a line's presence in trafilatura's text is no coincidence
_LONGEST_CELL = 3000  # a cell with more is part of the page's layout
_BESIDE = re.compile(
    r"(?<![a-z])(?:nav|navbar|navigation|foot|footer|copyright|crumbs?|breadcrumbs?|share|related|sidebar|toolbar|menu)(?![a-z])",
    re.IGNORECASE,
)
_MOST_ATTRIBUTES = 1000
_MOST_CELLS = 1_000_000  # of one table, those that its cells reach over counted
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_LONG_TAG = re.compile(rf"<[a-z](?:[^\"'<>]|{_QUOTED.pattern}){{{2 * _MOST_ATTRIBUTES},}}+", re.IGNORECASE)
_PROLOG = re.compile(r"\s*<\?xml[^>]*>")
_WIDE_INDENT = ("\u3000", "\xa0\xa0")


class _PageLine(NamedTuple):
    """What becomes a line, with the element it stands in."""

    text: str
    element: Any
    level: int = 0
    cells: tuple[str, ...] = ()
    indented: bool = False


def read_html(content: str) -> Source:
    """The article of a web page; ``meta`` are its ``<meta>`` tags and ``<title>`` by lower-case name."""
    try:
        import trafilatura
    except ImportError as error:
        raise MissingExtraError(_("reading web pages"), "import") from error
    content = _PROLOG.sub("", content, count=1)
    tree = _tree(content)
    meta = _metadata(tree)
    _strip(tree)
    blocks = list(_blocks(tree))
    found = None
    if len(blocks) <= _MANY_BLOCKS and sum(1 for _element in tree.iter()) <= _MANY_ELEMENTS:
        logging.getLogger("trafilatura").addHandler(logging.NullHandler())
        found = trafilatura.bare_extraction(
            content, favor_recall=True, include_tables=True, include_comments=False, deduplicate=False
        )
    inside = _inside(blocks, _pieces((getattr(found, "text", None) or "").split("\n")), tree)
    lines = _numbered(blocks)
    within = [line for line, main in zip(lines, inside, strict=True) if main]
    return Source("html", within, meta, [line for line, main in zip(lines, inside, strict=True) if not main])


def read_whole(content: str) -> list[Line]:
    """All lines of a web page that is part of a document: nothing in it is navigation."""
    tree = _tree(content)
    _strip(tree)
    return _numbered(_blocks(tree))


def _tree(content: str) -> Any:
    """The element tree of a page. Raises SourceError for what is none, MissingExtraError where lxml is missing."""
    try:
        from lxml import etree
        from lxml import html as lxml_html
    except ImportError as error:
        raise MissingExtraError(_("reading web pages"), "import") from error
    if any(len(_QUOTED.sub(" ", tag[0]).split()) > _MOST_ATTRIBUTES for tag in _LONG_TAG.finditer(content)):
        problem = _("has a tag with more than {most:,} attributes: that is no document")
        raise SourceError(problem.format(most=_MOST_ATTRIBUTES))
    try:
        return lxml_html.document_fromstring(_PROLOG.sub("", content, count=1))
    except (etree.ParserError, ValueError) as error:
        raise SourceError(_("has no text: it is a web page without content")) from error


def _strip(tree: Any) -> None:
    from lxml import etree

    etree.strip_elements(tree, *_UNSEEN, etree.Comment, etree.ProcessingInstruction, with_tail=False)


def _numbered(blocks: Iterable[_PageLine]) -> list[Line]:
    return [
        Line(block.text, number, level=block.level, cells=block.cells, indented=block.indented)
        for number, block in enumerate(blocks, 1)
    ]


def _metadata(tree: Any) -> dict[str, str]:
    meta: dict[str, str] = {}
    for tag in tree.iter("meta"):
        name, value = tag.get("name") or tag.get("property"), INVISIBLE.sub("", tag.get("content") or "").strip()
        if name and value:
            meta.setdefault(name.strip().lower(), value)
    title = tree.find(".//title")
    if title is not None and (text := join_lines((title.text or "").split("\n"))):
        meta.setdefault("title", INVISIBLE.sub("", text))
    return meta


def _pieces(texts: Iterable[str]) -> set[str]:
    """Texts, and the cells of those that are table rows (between tabs, or bars as trafilatura writes them)."""
    pieces = (piece for text in texts for piece in (text, *re.split(r"[|\t\n]", text)))
    return {shown for piece in pieces if len(shown := without_space(piece)) >= _TELLING}


def _inside(blocks: list[_PageLine], found: set[str], tree: Any) -> list[bool]:
    """For each block, whether it belongs to the article; all do where trafilatura found none."""
    sizes = [len(without_space(block.text)) for block in blocks]
    # What is a sentence and stands in nothing that is navigation by its name is text, whatever trafilatura says: it
    # takes the cell of a table that lays out the page for data.
    known = [not found.isdisjoint(_pieces([block.text])) or bool(found and _is_sentence(block)) for block in blocks]
    held = _held(blocks, sizes, known)
    whole = held[tree]
    by_name = (element for element in tree.iter() if _is_beside(element) and held[element] <= whole / 2)
    beside = {member for element in by_name for member in element.iter()}
    known = [is_known and block.element not in beside for block, is_known in zip(blocks, known, strict=True)]
    held = _held(blocks, sizes, known)
    if not held:
        return [block.element not in beside for block in blocks]
    main, enough = tree, _MOST_OF_IT * held[tree]
    while (smaller := next((child for child in main if held[child] >= enough), None)) is not None:
        main = smaller
    members = set(main.iter()) - beside
    return [is_known or block.element in members for block, is_known in zip(blocks, known, strict=True)]


def _is_sentence(block: _PageLine) -> bool:
    return len(block.text) >= _TELLING and bool(SENTENCE_END.search(block.text))


def _held(blocks: list[_PageLine], sizes: list[int], known: list[bool]) -> Counter[Any]:
    """For each element, the characters of known blocks in it."""
    held: Counter[Any] = Counter()
    for block, size, is_known in zip(blocks, sizes, known, strict=True):
        if is_known:
            for element in (block.element, *block.element.iterancestors()):
                held[element] += size
    return held


def _is_beside(element: Any) -> bool:
    """Whether an element is navigation and the like by its name."""
    names = f"{element.get('id') or ''} {element.get('class') or ''} {element.get('role') or ''}"
    return element.tag in ("nav", "footer", "aside") or bool(_BESIDE.search(names))


def _blocks(root: Any) -> Iterator[_PageLine]:
    from lxml import etree

    written: list[str] = []
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        is_block = element.tag in _BLOCKS or element is root
        if is_block:
            around = element if event == "end" else element.getparent()
            if around is not None:
                yield from _lines_of("".join(written), around)
            written.clear()
        if event == "start":
            if element.tag == "table" and element is not root and (rows := _rows(element)):
                yield from rows
                walk.skip_subtree()
            elif not _is_hidden(element) or element is root:
                written.append(element.text or "")
            else:
                walk.skip_subtree()
        elif element is not root:
            written.append(element.tail or "")


def _is_hidden(element: Any) -> bool:
    return "hidden" in element.attrib or "display:none" in (element.get("style") or "").replace(" ", "").lower()


def _lines_of(written: str, element: Any) -> Iterator[_PageLine]:
    level = int(element.tag[1]) if re.fullmatch("h[1-6]", str(element.tag)) else 0
    verbatim = any(ancestor.tag == "pre" for ancestor in (element, *element.iterancestors()))
    for part in written.split("\n") if verbatim else [written]:
        clean = INVISIBLE.sub("", part)
        if text := join_lines(clean.split("\n")):
            yield _PageLine(text, element, level, indented=clean.lstrip("\r\n\t ").startswith(_WIDE_INDENT))


def _rows(table: Any) -> list[_PageLine]:
    """The rows of a table that holds data; none for one that lays out the page."""
    if table.find(".//table") is not None:
        return []
    rows: list[_PageLine] = []
    reached = 0
    spans: dict[int, int] = {}  # column -> rows that a cell above still reaches into
    for row in table.iter("tr"):
        cells: list[str] = []
        for cell in (*row.iterchildren("td", "th"), None):  # and after the last one
            while spans.get(len(cells), 0):
                spans[len(cells)] -= 1
                cells.append("")
            if cell is not None:
                text = "\n".join(block.text for block in _blocks(cell))
                width, height = _span(cell, "colspan"), _span(cell, "rowspan")
                spans.update(dict.fromkeys(range(len(cells), len(cells) + width), height - 1))
                cells += [text, *[""] * (width - 1)]
            if reached + len(cells) > _MOST_CELLS:
                problem = _("has a table with more than {most:,} cells: that is no document")
                raise SourceError(problem.format(most=_MOST_CELLS))
        reached += len(cells)
        if without_space("".join(cells)):
            rows.append(_PageLine("\t".join(cells), table, cells=tuple(cells)))
    widest = max((sum(map(bool, row.cells)) for row in rows), default=0)
    longest = max((len(cell) for row in rows for cell in row.cells), default=0)
    return rows if widest > 1 and longest <= _LONGEST_CELL else []


def _span(cell: Any, attribute: str) -> int:
    value = cell.get(attribute) or ""
    return min(max(int(value), 1), 100) if value.isascii() and value.isdigit() and len(value) < 5 else 1
