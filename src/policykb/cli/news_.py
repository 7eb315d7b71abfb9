"""``policykb news``."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date
from typing import TYPE_CHECKING

import click

from policykb.cli.options import completed, day, days, knowledge_base, output_options, own_knowledge_base, today
from policykb.cli.output import columns, emit, say
from policykb.cli.saved import opened
from policykb.i18n import _, language
from policykb.news.news import news
from policykb.news.snapshot import read_snapshot, snapshot_path, write_snapshot
from policykb.render import news as render
from policykb.render.labels import Labels
from policykb.search.engine import all_entries

if TYPE_CHECKING:
    from policykb.kb import KnowledgeBase
    from policykb.news.news import News
    from policykb.news.snapshot import Snapshot

LAST = "last"
FOUND = 3  # the exit code of --exit-code where there is something


@click.command(
    "news",
    help=_(
        "What is new, what has changed, which documents are in another state, what is due; of all entries, or of those "
        "that the saved search NAME (corpus/searches.toml) finds.\n\n"
        "Since a day: what has that day or a later one as its date, its day of publication or that on which it was "
        "added. Since the last run: what differs from what that one saw, and in which fields."
    ),
)
@click.argument("name", required=False, shell_complete=completed("search"))
@click.option(
    "--since", metavar="DAY|last", default=LAST, show_default=True, help=_("A day, or the last run of this command.")
)
@click.option(
    "--due", "within", callback=days, default="30d", show_default=True, metavar="DAYS",
    help=_("What is due, and changes its state, within so many days."),
)  # fmt: skip
@output_options(*render.FORMATS)
@click.option("--dry-run", is_flag=True, help=_("Leave what the last run saw as it is."))
@click.option("--exit-code", is_flag=True, help=_("End with 3 where there is something to tell."))
@click.pass_context
def command(
    ctx: click.Context, /, name: str | None, since: str, within: int, form: str, output: str | None, dry_run: bool,
    exit_code: bool,
) -> int:  # fmt: skip
    writes = since == LAST and not dry_run
    with own_knowledge_base(ctx) if writes else knowledge_base(ctx) as kb:
        path = snapshot_path(kb.corpus.root, name or "")
        earlier = read_snapshot(path) if since == LAST else day(since)
        if earlier is None:
            say(_("the first run: from the next one on there is something to compare with"))
        # the reasons for a state are part of a document in Chinese
        with language("zh_CN") if form in render.DOCUMENTS else nullcontext():
            found = _found(ctx, kb, name, earlier, within)
        labels = Labels.load(kb.corpus.root)
        emit(render.render(found, form, labels=labels, corpus=kb.corpus.root, columns=columns()), output)
        if writes:
            write_snapshot(path, found.today, found.policies.values(), found.states)
    return FOUND if exit_code and found else 0


def _found(ctx: click.Context, kb: KnowledgeBase, name: str | None, since: date | Snapshot | None, within: int) -> News:
    now = today(ctx)
    policies = all_entries(kb.engine) if name is None else opened(ctx, kb, name).policies(kb.search, now)
    return news(policies, kb.engine, since=since, today=now, within=within, name=name or "")
