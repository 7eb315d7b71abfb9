"""``policykb index``."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from policykb.cli.options import knowledge_base
from policykb.cli.output import emit
from policykb.i18n import _, ngettext
from policykb.search.engine import WAIT_INDEX

if TYPE_CHECKING:
    from policykb.search.engine import Outcome


@click.command("index", help=_("Bring the index up to date with the files of the corpus."))
@click.option("--rebuild", is_flag=True, help=_("Build it anew from the files."))
@click.option("--watch", is_flag=True, help=_("Stay and keep it up to date as files change (end with Ctrl-C)."))
@click.option(
    "--every",
    type=click.FloatRange(min=0.1),
    default=1.0,
    show_default=True,
    metavar="SECONDS",
    help=_("How often --watch looks."),
)
@click.pass_context
def command(ctx: click.Context, /, rebuild: bool, watch: bool, every: float) -> None:
    with knowledge_base(ctx) as kb:
        outcome = kb.refresh(rebuild=rebuild, wait=WAIT_INDEX)
        emit(_said(outcome))
        if outcome.remarks and not watch:  # it could not be updated, and the user has been told why
            ctx.exit(1)
        while watch:
            time.sleep(every)
            if not kb.engine.is_stale():
                continue
            outcome = kb.refresh(wait=WAIT_INDEX)
            if outcome.added or outcome.changed or outcome.removed:
                emit(f"{time.strftime('%H:%M:%S')} {_said(outcome)}")


def _said(outcome: Outcome) -> str:
    entries = ngettext("{n:,} entry", "{n:,} entries", outcome.entries).format(n=outcome.entries)
    return (
        _("{entries}; added {added:,}, changed {changed:,}, removed {removed:,}").format(
            entries=entries, added=outcome.added, changed=outcome.changed, removed=outcome.removed
        )
        + "\n"
    )
