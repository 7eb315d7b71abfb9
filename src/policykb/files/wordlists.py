"""Word lists: text files with a word or a rule a line and comments after ``#``."""

from __future__ import annotations

from pathlib import Path

from policykb.files.reading import read_text


def read_lines(path: Path) -> list[str]:
    """The lines of a data file. Raises `DataError` where it cannot be read."""
    return read_text(path).splitlines()


def read_terms(path: Path) -> list[str]:
    """The lines of a word list (``terms.txt``), without comments (``#``) and blank lines."""
    return [line.strip() for line in read_lines(path) if line.strip() and not line.startswith("#")]
