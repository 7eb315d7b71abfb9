"""Documents from the web: what is fetched, what is refused, and where the connection goes."""

from __future__ import annotations

import gzip
import json
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from conftest import Run
from policykb.errors import SourceError
from policykb.importing import fetching
from policykb.importing.attachments import attachments
from policykb.importing.fetching import Fetched, fetch
from policykb.kb import KnowledgeBase
from serving import Server, resolving

Command = Callable[..., Run]
PAGE = """<!doctype html><html><head><meta charset="utf-8"><title>关于做好样例工作的通知</title></head><body>
<h1>关于做好样例工作的通知</h1><p>环气候〔2024〕12号</p><p>各省、自治区、直辖市生态环境厅（局）：</p>
<p>各地要把样例工作放在心上，落实到每一个村庄和每一座工厂，有关情况及时报告。</p>
<p>生态环境部</p><p>2024年3月5日</p>
<a href="/files/附件1.pdf">附件1</a> <a href="a.DOCX#x">附件2</a> <a href="other.html">别的</a> <a href="javascript:x.pdf">x</a>
<a href="/files/附件1.pdf">附件1</a> <a href="http://[bad/x.pdf">坏</a></body></html>"""


def test_a_page_is_fetched_from_the_local_network_only_when_asked(server: Server) -> None:
    url = server.page("/a.html", PAGE.encode())
    assert fetch(url, allow_local=True) == Fetched(url, PAGE.encode())
    assert server.asked == [("/a.html", f"127.0.0.1:{server.port}")]
    with pytest.raises(SourceError, match="127.0.0.1 is an address of the local network; --allow-local allows it"):
        fetch(url)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%1", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
        "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2002:a00:1::1", "2001:db8::1", "x",
    ],
)  # fmt: skip
def test_addresses_that_are_not_of_the_public_net(address: str) -> None:
    assert not fetching.is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "1.1.1.1"])
def test_addresses_of_the_public_net(address: str) -> None:
    assert fetching.is_public(address)


@pytest.mark.parametrize(
    "host", ["localhost", "0x7f000001", "2130706433", "127.1", "[::1]", "[::ffff:127.0.0.1]", "0", "rebound.example"]
)
def test_other_names_of_this_machine(server: Server, monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    resolving(monkeypatch, {"rebound.example": ["127.0.0.1"]})
    server.page("/", b"x")
    with pytest.raises(SourceError):
        fetch(f"http://{host}:{server.port}/")
    assert server.asked == []


def test_the_address_that_was_checked_is_the_one_connected_to(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that means a public address when it is checked, and this machine a moment later."""
    names = {"rebound.example": ["198.51.100.7", "127.0.0.1"]}
    monkeypatch.setattr(fetching, "is_public", lambda address: address == "198.51.100.7")
    resolving(monkeypatch, names)
    monkeypatch.setattr(fetching, "SILENCE", 0.2)
    server.page("/", b"secret")
    with pytest.raises(SourceError):
        fetch(f"http://rebound.example:{server.port}/", seconds=2)
    assert server.asked == []
    assert len(names["rebound.example"]) == 1  # it was asked for once


def test_the_host_is_named_though_the_connection_goes_to_an_address(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolving(monkeypatch, {"gov.example": ["127.0.0.1"]})
    server.page("/a", b"text")
    assert fetch(f"http://gov.example:{server.port}/a", allow_local=True).data == b"text"
    assert server.asked == [("/a", f"gov.example:{server.port}")]


def test_every_redirect_is_checked(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, {"public.example": ["127.0.0.1"], "inside.example": ["127.0.0.2"]})
    monkeypatch.setattr(fetching, "is_public", lambda address: address == "127.0.0.1")
    server.page("/secret", b"secret")
    for target in (
        f"http://inside.example:{server.port}/secret", f"http://127.0.0.2:{server.port}/secret",
        f"//inside.example:{server.port}/secret",
    ):  # fmt: skip
        server.asked.clear()
        server.redirect("/go", target)
        with pytest.raises(SourceError, match="127.0.0.2 is an address of the local network"):
            fetch(f"http://public.example:{server.port}/go")
        assert [path for path, _host in server.asked] == ["/go"]
    server.redirect("/go", "file:///etc/passwd")
    with pytest.raises(SourceError, match="no address of the web"):
        fetch(f"http://public.example:{server.port}/go")


def test_redirects_are_followed_and_end(server: Server) -> None:
    server.page("/there", b"text")
    url = server.redirect("/here", "/there")
    assert fetch(url, allow_local=True) == Fetched(f"{server.url}/there", b"text")
    with pytest.raises(SourceError, match="without end"):
        fetch(server.redirect("/round", "/round"), allow_local=True)
    assert len(server.asked) < 12


def test_what_a_server_refuses(server: Server) -> None:
    with pytest.raises(SourceError, match="the server answers 404"):
        fetch(f"{server.url}/none", allow_local=True)
    for url in ("http://", "http://user:secret@127.0.0.1/", "http://127.0.0.1:x/", "http://" + "a" * 70 + ".example/"):
        with pytest.raises(SourceError):
            fetch(url, allow_local=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(SourceError, match="no connection"):
            fetch(f"http://127.0.0.1:{free.getsockname()[1]}/", allow_local=True)


def test_what_is_too_large(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "MAX_BYTES", 1000)
    assert len(fetch(server.page("/a", b"x" * 1000), allow_local=True).data) == 1000
    with pytest.raises(SourceError, match="is larger than"):
        fetch(server.page("/b", b"x" * 1001), allow_local=True)
    packed = gzip.compress(b"x" * 5_000_000)
    with pytest.raises(SourceError, match="is larger than"):
        fetch(server.page("/c", packed, Content_Encoding="gzip"), allow_local=True)
    small = server.page("/d", gzip.compress("正文".encode()), Content_Encoding="gzip")
    assert fetch(small, allow_local=True).data.decode() == "正文"
    with pytest.raises(SourceError, match="compressed in a way that is not read: br"):
        fetch(server.page("/e", b"x", Content_Encoding="br"), allow_local=True)


def test_what_is_too_slow(server: Server) -> None:
    stop = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not stop.wait(0.05):
            handler.wfile.write(b"x")

    def drip_headers(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.0 200 OK\r\nX: ")
        while not stop.wait(0.05):
            handler.wfile.write(b"x")

    def silent(handler: BaseHTTPRequestHandler) -> None:
        stop.wait()

    started = time.monotonic()
    for path, answer in (("/a", drip), ("/b", drip_headers), ("/c", silent)):
        server.answers[path] = answer
        with pytest.raises(SourceError, match="takes too long|cannot be fetched"):
            fetch(server.url + path, allow_local=True, seconds=0.5)
    stop.set()
    assert time.monotonic() - started < 60


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of our own for localhost, with its key."""
    path = tmp_path / "localhost.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(path), "-out", str(tmp_path / "only.pem")]
    if not shutil.which("openssl"):
        pytest.skip("makes a certificate with openssl, which is not here")
    subprocess.run(command, check=True, capture_output=True)
    path.write_text(path.read_text() + (tmp_path / "only.pem").read_text())
    return path


def test_https_is_refused_unless_its_certificate_is_trusted(
    server: Server, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.page("/a.html", PAGE.encode())
    server.http.socket = context.wrap_socket(server.http.socket, server_side=True)
    url = f"https://localhost:{server.port}/a.html"
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with pytest.raises(SourceError, match="CERTIFICATE_VERIFY_FAILED|certificate verify failed"):
        fetch(url, allow_local=True)
    assert server.asked == []
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.parent / "only.pem"))
    assert fetch(url, allow_local=True) == Fetched(url, PAGE.encode())
    resolving(monkeypatch, {"other.example": ["127.0.0.1"]})
    with pytest.raises(SourceError, match="[Hh]ostname"):  # trusted, but of another name
        fetch(f"https://other.example:{server.port}/a.html", allow_local=True)


def test_a_proxy_of_the_environment_is_not_used_and_that_is_said(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{nobody.getsockname()[1]}"
    monkeypatch.setenv("http_proxy", server.url)
    url = server.page("/a.html", PAGE.encode())
    assert fetch(url, allow_local=True).data == PAGE.encode()
    with pytest.raises(SourceError, match="no connection.*the proxy of the environment is not used: save the page"):
        fetch(f"{closed}/a.html", allow_local=True)
    assert [path for path, _host in server.asked] == ["/a.html"]
    monkeypatch.delenv("http_proxy")
    with pytest.raises(SourceError) as raised:
        fetch(f"{closed}/a.html", allow_local=True)
    assert "proxy" not in str(raised.value)


def test_the_documents_that_a_page_links_to() -> None:
    page = Fetched("https://www.gov.example/dir/a.html", PAGE.encode())
    assert attachments(page) == [
        "https://www.gov.example/files/附件1.pdf", "https://www.gov.example/dir/a.DOCX",
    ]  # fmt: skip
    assert attachments(Fetched("https://www.gov.example/a.pdf", b"%PDF-1.7 ...")) == []
    assert attachments(Fetched("https://www.gov.example/a.html", b"<html>")) == []


def test_a_page_is_added_with_its_address(
    make_kb: Callable[..., KnowledgeBase], server: Server, run: Command, tmp_path: Path
) -> None:
    root = make_kb().root
    url = server.page("/zcfb/a.html", PAGE.encode())
    refused = run("add", url, kb=root)
    assert (refused.code, refused.out) == (1, "")
    assert "--allow-local" in refused.err
    done = run("add", "--allow-local", url, kb=root)
    assert done.code == 0, done.err
    assert f"attachment: {server.url}/files/附件1.pdf; 'policykb add {server.url}/files/附件1.pdf' adds it" in done.err
    entry = json.loads(run("show", "样例", "--format", "json", kb=root).out)
    assert entry["source"] == url
    assert (root / "corpus" / entry["original"]).read_bytes() == PAGE.encode()
    assert entry["original"].endswith(".html")
    many = run("add", "--allow-local", url, f"{server.url}/none", kb=root)
    assert many.code == 1
    assert many.out.splitlines()[-1] == "1 same as, 1 refused"
    assert "the server answers 404" in many.out
