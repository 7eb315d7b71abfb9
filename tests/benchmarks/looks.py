"""Every page at every width, light and dark, with and without a script: ``python tests/benchmarks/looks.py ROOT``.

For each page: what axe finds, whether anything is wider than the window, what the browser complains of; ``--pictures``
keeps a picture of each, to be looked at. ROOT is a knowledge base, of any size.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).parents[1]))

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

from policykb.corpus.corpus import Corpus
from test_browser import BROWSER, PAGES
from test_serve import FOOTPRINT, serving

WIDTHS = (390, 768, 1024, 1280, 1920)
SCHEMES = ("light", "dark")


def pages(root: Path) -> list[str]:
    """The pages; of a knowledge base without the entry of the shipped one, its first entry."""
    corpus = Corpus(root / "corpus")
    ids = [path.stem for path in corpus.paths()]
    return [one.replace(quote(FOOTPRINT), quote(FOOTPRINT if FOOTPRINT in ids else ids[0])) for one in PAGES]


def look(
    browser: Browser,
    address: str,
    paths: Sequence[str],
    *,
    width: int,
    scheme: str,
    script: bool,
    pictures: Path | None,
) -> Iterator[str]:
    """What is wrong with the pages in a window; axe itself is a script."""
    options = {"color_scheme": scheme, "java_script_enabled": script, "bypass_csp": True}
    context = browser.new_context(base_url=address, viewport={"width": width, "height": 1100}, **options)
    context.set_default_timeout(120_000)
    page = context.new_page()
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda message: said.append(message.text) if "status of 4" not in message.text else None)
    for number, path in enumerate(paths):
        said.clear()
        page.goto(path)
        where = f"{path} at {width} px, {scheme}{'' if script else ', without a script'}"
        if script:
            for one in Axe().run(page).response["violations"]:
                yield f"{where}: axe: {one['id']} {[node['target'] for node in one['nodes']][:3]}"
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                yield f"{where}: wider than the window"
        elif page.locator("main h1").count() != 1:
            yield f"{where}: no heading"
        for text in said:
            yield f"{where}: {text}"
        if pictures:
            page.screenshot(path=pictures / f"{number:02}-{width}-{scheme}{'' if script else '-plain'}.png")
    context.close()


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=Path)
    parser.add_argument("--pictures", type=Path, help="a folder for them")
    options = parser.parse_args(arguments)
    if options.pictures:
        options.pictures.mkdir(parents=True, exist_ok=True)
    paths, looked, wrong = pages(options.root), 0, 0
    with serving(options.root) as (address, _server), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        for script in (True, False):
            for scheme in SCHEMES:
                for width in WIDTHS:
                    how = {"width": width, "scheme": scheme, "script": script, "pictures": options.pictures}
                    for text in look(browser, address, paths, **how):
                        wrong += 1
                        print(text, flush=True)
                    looked += len(paths)
        browser.close()
    print(f"{looked} looks at {len(paths)} pages, {wrong} findings")


if __name__ == "__main__":
    main(sys.argv[1:])
