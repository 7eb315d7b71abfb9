"""``/entry/ID``: one entry, whole, with what leads on from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from markupsafe import Markup

from policykb.errors import CorpusError
from policykb.i18n import _
from policykb.render import body
from policykb.render.facts import facts
from policykb.search.nodes import words_of
from policykb.search.resolve import parse_query
from policykb.web.address import Address
from policykb.web.search_page import search
from policykb.web.view import page, with_words_marked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from starlette.requests import Request
    from starlette.responses import Response

    from policykb.kb import KnowledgeBase
    from policykb.search.request import SimilarHit

_SIMILAR = 5


class Place(NamedTuple):
    """The number of an entry among the hits of a search, and the addresses of the search and of the entries beside it.

    An address is empty where there is no such entry.
    """

    at: int
    total: int
    back: str
    previous: str
    next: str


def show(request: Request) -> Response:
    """The page; 404 for an id that is no entry's."""
    site = request.app.state.site
    kb, today = site.kb, site.today()
    id = request.path_params["id"]
    path = next((path for path in kb.corpus.paths() if path.stem == id), None)
    if path is None:
        problem = _("there is no entry {id}").format(id=id)
        return page(request, "problem.html.j2", 404, problem=problem)
    policy = kb.corpus.read(path)
    address = Address.read(request.query_params.multi_items())
    words = list(words_of(parse_query(address.get("q"))))
    return page(
        request,
        "entry.html.j2",
        policy=policy,
        facts=facts(policy),
        labels=site.labels,
        text=with_words_marked(Markup(body.with_anchors(body.to_html(policy.body, level=2))), words),
        dates=site.deadlines.find(policy),
        similar=_similar(kb, policy.id),
        address=address,
        around=_place(kb, address, today),
    )


def _similar(kb: KnowledgeBase, id: str) -> Sequence[SimilarHit]:
    try:
        return kb.similar(id, limit=_SIMILAR)
    except CorpusError:  # it is not in the index yet
        return ()


def _place(kb: KnowledgeBase, address: Address, today: date) -> Place | None:
    """Where in its search the entry stands, None where it was not reached from one."""
    at = address.number("at", 0)
    if not at:
        return None
    first = max(at - 1, 1)
    result = search(kb, address, today, limit=at - first + 2, offset=first - 1)
    ways = {
        number: address.with_(at=str(number)).href(f"/entry/{quote(hit.policy.id)}")
        for number, hit in enumerate(result.hits, first)
    }
    return Place(at, result.total, address.without("at").href(), ways.get(at - 1, ""), ways.get(at + 1, ""))
