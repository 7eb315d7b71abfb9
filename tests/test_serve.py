"""The pages, asked for over real connections to ``policykb serve``."""

from __future__ import annotations

import asyncio
import contextlib
import mimetypes
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, urlencode, urljoin, urlsplit

import pytest

from conftest import as_policy, make_base, write_entry
from policykb.kb import KnowledgeBase
from waiting import LIMIT, wait_until

httpx = pytest.importorskip("httpx", reason="the pages are asked for with httpx, of the extra `test`")
pytest.importorskip("uvicorn", reason="the pages need the extra `web`")

FOOTPRINT = "2024-06-04-关于建立碳足迹管理体系的实施方案"


@contextlib.contextmanager
def serving(root: Path, *options: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address of a server at a free port, read from the line that says it listens, and its process."""
    command = [
        sys.executable,
        "-P",
        "-m",
        "policykb",
        "--kb",
        str(root),
        "--today",
        "2024-12-31",
        "serve",
        "--port",
        "0",
        *options,
    ]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, encoding="utf-8", env=environment) as server:
        assert server.stderr
        try:
            said = ""
            for line in server.stderr:
                said += line
                if found := re.search(r"http://\S+/", line):
                    yield found[0], server
                    break
            else:
                raise AssertionError(f"the server did not say where it is: {said}")
        finally:
            server.kill()


@pytest.fixture(scope="module")
def address(kb: object, shipped: Path) -> Iterator[str]:
    with serving(shipped) as (found, _server):
        yield found


@pytest.fixture(scope="module")
def browser(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=LIMIT, trust_env=False) as client:
        yield client


class _Page(HTMLParser):
    """What a page refers to, and what of it could run."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.running: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a" and given.get("href"):
            self.links.append(str(given["href"]))
        self.loaded += [str(given[name]) for name in ("src", "action") if given.get(name)]
        self.loaded += [str(given["href"])] if tag == "link" else []
        self.running += [name for name in given if name.startswith("on")]
        self.running += [tag] if tag in ("style", "object", "embed") or (tag == "script" and "src" not in given) else []
        self.running += ["style"] if "style" in given else []


def test_styles_and_scripts_are_called_so_whatever_the_system_calls_them(
    kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows' registry says what an installed program wrote there, and browsers use no script that is text/plain."""
    from policykb.web.app import application
    from policykb.web.site import Site

    mimetypes.init()
    for suffix in (".css", ".js"):
        monkeypatch.setitem(mimetypes.types_map, suffix, "text/plain")
    app = application(Site(kb, lang="en", today=date.today, writable=False))

    async def kinds() -> list[str]:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return [(await client.get(f"/static/{name}")).headers["content-type"] for name in ("style.css", "keys.js")]

    assert asyncio.run(kinds()) == ["text/css; charset=utf-8", "text/javascript; charset=utf-8"]


PAGES = [
    "/",
    "/news",
    "/timeline",
    "/departments",
    "/tags",
    "/market",
    "/check",
    "/digest",
    "/report/2024Q4",
    f"/entry/{quote(FOOTPRINT)}",
]


@pytest.mark.parametrize("path", [*PAGES, "/nothing", "/?q=%22", "/?page=0"])
def test_a_page_loads_and_runs_nothing_foreign(browser: httpx.Client, path: str) -> None:
    answer = browser.get(path)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    page = _Page(answer.text)
    assert not page.running
    assert all(urlsplit(one).netloc == "" and one.startswith(("/", "data:,")) for one in page.loaded)
    assert '<html lang="zh-CN">' in answer.text
    assert '<main id="main">' in answer.text
    assert len(answer.content) < 100_000


def test_every_link_of_every_page_leads_somewhere(browser: httpx.Client) -> None:
    links = {urljoin(path, link) for path in PAGES for link in _Page(browser.get(path).text).links}
    links = {link for link in links if not link.startswith(("http", "#"))}
    wrong = {
        link: answer.status_code for link in sorted(links)[::3] if (answer := browser.get(link)).status_code != 200
    }
    assert not wrong


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("/nothing", 404, "没有这个页面"),
        ("/entry/nothing", 404, "没有条目 nothing"),
        ("/entry/..%2F..%2Fkb.toml", 404, "没有"),
        ("/news/nothing", 404, "corpus/searches.toml：没有"),
        ("/news/nothing.atom", 404, "没有"),
        ("/?q=%22", 400, 'role="alert"'),
        ("/?page=0", 400, "应为数字"),
        ("/?page=99999999999999999999", 400, "应为数字"),
        ("/?from=2024&from=2023", 400, "from 给了两次"),
        ("/?during=9999Q9", 400, 'role="alert"'),
        ("/?from=2024-06&during=2023", 400, "没有共同的日子"),
        ("/?issuer=" + quote("没有这个部门"), 400, 'role="alert"'),
        ("/?" + urlencode({"q": "碳" * 5000}), 400, "地址太长"),
        ("/?sort=sideways", 400, 'role="alert"'),
        ("/digest?during=1999", 200, 'role="alert"'),
        ("/report/nonsense", 400, 'role="alert"'),
        ("/export?format=exe", 400, "没有 exe 这种格式"),
        ("/digest.exe", 400, 'role="alert"'),
        ("/?nothing=1&q=", 200, "共 40 项"),
    ],
)
def test_what_cannot_be_answered_is_said(
    browser: httpx.Client, shipped: Path, path: str, status: int, text: str
) -> None:
    answer = browser.get(path)
    assert (answer.status_code, text in answer.text) == (status, True)
    assert "Traceback" not in answer.text
    assert str(shipped) not in answer.text


def test_search_with_filters_counts_what_another_choice_would_give(browser: httpx.Client) -> None:
    answer = browser.get("/", params={"q": "碳足迹", "during": "2024", "tag": ["碳足迹", "标准计量"]}).text
    either = browser.get("/export", params={"q": "碳足迹", "tag": ["碳足迹", "标准计量"], "format": "json"}).json()
    assert f"共 {either['total']} 项" in answer
    alone = browser.get("/export", params={"q": "碳足迹", "tag": "碳核算", "format": "json"}).json()["total"]
    assert re.search(rf'碳核算</span> <span class="count">{alone}<', answer)  # a sibling's count is that of its own
    assert "<mark>碳足迹</mark>" in answer


def test_an_entry_knows_its_place_in_the_search(browser: httpx.Client) -> None:
    hits = browser.get("/export", params={"q": "碳足迹", "format": "json"}).json()["hits"]
    page = browser.get(f"/entry/{hits[1]['id']}", params={"q": "碳足迹", "at": "2"}).text
    links = _Page(page).links
    assert f"返回 {len(hits)} 项结果" in page
    assert f"/entry/{quote(hits[0]['id'])}?{urlencode({'q': '碳足迹', 'at': '1'})}" in links
    assert f"/entry/{quote(hits[2]['id'])}?{urlencode({'q': '碳足迹', 'at': '3'})}" in links
    assert "<mark>碳足迹</mark>" in page
    last = browser.get(f"/entry/{hits[-1]['id']}", params={"q": "碳足迹", "at": str(len(hits))}).text
    assert "下一项" not in last


def test_the_command_line_that_gives_the_same(browser: httpx.Client) -> None:
    page = browser.get("/", params={"q": "碳足迹 OR 碳核算", "issuer": "生态环境部", "from": "2024-06"}).text
    assert "policykb search &#39;碳足迹 OR 碳核算&#39; --issuer 生态环境部 --from 2024-06" in page


@pytest.mark.parametrize("form", ["md", "docx", "xlsx", "atom", "ics", "json", "html"])
def test_digests_are_those_of_the_command(browser: httpx.Client, kb_copy_digest: dict[str, bytes], form: str) -> None:
    assert browser.get(f"/digest.{form}", params={"during": "2024"}).content == kb_copy_digest[form]


@pytest.fixture(scope="module")
def kb_copy_digest(kb, shipped):  # type: ignore[no-untyped-def]
    from datetime import date

    from policykb.domain.daterange import DateRange
    from policykb.render import digests
    from policykb.render.labels import Labels

    day = date(2024, 12, 31)
    made = kb.digest("", dates=DateRange.parse("2024", today=day), group="month", today=day)
    corpus = kb.corpus.root
    return {
        form: digests.render(
            made, form, "table" if form == "xlsx" else "full", labels=Labels.load(corpus), corpus=corpus
        )
        for form in digests.FORMATS
    }


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "", "[", "127.0.0.1.nip.io:80"])
def test_another_host_gets_nothing(browser: httpx.Client, host: str) -> None:
    answer = browser.get("/", headers={"host": host})
    assert answer.status_code in (400, 421)
    assert "碳" not in answer.text


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "http://localhost.evil.example"])
def test_a_form_of_another_page_is_refused(browser: httpx.Client, origin: str | None) -> None:
    answer = browser.post("/", headers={"origin": origin} if origin else {})
    assert answer.status_code == 403


def test_files_that_change_are_seen(tmp_path: Path, shipped: Path) -> None:
    import shutil

    from waiting import wait_until

    root = tmp_path / "kb"
    shutil.copytree(shipped / "corpus", root / "corpus")
    with serving(root) as (found, server), httpx.Client(base_url=found, timeout=LIMIT, trust_env=False) as client:
        assert "共 40 项" in client.get("/").text
        (entry,) = root.rglob(f"{FOOTPRINT}.md")
        entry.write_text(entry.read_text(encoding="utf-8") + "\n紫电青霜。\n", encoding="utf-8")
        (root / "corpus" / "无日期.md").write_text("---\ntitle: 无日期\n---\n落霞孤鹜。\n", encoding="utf-8")
        wait_until(lambda: "未注明日期" in client.get("/", params={"q": "落霞孤鹜"}).text, "the undated entry is found")
        assert "共 40 项" in client.get("/timeline").text  # it has no place there
        wait_until(lambda: "共 1 项" in client.get("/", params={"q": "紫电青霜"}).text, "the change is found")
        if os.name == "posix":  # on Windows a console types it: test_console
            server.send_signal(signal.SIGINT)
            assert server.wait(60) in (0, 130)


def test_a_port_that_is_taken_is_said(run, address: str) -> None:  # type: ignore[no-untyped-def]
    done = run("serve", "--port", str(urlsplit(address).port))
    assert done.code == 1
    assert "cannot listen at 127.0.0.1" in done.err


def test_a_page_leaves_at_once(run, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    """Not when its beginning was acknowledged, 40 ms later (Nagle's algorithm)."""
    import uvicorn

    waits: list[int] = []

    def accepts(_server: object, sockets: list[socket.socket]) -> None:
        with socket.create_connection(sockets[0].getsockname()[:2]), sockets[0].accept()[0] as one:
            waits.append(one.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    monkeypatch.setattr(uvicorn.Server, "run", accepts)
    assert run("serve", "--port", "0").code == 0
    assert waits == [1]


def test_the_page_speaks_the_language_that_was_asked_for(shipped: Path) -> None:
    with serving(shipped, "--lang", "en") as (found, _server):
        text = httpx.get(found, trust_env=False, timeout=LIMIT).text
    assert '<html lang="en">' in text
    assert "40 entries" in text


def test_nobody_changes_what_is_only_for_reading(shipped: Path) -> None:
    with serving(shipped, "--read-only") as (found, _server):
        answer = httpx.post(found, headers={"origin": found.rstrip("/")}, trust_env=False, timeout=LIMIT)
    assert (answer.status_code, "只供阅读" in answer.text) == (403, True)


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ((), 405),  # no route of that method: the guard let it pass
        (("--host", "127.0.0.2"), 405),
        (("--host", "0.0.0.0"), 403),
        (("--host", "0.0.0.0", "--allow-host", "policy.example"), 403),
        (("--host", "0.0.0.0", "--trust-network"), 405),
    ],
)
def test_another_host_is_only_for_reading_unless_its_network_is_trusted(
    shipped: Path, options: tuple[str, ...], status: int
) -> None:
    with serving(shipped, *options) as (found, _server):
        host = found.replace("0.0.0.0", "127.0.0.1").rstrip("/")
        assert httpx.get(host, trust_env=False, timeout=LIMIT).status_code == 200
        answer = httpx.post(host, headers={"origin": host}, trust_env=False, timeout=LIMIT)
    assert answer.status_code == status


def test_a_name_that_is_allowed_is_ours_and_another_port_is_not(shipped: Path) -> None:
    with serving(shipped, "--allow-host", "Policy.example") as (found, _server):

        def status(host: str, origin: str) -> int:
            return httpx.post(
                found, headers={"host": host, "origin": origin}, trust_env=False, timeout=LIMIT
            ).status_code

        own = urlsplit(found).netloc
        assert status("policy.example", "https://policy.example") == 405
        assert status(own, "https://policy.example") == 405  # a proxy that names the host it asks
        assert status(own, f"http://{own}") == 405
        assert status(own, "http://127.0.0.1:1") == 403
        assert status(own, "http://localhost") == 403
        assert status(own, "[") == 403
        assert status("other.example", "https://policy.example") == 421


def test_another_port_of_the_host_that_is_served_is_another_page(shipped: Path) -> None:
    with serving(shipped, "--host", "127.0.0.2") as (found, _server):
        for origin, status in ((found.rstrip("/"), 405), ("http://127.0.0.2:1", 403), ("http://127.0.0.2", 403)):
            answer = httpx.post(found, headers={"origin": origin}, trust_env=False, timeout=LIMIT)
            assert answer.status_code == status, origin


def test_read_only_and_trust_network_exclude_each_other(run) -> None:  # type: ignore[no-untyped-def]
    done = run("serve", "--read-only", "--trust-network")
    assert done.code == 2
    assert "exclude each other" in done.err


def test_a_hit_of_a_law_leads_to_its_article(tmp_path: Path) -> None:
    body = "第一条 本法规范窑炉。\n\n第二条 停用的，应当注销。\n\n第三条 本法自公布之日起施行。"
    make_base(tmp_path / "kb", [{"id": "登记法", "title": "窑炉登记法", "body": body}, "无关"])
    with serving(tmp_path / "kb") as (address, _server):
        page = httpx.get(address, params={"q": "注销"}, timeout=LIMIT).text
        [way] = re.findall(r'<a href="(/entry/[^"]*)#%E7%AC%AC%E4%BA%8C%E6%9D%A1">第二条</a>', page)
        entry = httpx.get(urljoin(address, way.replace("&amp;", "&")), timeout=LIMIT).text
        assert '<p id="第二条">第二条 停用的' in entry


def test_what_another_process_has_indexed_is_seen(tmp_path: Path, shipped: Path, run) -> None:  # type: ignore[no-untyped-def]
    import shutil

    from waiting import wait_until

    root = tmp_path / "kb"
    shutil.copytree(shipped / "corpus", root / "corpus")
    with serving(root) as (found, _server), httpx.Client(base_url=found, timeout=LIMIT, trust_env=False) as client:
        assert "共 40 项" in client.get("/").text
        (root / "corpus" / "新.md").write_text("---\ntitle: 新\ndate: 2024-12-01\n---\n落霞孤鹜。\n", encoding="utf-8")
        assert run("--kb", str(root), "search", "落霞孤鹜").code == 0
        wait_until(lambda: "共 1 项" in client.get("/", params={"q": "落霞孤鹜"}).text, "the entry is found")


def test_a_defect_is_a_page_in_words_with_a_reference_and_the_trace_is_in_the_log(kb, caplog) -> None:  # type: ignore[no-untyped-def]
    import asyncio

    from policykb.web.app import application
    from policykb.web.site import Site

    site = Site(kb)
    site.today = lambda: 1 // 0  # type: ignore[assignment]
    transport = httpx.ASGITransport(app=application(site))

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get("/?q=%E7%A2%B3")

    answer = asyncio.run(ask())
    assert answer.status_code == 500
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    [reference] = re.findall(r"日志中的编号是 (\w{8})", answer.text)
    assert "ZeroDivisionError" not in answer.text
    assert reference in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_states_are_counted_for_one_snapshot_at_a_time_and_for_the_last(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """Each change makes a snapshot; that of thousands of entries takes seconds to count, and they piled up."""
    from policykb.web import site as rooms

    gate, at_once, counted = threading.Event(), [0, 0], []
    monkeypatch.setattr(rooms, "_FEW", 0)
    search = KnowledgeBase.search

    def slowly(kb: KnowledgeBase, *asked: object, **how: object) -> object:
        if how.get("validity") == ():
            at_once[0] += 1
            at_once[1] = max(at_once)
            assert gate.wait(LIMIT)
            counted.append(kb)
            at_once[0] -= 1
        return search(kb, *asked, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(KnowledgeBase, "search", slowly)
    with make_base(tmp_path, ["水泥"]) as kb:
        site = rooms.Site(kb)
        for number in range(2, 6):
            write_entry(kb.root, as_policy(number, "钢铁"))
            site.fresh()
        wait_until(lambda: at_once[0] == 1, "the first is counted")
        gate.set()
        wait_until(lambda: site.counts_states and counted[-1] is site.kb, "the last is counted")
        assert at_once == [0, 1]
        assert len(counted) <= 2


def test_a_thread_that_cannot_begin_does_not_end_the_looking_for_changes(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    from policykb.web import site as rooms

    def none(**how: object) -> None:
        raise RuntimeError("can't start new thread")

    with make_base(tmp_path, ["水泥"]) as kb:
        site = rooms.Site(kb)
        assert site.kb.search("水泥").total == 1
        site._fresh = -1.0
        with monkeypatch.context() as patch:
            patch.setattr(rooms, "Thread", none)
            assert site.kb.search("水泥").total == 1
        write_entry(kb.root, as_policy(2, "钢铁"))
        wait_until(lambda: site.kb.search("钢铁").total == 1, "the change is seen")


@pytest.mark.parametrize(
    ("root", "said"), [("/data/kb", "corpus/甲.md: 见 https://a.example"), ("/", "/corpus/甲.md: 见 https://a.example")]
)
def test_where_the_knowledge_base_is_is_not_said(tmp_path: Path, root: str, said: str) -> None:
    from policykb.web.site import Site

    with make_base(tmp_path, ["水泥"]) as kb:
        site = Site(kb)
        kb.corpus.root = Path(root, "corpus")
        assert site.said(f"{kb.corpus.root / '甲.md'}: 见 https://a.example") == said


def test_news_obligations_and_saved_searches(tmp_path: Path) -> None:
    make_base(
        tmp_path / "kb",
        [
            {
                "title": "关于清缴的通知",
                "body": "重点排放单位应在2025年1月31日前完成清缴。",
                "date": date(2024, 12, 27),
            },
            {
                "title": "关于报告的通知",
                "body": "应在2024年12月1日前报告。",
                "date": date(2024, 6, 1),
                "tags": ("碳核算",),
            },
        ],
    )
    searches = '[[search]]\nname = "核 算"\ntag = "碳核算"\nreason = "年报"\n[[search]]\nname = "现行"\nvalidity = "现行有效"\n'
    (tmp_path / "kb" / "corpus" / "searches.toml").write_text(searches, encoding="utf-8")
    with (
        serving(tmp_path / "kb") as (address, _server),
        httpx.Client(base_url=address, timeout=LIMIT, trust_env=False) as browser,
    ):
        page = browser.get("/news").text
        assert [page.index(text) for text in ("关于清缴的通知", "重点排放单位", "应在2024年12月1日前报告")]
        assert 'href="/?tag=%E7%A2%B3%E6%A0%B8%E7%AE%97"' in page
        links = [link for link in _Page(page).links if not link.startswith("#")]
        assert {link: browser.get(link).status_code for link in links} == dict.fromkeys(links, 200)
        assert "关于清缴的通知" not in browser.get("/news/%E6%A0%B8%20%E7%AE%97").text
        feed = browser.get("/news/%E6%A0%B8%20%E7%AE%97.atom?from=2024-01-01")
        assert feed.headers["content-type"] == "application/atom+xml"
        assert "关于报告的通知" in feed.text
        assert "关于清缴的通知" not in feed.text
        assert ">@核 算</a>" in browser.get("/").text
        assert (browser.get("/news/none").status_code, browser.get("/news?from=x").status_code) == (404, 400)
        (tmp_path / "kb" / "corpus" / "searches.toml").write_text("[[search]]\n", encoding="utf-8")
        assert "searches.toml:1" in browser.get("/news").text
        assert browser.get("/").status_code == 200


def test_of_many_entries_without_a_period_the_last_year_is_shown_and_said(tmp_path: Path) -> None:
    days = [
        f"{year}-{month:02}-{day:02}" for year in range(2015, 2025) for month in range(1, 13) for day in range(1, 10)
    ]
    make_base(tmp_path)
    for day in days:
        text = f"---\ntitle: 关于{day}的通知\ndate: {day}\n---\n\n正文\n"
        (tmp_path / "corpus" / f"{day}-一.md").write_text(text, encoding="utf-8")
    with serving(tmp_path) as (address, _server), httpx.Client(base_url=address, timeout=LIMIT, trust_env=False) as one:
        for path in ("/digest", "/timeline"):
            page = one.get(path).text
            assert "只列 2024 年的" in page
            assert "108" in page
        assert 'src="/digest.html?during=2024"' in one.get("/digest").text
        assert "只列" not in (longer := one.get("/digest?from=2022").text)
        assert "324" in longer
        assert "<iframe" not in longer
        assert 'href="/digest.docx?from=2022"' in longer
        assert one.get("/digest?group=nonsense").status_code == 400


def test_entries_are_picked_for_a_digest_and_dropped_from_it_by_the_address(browser: httpx.Client) -> None:
    from policykb.web.basket import key

    hits = browser.get("/export", params={"q": "碳足迹", "format": "json"}).json()["hits"]
    first, second, third = (hit["id"] for hit in hits[:3])

    def entries(**parameters: str) -> list[str]:
        made = browser.get("/digest.json", params=parameters).json()
        return sorted(one["id"] for section in made["sections"] for one in section["entries"])

    assert entries(pick=f"{key(first)}.{key(second)}") == sorted([first, second])
    assert entries(q="碳足迹", drop=key(third)) == sorted(hit["id"] for hit in hits if hit["id"] != third)
    other = "2024-02-04-碳排放权交易管理暂行条例"
    assert entries(q="碳足迹", pick=key(other)) == sorted([*(hit["id"] for hit in hits), other])
    assert "已选 1 项" in browser.get("/", params={"q": "碳足迹", "pick": key(first)}).text
    assert entries(pick=f"{key(first)}.nothing..") == [first]


def test_an_entry_says_in_what_state_it_is_and_what_it_rests_on(browser: httpx.Client) -> None:
    page = browser.get(f"/entry/{FOOTPRINT}").text
    assert "<strong>现行有效</strong>（未写明施行日期，按成文日期）" in page
    assert re.search(r'class="absent">2030年前碳达峰行动方案</span> <span class="why">本库没有', page)
    assert re.search(r"<dt>发文字号</dt><dd class=\"unknown\">不详", page)
    draft = browser.get("/", params={"q": "配额 征求意见稿", "validity": "已定稿"}).text
    assert '<span class="label">已定稿</span>' in draft
    assert "《关于建立碳足迹管理体系的实施方案》，2024年6月4日。" in page


def test_an_entry_has_its_facts_in_the_order_of_official_tables(browser: httpx.Client) -> None:
    page = browser.get(f"/entry/{quote(FOOTPRINT)}").text
    labels = re.findall(r"<dt>(.*?)</dt>", page)
    assert labels[:6] == ["发文机关", "发文字号", "成文日期", "施行日期", "文种", "状态"]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("2024Q4", "2024Q4"),
        ("2024年6月", "2024-06"),
        ("2024上半年", "2024H1"),
        ("十四五", "2021-01-01..2025-12-31"),
        ("2024-03..2024-08", "2024-03-01..2024-08-31"),
        ("\r\n2024Q4", "2024Q4"),
    ],
)
def test_the_file_of_a_report_is_called_by_its_period_however_that_is_written(
    browser: httpx.Client, written: str, name: str
) -> None:
    answer = browser.get(f"/report/{quote(written)}.md")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == f'attachment; filename="report-{name}.md"'


@pytest.mark.parametrize("period", ["2024Q4", "十四五", "2024-03..2024-08"])
def test_every_way_from_a_report_leads_somewhere(browser: httpx.Client, period: str) -> None:
    path = f"/report/{quote(period)}"
    page = _Page(browser.get(path).text)
    links = {urljoin(path, link) for link in page.links if link.startswith("/report/")}
    assert len(links) == 5  # three files, and the periods beside
    assert {browser.get(link).status_code for link in links} == {200}


def test_an_original_is_sent_to_be_saved_whatever_it_says_it_is(tmp_path: Path) -> None:
    root = make_base(tmp_path / "kb", [{"id": "甲", "title": "甲", "body": "正文"}, {"id": "乙", "title": "乙"}]).root
    (root / "corpus" / "originals").mkdir()
    (root / "corpus" / "originals" / "甲.html").write_text("<script>alert(1)</script>", encoding="utf-8")
    for path, original in (("甲", "originals/甲.html"), ("乙", "../kb.toml")):
        (file,) = root.rglob(f"{path}.md")
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("title:", f"original: {original}\ntitle:", 1), encoding="utf-8")
    with serving(root) as (found, _server), httpx.Client(base_url=found, timeout=LIMIT, trust_env=False) as client:
        answer = client.get("/original/甲")
        assert answer.content == b"<script>alert(1)</script>"
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment")
        assert client.get("/original/乙").status_code in (400, 404)
        assert client.get("/original/nothing").status_code == 404


@pytest.mark.parametrize("cut", [False, True])
def test_a_damaged_index_heals_behind_the_page(tmp_path: Path, shipped: Path, cut: bool) -> None:
    import shutil

    from waiting import wait_until

    root = tmp_path / "kb"
    shutil.copytree(shipped / "corpus", root / "corpus")
    with serving(root) as (found, _server), httpx.Client(base_url=found, timeout=120, trust_env=False) as client:
        assert "共 40 项" in client.get("/").text
        for file in (root / "index").iterdir():
            if file.is_file():
                with file.open("r+b") as written:
                    if cut:  # as by a backup that is copied over it
                        written.truncate(written.seek(0, 2) // 3)
                    else:
                        written.write(b"\0" * file.stat().st_size)
        wait_until(lambda: "共 11 项" in client.get("/", params={"q": "碳足迹"}).text, "the index is made anew")
        assert "共 40 项" in client.get("/").text


def test_what_is_over_sets_no_days_on_pages(browser: httpx.Client) -> None:
    """The draft's deadline does not stand beside that of its final."""
    draft = "2024-06-29-2023、2024年度全国碳排放权交易发电行业配额总量和分配方案（征求意见稿）"
    final = "2024-10-16-关于做好2023、2024年度发电行业全国碳排放权交易配额分配及清缴相关工作的通知"
    day = '<time datetime="2025-12-31">'
    assert day in browser.get(f"/entry/{final}").text
    assert day not in browser.get(f"/entry/{draft}").text
    due = browser.get("/news?from=2024-12-01").text
    assert "重点排放单位" in due
    assert quote(draft) not in due


def test_a_page_says_why_there_is_no_index_and_shows_it_when_there_is(tmp_path: Path) -> None:
    make_base(tmp_path, ["碳足迹"])
    (tmp_path / "corpus" / "aliases.txt").mkdir()  # no list of names can be read from a folder
    (tmp_path / "corpus" / "synonyms.txt").mkdir()
    with serving(tmp_path) as (address, _server), httpx.Client(base_url=address, timeout=LIMIT, trust_env=False) as one:
        for _time in range(2):
            answer = one.get("/")
            assert answer.status_code in (400, 500)
            assert "<h1" in answer.text
        (tmp_path / "corpus" / "aliases.txt").rmdir()
        (tmp_path / "corpus" / "synonyms.txt").rmdir()
        assert one.get("/?q=碳足迹").status_code == 200
