"""``policykb init``."""

from __future__ import annotations

from pathlib import Path

import click

from policykb.cli.output import emit
from policykb.corpus.locate import marker
from policykb.corpus.settings import init
from policykb.corpus.shortcut import lay_shortcut
from policykb.files.packaged import shipped
from policykb.i18n import _


@click.command("init", help=_("Make a new knowledge base in DIR (default: here)."))
@click.argument("folder", metavar="[DIR]", default=".")
@click.option("--name", help=_("The knowledge base's name (default: the folder's)."))
@click.option("--with-2024", "with_2024", is_flag=True, help=_("Put the policies of 2024 into it."))
@click.option(
    "--shortcut", is_flag=True, help=_("Lay a file beside it that, opened, shows its pages; beside an old one, too.")
)
def command(folder: str, name: str | None, with_2024: bool, shortcut: bool) -> None:
    root = Path(folder)
    if not shortcut or name or with_2024 or not marker(root).is_file():
        init(root, name or root.absolute().name, shipped() / "corpus" if with_2024 else None)
        said = _("made a knowledge base in {root}; put entries into {corpus}")
        emit(said.format(root=root, corpus=root / "corpus") + "\n")
    if shortcut:
        emit(_("to see its pages, open {path}").format(path=lay_shortcut(root)) + "\n")
