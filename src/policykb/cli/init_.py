"""``policykb init``."""

from __future__ import annotations

from pathlib import Path

import click

from policykb.cli.output import emit
from policykb.corpus.settings import init
from policykb.files.packaged import shipped
from policykb.i18n import _


@click.command("init", help=_("Make a new knowledge base in DIR (default: here)."))
@click.argument("folder", metavar="[DIR]", default=".")
@click.option("--name", help=_("The knowledge base's name (default: the folder's)."))
@click.option("--with-2024", "with_2024", is_flag=True, help=_("Put the policies of 2024 into it."))
def command(folder: str, name: str | None, with_2024: bool) -> None:
    root = Path(folder)
    init(root, name or root.absolute().name, shipped() / "corpus" if with_2024 else None)
    said = _("made a knowledge base in {root}; put entries into {corpus}")
    emit(said.format(root=root, corpus=root / "corpus") + "\n")
