"""Words that scanning confuses (若千 for 若干), and where they stand in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from policykb.corpus.corpus import Corpus
from policykb.corpus.findings import Finding
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


def scanned_wrong(corpus: Corpus, path: Path, body: str, confusions: Confusions) -> Iterator[Finding]:
    """The places of an entry where such words stand, each with what may be meant."""
    if not any(pattern.search(body) for pattern in confusions):
        return
    text = corpus.read_bytes(path).decode("utf-8", "replace")  # the file tells their lines
    for pattern, right in confusions.items():
        for match in pattern.finditer(text):
            said = _("{wrong}: scanned wrong? it may be {right}").format(wrong=match[0], right=right)
            yield Finding(path, text.count("\n", 0, match.start()) + 1, None, said)
