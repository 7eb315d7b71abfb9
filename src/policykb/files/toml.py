"""The data files in TOML, read and checked alike: a `DataError` says which key is wrong, and how."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from policykb.errors import DataError


def read(path: Path) -> dict[str, object]:
    """The content of a TOML file. Raises DataError where it cannot be read or is not TOML."""
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise DataError(f"not TOML in UTF-8: {error}") from None


def only(table: Mapping[str, object], keys: set[str]) -> None:
    """Raises DataError for a key that is not among ``keys``."""
    if unknown := sorted(table.keys() - keys):
        raise DataError(f"{unknown[0]}: no such key; it takes {', '.join(sorted(keys))}")


def tables(table: Mapping[str, object], key: str) -> list[dict[str, object]]:
    """The tables under a key, none where it is missing."""
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise DataError(f"{key}: must be a list of tables, not {value!r:.40}")
    return value


def texts(table: Mapping[str, object], key: str, default: object = None) -> tuple[str, ...]:
    """The texts under a key; ``default`` stands for a missing key, and is an error unless it is a list."""
    value = table.get(key, default)
    if not isinstance(value, list) or not all(isinstance(text, str) and text.strip() for text in value):
        raise DataError(f"{key}: must be a list of texts that are not empty, not {value!r:.40}")
    return tuple(value)
