"""``policykb index``."""

from __future__ import annotations

import time

import click

from policykb.cli.options import knowledge_base


@click.command("index")
@click.option("--rebuild", is_flag=True, help="Build it anew from the files.")
@click.option("--watch", is_flag=True, help="Stay and keep it up to date as files change (end with Ctrl-C).")
@click.option(
    "--every",
    type=click.FloatRange(min=0.1),
    default=1.0,
    show_default=True,
    metavar="SECONDS",
    help="How often --watch looks.",
)
@click.pass_context
def command(ctx: click.Context, /, rebuild: bool, watch: bool, every: float) -> None:
    """Bring the index up to date with the files of the corpus."""  # fmt: skip
    from policykb.engines.whoosh.refresh import WAIT_INDEX

    with knowledge_base(ctx) as kb:
        outcome = kb.refresh(rebuild=rebuild, wait=WAIT_INDEX)
        click.echo(
            f"{outcome.entries:,} entries; added {outcome.added:,}, changed {outcome.changed:,}, "
            f"removed {outcome.removed:,}"
        )
        if outcome.remarks and not watch:  # it could not be updated, and the user has been told why
            ctx.exit(1)
        while watch:
            time.sleep(every)
            if not kb.engine.is_stale():
                continue
            outcome = kb.refresh(wait=WAIT_INDEX)
            if outcome.added or outcome.changed or outcome.removed:
                click.echo(
                    f"{time.strftime('%H:%M:%S')} {outcome.entries:,} entries; added {outcome.added:,}, "
                    f"changed {outcome.changed:,}, removed {outcome.removed:,}"
                )
