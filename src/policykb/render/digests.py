"""A digest as Markdown, HTML, DOCX, Atom, iCalendar or JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from policykb.errors import OutputError
from policykb.render import body, templates
from policykb.render.digest_view import heading, overview, title

if TYPE_CHECKING:
    from policykb.digest.digest import Digest, DigestEntry
    from policykb.render.labels import Labels

FORMATS = ("md", "html", "docx", "atom", "ics", "json")
STYLES = ("brief", "full", "table")


def render(digest: Digest, format: str, style: str, *, labels: Labels, corpus: Path | None) -> bytes:
    """The digest in one of ``FORMATS`` and ``STYLES``, the same bytes for the same digest.

    ``corpus`` is the folder whose ``templates/`` replace the packaged ones. Raises OutputError for an unknown
    format or style, for a calendar without a day in it, and for a wrong template.
    """
    if style not in STYLES:
        raise OutputError(f"unknown style {style}; known are {', '.join(STYLES)}")
    if format in ("md", "html"):
        return templates.render(
            f"digest.{format}.j2",
            corpus,
            labels,
            digest=digest,
            style=style,
            title=title(digest, labels),
            overview=overview(digest, labels),
            sections=[(heading(section, digest, labels), section) for section in digest.sections],
        )
    if format == "docx":
        from policykb.render.word import documents as docx

        return docx.digest(digest, style, labels=labels, corpus=corpus)
    if format == "atom":
        from policykb.render import feeds

        return feeds.atom(digest, style, labels)
    if format == "ics":
        from policykb.render import feeds

        return feeds.calendar(digest, labels)
    if format == "json":
        return _json(digest, style, labels)
    raise OutputError(f"unknown format {format}; known are {', '.join(FORMATS)}")


def _json(digest: Digest, style: str, labels: Labels) -> bytes:
    since = digest.since
    data = {
        "format": 1,
        "title": title(digest, labels),
        "query": digest.query,
        "period": {"from": _day(digest.span.first), "to": _day(digest.span.last)},
        "state": digest.state,
        "total": len(digest.manifest.entries),
        "issuers": [{"name": name, "count": count} for name, count in digest.issuers],
        "tags": [{"name": name, "count": count} for name, count in digest.tags],
        "drafts": [entry.policy.id for entry in digest.drafts],
        "coming": [
            {"date": str(key.day), "kind": key.kind, "text": key.text, "id": entry.policy.id}
            for key, entry in digest.coming
        ],
        "since": since
        and {
            "query": since.manifest.query,
            "period": since.manifest.period,
            "state": since.manifest.state,
            "new": since.new,
            "changed": since.changed,
            "removed": list(since.removed),
        },
        "group": digest.group,
        "sections": [
            {
                "name": heading(section, digest, labels),
                "entries": [_entry(entry, style) for entry in section.entries],
                "also": [entry.policy.id for entry in section.also],
            }
            for section in digest.sections
        ],
        "manifest": {
            "format": 1,
            "query": digest.manifest.query,
            "period": digest.manifest.period,
            "state": digest.manifest.state,
            "entries": dict(digest.manifest.entries),
        },
    }
    return (json.dumps(data, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace")


def _entry(entry: DigestEntry, style: str) -> dict[str, object]:
    policy = entry.policy
    texts = {"brief": {"summary": body.summary(policy.body)}, "full": {"body": policy.body}, "table": {}}
    return {
        "id": policy.id,
        "title": policy.title,
        "date": str(policy.date),
        "date_end": _day(policy.date_end),
        "issuers": list(policy.issuers),
        "issuer_count": policy.issuer_count,
        "documents": list(policy.documents),
        "number": policy.number,
        "kind": policy.kind,
        "status": policy.status,
        "effective": _day(policy.effective),
        "tags": list(policy.tags),
        "dates": [{"date": str(key.day), "kind": key.kind, "text": key.text} for key in entry.dates],
        "change": entry.change,
        **texts[style],
    }


def _day(day: object) -> str | None:
    return str(day) if day else None
