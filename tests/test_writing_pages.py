"""The pages that change the knowledge base, used and attacked over real connections."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

import making
from test_serve import serving
from waiting import LIMIT, wait_until

httpx = pytest.importorskip("httpx", reason="the pages are asked for with httpx, of the extra `test`")
pytest.importorskip("uvicorn", reason="the pages need the extra `web`")
pytest.importorskip("python_multipart", reason="the pages need the extra `web`")

NOTICE = [
    ("center", "关于做好碳排放权交易配额清缴工作的通知"),
    ("center", "环办气候〔2025〕3号"),
    ("left", "各省、自治区、直辖市生态环境厅："),
    ("indent", "为做好碳排放权交易市场的配额清缴工作，现将有关事项通知如下。"),
    ("right", "生态环境部"),
    ("right", "2025年3月20日"),
]
ENTRY = """\
---
# 这一行是人写的
title: 关于甲类绿色金融的通知
date: 2024-01-10   # 落款
issuers: [生态环境部]
领域: 能源
---

绿色金融支持碳足迹核算，自2024年3月1日起施行。
"""


class Forms(HTMLParser):
    """The forms of a page: for each its address and its fields, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, list[tuple[str, str]]]] = []
        self._box: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((given.get("action", ""), []))
        elif tag in ("input", "textarea") and self.forms and given.get("name") and given.get("type") != "checkbox":
            self.forms[-1][1].append((given["name"], given.get("value", "")))
            self._box = given["name"] if tag == "textarea" else None

    def handle_data(self, data: str) -> None:
        if self._box and self.forms[-1][1][-1][0] == self._box:
            name, value = self.forms[-1][1][-1]
            self.forms[-1][1][-1] = (name, (value + data).removeprefix("\n") if not value else value + data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._box = None


class Page:
    """A browser without JavaScript."""

    def __init__(self, address: str, root: Path) -> None:
        self.root, self.address = root, address
        self.client = httpx.Client(base_url=address, timeout=LIMIT, trust_env=False)
        self.origin = address.rstrip("/")

    def form(self, path: str, action: str = "", containing: str = "") -> tuple[str, dict[str, list[str]]]:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        for found, fields in Forms(answer.text).forms:
            if found.startswith(action or "/") and (not containing or containing in json.dumps(fields)):
                values: dict[str, list[str]] = {}
                for name, value in fields:
                    values.setdefault(name, []).append(value)
                return found, values
        raise AssertionError(f"no form {action} {containing}: {answer.text}")

    def send(self, path: str, fields: dict[str, list[str]], **options: object) -> httpx.Response:
        headers = {"origin": self.origin} | options.pop("headers", {})  # type: ignore[operator]
        return self.client.post(path, data=fields, headers=headers, **options)

    def entry(self, id: str) -> str:
        (path,) = (self.root / "corpus").rglob(f"{id}.md")
        return path.read_text(encoding="utf-8")

    def files(self) -> dict[str, bytes]:
        corpus = self.root / "corpus"
        return {path.relative_to(corpus).as_posix(): path.read_bytes() for path in corpus.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, shipped: Path) -> Iterator[tuple[str, Path]]:
    root = tmp_path_factory.mktemp("写") / "kb"
    shutil.copytree(shipped / "corpus", root / "corpus")
    with serving(root) as (address, _process):
        yield address, root


@pytest.fixture
def browser(server: tuple[str, Path], shipped: Path) -> Iterator[Page]:
    address, root = server
    page = Page(address, root)
    (root / "corpus" / "甲.md").write_text(ENTRY, encoding="utf-8")
    wait_until(
        lambda: "关于甲类绿色金融的通知" in page.client.get("/inbox?kind=field").text, "the entry is looked through"
    )
    yield page
    page.client.close()
    for path in [*(root / "corpus").iterdir()]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    shutil.copytree(shipped / "corpus", root / "corpus", dirs_exist_ok=True)


def key_of(page: Page, kind: str, text: str) -> dict[str, list[str]]:
    """The form of the proposal of a kind whose row contains a text."""
    html = page.client.get("/inbox", params={"kind": kind}).text
    for row in re.findall(r'<li class="row".*?</li>', html, re.S):
        if text in unescape(re.sub("<[^>]+>", "", row)):
            (form,) = Forms(row).forms
            return {name: [value] for name, value in form[1]}
    raise AssertionError(f"no row with {text}: {html}")


# ---- the inbox


def test_a_proposal_is_accepted_and_taken_back(browser: Page) -> None:
    fields = key_of(browser, "field", "2024-03-01")
    answer = browser.send("/inbox", fields | {"do": ["accept"]})
    assert (answer.status_code, answer.headers["location"]) == (303, "/inbox?kind=field&page=1")
    assert browser.entry("甲") == ENTRY.replace("领域", "effective: 2024-03-01\n领域")
    page = browser.client.get("/inbox").text
    assert "已接受：施行日期: 2024-03-01（甲）" in page
    assert key_of(browser, "tag", "绿色金融")  # what else waits about the entry is there at once
    action, undo = browser.form("/inbox", "/inbox/undo")
    assert browser.send(action, undo).status_code == 303
    assert browser.entry("甲") == ENTRY


def test_the_evidence_stands_beside_the_proposal(browser: Page) -> None:
    html = browser.client.get("/inbox?kind=field").text
    assert "自<mark>2024年3月1日</mark>起施行" in html


def test_a_rejected_tag_is_never_seen_again(browser: Page) -> None:
    fields = key_of(browser, "tag", "绿色金融")
    assert browser.send("/inbox", fields | {"do": ["reject"]}).status_code == 303
    assert "rejected_tags: [绿色金融]" in browser.entry("甲")
    wait_until(lambda: "还在逐条查看" not in browser.client.get("/inbox").text, "all is looked through")
    assert "绿色金融</span>" not in browser.client.get("/inbox?kind=tag").text


def test_a_rejected_relation_is_never_seen_again(browser: Page) -> None:
    fields = key_of(browser, "relation", "定稿")
    assert browser.send("/inbox", fields | {"do": ["reject"]}).status_code == 303
    wait_until(lambda: "还在逐条查看" not in browser.client.get("/inbox").text, "all is looked through")
    assert "<b>定稿</b>" not in browser.client.get("/inbox?kind=relation").text


def test_many_at_once(browser: Page) -> None:
    html = browser.client.get("/inbox").text
    picked = re.findall(r'name="pick" value="([^"]+)" form="many" aria-label="[^"]*">', html)
    assert len(picked) > 3
    _action, fields = browser.form("/inbox", "/inbox")
    answer = browser.send("/inbox", {"token": fields["token"], "pick": picked, "do": ["accept"]})
    assert answer.status_code == 303, answer.text
    assert "effective: 2024-03-01" in browser.entry("甲")
    assert "confirmed" not in browser.entry("甲")
    action, undo = browser.form("/inbox", "/inbox/undo")
    browser.send(action, undo)
    assert browser.entry("甲") == ENTRY


def test_a_file_that_changed_is_shown_again(browser: Page) -> None:
    fields = key_of(browser, "field", "2024-03-01")
    path = browser.root / "corpus" / "甲.md"
    path.write_text(ENTRY + "又一段。\n", encoding="utf-8")
    answer = browser.send("/inbox", fields | {"do": ["accept"]})
    assert answer.status_code == 409
    assert 'role="alert"' in answer.text
    assert browser.entry("甲") == ENTRY + "又一段。\n"
    fields = key_of(browser, "field", "2024-03-01")
    assert browser.send("/inbox", fields | {"do": ["accept"]}).status_code == 303


def test_the_script_decides_in_place(browser: Page) -> None:
    fields = key_of(browser, "field", "2024-03-01")
    answer = browser.send("/inbox", fields | {"do": ["accept"]}, headers={"accept": "application/json"}).json()
    assert answer["again"] == []
    assert "2024-03-01" in answer["last"]
    assert list(answer["states"]) == ["甲"]
    again = browser.send("/inbox", fields | {"do": ["accept"]}, headers={"accept": "application/json"}).json()
    assert again["again"]


def test_what_is_lacking_is_filled_in(browser: Page) -> None:
    (browser.root / "corpus" / "乙.md").write_text("---\ntitle: 关于乙\n---\n\n落霞孤鹜。\n", encoding="utf-8")
    wait_until(lambda: "关于乙" in browser.client.get("/inbox?kind=field").text, "the entry is looked through")
    fields = key_of(browser, "field", "成文日期：不详")
    for value, status in (("", 409), ("2024-02-30", 409), ("2024年2月29日", 303)):
        answer = browser.send("/inbox", fields | {"do": ["accept"], "value": [value]})
        assert answer.status_code == status, answer.text
    assert "date: 2024-02-29" in browser.entry("乙")


# ---- adding


def test_a_pdf_is_taken_in_corrected_and_found(browser: Page) -> None:
    _action, fields = browser.form("/add", "/add")
    sent = {"files": ("../../etc/通知.pdf", making.as_pdf(NOTICE), "application/pdf")}
    answer = browser.send("/add", {"token": fields["token"]}, files=sent)
    assert answer.status_code == 303, answer.text
    draft = answer.headers["location"]
    html = browser.client.get(draft).text
    assert '<mark id="at-date">2025年3月20日</mark>' in html
    assert 'href="#at-date"' in html
    assert "文末日期" in html
    action, fields = browser.form(draft, draft)
    fields["date"] = ["2025-03-21"]
    answer = browser.send(action, fields | {"do": ["accept"]})
    assert answer.status_code == 303, answer.text
    entry = browser.client.get(answer.headers["location"])
    assert entry.status_code == 200
    assert "2025-03-21" in browser.entry("2025-03-21-关于做好碳排放权交易配额清缴工作的通知")
    assert [path.name for path in (browser.root / "corpus" / "originals").iterdir()] == [
        "2025-03-21-关于做好碳排放权交易配额清缴工作的通知.pdf"
    ]
    wait_until(
        lambda: (
            "碳市场" in browser.client.get("/inbox?kind=tag").text
            and "清缴工作的通知" in browser.client.get("/inbox?kind=tag").text
        ),
        "its tags are proposed",
    )
    fields = key_of(browser, "tag", "清缴工作的通知")
    assert browser.send("/inbox", fields | {"do": ["accept"]}).status_code == 303
    wait_until(lambda: "共 1 项" in browser.client.get("/", params={"q": "配额清缴 date:2025"}).text, "it is found")


def test_a_pasted_text_and_several_files(browser: Page) -> None:
    _action, fields = browser.form("/add", "/add")
    text = "\n".join(text for _place, text in NOTICE)
    answer = browser.send("/add", {"token": fields["token"], "text": [text]}, files={"files": ("", b"")})
    assert answer.status_code == 303
    sent = [
        ("files", ("a.docx", making.as_docx(NOTICE), "application/x")),
        ("files", ("b.png", b"\x89PNG....", "image/png")),
    ]
    answer = browser.send("/add", {"token": fields["token"]}, files=sent)
    assert answer.status_code == 400
    assert "看草稿" in answer.text
    assert "是图片" in answer.text
    assert browser.send("/add", {"token": fields["token"]}, files={"files": ("", b"")}).status_code == 400


def test_an_address_of_the_local_network_is_not_fetched(browser: Page) -> None:
    _action, fields = browser.form("/add", "/add")
    for url in (browser.address, "http://127.0.0.1/", "file:///etc/passwd", "gopher://x/"):
        answer = browser.send("/add", {"token": fields["token"], "url": [url]}, files={"files": ("", b"")})
        assert answer.status_code == 400
        assert 'role="alert"' in answer.text


def test_the_official_text_of_a_summary(browser: Page) -> None:
    summary = (
        "---\ntitle: 关于做好碳排放权交易配额清缴工作的通知\ndate: 2025-03-20\nissuers: [生态环境部]\n---\n\n摘要。\n"
    )
    (browser.root / "corpus" / "摘要.md").write_text(summary, encoding="utf-8")
    _action, fields = browser.form("/add", "/add")
    sent = {"files": ("a.docx", making.as_docx(NOTICE), "application/x")}
    draft = browser.send("/add", {"token": fields["token"]}, files=sent).headers["location"]
    assert "这是它的正式文本" in browser.client.get(draft).text
    action, fields = browser.form(draft, draft)
    assert browser.send(action, fields | {"do": ["accept"]}).status_code == 409
    answer = browser.send(action, fields | {"do": ["join"]})
    assert answer.headers["location"] == f"/entry/{quote('摘要')}"
    assert "现将有关事项通知如下" in browser.entry("摘要")


def test_an_original_is_saved_and_never_shown(browser: Page) -> None:
    _action, fields = browser.form("/add", "/add")
    html = making.as_html(NOTICE)
    draft = browser.send("/add", {"token": fields["token"]}, files={"files": ("a.html", html)}).headers["location"]
    answer = browser.client.get(f"{draft}/original")
    assert answer.content == html
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == 'attachment; filename="original.html"'


# ---- editing


def test_an_entry_is_edited_and_nothing_else_of_its_file(browser: Page) -> None:
    action, fields = browser.form(f"/edit/{quote('甲')}", "/edit")
    assert browser.send(action, fields).status_code == 303
    assert browser.entry("甲") == ENTRY
    fields |= {
        "number": ["甲发〔2024〕1号"],
        "tags": ["绿色金融", "碳足迹"],
        "body": ["新的正文。\r\n\r\n第二段。\r\n"],
    }
    assert browser.send(action, fields).status_code == 303
    written = browser.entry("甲")
    assert written == (
        "---\n# 这一行是人写的\ntitle: 关于甲类绿色金融的通知\ndate: 2024-01-10   # 落款\nissuers: [生态环境部]\n"
        "tags: [绿色金融, 碳足迹]\nnumber: 甲发〔2024〕1号\n领域: 能源\n---\n\n新的正文。\n\n第二段。\n"
    )


@pytest.mark.parametrize(("name", "value"), [("date", "2024-02-30"), ("title", ""), ("issuer_count", "viele")])
def test_a_value_that_cannot_be_is_shown_again(browser: Page, name: str, value: str) -> None:
    action, fields = browser.form(f"/edit/{quote('甲')}", "/edit")
    answer = browser.send(action, fields | {name: [value], "body": ["不要丢。"]})
    assert answer.status_code == 400
    assert 'aria-invalid="true"' in answer.text
    assert "不要丢。" in answer.text
    assert browser.entry("甲") == ENTRY


def test_two_people_at_one_entry(browser: Page) -> None:
    action, fields = browser.form(f"/edit/{quote('甲')}", "/edit")
    path = browser.root / "corpus" / "甲.md"
    path.write_text(ENTRY.replace("date: 2024-01-10", "date: 2024-01-11"), encoding="utf-8")
    answer = browser.send(action, fields | {"number": ["甲发〔2024〕1号"], "body": ["我的正文。"]})
    assert answer.status_code == 409
    assert "同时被别人改动" in answer.text
    assert "文件里现在的正文" not in answer.text
    ((_found, again),) = [one for one in Forms(answer.text).forms if one[0].startswith("/edit")]
    values: dict[str, list[str]] = {}
    for key, value in again:
        values.setdefault(key, []).append(value)
    assert values["date"] == ["2024-01-11"]
    assert values["number"] == ["甲发〔2024〕1号"]
    assert browser.send(action, values).status_code == 303
    written = browser.entry("甲")
    assert "date: 2024-01-11   # 落款" in written
    assert "number: 甲发〔2024〕1号" in written
    assert "我的正文。" in written


def test_two_people_at_one_text(browser: Page) -> None:
    action, fields = browser.form(f"/edit/{quote('甲')}", "/edit")
    path = browser.root / "corpus" / "甲.md"
    path.write_text(ENTRY + "别人的一段。\n", encoding="utf-8")
    answer = browser.send(action, fields | {"body": ["我的正文。"]})
    assert answer.status_code == 409
    assert "文件里现在的正文" in answer.text
    assert "别人的一段。" in answer.text
    assert "我的正文。" in answer.text


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_an_entry_that_cannot_be_read_is_mended_as_a_whole(browser: Page, end: str) -> None:
    path = browser.root / "corpus" / "坏.md"
    path.write_bytes("---\ntitle: [坏\n---\n正文\n".replace("\n", end).encode())
    action, fields = browser.form(f"/edit/{quote('坏')}", "/edit")
    assert fields["whole"][0].replace("\r\n", "\n").startswith("---\ntitle: [坏")
    assert browser.send(action, fields).status_code == 400
    assert browser.send(action, fields | {"whole": ["---\r\ntitle: 好\r\n---\r\n正文\r\n"]}).status_code == 303
    assert path.read_bytes() == "---\ntitle: 好\n---\n正文\n".replace("\n", end).encode()


# ---- attacks


WRITING = ["/inbox", "/inbox/undo", "/inbox/2025-01-01-000000000000", "/add", f"/edit/{quote('甲')}"]


@pytest.mark.parametrize("path", WRITING)
@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "http://localhost:1", "http://127.0.0.1"])
def test_a_form_of_another_page_changes_nothing(browser: Page, path: str, origin: str | None) -> None:
    before = browser.files()
    _action, fields = browser.form("/add", "/add")
    headers = {"origin": origin} if origin else {}
    answer = browser.client.post(path, data=fields | {"do": ["accept"], "title": ["x"]}, headers=headers)
    assert answer.status_code == 403
    assert browser.files() == before


@pytest.mark.parametrize("path", ["/inbox", "/inbox/undo", "/add", f"/edit/{quote('甲')}"])
@pytest.mark.parametrize("token", ["", "0" * 64, "é", "x" * 100_000])
def test_a_form_without_its_token_changes_nothing(browser: Page, path: str, token: str) -> None:
    before = browser.files()
    browser.form("/add", "/add")
    answer = browser.send(path, {"token": [token], "title": ["x"], "text": ["不要丢"], "body": ["不要丢"]})
    assert answer.status_code == 403
    assert browser.files() == before
    if path not in ("/inbox", "/inbox/undo"):
        assert "不要丢" in answer.text


def test_a_token_of_another_browser_changes_nothing(browser: Page) -> None:
    _action, fields = browser.form("/add", "/add")
    with httpx.Client(base_url=browser.address, trust_env=False, timeout=LIMIT) as other:
        answer = other.post("/inbox/undo", data=fields, headers={"origin": browser.origin})
        assert answer.status_code == 403
        other.get("/add")
        assert other.post("/inbox/undo", data=fields, headers={"origin": browser.origin}).status_code == 403


@pytest.mark.parametrize(
    "id", ["..%2F..%2Fsecret", "%2e%2e", "2025-01-01-000000000000", "undo", "%00", "a" * 5000, "甲%2F..%2F甲"]
)
def test_names_in_addresses_are_no_paths(browser: Page, id: str) -> None:
    secret = browser.root / "secret.md"
    secret.write_text("---\ntitle: secret\n---\n秘密\n", encoding="utf-8")
    for path in (f"/inbox/{id}", f"/inbox/{id}/original", f"/edit/{id}"):
        answer = browser.client.get(path)
        assert answer.status_code == 404, path
        assert "秘密" not in answer.text
        assert "Traceback" not in answer.text


@pytest.mark.parametrize("name", ["../../x.md", "/etc/passwd", "con.docx", "a\x00b", "…" * 300, 'x"; filename="y'])
def test_file_names_are_no_paths(browser: Page, name: str) -> None:
    before = set(browser.files())
    _action, fields = browser.form("/add", "/add")
    sent = {"files": (name, making.as_docx(NOTICE), "application/x")}
    browser.send("/add", {"token": fields["token"]}, files=sent)
    new = sorted(set(browser.files()) - before)
    assert all(re.fullmatch(r"\.inbox/[0-9a-f-]+/(draft\.md|original\.docx|proposals\.toml)", one) for one in new), new


def test_too_much_is_refused_before_it_is_read(browser: Page) -> None:
    _action, fields = browser.form("/add", "/add")
    address = urlsplit(browser.address)
    with socket.create_connection((address.hostname, address.port)) as raw:
        raw.sendall(
            f"POST /add HTTP/1.1\r\nHost: {address.netloc}\r\nOrigin: {browser.origin}\r\nContent-Length: 999999999999\r\n"
            "Content-Type: multipart/form-data; boundary=x\r\n\r\n".encode()
        )
        assert raw.recv(100).startswith(b"HTTP/1.1 413")
    with socket.create_connection((address.hostname, address.port)) as raw:  # chunked: it does not say how much
        raw.sendall(
            f"POST /edit/{quote('甲')} HTTP/1.1\r\nHost: {address.netloc}\r\nOrigin: {browser.origin}\r\n"
            "Transfer-Encoding: chunked\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n".encode()
        )
        piece = b"100000\r\n" + b"a" * 0x100000 + b"\r\n"
        try:
            for _ in range(40):
                raw.sendall(piece)
        except OSError:
            pass
        assert b"413" in raw.recv(100)
    many = {"token": fields["token"], "text": [f"{n}" for n in range(3000)]}
    assert browser.send("/add", many).status_code in (400, 403)
    sent = [("files", (f"{n}.txt", b"x")) for n in range(30)]
    assert browser.send("/add", {"token": fields["token"]}, files=sent).status_code == 400
    assert browser.client.get("/add").status_code == 200


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory, shipped: Path) -> Iterator[str]:
    """The host and port of a server that waits for half a second where others wait for twenty."""
    root = tmp_path_factory.mktemp("impatient") / "kb"
    shutil.copytree(shipped / "corpus", root / "corpus")
    changed = "from policykb.web import connections, forms; forms._PATIENCE = connections._PATIENCE = 0.5"
    with served(root, changed) as (host, _process):
        yield host


@contextmanager
def served(root: Path, changed: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The host and port of a server in a process in which something was changed before, by some Python."""
    begin = "from policykb.cli.main import run; sys.exit(run(['--kb', sys.argv[1], 'serve', '--port', '0']))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-P", "-c", f"import sys; {changed}; {begin}", str(root)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, encoding="utf-8", env=environment) as process:
        try:
            assert process.stderr
            yield next(filter(None, (re.search(r"http://(\S+?)/", line) for line in process.stderr)))[1], process
        finally:
            process.kill()


_SLOW = "Content-Length: 100000\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\na=1"


@pytest.mark.parametrize(
    ("begins", "goes_on", "reads", "status"),
    [
        ("", "", True, ""),
        ("GET /help HT", "", True, ""),
        ("GET /help HTTP/1.1\r\nX: ", "x", True, ""),
        ("GET /help HTTP/1.1\r\nHost: {host}\r\n\r\n", "", True, "200"),
        ("GET /help HTTP/1.1\r\nHost: {host}\r\n" + _SLOW, "a", True, "200"),
        ("GET /static/style.css HTTP/1.1\r\nHost: {host}\r\n\r\n" * 2000, "x", False, ""),
        ("POST /add HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n" + _SLOW, "", True, "408"),
        ("POST /add HTTP/1.1\r\nHost: elsewhere\r\n" + _SLOW, "a", True, "421"),
    ],
)
def test_what_comes_or_is_taken_too_slowly_is_ended(
    impatient: str, begins: str, goes_on: str, reads: bool, status: str
) -> None:
    host, port = impatient.split(":")
    with socket.socket() as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # so that what nobody reads is soon too much for it
        raw.connect((host, int(port)))
        raw.sendall(begins.format(host=impatient).encode())
        raw.settimeout(0.05)
        answer = b""

        def is_ended() -> bool:
            nonlocal answer
            try:
                raw.sendall(goes_on.encode())
                piece = raw.recv(1 << 16) if reads else b"."
            except TimeoutError:
                return False
            except OSError:
                return True
            answer += piece
            return not piece

        wait_until(is_ended, "the server has ended the connection")
    assert answer.partition(b" ")[2].startswith(status.encode())


@pytest.mark.parametrize("begins", ["", "GET /help HTTP/1.1\r\nHost: {host}\r\n\r\n"])
def test_connections_on_which_nothing_is_asked_make_room_before_there_are_no_files_left(
    tmp_path: Path, shipped: Path, begins: str
) -> None:
    pytest.importorskip("resource")
    shutil.copytree(shipped / "corpus", tmp_path / "kb" / "corpus")
    changed = "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (160, 160))"
    with served(tmp_path / "kb", changed) as (address, process), ExitStack() as held:
        host, port = address.split(":")
        for _ in range(300):
            raw = held.enter_context(socket.create_connection((host, int(port))))
            with suppress(OSError):  # it may be ended already
                raw.sendall(begins.format(host=address).encode())
        assert httpx.get(f"http://{address}/?q=碳", timeout=LIMIT).status_code == 200
        process.terminate()
        assert process.stderr
        assert "Error" not in process.stderr.read()


def test_where_nothing_may_be_written_there_are_no_writing_pages(tmp_path: Path, shipped: Path) -> None:
    root = tmp_path / "kb"
    shutil.copytree(shipped / "corpus", root / "corpus")
    with serving(root, "--read-only") as (address, _process), httpx.Client(base_url=address, timeout=LIMIT) as client:
        for path in ("/inbox", "/add", f"/edit/{quote('2024-06-04-关于建立碳足迹管理体系的实施方案')}"):
            assert client.get(path).status_code == 404
            assert client.post(path, headers={"origin": address.rstrip("/")}).status_code in (403, 404, 405)
        assert "/inbox" not in client.get("/").text


def test_what_a_stranger_put_into_the_inbox_is_said_and_harmless(browser: Page) -> None:
    place = browser.root / "corpus" / ".inbox" / "2025-01-01-00000000000a"
    place.mkdir(parents=True)
    (place / "proposals.toml").write_text(
        'added = 2025-01-01\nby = "<script>alert(1)</script>"\nname = "<b>"\n[[proposal]]\nkind = "tag"\nentry = "甲"\n'
        'value = "<img src=x onerror=alert(1)>"\nquote = "<script>"\nwords = ["<", "script"]\n',
        encoding="utf-8",
    )
    bad = place.with_name("2025-01-01-00000000000b")
    bad.mkdir()
    (bad / "proposals.toml").write_text("[[[", encoding="utf-8")
    wait_until(lambda: "onerror" in browser.client.get("/inbox").text, "it is shown")
    html = browser.client.get("/inbox").text
    assert "<script>alert" not in html
    assert "<img" not in html
    assert "条目里没有这些话" in html
    assert "not TOML" in html or "TOML" in html
    assert str(browser.root) not in html
    before = browser.entry("甲")
    fields = key_of(browser, "tag", "onerror")
    assert browser.send("/inbox", fields | {"do": ["accept"]}).status_code == 409  # no tag of the vocabulary
    assert browser.entry("甲") == before


@pytest.mark.parametrize("path", ["/inbox", "/inbox?kind=tag", "/inbox?kind=nothing&page=99999999", "/add"])
def test_the_pages_run_nothing_foreign(browser: Page, path: str) -> None:
    answer = browser.client.get(path)
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert not re.search(r"<script(?! src=\"/static/)|<style| style=| on\w+=", answer.text)
    assert answer.headers["cache-control"] == "no-store"
    assert "httponly" in browser.client.get("/add").headers.get("set-cookie", "httponly").lower()
