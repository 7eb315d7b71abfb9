"""The folder of an index: whether it is one of ours, and which names in it are.

Nothing else in it is ever removed: a knowledge base may come from a stranger, or its ``index/`` be somebody's own.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
from pathlib import Path

from policykb.i18n import _

NAME = "policies"
LOCK = f"{NAME}_LOCK"
WORK = ".work-"
MARKER = "policykb-index"  # a file that says whose folder this is
_MARK = b"The index of a knowledge base of policykb, made from its corpus: this folder can be deleted.\n"
KEPT = "kept-"  # begins the names of what has been worked out from a snapshot
_GITIGNORE = ".gitignore"  # a fresh clone has the folder with this file
LAST = 10**12  # generations are below this: of a greater number the next one could not be told from a stranger's

_STATE = re.compile(r"state_(\d{1,12})\.json", re.ASCII)
MANIFEST = re.compile(r"manifest_\d{1,12}-[0-9a-f]{1,12}\.json", re.ASCII)
SEGMENT = re.compile(r"[0-9a-z]{16}")
# compiled when they are first asked for, which is by who writes
_FILE = (
    rf"{_STATE.pattern}|{MANIFEST.pattern}|(?:lexicon|thesaurus|{KEPT}[a-z]{{1,20}})-[0-9a-f]{{16}}"
    rf"|{NAME}_{SEGMENT.pattern}\.[a-z_.]+"
)
_PARTIAL = rf"\.policykb-[0-9a-f]{{16}}\.tmp|\.+(?:{_FILE})(?:\.\d+)+"  # the latter of version 0.1.0
_WORKING = r"\.work-\d+"


def refusal(folder: Path) -> str | None:
    """Why a folder cannot hold an index; None where it can, or could be made."""
    try:
        mode = os.lstat(folder).st_mode
        if stat.S_ISLNK(mode):
            return _("it is a symbolic link")
        if not stat.S_ISDIR(mode):
            return _("it is no folder")
        names = os.listdir(folder)
    except OSError:
        return None  # to be told by whoever uses it
    if MARKER in names or any(map(_STATE.fullmatch, names)):
        return None
    if all(name in (_GITIGNORE, LOCK) or is_file(name) or is_partial(name) for name in names):
        return None
    return _("it holds files that are not policykb's")


def mark(folder: Path) -> None:
    """Makes a folder an index's, if it is not yet."""
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError), open(folder / MARKER, "xb") as file:
        file.write(_MARK)


def generation_in(name: str) -> int | None:
    """The generation in the name of a state."""
    found = _STATE.fullmatch(name)
    return int(found[1]) if found else None


def is_file(name: str) -> bool:
    """Whether a name is one that files of an index have."""
    return re.fullmatch(_FILE, name, re.ASCII) is not None


def is_partial(name: str) -> bool:
    """Whether a name is that of something that is not complete yet: its writer is at work, or was killed."""
    return re.fullmatch(f"{_PARTIAL}|{_WORKING}", name, re.ASCII) is not None


def remove(path: Path) -> None:
    """Removes a file or link, or a folder that segments are built in; any other folder stays."""
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISDIR(os.lstat(path).st_mode):
            path.unlink()
        elif re.fullmatch(_WORKING, path.name, re.ASCII):
            shutil.rmtree(path, ignore_errors=True)


def discard(path: Path) -> None:
    """Removes a file of ours that is out of use; where another process has it open, which Windows forbids, it stays.

    The next update tries again. No file gets its name: those of an index are never used twice.
    """
    with contextlib.suppress(PermissionError):
        remove(path)
