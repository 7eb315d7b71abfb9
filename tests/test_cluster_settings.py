"""The settings of a cluster, and what is said where it does not answer as it should; no cluster is needed for it."""

from __future__ import annotations

import contextlib
import http.server
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import certificates
from policykb.cli.main import run
from policykb.corpus.settings import load_settings
from policykb.engines.opensearch import cluster
from policykb.engines.opensearch.place import Login, host_of, login
from policykb.errors import DataError, IndexUnusableError
from policykb.kb import KnowledgeBase

GOOD = 'name = "k"\nengine = "opensearch"\n[opensearch]\nurl = "http://127.0.0.1:{port}"\nindex = "k"\n'


@pytest.fixture(autouse=True)
def _nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nobody has said who he is."""
    for name in ("HOST", "USER", "PASSWORD", "CA"):
        monkeypatch.delenv(f"POLICYKB_OPENSEARCH_{name}", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("APPDATA", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def corpus_with(root: Path, text: str) -> Path:
    (root / "corpus").mkdir(exist_ok=True)
    (root / "corpus" / "kb.toml").write_text(text, encoding="utf-8")
    return root / "corpus"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('engine = "solr"\n', "2: engine: must be one of whoosh, opensearch, not solr"),
        ('engine = "opensearch"\n', "2: engine: needs a table"),
        ("opensearch = 3\n", "must be a table"),
        ('[opensearch]\nindex = "k"\n', "2: opensearch: url is missing"),
        ('[opensearch]\nurl = "https://a"\n', "index is missing"),
        ('[opensearch]\nurl = []\nindex = "k"\n', "url: must be an address, or a list"),
        ('[opensearch]\nurl = ["https://a", 3]\nindex = "k"\n', "url: must be an address, or a list"),
        ('[opensearch]\nurl = "https://a"\nindex = "K b"\n', "index: must be lower-case"),
        ('[opensearch]\nurl = "https://a"\nindex = "k"\nshards = 0\n', "shards: must be a number from 1"),
        ('[opensearch]\nurl = "https://a"\nindex = "k"\nreplicas = true\n', "replicas: must be a number from 0"),
        ('[opensearch]\nurl = "https://a"\nindex = "k"\npassword = "x"\n', "password: no such key"),
    ],
)
def test_wrong_settings_are_said_with_their_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(DataError, match=said.replace("[", r"\[")):
        load_settings(corpus_with(tmp_path, f'name = "k"\n{text}'))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://search.example.cn:9200", "without TLS"),
        ("http://127.0.0.1.example.cn", "without TLS"),
        ("https://u:p@search.example.cn", "do not belong"),
        ("ftp://search.example.cn", "an address like"),
        ("search.example.cn", "an address like"),
        ("https://search.example.cn/path", "an address like"),
    ],
)
def test_an_address_without_tls_or_with_a_password_is_refused(url: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        host_of(url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9200", "http://localhost:9200", "http://[::1]:9200"])
def test_this_machine_itself_needs_no_tls(url: str) -> None:
    assert host_of(url).endswith(":9200")


def test_the_password_goes_only_to_the_host_named_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLICYKB_OPENSEARCH_HOST", "search.example.cn:9200")
    monkeypatch.setenv("POLICYKB_OPENSEARCH_USER", "policykb")
    monkeypatch.setenv("POLICYKB_OPENSEARCH_PASSWORD", "geheim")
    assert login("https://search.example.cn:9200").password == "geheim"
    monkeypatch.setenv("POLICYKB_OPENSEARCH_HOST", "Search.example.CN:9200")  # names of hosts have no case
    assert login("https://SEARCH.example.cn:9200").password == "geheim"
    for other in ("https://elsewhere.example:9200", "https://search.example.cn:9201", "https://search.example.cn"):
        assert login(other) == Login()
    assert "geheim" not in repr(login("https://search.example.cn:9200"))


def test_the_password_goes_to_several_hosts_only_where_all_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    one, two, other = (f"https://{name}.example.cn:9200" for name in ("a", "b", "elsewhere"))
    monkeypatch.setenv("POLICYKB_OPENSEARCH_HOST", "a.example.cn:9200, b.example.cn:9200")
    monkeypatch.setenv("POLICYKB_OPENSEARCH_PASSWORD", "geheim")
    assert login(one, two).password == login(two).password == "geheim"
    assert login(other) == Login()
    with pytest.raises(DataError, match=r"kb.toml names elsewhere.example.cn:9200 as well"):
        login(one, other)


def test_the_password_may_stand_in_a_file_that_nobody_else_reads(tmp_path: Path) -> None:
    file = tmp_path / "config" / "policykb" / "opensearch.toml"
    file.parent.mkdir(parents=True)
    file.write_text('host = "search.example.cn:443"\nuser = "u"\npassword = "geheim"\n', encoding="utf-8")
    file.chmod(0o644)
    with pytest.raises(DataError, match="others can read"):
        login("https://search.example.cn")
    file.chmod(0o600)
    assert login("https://search.example.cn") == Login("u", "geheim")
    assert login("https://elsewhere.example") == Login()
    file.write_text('hots = "x"\n', encoding="utf-8")
    with pytest.raises(DataError, match="hots: no such key"):
        login("https://search.example.cn")


class Answering(http.server.BaseHTTPRequestHandler):
    """Answers as no OpenSearch does, or leads elsewhere, and notes what it was told."""

    told: list[str | None]
    elsewhere = ""

    def do_GET(self) -> None:
        self.told.append(self.headers.get("authorization"))
        self.send_response(302 if self.elsewhere else 200)
        self.send_header("content-type", "application/json")
        if self.elsewhere:
            self.send_header("location", self.elsewhere)
        self.end_headers()
        self.wfile.write(b'{"version": {"number": "8.1.0"}}')

    def log_message(self, *said: Any) -> None:
        pass


@contextlib.contextmanager
def serving(shown: ssl.SSLContext, elsewhere: str = "") -> Iterator[tuple[str, list[str | None]]]:
    """The address of a server with a certificate, and what each request authorized itself with."""
    told: list[str | None] = []
    handler = type("Handler", (Answering,), {"told": told, "elsewhere": elsewhere})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.socket = shown.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"https://127.0.0.1:{server.server_address[1]}", told
        server.shutdown()


def asked(root: Path, url: str) -> str:
    """What is said where the cluster at an address is asked."""
    corpus_with(root, f'name = "k"\nengine = "opensearch"\n[opensearch]\nurl = "{url}"\nindex = "k"\n')
    with KnowledgeBase.open(root) as kb, pytest.raises((IndexUnusableError, DataError)) as caught:
        kb.search("碳")
    return str(caught.value)


def test_only_a_trusted_certificate_with_the_right_name_is_told_the_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("opensearchpy", reason="needs policykb[opensearch]")
    own, other = (certificates.certificate(tmp_path, name) for name in ("127.0.0.1", "elsewhere.example"))
    monkeypatch.setenv("POLICYKB_OPENSEARCH_USER", "policykb")
    monkeypatch.setenv("POLICYKB_OPENSEARCH_PASSWORD", "geheim")

    def trusted(url: str, ca: Path | None) -> str:
        monkeypatch.setenv("POLICYKB_OPENSEARCH_HOST", host_of(url))
        monkeypatch.setenv("POLICYKB_OPENSEARCH_CA", str(ca or ""))
        return asked(tmp_path, url)

    with serving(certificates.context(*own)) as (url, told):
        assert "its certificate is not trusted" in trusted(url, None)
        assert "its certificate is not trusted" in trusted(url, other[0])
        assert told == []
        assert "is Elasticsearch 8.1.0" in trusted(url, own[0])
        assert told == ["Basic cG9saWN5a2I6Z2VoZWlt"]
        monkeypatch.setenv("POLICYKB_OPENSEARCH_HOST", "search.example.cn:9200")
        assert "not trusted" in asked(tmp_path, url)  # nor is the certificate that was named beside another host
        assert "no certificates can be read" in trusted(url, tmp_path / "missing.pem")
        assert "no certificates can be read" in trusted(url, own[1])
        assert len(told) == 1
        with serving(certificates.context(*own), elsewhere=url) as (leading, first):
            assert "geheim" not in trusted(leading, own[0])
            assert len(first) == 1
        assert len(told) == 1  # nobody is led on
    with serving(certificates.context(*other)) as (url, told):
        assert "its certificate is not trusted" in trusted(url, other[0])  # it is another host's
        assert told == []


@pytest.fixture
def answering(request: pytest.FixtureRequest) -> Iterator[int]:
    """The port of a server that answers every request with a status and a body: a page where that is text."""
    status, body = request.param

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("content-type", "text/html" if isinstance(body, str) else "application/json")
            self.end_headers()
            self.wfile.write(body.encode() if isinstance(body, str) else json.dumps(body).encode())

        def log_message(self, *said: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.mark.parametrize(
    ("answering", "said"),
    [
        ((200, {"version": {"number": "8.1.0"}}), "is Elasticsearch 8.1.0; policykb knows OpenSearch 2 and 3"),
        ((200, {"version": {"distribution": "opensearch", "number": "4.0.0"}}), "is opensearch 4.0.0"),
        ((200, {"version": "3.3.0"}), r"is \? \?; policykb knows OpenSearch 2 and 3"),
        ((200, ["no", "object"]), "does not answer: .*no.*object.*correct .opensearch. in kb.toml"),
        ((200, "<p>Please log in</p>"), "does not answer: .*text/html; start the cluster, or correct"),
        ((409, {"error": {"reason": "no"}}), r"refuses a request \(409\)"),
        ((401, {"error": {"reason": "no"}}), "refuses the user"),
        ((429, {"error": {"reason": "full"}}), "has no room"),
        ((503, {"error": {"reason": "red"}}), "_cluster/health"),
        ((500, {"error": {"reason": "disconnected"}}), "_cluster/health"),  # a node that is lost during a search
    ],
    indirect=["answering"],
)
def test_a_cluster_that_cannot_be_used_says_what_to_do(tmp_path: Path, answering: int, said: str) -> None:
    pytest.importorskip("opensearchpy", reason="needs policykb[opensearch]")
    corpus_with(tmp_path, GOOD.format(port=answering))
    with KnowledgeBase.open(tmp_path) as kb, pytest.raises(IndexUnusableError, match=said):
        kb.search("碳")


def test_a_cluster_that_is_away_is_said_and_nothing_falls_back(tmp_path: Path) -> None:
    pytest.importorskip("opensearchpy", reason="needs policykb[opensearch]")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        corpus_with(tmp_path, GOOD.format(port=taken.getsockname()[1]))
        with KnowledgeBase.open(tmp_path) as kb, pytest.raises(IndexUnusableError, match="does not answer"):
            kb.search("碳")
    assert not (tmp_path / "index").exists()


def test_a_cluster_that_does_not_answer_in_time_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("opensearchpy", reason="needs policykb[opensearch]")
    monkeypatch.setattr(cluster, "PATIENCE", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        corpus_with(tmp_path, GOOD.format(port=silent.getsockname()[1]))
        with (
            KnowledgeBase.open(tmp_path) as kb,
            pytest.raises(IndexUnusableError, match="did not answer within 1 seconds; ask for less"),
        ):
            kb.search("碳")


def test_a_cluster_that_is_away_is_said_by_every_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("opensearchpy", reason="needs policykb[opensearch]")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        corpus_with(tmp_path, GOOD.format(port=taken.getsockname()[1]))
        for command in (["index"], ["search", "碳"], ["doctor"], ["tags"], ["gaps"]):
            assert run(["--kb", str(tmp_path), *command]) == 1, command
            said = capsys.readouterr()
            assert "does not answer" in said.out + said.err, command
            assert "Traceback" not in said.err
