"""The Markdown body of an entry as HTML or Markdown that can stand inside another document.

Nothing in it can become markup of its own: HTML is cleaned after the conversion, and in Markdown everything
that a renderer could take for HTML, or for a link that runs something, is defused. Headings are moved below
those of the document.
"""

from __future__ import annotations

import html as entities
import re
from functools import cache
from typing import TYPE_CHECKING

import nh3

from policykb.text.articles import FEWEST, NAME, OPENING, begins

if TYPE_CHECKING:
    from markdown import Markdown

_TAGS = {"p", "ul", "ol", "li", "strong", "em", "del", "sup", "sub", "a", "br", *(f"h{n}" for n in range(1, 7))}
_TAGS |= {"code", "pre", "blockquote", "hr", "table", "thead", "tbody", "tr", "th", "td"}
_SCHEMES = ("http", "https", "mailto")
# Characters, beginnings and ends of lines that are more than plain text, or could be.
_ODD = re.compile(
    r"[\\`*_\[\]<>&|~!+={}\t\r\x00-\x08\x0b-\x1f\u0085\u2028\u2029]|--"
    r"|^(?:[-#]+ )?[^\S\n]|^(?:- )?(?:\d+[.)]|:|- -)|^-\S|[^\S\n]$|#$",
    re.M,
)
_BARE = re.compile(r"^[^\w|\n]+$", re.M)  # a line of marks: -, ---, #, =
_ARTICLE = re.compile(rf"<(?P<tag>p|li|h[1-6])>(?P<before>\s*(?:<strong>)?){OPENING}")
_OPEN = 30  # in a paragraph, brackets that nothing closes, or lines of marks
_ITEM = r"(?:[-*+]|\d{1,9}[.)])[ \t]"


def to_html(body: str, *, level: int) -> str:
    """The body as clean HTML whose highest heading is of ``level``."""
    spaced = _bounded(_spaced(_nested(body)))
    try:
        converted = _simple(spaced) or _converter().reset().convert(spaced)
    except RecursionError:  # thousands of nested quotes or brackets
        converted = f"<pre>{entities.escape(body)}</pre>"
    cleaned = nh3.clean(
        converted,
        tags=_TAGS,
        attributes={"a": {"href", "title"}},
        url_schemes=set(_SCHEMES),
        link_rel="noopener noreferrer",
    )
    shift = level - min((int(n) for n in re.findall("<h([1-6])>", cleaned)), default=level)
    return re.sub("(</?h)([1-6])>", lambda m: f"{m[1]}{max(1, min(6, int(m[2]) + shift))}>", cleaned)


def with_anchors(html: str) -> str:
    """HTML of a body in which the paragraph, or heading, that begins an article has its name as its id."""
    last, seen = 0, set()

    def named(match: re.Match[str]) -> str:
        nonlocal last
        number = begins(match, last)
        if not number or match["name"] in seen:
            return match[0]
        last = number
        seen.add(match["name"])
        return f'<{match["tag"]} id="{match["name"]}">{match["before"]}{match["name"]}{match["cited"] or ""}'

    anchored = _ARTICLE.sub(named, html)
    return anchored if len(seen) >= FEWEST else html


def to_markdown(body: str, *, level: int) -> str:
    """The body as Markdown without HTML whose highest heading is of ``level``."""
    text = re.sub(r"<(?=[A-Za-z/!?])", "&lt;", body.replace("\r\n", "\n").replace("\x00", ""))
    text = re.sub(r"(\]\(\s*|^\s{0,3}\[[^\]\n]*\]:\s*)([^\s)]*)", _safe_link, text, flags=re.M)
    lines, fence = [], ""
    for line in _spaced(text).strip("\n").split("\n"):
        if mark := re.match(r" {0,3}(```|~~~)", line):
            fence = "" if fence == mark[1] else fence or mark[1]
        lines.append((line.rstrip(), None if fence else re.match(r" {0,3}(#{1,6})(?=\s|$)", line)))
    shift = level - min((len(m[1]) for _, m in lines if m), default=level)
    deeper = ("#" * max(1, min(6, len(m[1]) + shift)) + line[m.end() :] if m else line for line, m in lines)
    return re.sub("\n{3,}", "\n\n", "\n".join(deeper))


def to_text(body: str) -> str:
    """The body without any markup, one paragraph or list item a line."""
    text = re.sub("<[^>]*>", "", re.sub("</(?:p|li|h[1-6]|tr)>|<br>", "\n", to_html(body, level=1)))
    return "\n".join(line for line in map(str.strip, entities.unescape(text).split("\n")) if line)


def summary(body: str) -> str:
    """The first paragraph of the body, or else its first list item, as Markdown on one line."""
    blocks = re.split(r"\n\s*\n", body.strip())
    for block in blocks:
        if not re.match(rf"\s*(?:#|>|\||```|~~~|{_ITEM})", block):
            return " ".join(block.split())
    item = re.search(rf"^[ \t]*{_ITEM}(.*)", body, re.M)
    return " ".join(item[1].split()) if item else ""


def escape(text: object) -> str:
    """Plain text as Markdown that shows exactly that, on one line."""
    line = re.sub(r"[\t-\r ]+", " ", str(text)).replace("&", "&amp;").replace("<", "&lt;")
    line = re.sub(r"([\\`*_\[\]|~]|^[#>+-](?=\s))", r"\\\1", line)
    return re.sub(r"^(\d+)([.)])(?=\s)", r"\1\\\2", line)  # a backslash before a digit would be shown


@cache
def _converter() -> Markdown:
    from markdown import Markdown

    return Markdown(extensions=["tables", "sane_lists", "fenced_code"])


def _simple(body: str) -> str:
    """What Markdown makes of headings, paragraphs and flat lists of plain text, twenty times as fast.

    Empty when anything in the body could mean something else.
    """
    if not body.strip("\n") or _ODD.search(body):
        return ""
    blocks, before = [], ""
    for block in re.split("\n{2,}", body.strip("\n")):
        lines = block.split("\n")
        if heading := re.fullmatch(r"(#{1,6}) ([^#\n]+)", block):
            level = len(heading[1])
            blocks.append(f"<h{level}>{heading[2]}</h{level}>")
        elif "#" in block:
            return ""
        elif all(line.startswith("- ") for line in lines) and not before.startswith("- "):
            blocks.append("\n".join(["<ul>", *(f"<li>{line[2:]}</li>" for line in lines), "</ul>"]))
        elif not any(line.startswith("-") for line in lines):
            blocks.append(f"<p>{block}</p>")
        else:
            return ""
        before = block
    return "\n".join(blocks)


def _spaced(body: str) -> str:
    """Python-Markdown takes lines such as "- this" for a list only after an empty line; people do not.

    Nor do they for an article.
    """
    body = re.sub(rf"(?<=\S)\n(?=[ \t　]*(?:\*\*)?{NAME.pattern}(?:\*\*)?[ \t　])", "\n\n", body)
    return re.sub(rf"^(?![ \t]*{_ITEM})(\S.*)\n(?={_ITEM})", r"\1\n\n", body, flags=re.M)


def _nested(body: str) -> str:
    """Python-Markdown takes an item for one inside another only with four spaces before it; people write two."""
    if not re.search(rf"^ {{2,3}}{_ITEM}", body, re.M):
        return body
    lines, inside = [], False
    for line in body.split("\n"):
        if inside and re.match(rf" {{2,3}}{_ITEM}", line):
            line = f"    {line.lstrip()}"
        elif line.strip() and not line.startswith(" "):
            inside = bool(re.match(_ITEM, line))
        lines.append(line)
    return "\n".join(lines)


def _bounded(body: str) -> str:
    """Python-Markdown takes quadratic time for what nothing closes and lines of marks: such paragraphs are plain."""
    if body.count("[") + body.count("<") <= _OPEN and len(_BARE.findall(body)) <= _OPEN:
        return body
    blocks = re.split("(\n{2,})", body)
    for number, block in enumerate(blocks):
        opened = [block.count(a) for a in ("[", "](", "<")]
        closed = [block.count(b) for b in ("]", ")", ">")]
        unclosed = max(a - b for a, b in zip(opened, closed, strict=True))
        if max(unclosed, len(_BARE.findall(block))) > _OPEN or max(opened) > 10 * _OPEN:
            blocks[number] = f"\n\n<p>{entities.escape(block, quote=False)}</p>\n\n"
    return "".join(blocks)


def _safe_link(match: re.Match[str]) -> str:
    target = re.sub(r"[\s\\\x00-\x1f]", "", entities.unescape(match[2])).lstrip("<")
    scheme, colon, _ = target.partition(":")
    return match[0] if not colon or scheme.lower() in _SCHEMES else match[1] + "#"
