"""``policykb report``."""

from __future__ import annotations

import click

from policykb.cli.options import emit, knowledge_base, today


@click.command("report")
@click.argument("period")
@click.option("--format", "form", type=click.Choice(["html", "docx", "md"]), default="md", show_default=True)
@click.option("--output", "-o", metavar="FILE", help="Write to a file (default: standard output).")
@click.pass_context
def command(ctx: click.Context, /, period: str, form: str, output: str | None) -> None:
    """Write the report of a PERIOD (2024Q1, 2024, 2024-05): its market, its policies, what comes next."""
    from policykb.domain.daterange import DateRange
    from policykb.render import reports
    from policykb.render.labels import Labels

    kb = knowledge_base(ctx)
    day = today(ctx)
    report = kb.report(DateRange.parse(period, today=day), today=day)
    emit(reports.render(report, form, labels=Labels.load(kb.corpus.root), corpus=kb.corpus.root), output)
