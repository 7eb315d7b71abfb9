"""``policykb check``."""

from __future__ import annotations

from pathlib import Path

import click

from policykb.cli.options import knowledge_base


@click.command("check")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def command(ctx: click.Context, /, paths: tuple[str, ...], form: str) -> int:
    """Find what is wrong in entries, each with file, line and key. Exit code 3 when something was found."""
    from policykb.corpus.check import check
    from policykb.render.terminal import findings

    kb = knowledge_base(ctx)
    chosen = [Path(path) for path in paths] if paths else None
    found = check(kb.corpus, kb.authority, kb.vocabulary, chosen)
    findings.write(found, form)
    return 3 if found else 0
