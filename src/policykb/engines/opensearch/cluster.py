"""`Cluster`: requests to OpenSearch, each answered in full or an error that says what to do."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from policykb.engines.opensearch.place import login
from policykb.errors import IndexUnusableError, MissingExtraError
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


class ConflictError(Exception):
    """Somebody else has changed the document since it was read."""


class MissingIndexError(Exception):
    """There is no such index."""


class BlockedError(Exception):
    """The index takes no changes just now: another process builds it anew, or a disk is full."""


class Cluster:
    """The cluster that the settings name, and the one alias in it that is ours."""

    def __init__(self, settings: ClusterSettings) -> None:
        self.url, self.alias = settings.url, settings.index
        self.settings = settings

    @cached_property
    def _client(self) -> Any:
        try:
            from opensearchpy import OpenSearch
        except ImportError:
            raise MissingExtraError(_('engine = "opensearch"'), "opensearch") from None
        who = login(self.url)
        secured: dict[str, Any] = {}
        if self.url.startswith("https:"):
            secured = {"verify_certs": True, "ssl_assert_hostname": True} | ({"ca_certs": who.ca} if who.ca else {})
        if who.user:
            secured["http_auth"] = (who.user, who.password)
        return OpenSearch([self.url], timeout=PATIENCE, max_retries=0, retry_on_timeout=False, **secured)

    def check(self) -> None:
        """Sees that the cluster is there, and of a version that is known. Raises `IndexUnusableError`."""
        assert self.version

    @cached_property
    def version(self) -> str:
        """The version of the cluster. Raises `IndexUnusableError` for one that is not OpenSearch, or is not known."""
        said = self.call("GET", "/").get("version", {})
        number = str(said.get("number", ""))
        if said.get("distribution") != "opensearch" or number.split(".")[0] not in map(str, KNOWN):
            text = _("{url} is {kind} {version}; policykb knows OpenSearch {known}")
            kind, known = said.get("distribution", "Elasticsearch"), " and ".join(map(str, KNOWN))
            raise IndexUnusableError(text.format(url=self.url, kind=kind, version=number or "?", known=known))
        return number

    def call(self, method: str, path: str, body: Any = None, **parameters: Any) -> Any:
        """What the cluster answers to a request.

        Raises `MissingIndexError`, `ConflictError` and `BlockedError` for what callers can do something about, else
        `IndexUnusableError`.
        """
        client = self._client
        from opensearchpy import exceptions as known

        headers = {"content-type": "application/x-ndjson"} if isinstance(body, bytes) else None
        try:
            return client.transport.perform_request(method, path, params=parameters, body=body, headers=headers)
        except known.SSLError as error:
            text = _("{url}: its certificate is not trusted: {reason}; 'ca' beside the password names the one to trust")
            problem = text.format(url=self.url, reason=_short(error))
        except known.ConnectionTimeout:
            text = _("{url} did not answer within {number} seconds; ask for less, or see whether the cluster is well")
            problem = text.format(url=self.url, number=PATIENCE)
        except known.ConnectionError as error:
            text = _("{url} does not answer: {reason}; start the cluster, or correct [opensearch] in kb.toml")
            problem = text.format(url=self.url, reason=_short(error))
        except known.TransportError as error:
            problem = self._said(error, path)
        raise IndexUnusableError(problem)

    def _said(self, error: Any, path: str) -> str:
        status = error.status_code
        reason = f"{error.error}: {_reason(error.info)}"[:300]
        if status == 404 and "index_not_found" in reason:
            raise MissingIndexError(path) from None
        if status == 409:
            raise ConflictError(path) from None
        if "cluster_block" in reason and "state not recovered" not in reason:
            raise BlockedError(reason) from None
        if status in (401, 403):
            text = _(
                "{url} refuses the user: {reason}; the README of the engine says which rights are needed, "
                "and where the password goes"
            )
        elif status == 429:
            text = _("{url} has no room for more: {reason}; try again later, or give it more memory")
        elif status == 503:
            text = _("{url} cannot answer in full: {reason}; see GET _cluster/health")
        else:
            text = _("{url} refuses a request ({status}): {reason}")
        return text.format(url=self.url, reason=reason, status=status)

    # -- searches

    def search(self, body: Mapping[str, Any], *, index: str = "") -> Any:
        """One search over every shard."""
        if "pit" in body:
            parameters = {
                name: _SEARCH[name] for name in ("search_type", "allow_partial_search_results", "request_cache")
            }
            return self._checked(self.call("POST", "/_search", {**_WHOLE, **body}, **parameters))
        return self._checked(self.call("POST", f"/{index or self.alias}/_search", {**_WHOLE, **body}, **_SEARCH))

    def searches(self, bodies: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Several searches in one request."""
        if not bodies:
            return []
        header = json.dumps(
            {"index": self.alias, **_SEARCH, "request_cache": False, "allow_partial_search_results": False}
        )
        lines = "".join(f"{header}\n{json.dumps({**_WHOLE, **body})}\n" for body in bodies)
        answers = self.call("POST", "/_msearch", lines.encode())["responses"]
        for answer in answers:
            if "error" in answer:
                if answer["error"].get("type") == "index_not_found_exception":
                    raise MissingIndexError(self.alias)
                self._refused(_reason({"error": answer["error"]}))
        return [self._checked(answer) for answer in answers]

    def counts(self, queries: Iterable[Mapping[str, Any]]) -> list[int]:
        """How many documents each query selects."""
        found = self.searches([{"size": 0, "query": query} for query in queries])
        return [answer["hits"]["total"]["value"] for answer in found]

    def _checked(self, answer: Any) -> Any:
        """An answer that is complete: a cluster says so in it, and not by its status."""
        failed = answer["_shards"].get("failed", 0)
        if answer.get("timed_out") or answer.get("terminated_early") or failed:
            self._refused(_("it gave up after {number} seconds").format(number=PATIENCE // 2) if not failed else
                          _("{number} shards did not answer").format(number=failed))  # fmt: skip
        return answer

    def _refused(self, reason: str) -> None:
        text = _("{url} cannot answer in full: {reason}; see GET _cluster/health")
        raise IndexUnusableError(text.format(url=self.url, reason=reason))


def _reason(info: Any) -> str:
    if isinstance(info, dict) and isinstance(error := info.get("error"), dict):
        causes = error.get("root_cause") or [error]
        return str(causes[0].get("reason") or error.get("reason"))[:250]
    return str(info)[:250]


def _short(error: Any) -> str:
    return str(getattr(error, "info", error))[:200]
