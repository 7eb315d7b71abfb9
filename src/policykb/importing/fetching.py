"""Documents from the web: within bounds of size and time, and from no address of the local network unless asked for.

A name is resolved here, its addresses are checked, and the connection goes to a checked one: what the name means a
moment later (DNS rebinding) makes no difference. So it is at every redirect.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin, urlsplit

from policykb.errors import MissingExtraError, PolicyKBError, RefusedError, SourceError
from policykb.i18n import _
from policykb.importing.sources import MAX_BYTES

if TYPE_CHECKING:
    from urllib3 import HTTPConnectionPool
    from urllib3.response import BaseHTTPResponse

SECONDS = 60.0  # that a document may take, with all redirects
SILENCE = 20.0  # seconds without a byte
_REDIRECTS = 5
_PIECE = 1 << 16
_PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_HEADERS = {"User-Agent": "Mozilla/5.0 (compatible; policykb)", "Accept": "*/*", "Accept-Encoding": "gzip, identity"}


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address gave; ``url`` is where it was found in the end, ``headers`` of the answer have small letters.

    ``unchanged``: it is as it was when the headers were given that are sent in ``if_changed``; there is no data.
    """

    url: str
    data: bytes
    headers: Mapping[str, str] = field(default_factory=dict, compare=False)
    unchanged: bool = False

    @property
    def name(self) -> str:
        """What a document from there is called: the last part of its path, or its host."""
        parts = urlsplit(self.url)
        return unquote(parts.path).rstrip("/").rpartition("/")[2] or parts.hostname or "document"


def is_url(text: str) -> bool:
    """Whether an argument is an address of the web, and no file."""
    return text.lower().startswith(("http://", "https://"))


def fetch(
    url: str,
    *,
    allow_local: bool = False,
    seconds: float = SECONDS,
    if_changed: Mapping[str, str] | None = None,
    before: Callable[[str], None] = lambda url: None,
) -> Fetched:
    """What an address gives, of at most 50 MB. Raises SourceError, which names it, and MissingExtraError.

    ``if_changed`` are headers that ask for it only where it has changed. ``before`` is called with each address that is
    asked, that of a redirect too; what it raises ends it. Where a server answers with an error it is a `RefusedError`.
    """
    try:
        import urllib3  # noqa: F401
    except ImportError:
        raise MissingExtraError(_("fetching from the web"), "import") from None
    results: list[Fetched | PolicyKBError] = []
    deadline = time.monotonic() + seconds

    def run() -> None:
        try:
            results.append(_follow(url, allow_local, deadline, if_changed or {}, before))
        except PolicyKBError as error:
            results.append(error)
        except Exception as error:  # whatever somebody else's library does with what a server sends
            results.append(SourceError(_("{url}: cannot be fetched: {reason}").format(url=url, reason=error)))

    # Resolving a name and reading headers have no bound of their own: what takes too long is left behind.
    thread = threading.Thread(target=copy_context().run, args=(run,), daemon=True)  # it speaks the caller's language
    thread.start()
    thread.join(seconds + 1)
    if not results:
        raise _too_slow(url)
    if isinstance(results[0], PolicyKBError):
        raise results[0]
    return results[0]


def _follow(
    url: str, allow_local: bool, deadline: float, sent: Mapping[str, str], before: Callable[[str], None]
) -> Fetched:
    for _hop in range(_REDIRECTS + 1):
        before(url)
        with _Answer(url, allow_local, deadline, sent) as answer:
            status, why = answer.response.status, answer.response.reason or ""
            headers = {name.lower(): value for name, value in answer.response.headers.items()}
            if status >= 400:
                said = _("{url}: the server answers {status} {reason}").format(url=url, status=status, reason=why)
                raise RefusedError(said.rstrip(), status=status, wait=headers.get("retry-after", ""))
            if status == 304:
                return Fetched(url, b"", headers, unchanged=True)
            target = answer.response.get_redirect_location()
            if not target:
                return Fetched(url, answer.read(), headers)
            url = urljoin(url, target)
    raise SourceError(_("{url}: leads from one address to the next, without end").format(url=url))


class _Answer:
    """The answer of one server, read piece by piece."""

    def __init__(self, url: str, allow_local: bool, deadline: float, sent: Mapping[str, str]) -> None:
        self._url, self._allow_local, self._deadline, self._sent = url, allow_local, deadline, sent
        self.response: BaseHTTPResponse
        self._pool: HTTPConnectionPool

    def __enter__(self) -> _Answer:
        import urllib3

        parts = urlsplit(self._url)
        scheme, host = parts.scheme.lower(), parts.hostname
        try:
            port = parts.port or _PORTS[scheme]
            name = (host or "").encode("idna").decode() if host and ":" not in host else host or ""
        except (KeyError, ValueError, UnicodeError):
            name = ""
        if not name or parts.username is not None:
            raise SourceError(_("{url}: no address of the web").format(url=self._url))
        timeout = urllib3.Timeout(connect=min(SILENCE, self._left()), read=min(SILENCE, self._left()))
        failed: Exception | None = None
        for address in _addresses(self._url, name, port, self._allow_local):
            options: dict[str, Any] = {"port": port, "timeout": timeout, "retries": False}
            if scheme == "https":
                self._pool = urllib3.HTTPSConnectionPool(
                    address, server_hostname=name, assert_hostname=name, cert_reqs="CERT_REQUIRED", **options
                )
            else:
                self._pool = urllib3.HTTPConnectionPool(address, **options)
            shown = f"[{name}]" if ":" in name else name
            headers = {**_HEADERS, **self._sent} | {"Host": shown if port == _PORTS[scheme] else f"{shown}:{port}"}
            target = urllib3.util.parse_url(self._url).request_uri
            try:
                self.response = self._pool.urlopen(
                    "GET", target, headers=headers, redirect=False, preload_content=False
                )
                break
            except (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError) as error:
                failed = error
        else:
            said = _("{url}: no connection: {reason}").format(url=self._url, reason=failed)
            raise SourceError(said + _past_proxy(scheme))
        return self

    def __exit__(self, *raised: object) -> None:
        self.response.close()
        self._pool.close()

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise _too_slow(self._url)
        return left

    def read(self) -> bytes:
        """The whole content. Raises SourceError for one that is too large, or comes too slowly."""
        stated = self.response.headers.get("Content-Encoding", "identity").strip().lower()
        if stated not in ("identity", "gzip", "x-gzip", ""):
            problem = _("{url}: is compressed in a way that is not read: {encoding}")
            raise SourceError(problem.format(url=self._url, encoding=stated))
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16) if "gzip" in stated else None
        data = bytearray()
        for piece in self._pieces():
            data += unpacker.decompress(piece, MAX_BYTES + 1 - len(data)) if unpacker else piece
            if len(data) > MAX_BYTES:
                problem = _("{url}: is larger than {most} MB")
                raise SourceError(problem.format(url=self._url, most=MAX_BYTES >> 20))
        return bytes(data)

    def _pieces(self) -> Iterator[bytes]:
        while piece := self.response.read1(_PIECE, decode_content=False):
            self._left()
            yield piece


def _addresses(url: str, name: str, port: int, allow_local: bool) -> list[str]:
    """The numeric addresses that a name has and that may be connected to. Raises SourceError where there is none."""
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except OSError as error:
        problem = _("{url}: the name {name} cannot be resolved: {reason}")
        said = problem.format(url=url, name=name, reason=error.strerror or error)
        raise SourceError(said + _past_proxy(urlsplit(url).scheme.lower())) from None
    addresses = list(dict.fromkeys(str(address[0]) for *_rest, address in found))
    allowed = [address for address in addresses if allow_local or is_public(address)]
    if not allowed:
        problem = _("{url}: {address} is an address of the local network; --allow-local allows it")
        raise SourceError(problem.format(url=url, address=addresses[0] if addresses else name))
    return allowed


def _past_proxy(scheme: str) -> str:
    """What to do where a proxy is named by the environment: a proxy would resolve the name, and nothing be checked."""
    from urllib.request import getproxies_environment

    proxies = getproxies_environment()
    if not (proxies.get(scheme) or proxies.get("all")):
        return ""
    return "; " + _("the proxy of the environment is not used: save the page with a browser, and add the file")


def is_public(address: str) -> bool:
    """Whether an address, and what is wrapped in it, is one of the public net."""
    try:
        one = ipaddress.ip_address(address)
    except ValueError:  # with a zone: of a link of this machine
        return False
    if isinstance(one, ipaddress.IPv6Address):
        wrapped = [one.ipv4_mapped, one.sixtofour, *(one.teredo or ())]
        if one in _NAT64:
            wrapped.append(ipaddress.IPv4Address(int(one) & 0xFFFFFFFF))
        inner = [each for each in wrapped if each is not None]
        if one.ipv4_mapped or one in _NAT64:
            return all(is_public(str(each)) for each in inner)
        if not all(is_public(str(each)) for each in inner):
            return False
    return one.is_global and not (one.is_multicast or one.is_reserved or one.is_unspecified or one.is_loopback)


def _too_slow(url: str) -> SourceError:
    return SourceError(_("{url}: takes too long").format(url=url))
