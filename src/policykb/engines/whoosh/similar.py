"""Entries about the same things as another one: those that share its most telling words."""

from __future__ import annotations

from collections.abc import Sequence

TELLING = 30  # words by which entries are compared


def outermost(words: Sequence[str]) -> list[str]:
    """The words without those that stand inside another of them."""
    return [word for word in words if not any(word != other and word in other for other in words)]
