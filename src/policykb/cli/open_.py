"""``policykb open``."""

from __future__ import annotations

import click

from policykb.cli.options import knowledge_base


@click.command("open")
@click.argument("id")
@click.pass_context
def command(ctx: click.Context, /, id: str) -> None:
    """Open the entry with this ID in the editor ($VISUAL, $EDITOR)."""
    kb = knowledge_base(ctx)
    click.edit(filename=str(kb.corpus.resolve(id)))
