"""``policykb check``."""

from __future__ import annotations

import click

from policykb.cli.options import form_option, knowledge_base, named_files
from policykb.cli.output import emit, say
from policykb.corpus.check import check, chosen_entries
from policykb.errors import IndexUnusableError
from policykb.i18n import _
from policykb.relations.contradictions import contradictions
from policykb.render.records import as_json, findings_record
from policykb.render.terminal.findings import findings


@click.command(
    "check",
    help=_(
        "Find what is wrong in entries, each with file, line and key. Exit code 3 when something was found.\n\n"
        "All entries are looked at, and what they say of one another; or those named: by an id or a part of it, a "
        "file, or a folder."
    ),
)
@click.argument("paths", nargs=-1, metavar="[ID|PATH]...")
@form_option("text", "json")
@click.pass_context
def command(ctx: click.Context, /, paths: tuple[str, ...], form: str) -> int:
    with knowledge_base(ctx) as kb:
        chosen = chosen_entries(kb.corpus, named_files(paths)) if paths else kb.corpus.paths()
        found = check(kb.corpus, kb.authority, kb.vocabulary, chosen if paths else None)
        if not paths:
            try:
                found += contradictions(kb.engine, kb.corpus)
            except IndexUnusableError as error:
                say(str(error))
    emit(as_json(findings_record(found)) if form == "json" else findings(found, len(chosen)))
    return 3 if found else 0
