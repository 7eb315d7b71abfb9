"""`Cluster`: requests to OpenSearch, each answered in full or an error that says what to do."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Mapping
from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING, Any

from policykb.engines.opensearch.place import login
from policykb.errors import DataError, IndexUnusableError, MissingExtraError, PolicyKBError
from policykb.i18n import _

if TYPE_CHECKING:
    from policykb.corpus.settings import ClusterSettings

KNOWN = (2, 3)  # major versions of OpenSearch
PATIENCE = 60  # seconds for a request; a search gives up at half of it
_SEARCH = {
    "search_type": "dfs_query_then_fetch",
    "allow_partial_search_results": "false",
    "preference": "policykb",
    "request_cache": "false",
}
_WHOLE = {"timeout": f"{PATIENCE // 2}s", "track_total_hits": True, "_source": False}
KEPT = "2m"  # a point in time, since it was last asked
_PINNED = {name: value for name, value in _SEARCH.items() if name != "preference"}
_GONE = ("index_not_found", "search_context_missing")  # an index, or a point in time that nobody asked for long


class MissingIndexError(IndexUnusableError):
    """There is no such index, or it has gone since it was opened."""


class FullError(IndexUnusableError):
    """The cluster has no room for a request just now."""


class BlockedError(IndexUnusableError):
    """The index takes no changes just now: another process builds it anew, or a disk is full."""


class Cluster:
    """The cluster that the settings name, and the one alias in it that is ours."""

    def __init__(self, settings: ClusterSettings) -> None:
        self.url, self.alias = ", ".join(settings.url), settings.index
        self.settings = settings
        self.pit = ""  # a point in time, where all searches are of one

    @cached_property
    def _client(self) -> Any:
        try:
            from opensearchpy import OpenSearch
        except ImportError:
            raise MissingExtraError(_('engine = "opensearch"'), "opensearch") from None
        urls = list(self.settings.url)
        who = login(*urls)
        secured: dict[str, Any] = {}
        if any(url.startswith("https:") for url in urls):
            secured["ssl_context"] = _trusting(who.ca)
        if who.user:
            secured["http_auth"] = (who.user, who.password)
        # a node that is away is passed over; what it may have done all the same is refused by its sequence number
        return OpenSearch(urls, timeout=PATIENCE, max_retries=len(urls) - 1, retry_on_timeout=False, **secured)

    def check(self) -> None:
        """Sees that the cluster is there, and of a version that is known. Raises `IndexUnusableError`."""
        self.version  # noqa: B018 - asks for it once

    @cached_property
    def version(self) -> str:
        """The version of the cluster. Raises `IndexUnusableError` for one that is not OpenSearch, or is not known."""
        said = self.call("GET", "/").get("version")
        said = said if isinstance(said, dict) else {}
        number = str(said.get("number", ""))
        if said.get("distribution") != "opensearch" or number.split(".")[0] not in map(str, KNOWN):
            text = _("{url} is {kind} {version}; policykb knows OpenSearch {known}")
            kind = said.get("distribution", "Elasticsearch" if number else "?")
            known = " and ".join(map(str, KNOWN))
            raise IndexUnusableError(text.format(url=self.url, kind=kind, version=number or "?", known=known))
        return number

    def call(self, method: str, path: str, body: Any = None, **parameters: Any) -> Any:
        """What the cluster answers to a request.

        Raises `IndexUnusableError`: as `MissingIndexError`, `BlockedError` or `FullError` where callers can do
        something about it.
        """
        client = self._client
        from opensearchpy import exceptions as known

        headers = {"content-type": "application/x-ndjson"} if isinstance(body, bytes) else None
        try:
            answer = client.transport.perform_request(method, path, params=parameters, body=body, headers=headers)
            if not isinstance(answer, dict):
                raise known.SerializationError(f"{answer!r:.100}")
            return answer
        except known.SSLError as error:
            text = _("{url}: its certificate is not trusted: {reason}; 'ca' beside the password names the one to trust")
            problem = text.format(url=self.url, reason=_short(error))
        except known.ConnectionTimeout:
            text = _("{url} did not answer within {number} seconds; ask for less, or see whether the cluster is well")
            problem = text.format(url=self.url, number=PATIENCE)
        except (known.ConnectionError, known.SerializationError) as error:  # the latter is a page, say, of a proxy
            text = _("{url} does not answer: {reason}; start the cluster, or correct [opensearch] in kb.toml")
            problem = text.format(url=self.url, reason=_short(error))
        except known.TransportError as error:
            problem = self._said(error)
        raise IndexUnusableError(problem)

    def _said(self, error: Any) -> str:
        """What a refusal is about; raises what callers can do something about."""
        status = error.status_code
        reason = f"{error.error}: {_reason(error.info)}"[:300]
        if status == 404 and any(gone in f"{reason} {error.info}" for gone in _GONE):
            raise self.missing() from None
        if "cluster_block" in reason and "state not recovered" not in reason:
            raise self.blocked(reason) from None
        if status in (401, 403):
            text = _(
                "{url} refuses the user: {reason}; the README of the engine says which rights are needed, "
                "and where the password goes"
            )
        elif status == 429:
            text = _("{url} has no room for more: {reason}; try again later, or give it more memory")
            raise FullError(text.format(url=self.url, reason=reason)) from None
        elif status >= 500:  # a node that is lost in the middle of a search is a 500
            text = _("{url} cannot answer in full: {reason}; see GET _cluster/health")
        else:
            text = _("{url} refuses a request ({status}): {reason}")
        return text.format(url=self.url, reason=reason, status=status)

    def missing(self) -> MissingIndexError:
        """What is raised where the index is not there, or not any more."""
        text = _("{url} has no index {name}; run 'policykb index'")
        return MissingIndexError(text.format(url=self.url, name=self.alias))

    def blocked(self, reason: str) -> IndexUnusableError:
        """What is raised where an index takes no changes: only what will pass is waited for."""
        if "flood-stage" in reason or "read-only" in reason:
            text = _("{url} takes no changes: {reason}; a disk of the cluster is full: make room, then it goes on")
            return IndexUnusableError(text.format(url=self.url, reason=reason))
        return BlockedError(reason)

    # -- searches

    def pinned(self, index: str = "") -> Cluster:
        """The cluster as it is now: whatever is written, all its searches find what there is at this moment.

        Asked for nothing for two minutes it forgets that, and raises `MissingIndexError`.
        """
        other = copy(self)
        path = f"/{index or self.alias}/_search/point_in_time"
        other.pit = self.call("POST", path, keep_alive=KEPT, preference="policykb")["pit_id"]
        return other

    def release(self) -> None:
        """Forgets the point in time."""
        if self.pit:
            with contextlib.suppress(PolicyKBError):  # it goes by itself, too
                self.call("DELETE", "/_search/point_in_time", {"pit_id": [self.pit]})

    def search(self, body: Mapping[str, Any], *, index: str = "") -> Any:
        """One search over every shard."""
        if self.pit and not index:
            body = {"pit": {"id": self.pit, "keep_alive": KEPT}, **body}
            return self._checked(self.call("POST", "/_search", {**_WHOLE, **body}, **_PINNED))
        return self._checked(self.call("POST", f"/{index or self.alias}/_search", {**_WHOLE, **body}, **_SEARCH))

    def counts(self, queries: Iterable[Mapping[str, Any]]) -> list[int]:
        """How many documents each query selects; nodes remember it until documents change."""
        bodies = [{"size": 0, "query": query} for query in queries]
        if not bodies:
            return []
        where = {} if self.pit else {"index": self.alias, "preference": _SEARCH["preference"]}
        header = json.dumps({**where, "request_cache": True, "allow_partial_search_results": False})
        common = {**_WHOLE, "pit": {"id": self.pit, "keep_alive": KEPT}} if self.pit else _WHOLE
        lines = "".join(f"{header}\n{json.dumps({**common, **body})}\n" for body in bodies)
        answers = self.call("POST", "/_msearch", lines.encode())["responses"]
        for answer in answers:
            if "error" in answer:
                if any(gone in json.dumps(answer["error"]) for gone in _GONE):
                    raise self.missing()
                self._refused(_reason({"error": answer["error"]}))
        return [self._checked(answer)["hits"]["total"]["value"] for answer in answers]

    def _checked(self, answer: Any) -> Any:
        """An answer that is complete: a cluster says so in it, and not by its status.

        ``terminated_early`` only says that a number was known without counting: nothing that is sent asks for an end.
        """
        failed = answer["_shards"].get("failed", 0)
        if answer.get("timed_out") or failed:
            self._refused(_("it gave up after {number} seconds").format(number=PATIENCE // 2) if not failed else
                          _("{number} shards did not answer").format(number=failed))  # fmt: skip
        return answer

    def _refused(self, reason: str) -> None:
        text = _("{url} cannot answer in full: {reason}; see GET _cluster/health")
        raise IndexUnusableError(text.format(url=self.url, reason=reason))


def _trusting(ca: str) -> Any:
    """What checks certificates and the names in them, by the authorities of a file, or of the system."""
    import ssl  # most clusters in use are asked with TLS, those on this machine without

    try:
        return ssl.create_default_context(cafile=ca or None)
    except OSError as error:  # of which ssl.SSLError is one
        text = _("ca: {path}: no certificates can be read from it: {reason}")
        raise DataError(text.format(path=ca, reason=error.strerror or error)) from None


def _reason(info: Any) -> str:
    if isinstance(info, dict) and isinstance(error := info.get("error"), dict):
        causes = error.get("root_cause") or [error]
        return str(causes[0].get("reason") or error.get("reason"))[:250]
    return str(info)[:250]


def _short(error: Any) -> str:
    return str(getattr(error, "info", error))[:200]
