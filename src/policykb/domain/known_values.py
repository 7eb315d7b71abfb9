"""The values that fields of few values have: kinds of document (文种), status, level and region."""

from __future__ import annotations

from policykb.domain.levels import known_levels, known_regions
from policykb.domain.policy import MEETING
from policykb.domain.wording import words

_VALID = "正式"  # what neither is a draft nor on trial


def known_values(field: str) -> tuple[str, ...]:
    """All values that an import gives one of these fields; an entry may have others."""
    if field in ("level", "region"):
        return known_levels() if field == "level" else known_regions()
    names = tuple(str(one["name"]) for one in words()[field])
    return (*names, MEETING if field == "kind" else _VALID)
