"""``policykb open``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from policykb.cli.options import own_knowledge_base
from policykb.i18n import _


@click.command("open", help=_("Open the entry with this ID in the editor ($VISUAL, $EDITOR, or the system's)."))
@click.argument("id")
@click.pass_context
def command(ctx: click.Context, /, id: str) -> None:
    edit(own_knowledge_base(ctx).corpus.resolve(id))


def edit(path: Path) -> None:
    """Opens a file in the editor, and waits for it; no shell reads the name. Raises PolicyKBError."""
    import shlex
    import subprocess

    from policykb.errors import PolicyKBError

    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    editor = editor or ("open" if sys.platform == "darwin" else "xdg-open")
    try:
        if sys.platform == "win32":
            if not (os.environ.get("VISUAL") or os.environ.get("EDITOR")):
                editor = _("that Windows has for such files")
                os.startfile(path)
                return
            command: str | list[str] = f"{editor} {subprocess.list2cmdline([str(path)])}"  # \ is no escape in its paths
        else:
            command = [*shlex.split(editor), str(path)]
        code = subprocess.run(command, check=False).returncode
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        problem = _("the editor {editor} cannot be started: {reason}; EDITOR in the environment names another one")
        raise PolicyKBError(problem.format(editor=editor, reason=reason)) from None
    if code:
        raise PolicyKBError(_("the editor {editor} ended with exit code {code}").format(editor=editor, code=code))
