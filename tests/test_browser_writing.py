"""The pages that change the knowledge base, in a real browser: axe, keys, and a person's ways from end to end."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

import making
from test_browser import Axe, Browser, Page, chromium, context
from test_serve import serving
from test_writing_pages import ENTRY, NOTICE
from waiting import wait_until

__all__ = ["chromium"]

PATHS = ["/inbox", "/add", f"/edit/{quote('甲')}"]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, shipped: Path) -> Iterator[tuple[str, Path]]:
    root = tmp_path_factory.mktemp("写") / "kb"
    shutil.copytree(shipped / "corpus", root / "corpus")
    with serving(root) as (address, _process):
        yield address.rstrip("/"), root / "corpus"


@pytest.fixture
def corpus(base: tuple[str, Path], shipped: Path) -> Iterator[Path]:
    (base[1] / "甲.md").write_text(ENTRY, encoding="utf-8")
    yield base[1]
    for path in [*base[1].iterdir()]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    shutil.copytree(shipped / "corpus", base[1], dirs_exist_ok=True)


def add(page: Page) -> None:
    """A PDF, as a person adds it."""
    page.goto("/add")
    page.get_by_label("文件").set_input_files(
        {"name": "通知.pdf", "mimeType": "application/pdf", "buffer": making.as_pdf(NOTICE)}
    )
    page.get_by_role("button", name="读取").click()
    page.wait_for_url("**/inbox/2*")


@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing(chromium: Browser, base: tuple[str, Path], corpus: Path, width: int) -> None:
    with context(chromium, base[0], bypass_csp=True, viewport={"width": width, "height": 844}) as made:
        page = made.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        add(page)
        for path in [page.url, *PATHS]:
            page.goto(path)
            found = Axe().run(page).response["violations"]
            assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == [], path
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert said == []


@pytest.mark.parametrize("script", [True, False])
def test_a_pdf_is_taken_in_and_found(chromium: Browser, base: tuple[str, Path], corpus: Path, script: bool) -> None:
    with context(chromium, base[0], java_script_enabled=script) as made:
        page = made.new_page()
        add(page)
        page.get_by_role("link", name="文末日期").click()
        assert page.locator("#at-date").inner_text() == "2025年3月20日"
        page.get_by_label("成文日期").fill("2025-03-21")
        page.get_by_role("button", name="收录", exact=True).click()
        page.wait_for_url("**/entry/**")
        title = page.locator("h1").inner_text()

        def proposed() -> bool:
            page.goto("/inbox?kind=tag")
            return page.locator(".row", has_text=title).count() > 0

        wait_until(proposed, "its tags are proposed")
        row = page.locator(".row", has_text=title).first
        tag = row.locator(".label").inner_text()
        row.get_by_role("button", name="接受").click()
        page.get_by_text(f"已接受：#{tag}").wait_for()
        (written,) = corpus.rglob("2025-03-21-*.md")
        assert f"[{tag}]" in written.read_text(encoding="utf-8") or f"- {tag}" in written.read_text(encoding="utf-8")

        def found() -> bool:
            page.goto("/?q=" + quote("配额清缴") + "&tag=" + quote(tag))
            return title in page.locator(".hit h2").all_inner_texts()

        wait_until(found, "it is found by its tag")


@pytest.mark.parametrize("script", [True, False])
def test_a_rejected_relation_is_never_seen_again(
    chromium: Browser, base: tuple[str, Path], corpus: Path, script: bool
) -> None:
    with context(chromium, base[0], java_script_enabled=script) as made:
        page = made.new_page()

        def there() -> bool:
            page.goto("/inbox?kind=relation")
            return page.locator(".row", has_text="定稿").count() > 0

        wait_until(there, "it is proposed")
        page.locator(".row", has_text="定稿").get_by_role("button", name="否").click()
        page.get_by_text("已否决：定稿").wait_for()
        page.goto("/inbox?kind=relation")
        wait_until(
            lambda: page.goto("/inbox?kind=relation") and page.get_by_text("还在逐条查看").count() == 0, "all of it"
        )
        assert page.locator(".row", has_text="定稿").count() == 0


def test_the_hands_stay_on_the_keys(chromium: Browser, base: tuple[str, Path], corpus: Path) -> None:
    entry = corpus / "甲.md"
    with context(chromium, base[0]) as made:
        page = made.new_page()

        def there() -> int:
            page.goto("/inbox")
            return page.locator('.row[data-entry="甲"]').count()

        wait_until(there, "the entry is looked through")
        rows = page.locator(".row")
        number = rows.count()
        page.keyboard.press("j")
        assert page.evaluate("document.activeElement.closest('.row') !== null")
        first = page.locator(".row:focus-within .what").inner_text()
        assert "2024-03-01" in first
        page.keyboard.press("y")
        wait_until(lambda: rows.count() == number - 1, "the row goes")
        assert "effective: 2024-03-01" in entry.read_text(encoding="utf-8")
        assert page.evaluate("document.activeElement.closest('.row') !== null")  # the hand is at the next one
        page.keyboard.press("y")  # of the same entry: what was written meanwhile is known
        wait_until(lambda: rows.count() == number - 2, "the row goes")
        assert page.locator(".row .problem").count() == 0
        with page.expect_navigation():
            page.keyboard.press("u")
        assert "tags" not in entry.read_text(encoding="utf-8")
        wait_until(
            lambda: there() and page.locator(".row").first.locator('[name="pick"]').is_enabled(), "it is shown again"
        )
        page.keyboard.press("j")
        page.keyboard.press("x")
        assert page.locator('input[name="pick"]:checked').count() == 1
        with page.expect_navigation():
            page.keyboard.press("e")
        page.wait_for_url("**/edit/**")


def test_another_box_where_the_last_is_filled(chromium: Browser, base: tuple[str, Path], corpus: Path) -> None:
    with context(chromium, base[0]) as made:
        page = made.new_page()
        page.goto(f"/edit/{quote('甲')}")
        boxes = page.locator('input[name="tags"]')
        boxes.first.fill("绿色金融")
        boxes.nth(1).fill("碳足迹")
        page.get_by_role("button", name="保存").click()
        page.wait_for_url("**/entry/**")
    assert "tags: [绿色金融, 碳足迹]" in (corpus / "甲.md").read_text(encoding="utf-8")
