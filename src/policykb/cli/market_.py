"""``policykb market``: the figures of a period; ``market check``: whether they agree."""

from __future__ import annotations

import click

from policykb.cli.options import knowledge_base, output_options, today
from policykb.cli.output import emit, say
from policykb.domain.daterange import DateRange
from policykb.i18n import _
from policykb.market import audit
from policykb.market.findings import PROBLEMS
from policykb.market.market import load
from policykb.render import market
from policykb.render.labels import Labels
from policykb.render.market_findings import findings
from policykb.render.records import MARKET_FINDING, as_json, market_findings_record
from policykb.render.spreadsheet import table


class _Market(click.Group):
    """A command with an optional PERIOD that has a subcommand too: ``check`` is never a period."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if "check" in args:
            ctx.allow_interspersed_args = False
            rest = list(args)
            rest.remove("check")
            args = ["", "check", *rest]
        return super().parse_args(ctx, args)


@click.group(
    "market",
    cls=_Market,
    help=_("Show the market figures of a PERIOD (default: all there are)."),
    invoke_without_command=True,
    context_settings={"allow_interspersed_args": True},
    subcommand_metavar="",
)
@click.argument("period", default="")
@output_options("text", "json", "csv", "xlsx")
@click.pass_context
def command(ctx: click.Context, /, period: str, form: str, output: str | None) -> None:
    if ctx.invoked_subcommand:
        return
    corpus = knowledge_base(ctx).corpus.root
    within = DateRange.parse(period, today=today(ctx)) if period else DateRange()
    emit(market.render(load(corpus), within, form, Labels.load(corpus)), output)


@command.command(
    "check",
    help=_(
        "Recompute what follows from other figures and say what does not agree, and by how much; with a PERIOD, only "
        "inside it. Exit code 3 when something does not."
    ),
)
@click.argument("period", default="")
@output_options("text", "json", "csv")
@click.pass_context
def check(ctx: click.Context, /, period: str, form: str, output: str | None) -> int:
    corpus = knowledge_base(ctx).corpus.root
    known = load(corpus)
    if not known.reports and not known.daily:
        say(market.none_yet())
    found = audit.check(known)
    if period:
        within = DateRange.parse(period, today=today(ctx))
        found = tuple(finding for finding in found if finding.lies_in(within))
    record = market_findings_record(found)
    if form == "text":
        emit(findings(found, Labels.load(corpus)), output)
    else:
        emit(as_json(record) if form == "json" else table(MARKET_FINDING, record["findings"]), output)
    return 3 if any(finding.kind in PROBLEMS for finding in found) else 0
