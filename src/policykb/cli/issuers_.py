"""``policykb issuers``."""

from __future__ import annotations

from typing import Any

import click

from policykb.cli.options import filter_options, knowledge_base, selection


@click.command("issuers")
@click.argument("words", nargs=-1)
@filter_options
@click.option("--format", "form", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True)
@click.pass_context
def command(ctx: click.Context, /, words: tuple[str, ...], form: str, **options: Any) -> None:
    """Departments with the number of their entries, in all or in the selection."""
    from policykb.render.terminal import hits

    filters = selection(ctx, options)
    with knowledge_base(ctx) as kb:
        result = kb.search(" ".join(words), **filters, limit=0, facets=True)
        hits.write_counts("issuer", result.facets["issuer"], form)
