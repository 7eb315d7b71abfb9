"""``policykb market``."""

from __future__ import annotations

import click

from policykb.cli.options import emit, knowledge_base, today


@click.command("market")
@click.argument("period", default="")
@click.option("--format", "form", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True)
@click.pass_context
def command(ctx: click.Context, /, period: str, form: str) -> int:
    """Show the market figures of a PERIOD (default: all there are); 'policykb market check' checks them.

    The check recomputes what follows from other figures and says what does not agree, and by how much. Its exit
    code is 3 when something does not.
    """
    from policykb.domain.daterange import DateRange
    from policykb.market import audit, market
    from policykb.market.findings import PROBLEMS
    from policykb.render import market as render
    from policykb.render.labels import Labels
    from policykb.render.terminal import market_audit as checks

    kb = knowledge_base(ctx)
    figures = market.load(kb.corpus.root)
    if period == "check":
        findings = audit.check(figures)
        checks.write(findings, form)
        return 3 if any(finding.kind in PROBLEMS for finding in findings) else 0
    within = DateRange.parse(period, today=today(ctx)) if period else DateRange()
    emit(render.render(figures, within, form, Labels.load(kb.corpus.root)), None)
    return 0
