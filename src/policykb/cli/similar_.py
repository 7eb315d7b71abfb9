"""``policykb similar``."""

from __future__ import annotations

import click

from policykb.cli.options import form_option, id_argument, knowledge_base
from policykb.cli.output import columns, emit, styled
from policykb.i18n import _
from policykb.render import results


@click.command("similar", help=_("Entries about the same things as the entry ID, with the terms they share."))
@id_argument
@click.option("--limit", type=click.IntRange(min=1), default=5, show_default=True, metavar="N")
@form_option("text", "json")
@click.pass_context
def command(ctx: click.Context, /, id: str, limit: int, form: str) -> None:
    with knowledge_base(ctx) as kb:
        emit(results.similar(kb.similar(id, limit=limit), form, columns=columns(), styled=styled(ctx)))
