"""``policy_get``: one document, an outline first where its text is long."""

from __future__ import annotations

from policykb.domain.policy import FIELDS, Policy
from policykb.errors import PolicyKBError
from policykb.i18n import _
from policykb.mcp.sections import Section, sections
from policykb.mcp.tool import LONGEST, Arguments, Desk, Record, Tool, cursor, fitting, place, shortened, text, written
from policykb.relations import overview

_WHOLE = 6_000  # characters of a text that is given at once
_OUTLINE = 200  # sections of an outline
_HEAD = 6_000  # characters of what is said before the text
_SHOWN = tuple(one.name for one in FIELDS if one.name not in ("relations", "rejected_relations", "original_digest"))


def tool() -> Tool:
    """The tool, with what it takes."""
    takes = {
        "id": text("an id, or a part that only one id has"),
        "section": text("a heading of the outline, an article (第十二条), or all"),
        "cursor": cursor(),
    }
    says = "One document: its metadata, whether it is in force and why, its text; a long one gives its outline first."
    return Tool("policy_get", _("Read a policy"), says, takes, answer, ["id"], _gives())


def answer(desk: Desk, arguments: Arguments) -> Record:
    """One entry: its outline, a section, or its text, one page at a time."""
    corpus, today = desk.kb.corpus, desk.today()
    path = desk.entry(arguments["id"])
    policy = corpus.read(path)
    known = desk.linked(lambda links: overview.overview(links, corpus.relative(path), today))
    now = known.now if known else None
    data = policy.as_data()
    record: Record = {"as_of": str(today), "id": policy.id}
    record |= {name: data[name] for name in _SHOWN if data[name] not in (None, [])}
    record["validity"] = {"state": now.state, "because": list(now.because)} if now else None
    head = shortened(record, _HEAD)
    return head | _text(policy, arguments, head)


def _text(policy: Policy, arguments: Arguments, head: Record) -> Record:
    body, start, asked = policy.body, place(arguments), arguments.get("section", "")
    whole = asked == "all" or (not asked and (start or len(body) <= _WHOLE))
    parts = [] if whole else sections(body)
    if not asked and len(parts) > 1:
        outline = [{"section": one.name, "characters": one.end - one.start} for one in parts[:_OUTLINE]]
        return {"outline": fitting(outline, 0, head)[0], "sections": len(parts), "characters": len(body)}
    begins, ends = 0, len(body)
    if asked and asked != "all":
        one = _section(parts, asked)
        begins, ends = one.start, one.end
    first = begins + start
    if first and first >= ends:
        raise PolicyKBError(_("the text ends before {cursor}").format(cursor=start))
    given = _fitting(body[first:ends], LONGEST - len(written(head)))
    last = first + len(given)
    return {"text": given, "offset": first, "cursor": str(last - begins) if last < ends else None}


def _fitting(said: str, room: int) -> str:
    """As much of a text as has ``room`` in an answer, where an end of a line is two characters."""
    given = said[:room]
    while (size := len(written(given))) > room:
        given = given[: min(len(given) * room // size, len(given) - 1)]
    return given


def _section(parts: list[Section], asked: str) -> Section:
    fits = [one for one in parts if one.name == asked] or [one for one in parts if asked in one.name]
    if not fits:
        names = "; ".join(one.name for one in parts[:30] if one.name)
        raise PolicyKBError(_("there is no section {name}; there are {names}").format(name=asked, names=names))
    return fits[0]


def _gives() -> Record:
    string, maybe = {"type": "string"}, {"type": ["string", "null"]}
    return {
        "type": "object",
        "properties": {
            "as_of": string,
            **dict.fromkeys(("id", "title", "date", "kind", "status", "number", "effective", "source"), string),
            "issuers": {"type": "array", "items": string},
            "validity": {"type": ["object", "null"], "properties": {"state": string, "because": {"type": "array"}}},
            "outline": {"type": "array", "items": {"type": "object", "properties": {"section": string}}},
            "text": string,
            "cursor": maybe,
        },
        "required": ["as_of", "id", "title", "validity"],
    }
