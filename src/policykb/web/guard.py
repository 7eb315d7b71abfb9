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
    """ASGI middleware. ``hosts`` are the names under which a proxy or another machine reaches the page, beside ``own``
    and those that every machine has.

    A page elsewhere whose name resolves to this machine (DNS rebinding) names another host, and gets nothing; a form
    elsewhere that sends something here has another origin. Where the page is not ``writable``, nothing is sent to it
    at all. ``lang`` is the language that it speaks.
    """

    def __init__(self, app: ASGIApp, *, own: str, hosts: Collection[str], lang: str, writable: bool) -> None:
        self._app, self._lang, self._writable = app, lang, writable
        self._own = {*LOOPBACK, own.casefold()}
        self._hosts = frozenset(map(str.casefold, hosts)) - self._own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        begun = False

        async def send_guarded(message: Message) -> None:
            nonlocal begun
            begun = True
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        with language(self._lang):
            refused = self._refused(scope["method"], Headers(scope=scope))
            if refused:
                status, text = refused
                await PlainTextResponse(f"{text}\n", status)(scope, receive, send_guarded)
                return
            try:
                await self._app(scope, receive, send_guarded)
            except Exception:
                if not begun:  # else it has been said on a page, and in the log
                    raise

    def _refused(self, method: str, headers: Headers) -> tuple[int, str] | None:
        """The status and the words that a request is turned away with, None for one that may pass."""
        host = headers.get("host", "")
        if _name(f"//{host}") not in self._own | self._hosts:
            return 421, _("this page is not reached under that name; --allow-host NAME allows one")
        if method in ("GET", "HEAD"):
            return None
        if not self._writable:
            return 403, _("this page is only for reading, as 'policykb serve' was started")
        origin = headers.get("origin", "")
        # another port of this machine is another page; a proxy may put its own name for ours into the request
        if origin.partition("://")[2] != host and _name(origin) not in self._hosts:
            return 403, _("a form of another page")
        return None


def _name(address: str) -> str:
    """The host of an address, small; empty where it is none."""
    try:
        return (urlsplit(address).hostname or "").casefold()
    except ValueError:
        return ""
