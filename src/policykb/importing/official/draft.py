"""One official document -> the draft of an entry: what was found, where, and how sure that is.

Official documents are laid out by GB/T 9704: secrecy and urgency, the red head, the number, the title, the
addressees, the text, the signature, the date, attachments, copies. Pages of government sites have a table of the same
facts, and ``<meta>`` tags. Every place is read; a value found in two places is surer than in one. What is found in none
is missing: nothing is filled in, least of all a date.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from policykb.domain.issuers import Authority
from policykb.domain.policy import FIELDS, Policy, entry_id
from policykb.domain.wording import clean_name, kind_of, names_in, split_issuers, split_organs, status_of, unwrap
from policykb.errors import SourceError
from policykb.i18n import _
from policykb.importing.formats.source import Source
from policykb.importing.official.facts import Facts, Found, read_labels, read_meta, read_page_heading
from policykb.importing.official.head import parts_of, read_front
from policykb.importing.official.lines import FRONT, is_furniture
from policykb.importing.official.tail import read_tail
from policykb.mining.life import effective_date

WANTED = ("title", "issuers", "number", "signed", "date", "effective", "subject", "kind")
_PROMULGATED = re.compile(r"(?:现公布|现发布)?《([^《》]+)》.{0,80}?(?:公布|发布|施行)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Draft:
    """What was read from one document.

    ``found`` has title, issuers (canonical names), issuer_count, number, signed (成文日期), date (发布日期), effective,
    kind, status, documents (those that a notice issues), subject (主题分类), index (索引号), validity (有效性),
    addressees and source, each only where it was found. ``missing`` are the keys of ``WANTED`` that were not.
    ``body`` are the paragraphs of the text with its attachments; ``left_out`` are the lines that are in neither.
    """

    found: Mapping[str, Found]
    body: tuple[str, ...]
    left_out: tuple[str, ...] = ()

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
        read_meta(source.meta, facts, authority)
    if source.kind == "html":
        read_page_heading(read_labels(source.dropped, facts, authority), source.lines[0].number, facts)
    lines = [*read_labels(source.lines[:FRONT], facts, authority), *source.lines[FRONT:]]
    head = [line for line in lines[:FRONT] if not is_furniture(line.text)]
    facts.left_out += [line.text for line in lines[:FRONT] if is_furniture(line.text)]
    parts = parts_of([*head, *lines[FRONT:]], authority)
    start = read_front(parts, facts, authority)
    body = read_tail(parts[start:], facts, authority)
    _conclude(facts, body, authority)
    if url:
        facts.add("source", url, "given", 1.0)
    return Draft(facts.best(), tuple(body), tuple(facts.left_out))


def _conclude(facts: Facts, body: Sequence[str], authority: Authority) -> None:
    """What follows from the title, and from the text as a whole."""
    if "title" not in facts.candidates and body and (promulgated := _PROMULGATED.match(body[0])):
        facts.add("title", promulgated[1], "first sentence", 0.8)
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
    signed = found.get("signed")
    if signed and not any(one.confidence >= 0.7 for one in facts.candidates.get("date", ())):
        where = f"{signed.where}; no date of publication found"
        facts.add("date", signed.value, where, round(0.6 * signed.confidence, 2))
    issued_on = facts.best().get("date")
    day = effective_date("\n".join(body), names, issued_on.value if issued_on else None)
    facts.add("effective", day, "text", 0.9)
