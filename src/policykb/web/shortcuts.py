"""The saved searches as links."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from policykb.errors import DataError
from policykb.search.saved import SavedSearch, saved_searches
from policykb.web.address import Address


class Shortcut(NamedTuple):
    """A saved search: the ways to its hits, to them as a feed, to its news, and to these as a feed."""

    name: str
    reason: str
    href: str
    feed: str
    news: str
    news_feed: str


def shortcuts(corpus: Path) -> list[Shortcut]:
    """The saved searches; none where their file cannot be read: the page of the news says why."""
    try:
        return [shortcut(one) for one in saved_searches(corpus)]
    except DataError:
        return []


def shortcut(one: SavedSearch) -> Shortcut:
    """The ways of a saved search."""
    given = [("q", one.query), *((key, value) for key, values in one.filters.items() for value in values)]
    address, news = Address.read(given), f"/news/{quote(one.name, safe='')}"
    return Shortcut(one.name, one.reason, address.href(), address.href("/feed.atom"), news, f"{news}.atom")
