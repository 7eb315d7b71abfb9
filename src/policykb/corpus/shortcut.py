"""The file beside a knowledge base that shows its pages, for people who open files and type no commands."""

from __future__ import annotations

import os
import shlex
import shutil
import sysconfig
from pathlib import Path

from policykb.errors import CorpusError
from policykb.files.atomic import write_atomically
from policykb.files.packaged import DATA
from policykb.files.reading import read_if_there, read_text
from policykb.i18n import _

NAME = "start-policykb.cmd" if os.name == "nt" else "start-policykb.command"  # what Windows, or macOS, opens
_OURS = b'"policykb init --shortcut" made this file'  # which may thus be written over


def lay_shortcut(root: Path) -> Path:
    """Writes the file, or writes it anew for where policykb is installed now; returns it.

    Raises CorpusError where a file of that name is somebody's own, OutputError where it cannot be written.
    """
    path = root / NAME
    if os.path.lexists(path) and _OURS not in (read_if_there(path) or b""):
        raise CorpusError(_("{path}: exists already, and is not overwritten").format(path=path))
    folder = _folder_of_commands()
    line_end, folder = ("\r\n", folder.replace("%", "%%")) if os.name == "nt" else ("\n", shlex.quote(folder))
    text = read_text(DATA / NAME).replace("{folder}", folder)
    write_atomically(path, "".join(line + line_end for line in text.splitlines()).encode())
    path.chmod(0o755)
    return path


def _folder_of_commands() -> str:
    """The folder that pip, pipx or uv put the command ``policykb`` of this installation into."""
    own = sysconfig.get_path("scripts")
    user = sysconfig.get_path("scripts", sysconfig.get_preferred_scheme("user"))
    return next((folder for folder in (own, user) if shutil.which("policykb", path=folder)), own)
