"""``policykb add``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from policykb.cli.options import form_option, own_knowledge_base
from policykb.cli.output import emit, say
from policykb.i18n import _
from policykb.importing.intake import add_document
from policykb.importing.sources import MAX_BYTES
from policykb.render import records
from policykb.render.terminal import intake


@click.command(
    "add",
    help=_(
        "Add one official document: PDF, Word, a saved web page, text or Markdown; - reads standard input.\n\n"
        "Title, departments, number and dates are found in its layout and its metadata, each shown with where it was "
        "found and how sure that is. What is not found stays empty, for 'policykb check' to ask for."
    ),
)
@click.argument("file", metavar="FILE|-")
@click.option("--url", metavar="URL", help=_("Where the document comes from."))
@form_option("text", "json")
@click.pass_context
def command(ctx: click.Context, /, file: str, url: str | None, form: str) -> None:
    kb = own_knowledge_base(ctx)
    source: Path | bytes = sys.stdin.buffer.read(MAX_BYTES + 1) if file == "-" else Path(file)
    called = "standard input" if file == "-" else file
    draft, path = add_document(kb.corpus, kb.authority, source, name=called, url=url, say=kb.say)
    inside = path.relative_to(kb.root.absolute()).as_posix()
    if form == "json":
        emit(records.as_json(records.draft_record(draft, inside)))
        return
    emit(intake.added(draft, inside))
    if draft.missing:
        say(_("fill in what is missing; 'policykb check' asks for it"))
