"""News and obligations as plain data: version 1 of the contract, like `records`."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from policykb.render.records import IN_HITS

if TYPE_CHECKING:
    from policykb.domain.policy import Policy
    from policykb.news.moves import StateChange
    from policykb.news.news import News
    from policykb.news.obligations import Due, Obligation


def due_record(found: Due) -> dict[str, Any]:
    """``{"format", "today", "within", "older", "later", "obligations"}``: those that have passed, then those to come.

    Each is ``{"id", "title", "issuers", "date", "days", "overdue", "kind", "who", "text", "sentence", "draft"}``, where
    ``days`` are those that are left, and ``who`` is null where the document does not say it.
    """
    rows = [_obligation(one, found.today) for one in (*found.overdue, *found.coming)]
    counts = {"older": found.older, "later": found.later}
    return {"format": 1, "today": str(found.today), "within": found.within, **counts, "obligations": rows}


def _obligation(one: Obligation, today: date) -> dict[str, Any]:
    key, policy = one.key, one.policy
    return {
        "id": policy.id,
        "title": policy.title,
        "issuers": list(policy.issuers),
        "date": str(key.day),
        "days": one.days(today),
        "overdue": key.day < today,
        "kind": key.kind,
        "who": key.who or None,
        "text": key.text,
        "sentence": key.sentence,
        "draft": one.draft,
    }


def news_record(news: News) -> dict[str, Any]:
    """``{"format", "name", "since", "today", "new", "changed", "gone", "moved", "bases", "coming", "due"}``.

    ``new`` are entries as in a hit, with their state; ``changed`` ``{"id", "title", "fields": [{"name", "before",
    "after"}]}``; ``gone`` ``{"id", "title"}``; ``moved`` and ``coming`` ``{"id", "title", "before", "after", "since",
    "because"}``; ``bases`` ``{"id", "title", "basis", "state", "since"}``; ``due`` obligations as in `due_record`.
    """
    titles = {id: one.title for id, one in news.policies.items()}
    return {
        "format": 1,
        "name": news.name or None,
        "since": str(news.since),
        "today": str(news.today),
        "new": [_entry(one) | {"validity": news.states.get(one.id) or None} for one in news.new],
        "changed": [
            {"id": one.policy.id, "title": one.policy.title, "fields": [field._asdict() for field in one.fields]}
            for one in news.changed
        ],
        "gone": [{"id": id, "title": title} for id, title in news.gone.items()],
        "moved": [_moved(one, titles[one.id]) for one in news.moved],
        "bases": [
            {"id": one.id, "title": titles[one.id], "basis": one.basis, "state": one.state, "since": _day(one.since)}
            for one in news.bases
        ],
        "coming": [_moved(one, titles[one.id]) for one in news.coming],
        "due": [_obligation(one, news.today) for one in news.due.coming],
    }


def _entry(policy: Policy) -> dict[str, Any]:
    data = policy.as_data()
    return {name: data[name] for name in ("id", *IN_HITS, "published", "added")}


def _moved(one: StateChange, title: str) -> dict[str, Any]:
    states = {"before": one.before, "after": one.after, "since": _day(one.since), "because": list(one.because)}
    return {"id": one.id, "title": title, **states}


def _day(day: date | None) -> str | None:
    return str(day) if day else None
