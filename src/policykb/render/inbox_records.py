"""What waits in the inbox, and what was decided, as plain data: version 1 of the contract, like `records`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from policykb.inbox.decisions import Decided
    from policykb.inbox.documents import Compared
    from policykb.inbox.inbox import Queue
    from policykb.inbox.items import Item


def queue_record(queue: Queue) -> dict[str, Any]:
    """``{"format", "total", "documents": [...], "proposals": [...], "problems": [{"path", "problem"}]}``.

    A document is ``{"id", "added", "by", "source", "name", "title", "doubts", "read"}``, a proposal, also of what was
    ``read``, ``{"key", "kind", "entry", "name", "value", "quote", "words", "where", "sureness", "by", "item", "number",
    "day", "partial", "line"}``.
    """
    return {
        "format": 1,
        "total": queue.total,
        "documents": [item_record(item) for item in queue.documents],
        "proposals": [one.as_dict() for one in queue.proposals],
        "problems": [{"path": one.path.as_posix(), "problem": one.problem} for one in queue.problems],
    }


def item_record(item: Item) -> dict[str, Any]:
    """A document as `queue_record` has it."""
    return {
        "id": item.id,
        "added": item.added.isoformat(),
        "by": item.by or None,
        "source": item.source or None,
        "name": item.name or None,
        "title": title_of(item) or None,
        "doubts": list(item.doubts),
        "read": [one.as_dict() for one in item.proposals],
    }


def title_of(item: Item) -> str:
    """The title that was read of a document, empty where there is none."""
    return next((one.value for one in item.proposals if one.name == "title"), "")


def document_record(item: Item, known: Compared) -> dict[str, Any]:
    """A document with ``draft``, the text of the entry it would be, ``same``, the id of the entry about the same
    document, ``is_summary``, whether that lacks the text, and ``alike``, ids of entries of the same title."""
    return {
        "format": 1,
        **item_record(item),
        "draft": item.draft,
        "same": known.same.id if known.same else None,
        "is_summary": known.lacks_text,
        "alike": [policy.id for policy in known.alike],
    }


def decided_record(decided: Decided, taken_in: list[str], turned_away: list[str]) -> dict[str, Any]:
    """``{"format", "accepted": [KEY], "rejected": [KEY], "entries": [ID], "items": [ID],
    "again": [{"key", "reason"}]}``.

    ``entries`` are those made of documents, ``items`` those that were rejected, ``again`` what was not decided.
    """
    return {
        "format": 1,
        "accepted": [one.proposal.key for one in decided.done if one.accepted],
        "rejected": [one.proposal.key for one in decided.done if not one.accepted],
        "entries": taken_in,
        "items": turned_away,
        "again": [{"key": one.proposal.key, "reason": why} for one, why in decided.again],
    }
