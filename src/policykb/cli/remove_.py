"""``policykb remove``."""

from __future__ import annotations

import sys

import click

from policykb.cli.options import id_argument, own_knowledge_base
from policykb.cli.output import emit
from policykb.corpus.folder import id_of
from policykb.corpus.moving import remove
from policykb.i18n import _
from policykb.render.terminal.moved import moved


@click.command(
    "remove",
    help=_(
        "Remove the entry with this ID, and its original: all of it or nothing.\n\n"
        "Relations of other entries name the document by its title from then on."
    ),
)
@id_argument
@click.option("--yes", is_flag=True, help=_("Without asking."))
@click.pass_context
def command(ctx: click.Context, /, id: str, yes: bool) -> None:
    kb = own_knowledge_base(ctx)
    path = kb.corpus.resolve(id)
    if not yes:
        if not sys.stdin.isatty():
            raise click.UsageError(_("this removes {id}: say --yes").format(id=id_of(path)), ctx)
        click.confirm(_("remove {id}?").format(id=id_of(path)), abort=True, err=True)
    emit(moved(remove(kb.corpus, str(path)), kb.root))
