"""Words that scanning confuses (若千 for 若干), and where they stand in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from policykb.errors import DataError
from policykb.files import toml
from policykb.files.packaged import data_files
from policykb.i18n import _

Confusions = Mapping[re.Pattern[str], str]


def load_confusions(corpus: Path | None) -> Confusions:
    """The packaged file and the ``confusions.toml`` in the folder ``corpus``, where there is one, which adds to it.

    Raises DataError, which names file and key, for a file that cannot be read or is wrong.
    """
    found: dict[re.Pattern[str], str] = {}
    for path in data_files("confusions.toml", corpus):
        table = toml.read(path)
        with toml.naming(path):
            toml.only(table, {"confusion"})
            listed = table.get("confusion", {})
            if not isinstance(listed, dict):
                raise toml.wrong("confusion", _("a table"), listed)
            for wrong in listed:
                with toml.naming("confusion"):
                    right = toml.text(listed, wrong)
                    try:
                        found[re.compile(wrong)] = right
                    except re.error as error:
                        problem = _("{pattern} is no regular expression: {error}")
                        raise DataError(problem.format(pattern=wrong, error=error)) from None
    return found


def find_confusions(text: str, confusions: Confusions) -> Iterator[tuple[int, str, str]]:
    """Where such words stand in a text: the line, the words, and what may be meant."""
    for pattern, right in confusions.items():
        for match in pattern.finditer(text):
            yield text.count("\n", 0, match.start()) + 1, match[0], right
