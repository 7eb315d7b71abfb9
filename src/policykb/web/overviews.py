"""The knowledge base as a whole: its time line, departments, tags, market, and what is wrong in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from markupsafe import Markup

from policykb.corpus.check import check as check_corpus
from policykb.domain.daterange import DateRange
from policykb.domain.policy import BY_NAME
from policykb.i18n import _
from policykb.market import audit
from policykb.market.market import load
from policykb.relations.contradictions import contradictions
from policykb.relations.gaps import gaps as find_gaps
from policykb.render import timeline_page
from policykb.render.charts import columns
from policykb.render.market import sources, table
from policykb.render.market_words import notes, sentences
from policykb.search.request import ALL
from policykb.web.address import Address
from policykb.web.choices import Choice, chips, quick
from policykb.web.search_page import bounded, search
from policykb.web.view import page

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_CITED = 50  # documents that are not held, on the page
_LISTED = 500  # entries of a kind; more are only counted


def timeline(request: Request) -> Response:
    """``/timeline``: the entries of a search by topic."""
    site = request.app.state.site
    asked, today, kb = Address.read(request.query_params.multi_items()), site.today(), site.kb
    address = bounded(kb, asked, today)
    found = [hit.policy for hit in search(kb, address, today, limit=ALL).hits if hit.policy.date]
    drawing = b""
    if found:
        drawing = timeline_page.render(
            found, "svg", period=address.period(today) or DateRange(), deadlines=site.deadlines_today(kb),
            labels=site.labels, corpus=kb.corpus.root, way=lambda policy: f"/entry/{quote(policy.id)}",
        )  # fmt: skip
    shown: dict[str, Any] = {
        "address": address,
        "quick": quick(address, today, "/timeline"),
        "chips": chips(asked, "/timeline"),
        "year": address.get("during") if address != asked else "",
    }
    return page(request, "timeline.html.j2", drawing=Markup(drawing.decode()), total=len(found), **shown)


def departments(request: Request) -> Response:
    """``/departments``: who has issued entries, with the way to these."""
    return _names(request, "departments", _("Departments"), "issuer")


def tags(request: Request) -> Response:
    """``/tags``: the tags, with the way to their entries."""
    return _names(request, "tags", _("Tags"), "tag")


def _names(request: Request, place: str, heading: str, field: str) -> Response:
    """The values of a field that the entries of a search have."""
    site = request.app.state.site
    address = Address.read(request.query_params.multi_items())
    counts = search(site.kb, address, site.today(), limit=0, facet_siblings=True).facets[field]
    names = [Choice(name, count, False, address.turned(field, name).href()) for name, count in counts.items()]
    return page(request, "names.html.j2", names=names, heading=heading, address=address, place=place)


def gaps(request: Request) -> Response:
    """``/gaps``: what is cited and not held, drafts without a final, fields that are empty."""
    site = request.app.state.site
    found = site.kb.engine.linked(lambda links: find_gaps(links, site.today(), _CITED, _LISTED))
    labels = {name: BY_NAME[name].label if name in BY_NAME else _("official text") for name in found.lacking}
    return page(request, "gaps.html.j2", found=found, labels=labels)


def market(request: Request) -> Response:
    """``/market``: the figures of a period, in words, as a table, and what does not agree in them."""
    site = request.app.state.site
    address, labels = Address.read(request.query_params.multi_items()), site.labels
    figures = load(site.kb.corpus.root)
    period = address.period(site.today()) or DateRange()
    found = table(figures, period, labels)
    quarters = figures.period(period or figures.covered).parts if found else ()
    drawn = [columns.stacked(what, figures, quarters, labels) for what in ("volume", "turnover")]
    return page(
        request,
        "market.html.j2",
        address=address,
        table=found,
        lead=sentences(figures, period, labels) if found and period else (),
        sources=sources(figures, labels) if found else (),
        drawings=[(one.title, Markup(one.svg)) for one in drawn if one] if len(quarters) > 1 else (),
        notes=notes([one for one in audit.check(figures) if not period or one.lies_in(period)], period, labels)
        if found
        else (),
        periods=sorted({one.period.label() or str(one.period) for one in figures.figures}),
    )


def help_(request: Request) -> Response:
    """``/help``: how to ask, and the keys."""
    return page(request, "help.html.j2")


def check(request: Request) -> Response:
    """``/check``: what is wrong in entries, by file and line."""
    kb = request.app.state.site.kb
    found = check_corpus(kb.corpus, kb.authority, kb.vocabulary, None) + contradictions(kb.engine, kb.corpus)
    root = kb.root.absolute()
    rows = [(one.path.absolute().relative_to(root).as_posix(), one.path.stem, one) for one in found]
    return page(request, "check.html.j2", rows=rows)
