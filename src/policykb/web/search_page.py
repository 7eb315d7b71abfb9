"""``/``: search, with the filters as facets, the months as columns, and the hits with their passages."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from policykb.errors import PolicyKBError
from policykb.relations.plain import folded, with_validity
from policykb.render.results import is_folded
from policykb.search.request import PERIOD, Hit
from policykb.web import choices
from policykb.web.address import Address
from policykb.web.basket import Basket
from policykb.web.shortcuts import shortcuts
from policykb.web.view import page

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from policykb.kb import KnowledgeBase
    from policykb.search.request import Result

HITS = 20  # on a page
MANY = 1_000  # entries that an overview shows at once


def show(request: Request) -> Response:
    """The page; a query that cannot be read is shown again, with what is wrong."""
    site = request.app.state.site
    address, kb, today = Address(), site.kb, site.today()
    shown: dict[str, Any] = {"quick": choices.quick(address, today), "chips": [], "problem": ""}
    try:
        address = Address.read(request.query_params.multi_items())
        shown |= {"address": address, "quick": choices.quick(address, today), "chips": choices.chips(address)}
        shown["basket"] = Basket.of(address)
        number, period = address.number("page", 1), address.period(today)
        states = {"validity": address.all("validity")} if site.counts_states else {}
        result = search(
            kb, address, today, limit=HITS, offset=(number - 1) * HITS, facet_siblings=True, **states
        )  # fmt: skip
        result = with_validity(kb.engine, result, address.selection(today).get("as_of") or today)
    except PolicyKBError as error:
        return page(request, "search.html.j2", 400, **shown | {"address": address, "problem": str(error)})
    folding = is_folded(address.get("q"), address.get("sort"), address.get("match"))
    shown |= {
        "result": result,
        "hits": folded(result.hits) if folding else [(one, []) for one in range(len(result.hits))],
        "facets": list(choices.facets(result, address)),
        "columns": choices.columns(result.facets["month"], address, period, site.labels),
        "reasons": [_reasons(hit) for hit in result.hits],
        "first": (number - 1) * HITS + 1,
        "previous": address.with_(page=str(number - 1) if number > 2 else "") if number > 1 else None,
        "next": address.with_(page=str(number + 1)) if number * HITS < result.total else None,
        "period": period,
        "saved": shortcuts(kb.corpus.root),
    }
    return page(request, "search.html.j2", **shown)


def search(kb: KnowledgeBase, address: Address, today: date, **options: Any) -> Result:
    """What an address asks for."""
    options |= {name: address.get(name) for name in ("sort", "match") if address.get(name)}
    return kb.search(address.get("q"), **address.selection(today) | {"today": today} | options)


def bounded(kb: KnowledgeBase, address: Address, today: date) -> Address:
    """The address, with the last year of what it asks for where it names no period and asks for more than `MANY`.

    A time line or a digest of more at once is read by nobody, and would take the server a minute.
    """
    if any(address.get(name) for name in PERIOD):
        return address
    result = search(kb, address, today, limit=0, facets=True)
    months = result.facets.get("month", {})
    return address.with_(during=max(months)[:4]) if result.total > MANY and months else address


def _reasons(hit: Hit) -> tuple[bool, tuple[str, ...]]:
    """Whether the title matches, and by which synonyms the passage does."""
    text, title = hit.snippet.text, hit.policy.title
    synonyms = [text[one.start : one.end] for one in hit.snippet.marks if one.synonym]
    synonyms += [title[one.start : one.end] for one in hit.snippet.title_marks if one.synonym]
    exact = any(not one.synonym for one in hit.snippet.title_marks)
    return exact, tuple(dict.fromkeys(synonyms))
