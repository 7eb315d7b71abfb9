"""``/news``: what is new, what has changed its state, what is due; of all entries or of a saved search; as a feed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.responses import Response

from policykb.domain.dates_in_text import parse_day
from policykb.i18n import language
from policykb.news.news import news
from policykb.render import feeds, news_view
from policykb.search.engine import all_entries
from policykb.search.saved import saved_search, saved_searches
from policykb.web.address import Address
from policykb.web.shortcuts import shortcut
from policykb.web.view import page

if TYPE_CHECKING:
    from starlette.requests import Request

    from policykb.news.news import News

_DAYS = 7  # back, where no day is given
_SOON = 30  # days for which a feed looks ahead
_WITHIN = 90  # days around today for which the page does


def show(request: Request) -> Response:
    """The page; ``from`` is the day since which."""
    site = request.app.state.site
    found = _news(request, _WITHIN)
    saved = [shortcut(one) for one in saved_searches(site.kb.corpus.root)]
    parts = [part for part in news_view.document(found, site.labels).parts if part.name != site.labels["news"]["due"]]
    return page(
        request, "news.html.j2", news=found, parts=parts, due=found.due, saved=saved, labels=site.labels,
    )  # fmt: skip


def feed(request: Request) -> Response:
    """``/news.atom``, ``/news/NAME.atom``: the same as a feed."""
    with language("zh_CN"):  # the reasons for a state are part of what a feed in Chinese says
        found = _news(request, _SOON)
    labels = request.app.state.site.labels
    return Response(feeds.news(news_view.document(found, labels), found), media_type="application/atom+xml")


def _news(request: Request, within: int) -> News:
    site = request.app.state.site
    kb, today, name = site.kb, site.today(), request.path_params.get("name", "")
    written = Address.read(request.query_params.multi_items()).get("from")
    since = parse_day(written) if written else today - timedelta(_DAYS)
    policies = saved_search(kb.corpus.root, name).policies(kb.search, today) if name else all_entries(kb.engine)
    return news(policies, kb.engine, since=since, today=today, within=within, name=name)
