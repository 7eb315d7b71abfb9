"""``policykb open``."""

from __future__ import annotations

import errno
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click

from policykb.cli.options import id_argument, own_knowledge_base
from policykb.errors import PolicyKBError
from policykb.files.reading import reason
from policykb.i18n import _

_NO_PROGRAM = 1155  # Windows' number of "no program is associated with such files"


@click.command("open", help=_("Open the entry with this ID in the editor ($VISUAL, $EDITOR, or the system's)."))
@id_argument
@click.pass_context
def command(ctx: click.Context, /, id: str) -> None:
    edit(own_knowledge_base(ctx).corpus.resolve(id))


def edit(path: Path) -> None:
    """Opens a file in the editor, and waits for it; no shell reads the name. Raises PolicyKBError."""
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    try:
        if os.name == "nt" and not editor:
            editor = _("that Windows has for such files")
            _start(path)
            return
        editor = editor or ("open" if sys.platform == "darwin" else "xdg-open")
        code = subprocess.run(_command(editor, path), check=False).returncode
    except (OSError, ValueError) as error:
        problem = _("the editor {editor} cannot be started: {reason}; EDITOR in the environment names another one")
        raise PolicyKBError(problem.format(editor=editor, reason=reason(error))) from None
    if code:
        raise PolicyKBError(_("the editor {editor} ended with exit code {code}").format(editor=editor, code=code))


def _command(editor: str, path: Path) -> list[str] | str:
    """What starts an editor with a file. Raises OSError and ValueError."""
    if os.name != "nt":
        return [*shlex.split(editor), str(path)]
    # \ is no escape there, a path with spaces may stand without quotes, and code is code.cmd
    words = [editor] if _program(editor) else [word.strip('"') for word in shlex.split(editor, posix=False)]
    if not (program := _program(words[0])):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    if program.lower().endswith((".cmd", ".bat")) and "%" in str(path):  # cmd, which runs it, would read a variable
        raise ValueError(_("a name with % cannot be given to a .cmd or .bat file: {path}").format(path=path))
    return f'{subprocess.list2cmdline([program, *words[1:]])} "{path}"'  # in quotes cmd obeys nothing else


def _program(name: str) -> str | None:
    """The file of a program of this name, or path, on Windows; never one of the folder that the user stands in."""
    folders = os.environ.get("PATH", "").split(os.pathsep)
    return next(filter(None, (shutil.which(os.path.join(folder, name)) for folder in folders if folder)), None)


def _start(path: Path) -> None:
    """Opens a file in the program that Windows has for it, else in the editor that Windows brings along."""
    if sys.platform == "win32":
        try:
            os.startfile(path)
        except OSError as error:
            if error.winerror != _NO_PROGRAM:
                raise
            subprocess.Popen([os.path.join(os.environ["SYSTEMROOT"], "notepad.exe"), path])
