"""Files that a merge, a synchronisation or a file manager left beside entries: not what anybody wrote as one."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from policykb.corpus.corpus import Corpus
from policykb.corpus.findings import Finding
from policykb.corpus.folder import NO_ENTRIES, id_of
from policykb.errors import DocumentError
from policykb.i18n import _

# what tools put behind a name, and never a person: 坚果云, 百度, OneDrive, Dropbox, Syncthing, ownCloud
_TOLD = re.compile(
    r"(?P<name>.+?)[ ._-]*(?:[（(][^（()）]*(?:冲突副本|冲突文件|冲突|(?i:conflict(?:ed)? copy))[^（()）]*[）)]"
    r"|[._ -](?:冲突副本|冲突文件)[^/]*|\.sync-conflict-[0-9A-Z-]+|_conflict-[0-9-]+)"
)
# what may be a part of a title, unless there is an entry without it: file managers, browsers
_COUNTED = re.compile(r"(?P<name>.+?)(?: ?\(\d{1,2}\)| ?- ?(?:副本|复件|(?i:copy))(?: ?\(\d{1,2}\))?|\.orig)")
_LEFT_OVER = (".md.orig", ".md.rej", ".md.bak", ".md~")
_MARKER = re.compile(rb"^(?:<{7} |>{7} )", re.MULTILINE)


def copied_from(id: str, ids: Collection[str]) -> str | None:
    """The id that a file is a copy of, by its name; None for what is an entry of its own."""
    if told := _TOLD.fullmatch(id):
        return told["name"]
    counted = _COUNTED.fullmatch(id)
    return counted["name"] if counted and counted["name"] in ids else None


def finding_of(corpus: Corpus, path: Path, ids: Collection[str]) -> Finding | None:
    """What is to be said of a file that is no entry of its own; ``ids`` are those of the corpus."""
    if other := copied_from(id_of(path), ids):
        problem = _("is a copy that a synchronisation or a file manager left of {other}: compare them, and remove one")
        return Finding(path, None, None, problem.format(other=other))
    try:
        line = first_marker(corpus.read_bytes(path))
    except DocumentError:  # said by who reads it
        return None
    if line is None:
        return None
    problem = _("has git's conflict markers: choose between <<<<<<< and >>>>>>>, and take them out")
    return Finding(path, line, None, problem, "error")


def left_over(corpus: Corpus) -> Iterator[Finding]:
    """The files that merges and editors left beside entries."""
    for place, folders, names in os.walk(corpus.root):
        top = place == os.fspath(corpus.root)
        folders[:] = [name for name in folders if name[0] != "." and not (top and name in NO_ENTRIES)]
        for name in names:
            if name.lower().endswith(_LEFT_OVER) and name[0] != ".":
                problem = _("is left over from a merge or an editor, and no entry: remove it")
                yield Finding(Path(place, name), None, None, problem)


def first_marker(content: bytes) -> int | None:
    """The line of the first of git's conflict markers in a file; None where it has not both of them."""
    found = list(_MARKER.finditer(content))
    if {mark[0][:1] for mark in found} != {b"<", b">"}:
        return None
    return content.count(b"\n", 0, found[0].start()) + 1
