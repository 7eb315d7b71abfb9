"""Where the user's cache is: what policykb keeps for itself outside any knowledge base."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def cache_folder() -> Path:
    """The user's cache folder of policykb: in ``XDG_CACHE_HOME``, else where the system keeps such folders."""
    base = os.environ.get("XDG_CACHE_HOME")
    if not base and sys.platform.startswith("linux"):  # as platformdirs says, which takes a search 6 ms to import
        base = os.path.expanduser("~/.cache")
    if base:
        return Path(base) / "policykb"
    from platformdirs import user_cache_path

    return user_cache_path("policykb", appauthor=False)
