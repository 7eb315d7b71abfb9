"""The places of a document at which values are read, as people call them."""

from __future__ import annotations

import re

from policykb.i18n import _


def said_where(where: str) -> str:
    """``"signature; title"`` in the reader's language; what is no known place stays as it is."""
    known = {
        "above the article": _("above the article"),
        "above the text": _("above the text"),
        "before the text": _("before the text"),
        "body": _("text"),
        "date under the text": _("date under the text"),
        "documents": _("name of a document"),
        "first sentence": _("first sentence"),
        "front matter": _("front matter"),
        "given": _("given"),
        "heading of the page": _("heading of the page"),
        "line of the printing office": _("line of the printing office"),
        "line under the title": _("line under the title"),
        "no date of issue found": _("no date of issue found"),
        "number in the head": _("number in the head"),
        "number under the red head": _("number under the red head"),
        "red head": _("red head"),
        "signature": _("signature"),
        "signature without a date": _("signature without a date"),
        "table of the page": _("table of the page"),
        "text": _("text"),
        "title": _("title"),
        "under the title": _("under the title"),
    }
    return _("; ").join(known.get(part) or _other(part) for part in where.split("; "))


def _other(place: str) -> str:
    """A part of a place (front matter: title), a tag of a page (meta description), what a value was concluded from."""
    head, colon, what = place.partition(": ")
    if colon:
        return f"{said_where(head)}: {what}"
    kind, _space, name = place.partition(" ")
    if kind == "meta":
        return _("tag {name} of the page").format(name=name)
    words = {"issuer": _("department"), "number": _("number"), "kind": _("kind")}
    return re.sub(r"[a-z]+", lambda word: words.get(word[0], word[0]), place)
