"""A digest as Markdown, HTML, DOCX, a workbook, Atom, iCalendar or JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from policykb.digest.manifest import dump
from policykb.domain.policy import FIELDS, OF_THE_FILE
from policykb.errors import OutputError
from policykb.i18n import _
from policykb.render import body, templates
from policykb.render.digest_view import heading, origin, overview, title
from policykb.render.records import as_json

if TYPE_CHECKING:
    from policykb.digest.digest import Digest, DigestEntry
    from policykb.render.labels import Labels

FORMATS = ("md", "html", "docx", "xlsx", "atom", "ics", "json")
STYLES = ("brief", "full", "table")
_COLUMNS = ("date", "title", "issuers", "issuer_count", "number", "kind", "status", "effective", "tags", "documents")
# the fields of an entry as this format has always had them, and those that came later
_FIRST = (
    *("title", "date", "date_end", "issuers", "issuer_count", "documents"),
    *("number", "kind", "status", "effective", "tags"),
)
_FIELDS = (*_FIRST, *(one.name for one in FIELDS if one.name not in (*_FIRST, "source", *OF_THE_FILE)))


def render(digest: Digest, format: str, style: str, *, labels: Labels, corpus: Path | None) -> bytes:
    """The digest in one of ``FORMATS`` and ``STYLES``, the same bytes for the same digest.

    ``corpus`` is the folder whose ``templates/`` replace the packaged ones. Raises OutputError for an unknown
    format or style, for a calendar without a day in it, and for a wrong template.
    """
    templates.known_format(format, FORMATS)
    if style not in STYLES:
        raise OutputError(_("unknown style {style}; known are {styles}").format(style=style, styles=", ".join(STYLES)))
    if format in ("md", "html"):
        return templates.render(
            f"digest.{format}.j2",
            corpus,
            labels,
            digest=digest,
            style=style,
            title=title(digest, labels),
            overview=overview(digest, labels),
            origin=origin(digest, labels),
            sections=[(heading(section, digest, labels), section) for section in digest.sections],
        )
    if format == "docx":
        from policykb.render.word import documents

        return documents.digest(digest, style, labels=labels, corpus=corpus)
    if format == "xlsx":
        return _workbook(digest, style, labels)
    if format in ("atom", "ics"):
        from policykb.render import feeds

        return feeds.atom(digest, style, labels) if format == "atom" else feeds.calendar(digest, labels)
    return _json(digest, style, labels)


def _workbook(digest: Digest, style: str, labels: Labels) -> bytes:
    from policykb.render import spreadsheet

    if style != "table":
        raise OutputError(_("a workbook is a table: --style table, not {style}").format(style=style))
    columns, words = (*_COLUMNS, "change") if digest.since else _COLUMNS, labels["digest"]
    rows = (entry.policy.as_data() | {"change": entry.change and words[entry.change]} for entry in digest.entries)
    return spreadsheet.workbook(columns, rows, labels)


def _json(digest: Digest, style: str, labels: Labels) -> bytes:
    since = digest.since
    data = {
        "format": 1,
        "title": title(digest, labels),
        "query": digest.manifest.query,
        "period": {"from": digest.span.first, "to": digest.span.last},
        "state": digest.state,
        "total": len(digest.manifest.entries),
        "undated": digest.undated,
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
        "manifest": json.loads(dump(digest.manifest)),
    }
    return as_json(data)


def _entry(entry: DigestEntry, style: str) -> dict[str, object]:
    data = entry.policy.as_data()
    text = {"brief": {"summary": body.summary(data["body"])}, "full": {"body": data["body"]}}.get(style, {})
    return {
        **{name: data[name] for name in ("id", *_FIELDS)},
        "dates": [{"date": str(key.day), "kind": key.kind, "text": key.text} for key in entry.dates],
        "change": entry.change,
        "validity": entry.state or None,
        "says": [{"type": type, "titles": list(names)} for type, names in entry.said],
        **text,
    }
