"""``policykb rename``."""

from __future__ import annotations

import click

from policykb.cli.options import id_argument, own_knowledge_base
from policykb.cli.output import emit
from policykb.corpus.moving import rename
from policykb.i18n import _
from policykb.render.terminal.moved import moved


@click.command(
    "rename",
    help=_(
        "Give the entry with this ID another TITLE, and the id that goes with it.\n\n"
        "Its original is renamed too, and the relations of other entries follow: all of it or nothing."
    ),
)
@id_argument
@click.argument("title")
@click.pass_context
def command(ctx: click.Context, /, id: str, title: str) -> None:
    kb = own_knowledge_base(ctx)
    emit(moved(rename(kb.corpus, id, title), kb.root))
