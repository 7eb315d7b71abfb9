"""``policykb completion``: what a shell needs to complete commands, options and their values."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from policykb.cli.output import emit
from policykb.i18n import _


@click.command(
    "completion",
    help=_(
        "Print what a shell needs to complete commands, departments, tags, kinds, periods and ids.\n\n"
        "\b\n"
        "bash: policykb completion bash >> ~/.bashrc\n"
        "zsh:  policykb completion zsh >> ~/.zshrc\n\n"
        "It works in the next shell. Values come from the knowledge base of the working folder or of POLICYKB_HOME."
    ),
)
@click.argument("shell", type=click.Choice(["bash", "zsh"]))
@click.pass_context
def command(ctx: click.Context, /, shell: str) -> None:
    known = get_completion_class(shell)
    assert known
    complete = known(ctx.find_root().command, {}, "policykb", "_POLICYKB_COMPLETE")
    emit(complete.source_template % complete.source_vars() + "\n")
