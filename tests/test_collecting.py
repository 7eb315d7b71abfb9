"""``collect``: from feeds into the inbox, with manners; from a server of our own."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from conftest import Run, write_entry
from policykb.collecting import collecting, manners
from policykb.corpus.corpus import Corpus
from policykb.inbox import items
from policykb.kb import KnowledgeBase
from serving import Server, resolving

Command = Callable[..., Run]
TEXT = "</p><p>".join(
    f"第{n}项任务，各地要把样例工作放在心上，落实到每一个村庄和每一座工厂，有关情况及时报告。" for n in "一二三四五六"
)


def page(number: int, *, text: str = TEXT, more: str = "") -> bytes:
    return f"""<!doctype html><html><head><meta charset="utf-8"><title>关于做好样例{number}工作的通知</title></head><body>
<h1>关于做好样例{number}工作的通知</h1><p>环气候〔2024〕{number}号</p><p>各省、自治区、直辖市生态环境厅（局）：</p>
<p>{text}</p><p>生态环境部</p><p>2024年3月{number}日</p>{more}</body></html>""".encode()


def rss(url: str, numbers: list[int], *, title: str = "样例", more: str = "") -> bytes:
    items = "".join(
        f"<item><title>关于做好样例{n}工作的通知</title><link>/{n}.html</link><guid>{url}/{n}</guid>{more}</item>"
        for n in numbers
    )
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>{title}</title>{items}</channel></rss>'.encode()


class Site:
    """A knowledge base with one source, the server that it names, and the command."""

    def __init__(self, root: Path, server: Server, run: Command) -> None:
        self.root, self.server, self._run = root, server, run
        self.write("delay = 0")

    def write(self, *lines: str) -> None:
        head = f'[[source]]\nname = "部"\nfeed = "{self.server.url}/feed.xml"\n'
        (self.root / "corpus" / "sources.toml").write_text(head + "\n".join(lines) + "\n", encoding="utf-8")

    def feed(self, numbers: list[int], **options: str) -> None:
        self.server.page("/feed.xml", rss(self.server.url, numbers, **options))

    def pages(self, *numbers: int) -> None:
        for number in numbers:
            self.server.page(f"/{number}.html", page(number))

    def run(self, *options: str, code: int = 0) -> dict[str, Any]:
        done = self._run(
            "collect", "--allow-local", "--format", "json", "--today", "2024-04-01", *options, kb=self.root
        )
        assert done.code == code, done.err
        (source,) = json.loads(done.out)["sources"]
        return dict(source)

    def text(self, *options: str) -> Run:
        return self._run("collect", "--allow-local", "--today", "2024-04-01", *options, kb=self.root)

    def whats(self, *options: str, code: int = 0) -> list[tuple[str, str]]:
        return [(one["what"], one["url"].rpartition("/")[2]) for one in self.run(*options, code=code)["items"]]

    def inbox(self) -> list[dict[str, Any]]:
        done = self._run("inbox", "list", "--format", "json", kb=self.root)
        return list(json.loads(done.out)["documents"])

    def asked(self) -> list[str]:
        return [path for path, _host in self.server.asked]


@pytest.fixture
def site(make_kb: Callable[..., KnowledgeBase], server: Server, run: Command) -> Site:
    return Site(make_kb().root, server, run)


def test_what_is_new_is_taken_into_the_inbox(site: Site) -> None:
    site.feed([1, 2])
    site.pages(1, 2)
    done = site.text()
    assert done.code == 0, done.err
    assert done.out.splitlines()[-1] == "部: 2 taken"
    documents = site.inbox()
    assert len(documents) == 2
    for line, document in zip(sorted(done.out.splitlines()[:-1]), sorted(documents, key=str), strict=True):
        assert line.startswith("部: taken: 关于做好样例")
        assert document["id"] in done.out
    folder = site.root / "corpus" / ".inbox" / documents[0]["id"]
    assert {path.name for path in folder.iterdir()} == {"proposals.toml", "draft.md", "original.html"}
    assert (folder / "original.html").read_bytes() in (page(1), page(2))
    assert "环气候〔2024〕" in (folder / "draft.md").read_text(encoding="utf-8")
    assert 'by = "部"' in (folder / "proposals.toml").read_text(encoding="utf-8")
    assert not list(Corpus(site.root / "corpus").policies())  # nothing becomes an entry by itself


def test_what_was_taken_is_not_asked_for_again(site: Site) -> None:
    site.feed([1])
    site.pages(1)
    site.run()
    site.feed([2, 1])
    site.pages(2)
    site.server.asked.clear()
    assert site.whats() == [("taken", "2.html")]
    assert "/1.html" not in site.asked()
    assert site.text().out == "部: 2 known already\n"


def test_what_is_held_by_number_title_or_date_is_not_taken(site: Site, run: Command, tmp_path: Path) -> None:
    site.feed([1, 2, 3])
    site.pages(1, 2, 3)
    (tmp_path / "1.html").write_bytes(page(1))
    assert run("add", str(tmp_path / "1.html"), kb=site.root).code == 0
    (entry,) = Corpus(site.root / "corpus").policies()
    site.server.page(
        "/2.html", page(2, text="别的文字，" + TEXT).replace("2024〕2号".encode(), "2024〕3号".encode())
    )  # the number of 3
    found = site.run()
    assert [one["what"] for one in found["items"]] == ["held", "taken", "held"]
    assert found["items"][0]["id"] == entry.id
    assert found["items"][2]["id"] == found["items"][1]["id"]  # what waits counts, too


def test_a_summary_that_is_held_is_said(site: Site) -> None:
    from test_news import policy

    write_entry(
        site.root, policy("甲", title="关于做好样例1工作的通知", number="环气候〔2024〕1号", body="报告所载的摘要。")
    )
    site.feed([1])
    site.server.page("/1.html", page(1, text=TEXT * 20))
    done = site.text()
    assert f"'policykb add {site.server.url}/1.html --to 甲' puts the text into it" in done.out
    assert site.inbox() == []


# ---- conditional requests


def test_a_feed_that_has_not_changed_is_not_read(site: Site) -> None:
    site.pages(1)
    seen: list[str | None] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        seen.append(handler.headers["If-None-Match"])
        data = b"" if seen[-1] else rss(site.server.url, [1])
        handler.send_response(304 if seen[-1] else 200)
        handler.send_header("ETag", '"a"')
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    site.server.answers["/feed.xml"] = answer
    assert site.whats() == [("taken", "1.html")]
    assert site.text().out == "部: 1 known already, the feed has not changed\n"
    assert seen == [None, '"a"']


def test_an_etag_that_cannot_be_sent_back_is_forgotten(site: Site) -> None:
    site.pages(1)

    def answer(handler: BaseHTTPRequestHandler) -> None:
        data = rss(site.server.url, [1])
        handler.wfile.write(b"HTTP/1.0 200 OK\r\nETag: a\r\n b\r\nContent-Length: %d\r\n\r\n%b" % (len(data), data))

    site.server.answers["/feed.xml"] = answer
    assert site.whats() == [("taken", "1.html")]
    assert site.run()["known"] == 1


def test_what_finds_no_room_in_the_inbox_is_taken_later(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.feed([1, 2])
    site.pages(1, 2)
    monkeypatch.setattr(items, "MOST_ITEMS", 1)
    found = site.run(code=1)
    assert (len(found["items"]), found["left"]) == (1, 1)
    assert "decide about some first" in found["problem"]
    monkeypatch.undo()
    assert [what for what, _url in site.whats()] == ["taken"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_what_became_of_items_is_not_written_through_a_link(site: Site, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (site.root / "corpus" / ".collected").symlink_to(tmp_path / "elsewhere")
    site.feed([1])
    site.pages(1)
    done = site.text()
    assert (done.code, "is a link" in done.err) == (1, True)
    assert not list((tmp_path / "elsewhere").iterdir())


def test_what_is_left_is_taken_though_the_feed_has_not_changed(site: Site) -> None:
    site.server.page("/feed.xml", rss(site.server.url, [1, 2, 3]), ETag='"a"')
    site.pages(1, 2, 3)
    site.write("delay = 0", "limit = 2")
    assert site.text().out.splitlines()[-1] == "部: 2 taken, 1 left for the next run"
    assert site.text().out.splitlines()[-1] == "部: 1 taken, 2 known already"


def test_a_run_that_was_cut_short_is_gone_on_with(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.feed([1, 2])
    site.pages(1, 2)
    read, calls = collecting.incoming, []

    def incoming(*arguments: Any, **options: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return read(*arguments, **options)

    monkeypatch.setattr(collecting, "incoming", incoming)
    assert site.text().code == 130
    assert len(site.inbox()) == 1
    assert site.whats() == [("taken", "2.html")]


# ---- manners


def test_robots_txt_is_heeded(site: Site) -> None:
    site.feed([1, 2])
    site.pages(1, 2)
    site.server.page("/robots.txt", b"User-agent: *\nDisallow: /1.html\n")
    found = site.run()
    assert [(one["what"], one["why"] and one["why"].partition("html: ")[2]) for one in found["items"]] == [
        ("failed", "its robots.txt does not want it to be asked for"), ("taken", None),
    ]  # fmt: skip
    assert site.asked().count("/robots.txt") == 1
    assert "/1.html" not in site.asked()


def test_a_robots_txt_for_us_counts_before_that_for_all(site: Site) -> None:
    site.feed([1])
    site.pages(1)
    site.server.page("/robots.txt", b"User-agent: *\nDisallow: /\n\nUser-agent: policykb\nDisallow: /none\n")
    assert site.whats() == [("taken", "1.html")]


def test_a_server_that_cannot_say_what_it_allows_is_not_asked(site: Site) -> None:
    site.server.answers["/robots.txt"] = lambda handler: handler.send_error(503)
    found = site.run(code=1)
    assert "is not asked for" in found["problem"]
    assert "503" in found["problem"]
    assert site.asked() == ["/robots.txt"]


@pytest.mark.parametrize(
    "line", ["Crawl-delay: ²", f"Crawl-delay: {'9' * 5000}", "Disallow: //[", "Request-rate: ²/1", "Allow: http://[x"]
)
def test_a_robots_txt_that_makes_no_sense_is_heeded_but_for_that(site: Site, line: str) -> None:
    site.feed([1, 2])
    site.pages(1, 2)
    site.server.page("/robots.txt", f"User-agent: *\n{line}\nDisallow: /1.html\n".encode())
    assert site.whats() == [("failed", "1.html"), ("taken", "2.html")]


def test_no_robots_txt_has_us_wait_for_longer_than_ten_minutes(server: Server) -> None:
    slept: list[float] = []
    server.page("/a", b"a")
    server.page("/robots.txt", f"User-agent: *\nCrawl-delay: {'9' * 400}\n".encode())
    manners.Asking(allow_local=True, sleep=slept.append).ask(f"{server.url}/a", delay=0)
    assert 590 < slept[0] <= 600


def test_a_host_is_asked_slowly(monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    clock, slept = [100.0], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock[0] += seconds

    monkeypatch.setattr(manners.time, "monotonic", lambda: clock[0])
    server.page("/a", b"a")
    server.redirect("/b", "/a")
    asking = manners.Asking(allow_local=True, sleep=sleep)
    asking.ask(f"{server.url}/a", delay=3)
    asking.ask(f"{server.url}/b", delay=3)
    assert slept == [3, 3, 3]  # after robots.txt, after the first page, after the redirect
    server.page("/robots.txt", b"User-agent: *\nCrawl-delay: 9\n")
    other = manners.Asking(allow_local=True, sleep=sleep)
    other.ask(f"{server.url}/a", delay=3)
    assert slept[3:] == [9]


# ---- what servers do


@pytest.mark.parametrize(("status", "left"), [(403, 0), (404, 0), (500, 0), (429, 2), (503, 2)])
def test_errors_of_a_server(site: Site, status: int, left: int) -> None:
    site.feed([1, 2])
    site.pages(2)
    site.server.answers["/1.html"] = lambda handler: handler.send_error(status)
    found = site.run(code=1 if left else 0)
    assert found["left"] == left
    if left:  # it is not asked again in this run
        assert f"the server answers {status}" in found["problem"]
        assert "the rest is taken at the next run" in found["problem"]
        assert "/2.html" not in site.asked()
    else:
        assert [one["what"] for one in found["items"]] == ["failed", "taken"]
    site.pages(1)
    assert ("taken", "1.html") in site.whats()


def test_a_server_that_wants_us_to_wait_is_quoted(site: Site) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(429)
        handler.send_header("Retry-After", "120")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    site.feed([1])
    site.server.answers["/1.html"] = answer
    assert "wants us to wait (120)" in site.run(code=1)["problem"]


def test_what_always_fails_stands_in_nobodys_way_and_is_given_up(site: Site) -> None:
    site.write("delay = 0", "limit = 1")
    site.feed([1, 2])
    site.pages(2)
    assert site.whats() == [("failed", "1.html")]
    assert site.whats() == [("taken", "2.html")]
    for _run in range(4):
        assert site.whats() == [("failed", "1.html")]
    assert site.whats() == []


def test_redirects_lead_where_they_may(site: Site, monkeypatch: pytest.MonkeyPatch, run: Command) -> None:
    site.feed([1])
    site.server.redirect("/1.html", "/2.html")
    site.pages(2)
    (item,) = site.run()["items"]
    assert item["what"] == "taken"
    assert site.inbox()[0]["source"].endswith("/2.html")
    # from the public net to the local one: refused, though the first name is not local
    resolving(monkeypatch, {"feeds.example": ["127.0.0.1"]})
    done = run("collect", kb=site.root)
    assert done.code == 1
    assert "127.0.0.1 is an address of the local network; --allow-local allows it" in done.out


def test_a_redirect_to_the_local_network_is_refused(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A public host, which here is one of ours that is taken to be public, leads to another one of ours."""
    from policykb.errors import SourceError
    from policykb.importing import fetching

    real = fetching.is_public
    monkeypatch.setattr(fetching, "is_public", lambda address: address == "127.0.0.1" or real(address))
    server.redirect("/a", f"http://127.0.0.2:{server.port}/b")
    with pytest.raises(SourceError, match="127.0.0.2 is an address of the local network"):
        manners.Asking(allow_local=False).ask(f"{server.url}/a", delay=0)
    assert [path for path, _host in server.asked] == ["/robots.txt", "/a"]


def test_slow_and_broken_pages_stop_none_of_the_others(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from policykb.importing import fetching

    monkeypatch.setattr(fetching, "SILENCE", 0.3)
    released: list[bool] = []

    def slow(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100")
        handler.end_headers()
        handler.wfile.write(b"<html>")
        handler.wfile.flush()
        handler.rfile.read(1)  # until the other side has had enough
        released.append(True)

    site.feed([1, 2, 3, 4])
    site.server.answers["/1.html"] = slow
    site.server.answers["/2.html"] = lambda handler: handler.wfile.write(b"no HTTP at all\r\n\r\n")
    site.server.page("/3.html", b"\x00\x01\x02")
    site.pages(4)
    found = site.run()
    assert [one["what"] for one in found["items"]] == ["failed", "failed", "failed", "taken"]
    assert all(one["why"] for one in found["items"][:3])


def test_a_page_that_changed_waits_again(site: Site) -> None:
    site.feed([1])
    site.pages(1)
    (first,) = site.run()["items"]
    # what the feed says of it has changed, and its page around the text
    site.feed([1], more="<description>新</description>")
    site.server.page("/1.html", page(1, more="<!-- 12345 visits -->"))
    assert site.whats() == [("held", "1.html")]
    site.feed([1], more="<description>更新</description>")
    site.server.page("/1.html", page(1, text=TEXT.replace("及时", "每月")))
    (changed,) = site.run()["items"]
    assert (changed["what"], changed["why"]) == ("changed", "has another text than when it was taken")
    assert {one["id"] for one in site.inbox()} == {first["id"], changed["id"]}
    assert site.whats() == []


def test_attachments_that_are_documents_are_taken_too(site: Site) -> None:
    from making import as_docx

    notice = [
        ("center", "样例实施方案"),
        ("left", "环气候〔2024〕77号"),
        ("left", "各地要做好样例工作。"),
        ("right", "生态环境部"),
        ("right", "2024年3月1日"),
    ]
    site.feed([1])
    site.server.page("/1.html", page(1, more='<a href="/a.docx">附件1</a> <a href="/b.xlsx">附件2</a>'))
    site.server.page("/a.docx", as_docx(notice))
    site.server.page("/b.xlsx", b"PK\x03\x04 no workbook")
    (item,) = site.run()["items"]
    assert len(item["attachments"]) == 1
    assert len(site.inbox()) == 2


def test_what_is_no_document_is_refused_once(site: Site) -> None:
    site.feed([1])
    site.server.page("/1.html", "<html><body><p>今天天气很好，大家都去公园散步了。</p></body></html>".encode())
    done = site.text()
    assert "refused: 关于做好样例1工作的通知\n    is no official document" in done.out
    assert done.out.splitlines()[-1] == "部: 1 refused"
    assert site.text().out == "部: 1 known already\n"


# ---- a source that gives something else than before


def test_a_source_that_gives_something_else_says_so(site: Site) -> None:
    site.feed([1])
    site.pages(1)
    site.run()
    site.feed([], title="样例")
    assert site.run()["notes"] == ["announces nothing; before it was 1"]
    site.feed([1], title="别的")
    assert site.run()["notes"] == ["calls itself 别的, before 样例"]
    site.server.page("/feed.xml", b"<html><body>moved</body></html>", Content_Type="text/html")
    assert "gives no feed, but text/html" in site.run(code=1)["problem"]
    site.server.answers.pop("/feed.xml")
    assert "the server answers 404" in site.run(code=1)["problem"]


def test_atom_and_broken_feeds_are_read(site: Site) -> None:
    site.pages(1)
    atom = '<feed xmlns="http://www.w3.org/2005/Atom"><title>样例</title><entry><id>a</id><title>一 &nbsp; & 二</title><link href="1.html"/></entry>'
    site.server.page("/feed.xml", atom.encode())
    assert site.whats() == [("taken", "1.html")]


@pytest.mark.parametrize("link", ["file:///etc/passwd", "javascript:alert(1)", "ftp://example.org/a", "http://[", ""])
def test_links_that_lead_to_no_page_are_left_out(site: Site, link: str) -> None:
    feed = f'<rss version="2.0"><channel><title>样例</title><item><title>一</title><link>{link}</link></item></channel></rss>'
    site.server.page("/feed.xml", feed.encode())
    assert site.whats() == []


# ---- sources.toml


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[source]]\n", "sources.toml:1: name: must be a text that is not empty"),
        ('[[source]]\nname = "a"\n', "sources.toml:1: feed: must be a text that is not empty"),
        ('[[source]]\nname = "a"\nfeed = "feed.xml"\n', "sources.toml:3: feed: must be an address that begins with http://"),
        ('[[source]]\nname = "a"\nfeed = "http://a"\nlimit = 0\n', "sources.toml:4: limit: must be a whole number from 1"),
        ('[[source]]\nname = "a"\nfeed = "http://a"\ndelay = "x"\n', "sources.toml:4: delay: must be a number of seconds"),
        ('[[source]]\nname = "a"\nfeed = "http://a"\nfeeds = 1\n', "sources.toml:4: feeds: no such key; it takes delay, feed"),
        ('[[source]]\nname = "../a"\nfeed = "http://a"\n', "sources.toml:2: name: must be what a file can be called"),
        ('[[source]]\nname = "a"\nfeed = "http://a"\n[[source]]\nname = "A"\nfeed = "http://a"\n', "sources.toml:5: name: A is the name of another"),
        ('[[sources]]\nname = "a"\n', "sources.toml:1: sources: no such key"),
        ("[[source]]\nname = a\n", "sources.toml:2: not TOML"),
        ("", "sources.toml: there is no source; write [[source]]"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_sources_is_named(run: Command, site: Site, text: str, problem: str) -> None:
    (site.root / "corpus" / "sources.toml").write_text(text, encoding="utf-8")
    done = run("collect", kb=site.root)
    assert (done.code, done.out) == (1, "")
    assert problem in done.err
    if text:
        assert problem in run("doctor", kb=site.root).out.replace("error: ", "")


def test_without_the_extra_nothing_is_asked(run: Command, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("feedparser", "urllib3"):  # which would name another extra
        monkeypatch.setitem(sys.modules, module, None)
    done = run("collect", kb=site.root)
    assert (done.code, done.out) == (1, "")
    assert "pip install 'policykb[collect]'" in done.err


def test_a_source_that_there_is_not(run: Command, site: Site) -> None:
    done = run("collect", "厅", kb=site.root)
    assert done.code == 1
    assert "there is no source 厅; known are 部" in done.err


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"format": 2}',
        '{"format": 1, "items": {"a": {"what": "x", "mark": ""}}}',
        '{"format": 1, "items": {}, "if_changed": {"Cookie": "a"}}',
        '{"format": 1, "items": {}, "if_changed": {"If-None-Match": "a\\r\\nb"}}',
    ],
)
def test_a_broken_memory_is_named(site: Site, text: str) -> None:
    path = site.root / "corpus" / ".collected" / "部.json"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    site.write("delay = 0", '[[source]]\nname = "局"', f'feed = "{site.server.url}/feed.xml"', "delay = 0")
    site.feed([1])
    site.pages(1)
    done = site.text()
    assert done.code == 1
    assert f"{path}: is not what collect wrote; remove it" in done.err + done.out
    assert done.out.splitlines()[-1] == "局: 1 taken"  # the others are gone on with
