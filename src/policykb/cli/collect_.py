"""``policykb collect``."""

from __future__ import annotations

from functools import partial

import click

from policykb.cli.options import form_option, own_knowledge_base, today
from policykb.cli.output import emit
from policykb.collecting.collecting import Collector
from policykb.collecting.manners import Asking
from policykb.collecting.sources import chosen_sources
from policykb.i18n import _
from policykb.inbox.inbox import Inbox
from policykb.render import collecting as render
from policykb.render.records import as_json
from policykb.search.engine import all_entries


@click.command(
    "collect",
    help=_(
        "Take what is new in the feeds of corpus/sources.toml, or in those of the sources named, into the inbox, to be "
        "looked at with 'policykb inbox'. What is held or waits already is not taken again. robots.txt is heeded, and "
        "hosts are asked slowly; what is left is taken at the next run. Exit code 1 when a source gave nothing it "
        "could have."
    ),
)
@click.argument("sources", nargs=-1, metavar="[SOURCE...]")
@click.option("--allow-local", is_flag=True, help=_("Ask addresses of the local network, too."))
@form_option("text", "json")
@click.pass_context
def command(ctx: click.Context, /, sources: tuple[str, ...], allow_local: bool, form: str) -> int:
    with own_knowledge_base(ctx) as kb:
        chosen = chosen_sources(kb.corpus.root, sources)
        inbox = partial(Inbox, kb.corpus, kb.authority, kb.vocabulary, today=today(ctx), say=kb.say)
        collector = Collector(kb.corpus, kb.authority, inbox, Asking(allow_local=allow_local), all_entries(kb.engine))
        done = []
        for source in chosen:
            done.append(collector.collect(source))
            if form == "text":
                emit(render.items(done[-1]))
    emit(as_json(render.collected_record(done)) if form == "json" else render.summary(done))
    return 1 if any(one.problem for one in done) else 0
