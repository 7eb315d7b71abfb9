"""The values that fields of few values have: kinds of document (文种) and status."""

from __future__ import annotations

from policykb.domain.policy import MEETING
from policykb.files import toml
from policykb.files.packaged import DATA

_VALID = "正式"  # what neither is a draft nor on trial


def known_values(field: str) -> tuple[str, ...]:
    """All values that an import gives a field, ``kind`` or ``status``; an entry may have others."""
    documents = toml.read(DATA / "documents.toml")
    names = tuple(str(one["name"]) for one in documents[field])
    return (*names, MEETING if field == "kind" else _VALID)
