"""Where a knowledge base is: the folder that holds ``corpus/kb.toml``."""

from __future__ import annotations

import os
from pathlib import Path

from policykb.errors import DataError
from policykb.files.reading import read_text


def marker(folder: Path) -> Path:
    """The file that makes a folder a knowledge base."""
    return folder / "corpus" / "kb.toml"


def locate(start: Path) -> Path | None:
    """The nearest folder, from ``start`` upwards, that is a knowledge base; None where there is none."""
    start = Path(os.path.abspath(start))
    # unlike Path.is_file, os.path.isfile is False where a folder may not be entered
    return next((folder for folder in (start, *start.parents) if os.path.isfile(marker(folder))), None)


def chosen_root(given: str | None) -> Path | None:
    """The folder that ``given`` or POLICYKB_HOME names, else the nearest knowledge base; None where there is none."""
    named = given or os.environ.get("POLICYKB_HOME")
    return Path(named) if named else locate(Path.cwd())


def stated_language(root: Path) -> str | None:
    """The language that ``kb.toml`` names, None where it names none or cannot be read.

    Called at every start, so the file is parsed only where it can hold the key.
    """
    try:
        text = read_text(marker(root))
        if "lang" not in text:
            return None
        from policykb.files import toml

        lang = toml.parse(text, marker(root)).get("lang")
    except DataError:  # said by the command that reads all of it
        return None
    return lang if isinstance(lang, str) else None
