"""Numbers of documents as they are compared, and as people say them."""

from __future__ import annotations

import re

from policykb.text.fold import letters

_YEAR_AND_NUMBER = re.compile(r"(?<!\d)(\d{4})年?第?(\d{1,6})号?$")
PAPER = "(?<=[0-9]号)文件?"  # 39号文 is how 39号 is spoken of
_PAPER_LAST = re.compile(f"{PAPER}$")
_WITHOUT_YEAR = re.compile("([^0-9]*?)第?([0-9]{1,6})号")
_LONGEST = 100  # characters of what is looked for in all numbers; a cluster takes no pattern of 1,000


def number_key(number: str) -> str:
    """A document number (国办发〔2024〕39号) reduced to what all its spellings share (国办发 2024 39)."""
    return _YEAR_AND_NUMBER.sub(r" \1 \2", letters(number))


def said_key(said: str) -> str:
    """The `number_key` of a number as it is said: 文 or 文件 behind it is no part of it."""
    return number_key(_without_paper(said))


def whole_number(said: str) -> str:
    """A pattern for the keys of all numbers that end as what is said does, '' where that ends in no number and 号.

    39号 is the end of 国办发〔2024〕39号 and of no 139号, 国办发39号 that of any year's. Python and Lucene read it
    alike.
    """
    plain = _without_paper(said)
    key = number_key(plain)
    if len(key) > _LONGEST or not plain.endswith("号"):
        return ""
    if " " in key:
        return f".*{key}"
    found = _WITHOUT_YEAR.fullmatch(key)
    if not found:
        return ""
    before, number = found.groups()
    return f".*{before}( [0-9]{{4}} |第?){number}号?" if before else f"(.*[^0-9])?{number}号?"


def _without_paper(said: str) -> str:
    return _PAPER_LAST.sub("", letters(said))
