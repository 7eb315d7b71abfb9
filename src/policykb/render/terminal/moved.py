"""What renaming or removing an entry did, as text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from policykb.i18n import _
from policykb.text.visible import visible

if TYPE_CHECKING:
    from policykb.corpus.moving import Moved


def moved(done: Moved, root: Path) -> str:
    """The files, and the entries whose relations follow, a line each."""

    def shown(path: Path) -> str:
        return path.relative_to(root).as_posix()

    lines = [
        _("{old} -> {new}").format(old=shown(old), new=shown(new))
        if new
        else _("removed {path}").format(path=shown(old))
        for old, new in done.files.items()
    ]
    lines += [_("relations of {id} follow").format(id=id) for id in done.related]
    return "".join(visible(f"{line}\n") for line in lines or [_("the title is another one now; the id stays")])
