"""`Guard`: whose host a request names, where it comes from, and what the browser may do with the answer."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse

from policykb.i18n import _, language

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# nothing but our own style sheet and script runs, and nothing is loaded from, or sent to, another host
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Guard:
    """ASGI middleware. ``hosts`` are the names under which the page is reached, ``lang`` the language it speaks.

    A page elsewhere whose name resolves to this machine (DNS rebinding) names another host, and gets nothing; a form
    elsewhere that sends something here has another origin.
    """

    def __init__(self, app: ASGIApp, *, hosts: Collection[str], lang: str) -> None:
        self._app, self._hosts, self._lang = app, frozenset(host.casefold() for host in hosts), lang

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        with language(self._lang):
            headers = Headers(scope=scope)
            if not self._is_ours(f"//{headers.get('host', '')}"):
                text = _("this page is not reached under that name; --allow-host NAME allows one")
                await PlainTextResponse(f"{text}\n", 421)(scope, receive, send_guarded)
            elif scope["method"] not in ("GET", "HEAD") and not self._is_ours(headers.get("origin", "")):
                await PlainTextResponse(f"{_('a form of another page')}\n", 403)(scope, receive, send_guarded)
            else:
                await self._app(scope, receive, send_guarded)

    def _is_ours(self, address: str) -> bool:
        try:
            return (urlsplit(address).hostname or "").casefold() in self._hosts
        except ValueError:
            return False
