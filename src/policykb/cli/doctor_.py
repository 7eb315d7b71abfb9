"""``policykb doctor``."""

from __future__ import annotations

import click

from policykb.cli.options import form_option, knowledge_base
from policykb.cli.output import emit, say
from policykb.doctor import diagnose
from policykb.i18n import _
from policykb.render.records import as_json, findings_record
from policykb.render.terminal.findings import findings


@click.command(
    "doctor",
    help=_(
        "Check data files, corpus and index, and that they agree. "
        "Exit code 3 when something is wrong and not mended.\n\n"
        "What is wrong inside entries is only counted here; 'policykb check' names it."
    ),
)
@click.option("--fix", is_flag=True, help=_("Mend what is safe to mend: leftover files, a damaged index."))
@form_option("text", "json")
@click.pass_context
def command(ctx: click.Context, /, fix: bool, form: str) -> int:
    kb = knowledge_base(ctx)
    diagnosis = diagnose(kb.corpus, kb.engine, fix=fix)
    for finding in diagnosis.mended:
        say(_("mended: {finding}").format(finding=finding))
    if form == "json":
        emit(as_json(findings_record(diagnosis.found)))
    else:
        emit(findings(diagnosis.found, len(kb.corpus.paths())))
    return 3 if diagnosis.found else 0
