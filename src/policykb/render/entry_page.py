"""One entry as an HTML page of its own, which loads nothing from anywhere, in the design of digests."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from policykb.files.packaged import TEMPLATES
from policykb.render.body import to_html, with_anchors
from policykb.render.facts import facts
from policykb.text.visible import visible

if TYPE_CHECKING:
    from policykb.domain.policy import Policy


def render(policy: Policy) -> bytes:
    """The page, in UTF-8."""
    rows = "\n".join(
        f"<dt>{label}</dt><dd>{escape(visible(text)).replace(chr(10), '<br>')}</dd>" for label, text in facts(policy)
    )
    title = escape(visible(policy.title))
    page = (
        '<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{title}</title>\n<style>\n{(TEMPLATES / 'page.css').read_text(encoding='utf-8')}</style>\n</head>\n"
        f'<body>\n<header>\n<h1>{title}</h1>\n<dl class="overview">\n{rows}\n</dl>\n</header>\n'
        f"<main>\n{with_anchors(visible(to_html(policy.body, level=2)))}\n</main>\n</body>\n</html>\n"
    )
    return page.encode("utf-8", "replace")
