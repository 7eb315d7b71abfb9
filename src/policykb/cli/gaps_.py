"""``policykb gaps``."""

from __future__ import annotations

import click

from policykb.cli.options import knowledge_base, output_options, today
from policykb.cli.output import columns, emit
from policykb.i18n import _
from policykb.relations.gaps import gaps
from policykb.render import gaps as render
from policykb.render.labels import Labels
from policykb.render.terminal.relations import LISTED


@click.command(
    "gaps",
    help=_(
        "What is lacking: documents that are cited and not held, the most cited first; drafts of more than a year ago "
        "without a final; entries without number, effective date, source or official text."
    ),
)
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help=_("The N most cited (default: 20, others all)."))
@output_options("text", "json", "csv", "xlsx")
@click.pass_context
def command(ctx: click.Context, /, limit: int | None, form: str, output: str | None) -> None:
    most = 20 if limit is None and form == "text" else limit
    with knowledge_base(ctx) as kb:
        kb.engine.open()
        found = kb.engine.linked(lambda links: gaps(links, today(ctx), most, LISTED if form == "text" else None))
        labels = Labels.load(kb.corpus.root)
    emit(render.render(found, form, columns(), labels), output)
