"""How the value of each key of an entry is read: texts, names, days, counts, mappings of these."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from policykb.corpus import frontmatter
from policykb.domain.dates_in_text import parse_day
from policykb.domain.names import listed_names
from policykb.domain.policy import BY_NAME, FieldType, PolicyField
from policykb.domain.relation import RELATION_TYPES, relation_type
from policykb.errors import DateError, DocumentError
from policykb.i18n import _

if TYPE_CHECKING:
    from policykb.corpus.yaml_nodes import Node


def _one_line(text: str) -> str:
    return " ".join(part for line in frontmatter.BREAK.split(text) if (part := line.strip()))


def _shown(node: Node) -> str:
    if node.tag in ("seq", "map"):
        return _("a list") if node.tag == "seq" else _("a mapping")
    return repr(node.text if len(node.text) <= 40 else node.text[:40] + "…")


def _is_blank(node: Node) -> bool:
    return node.tag == "null" or (node.tag == "str" and not node.text.strip())


def _required_text(node: Node) -> str:
    if _is_blank(node):
        raise DocumentError(_("is empty"), line=node.line)
    if node.tag != "str":
        problem = _("must be text, not {value}: put quotes around it")
        if node.tag in ("seq", "map"):
            problem = _("must be text, not {value}")
        raise DocumentError(problem.format(value=_shown(node)), line=node.line)
    return _one_line(node.text)


def _text(node: Node) -> str | None:
    return None if _is_blank(node) else _required_text(node)


def _names(node: Node) -> tuple[str, ...]:
    if node.tag == "str":
        return tuple(listed_names(node.text))
    return _titles(node)


def _titles(node: Node) -> tuple[str, ...]:
    if _is_blank(node):
        return ()
    if node.tag == "map":
        raise DocumentError(_("must be a list, not a mapping"), line=node.line)
    return tuple(map(_required_text, node.items)) if node.tag == "seq" else (_required_text(node),)


def _count(node: Node) -> int | None:
    if _is_blank(node):
        return None
    if node.tag != "int" or not re.fullmatch(r"[1-9]\d{0,3}", node.text):
        raise DocumentError(_("{value} is not a number of departments").format(value=_shown(node)), line=node.line)
    return int(node.text)


def _required_day(node: Node) -> date:
    if _is_blank(node):
        raise DocumentError(_("is empty"), line=node.line)
    if node.tag in ("seq", "map"):
        raise DocumentError(_("{value} is not a date").format(value=_shown(node)), line=node.line)
    written = node.text.strip()
    # A timestamp is the day it names, whatever hour and zone follow.
    if stamp := re.match(r"(\d{4}-\d{1,2}-\d{1,2})(?:[Tt \t]+\d{1,2}:|$)", written):
        written = "-".join(part.zfill(2) for part in stamp[1].split("-"))
        try:
            return date.fromisoformat(written)
        except ValueError:
            problem = _("{day} is not a day of the calendar").format(day=written)
            raise DocumentError(problem, line=node.line) from None
    try:
        return parse_day(written)
    except DateError:
        problem = _("{value} is not one day: write it in full, as 2024-06-04 or 2024年6月4日")
        raise DocumentError(problem.format(value=_shown(node)), line=node.line) from None


def _day(node: Node) -> date | None:
    return None if _is_blank(node) else _required_day(node)


def _flag(node: Node) -> bool:
    if node.tag != "bool":
        raise DocumentError(_("{value} is not true or false").format(value=_shown(node)), line=node.line)
    return bool(frontmatter.data(node))


def _relation(node: Node) -> str:
    found = relation_type(written := _required_text(node))
    if found is None:
        known = ", ".join(RELATION_TYPES)
        problem = _("{name} is no relation; known are {known}")
        raise DocumentError(problem.format(name=written, known=known), line=node.line)
    return found


def as_day(value: str | datetime, key: str) -> date:
    """A day as YAML or a text gives it. Raises `DocumentError`, with the key, for what is none."""
    try:
        return value.date() if isinstance(value, datetime) else parse_day(value)
    except DateError as error:
        raise DocumentError(str(error), key=key) from None


_READERS: Mapping[FieldType, Callable[[Node], Any]] = {
    "text": _text,
    "names": _names,
    "titles": _titles,
    "day": _day,
    "count": _count,
    "flag": _flag,
    "relation": _relation,
}


def read_value(name: str, node: Node) -> Any:
    """The value of a field in the front matter. Raises DocumentError for one that the field cannot have."""
    return _read(BY_NAME[name], node)


def mappings(one: PolicyField, node: Node) -> list[tuple[Node, dict[str, Any]]]:
    """Each mapping of a list of them, and what it says; one that stands alone is a list of one."""
    if _is_blank(node):
        return []
    return [(item, _mapping(one, item)) for item in (node.items if node.tag == "seq" else (node,))]


def _mapping(one: PolicyField, node: Node) -> dict[str, Any]:
    parts = {part.name: part for part in one.parts}
    if node.tag != "map":
        problem = _("must be made of {keys}").format(keys=", ".join(f"{name}: …" for name in parts))
        raise DocumentError(problem, line=node.line)
    found: dict[str, Any] = {}
    for key, value in node.pairs:
        if key.text not in parts:
            problem = _("there is no such key here; known are {keys}").format(keys=", ".join(parts))
            raise DocumentError(problem, line=key.line, key=key.text)
        try:
            found[key.text] = _read(parts[key.text], value)
        except DocumentError as error:
            error.key = key.text
            raise
    for part in one.parts:
        if part.required and part.name not in found:
            raise DocumentError(_("{key} is missing").format(key=part.name), line=node.line)
    return {key: value for key, value in found.items() if value is not None}


def _read(one: PolicyField, node: Node) -> Any:
    if one.type == "mappings":
        return tuple(said for _item, said in mappings(one, node))
    if one.required and _is_blank(node):
        raise DocumentError(_("is empty"), line=node.line)
    return _READERS[one.type](node)
