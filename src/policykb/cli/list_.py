"""``policykb list``: the whole corpus, or what passes the filters, by date."""

from __future__ import annotations

from typing import Any

import click

from policykb.cli.options import filter_options, output_options
from policykb.cli.search_ import answer
from policykb.i18n import _
from policykb.render.results import FORMATS
from policykb.search.request import ALL


@click.command("list", help=_("List entries by date."))
@filter_options
@click.option("--sort", type=click.Choice(["newest", "oldest"]), default="oldest", show_default=True)
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help=_("Default: all."))
@click.option("--offset", type=click.IntRange(min=0), default=0, metavar="N", help=_("Leave out the first N."))
@click.option("--facets", is_flag=True, help=_("Count the entries by department, tag, kind, status and month."))
@output_options(*FORMATS)
@click.option("--no-refresh", is_flag=True, help=_("Use the index as it is, without looking for changed files."))
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> None:
    if options["limit"] is None:
        options["limit"] = ALL
    answer(ctx, "", options | {"match": "auto", "exact": False, "explain": False, "timings": False}, listed=True)
