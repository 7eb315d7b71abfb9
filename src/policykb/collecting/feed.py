"""A feed, RSS or Atom, as feedparser reads it, broken ones too."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from policykb.errors import MissingExtraError, SourceError
from policykb.i18n import _
from policykb.importing.fetching import Fetched, is_url

_LARGEST = 10 << 20  # bytes
_MOST = 1000  # items
_LONGEST = 2000  # characters of an address or a name


@dataclass(frozen=True, slots=True)
class FeedItem:
    """What a feed announces: ``key`` is its own name for it, ``mark`` changes where what it says of it does."""

    key: str
    url: str
    title: str
    mark: str


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: what it calls itself, and its items with an address, as it has them."""

    title: str
    items: tuple[FeedItem, ...]


def reader() -> Any:
    """The library feedparser. Raises MissingExtraError where it is not there."""
    try:
        import feedparser
    except ImportError:
        raise MissingExtraError(_("collecting from feeds"), "collect") from None
    return feedparser


def read_feed(fetched: Fetched) -> Feed:
    """The feed in what an address gave. Raises SourceError for what is none, MissingExtraError without feedparser."""
    feedparser = reader()
    if len(fetched.data) > _LARGEST:
        raise SourceError(_("{url}: is larger than {most} MB").format(url=fetched.url, most=_LARGEST >> 20))
    kind = fetched.headers.get("content-type", "")
    headers = {"content-type": kind} if kind else {}
    try:
        read: Any = feedparser.parse(io.BytesIO(fetched.data), response_headers=headers)
    except Exception as error:  # whatever it does with what a server sends
        raise SourceError(_("{url}: cannot be read: {reason}").format(url=fetched.url, reason=error)) from None
    if not read.get("version") and not read.get("entries"):
        problem = _("{url}: gives no feed, but {kind}, {size:,} bytes")
        raise SourceError(problem.format(url=fetched.url, kind=kind or _("something else"), size=len(fetched.data)))
    found = (_item(one, fetched.url) for one in read["entries"][:_MOST])
    items = {one.key: one for one in found if one}
    return Feed(_text(read["feed"], "title"), tuple(items.values()))


def _item(entry: Mapping[str, Any], base: str) -> FeedItem | None:
    try:
        url = urljoin(base, _text(entry, "link")).partition("#")[0]
    except ValueError:
        return None
    if not is_url(url) or len(url) > _LONGEST or url == base:
        return None
    said = "\n".join(_text(entry, name) for name in ("title", "updated", "published", "summary"))
    mark = hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:16]
    return FeedItem(_text(entry, "id") or url, url, _text(entry, "title") or url, mark)


def _text(entry: Mapping[str, Any], name: str) -> str:
    value = entry.get(name) if name in entry else None  # without the look, `published` is given for `updated`
    return " ".join(value.split())[:_LONGEST] if isinstance(value, str) else ""
