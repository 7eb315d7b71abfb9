"""YAML written as a person writes front matter, and single keys changed without touching anything else.

A round trip through a YAML library moves comments and quotes about; here only the lines of the changed keys
are written anew, and what came out is read again before it is handed back.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeGuard

from policykb.corpus.frontmatter import BREAK, UNWRITABLE, data, read, split
from policykb.corpus.yaml_nodes import TAG
from policykb.errors import DocumentError
from policykb.i18n import _

if TYPE_CHECKING:
    from policykb.corpus.yaml_nodes import Node

MAX_KEY = 1000  # characters; YAML itself gives up on a key at 1024

_LINE_END = re.compile(r"\r\n|\n|\r|\Z")
_ITEM = re.compile(r"[ \t]*-[ \t]+")

Cut = tuple[int, int, str]  # text[start:end] is replaced by the string


def inline(value: object, *, flow: bool = True, quote: str = "") -> str:
    """Plain data as YAML on one line; text is quoted with ``quote``, or, where that is empty, if it must be.

    ``flow`` says that the place is inside brackets. Raises DocumentError for what front matter cannot hold.
    """
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return _text(value, flow, quote)
        case float():
            written = repr(value)
            if written[-3:] in ("inf", "nan"):
                return f"{written[:-3]}.{written[-3:]}"
            return written if "." in written else written.replace("e", ".0e")
        case datetime():
            return value.isoformat(" ")
        case int() | date():
            return str(value)
        case Mapping():
            return "{" + ", ".join(f"{_key(key)}: {inline(item)}" for key, item in value.items()) + "}"
    if _is_list(value):
        return "[" + ", ".join(map(inline, value)) + "]"
    raise DocumentError(_("front matter cannot hold a {name}").format(name=type(value).__name__))


def lines(key: str, value: object, *, indent: str = "", item: str = "  - ", eol: str = "\n") -> str:
    """The lines of one key; each item of a list stands on its own line, behind ``item``."""
    if _is_list(value) and value and item:
        return f"{indent}{_key(key)}:{eol}{_rows(value, item, eol)}"
    return f"{indent}{_key(key)}: {inline(value, flow=False)}{eol}"


def edit(text: str, changes: Mapping[str, object], rank: Mapping[str, int]) -> str:
    """Set keys of the front matter to plain data, or remove them (None), and keep every other byte.

    A list keeps its style, and the items that remain keep their lines and comments. A new key comes after
    those of lower ``rank``; without a rank, last. Raises DocumentError for front matter that cannot be read,
    or is written in such a way that the key cannot be changed alone.
    """
    end = split(text).end
    places = {key.text: _Place(text[:end], key, value) for key, value in read(text)}
    changes = {key: value for key, value in changes.items() if value is not None or key in places}
    cuts = [places[key].changed(changes[key]) for key in places if key in changes]
    last = len(rank)
    for key in sorted(changes.keys() - places.keys(), key=lambda key: (rank.get(key, last), key)):
        lower = [place.stop for name, place in places.items() if rank.get(name, last) <= rank.get(key, last)]
        first = next((place.start for place in places.values()), end)
        at = max(lower, default=first)
        cuts.append((at, at, _new(text, key, changes[key], list(places.values()))))
    result = _spliced(text, cuts)
    if cuts:
        _verify(text, result, changes)
    return result


class _Place:
    """The lines of one key: ``text[start:stop]``; its value stands behind ``colon``."""

    def __init__(self, text: str, key: Node, value: Node) -> None:
        self.text, self.key, self.value = text, key, value
        self.start = max(text.rfind("\n", 0, key.start), text.rfind("\r", 0, key.start)) + 1
        self.indent = text[self.start : key.start]
        self.colon = text.find(":", key.end) + 1
        self.stop = self.line_end(max(self.colon, value.end))

    def line_end(self, position: int) -> int:
        found = _LINE_END.search(self.text, position)
        return found.end() if found else len(self.text)

    def changed(self, value: object) -> Cut:
        old = self.value
        if self.indent.strip(" "):  # in braces, or behind a question mark
            problem = _("cannot be changed alone: write it as 'key: value' on a line of its own")
            raise DocumentError(problem, line=old.line, key=self.key.text)
        if value is None:
            return self.start, self.stop, ""
        if _is_list(value) and value and self.prefixes():
            return self.items(value)
        if old.start == old.end:
            if _is_list(value) and value:
                return self.stop, self.stop, _rows(value, f"{self.indent}  - ", _eol(self.text))
            return self.colon, self.colon, f" {inline(value, flow=False)}"
        if _is_list(value) and old.tag == "seq" and old.style:
            kept = {repr(data(item)): self.text[item.start : item.end] for item in old.items}
            return old.start, old.end, f"[{', '.join(kept.get(repr(one)) or inline(one) for one in value)}]"
        same_line = old.start < self.line_end(self.colon)
        if same_line and old.style not in ("|", ">"):
            quote = old.style if old.style in ("'", '"') else ""
            return old.start, old.end, inline(value, flow=False, quote=quote)
        comment = "" if same_line else BREAK.split(self.text[self.colon : old.start])[0].rstrip()
        return self.colon, self.stop, f" {inline(value, flow=False)}{comment}{_eol(self.text)}"

    def prefixes(self) -> list[str]:
        """What stands before each item of a list with an item a line; empty for any other value."""
        if self.value.tag != "seq" or self.value.style:
            return []
        found = [_Place(self.text, item, item) for item in self.value.items]
        return [place.indent for place in found] if all(_ITEM.fullmatch(p.indent) for p in found) else []

    def items(self, values: Sequence[object]) -> Cut:
        """The list with new items: those that stay keep their lines, and comments above any item stay too."""
        begin = position = self.line_end(self.colon)
        wanted = [repr(value) for value in values]
        left = Counter(wanted)
        kept: dict[str, list[str]] = {}
        comments = ""
        prefixes = self.prefixes()
        for item, prefix in zip(self.value.items, prefixes, strict=True):
            head, stop = item.start - len(prefix), self.line_end(item.end)
            comments += self.text[position:head]
            position = stop
            name = repr(data(item))
            if left[name]:
                left[name] -= 1
                kept.setdefault(name, []).append(comments + self.text[head:stop])
                comments = ""
        new = [
            kept[name].pop(0) if kept.get(name) else _rows([value], prefixes[0], _eol(self.text))
            for name, value in zip(wanted, values, strict=True)
        ]
        return begin, position, "".join(new) + comments


def _rows(values: Sequence[object], item: str, eol: str) -> str:
    return "".join(f"{item}{inline(value, flow=False)}{eol}" for value in values)


def _new(text: str, key: str, value: object, places: Sequence[_Place]) -> str:
    """The lines of a key that was not there, in the style of the other lists of the file."""
    indent = places[0].indent if places else ""
    blocks = [prefix for place in places for prefix in place.prefixes()[:1]]
    brackets = any(place.value.style == "[" and place.value.items for place in places)
    item = blocks[0] if blocks else "" if brackets else f"{indent}  - "
    return lines(key, value, indent=indent, item=item, eol=_eol(text))


def _spliced(text: str, cuts: list[Cut]) -> str:
    parts, position = [], 0
    for start, end, new in sorted(cuts, key=lambda cut: cut[:2]):
        parts += [text[position:start], new]
        position = end
    return "".join(parts) + text[position:]


def _verify(before: str, after: str, changes: Mapping[str, object]) -> None:
    was, now = ({key.text: value for key, value in read(text)} for text in (before, after))
    rest = [key for key in was if key not in changes]
    whole = [key for key in now if key not in changes] == rest and all(
        _meaning(was[key]) == _meaning(now[key]) for key in rest
    )
    for key, value in changes.items():
        new = data(now[key]) if key in now else None
        if repr(new) != repr(_listed(value)) or not whole or _body(before) != _body(after):
            raise DocumentError(_("cannot be changed alone: edit the file by hand"), key=key)


def _meaning(node: Node) -> tuple[object, ...]:
    pairs = [(key.text, _meaning(value)) for key, value in node.pairs]
    return node.tag, node.text, [_meaning(item) for item in node.items], pairs


def _body(text: str) -> str:
    return text[split(text).end :]


def _listed(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _listed(item) for key, item in value.items()}
    return [_listed(item) for item in value] if _is_list(value) else value


def _eol(text: str) -> str:
    found = BREAK.search(text)
    return found[0] if found else "\n"


def _is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray | memoryview)


def _key(key: object) -> str:
    if not isinstance(key, str) or not 0 < len(key) <= MAX_KEY:
        raise DocumentError(
            _("a key must be text of 1 to {number} characters, not {key!r:.80}").format(number=MAX_KEY, key=key)
        )
    return inline(key)


def _text(value: str, flow: bool, quote: str) -> str:
    if quote == '"' or UNWRITABLE.search(value) or re.search(r"[\t\r\n]", value):
        if re.search("[\ud800-\udfff]", value):
            raise DocumentError(
                _("half a character (a surrogate) cannot be written: {value!r:.80}").format(value=value)
            )
        return UNWRITABLE.sub(lambda bad: f"\\u{ord(bad[0]):04x}", json.dumps(value, ensure_ascii=False))
    return value if not quote and _plain(value, flow) else "'" + value.replace("'", "''") + "'"


def _plain(value: str, flow: bool) -> bool:
    """Whether YAML reads the text as this very text when it is written without quotes."""
    if not value or value[0] in " -?:,[]{}#&*!|>'\"%@`" or value[-1] in " :" or re.search(": | #", value):
        return False
    if flow and re.search(r"[\[\]{},:?]", value):
        return False
    import yaml

    resolver: Any = yaml.resolver.Resolver()
    return bool(resolver.resolve(yaml.ScalarNode, value, (True, False)) == TAG + "str")
