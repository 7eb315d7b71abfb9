"""The documents that a web page links to."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from policykb.importing.fetching import Fetched, is_url

_START = 100_000  # bytes in which a page shows that it is one
_ATTACHED = (".pdf", ".doc", ".docx", ".wps", ".ofd", ".rtf", ".xls", ".xlsx", ".et", ".zip", ".rar")
_MOST = 100  # of them


def attachments(page: Fetched) -> list[str]:
    """The addresses of the documents that a web page links to, in its order; none where it is no page."""
    from lxml import etree
    from lxml import html as lxml_html

    if not re.search(rb"<(?:html|body|div|p|a)[\s>]", page.data[:_START], re.IGNORECASE):
        return []
    try:
        tree = lxml_html.document_fromstring(page.data)
    except (etree.ParserError, ValueError):
        return []
    found: dict[str, None] = {}
    for link in tree.iter("a"):
        try:
            target = urljoin(page.url, (link.get("href") or "").strip())
            path = urlsplit(target).path.lower()
        except ValueError:
            continue
        if is_url(target) and path.endswith(_ATTACHED):
            found[target.partition("#")[0]] = None
    return list(found)[:_MOST]
