"""Word lists: text files with a word or a rule a line and comments after ``#``."""

from __future__ import annotations

from pathlib import Path

from policykb.errors import DataError


def read_lines(path: Path) -> list[str]:
    """The lines of a data file. Raises `DataError` where it is not UTF-8."""
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(f"{path}:{line}: not UTF-8: save it in that encoding") from error


def read_terms(path: Path) -> list[str]:
    """The lines of a word list (``terms.txt``), without comments (``#``) and blank lines."""
    return [line.strip() for line in read_lines(path) if line.strip() and not line.startswith("#")]
