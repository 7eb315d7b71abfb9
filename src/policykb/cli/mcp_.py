"""``policykb mcp``."""

from __future__ import annotations

import json
import sys

import click

from policykb.cli.options import knowledge_base, own_root, today
from policykb.cli.output import emit
from policykb.errors import MissingExtraError
from policykb.i18n import _


@click.command(
    "mcp", help=_("Answer an assistant's questions by the Model Context Protocol, on standard input and output.")
)
@click.option("--read-only", is_flag=True, help=_("Without the tool that puts proposals into the inbox."))
@click.option("--config", is_flag=True, help=_("Print the lines to paste into the settings of an assistant, and end."))
@click.pass_context
def command(ctx: click.Context, /, read_only: bool, config: bool) -> None:
    try:
        from policykb.mcp.server import serve
        from policykb.mcp.tool import Desk
    except ModuleNotFoundError:
        raise MissingExtraError(_("answering assistants"), "mcp") from None

    own = own_root(ctx)
    if config:
        arguments = ["-P", "-m", "policykb", *(["--kb", str(own.absolute())] if own else []), "mcp"]
        arguments += ["--read-only"] if read_only else []
        entry = {"mcpServers": {"policykb": {"command": sys.executable, "args": arguments}}}
        emit(json.dumps(entry, ensure_ascii=False, indent=2) + "\n")
        return
    with knowledge_base(ctx) as kb:
        serve(Desk(kb, lambda: today(ctx)), writable=own is not None and not read_only)
