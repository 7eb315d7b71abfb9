"""``policykb init``."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("init")
@click.argument("folder", metavar="[DIR]", default=".")
@click.option("--name", help="The knowledge base's name (default: the folder's).")
@click.option("--with-2024", "with_2024", is_flag=True, help="Put the policies of 2024 into it.")
def command(folder: str, name: str | None, with_2024: bool) -> None:
    """Make a new knowledge base in DIR (default: here)."""
    from policykb.corpus.settings import init
    from policykb.files.packaged import shipped

    root = Path(folder)
    init(root, name or root.absolute().name, shipped() / "corpus" if with_2024 else None)
    click.echo(f"made a knowledge base in {root}; put entries into {root / 'corpus'}")
