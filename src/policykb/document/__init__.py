"""Text <-> `Policy`: the format of an entry's file.

YAML front matter, then the body in Markdown. Keys are the English ones or those of official documents
(``SYNONYMS``); only title, date and issuers are required. ``issuers`` and ``tags`` are lists, or one text
with 、 ， or , between the names. A date is one whole day; nothing coarser is filled in. Unknown keys are
kept, in ``Policy.extra``. Everything here is a pure function of the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from policykb.dates import parse_day
from policykb.document import frontmatter, rewriting
from policykb.document.frontmatter import FrontMatter, Node, split
from policykb.errors import DateError, DocumentError
from policykb.policy import Policy

__all__ = ["FIELDS", "SYNONYMS", "FrontMatter", "Reading", "dump", "edit", "examine", "parse", "split"]

# The keys, in the order in which a new file has them.
FIELDS = (
    "title", "date", "issuers", "issuer_count", "tags", "kind", "status", "documents", "effective",
    "date_end", "number", "source",
)  # fmt: skip
REQUIRED = ("title", "date", "issuers")
# What official documents, and the tables on government sites, call them.
SYNONYMS: Mapping[str, str] = MappingProxyType({
    "标题": "title", "发布日期": "date", "成文日期": "date", "发文机关": "issuers", "发布机构": "issuers",
    "标签": "tags", "文种": "kind", "公文种类": "kind", "状态": "status", "文件": "documents",
    "施行日期": "effective", "实施日期": "effective", "生效日期": "effective", "结束日期": "date_end",
    "发文字号": "number", "文号": "number", "来源": "source",
})  # fmt: skip
# These two count only where no other key gives the field; where one does, they are kept in ``extra``.
SECOND_BEST = ("成文日期", "发布机构")
# Keys that are no fields of `Policy` and yet expected: tags that a person took away, more of an official page's table.
NOTES = ("rejected_tags", "主题分类", "索引号")
MEETING = "会议"  # the one kind of entry that nobody issues

_RANK = {key: FIELDS.index(name) for key, name in (*zip(FIELDS, FIELDS, strict=True), *SYNONYMS.items())}


@dataclass(frozen=True, slots=True)
class Reading:
    """All that a text says, and all that is wrong with it.

    ``policy`` is None when there are ``problems``. ``fields`` are the fields of `Policy` that could be read.
    ``lines`` has the line of each field and unknown key; where it is a list, the lines of its items follow.
    """

    policy: Policy | None
    problems: tuple[DocumentError, ...]
    fields: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


def parse(text: str, *, id: str, path: Path | None = None) -> Policy:
    """The policy of a file's text; raises the first of its problems, a DocumentError with line and key."""
    reading = examine(text, id=id, path=path)
    if reading.policy is None:
        raise reading.problems[0]
    return reading.policy


def examine(text: str, *, id: str, path: Path | None = None) -> Reading:
    """Read a file's text to the end, and name every problem in the order of its lines; never raises."""
    try:
        found = frontmatter.read(text)
    except DocumentError as error:
        error.path = path
        return Reading(None, (error,))
    fields: dict[str, Any] = {}
    extra: dict[str, object] = {}
    lines: dict[str, tuple[int, ...]] = {}
    problems: list[DocumentError] = []
    chosen = _chosen(found)
    for key, value in found:
        name = _field(key.text)
        try:
            if name is None or (name in chosen and chosen[name] is not key and key.text in SECOND_BEST):
                lines[key.text] = (key.line,)
                extra[key.text] = frontmatter.data(value)
            elif chosen[name] is not key:
                other = f"{chosen[name].text} in line {chosen[name].line}"
                raise DocumentError(f"says the same as {other}: keep one of them", line=key.line)
            else:
                lines[name] = (key.line, *(item.line for item in value.items))
                fields[name] = _READERS[name](value)
        except DocumentError as error:
            error.key = key.text
            problems.append(error)
    for name in REQUIRED:
        if name not in lines:
            problems.append(DocumentError("is missing: every entry needs it", line=1, key=name))
    if fields.get("issuers") == () and fields.get("kind") != MEETING:
        nobody = f"is empty: only a meeting (kind: {MEETING}) has no issuer"
        problems.append(DocumentError(nobody, line=lines["issuers"][0], key="issuers"))
    body = split(text).body
    lines["body"] = (frontmatter.line_of(text, body),)
    fields |= {"body": _body(text[body:]), "extra": extra}
    for problem in problems:
        problem.path = path
    problems.sort(key=lambda problem: problem.line or 0)
    return Reading(None if problems else Policy(id=id, **fields), tuple(problems), fields, lines)


def dump(policy: Policy) -> str:
    """The text of a new file; ``parse`` of it gives the policy again.

    Text is normalised as ``parse`` does it: white space around values, and blank lines around the body, go.
    Raises DocumentError for a value that front matter cannot hold.
    """
    head = []
    for name in FIELDS:
        value = getattr(policy, name)
        if value not in (None, "", ()) or name in REQUIRED:
            head.append(rewriting.lines(name, value))
    for key, value in policy.extra.items():
        if _field(key) is not None and key not in SECOND_BEST:
            raise DocumentError("is a field of the entry, and cannot be an extra key", key=key)
        head.append(rewriting.lines(key, value))
    body = _body(policy.body)
    text = "---\n" + "".join(head) + "---\n" + (f"\n{body}\n" if body else "")
    parse(text, id=policy.id)  # it raises what is too long, too deep or too large to be read back
    return text


def edit(text: str, changes: Mapping[str, object]) -> str:
    """The text with keys of its front matter set, or removed (None), and every other byte as it was.

    A field is changed under the key that gives it, be it Chinese; a value that the file has already stays as
    it is written. Raises DocumentError for front matter that cannot be read or cannot be changed key by key,
    for a value that its key cannot have, and for the removal of a required key.
    """
    found = frontmatter.read(text)
    chosen, values = _chosen(found), {key.text: value for key, value in found}
    wanted: dict[str, object] = {}
    for given, value in changes.items():
        name = _field(given)
        key = chosen[name].text if name in chosen else name or given
        if value is None and name in REQUIRED:
            raise DocumentError("is required, and cannot be removed", key=key)
        if name in _DATES and isinstance(value, str | datetime):
            value = _as_day(value, key)
        if key in values and _same(name, values[key], value):
            continue
        if key not in values and name in ("tags", "documents") and value in ([], ()):
            continue
        wanted[key] = value
    result = rewriting.edit(text, wanted, _RANK)
    for written, node in frontmatter.read(result):
        if written.text in wanted and (name := _field(written.text)) is not None:
            try:
                _READERS[name](node)
            except DocumentError as error:
                error.key = written.text
                raise
    return result


def _field(key: str) -> str | None:
    return key if key in FIELDS else SYNONYMS.get(key)


def _chosen(found: list[tuple[Node, Node]]) -> dict[str, Node]:
    """The key that gives each field: the first one, but a second-best one only where it stands alone."""
    chosen: dict[str, Node] = {}
    for key, _ in sorted(found, key=lambda pair: pair[0].text in SECOND_BEST):
        if (name := _field(key.text)) is not None:
            chosen.setdefault(name, key)
    return chosen


def _same(name: str | None, node: Node, value: object) -> bool:
    if value is None:
        return False
    try:
        old = _READERS[name](node) if name else frontmatter.data(node)
    except DocumentError:
        return False
    return repr(old) == repr(tuple(value) if name and isinstance(value, list) else value)


def _body(text: str) -> str:
    """Markdown with LF line ends, without the blank lines before and after it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").rstrip()
    first = len(text) - len(text.lstrip())
    return text[text.rfind("\n", 0, first) + 1 :]


def _one_line(text: str) -> str:
    return " ".join(part for line in frontmatter.BREAK.split(text) if (part := line.strip()))


def _shown(node: Node) -> str:
    if node.tag in ("seq", "map"):
        return "a list" if node.tag == "seq" else "a mapping"
    return repr(node.text if len(node.text) <= 40 else node.text[:40] + "…")


def _is_blank(node: Node) -> bool:
    return node.tag == "null" or (node.tag == "str" and not node.text.strip())


def _required_text(node: Node) -> str:
    if _is_blank(node):
        raise DocumentError("is empty", line=node.line)
    if node.tag != "str":
        advice = "" if node.tag in ("seq", "map") else ": put quotes around it"
        raise DocumentError(f"must be text, not {_shown(node)}{advice}", line=node.line)
    return _one_line(node.text)


def _text(node: Node) -> str | None:
    return None if _is_blank(node) else _required_text(node)


def _names(node: Node) -> tuple[str, ...]:
    if node.tag == "str":
        return tuple(name for part in re.split("[、，,]", node.text) if (name := _one_line(part)))
    return _titles(node)


def _titles(node: Node) -> tuple[str, ...]:
    if _is_blank(node):
        return ()
    if node.tag == "map":
        raise DocumentError("must be a list, not a mapping", line=node.line)
    return tuple(map(_required_text, node.items)) if node.tag == "seq" else (_required_text(node),)


def _issuers(node: Node) -> tuple[str, ...]:
    if _is_blank(node):
        problem = f"is empty: name who issued it, or write [] for a meeting (kind: {MEETING})"
        raise DocumentError(problem, line=node.line)
    return _names(node)


def _count(node: Node) -> int | None:
    if _is_blank(node):
        return None
    if node.tag != "int" or not re.fullmatch(r"[1-9]\d{0,3}", node.text):
        raise DocumentError(f"{_shown(node)} is not a number of departments", line=node.line)
    return int(node.text)


def _required_day(node: Node) -> date:
    if _is_blank(node):
        raise DocumentError("is empty", line=node.line)
    if node.tag in ("seq", "map"):
        raise DocumentError(f"{_shown(node)} is not a date", line=node.line)
    written = node.text.strip()
    # A timestamp is the day it names, whatever hour and zone follow.
    if stamp := re.match(r"(\d{4}-\d{1,2}-\d{1,2})(?:[Tt \t]+\d{1,2}:|$)", written):
        written = "-".join(part.zfill(2) for part in stamp[1].split("-"))
        try:
            return date.fromisoformat(written)
        except ValueError:
            raise DocumentError(f"{written} is not a day of the calendar", line=node.line) from None
    try:
        return parse_day(written)
    except DateError:
        problem = f"{_shown(node)} is not one day: write it in full, as 2024-06-04 or 2024年6月4日"
        raise DocumentError(problem, line=node.line) from None


def _day(node: Node) -> date | None:
    return None if _is_blank(node) else _required_day(node)


def _as_day(value: str | datetime, key: str) -> date:
    try:
        return value.date() if isinstance(value, datetime) else parse_day(value)
    except DateError as error:
        raise DocumentError(str(error), key=key) from None


_DATES = ("date", "effective", "date_end")
_READERS: Mapping[str, Callable[[Node], Any]] = {
    "title": _required_text, "date": _required_day, "issuers": _issuers, "issuer_count": _count,
    "tags": _names, "kind": _text, "status": _text, "documents": _titles, "effective": _day,
    "date_end": _day, "number": _text, "source": _text,
}  # fmt: skip
