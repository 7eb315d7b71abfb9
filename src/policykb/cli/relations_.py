"""``policykb relations``."""

from __future__ import annotations

import click

from policykb.cli.options import day, form_option, id_argument, knowledge_base, today
from policykb.cli.output import columns, emit, page
from policykb.i18n import _
from policykb.relations import overview
from policykb.render import relation_records as records
from policykb.render.records import as_json
from policykb.render.terminal import relations as text


@click.command(
    "relations",
    help=_(
        "What an entry rests on, what it changed, what others say of it, and in what state it is.\n\n"
        "As far as this knowledge base knows: each with the sentence that says so, found or confirmed by a person."
    ),
)
@id_argument
@click.option("--as-of", metavar="DAY", help=_("As it stood on that day (default: today)."))
@click.option(
    "--tree", is_flag=True, help=_("The family around the entry: what it rests on above, what rests on it below.")
)
@form_option("text", "json")
@click.pass_context
def command(ctx: click.Context, /, id: str, as_of: str | None, tree: bool, form: str) -> None:
    on = today(ctx) if as_of is None else day(as_of)
    with knowledge_base(ctx) as kb:
        if tree:
            path = kb.corpus.relative(kb.corpus.resolve(id))
            kb.engine.open()
            found = kb.engine.linked(lambda links: overview.family(links, path, on, as_of=as_of is not None))
            emit(as_json(records.family_record(found)) if form == "json" else text.family(found, columns()))
            return
        known = kb.relations(id, as_of=on if as_of else None, today=on)
    if form == "json":
        emit(as_json(records.relations_record(known)))
    else:
        page(text.relations(known, on, columns()))
