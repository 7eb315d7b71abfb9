"""``policykb due``."""

from __future__ import annotations

from typing import Any

import click

from policykb.cli.options import days, filter_options, form_option, knowledge_base, selection, today
from policykb.cli.output import columns, emit
from policykb.digest.key_dates import Deadlines
from policykb.i18n import _
from policykb.news.obligations import due
from policykb.render import news_records
from policykb.render.records import as_json
from policykb.render.terminal import news as text
from policykb.search.engine import all_entries
from policykb.search.request import ALL


@click.command(
    "due",
    help=_(
        "Who has to do what by when, as documents say, each with its sentence: what is to come, and what has passed. "
        "What documents want that are superseded or repealed is left out."
    ),
)
@filter_options
@click.option(
    "--within",
    callback=days,
    default="90d",
    show_default=True,
    metavar="DAYS",
    help=_("So many days around today."),
)
@form_option("text", "json")
@click.pass_context
def command(ctx: click.Context, /, within: int, form: str, **options: Any) -> None:
    now = today(ctx)
    filters = selection(ctx, options)
    with knowledge_base(ctx) as kb:
        if any(filters.values()):
            policies = [hit.policy for hit in kb.search(limit=ALL, today=now, **filters).hits]
        else:
            policies = all_entries(kb.engine)
        found = due(policies, Deadlines.of_day(kb.engine, now), today=now, within=within)
    emit(as_json(news_records.due_record(found)) if form == "json" else text.due(found, columns()))
