"""How we ask: only what ``robots.txt`` allows, and never faster than one request to a host in so many seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

from policykb.errors import RefusedError, SourceError
from policykb.i18n import _
from policykb.importing.fetching import Fetched, fetch

AGENT = "policykb"
_LONGEST = 600.0  # seconds that a robots.txt can have us wait
_ROBOTS = 1 << 20  # characters of a robots.txt that are read


class Asking:
    """Asks servers with manners; one for a run, so that sources on one host share them."""

    def __init__(self, *, allow_local: bool, sleep: Callable[[float], None] = time.sleep) -> None:
        self._allow_local, self._sleep = allow_local, sleep
        self._rules: dict[str, RobotFileParser | str] = {}  # by host; a text says why nothing may be asked
        self._last: dict[str, float] = {}  # when each host was asked last

    def ask(self, url: str, *, delay: float, if_changed: Mapping[str, str] | None = None) -> Fetched:
        """What an address gives, each of its redirects asked for with manners, too. Raises SourceError."""
        self._polite(url, delay)  # what waits long is no part of the time that a document may take

        def before(target: str) -> None:
            if target != url:
                self._polite(target, delay)

        return fetch(url, allow_local=self._allow_local, if_changed=if_changed, before=before)

    def _polite(self, url: str, delay: float) -> None:
        """Waits until the host may be asked. Raises SourceError where it does not want to be."""
        host = _host(url)
        if host not in self._rules:
            self._rules[host] = self._read_rules(host)
            self._last[host] = time.monotonic()
        rules = self._rules[host]
        if isinstance(rules, str):
            raise SourceError(_("{url}: is not asked for: {reason}").format(url=url, reason=rules))
        if not rules.can_fetch(AGENT, url):
            raise SourceError(_("{url}: its robots.txt does not want it to be asked for").format(url=url))
        asked = min(int(rules.crawl_delay(AGENT) or 0), int(_LONGEST))  # of any size, so no float
        wanted = min(max(delay, asked), _LONGEST)
        left = self._last[host] + wanted - time.monotonic()
        if left > 0:
            self._sleep(left)
        self._last[host] = time.monotonic()

    def _read_rules(self, host: str) -> RobotFileParser | str:
        """What the ``robots.txt`` of a host says, as RFC 9309 wants it: all is allowed where there is none."""
        rules = RobotFileParser()
        try:
            data = fetch(f"{host}/robots.txt", allow_local=self._allow_local).data
            rules = _parsed(data.decode("utf-8", "replace")[:_ROBOTS].splitlines())
        except RefusedError as error:
            if error.status >= 500 or error.status == 429:
                return str(error)
            rules.parse([])
        except SourceError as error:
            return str(error)
        return rules


def _parsed(lines: Sequence[str]) -> RobotFileParser:
    """The rules of a ``robots.txt``, without lines that the parser stumbles over."""

    def parse(some: Sequence[str]) -> RobotFileParser | None:
        rules = RobotFileParser()
        try:
            rules.parse(some)
        except ValueError:  # Crawl-delay: ²; Disallow: //[
            return None
        return rules

    return parse(lines) or parse([one for one in lines if parse(["User-agent: *", one])]) or RobotFileParser()


def _host(url: str) -> str:
    """What ``robots.txt`` holds for. Raises SourceError."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise SourceError(_("{url}: no address of the web").format(url=url)) from None
    return f"{parts.scheme}://{parts.netloc}"
