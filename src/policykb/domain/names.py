"""Names as people write them: compared without regard to width, case and spaces, listed in one text, looked for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable


def name_key(name: str) -> str:
    """A name as it is compared: after NFKC, without spaces, Latin letters small."""
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


def listed_names(value: object) -> list[str]:
    """The names in a value of the front matter: a list, or one text with 、 ， or , between them.

    White space around a name, and what is no text, is left out.
    """
    if isinstance(value, str):
        value = re.split("[、，,]", value)
    names = value if isinstance(value, list | tuple) else []
    return [name for item in names if isinstance(item, str) and (name := " ".join(item.split()))]


def any_of(words: Iterable[str]) -> str:
    """A pattern for any of some words, the longest first; it matches nothing where there are none."""
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True)) or "(?!)"
