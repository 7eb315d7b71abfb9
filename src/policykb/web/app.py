"""The application: which address is answered by what."""

from __future__ import annotations

import logging
import mimetypes
import secrets
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from policykb.errors import AbsentError, PolicyKBError
from policykb.i18n import _
from policykb.web import (
    add_page,
    deliveries,
    edit_page,
    entry_page,
    inbox_page,
    news_page,
    overviews,
    search_page,
)
from policykb.web.guard import Guard
from policykb.web.view import page

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

    from policykb.web.site import Site

_LOG = logging.getLogger("policykb.web")
# Windows' registry may call them anything, by what was installed there, and browsers then take no notice of them
_STATIC = {".css": "text/css", ".js": "text/javascript"}


def application(site: Site, *, own: str = "localhost", hosts: Collection[str] = ()) -> ASGIApp:
    """The pages of a knowledge base as an ASGI application at the host ``own``; ``hosts`` are its other names."""
    for suffix, kind in _STATIC.items():
        mimetypes.add_type(kind, suffix)
    app = Starlette(
        routes=[
            Route("/", search_page.show),
            Route("/entry/{id}", entry_page.show),
            Route("/original/{id}", entry_page.original),
            Route("/help", overviews.help_),
            Route("/gaps", overviews.gaps),
            Route("/news", news_page.show),
            Route("/news.atom", news_page.feed),
            Route("/news/{name}.atom", news_page.feed),
            Route("/news/{name}", news_page.show),
            Route("/timeline", overviews.timeline),
            Route("/departments", overviews.departments),
            Route("/tags", overviews.tags),
            Route("/market", overviews.market),
            Route("/check", overviews.check),
            Route("/digest", deliveries.digest),
            Route("/digest.{form}", deliveries.digest_file),
            Route("/report/{period}", deliveries.report),
            Route("/export", deliveries.export),
            Route("/feed.atom", deliveries.feed),
            *(_writing() if site.writable else ()),
            Mount("/static", StaticFiles(directory=Path(__file__).parent / "static")),
        ],
        exception_handlers={PolicyKBError: _problem, 404: _missing, 500: _defect},
    )
    app.state.site = site
    # around all of it: a page about a defect is guarded, too, and speaks the language of the others
    return Guard(app, own=own, hosts=hosts, lang=site.lang, writable=site.writable)


def _writing() -> list[Route]:
    """The pages from which the knowledge base is changed: where nobody may, there are none."""
    return [
        Route("/inbox", inbox_page.show),
        Route("/inbox", inbox_page.decide, methods=["POST"]),
        Route("/inbox/undo", inbox_page.undo, methods=["POST"]),
        Route("/inbox/{id}", add_page.draft),
        Route("/inbox/{id}", add_page.decide, methods=["POST"]),
        Route("/inbox/{id}/original", add_page.original),
        Route("/add", add_page.show),
        Route("/add", add_page.add, methods=["POST"]),
        Route("/edit/{id}", edit_page.show),
        Route("/edit/{id}", edit_page.save, methods=["POST"]),
    ]


def _problem(request: Request, error: Exception) -> Response:
    status = 404 if isinstance(error, AbsentError) else getattr(error, "status", 400)
    return page(request, "problem.html.j2", status, problem=str(error))


def _missing(request: Request, error: Exception) -> Response:
    return page(request, "problem.html.j2", 404, problem=_("there is no such page"))


def _defect(request: Request, error: Exception) -> Response:
    """A page in words with a reference; the trace stands in the log, never in the browser."""
    reference = secrets.token_hex(4)
    _LOG.error("%s %s", reference, request.url.path, exc_info=error)
    problem = _("something went wrong that should not; the log has it under {reference}").format(reference=reference)
    return page(request, "problem.html.j2", 500, problem=problem)
