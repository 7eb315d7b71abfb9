"""``policykb add``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from policykb.cli.options import own_knowledge_base


@click.command("add")
@click.argument("file", metavar="FILE|-")
@click.option("--url", metavar="URL", help="Where the document comes from.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def command(ctx: click.Context, /, file: str, url: str | None, form: str) -> None:
    """Add one official document: PDF, Word, a saved web page, text or Markdown; - reads standard input.

    Title, departments, number and dates are found in its layout and its metadata, each shown with where it was
    found and how sure that is. What is not found stays empty, for 'policykb check' to ask for.
    """
    from policykb.importing.intake import add_document
    from policykb.render.terminal import intake

    kb = own_knowledge_base(ctx)
    source: Path | bytes = sys.stdin.buffer.read() if file == "-" else Path(file)
    called = "standard input" if file == "-" else file
    draft, path = add_document(kb.corpus, kb.authority, source, name=called, url=url)
    intake.added(draft, path, kb.root, form)
