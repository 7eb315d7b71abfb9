"""``policykb digest``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from policykb.cli.options import (
    filter_options,
    knowledge_base,
    output_options,
    query_of,
    selection,
    today,
)
from policykb.cli.output import emit, say
from policykb.digest import manifest
from policykb.digest.digest import GROUPS, left_out
from policykb.i18n import _
from policykb.render import digests
from policykb.render.labels import Labels


@click.command(
    "digest",
    help=_("Write a chronological digest of the entries that match WORDS and the filters."),
    context_settings={"ignore_unknown_options": True},
)
@click.argument("words", nargs=-1)
@filter_options
@click.option("--group", type=click.Choice(GROUPS), default="month", show_default=True)
@click.option(
    "--style", type=click.Choice(digests.STYLES), help=_("Default: full; a workbook is a table and nothing else.")
)
@output_options(*digests.FORMATS)
@click.option("--since", metavar="FILE", help=_("An earlier digest: write only what is new or changed since."))
@click.pass_context
def command(
    ctx: click.Context,
    /,
    words: tuple[str, ...],
    group: str,
    style: str | None,
    form: str,
    since: str | None,
    output: str | None,
    **options: Any,
) -> None:
    query = query_of(ctx, words)
    filters = selection(ctx, options)
    earlier = manifest.load(Path(since)) if since else None
    with knowledge_base(ctx) as kb:
        digest = kb.digest(query, **filters, group=group, since=earlier, today=today(ctx))
        if digest.undated:
            say(left_out(digest.undated))
        labels = Labels.load(kb.corpus.root)
        style = style or ("table" if form == "xlsx" else "full")
        emit(digests.render(digest, form, style, labels=labels, corpus=kb.corpus.root), output)
