"""What is taken away: the digest and the report of a period, an export or a feed of any search."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from starlette.responses import Response

from policykb.digest.digest import GROUPS, of_engine
from policykb.domain.daterange import DateRange
from policykb.errors import OutputError
from policykb.i18n import _
from policykb.render import digests, reports, results
from policykb.search.request import ALL, FILTERS, PERIOD
from policykb.search.resolve import written
from policykb.web.address import BASKET, Address
from policykb.web.basket import Basket
from policykb.web.choices import chips, quick
from policykb.web.search_page import bounded, search
from policykb.web.view import page

if TYPE_CHECKING:
    from starlette.requests import Request

    from policykb.digest.digest import Digest
    from policykb.domain.policy import Policy
    from policykb.kb import KnowledgeBase
    from policykb.web.site import Site

_TYPES = {
    "html": "text/html; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "atom": "application/atom+xml",
    "ics": "text/calendar; charset=utf-8",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "csv": "text/csv; charset=utf-8",
}
# a document has its own styles within it, and stands in a frame of our pages
_DOCUMENT = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"


_ROWS = 200  # entries of a digest that are listed to be dropped; one of more is not shown beside them


class Link(NamedTuple):
    """A way to a file."""

    name: str
    href: str


class Row(NamedTuple):
    """An entry of a digest, and the address of the digest without it."""

    policy: Policy
    href: str


def digest(request: Request) -> Response:
    """``/digest``: the digest of a search, to be looked at and taken away, single entries picked or dropped."""
    asked, problem = Address.read(request.query_params.multi_items()), ""
    site = request.app.state.site
    kb, today = site.kb, site.today()
    basket = Basket.of(asked)
    address = asked if basket.picked and asked.is_open else bounded(kb, asked, today)
    basket = Basket.of(address)
    entries = sorted(
        (hit.policy for hit in basket.filled(kb, today).hits if hit.policy.date), key=lambda one: (one.day, one.id)
    )
    if not entries:
        try:
            _digest(kb, address, today)
        except OutputError as error:
            problem = str(error)
    return page(
        request,
        "digest.html.j2",
        address=address,
        problem=problem,
        total=len(entries),
        rows=[Row(one, basket.dropping(one.id).href("/digest")) for one in entries[:_ROWS]],
        year=address.get("during") if address != asked else "",
        dropped=len(basket.dropped),
        quick=quick(address, today, "/digest"),
        chips=chips(asked, "/digest"),
        groups=GROUPS,
        styles=digests.STYLES,
        kept=[pair for pair in address.parameters if pair[0] in (*FILTERS, *BASKET, "from", "to", "as-of")],
        preview=address.href("/digest.html") if len(entries) <= _ROWS else "",
        files=[Link(form, address.href(f"/digest.{form}")) for form in digests.FORMATS],
    )


def digest_file(request: Request) -> Response:
    """``/digest.docx`` and so on: the digest itself."""
    site, form = request.app.state.site, request.path_params["form"]
    address = Address.read(request.query_params.multi_items())
    style = "table" if form == "xlsx" else address.get("style") or "full"
    return _file(_written(site, address, form, style), form, "digest")


def report(request: Request) -> Response:
    """``/report/2024Q4``: the report of a period; ``/report/2024Q4.docx`` and so on: the report itself."""
    site, asked = request.app.state.site, request.path_params["period"]
    before, _dot, form = asked.rpartition(".")
    written = bool(before) and form.isascii() and form.isalpha()  # 2024-03..2024-08 has full stops, too
    today = site.today()
    period = DateRange.parse(before if written else asked, today=today)
    name = period.name
    if written:
        made = site.kb.report(period, today=today)
        return _file(reports.render(made, form, labels=site.labels, corpus=site.kb.corpus.root), form, f"report-{name}")
    files = [Link(form, f"/report/{name}.{form}") for form in reports.FORMATS]
    beside = [one.name for one in (period.previous(), period.next())]
    shown = {"name": site.labels.period(period), "period": name, "beside": beside, "preview": f"/report/{name}.html"}
    return page(request, "report.html.j2", files=files, **shown)


def export(request: Request) -> Response:
    """``/export``: all hits of a search as a table or as records."""
    site = request.app.state.site
    address = Address.read(request.query_params.multi_items())
    form = address.get("format") or "csv"
    if form == "docx":
        return _file(_written(site, address, form, "table"), form, "entries")
    if form not in results.FORMATS or form not in _TYPES:
        raise OutputError(_("unknown format {format}").format(format=form))
    found = search(site.kb, address, site.today(), limit=ALL)
    asked = {"text": address.get("q"), **{name: address.all(name) for name in FILTERS}, "offset": 0}
    asked |= {name: address.get(name) or None for name in PERIOD}
    content = results.render(found, form, asked, site.kb.root, columns=100, styled=False)
    return _file(content.encode() if isinstance(content, str) else content, form, "entries")


def feed(request: Request) -> Response:
    """``/feed.atom``: a search as a feed."""
    site = request.app.state.site
    address = Address.read(request.query_params.multi_items())
    return Response(_written(site, address, "atom", "brief"), media_type=_TYPES["atom"])


def _digest(kb: KnowledgeBase, address: Address, today: date) -> Digest:
    filters = address.selection(today)
    asked = " ".join(filter(None, [address.get("q"), *written({**filters, "dates": (), "as_of": ()})]))
    basket = Basket.of(address)
    if basket.picked:
        asked = " + ".join(filter(None, [asked, _("{number} picked").format(number=len(basket.picked))]))
    return of_engine(
        kb.engine, basket.filled(kb, today), query=asked, period=filters["dates"], since=None,
        group=address.get("group") or "month", today=today, as_of=filters.get("as_of"),
    )  # fmt: skip


def _written(site: Site, address: Address, form: str, style: str) -> bytes:
    kb = site.kb
    return digests.render(_digest(kb, address, site.today()), form, style, labels=site.labels, corpus=kb.corpus.root)


def _file(content: bytes, form: str, name: str) -> Response:
    """HTML is shown, everything else is saved."""
    headers = {"content-security-policy": _DOCUMENT}
    if form != "html":
        headers["content-disposition"] = f'attachment; filename="{name}.{form}"'
    return Response(content, media_type=_TYPES[form], headers=headers)
