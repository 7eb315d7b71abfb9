"""``policykb doctor``."""

from __future__ import annotations

import click

from policykb.cli.options import knowledge_base, say


@click.command("doctor")
@click.option("--fix", is_flag=True, help="Mend what is safe to mend: leftover files, a damaged index.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def command(ctx: click.Context, /, fix: bool, form: str) -> int:
    """Check data files, corpus and index, and that they agree. Exit code 3 when something is wrong and not mended.

    What is wrong inside entries is only counted here; 'policykb check' names it.
    """
    from policykb.doctor import diagnose
    from policykb.render.terminal import findings

    kb = knowledge_base(ctx)
    diagnosis = diagnose(kb.corpus, kb.engine.index, fix=fix, say=say)
    for finding in diagnosis.mended:
        say(f"mended: {finding}")
    findings.write(diagnosis.found, form)
    return 3 if diagnosis.found else 0
