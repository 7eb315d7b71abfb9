"""Numbers of documents as they are compared."""

from __future__ import annotations

import re

from policykb.text.fold import letters

_YEAR_AND_NUMBER = re.compile(r"(?<!\d)(\d{4})年?第?(\d{1,6})号?$")


def number_key(number: str) -> str:
    """A document number (国办发〔2024〕39号) reduced to what all its spellings share (国办发 2024 39)."""
    return _YEAR_AND_NUMBER.sub(r" \1 \2", letters(number))
