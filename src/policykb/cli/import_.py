"""``policykb import``."""

from __future__ import annotations

from pathlib import Path

import click

from policykb.cli.options import own_knowledge_base


@click.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--dry-run", is_flag=True, help="Show what would be written.")
@click.option("--into", metavar="DIR", help="The folder in the corpus (default: each entry's year).")
@click.option("--update", is_flag=True, help="Replace what entries say differently, except what a person edited.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def command(
    ctx: click.Context, /, files: tuple[str, ...], dry_run: bool, into: str | None, update: bool, form: str
) -> None:
    """Import reviews that list dated entries (text, Markdown, PDF, Word, HTML): one entry file for each.

    Entries about a document that is in the corpus already are reported, and only replaced with --update. Either
    all is written or nothing.
    """
    from policykb.importing.intake import import_reviews
    from policykb.render.terminal import intake

    kb = own_knowledge_base(ctx)
    reviews = [Path(file) for file in files]
    done = import_reviews(kb.corpus, kb.authority, reviews, folder=into, update=update, dry_run=dry_run)
    intake.imported(done, kb.root, form, dry_run=dry_run)
