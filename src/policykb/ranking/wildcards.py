"""Texts with a run of letters, digits and Han characters that a pattern with ``*`` matches."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

_REST_OF_RUN = re.compile(r"[^\W_]*")


def in_a_run(pieces: Sequence[str]) -> Callable[[str], bool]:
    """Whether a text has a run with all of the pieces, which are regular expressions, one after the other.

    Each piece is looked for at its first place after the one before: that is linear, however many there are.
    """
    first, *others = [re.compile(piece).search for piece in pieces]

    def matches(text: str) -> bool:
        at = 0
        while found := first(text, at):
            rest = _REST_OF_RUN.match(text, found.end())
            assert rest
            for search in others:
                found = search(text, found.end(), rest.end())
                if not found:
                    break
            else:
                return True
            at = max(rest.end(), at + 1)
        return False

    return matches
