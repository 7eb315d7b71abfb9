"""Text <-> `Policy`: the format of an entry's file.

YAML front matter, then the body in Markdown. Keys are the English ones or those of official documents
(`policykb.domain.policy.FIELDS`); only the title is required. ``issuers`` and ``tags`` are lists, or
one text with 、 ， or , between the names. A date is one whole day; nothing coarser is filled in,
and one that is not known is an empty key, or none. Unknown keys are
kept, in ``Policy.extra``. Everything here is a pure function of the text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policykb.corpus import frontmatter
from policykb.corpus import frontmatter_edit as rewriting
from policykb.corpus.entry_values import as_day, mappings, read_value
from policykb.corpus.frontmatter import split
from policykb.domain.policy import BY_KEY, BY_NAME, FIELDS, MEETING, SECOND_BEST, Policy
from policykb.errors import DocumentError
from policykb.i18n import _

if TYPE_CHECKING:
    from policykb.corpus.yaml_nodes import Node

# Keys that are no fields of `Policy` and yet expected: tags that a person took away, more of an official page's table.
NOTES = ("rejected_tags", "主题分类", "索引号", "主送机关")

EXPECTED = ("date", "issuers")  # what an entry is found without, and `check` asks for

_RANK = {key: FIELDS.index(one) for key, one in BY_KEY.items()}
_REQUIRED = [one.name for one in FIELDS if one.required]


@dataclass(frozen=True, slots=True)
class EntryReading:
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


def examine(text: str, *, id: str, path: Path | None = None) -> EntryReading:
    """Read a file's text to the end, and name every problem in the order of its lines; never raises."""
    try:
        found = frontmatter.read(text)
    except DocumentError as error:
        error.path = path
        return EntryReading(None, (error,))
    fields: dict[str, Any] = {}
    extra: dict[str, object] = {}
    lines: dict[str, tuple[int, ...]] = {}
    problems: list[DocumentError] = []
    chosen = _chosen(found)
    for key, value in found:
        name = next((name for name, other in chosen.items() if other is key), _field(key.text))
        try:
            if name is None or (name in chosen and chosen[name] is not key and key.text in SECOND_BEST):
                lines[key.text] = (key.line,)
                extra[key.text] = frontmatter.data(value)
            elif chosen[name] is not key:
                said = _("says the same as {key} in line {line}: keep one of them")
                raise DocumentError(said.format(key=chosen[name].text, line=chosen[name].line), line=key.line)
            else:
                lines[name] = (key.line, *(item.line for item in value.items))
                fields[name] = read_value(name, value)
        except DocumentError as error:
            error.key = f"{key.text}.{error.key}" if error.key else key.text
            problems.append(error)
    for name in _REQUIRED:
        if name not in lines:
            problems.append(DocumentError(_("is missing: every entry needs it"), line=1, key=name))
    body = split(text).body
    lines["body"] = (frontmatter.line_of(text, body),)
    fields |= {"body": _body(text[body:]), "extra": extra}
    for problem in problems:
        problem.path = path
    problems.sort(key=lambda problem: problem.line or 0)
    policy = None if problems else Policy(**{"id": id, "date": None, "issuers": ()} | fields)
    return EntryReading(policy, tuple(problems), fields, lines)


def dump(policy: Policy) -> str:
    """The text of a new file; ``parse`` of it gives the policy again.

    Text is normalised as ``parse`` does it: white space around values, and blank lines around the body, go.
    Raises DocumentError for a value that front matter cannot hold.
    """
    head = []
    for name in BY_NAME:
        value = getattr(policy, name)
        if value not in (None, "", ()) or name in _REQUIRED or (name == "issuers" and policy.kind == MEETING):
            head.append(rewriting.lines(name, value))
        elif name in EXPECTED:
            head.append(f"{name}:\n")  # to be filled in
    for key, value in policy.extra.items():
        if _field(key) is not None and key not in SECOND_BEST:
            raise DocumentError(_("is a field of the entry, and cannot be an extra key"), key=key)
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
        name = next((name for name, other in chosen.items() if other.text == given), _field(given))
        key = chosen[name].text if name in chosen else name or given
        if value is None and name in _REQUIRED:
            raise DocumentError(_("is required, and cannot be removed"), key=key)
        if name and BY_NAME[name].type == "day" and isinstance(value, str | datetime):
            value = as_day(value, key)
        if key in values and _same(name, values[key], value):
            continue
        if key not in values and value in ([], ()) and not (name and BY_NAME[name].required):
            continue
        if name and key in values and BY_NAME[name].type == "mappings" and value:
            value = _as_written(name, values[key], value)
        wanted[key] = value
    result = rewriting.edit(text, wanted, _RANK)
    pairs = frontmatter.read(result)
    fields = {key.text: name for name, key in _chosen(pairs).items()}
    for written, node in pairs:
        if written.text in wanted and (name := fields.get(written.text)) is not None:
            try:
                read_value(name, node)
            except DocumentError as error:
                error.key = f"{written.text}.{error.key}" if error.key else written.text
                raise
    return result


def with_body(text: str, body: str) -> str:
    """The text with another body, in its own line ends; where that says the same, every byte as it was."""
    start = split(text).body
    body = _body(body)
    if body == _body(text[start:]):
        return text
    eol = "\r\n" if "\r\n" in text[:start] else "\n"
    return text[:start] + (f"\n{body}\n".replace("\n", eol) if body else "")


def _field(key: str) -> str | None:
    return BY_KEY[key].name if key in BY_KEY else None


def _chosen(found: list[tuple[Node, Node]]) -> dict[str, Node]:
    """The key that gives each field: the first one, but a second-best one only where no other does."""
    chosen: dict[str, Node] = {}
    for key, _value in found:
        if (name := _field(key.text)) is not None and key.text not in SECOND_BEST:
            chosen.setdefault(name, key)
    for second, one in SECOND_BEST.items():
        names = (one.name, *(other.name for other in FIELDS if second in (other.label, *other.keys)))
        for key in (key for key, _value in found if key.text == second):
            if free := next((name for name in names if name not in chosen), None):
                chosen[free] = key
    return chosen


def _same(name: str | None, node: Node, value: object) -> bool:
    if value is None:
        return False
    try:
        old = read_value(name, node) if name else frontmatter.data(node)
    except DocumentError:
        return False
    return repr(old) == repr(tuple(value) if name and isinstance(value, list) else value)


def _as_written(name: str, node: Node, value: Any) -> list[object]:
    """Mappings, those that the file has already as they are written there, so that their lines stay."""
    written = [(said, frontmatter.data(item)) for item, said in mappings(BY_NAME[name], node)]
    return [next((raw for said, raw in written if said == one), one) for one in value]


def _body(text: str) -> str:
    """Markdown with LF line ends, without the blank lines before and after it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").rstrip()
    first = len(text) - len(text.lstrip())
    return text[text.rfind("\n", 0, first) + 1 :]
