"""YAML front matter: where it stands in a text, and its values with their places.

Knows YAML and Markdown files, nothing of policies. Front matter begins in the first line with ``---`` and
ends with a line ``---`` or ``...``; a byte order mark before it is accepted, and LF, CRLF and CR as line
ends. It may hold the data types of JSON, and dates. Other tags, anchors, aliases and merge keys are errors,
so that nothing is executed and nothing grows beyond what stands in the file; length and depth are bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from policykb.errors import DocumentError

if TYPE_CHECKING:
    import yaml

MAX_LENGTH = 64 * 1024  # characters of YAML
MAX_DEPTH = 8  # lists and mappings inside one another, the mapping of all keys included
MAX_NUMBER = 64  # characters of a value that is not text

BREAK = re.compile(r"\r\n|\n|\r")
_OPENING = re.compile(r"\ufeff?---[ \t]*(?:\r\n|\n|\r)")
_CLOSING = re.compile(r"(?<=[\r\n])(?:---|\.\.\.)[ \t]*(?:\r\n|\n|\r|\Z)")
# What YAML does not allow unescaped, and the characters that end a line for YAML but not for an editor.
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
# What people type for "key: value": a full-width colon, or no space.
_BAD_COLON = re.compile(r"(?<=[\r\n])(?P<key>[^\W\d]\w{0,20})(?:：|:(?=[^\s:]))")
_SCALARS = {"str", "int", "float", "bool", "null", "timestamp"}
TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """Places in a text, in characters: the YAML is ``text[start:end]``, the body begins at ``body``."""

    start: int
    end: int
    body: int


@dataclass(frozen=True, slots=True)
class Node:
    """A YAML value: ``tag`` is str, int, float, bool, null, timestamp, seq or map.

    ``text`` is what a scalar says, ``items`` are those of a list, ``pairs`` those of a mapping. ``start`` and
    ``end`` count characters of the whole file, ``line`` its lines from 1. ``style`` is the quote, ``|`` or
    ``>`` of a scalar, ``[`` for a list or mapping in brackets, otherwise empty.
    """

    tag: str
    start: int
    end: int
    line: int
    style: str = ""
    text: str = ""
    items: tuple[Node, ...] = ()
    pairs: tuple[tuple[Node, Node], ...] = ()


def split(text: str) -> FrontMatter:
    """Find the front matter without reading its YAML; raises DocumentError where there is none."""
    opening = _OPENING.match(text)
    if opening is None:
        raise DocumentError("no front matter: the first line must be ---", line=1)
    closing = _CLOSING.search(text, opening.end())
    if closing is None:
        raise DocumentError("the front matter does not end: put a line --- after it", line=1)
    if closing.start() - opening.end() > MAX_LENGTH:
        raise DocumentError(f"the front matter is longer than {MAX_LENGTH} characters", line=1)
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
        raise DocumentError(f"a value of more than {MAX_NUMBER} characters must be quoted", line=node.line)
    try:
        return yaml.constructor.SafeConstructor().construct_object(
            yaml.ScalarNode(TAG + node.tag, node.text, None, None)
        )
    except (ValueError, LookupError, AttributeError, OverflowError, yaml.YAMLError):
        # What PyYAML's constructors raise for a text that only looks like, or is only tagged as, the type.
        raise DocumentError(f"{node.text!r} is not a valid {node.tag}", line=node.line) from None


def _root(text: str) -> Node | None:
    front = split(text)
    source = text[front.start : front.end]
    if bad := UNWRITABLE.search(source):
        line = line_of(text, front.start + bad.start())
        problem = f"the character U+{ord(bad[0]):04X} is not allowed in front matter; remove it"
        raise DocumentError(problem, line=line, key=_key_at(text, line))
    import yaml

    builder = _Builder(source, front.start)
    try:
        root = builder.document()
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(text, front, error) from None
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # \UFFFFFFFF, in the parser without libyaml
        raise DocumentError(f"not YAML: {error}", line=1) from None
    except DocumentError as error:
        error.key = error.key or _key_at(text, error.line or 1)
        raise
    if root is not None and root.tag != "map":
        raise DocumentError("the front matter is not made of lines like 'key: value'", line=root.line)
    return root


def _syntax_error(text: str, front: FrontMatter, error: yaml.MarkedYAMLError) -> DocumentError:
    if slip := _BAD_COLON.search(text, front.start, front.end):
        line = line_of(text, slip.start())
        return DocumentError("after a key comes a colon (:) and a space", line=line, key=slip["key"])
    # A quote or bracket that stays open is noticed far below the place where it began.
    begun = re.search("quoted|flow|simple key", error.context or "")
    mark = begun and error.context_mark or error.problem_mark
    line = mark.line + 2 if mark else 1
    advice = "put quotes around text with special characters"
    return DocumentError(f"not YAML: {error.problem}; {advice}", line=line, key=_key_at(text, line))


def _key_at(text: str, line: int) -> str | None:
    """The key at the margin in this line or the nearest above: a good guess where YAML is broken."""
    for candidate in reversed(BREAK.split(text)[1:line]):
        if match := re.match(r"([^\s#:'\"-][^:]{0,60}?)\s*:", candidate):
            return match[1]
    return None


class _Builder:
    """Nodes from the events of a YAML parser, which refuses forbidden things before it reads any further."""

    def __init__(self, source: str, offset: int) -> None:
        import yaml

        self.yaml = yaml
        self.source = source
        self.offset = offset  # of the source in the file
        self.parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(source)

    def document(self) -> Node | None:
        try:
            self.parser.get_event()  # the stream begins
            if self.parser.check_event(self.yaml.StreamEndEvent):
                return None
            self.parser.get_event()  # the document begins
            root = self.node(self.parser.get_event(), 1)
            self.parser.get_event()  # the document ends
            if not self.parser.check_event(self.yaml.StreamEndEvent):
                line = self.parser.peek_event().start_mark.line + 2
                raise DocumentError("a second YAML document begins inside the front matter", line=line)
            return root
        finally:
            self.parser.dispose()

    def node(self, event: Any, depth: int) -> Node:
        yaml, begin, line = self.yaml, event.start_mark.index, event.start_mark.line + 2
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            problem = "anchors and aliases (& and *) are not allowed; put quotes around text that begins so"
            raise DocumentError(problem, line=line)
        if isinstance(event, yaml.ScalarEvent):
            end = event.end_mark.index
            if re.search("[\ud800-\udfff]", event.value):
                raise DocumentError("half of a character (a surrogate) is not allowed", line=line)
            if event.style in ("|", ">"):  # their end mark stands behind the blank lines that follow
                end = begin + len(self.source[begin:end].rstrip(" \t\r\n"))
            tag = self.tag(event, line)
            style = event.style or ""
            return Node(tag, begin + self.offset, end + self.offset, line, style, event.value)
        if depth > MAX_DEPTH:
            raise DocumentError(f"lists and mappings more than {MAX_DEPTH} deep are not allowed", line=line)
        items: tuple[Node, ...] = ()
        pairs: tuple[tuple[Node, Node], ...] = ()
        if isinstance(event, yaml.SequenceStartEvent):
            tag, last = "seq", yaml.SequenceEndEvent
            items = tuple(self.children(last, depth))
        else:
            tag, last = "map", yaml.MappingEndEvent
            pairs = tuple(self.pairs(last, depth))
        if event.tag not in (None, "!", TAG + tag):
            raise DocumentError(f"the YAML tag {event.tag} is not allowed", line=line)
        closing = self.parser.get_event()
        # The end mark of what is written without brackets stands at the next key, comments later.
        inner = items[-1:] or pairs[-1][1:] if items or pairs else ()
        end = closing.end_mark.index + self.offset if event.flow_style or not inner else inner[-1].end
        return Node(tag, begin + self.offset, end, line, "[" if event.flow_style else "", "", items, pairs)

    def children(self, last: type, depth: int) -> Iterator[Node]:
        while not self.parser.check_event(last):
            yield self.node(self.parser.get_event(), depth + 1)

    def pairs(self, last: type, depth: int) -> Iterator[tuple[Node, Node]]:
        seen: dict[str, int] = {}
        for key in (nodes := self.children(last, depth)):
            if key.tag != "str":
                what = key.text if key.tag in _SCALARS else "a list or mapping"
                raise DocumentError(f"the key {what!r} is not text; put quotes around it", line=key.line)
            if key.text in seen:
                problem = f"stands twice: in line {seen[key.text]} already"
                raise DocumentError(problem, line=key.line, key=key.text)
            seen[key.text] = key.line
            yield key, next(nodes)

    def tag(self, event: Any, line: int) -> str:
        if event.tag not in (None, "!"):
            tag = str(event.tag).removeprefix(TAG)
            if tag not in _SCALARS:
                raise DocumentError(f"the YAML tag {event.tag} is not allowed", line=line)
            return tag
        if not event.implicit[0]:  # quoted
            return "str"
        tag = str(self.parser.resolve(self.yaml.ScalarNode, event.value, event.implicit)).removeprefix(TAG)
        if tag == "merge":
            raise DocumentError("merge keys (<<) are not allowed", line=line)
        return tag if tag in _SCALARS else "str"  # a plain = has a type of its own
