"""``policy_relations``: what a document rests on, what became of it, and in what state it is on a day."""

from __future__ import annotations

from typing import Any

from policykb.errors import CorpusError
from policykb.i18n import _
from policykb.mcp.tool import Arguments, Desk, Record, Tool, as_of, cursor, cut, fitting, place, shortened, text
from policykb.relations import overview
from policykb.render.relation_records import relations_record

_HEAD = 6_000  # characters of what is said of the document itself


def tool() -> Tool:
    """The tool, with what it takes."""
    takes = {
        "id": text("an id, or a part that only one id has"),
        "as_of": text("a day: the state then, and what had been said by then (today)"),
        "cursor": cursor(),
    }
    says = (
        "What a document rests on, implements, amends, repeals or replaces (out), which documents do so to it (in), "
        "each with the sentence that says so, and whether it is in force on a day. An id of null: not held here."
    )
    return Tool("policy_relations", _("Relations and validity"), says, takes, answer, ["id"], _gives())


def answer(desk: Desk, arguments: Arguments) -> Record:
    """What an entry has to do with others, and its state on a day."""
    today, start = desk.today(), place(arguments)
    asked = as_of(arguments, today)
    day = asked or today
    path = desk.kb.corpus.relative(desk.entry(arguments["id"]))
    known = desk.linked(lambda links: overview.overview(links, path, day, as_of=asked is not None))
    if known is None:
        raise CorpusError(_("{path} is not in the index").format(path=path))
    record = relations_record(known)
    both = [{way: _short(one)} for way in ("out", "in") for one in record[way]]
    head = {
        "as_of": str(day),
        "id": record["id"],
        "date": str(known.policy.date) if known.policy.date else None,
        "number": known.policy.number,
        "title": record["title"],
        "validity": record["validity"],
        "states": record["states"],
    }
    head = shortened(head, _HEAD)
    given, rest = fitting(both, start, head)
    return head | {
        "out": [one["out"] for one in given if "out" in one],
        "in": [one["in"] for one in given if "in" in one],
        "cursor": rest,
    }


def _short(relation: dict[str, Any]) -> Record:
    said = {name: value for name, value in relation.items() if value not in (None, "", False)}
    return said | ({"quote": cut(said["quote"])} if "quote" in said else {})


def _gives() -> Record:
    string, maybe = {"type": "string"}, {"type": ["string", "null"]}
    state = {"type": ["object", "null"], "properties": {"state": string, "since": maybe, "until": maybe}}
    end = {"type": "object", "properties": {"id": maybe, "title": maybe, "number": maybe}}
    relation = {"type": string, "quote": string, "date": string, "target": end, "source": end}
    several = {"type": "array", "items": {"type": "object", "properties": relation}}
    return {
        "type": "object",
        "properties": {
            "as_of": string, "id": string, "title": string, "validity": state, "out": several, "in": several,
            "cursor": maybe,
        },
        "required": ["as_of", "id", "validity", "out", "in"],
    }  # fmt: skip
