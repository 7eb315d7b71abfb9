"""Where a knowledge base is: the folder that holds ``corpus/kb.toml``."""

from __future__ import annotations

import os
from pathlib import Path


def marker(folder: Path) -> Path:
    """The file that makes a folder a knowledge base."""
    return folder / "corpus" / "kb.toml"


def locate(start: Path) -> Path | None:
    """The nearest folder, from ``start`` upwards, that is a knowledge base; None where there is none."""
    start = Path(os.path.abspath(start))
    # unlike Path.is_file, os.path.isfile is False where a folder may not be entered
    return next((folder for folder in (start, *start.parents) if os.path.isfile(marker(folder))), None)


def stated_language(root: Path) -> str | None:
    """The language that ``kb.toml`` names, None where it names none or cannot be read.

    Called at every start, so the file is parsed only where it can hold the key.
    """
    try:
        content = marker(root).read_bytes()
    except OSError:
        return None
    if b"lang" not in content:
        return None
    import tomllib

    try:
        lang = tomllib.loads(content.decode("utf-8-sig")).get("lang")
    except ValueError:  # said by the command that reads all of it
        return None
    return lang if isinstance(lang, str) else None
