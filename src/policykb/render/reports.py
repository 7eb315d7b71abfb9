"""A report as HTML, Markdown or a Word document."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from policykb.render import templates
from policykb.render.report_view import view

if TYPE_CHECKING:
    from policykb.digest.report import Report
    from policykb.render.labels import Labels

FORMATS = ("html", "docx", "md")


def render(report: Report, format: str, *, labels: Labels, corpus: Path | None) -> bytes:
    """The report in one of ``FORMATS``, the same bytes for the same report.

    ``corpus`` is the folder whose ``templates/`` replace the packaged ones. Raises OutputError for an unknown
    format and for a wrong template.
    """
    templates.known_format(format, FORMATS)
    seen = view(report, labels)
    if format == "docx":
        from policykb.render.word import documents

        return documents.report(report, seen, labels=labels, corpus=corpus)
    return templates.render(f"report.{format}.j2", corpus, labels, report=report, view=seen)
