"""Where the index of a knowledge base is, and opening it whatever can be written."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policykb.engines.whoosh.folder import refusal
from policykb.engines.whoosh.index import Index
from policykb.engines.whoosh.refresh import Refreshed, refresh
from policykb.errors import IndexUnusableError
from policykb.files.packaged import PACKAGE, shipped
from policykb.i18n import _

if TYPE_CHECKING:
    from policykb.corpus.corpus import Corpus

# where nothing can be written in the knowledge base, nothing locked (a network folder), or a folder has the name of a
# file, the user's cache may do
_UNWRITABLE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EISDIR}
_UNWRITABLE |= {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP}


def index_folder(root: Path, say: Callable[[str], None] = lambda text: None) -> Path:
    """``index/`` beside the corpus; in the user's cache where that cannot be made, or is no index's, which is said."""
    own = root / "index"
    if root == shipped() and root.is_relative_to(PACKAGE):
        return _cached_folder(root)
    if reason := refusal(own):
        cached = _cached_folder(root)
        text = _("{folder} cannot hold the index: {reason}; using one in {cached}")
        say(text.format(folder=own, reason=reason, cached=cached))
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
            reason, cached = error.strerror or error, _cached_folder(corpus.root.parent)
            if error.errno not in _UNWRITABLE or index.folder == cached:
                text = _("the index {folder} cannot be written: {reason}")
                raise IndexUnusableError(text.format(folder=index.folder, reason=reason)) from error
            index = Index(cached)
            text = _("the index cannot be written ({reason}); using one in {folder}")
            say(text.format(reason=reason, folder=cached))


def _cached_folder(root: Path) -> Path:
    from policykb.engines.whoosh.dictionaries import cache_folder  # most searches write nothing

    key = hashlib.sha1(os.fsencode(root), usedforsecurity=False).hexdigest()[:16]
    return cache_folder() / f"index-{key}"
