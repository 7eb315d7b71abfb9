"""``policy_changes``: what is new since a day, whose state moved, what is due."""

from __future__ import annotations

from datetime import date

from policykb.domain.dates_in_text import parse_day
from policykb.errors import PolicyKBError
from policykb.i18n import _
from policykb.mcp.tool import Arguments, Desk, Record, Tool, cursor, cut, fitting, place, text
from policykb.news.news import news
from policykb.news.snapshot import Snapshot, read_snapshot, snapshot_path
from policykb.render.news_records import news_record
from policykb.search.engine import all_entries

_PARTS = ("new", "changed", "gone", "moved", "bases", "coming", "due")


def tool() -> Tool:
    """The tool, with what it takes."""
    takes = {
        "since": text("a day, or last: since the last run of policykb news, with the fields that changed"),
        "due_within": {"type": "integer", "minimum": 0, "maximum": 3660, "description": "days (30)"},
        "cursor": cursor(),
    }
    says = (
        "What is new since a day (issued, published or added), whose state moved (a draft became final, a document "
        "took effect, was repealed or expired), whose basis is over, what changes or is due soon and who has to do it."
    )
    return Tool("policy_changes", _("What is new and due"), says, takes, answer, ["since"])


def answer(desk: Desk, arguments: Arguments) -> Record:
    """News since a day or the last run of ``policykb news``, due days, one page at a time."""
    kb, today, start = desk.kb, desk.today(), place(arguments)
    since, within = _since(desk, arguments["since"]), arguments.get("due_within", 30)
    record = news_record(news(all_entries(kb.engine), kb.engine, since=since, today=today, within=within))
    items = [{part: one | _shorter(one)} for part in _PARTS for one in record[part]]
    head = {
        "as_of": str(today),
        "since": record["since"],
        "total": {part: len(record[part]) for part in _PARTS},
    }
    given, rest = fitting(items, start, head)
    found = {part: [one[part] for one in given if part in one] for part in _PARTS}
    return head | {part: ones for part, ones in found.items() if ones} | {"cursor": rest}


def _since(desk: Desk, written: str) -> date | Snapshot:
    """The day, or what the last run of ``policykb news`` saw. Raises `PolicyKBError` where it never ran."""
    if written != "last":
        return parse_day(written)
    seen = read_snapshot(snapshot_path(desk.kb.corpus.root, ""))
    if seen is None:
        raise PolicyKBError(_("policykb news has not run here yet; give a day"))
    return seen


def _shorter(one: Record) -> Record:
    return {name: cut(one[name]) for name in ("text", "sentence") if one.get(name)}
