"""Runs of letters and digits, and the pairs of neighbouring characters by which any substring is found."""

from __future__ import annotations

import operator
import re

_RUN = re.compile(r"[^\W_]+")


def bigrams(folded: str) -> set[str]:
    """The pairs of neighbouring characters of folded text, and the last one of each run of letters and digits alone.

    A string of two characters or more can only stand in a text that has all its bigrams; a single character
    stands wherever a bigram begins with it or a run ends with it.
    """
    found: set[str] = set()
    for run in _RUN.findall(folded):
        found.update(map(operator.add, run, run[1:]))
        found.add(run[-1])
    return found


def runs(folded: str) -> list[str]:
    """The unbroken runs of letters, digits and Han characters of folded text."""
    return _RUN.findall(folded)
