"""``policykb show``."""

from __future__ import annotations

import click

from policykb.cli.options import form_option, id_argument, knowledge_base
from policykb.cli.output import columns, emit, page
from policykb.i18n import _


@click.command("show", help=_("Show the entry with this ID, or with an id that has this part."))
@id_argument
@form_option("text", "md", "html", "json")
@click.pass_context
def command(ctx: click.Context, /, id: str, form: str) -> None:
    kb = knowledge_base(ctx)
    path = kb.corpus.resolve(id)
    policy = kb.corpus.read(path)
    if form == "md":
        emit(kb.corpus.read_bytes(path))
    elif form == "json":
        from policykb.render.records import as_json, policy_record

        emit(as_json(policy_record(policy, path.relative_to(kb.root).as_posix())))
    elif form == "html":
        from policykb.render import entry_page

        emit(entry_page.render(policy))
    else:
        from policykb.render.terminal import entry

        page(entry.render(policy, columns()))
