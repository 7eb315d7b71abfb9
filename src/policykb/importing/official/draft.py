"""One official document -> the draft of an entry: what was found, where, and how sure that is.

Official documents are laid out by GB/T 9704: secrecy and urgency, the red head, the number, the title, the
addressees, the text, the signature, the date, attachments, copies. Pages of government sites have a table of the same
facts, and ``<meta>`` tags. Every place is read; a value found in two places is surer than in one. What is found in none
is missing: nothing is filled in, least of all a date.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from policykb.domain.issuers import Authority
from policykb.domain.levels import level_of, region_of
from policykb.domain.policy import FIELDS, Policy, entry_id
from policykb.domain.wording import clean_name, kind_of, names_in, split_issuers, split_organs, status_of, unwrap
from policykb.errors import SourceError
from policykb.i18n import _
from policykb.importing.formats.source import Source
from policykb.importing.official.facts import Facts, Found, read_labels, read_meta, read_page_heading
from policykb.importing.official.head import parts_of, read_front
from policykb.importing.official.lines import FRONT, is_furniture
from policykb.importing.official.tail import read_tail
from policykb.importing.paragraphs import without_space
from policykb.mining.life import commencement, expiry

UNTITLED = "?"  # stands for the title that a document does not state
WANTED = ("title", "issuers", "number", "date", "effective", "subject", "kind")
_LATE = 92  # days after which a publication is later than publications are
_PROMULGATED = re.compile(
    r"(?:现公布|现发布)?《([^《》]+)》.{0,80}?(?:公布|发布|施行)|([^《》，。]{4,60}?)已[于经].{0,60}?通过.{0,10}公布",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What was read from one document.

    ``found`` has title, issuers (canonical names), issuer_count, number, date (of issue), published, history,
    effective, expires, kind, status, documents (those that a notice issues), subject (主题分类), index (索引号),
    addressees, validity (有效性) and source, each only where it was found. ``missing`` are the keys of ``WANTED``
    that were not. ``body`` are the paragraphs of the text with its attachments; ``left_out`` are the lines that are not
    in it, and ``dropped`` says how many characters of the file are in neither text nor fields, by what they are.
    ``doubts`` are what a person should look at, in sentences.
    """

    found: Mapping[str, Found]
    body: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    dropped: Mapping[str, int] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """The keys that every document should give and this one does not."""
        return tuple(key for key in WANTED if key not in self.found)

    def value(self, key: str, default: Any = None) -> Any:
        """The value found for a key, or ``default``."""
        return self.found[key].value if key in self.found else default

    def policy(self, **given: Any) -> Policy:
        """The entry, with ``given`` fields of `Policy` in place of those found.

        Raises SourceError when there is no title, without which an entry has no name.
        """
        values = {one.name: self.found[one.name].value for one in FIELDS if one.name in self.found} | given
        if not values.get("title"):
            raise SourceError(_("no title found in the document: give it yourself"))
        values = {"date": None, "issuers": ()} | values
        return Policy(id=entry_id(values["date"], values["title"]), body="\n\n".join(self.body), **values)


def read_document(source: Source, authority: Authority, *, url: str | None = None) -> Draft:
    """Read one official document; it never fails, what is not found is missing. ``url`` is where it comes from."""
    facts = Facts()
    if source.kind in ("html", "markdown"):  # what a PDF or Word file says of itself is that of some older file
        read_meta(source.meta, facts, authority, by_hand=source.kind == "markdown")
    if source.kind == "html":
        read_page_heading(read_labels(source.dropped, facts, authority), source.lines[0].number, facts)
    lines = [*read_labels(source.lines[:FRONT], facts, authority), *source.lines[FRONT:]]
    head = [line for line in lines[:FRONT] if not is_furniture(line.text)]
    buttons = [line.text for line in lines[:FRONT] if is_furniture(line.text)]
    facts.left_out += buttons
    parts = parts_of([*head, *lines[FRONT:]], authority)
    start = read_front(parts, facts, authority)
    body = [*facts.opening, *read_tail(parts[start:], facts, authority)]
    doubts = _conclude(facts, body, authority)
    if url:
        facts.add("source", url, "given", 1.0)
    around = _("around the article") if source.kind == "html" else _("running heads, page numbers, front matter")
    sizes = {
        around: _size(line.text for line in source.dropped),
        _("buttons of the page, who edited it"): _size(buttons),
    }
    dropped = {what: size for what, size in sizes.items() if size}
    return Draft(facts.best(), tuple(body), tuple(facts.left_out), dropped, tuple(doubts))


def _size(texts: Iterable[str]) -> int:
    return sum(len(without_space(text)) for text in texts)


def _conclude(facts: Facts, body: Sequence[str], authority: Authority) -> list[str]:
    """What follows from the title, and from the text as a whole; what is doubtful in it."""
    if "title" not in facts.candidates and body and (promulgated := _PROMULGATED.match(body[0])):
        facts.add("title", promulgated[1] or promulgated[2], "first sentence", 0.8)
    found = facts.best()
    names: list[str] = []
    if title := found.get("title"):
        before, rest = split_issuers(title.value, authority)
        if not before:
            before, rest = split_organs(title.value)
        if before:
            facts.add_issuers(before, "title", 0.85, authority)
        issued, notice = unwrap(rest)
        documents = tuple(clean_name(name) for name in issued) if notice else ()
        names = [rest, *documents, *names_in(rest)[0]]
        facts.add("documents", documents, "title", 0.9)
        issuers = facts.best().get("issuers")
        kind = kind_of(rest, issuers.value if issuers else ())
        facts.add("kind", kind, "title", 0.95)
        facts.add("status", status_of(title.value), "title", title.confidence)
    doubts = _conclude_dates(facts)
    issued_on = facts.best().get("date")
    _conclude_level(facts, authority)
    published = facts.best().get("published")
    days = (one.value if one else None for one in (issued_on, published))
    _conclude_life(facts, "\n".join(body), names, *days)
    return doubts


def _conclude_life(facts: Facts, text: str, names: Sequence[str], issued: date | None, published: date | None) -> None:
    """The first and the last day on which it is in force, each with the sentence that says so."""
    if clause := commencement(text, names, issued, published):
        facts.add("effective", clause.day, f"text: {text[clause.start : clause.end].strip()}", 0.9)
    effective = facts.best().get("effective")
    if clause := expiry(text, effective.value if effective else issued):
        facts.add("expires", clause.day, f"text: {text[clause.start : clause.end].strip()}", 0.9)


def _conclude_dates(facts: Facts) -> list[str]:
    """The day of issue: that of the signature, else that of publication where it can be; what is doubtful in both."""
    found = facts.best()
    signed, published, number = (found.get(key) for key in ("signed", "published", "number"))
    facts.candidates.pop("signed", None)
    facts.candidates.pop("published", None)
    year = re.search(r"(?:19|20)[0-9]{2}", number.value) if number else None
    issue: date | None = signed.value if signed else None
    doubts = []
    if signed:
        facts.add("date", signed.value, signed.where, signed.confidence)
    elif published and (year is None or year[0] == str(published.value.year)):
        issue = published.value
        facts.add("date", issue, f"{published.where}; no date of issue found", round(0.8 * published.confidence, 2))
    if published and published.value != issue:
        facts.add("published", published.value, published.where, published.confidence)
        if issue and (published.value - issue).days > _LATE:
            said = _("published on {published}, long after it was issued, on {issued}: look whether both are right")
            doubts.append(said.format(published=published.value, issued=issue))
    day = issue or (published.value if published else None)
    if year and number and day and year[0] != str(day.year):
        said = _("the number, {number}, is not of the year of the date, {day}")
        doubts.append(said.format(number=number.value, day=day))
    return doubts


def _conclude_level(facts: Facts, authority: Authority) -> None:
    """效力级别 and 地区, from issuer, number and kind, no surer than these."""
    found = facts.best()
    value = {
        key: found[key].value if key in found else None for key in ("issuers", "number", "kind", "status", "title")
    }
    issuers, title = value["issuers"] or (), value["title"] or ""
    level = level_of(issuers, value["number"], value["kind"], value["status"], title, authority)
    for key, concluded in (("level", level), ("region", region_of(issuers, value["number"], authority))):
        if concluded:
            least = min((found[name].confidence for name in ("issuers", "number") if name in found), default=1.0)
            where = _("concluded from {where}").format(where=concluded.where)
            facts.add(key, concluded.value, where, round(concluded.confidence * least, 2))
