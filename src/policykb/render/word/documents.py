"""A digest, a report and news, each as a Word document."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from policykb.render import body
from policykb.render.charts.png import png
from policykb.render.digest_view import heading, origin, overview, title
from policykb.render.word.writer import Writer

if TYPE_CHECKING:
    from policykb.digest.digest import Digest, DigestEntry, Section
    from policykb.digest.key_dates import KeyDate
    from policykb.digest.report import Report
    from policykb.render.charts.drawing import Chart
    from policykb.render.labels import Labels
    from policykb.render.news_view import View as NewsView
    from policykb.render.report_view import View

_COLUMNS = ("date", "name", "issuer", "status", "effective", "tags")
_WIDTHS = (15, 25, 20, 14, 15, 11)  # a day, and 征求意见稿, each on one line
_LISTED = 200  # entries; with more, only the groups stand in the contents


def digest(digest: Digest, style: str, *, labels: Labels, corpus: Path | None) -> bytes:
    """The digest as the bytes of a .docx file."""
    words, writer = labels["digest"], Writer(title(digest, labels), labels, corpus)
    writer.table(None, overview(digest, labels), (1, 4))
    if digest.since and not digest.entries:
        writer.paragraph(words["nothing_new"])
    if len(digest.entries) > 1 and style != "table":
        writer.contents()
    if digest.drafts:
        writer.heading(words["drafts"], 1)
        writer.bullets(listed(digest.drafts, labels))
    if digest.coming:
        writer.heading(words["coming"], 1)
        writer.bullets(days(digest.coming, labels))
    if digest.since and digest.since.removed:
        writer.heading(words["removed"], 1)
        writer.bullets(digest.since.removed)
    if style == "table" and digest.entries:
        entries_table(writer, digest, labels)
    for section in () if style == "table" else digest.sections:
        name = heading(section, digest, labels)
        if name:
            writer.heading(name, 1)
        full, few = style == "full", len(digest.entries) <= _LISTED
        entries(writer, section.entries, labels, full=full, level=2 if name else 1, listed=few)
        if section.also:
            writer.paragraph(_also(section, labels), "Meta")
    writer.paragraph(origin(digest, labels), "Note")
    return writer.finish(digest.span.last or date.min, digest.state, digest.manifest)


def report(report: Report, view: View, *, labels: Labels, corpus: Path | None) -> bytes:
    """The report as the bytes of a .docx file."""
    words, writer = labels["report"], Writer(view.title, labels, corpus)
    writer.contents()
    writer.heading(labels["market"]["title"], 1)
    writer.paragraph("".join(view.lead))
    if view.table:
        writer.caption(words["table"].format(number=1, title=labels["market"]["table"]))
        widths = (16, *[14] * (len(view.table.header) - 1))
        writer.table(view.table.header, view.table.rows, widths, numbers=True)
        sources = "".join(source + labels["words"]["stop"] for source in view.sources)
        writer.paragraph(labels["market"]["derived"] + sources, "Note")
    _pictures(writer, view.market_charts, 0, labels)
    if view.notes:
        writer.heading(labels["market"]["findings"]["title"], 2)
        writer.bullets(view.notes)
    writer.heading(words["policies"], 1)
    writer.paragraph(view.policies_lead)
    _pictures(writer, view.policy_charts, len(view.market_charts), labels)
    drafts: tuple[DigestEntry, ...] = ()
    if report.digest:
        drafts = report.digest.drafts
        many = len(report.digest.entries) > _LISTED
        entries(writer, report.digest.entries, labels, full=True, level=2, listed=not many)
    writer.heading(words["next"], 1)
    if drafts:
        writer.heading(words["drafts"], 2)
        writer.bullets(listed(drafts, labels))
    if report.coming:
        writer.heading(words["coming"], 2)
        writer.bullets(days(report.coming, labels))
    if not drafts and not report.coming:
        writer.paragraph(words["nothing_next"])
    writer.paragraph(f"{labels['digest']['state']} {report.state}", "Note")
    manifest = report.digest.manifest if report.digest else None
    return writer.finish(report.period.last or date.min, report.state, manifest)


def news(view: NewsView, day: date, labels: Labels, corpus: Path | None) -> bytes:
    """The news of a day as the bytes of a .docx file."""
    writer = Writer(view.title, labels, corpus)
    if not view.parts:
        writer.paragraph(view.nothing)
    for part in view.parts:
        writer.heading(part.name, 1)
        for item in part.items:
            writer.heading(item.title, 2, listed=False)
            writer.paragraph("　|　".join(filter(None, (labels.day(item.day), item.about))), "Meta")
            writer.bullets(item.lines)
    return writer.finish(day, "")


def _pictures(writer: Writer, charts: Iterable[Chart], before: int, labels: Labels) -> None:
    for number, chart in enumerate(charts, before + 1):
        writer.picture(png(chart.svg), chart.svg, chart.size, chart.title, chart.description)
        writer.paragraph(labels["report"]["figure"].format(number=number, title=chart.title), "Caption")


def entries(
    writer: Writer, entries: Iterable[DigestEntry], labels: Labels, *, full: bool, level: int, listed: bool
) -> None:
    """Entries one after the other, whole or summed up; ``listed`` puts their titles into the contents."""
    words = labels["digest"]
    for entry in entries:
        policy = entry.policy
        issuers, tags = labels.issuers(policy.issuers, policy.issuer_count), labels["words"]["and"].join(policy.tags)
        writer.heading(_name(entry, labels), level, listed=listed)
        day = labels.day(policy.day) + (f"—{labels.day(policy.date_end)}" if policy.date_end else "")
        effective = f"{words['effective']} {labels.day(policy.effective)}" if policy.effective else None
        facts = (day, issuers, policy.kind, policy.status, entry.state, policy.number, effective, tags)
        writer.paragraph("　|　".join(fact for fact in facts if fact), "Meta")
        if policy.documents:
            quoted = "".join(labels["words"]["quote"].format(document) for document in policy.documents)
            writer.paragraph(words["documents"] + quoted, "Meta")
        for type, names in entry.said:
            quoted = "".join(labels["words"]["quote"].format(name) for name in names)
            writer.paragraph(labels["said"][type] + quoted, "Meta")
        writer.html(body.to_html(policy.body if full else body.summary(policy.body), level=level + 1))


def entries_table(writer: Writer, digest: Digest, labels: Labels) -> None:
    """All entries in one table, in which a row of its own heads each group."""
    words, rows = labels["digest"], list[tuple[str, ...]]()
    for section in digest.sections:
        if name := heading(section, digest, labels):
            rows.append((name,))
        for entry in section.entries:
            policy = entry.policy
            issuers = labels.issuers(policy.issuers, policy.issuer_count)
            days, tags = (str(policy.day), str(policy.effective or "")), labels["words"]["and"].join(policy.tags)
            rows.append((days[0], _name(entry, labels), issuers, entry.status, days[1], tags))
        if section.also:
            rows.append(("", _also(section, labels), "", "", "", ""))
    writer.table([words[column] for column in _COLUMNS], rows, _WIDTHS)


def _name(entry: DigestEntry, labels: Labels) -> str:
    return entry.policy.title + (f"（{labels['digest'][entry.change]}）" if entry.change else "")


def _also(section: Section, labels: Labels) -> str:
    others = labels["words"]["separator"].join(entry.policy.title for entry in section.also)
    return f"{labels['digest']['also']}：{others}"


def listed(entries: Iterable[DigestEntry], labels: Labels) -> list[str]:
    """Entries, one a line."""
    return [
        f"{labels.day(e.policy.day)}　{labels.issuers(e.policy.issuers, e.policy.issuer_count)}　{e.policy.title}"
        for e in entries
    ]


def days(coming: Iterable[tuple[KeyDate, DigestEntry]], labels: Labels) -> list[str]:
    """Days that are to come, one a line."""
    lines = []
    for key, entry in coming:
        said = f"（{key.told}）" if key.text else ""
        lines.append(f"{labels.day(key.day)}　{labels['dates'][key.kind]}　{entry.policy.title}{said}")
    return lines
