"""``policykb market``: the figures of a period; ``market check``: whether they agree; ``market import``: daily ones."""

from __future__ import annotations

from pathlib import Path

import click

from policykb.cli.options import knowledge_base, output_options, own_knowledge_base, today
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
    """A command with an optional PERIOD that has subcommands too: ``check`` and ``import`` are never periods."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if named := next((arg for arg in args if arg in ("check", "import")), None):
            ctx.allow_interspersed_args = False
            rest = list(args)
            rest.remove(named)
            args = ["", named, *rest]
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
@output_options(*market.FORMATS)
@click.pass_context
def command(ctx: click.Context, /, period: str, form: str, output: str | None) -> None:
    if ctx.invoked_subcommand:
        return
    corpus = knowledge_base(ctx).corpus.root
    known = load(corpus)
    within = DateRange.parse(period, today=today(ctx)) if period else known.covered
    emit(market.render(known, within, form, Labels.load(corpus)), output)


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


@command.command(
    "import",
    help=_(
        "Take the daily series of an exchange, CSV or Excel, into the knowledge base; its columns are called as "
        "exchanges call them (日期, 收盘价, 挂牌协议成交量, 大宗协议成交额 ...)."
    ),
)
@click.argument("file")
@click.option("--update", is_flag=True, help=_("Replace days that are there with other figures."))
@click.option("--dry-run", is_flag=True, help=_("Show what would be written."))
@click.pass_context
def import_(ctx: click.Context, /, file: str, update: bool, dry_run: bool) -> None:
    from policykb.importing.daily import import_daily

    done = import_daily(own_knowledge_base(ctx).corpus, Path(file), update=update, dry_run=dry_run)
    said = _("{new} trading days would be new, {same} the same as before, {other} with other figures; {path}")
    if not dry_run:
        said = _("{new} trading days new, {same} the same as before, {other} with other figures; {path}")
    emit(said.format(new=len(done.new), same=done.same, other=len(done.other), path=done.path) + "\n")
    if done.left_out:
        say(_("columns that are not read: {names}").format(names=", ".join(done.left_out)))
    if done.rows:
        say(_("{number} rows are no trading days").format(number=done.rows))
    if done.other and not update:
        days = ", ".join(str(day.date) for day in done.other[:5])
        say(_("days with other figures stay as they are ({days} ...); --update replaces them").format(days=days))
