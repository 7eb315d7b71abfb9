"""Saved searches on the command line: ``search @NAME``, ``news NAME``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from policykb.cli.options import today
from policykb.cli.output import say
from policykb.search.request import FILTERS, PERIOD
from policykb.search.saved import SIGN, SavedSearch, saved_search

if TYPE_CHECKING:
    from policykb.kb import KnowledgeBase


def opened(ctx: click.Context, kb: KnowledgeBase, name: str) -> SavedSearch:
    """A saved search whose periods can be read; it is said what it stands for. Raises DataError."""
    saved = saved_search(kb.corpus.root, name)
    saved.arguments(today(ctx))
    words = [saved.query, *(f"--{key} {value}" for key, values in saved.filters.items() for value in values)]
    say(f"{SIGN}{saved.name}: {' '.join(filter(None, words))}")
    return saved


def filled(options: dict[str, Any], saved: SavedSearch) -> dict[str, Any]:
    """The options of `filter_options` with those of a saved search where they are not given."""
    given = dict(options)
    for key in (*PERIOD, *FILTERS):
        name = "from_" if key == "from" else key
        given[name] = given[name] or (saved.get(key) if key in PERIOD else saved.filters.get(key, ()))
    return given
