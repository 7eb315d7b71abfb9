"""YAML front matter: where it stands in a text, and its values with their places.

Knows YAML and Markdown files, nothing of policies. Front matter begins in the first line with ``---`` and
ends with a line ``---`` or ``...``; a byte order mark before it is accepted, and LF, CRLF and CR as line
ends. It may hold what `policykb.corpus.yaml_nodes` reads, and its length is bounded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from policykb.corpus.yaml_nodes import TAG, Builder, Node
from policykb.errors import DocumentError
from policykb.i18n import _

if TYPE_CHECKING:
    import yaml

MAX_LENGTH = 64 * 1024  # characters of YAML
MAX_NUMBER = 64  # characters of a value that is not text

BREAK = re.compile(r"\r\n|\n|\r")
_OPENING = re.compile(r"\ufeff?---[ \t]*(?:\r\n|\n|\r)")
_CLOSING = re.compile(r"(?<=[\r\n])(?:---|\.\.\.)[ \t]*(?:\r\n|\n|\r|\Z)")
# What YAML does not allow unescaped, and the characters that end a line for YAML but not for an editor.
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
# What people type for "key: value": a full-width colon, or no space.
_BAD_COLON = re.compile(r"(?<=[\r\n])(?P<key>[^\W\d]\w{0,20})(?:：|:(?=[^\s:]))")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """Places in a text, in characters: the YAML is ``text[start:end]``, the body begins at ``body``."""

    start: int
    end: int
    body: int


def split(text: str) -> FrontMatter:
    """Find the front matter without reading its YAML; raises DocumentError where there is none."""
    opening = _OPENING.match(text)
    if opening is None:
        raise DocumentError(_("no front matter: the first line must be ---"), line=1)
    closing = _CLOSING.search(text, opening.end())
    if closing is None:
        raise DocumentError(_("the front matter does not end: put a line --- after it"), line=1)
    if closing.start() - opening.end() > MAX_LENGTH:
        raise DocumentError(_("the front matter is longer than {number} characters").format(number=MAX_LENGTH), line=1)
    return FrontMatter(opening.end(), closing.start(), closing.end())


def line_of(text: str, position: int) -> int:
    """The line, from 1, in which the character at ``position`` stands."""
    return 1 + sum(1 for _ in BREAK.finditer(text, 0, position))


def read(text: str) -> list[tuple[Node, Node]]:
    """The keys and values of the front matter, in order; raises DocumentError with line and key."""
    root = _root(text)
    return list(root.pairs) if root else []


def data(node: Node) -> Any:
    """The value as plain data; raises DocumentError for one that its type does not have (2024-02-30)."""
    if node.tag == "seq":
        return [data(item) for item in node.items]
    if node.tag == "map":
        return {key.text: data(value) for key, value in node.pairs}
    if node.tag == "str":
        return node.text
    import yaml

    if len(node.text) > MAX_NUMBER:
        raise DocumentError(
            _("a value of more than {number} characters must be quoted").format(number=MAX_NUMBER),
            line=node.line,
        )
    try:
        return yaml.constructor.SafeConstructor().construct_object(
            yaml.ScalarNode(TAG + node.tag, node.text, None, None)
        )
    except (ValueError, LookupError, AttributeError, OverflowError, yaml.YAMLError):
        # What PyYAML's constructors raise for a text that only looks like, or is only tagged as, the type.
        raise DocumentError(
            _("{text!r} is not a valid {tag}").format(text=node.text, tag=node.tag), line=node.line
        ) from None


def _root(text: str) -> Node | None:
    front = split(text)
    source = text[front.start : front.end]
    if bad := UNWRITABLE.search(source):
        line = line_of(text, front.start + bad.start())
        problem = _("the character U+{ord:04X} is not allowed in front matter; remove it").format(ord=ord(bad[0]))
        raise DocumentError(problem, line=line, key=_key_at(text, line))
    import yaml

    builder = Builder(source, front.start)
    try:
        root = builder.document()
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(text, front, error) from None
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # \UFFFFFFFF, in the parser without libyaml
        raise DocumentError(_("not YAML: {error}").format(error=error), line=1) from None
    except DocumentError as error:
        error.key = error.key or _key_at(text, error.line or 1)
        raise
    if root is not None and root.tag != "map":
        raise DocumentError(_("the front matter is not made of lines like 'key: value'"), line=root.line)
    return root


def _syntax_error(text: str, front: FrontMatter, error: yaml.MarkedYAMLError) -> DocumentError:
    if slip := _BAD_COLON.search(text, front.start, front.end):
        line = line_of(text, slip.start())
        return DocumentError(_("after a key comes a colon (:) and a space"), line=line, key=slip["key"])
    # A quote or bracket that stays open is noticed far below the place where it began.
    begun = re.search("quoted|flow|simple key", error.context or "")
    mark = begun and error.context_mark or error.problem_mark
    line = mark.line + 2 if mark else 1
    advice = _("put quotes around text with special characters")
    return DocumentError(
        _("not YAML: {problem}; {advice}").format(problem=error.problem, advice=advice),
        line=line,
        key=_key_at(text, line),
    )


def _key_at(text: str, line: int) -> str | None:
    """The key at the margin in this line or the nearest above: a good guess where YAML is broken."""
    for candidate in reversed(BREAK.split(text)[1:line]):
        if match := re.match(r"([^\s#:'\"-][^:]{0,60}?)\s*:", candidate):
            return match[1]
    return None
