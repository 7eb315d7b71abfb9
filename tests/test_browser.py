"""The pages in a real browser: each once with axe and once without a script, and a person's ways from end to end.

``POLICYKB_BROWSER`` names the browser and has its absence fail; without it the tests are skipped where there is none.
``tests/benchmarks/looks.py`` does the same at all widths, in both schemes, over any knowledge base.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

BROWSER = os.environ.get("POLICYKB_BROWSER") or shutil.which("chromium") or shutil.which("google-chrome")
if not os.environ.get("POLICYKB_BROWSER"):
    if not BROWSER:
        pytest.skip("the pages are looked at with chromium, which is not here", allow_module_level=True)
    pytest.importorskip("playwright", reason="the pages are looked at with playwright, of the extra `browser`")
    pytest.importorskip("axe_playwright_python", reason="axe comes with the extra `browser`")

from axe_playwright_python.sync_playwright import Axe  # noqa: E402
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright  # noqa: E402

from test_serve import FOOTPRINT, serving  # noqa: E402

PAGES = [
    "/",
    "/?q=" + quote("碳足迹") + "&during=2024&tag=" + quote("碳足迹"),
    "/?q=" + quote("紫电青霜配额"),
    "/?q=%22",
    f"/entry/{quote(FOOTPRINT)}?q={quote('碳足迹')}&at=1",
    "/timeline",
    "/gaps",
    "/departments",
    "/tags",
    "/market?during=2024",
    "/check",
    "/digest?during=2024Q2",
    "/report/2024Q4",
    "/help",
    "/news?from=2024-12-01",
    "/inbox",
    "/add",
    f"/edit/{quote(FOOTPRINT)}",
    "/nothing",
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address(kb: object, shipped: Path) -> Iterator[str]:
    with serving(shipped) as (found, _server):
        yield found.rstrip("/")


def context(chromium: Browser, address: str, **options: object) -> BrowserContext:
    """A window of its own; another host than the page's own is out of reach."""
    made = chromium.new_context(base_url=address, locale="zh-CN", **options)  # type: ignore[arg-type]
    made.set_default_timeout(90_000)
    made.route(lambda url: not url.startswith((address, "data:")), lambda route: route.abort())
    return made


@pytest.fixture
def page(chromium: Browser, address: str) -> Iterator[Page]:
    with context(chromium, address, viewport={"width": 1280, "height": 900}) as made:
        yield made.new_page()


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_window(chromium: Browser, address: str, path: str) -> None:
    # a script that a tool puts into the page is none of the page's own
    with context(chromium, address, bypass_csp=True, viewport={"width": 390, "height": 844}) as made:
        page = made.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(path)
        found = Axe().run(page).response["violations"]
        assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert [text for text in said if "status of 4" not in text] == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_all_it_says_without_a_script(chromium: Browser, address: str, path: str) -> None:
    with context(chromium, address, java_script_enabled=False) as made:
        page = made.new_page()
        page.goto(path)
        assert page.locator("main h1").count() == 1
        assert page.locator("[hidden]:visible").count() == 0


def test_what_a_page_asks_for_is_its_own(page: Page, address: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in PAGES:
        page.goto(path)
    assert asked
    assert all(url.startswith((address, "data:")) for url in asked)


def find(page: Page) -> None:
    """The documents on 碳足迹 since June, as a person asks for them."""
    page.goto("/")
    page.get_by_label("检索知识库").fill("碳足迹")
    page.get_by_role("button", name="检索").click()
    page.get_by_text("自定义…").click()
    page.get_by_label("自", exact=True).fill("2024-06")
    page.get_by_role("button", name="确定").click()
    page.wait_for_url("**from=2024-06**")


@pytest.mark.parametrize("script", [True, False])
def test_the_documents_on_a_subject_since_june_are_sent_as_a_word_file(
    chromium: Browser, address: str, tmp_path: Path, script: bool
) -> None:
    from docx import Document

    with context(chromium, address, java_script_enabled=script) as made:
        page = made.new_page()
        find(page)
        titles = page.locator(".hit h2 a").all_inner_texts()
        assert titles
        assert all(day >= "2024-06" for day in page.locator(".hit time").all_inner_texts())
        assert "碳足迹" in page.locator(".hit mark").first.inner_text()
        page.get_by_role("link", name="做摘编").click()
        page.get_by_role("link", name=f"去掉：{titles[0]}").click()
        page.wait_for_url("**drop=**")
        with page.expect_download() as download:
            page.get_by_role("link", name="docx").click()
        download.value.save_as(tmp_path / "digest.docx")
    paragraphs = Document(str(tmp_path / "digest.docx")).paragraphs
    headings = "\n".join(one.text for one in paragraphs if one.style and str(one.style.name).startswith("Heading"))
    assert all(title in headings for title in titles[1:])
    assert titles[0] not in headings


def test_entries_are_picked_and_become_a_digest(page: Page) -> None:
    find(page)
    picked = [page.locator(".hit h2 a").nth(number).inner_text() for number in (0, 1)]
    for title in picked:
        page.get_by_role("link", name=f"选入摘编：{title}").click()
        page.get_by_role("link", name=f"不选入摘编：{title}").wait_for()
    page.get_by_role("link", name="编成摘编").click()
    page.wait_for_url("**/digest?pick=*")
    assert sorted(page.locator(".rows li > a:first-of-type").all_inner_texts()) == sorted(picked)


def test_the_hands_stay_on_the_keys(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("/")
    page.keyboard.type("碳足迹")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=**")
    titles = page.locator(".hit h2 a").all_inner_texts()
    for key in ("j", "j", "k", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url("**/entry/**")
    assert page.locator("h1").inner_text() == titles[0]
    page.keyboard.press("]")
    page.wait_for_url("**at=2**")
    assert page.locator("h1").inner_text() == titles[1]
    page.keyboard.press("?")
    page.wait_for_url("**/help")


def test_the_search_answers_as_one_types(page: Page) -> None:
    page.goto("/?during=2024")
    everything = page.locator(".total p").first.inner_text()
    places = page.evaluate("history.length")
    page.keyboard.press("/")
    page.keyboard.type("碳足迹", delay=20)
    page.wait_for_url("**q=**during=2024")
    page.locator(".hit mark").first.wait_for()
    assert page.locator(".total p").first.inner_text() != everything
    assert page.title().startswith("碳足迹")
    assert page.evaluate("document.activeElement.id") == "q"
    assert page.evaluate("history.length") == places
    assert page.locator("details.facets").evaluate("one => one.open")
    page.keyboard.press("Backspace")
    page.keyboard.press("Backspace")
    page.keyboard.press("Backspace")
    page.wait_for_url("**/?during=2024")
    page.keyboard.type('"')  # a quotation that has no end yet
    page.locator(".problem").wait_for()
    page.keyboard.type('碳足迹"')
    page.locator(".hit mark").first.wait_for()
    found = page.locator(".hit h2 a").all_inner_texts()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator(".hit h2 a").all_inner_texts() == found


def test_nothing_is_asked_for_while_an_input_method_composes(page: Page) -> None:
    page.goto("/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.locator("#q").focus()
    keyboard = page.context.new_cdp_session(page)
    for text in ("t", "ta", "tan", "tan zu ji"):
        keyboard.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})
        page.wait_for_timeout(300)
    assert page.locator("#q").input_value() == "tan zu ji"
    assert asked == []
    keyboard.send("Input.insertText", {"text": "碳足迹"})
    page.wait_for_url("**/?q=**")
    page.locator(".hit mark").first.wait_for()
    assert len(asked) == 1


def test_every_control_is_reached_by_the_tab_key_and_seen(page: Page) -> None:
    page.goto("/?q=" + quote("碳足迹"))
    expected = page.locator("a:visible, button:visible, input:visible, summary:visible").count()
    seen = set()
    for _step in range(expected + 2):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("[...document.querySelectorAll('*')].indexOf(document.activeElement)"))
        assert page.evaluate(
            "document.activeElement === document.body || getComputedStyle(document.activeElement).outlineStyle !== 'none'"
        )
    assert len(seen) >= expected


def test_a_long_list_is_narrowed_and_a_citation_copied(page: Page) -> None:
    page.goto("/departments")
    page.get_by_placeholder("在列表中查找").fill("统计")
    assert all("统计" in one for one in page.locator(".names li:visible").all_inner_texts())
    page.goto(f"/entry/{quote(FOOTPRINT)}")
    page.get_by_text("引用", exact=True).click()
    assert page.get_by_label("引用格式").input_value() == (
        "生态环境部等15部门：《关于建立碳足迹管理体系的实施方案》，2024年6月4日。"
    )


def test_an_entry_prints_as_a_document(page: Page, tmp_path: Path) -> None:
    pypdfium2 = pytest.importorskip("pypdfium2")
    page.goto(f"/entry/{quote(FOOTPRINT)}")
    page.pdf(path=tmp_path / "entry.pdf", prefer_css_page_size=True)
    with pypdfium2.PdfDocument(tmp_path / "entry.pdf") as document:
        sizes = {tuple(round(side) for side in one.get_size()) for one in document}
        text = "".join(one.get_textpage().get_text_range() for one in document)
    assert sizes == {(595, 842)}
    assert "关于建立碳足迹管理体系的实施方案" in text
    assert not re.search("时间线|打印|相近文件", text)


@pytest.mark.parametrize("path", ["/?q=" + quote("碳足迹"), "/digest?during=2024Q2", "/news"])
def test_what_is_there_to_be_filled_in_is_not_printed(page: Page, path: str) -> None:
    page.goto(path)
    forms = page.locator("form")
    assert forms.first.is_visible()
    page.emulate_media(media="print")
    assert not any(one.is_visible() for one in forms.all())
    assert not any(one.is_visible() for one in page.get_by_text("去掉", exact=True).all())


@pytest.mark.parametrize(
    ("path", "text"), [("/digest?during=2024Q2", "关于建立碳足迹管理体系的实施方案"), ("/report/2024Q4", "")]
)
def test_a_preview_is_not_printed_cut_off_at_its_frame(page: Page, path: str, text: str) -> None:
    page.goto(path)
    said = page.get_by_text("要打印文件本身，请用页面上的“打印”链接")
    frame = page.locator("iframe")
    assert (frame.is_visible(), said.is_visible()) == (True, False)
    page.emulate_media(media="print")
    assert (frame.is_visible(), said.is_visible()) == (False, True)
    assert page.get_by_text(text).first.is_visible()
