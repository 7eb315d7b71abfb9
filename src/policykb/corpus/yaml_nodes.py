"""YAML as nodes that know their places in a file: of the data types of JSON, and dates.

Other tags, anchors, aliases and merge keys are errors, so that nothing is executed and nothing grows beyond what
stands in the file; depth is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from policykb.errors import DocumentError
from policykb.i18n import _

MAX_DEPTH = 8  # lists and mappings inside one another, the mapping of all keys included

TAG = "tag:yaml.org,2002:"
_SCALARS = {"str", "int", "float", "bool", "null", "timestamp"}


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


class Builder:
    """Nodes from the events of a YAML parser, which refuses forbidden things before it reads any further."""

    def __init__(self, source: str, offset: int) -> None:
        import yaml

        self.yaml = yaml
        self.source = source
        self.offset = offset  # of the source in the file
        self.parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(source)

    def document(self) -> Node | None:
        """The one document of the source, None where it has none. Raises `DocumentError` with the line."""
        try:
            self.parser.get_event()  # the stream begins
            if self.parser.check_event(self.yaml.StreamEndEvent):
                return None
            self.parser.get_event()  # the document begins
            root = self.node(self.parser.get_event(), 1)
            self.parser.get_event()  # the document ends
            if not self.parser.check_event(self.yaml.StreamEndEvent):
                line = self.parser.peek_event().start_mark.line + 2
                raise DocumentError(_("a second YAML document begins inside the front matter"), line=line)
            return root
        finally:
            self.parser.dispose()

    def node(self, event: Any, depth: int) -> Node:
        """The node that begins with ``event``, with all that it holds; ``depth`` is 1 at the top."""
        yaml, begin, line = self.yaml, event.start_mark.index, event.start_mark.line + 2
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            problem = _("anchors and aliases (& and *) are not allowed; put quotes around text that begins so")
            raise DocumentError(problem, line=line)
        if isinstance(event, yaml.ScalarEvent):
            end = event.end_mark.index
            if re.search("[\ud800-\udfff]", event.value):
                raise DocumentError(_("half of a character (a surrogate) is not allowed"), line=line)
            if event.style in ("|", ">"):  # their end mark stands behind the blank lines that follow
                end = begin + len(self.source[begin:end].rstrip(" \t\r\n"))
            tag = self.tag(event, line)
            style = event.style or ""
            return Node(tag, begin + self.offset, end + self.offset, line, style, event.value)
        if depth > MAX_DEPTH:
            raise DocumentError(
                _("lists and mappings more than {number} deep are not allowed").format(number=MAX_DEPTH),
                line=line,
            )
        items: tuple[Node, ...] = ()
        pairs: tuple[tuple[Node, Node], ...] = ()
        if isinstance(event, yaml.SequenceStartEvent):
            tag, last = "seq", yaml.SequenceEndEvent
            items = tuple(self.children(last, depth))
        else:
            tag, last = "map", yaml.MappingEndEvent
            pairs = tuple(self.pairs(last, depth))
        if event.tag not in (None, "!", TAG + tag):
            raise DocumentError(_("the YAML tag {tag} is not allowed").format(tag=event.tag), line=line)
        closing = self.parser.get_event()
        # The end mark of what is written without brackets stands at the next key, comments later.
        inner = items[-1:] or pairs[-1][1:] if items or pairs else ()
        end = closing.end_mark.index + self.offset if event.flow_style or not inner else inner[-1].end
        return Node(tag, begin + self.offset, end, line, "[" if event.flow_style else "", "", items, pairs)

    def children(self, last: type, depth: int) -> Iterator[Node]:
        """The nodes up to the event ``last``."""
        while not self.parser.check_event(last):
            yield self.node(self.parser.get_event(), depth + 1)

    def pairs(self, last: type, depth: int) -> Iterator[tuple[Node, Node]]:
        """Keys, each a text and none twice, with their values, up to the event ``last``."""
        seen: dict[str, int] = {}
        for key in (nodes := self.children(last, depth)):
            if key.tag != "str":
                what = key.text if key.tag in _SCALARS else _("a list or mapping")
                raise DocumentError(
                    _("the key {what!r} is not text; put quotes around it").format(what=what), line=key.line
                )
            if key.text in seen:
                problem = _("stands twice: in line {seen} already").format(seen=seen[key.text])
                raise DocumentError(problem, line=key.line, key=key.text)
            seen[key.text] = key.line
            yield key, next(nodes)

    def tag(self, event: Any, line: int) -> str:
        """The type of a scalar by its tag, or by how it is written: ``str``, ``int`` ..."""
        if event.tag not in (None, "!"):
            tag = str(event.tag).removeprefix(TAG)
            if tag not in _SCALARS:
                raise DocumentError(_("the YAML tag {tag} is not allowed").format(tag=event.tag), line=line)
            return tag
        if not event.implicit[0]:  # quoted
            return "str"
        tag = str(self.parser.resolve(self.yaml.ScalarNode, event.value, event.implicit)).removeprefix(TAG)
        if tag == "merge":
            raise DocumentError(_("merge keys (<<) are not allowed"), line=line)
        return tag if tag in _SCALARS else "str"  # a plain = has a type of its own
