"""The knowledge base as a whole: its time line, departments, tags, market, and what is wrong in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from policykb.corpus.check import check as check_corpus
from policykb.domain.daterange import DateRange
from policykb.market import audit
from policykb.market.market import load
from policykb.relations.contradictions import contradictions
from policykb.render import timeline_page
from policykb.render.market import sources, table
from policykb.render.market_words import notes, sentences
from policykb.search.request import ALL
from policykb.web.address import Address
from policykb.web.search_page import search
from policykb.web.view import page

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


def timeline(request: Request) -> Response:
    """``/timeline``: the entries of a search by topic."""
    site = request.app.state.site
    address, today = Address.read(request.query_params.multi_items()), site.today()
    found = [hit.policy for hit in search(site.kb, address, today, limit=ALL).hits if hit.policy.date]
    period = address.period(today) or DateRange()
    drawing = b""
    if found:
        drawing = timeline_page.render(
            found, "svg", period=period, deadlines=site.deadlines, labels=site.labels,
            corpus=site.kb.corpus.root,
        )  # fmt: skip
    return page(request, "timeline.html.j2", address=address, drawing=Markup(drawing.decode()), total=len(found))


def departments(request: Request) -> Response:
    """``/departments``: who has issued entries, with the way to these."""
    return _names(request, "departments", "issuer")


def tags(request: Request) -> Response:
    """``/tags``: the tags, with the way to their entries."""
    return _names(request, "tags", "tag")


def _names(request: Request, place: str, field: str) -> Response:
    site = request.app.state.site
    site.kb  # noqa: B018 - brings the counts up to date
    counts = site.everything.facets[field]
    found = [(name, count, Address().turned(field, name).href()) for name, count in counts.items()]
    return page(request, f"{place}.html.j2", names=found)


def market(request: Request) -> Response:
    """``/market``: the figures of a period, in words, as a table, and what does not agree in them."""
    site = request.app.state.site
    address, labels = Address.read(request.query_params.multi_items()), site.labels
    figures = load(site.kb.corpus.root)
    period = address.period(site.today()) or DateRange()
    found = table(figures, period, labels)
    return page(
        request,
        "market.html.j2",
        address=address,
        table=found,
        lead=sentences(figures, period, labels) if found and period else (),
        sources=sources(figures, labels) if found else (),
        notes=notes([one for one in audit.check(figures) if not period or one.lies_in(period)], period, labels)
        if found
        else (),
        periods=sorted({one.period.label() or str(one.period) for one in figures.figures}),
    )


def check(request: Request) -> Response:
    """``/check``: what is wrong in entries, by file and line."""
    kb = request.app.state.site.kb
    found = check_corpus(kb.corpus, kb.authority, kb.vocabulary, None) + contradictions(kb.engine, kb.corpus)
    root = kb.root.absolute()
    rows = [(one.path.absolute().relative_to(root).as_posix(), one.path.stem, one) for one in found]
    return page(request, "check.html.j2", rows=rows)
