"""``policy_verify_citations``: whether what somebody cites is there, and stands there as it is quoted."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from policykb.domain.dates_in_text import parse_day
from policykb.domain.policy import Policy
from policykb.domain.wording import words
from policykb.errors import DateError
from policykb.i18n import _
from policykb.mcp.tool import Arguments, Desk, Record, Tool, fitting, text
from policykb.relations.graph import Graph
from policykb.text.fold import fold, letters
from policykb.text.title_keys import reference_key, title_key

if TYPE_CHECKING:
    from policykb.search.links import Links

HELD, NOT_HELD, UNKNOWN = "有", "本库没有", "无法判断"
_MOST = 30  # citations at once
_ALIKE, _STRETCH = 4, 64  # characters of a stretch that says something, and of one that is long enough
_AROUND = 40  # characters of the passage that comes nearest to a quote


def tool() -> Tool:
    """The tool, with what it takes."""
    one = {
        "title": text("title, as it is cited"),
        "number": text("发文字号, as it is cited"),
        "date": text("day of issue, as ISO 8601"),
        "quote": text("words that are said to stand in it"),
    }
    item = {"type": "object", "properties": one, "additionalProperties": False, "minProperties": 1}
    takes = {"citations": {"type": "array", "items": item, "minItems": 1, "maxItems": _MOST}}
    says = (
        "Checks citations before they are used: for each document and each quote 有, 本库没有 or 无法判断, with "
        "what is held. Nothing is corrected; 本库没有 says nothing of the world outside this knowledge base."
    )
    return Tool("policy_verify_citations", _("Verify citations"), says, takes, answer, ["citations"])


def answer(desk: Desk, arguments: Arguments) -> Record:
    """For each citation whether it is held, and whether its quote stands in it."""
    cited = arguments["citations"]
    checked = desk.linked(lambda links: [_check(links, one) for one in cited])
    for one, result in zip(cited, checked, strict=True):
        if result["document"] == NOT_HELD and one.get("title"):
            near = desk.kb.search(letters(one["title"])[:200], match="any", limit=2, today=desk.today())
            result["nearest"] = [hit.policy.id for hit in near.hits]
    given, _rest = fitting(checked, 0)
    return {"as_of": str(desk.today()), "citations": given, "left_out": len(checked) - len(given)}


def _check(links: Links, cited: Arguments) -> Record:
    """What is known of one citation."""
    record: Record = {name: value for name, value in cited.items() if name != "quote"}
    title, number = cited.get("title", ""), cited.get("number", "")
    if not title and not number:
        return record | {"document": UNKNOWN, "why": _("neither title nor number is given")}
    graph = Graph(links)
    called = graph.meaning.named(f"={title_key(title).work}", title_key(title).version) if title else []
    numbered = graph.meaning.named(f"#{reference_key(number)}", "") if number else []
    found = [one for one in called if one in numbered] or called or numbered
    policies = [graph.policy(one) for one in dict.fromkeys(found)]
    if not policies:
        return record | {"document": NOT_HELD}
    record["held"] = [
        {"id": one.id, "date": str(one.date) if one.date else None, "number": one.number, "title": one.title}
        for one in policies[:5]
    ]
    why = _doubts(policies, title if not called else "", number if not numbered else "", cited.get("date", ""))
    if title and number and called and numbered and not set(called) & set(numbered):
        other = graph.policy(numbered[0])
        why.append(_("the number is that of {id}").format(id=other.id))
    record["document"] = UNKNOWN if why else HELD
    if why:
        record["why"] = "; ".join(why)
    if quote := cited.get("quote", ""):
        record |= _quoted(policies, quote)
    return record


def _doubts(policies: list[Policy], title: str, number: str, day: str) -> list[str]:
    """What the held documents say otherwise of a title or number that none of them has, or of the day."""
    why = []
    if title:
        why.append(_("the document of this number is called {title}").format(title=policies[0].title))
    if number:
        has = [one.number for one in policies if one.number]
        why.append(
            _("the document of this title has the number {number}").format(number=has[0])
            if has
            else _("the document of this title is held without its number")
        )
    with suppress(DateError):
        day = str(parse_day(day))
    if day and day not in {str(one.date) for one in policies}:
        why.append(_("it is held with another date"))
    return why


def _quoted(policies: list[Policy], quote: str) -> Record:
    """Whether one of the documents has the words of a quote, and what comes nearest where none has."""
    plain = _run_on(quote)
    for one in policies:
        if plain and plain in _run_on(f"{one.title}\n{one.body}"):
            return {"quote": HELD, "in": one.id}
        if letters(quote) and letters(quote) in letters(f"{one.title}\n{one.body}"):
            return {"quote": HELD, "in": one.id, "quote_note": _("but for its punctuation")}
    near = max((_nearest(one.body, quote) for one in policies), key=len, default="")
    whole = all(_has_its_text(one) for one in policies)
    note = _("the text that is held does not have it") if whole else _("only a summary may be held")
    return {"quote": NOT_HELD if whole else UNKNOWN, "quote_note": note, "nearest_text": near}


def _run_on(said: str) -> str:
    """A text folded, without spaces and the signs of Markdown."""
    return re.sub(r"[\s*_#>`]+", "", fold(said))


def _nearest(body: str, quote: str) -> str:
    """The passage of a body that has the longest stretch of a quote, or a long one, in the document's own words.

    The time grows with the length of the body, and not with that of the quote besides, as difflib's does.
    """
    at = size = 0
    least, most = _ALIKE, min(_STRETCH, len(quote))
    while least <= most:
        middle = (least + most) // 2
        stretches = {quote[start : start + middle] for start in range(len(quote) - middle + 1)}
        places = range(len(body) - middle + 1)
        found = next((place for place in places if body[place : place + middle] in stretches), None)
        if found is None:
            most = middle - 1
        else:
            at, size, least = found, middle, middle + 1
    while size and at + size < len(body) and body[at : at + size + 1] in quote:
        size += 1
    return body[max(at - _AROUND, 0) : at + size + _AROUND] if size else ""


def _has_its_text(policy: Policy) -> bool:
    """Whether an entry surely holds the official text, not somebody's summary of it."""
    return bool(policy.original) or f"## {words()['sections']['official']}" in policy.body
