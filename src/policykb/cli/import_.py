"""``policykb import``."""

from __future__ import annotations

import os

import click

from policykb.cli.options import form_option, named_files, own_knowledge_base, today
from policykb.cli.output import emit, say
from policykb.i18n import _
from policykb.importing.intake import import_reviews
from policykb.render import records
from policykb.render.terminal import intake


@click.command(
    "import",
    help=_(
        "Import reviews that list dated entries (text, Markdown, PDF, Word, HTML): one entry file for each.\n\n"
        "Entries about a document that is in the corpus already are reported, and only replaced with --update. "
        "Either all is written or nothing."
    ),
)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--dry-run", is_flag=True, help=_("Show what would be written."))
@click.option("--into", metavar="DIR", help=_("The folder in the corpus (default: each entry's year)."))
@click.option("--update", is_flag=True, help=_("Replace what entries say differently, except what a person edited."))
@form_option("text", "json")
@click.pass_context
def command(
    ctx: click.Context, /, files: tuple[str, ...], dry_run: bool, into: str | None, update: bool, form: str
) -> None:
    kb = own_knowledge_base(ctx)
    folder = into and into.replace(os.sep, "/")
    reviews = named_files(files)
    done = import_reviews(
        kb.corpus, kb.authority, reviews, folder=folder, update=update, dry_run=dry_run, today=today(ctx), say=kb.say
    )
    if form == "json":
        emit(records.as_json(records.intake_record(done, kb.root)))
        return
    emit(intake.imported(done, dry_run=dry_run))
    for message in intake.import_messages(done):
        say(message)
