"""Where the index of a knowledge base is, and opening it whatever can be written."""

from __future__ import annotations

import errno
import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policykb.engines.whoosh.folder import refusal
from policykb.engines.whoosh.index import Index
from policykb.engines.whoosh.refresh import Refreshed, refresh
from policykb.errors import IndexUnusableError
from policykb.files.packaged import PACKAGE, shipped
from policykb.files.reading import reason
from policykb.i18n import _

if TYPE_CHECKING:
    from policykb.corpus.corpus import Corpus

# where nothing can be written in the knowledge base, nothing locked (a network folder), or a folder has the name of a
# file, the user's cache may do
_UNWRITABLE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EISDIR}
_UNWRITABLE |= {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP}


def index_folder(root: Path, say: Callable[[str], None] = lambda text: None) -> Path:
    """``index/`` beside the corpus; in the user's cache where that cannot be made, or is no index's, which is said.

    In the cache it also is for the corpus inside the package, and on Windows where the corpus is shared.
    """
    own = root / "index"
    if (root == shipped() and root.is_relative_to(PACKAGE)) or _is_remote(root):
        return _cached_folder(root)
    if refused := refusal(own):
        cached = _cached_folder(root)
        text = _("{folder} cannot hold the index: {reason}; using one in {cached}")
        say(text.format(folder=own, reason=refused, cached=cached))
        return cached
    return own if own.is_dir() or os.access(root, os.W_OK) else _cached_folder(root)


def refresh_anywhere(
    index: Index, corpus: Corpus, *, say: Callable[[str], None], **options: Any
) -> tuple[Index, Refreshed]:
    """Brings the index up to date, or one in the user's cache where it cannot be written; the index, what was done.

    ``options`` are those of `refresh`. Raises `IndexUnusableError`.
    """
    while True:
        try:
            return index, refresh(index, corpus, say=say, **options)
        except OSError as error:
            said, cached = reason(error), _cached_folder(corpus.root.parent)
            if error.errno not in _UNWRITABLE or index.folder == cached:
                text = _("the index {folder} cannot be written: {reason}")
                raise IndexUnusableError(text.format(folder=index.folder, reason=said)) from error
            index = Index(cached)
            text = _("the index cannot be written ({reason}); using one in {folder}")
            say(text.format(reason=said, folder=cached))


def _is_remote(root: Path) -> bool:
    """Whether a folder is on a network drive of Windows, where a mapped file can go away, or in OneDrive.

    That one uploads what is in it, and holds files open meanwhile.
    """
    if sys.platform != "win32":
        return False
    place = Path(os.path.realpath(root))  # of a drive that stands for a folder of a server, that folder
    synced = map(os.environ.get, ("OneDrive", "OneDriveCommercial", "OneDriveConsumer"))
    return place.drive.startswith("\\\\") or any(folder and place.is_relative_to(folder) for folder in synced)


def _cached_folder(root: Path) -> Path:
    from policykb.files.cache import cache_folder  # most searches write nothing

    key = hashlib.sha1(os.fsencode(root), usedforsecurity=False).hexdigest()[:16]
    return cache_folder() / f"index-{key}"
