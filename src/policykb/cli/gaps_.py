"""``policykb gaps``."""

from __future__ import annotations

import click

from policykb.cli.options import form_option, knowledge_base, today
from policykb.cli.output import columns, emit
from policykb.i18n import _
from policykb.relations.gaps import gaps


@click.command(
    "gaps",
    help=_(
        "What is lacking: documents that are cited and not held, the most cited first; drafts of more than a year ago "
        "without a final; entries without number, effective date or source."
    ),
)
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help=_("The N most cited (default: 20, others all)."))
@form_option("text", "json", "csv")
@click.pass_context
def command(ctx: click.Context, /, limit: int | None, form: str) -> None:
    from policykb.render import gaps as render

    most = 20 if limit is None and form == "text" else limit
    with knowledge_base(ctx) as kb:
        kb.engine.open()
        found = kb.engine.linked(lambda links: gaps(links, today(ctx), most))
    emit(render.render(found, form, columns()))
