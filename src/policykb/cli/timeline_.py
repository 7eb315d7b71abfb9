"""``policykb timeline``."""

from __future__ import annotations

from typing import Any

import click

from policykb.cli.options import filter_options, knowledge_base, output_options, query_of, selection, today
from policykb.cli.output import emit, say
from policykb.digest.digest import left_out
from policykb.digest.key_dates import Deadlines
from policykb.domain.daterange import DateRange
from policykb.errors import OutputError
from policykb.i18n import _
from policykb.render import timeline_page
from policykb.render.labels import Labels
from policykb.search.request import ALL


@click.command(
    "timeline",
    help=_("Draw the entries that match WORDS and the filters on a time line by topic, one page."),
    context_settings={"ignore_unknown_options": True},
)
@click.argument("words", nargs=-1)
@filter_options
@output_options(*timeline_page.FORMATS)
@click.pass_context
def command(ctx: click.Context, /, words: tuple[str, ...], form: str, output: str | None, **options: Any) -> None:
    query = query_of(ctx, words)
    filters = selection(ctx, options)
    with knowledge_base(ctx) as kb:
        found = kb.search(query, **filters, limit=ALL, sort="oldest", today=today(ctx))
        policies = [hit.policy for hit in found.hits if hit.policy.date]
        if undated := found.undated + len(found.hits) - len(policies):
            say(left_out(undated))
        if not policies:
            raise OutputError(_("nothing to draw: no entry matches; 'policykb search' with the same words says why"))
        corpus = kb.corpus.root
        drawing = timeline_page.render(
            policies,
            form,
            period=filters["dates"] or DateRange(),
            deadlines=Deadlines.of_day(kb.engine, filters.get("as_of") or today(ctx)),
            labels=Labels.load(corpus),
            corpus=corpus,
        )
        emit(drawing, output)
