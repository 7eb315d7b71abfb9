"""``policy_changes``: what is new since a day, whose state moved, what is due."""

from __future__ import annotations

from policykb.domain.dates_in_text import parse_day
from policykb.i18n import _
from policykb.mcp.tool import Arguments, Desk, Record, Tool, cursor, cut, fitting, place, text
from policykb.news.news import news
from policykb.render.news_records import news_record
from policykb.search.request import ALL

_PARTS = ("new", "moved", "bases", "coming", "due")


def tool() -> Tool:
    takes = {
        "since": text("a day"),
        "due_within": {"type": "integer", "minimum": 0, "maximum": 3660, "description": "days (30)"},
        "cursor": cursor(),
    }
    says = (
        "What is new since a day (issued, published or added), whose state moved (a draft became final, a document "
        "took effect, was repealed or expired), whose basis is over, what changes or is due soon and who has to do it."
    )
    return Tool("policy_changes", _("What is new and due"), says, takes, answer, ["since"])


def answer(desk: Desk, arguments: Arguments) -> Record:
    kb, today, start = desk.kb, desk.today(), place(arguments)
    policies = [hit.policy for hit in kb.search(limit=ALL, today=today).hits]
    since, within = parse_day(arguments["since"]), arguments.get("due_within", 30)
    record = news_record(news(policies, kb.engine, since=since, today=today, within=within))
    items = [{part: one | _shorter(one)} for part in _PARTS for one in record[part]]
    given, rest = fitting(items, start)
    found = {part: [one[part] for one in given if part in one] for part in _PARTS}
    return {
        "as_of": str(today),
        "since": str(since),
        "total": {part: len(record[part]) for part in _PARTS},
        **{part: ones for part, ones in found.items() if ones},
        "cursor": rest,
    }


def _shorter(one: Record) -> Record:
    return {name: cut(one[name]) for name in ("text", "sentence") if one.get(name)}
