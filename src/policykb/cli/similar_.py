"""``policykb similar``."""

from __future__ import annotations

import click

from policykb.cli.options import knowledge_base


@click.command("similar")
@click.argument("id")
@click.option("--limit", type=click.IntRange(min=1), default=5, show_default=True, metavar="N")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def command(ctx: click.Context, /, id: str, limit: int, form: str) -> None:
    """Entries about the same things as the entry ID, with the terms they share."""
    from policykb.render.terminal import hits

    with knowledge_base(ctx) as kb:
        hits.write_similar(kb.similar(id, limit=limit), form, kb.root, color=ctx.color)
