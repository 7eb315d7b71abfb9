"""``policykb show``."""

from __future__ import annotations

import click

from policykb.cli.options import knowledge_base


@click.command("show")
@click.argument("id")
@click.option("--format", "form", type=click.Choice(["text", "md", "html", "json"]), default="text", show_default=True)
@click.pass_context
def command(ctx: click.Context, /, id: str, form: str) -> None:
    """Show the entry with this ID, or with an id that has this part."""
    from policykb.render.terminal import entry

    kb = knowledge_base(ctx)
    path = kb.corpus.resolve(id)
    policy = kb.corpus.read(path)
    if form == "md":
        click.echo(kb.corpus.read_bytes(path), nl=False)
    elif form == "json":
        click.echo(entry.as_json(policy, path.relative_to(kb.root).as_posix()))
    elif form == "html":
        click.echo(entry.as_html(policy))
    else:
        entry.show(policy, color=ctx.color)
