"""``policykb report``."""

from __future__ import annotations

import click

from policykb.cli.options import completed, knowledge_base, output_options, today
from policykb.cli.output import emit, say
from policykb.digest.digest import left_out
from policykb.domain.daterange import DateRange
from policykb.i18n import _
from policykb.render import reports
from policykb.render.labels import Labels


@click.command(
    "report",
    help=_("Write the report of a PERIOD (2024Q1, 2024, 2024-05): its market, its policies, what comes next."),
)
@click.argument("period", shell_complete=completed("period"))
@output_options("md", "html", "docx")
@click.pass_context
def command(ctx: click.Context, /, period: str, form: str, output: str | None) -> None:
    kb = knowledge_base(ctx)
    day = today(ctx)
    report = kb.report(DateRange.parse(period, today=day), today=day)
    if report.undated:
        say(left_out(report.undated))
    emit(reports.render(report, form, labels=Labels.load(kb.corpus.root), corpus=kb.corpus.root), output)
