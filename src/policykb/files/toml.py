"""The data files in TOML, read and checked alike: a `DataError` says which key is wrong, and how."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from policykb.errors import DataError
from policykb.files.reading import read_text
from policykb.i18n import _


def read(path: Path) -> dict[str, Any]:
    """The content of a TOML file. Raises DataError, with the line, where it cannot be read or is not TOML."""
    return parse(read_text(path), path)


def parse(text: str, path: Path) -> dict[str, Any]:
    """The content of the text of the file ``path``. Raises DataError, with the line, where it is not TOML."""
    import tomllib

    try:
        return tomllib.loads(text)
    except RecursionError:
        raise DataError(_("{path}: not TOML: nested too deeply").format(path=path)) from None
    except ValueError as error:  # numbers beyond all measure too
        place = f"{path}"
        if named := re.search(r"\bat line (\d+)", str(error)):
            place = f"{path}:{named[1]}"
        elif "at end of document" in str(error):
            place = f"{path}:{text.count(chr(10)) + 1}"
        raise DataError(_("{place}: not TOML: {problem}").format(place=place, problem=error)) from None


@contextmanager
def naming(place: Path | str) -> Iterator[None]:
    """Names the place, a file or a part of one, in a `DataError` of the ``with`` block."""
    try:
        yield
    except DataError as error:
        raise DataError(f"{place}: {error}") from None


def line_of(text: str, key: str) -> int:
    """The line in which a key of the top level stands, 1 where it is not found."""
    found = re.search(rf"^[ \t]*\[*[ \t]*[\"']?{re.escape(key)}\b", text, re.M)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def line_within(text: str, table: str, key: str) -> int:
    """The line of a key in the table ``[table]``, of its head where it has no such key; '' is the top level."""
    head = re.search(rf"^[ \t]*\[[ \t]*{re.escape(table)}[ \t]*\]", text, re.M) if table else None
    start = head.start() if head else 0
    inner = rf"\[[ \t]*{re.escape(f'{table}.'.lstrip('.'))}"
    found = re.compile(rf"^[ \t]*(?:{inner})?[\"']?{re.escape(key)}\b", re.M).search(text, start) if key else None
    return text.count("\n", 0, found.start() if found else start) + 1


def place_of(text: str, name: str, number: int, key: str) -> int:
    """The line of a key in the table ``[[name]]`` of that number, from 0 on; of its head where it has no such key."""
    heads = [one.start() for one in re.finditer(rf"^[ \t]*\[\[[ \t]*{re.escape(name)}[ \t]*\]\]", text, re.M)]
    if number >= len(heads):
        return line_of(text, name)
    end = heads[number + 1] if number + 1 < len(heads) else len(text)
    found = re.compile(rf"^[ \t]*[\"']?{re.escape(key)}[\"']?[ \t]*=", re.M).search(text, heads[number], end)
    return text.count("\n", 0, found.start() if found else heads[number]) + 1


def rows(path: Path, name: str, keys: Iterable[str]) -> Iterator[tuple[dict[str, object], dict[str, int]]]:
    """The tables ``[[name]]`` of a file that may hold nothing else, each with the lines of its keys and of ``keys``.

    None where there is no file. Raises DataError with file, line and key.
    """
    if not os.path.lexists(path):
        return
    text = read_text(path)
    data = parse(text, path)
    if unknown := sorted(data.keys() - {name}):
        problem = _("{key}: no such key; it takes {known}").format(key=unknown[0], known=f"[[{name}]]")
        raise DataError(f"{path}:{line_of(text, unknown[0])}: {problem}")
    with naming(f"{path}:{line_of(text, name)}"):
        found = tables(data, name)
    for number, table in enumerate(found):
        yield table, {key: place_of(text, name, number, key) for key in (*keys, *table)}


def only(table: Mapping[str, object], keys: set[str]) -> None:
    """Raises DataError for a key that is not among ``keys``."""
    if unknown := sorted(table.keys() - keys):
        known = ", ".join(sorted(keys))
        raise DataError(_("{key}: no such key; it takes {known}").format(key=unknown[0], known=known))


def tables(table: Mapping[str, object], key: str) -> list[dict[str, object]]:
    """The tables under a key, none where it is missing."""
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise wrong(key, _("a list of tables"), value)
    return value


def texts(table: Mapping[str, object], key: str, default: object = None) -> tuple[str, ...]:
    """The texts under a key; ``default`` stands for a missing key, and is an error unless it is a list."""
    value = table.get(key, default)
    if not isinstance(value, list) or not all(isinstance(text, str) and text.strip() for text in value):
        raise wrong(key, _("a list of texts that are not empty"), value)
    return tuple(value)


def text(table: Mapping[str, object], key: str) -> str:
    """The text under a key, which must be there."""
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        raise wrong(key, _("a text that is not empty"), value)
    return value


def optional(table: Mapping[str, object], key: str) -> str | None:
    """The text under a key, None where it is missing."""
    return text(table, key) if key in table else None


def flag(table: Mapping[str, object], key: str) -> bool:
    """True or false under a key, false where it is missing."""
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise wrong(key, _("true or false"), value)
    return value


def wrong(key: str, wanted: str, value: object) -> DataError:
    """The error that a value under a key is not what is wanted."""
    shown = f"{value!r:.40}"
    return DataError(_("{key}: must be {wanted}, not {value}").format(key=key, wanted=wanted, value=shown))


def quoted(text: str) -> str:
    """A text as TOML has it: as JSON does, and DEL, which TOML wants escaped too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def quoted_list(texts: Iterable[str]) -> str:
    """Texts as a list of TOML."""
    return f"[{', '.join(map(quoted, texts))}]"
