"""``policy_search``: which documents there are about something."""

from __future__ import annotations

from typing import Any, get_args

from policykb.domain.daterange import DateRange
from policykb.i18n import _
from policykb.mcp.tool import Arguments, Desk, Record, Tool, as_of, cursor, fitting, names, place, shortened, text
from policykb.relations.plain import with_validity
from policykb.render.records import hit_record
from policykb.search.request import FILTERS, Match, Sort

_CONCISE = (
    "id",
    "date",
    "title",
    "number",
    "issuers",
    "issuer_count",
    "kind",
    "status",
    "validity",
    "snippet",
    "partial",
)
_MOST = 50
_HEAD = 6_000  # characters of notes


def tool() -> Tool:
    """The tool, with what it takes."""
    takes = {
        "query": text(
            'words that must all occur, or a question; "a phrase", -word, OR, 碳*, 标题:配额, 依据:X; empty: all'
        ),
        "from": text("first day, month, quarter or year: 2024-06, 2024Q2"),
        "to": text("last day, month, quarter or year"),
        "during": text("a period: 2024Q2, 上半年, 近三个月"),
        "issuer": names("departments, full or short names"),
        "tag": names("tags"),
        "kind": names("文种: 通知, 意见, 方案 …"),
        "status": names("正式, 试行, 征求意见稿"),
        "level": names("效力级别: 法律, 行政法规, 部门规章 …"),
        "region": names("国家, a province, a city"),
        "validity": names("现行有效, 尚未施行, 已被修改, 部分废止, 已废止, 已失效, 征求意见, 已定稿, 不详"),
        "as_of": text("a day: only what was there then, in its state of that day"),
        "sort": {"enum": list(get_args(Sort))},
        "match": {"enum": list(get_args(Match))},
        "exact": {"type": "boolean", "description": "without synonyms"},
        "detail": {"enum": ["concise", "detailed"]},
        "limit": {"type": "integer", "minimum": 1, "maximum": _MOST, "description": "hits (10)"},
        "cursor": cursor(),
    }
    says = (
        "Finds documents by words, period, department, tag, state. Gives id, date, number, state and a passage of each."
    )
    return Tool("policy_search", _("Search policies"), says, takes, answer, gives=_gives())


def answer(desk: Desk, arguments: Arguments) -> Record:
    """Hits, one page at a time, and what the search made of the question."""
    today, start, limit = desk.today(), place(arguments), arguments.get("limit", 10)
    period = DateRange.within(*(arguments.get(name) for name in ("from", "to", "during")), today=today)
    filters: dict[str, Any] = {ours: arguments[name] for name, ours in FILTERS.items() if arguments.get(name)}
    day = as_of(arguments, today)
    options = {name: arguments[name] for name in ("sort", "match", "exact") if name in arguments}
    found = desk.kb.search(
        arguments.get("query", ""), dates=period, today=today, limit=limit, offset=start, as_of=day,
        **filters, **options,
    )  # fmt: skip
    found = with_validity(desk.kb.engine, found, day or today)
    hits = [hit_record(hit) for hit in found.hits]
    if arguments.get("detail") != "detailed":
        hits = [{name: hit[name] for name in _CONCISE if hit[name] not in (None, False)} for hit in hits]
    head = {
        "as_of": str(day or today),
        "total": found.total,
        "partial": found.partial,
        "notes": list(found.notes),
    }
    head = shortened(head, _HEAD)
    given, _rest = fitting(hits, 0, head)
    after = start + len(given)
    return head | {
        "hits": given,
        "cursor": str(after) if given and after < found.total else None,
    }


def _gives() -> Record:
    string: Record = {"type": "string"}
    hit = dict.fromkeys(("id", "date", "title", "number", "kind", "status", "validity", "article", "snippet"), string)
    return {
        "type": "object",
        "properties": {
            "as_of": string,
            "total": {"type": "integer"},
            "partial": {"type": "boolean"},
            "notes": {"type": "array", "items": string},
            "hits": {"type": "array", "items": {"type": "object", "properties": hit | {"issuers": {"type": "array"}}}},
            "cursor": {"type": ["string", "null"]},
        },
        "required": ["as_of", "total", "hits"],
    }
