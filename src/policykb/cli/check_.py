"""``policykb check``."""

from __future__ import annotations

from pathlib import Path

import click

from policykb.cli.options import form_option, knowledge_base
from policykb.cli.output import emit
from policykb.i18n import _


@click.command(
    "check",
    help=_("Find what is wrong in entries, each with file, line and key. Exit code 3 when something was found."),
)
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@form_option("text", "json")
@click.pass_context
def command(ctx: click.Context, /, paths: tuple[str, ...], form: str) -> int:
    from policykb.corpus.check import check
    from policykb.render.records import as_json, findings_record
    from policykb.render.terminal.findings import findings

    kb = knowledge_base(ctx)
    chosen = [Path(path) for path in paths] if paths else None
    found = check(kb.corpus, kb.authority, kb.vocabulary, chosen)
    emit(as_json(findings_record(found)) if form == "json" else findings(found))
    return 3 if found else 0
