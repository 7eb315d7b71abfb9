"""``policykb issuers``."""

from __future__ import annotations

from typing import Any

import click

from policykb.cli.options import filter_options, knowledge_base, output_options, selection, today
from policykb.cli.output import emit
from policykb.i18n import _
from policykb.render import results


@click.command("issuers", help=_("Departments with the number of their entries, in all or in the selection."))
@click.argument("words", nargs=-1)
@filter_options
@output_options("text", "json", "csv", "xlsx")
@click.pass_context
def command(ctx: click.Context, /, words: tuple[str, ...], form: str, output: str | None, **options: Any) -> None:
    filters = selection(ctx, options)
    with knowledge_base(ctx) as kb:
        result = kb.search(" ".join(words), **filters, limit=0, facets=True, today=today(ctx))
        emit(results.counts("issuer", result.facets["issuer"], form, kb.root), output)
