"""`Policy`: one entry of the knowledge base; `FIELDS`: the one table of what an entry says.

Front matter, machine formats, spreadsheets, labels, the check and the query language all follow the table: a field
that is added here (and to `Policy`) is read, written, checked, shown, exported and searched.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

TITLE_IN_NAME = 60  # characters of the title that go into a file name
MEETING = "会议"  # the one kind of entry that nobody issues

FieldType = Literal["text", "names", "titles", "day", "count", "flag", "relation", "mappings"]
Export = Literal["entry", "hit", "table"]
_LISTS = frozenset(("names", "titles", "mappings"))
_TYPES: Mapping[FieldType, type[Any]] = {"count": int, "flag": bool}  # in plain data; else text


class PolicyField(NamedTuple):
    """One field of an entry.

    ``name`` is the attribute of `Policy` and the key of the front matter, ``label`` what official documents call it;
    it is also a key, as are ``keys``. A key of ``second_best`` counts only where no other one gives the field, the
    first of them before the others; else it is kept as it stands (version 0.1.0 wrote 成文日期 beside ``date``).
    A key may be that of one field and second best of another (发布日期): it gives the former where both are stated.
    ``type``: a text, names (a list, or one text with 、 between them), titles (a list), a whole day, a number, a flag,
    a type of `policykb.domain.relation`, or mappings: one or a list of them, each with keys that are ``parts``.
    ``query`` are its names in the query language, the first of them that of the index; a ``facet`` is also counted.
    ``export`` says where it stands besides the whole entry: in the record of a hit, and in tables too.
    ``shown`` orders the fields where a person reads them, 0 for those that are not shown by themselves.
    """

    name: str
    type: FieldType
    label: str
    keys: tuple[str, ...] = ()
    second_best: tuple[str, ...] = ()
    required: bool = False
    query: tuple[str, ...] = ()
    facet: bool = False
    export: Export = "entry"
    shown: int = 0
    parts: tuple[PolicyField, ...] = ()

    @property
    def all_keys(self) -> tuple[str, ...]:
        """Every key of the front matter that gives the field."""
        return tuple(filter(None, dict.fromkeys((self.name, self.label, *self.keys, *self.second_best))))

    @property
    def is_list(self) -> bool:
        """Whether its value is a tuple."""
        return self.type in _LISTS


# a relation that a person confirmed, added or rejected: to an entry by its id, or to any document by title or number
_RELATION = (
    PolicyField("type", "relation", "", required=True),
    PolicyField("target", "text", "", required=True),
    PolicyField("number", "text", ""),
    PolicyField("date", "day", ""),
    PolicyField("partial", "flag", ""),
    PolicyField("quote", "text", ""),
    PolicyField("decided", "day", ""),
    PolicyField("by", "text", ""),
)
# what was done to a law: adopted, approved, promulgated, amended, revised
_EVENT = (
    PolicyField("date", "day", "", required=True),
    PolicyField("act", "text", "", required=True),
    PolicyField("by", "text", ""),
    PolicyField("number", "text", ""),
)
_END = (PolicyField("date", "day", "", required=True), PolicyField("by", "text", ""))

# what is true of our file of a document, and not of the document
OF_THE_FILE = ("original", "original_digest", "added")

# in the order in which a new file has them
FIELDS = (
    PolicyField("title", "text", "标题", required=True, query=("title", "标题"), export="table"),
    PolicyField(
        "date", "day", "成文日期", ("签发日期",), second_best=("成文日期", "发布日期"),
        query=("date", "日期"), export="table", shown=3,
    ),
    PolicyField(
        "issuers", "names", "发文机关", second_best=("发布机构",),
        query=("issuer", "部门", "发文机关"), facet=True, export="table", shown=1,
    ),
    PolicyField("issuer_count", "count", "", export="table"),
    PolicyField("tags", "names", "标签", query=("tag", "标签"), facet=True, export="table", shown=10),
    PolicyField("kind", "text", "文种", ("公文种类",), query=("kind", "文种"), facet=True, export="table", shown=8),
    PolicyField("status", "text", "状态", query=("status", "状态"), facet=True, export="table", shown=9),
    PolicyField("level", "text", "效力级别", query=("level", "级别", "效力级别"), facet=True, shown=14),
    PolicyField("region", "text", "地区", ("适用地区",), query=("region", "地区"), facet=True, shown=15),
    PolicyField("documents", "titles", "文件", shown=11),
    PolicyField("published", "day", "发布日期", ("公开日期",), shown=5),
    PolicyField("effective", "day", "施行日期", ("实施日期", "生效日期"), shown=6),
    PolicyField("expires", "day", "失效日期", ("有效期至",), shown=7),
    PolicyField("ended", "mappings", "废止", parts=_END),
    PolicyField("date_end", "day", "结束日期", shown=4),
    PolicyField("number", "text", "发文字号", ("文号",), query=("number", "文号", "发文字号"), export="hit", shown=2),
    PolicyField("source", "text", "来源", shown=12),
    PolicyField("original", "text", "原件", shown=13),
    PolicyField("original_digest", "text", ""),
    PolicyField("added", "day", "收录日期", shown=16),
    PolicyField("history", "mappings", "沿革", parts=_EVENT),
    PolicyField("relations", "mappings", "关系", parts=_RELATION),
    PolicyField("rejected_relations", "mappings", "", parts=_RELATION),
)  # fmt: skip
BY_NAME: Mapping[str, PolicyField] = {one.name: one for one in FIELDS}
BY_KEY: Mapping[str, PolicyField] = {key: one for one in FIELDS for key in (one.name, one.label, *one.keys) if key} | {
    key: one for one in FIELDS for key in one.second_best
}
SECOND_BEST: Mapping[str, PolicyField] = {key: one for one in FIELDS for key in one.second_best}
QUERY_FIELDS: Mapping[str, PolicyField] = {name: one for one in FIELDS for name in one.query}
FACETS = tuple(one for one in FIELDS if one.facet)


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy entry: the metadata of its front matter and its Markdown body.

    ``issuers`` are canonical department names in the document's order, none for a meeting, or where nobody knows them
    yet; ``issuer_count`` is the stated total where more departments signed than are listed (等十部门: 10).
    ``documents`` are the official names where one entry covers several. ``date`` is the day on which it was issued,
    None where nobody knows it yet: such an entry is in no period and comes last in any order. ``published`` is the day
    of publication, where it is another one, ``history`` what was done to a law, in order. ``date_end`` is the last day
    of a meeting, ``effective`` the first day on which the document is in force, ``expires`` the last one, ``ended`` at
    most one mapping: from which ``date`` it is repealed, and ``by`` what. ``relations`` are those that a person
    confirmed or added, ``rejected_relations`` those that are none. ``original`` is the file in the corpus that the
    entry was made from, ``original_digest`` what it must hold, ``added`` the day on which it came into the knowledge
    base. ``extra`` holds the keys that policykb does not know.
    """

    id: str
    title: str
    date: datetime.date | None
    issuers: tuple[str, ...]
    tags: tuple[str, ...] = ()
    kind: str | None = None
    status: str | None = None
    level: str | None = None
    region: str | None = None
    documents: tuple[str, ...] = ()
    number: str | None = None
    issuer_count: int | None = None
    effective: datetime.date | None = None
    date_end: datetime.date | None = None
    source: str | None = None
    original: str | None = None
    original_digest: str | None = None
    added: datetime.date | None = None
    published: datetime.date | None = None
    history: tuple[Mapping[str, Any], ...] = ()
    expires: datetime.date | None = None
    ended: tuple[Mapping[str, Any], ...] = ()
    relations: tuple[Mapping[str, Any], ...] = ()
    rejected_relations: tuple[Mapping[str, Any], ...] = ()
    body: str = ""
    extra: Mapping[str, object] = field(default_factory=dict)

    @property
    def day(self) -> datetime.date:
        """The date of an entry that has one. Raises ValueError where it has none: leave such entries out before."""
        if self.date is None:
            raise ValueError(f"{self.id}: no date")
        return self.date

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Policy:
        """The policy that `as_data` gave, without the unknown keys of its front matter.

        Raises LookupError, TypeError or ValueError for what it did not.
        """
        values = {one.name: _from_plain(one, data[one.name]) for one in FIELDS}
        if (type(data["id"]), type(data["body"])) != (str, str):
            raise TypeError(f"{data['id']!r:.80}")
        return cls(id=data["id"], body=data["body"], **values)

    def as_data(self) -> dict[str, Any]:
        """The entry as plain data: its id, every field with days as ISO 8601 and lists, and the body."""
        data: dict[str, Any] = {"id": self.id}
        for one in FIELDS:
            data[one.name] = _plain(getattr(self, one.name))
        return data | {"body": self.body}


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, tuple):
        return list(map(_plain, value))
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    return value.isoformat() if isinstance(value, datetime.date) else value


def _from_plain(one: PolicyField, value: Any) -> Any:
    """The value that `_plain` was given. Raises LookupError, TypeError or ValueError for what it did not make."""
    kind = one.type
    if kind not in _LISTS:
        if value is None and not one.required:  # most fields of most entries, of each hit
            return None
        if type(value) is not _TYPES.get(kind, str):
            raise TypeError(f"{one.name}: {value!r:.80}")
        return datetime.date.fromisoformat(value) if kind == "day" else value
    if kind == "mappings":
        parts = {part.name: part for part in one.parts} if value else {}
        return tuple({key: _from_plain(parts[key], item) for key, item in mapping.items()} for mapping in value)
    if not all(type(item) is str for item in value):
        raise TypeError(f"{one.name}: {value!r:.80}")
    return tuple(value)


# what Windows has for devices, whatever the suffix (CON.md), and does not allow in names
_DEVICE = r"(?is)(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9¹²³])[ ]*(?:\..*)?"
_FORBIDDEN = r'[<>:"|?*\\/\x00-\x1f]|[. ]\Z'


def is_portable(name: str) -> bool:
    """Whether a file or folder can have this name on every system: a corpus is shared between them."""
    return not re.search(_FORBIDDEN, name) and not re.fullmatch(_DEVICE, name)


def entry_id(day: datetime.date | None, title: str) -> str:
    """The id, and file stem, of an entry: its date, if it has one, and up to 60 characters of its title.

    Spaces and the characters that file systems or shells trip over are left out; the result is NFC and at
    most 200 bytes long, so that it fits any file system together with a suffix.
    """
    name = re.sub(r"[\s\x00-\x1f\x7f/\\:*?\"<>|《》〈〉]+", "", unicodedata.normalize("NFC", title))
    name = name.strip(".")[:TITLE_IN_NAME].rstrip(".")
    while len(name.encode()) > 189:  # 200 less the date and its hyphen
        name = name[:-1]
    return "-".join(filter(None, (day.isoformat() if day else "", name))) or "untitled"


def joined_issuers(
    names: Iterable[str], count: int | None = None, *, between: str = "、", etal: str = "等{count}部门"
) -> str:
    """生态环境部、国家发展和改革委员会等15部门: who issued a document, and how many where more did than are named."""
    named = tuple(names)
    return between.join(named) + (etal.format(count=count) if count is not None and count > len(named) else "")
