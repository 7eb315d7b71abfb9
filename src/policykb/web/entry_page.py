"""``/entry/ID``: one entry, whole, with what leads on from it; ``/original/ID``: the document that it was made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlsplit

from markupsafe import Markup
from starlette.responses import Response

from policykb.corpus import originals
from policykb.domain.relation import relation_words
from policykb.errors import AbsentError, CorpusError
from policykb.files.reading import read_if_there
from policykb.i18n import _
from policykb.relations import overview
from policykb.relations.validity import Interval
from policykb.render import body
from policykb.render.facts import OFFICIAL, citation, facts
from policykb.search.nodes import words_of
from policykb.search.resolve import parse_query
from policykb.web.address import Address
from policykb.web.basket import Basket
from policykb.web.search_page import search
from policykb.web.view import page, with_words_marked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from starlette.requests import Request

    from policykb.corpus.corpus import Corpus
    from policykb.kb import KnowledgeBase
    from policykb.relations.overview import Neighbour, Overview
    from policykb.search.request import SimilarHit

_SIMILAR = 5
# how a state is to be taken: what holds, what holds in part or not yet, what is over; others are not known
_TONES = {"现行有效": "good", "已废止": "over", "已失效": "over", "已定稿": "over", "不详": "unknown"}


class Place(NamedTuple):
    """The number of an entry among the hits of a search, and the addresses of the search and of the entries beside it.

    An address is empty where there is no such entry.
    """

    at: int
    total: int
    back: str
    previous: str
    next: str


class Banner(NamedTuple):
    """In what state a document is, what that follows from, and how it is to be taken."""

    state: str
    because: str
    tone: str


def show(request: Request) -> Response:
    """The page; 404 for an id that is no entry's."""
    site = request.app.state.site
    kb, today = site.kb, site.today()
    path = file_of(request)
    policy, place = kb.corpus.read(path), kb.corpus.relative(path)
    address = Address.read(request.query_params.multi_items())
    known = kb.engine.linked(lambda links: overview.overview(links, place, today))
    return page(
        request,
        "entry.html.j2",
        policy=policy,
        facts=facts(policy, OFFICIAL),
        banner=_banner(known.now if known else None),
        states=known.states if known and len(known.states) > 1 else (),
        relations=_relations(known) if known else (),
        relation_labels=relation_words()["label"],
        family=kb.engine.linked(lambda links: overview.family(links, place, today)),
        text=with_words_marked(Markup(body.with_anchors(body.to_html(policy.body, level=2))), _words(address)),
        dates=site.deadlines_today(kb).find(policy),
        similar=_similar(kb, policy.id),
        source=policy.source if urlsplit(policy.source or "").scheme in ("http", "https") else "",
        citation=citation(policy),
        address=address,
        basket=Basket.of(address.without("at", "page")),
        around=_around(kb, address, today),
    )  # fmt: skip


def original(request: Request) -> Response:
    """The file as it came, to be saved: never shown, whatever it says it is."""
    kb = request.app.state.site.kb
    file = originals.find(kb.corpus, kb.corpus.read(file_of(request)))
    data = read_if_there(file) if file else None
    if file is None or data is None:
        raise _absent(request)
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(file.name)}"}
    return Response(data, media_type="application/octet-stream", headers=headers)


def file_of(request: Request) -> Path:
    """The file of the entry that an address names. Raises AbsentError."""
    corpus: Corpus = request.app.state.site.kb.corpus
    if path := corpus.file_of(request.path_params["id"]):
        return path
    raise _absent(request)


def _absent(request: Request) -> AbsentError:
    return AbsentError(_("there is no entry {id}").format(id=request.path_params["id"]))


def _banner(now: Interval | None) -> Banner:
    if now is None:
        return Banner(_("not there yet"), "", "unknown")
    return Banner(now.state, "；".join(now.because), _TONES.get(now.state, "partly"))


def _relations(known: Overview) -> list[tuple[str, Sequence[Neighbour], str]]:
    """What a document says of others and they of it: a heading, the relations, what each type is called there."""
    return [
        (_("what it says of others"), known.out, "%s"),
        (_("what others say of it"), known.into, _("by it: %s")),
    ]


def _words(address: Address) -> list[str]:
    return list(words_of(parse_query(address.get("q"))))


def _similar(kb: KnowledgeBase, id: str) -> Sequence[SimilarHit]:
    try:
        return kb.similar(id, limit=_SIMILAR)
    except CorpusError:  # it is not in the index yet
        return ()


def _around(kb: KnowledgeBase, address: Address, today: date) -> Place | None:
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
