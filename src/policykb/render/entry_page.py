"""One entry as an HTML page of its own, which loads nothing from anywhere."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from policykb.render.body import to_html
from policykb.render.facts import facts
from policykb.text.visible import visible

if TYPE_CHECKING:
    from policykb.domain.policy import Policy

_STYLE = (
    "body{max-width:42em;margin:2em auto;padding:0 1em;line-height:1.7;"
    "font-family:'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei',sans-serif}"
    "th{text-align:left;vertical-align:top;white-space:nowrap;padding-right:1.5em;font-weight:normal;color:#555}"
)


def render(policy: Policy) -> bytes:
    """The page, in UTF-8."""
    rows = "".join(
        f"<tr><th>{label}</th><td>{escape(visible(text)).replace(chr(10), '<br>')}</td></tr>"
        for label, text in facts(policy)
    )
    title = escape(visible(policy.title))
    page = (
        '<!doctype html>\n<html lang="zh-Hans"><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{title}</title><style>{_STYLE}</style>\n"
        f"<h1>{title}</h1>\n<table>{rows}</table>\n{visible(to_html(policy.body, level=2))}\n</html>\n"
    )
    return page.encode("utf-8", "replace")
