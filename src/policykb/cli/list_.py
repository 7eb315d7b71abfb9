"""``policykb list``: the whole corpus, or what passes the filters, by date."""

from __future__ import annotations

from typing import Any

import click

from policykb.cli.options import filter_options
from policykb.cli.search_ import FORMATS, answer


@click.command("list")
@filter_options
@click.option("--sort", type=click.Choice(["newest", "oldest"]), default="oldest", show_default=True)
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="Default: all.")
@click.option("--offset", type=click.IntRange(min=0), default=0, metavar="N", help="Leave out the first N.")
@click.option("--facets", is_flag=True, help="Count the entries by department, tag, kind, status and month.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--no-refresh", is_flag=True, help="Use the index as it is, without looking for changed files.")
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> None:
    """List entries by date."""
    from policykb.search.request import ALL

    if options["limit"] is None:
        options["limit"] = ALL
    answer(ctx, "", options | {"match": "auto", "exact": False, "explain": False, "timings": False})
