"""Pages from templates: what every page has, and its values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

from policykb.domain.policy import joined_issuers
from policykb.i18n import _, ngettext
from policykb.render.terminal import hits

if TYPE_CHECKING:
    from starlette.requests import Request

    from policykb.search.request import Mark


@cache
def environment() -> Environment:
    """The templates of the pages, which only we write."""
    made = Environment(
        loader=PackageLoader("policykb.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, extensions=["jinja2.ext.i18n"],
    )  # fmt: skip
    made.install_gettext_callables(_, ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.filters |= {
        "marked": marked,
        "issuers": lambda policy: joined_issuers(policy.issuers, policy.issuer_count),
        "number": "{:,}".format,
    }
    return made


def page(request: Request, name: str, /, status: int = 200, **values: Any) -> HTMLResponse:
    """A page of a template; ``values`` are its variables beside those that every page has.

    A ``problem`` may be any error's text: `Site.said` is said of it.
    """
    site = request.app.state.site
    values["problem"] = site.said(values.get("problem", ""))
    shown = {"site": site, "kb": site.settings, "entries": site.everything.total, "place": name.partition(".")[0]}
    text = environment().get_template(name).render(shown | values)
    return HTMLResponse(text, status)


def marked(text: str, marks: Iterable[Mark]) -> Markup:
    """Text with its matches as ``<mark>``; those by a synonym have the class ``synonym``."""

    def mark(match: str, synonym: bool) -> str:
        kind = ' class="synonym"' if synonym else ""
        return f"<mark{kind}>{escape(match)}</mark>"

    return Markup(hits.marked(text, marks, escape, mark))


def with_words_marked(html: Markup, words: Iterable[str]) -> Markup:
    """The HTML of a text with every occurrence of some words in it marked, but not in its tags."""
    parts = sorted({str(escape(word)) for word in words if word.strip()}, key=len, reverse=True)
    if not parts:
        return html
    pattern = re.compile(f"(<[^>]*>|&[a-z#0-9]+;)|({'|'.join(map(re.escape, parts))})", re.IGNORECASE)
    return Markup(pattern.sub(lambda m: m[1] or f"<mark>{m[2]}</mark>", html))
