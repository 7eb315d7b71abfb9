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
from typing import TYPE_CHECKING, Any

from policykb.domain.policy import Policy, entry_id
from policykb.errors import SourceError
from policykb.importing.effect import effective_date
from policykb.importing.facts import Facts, read_heading, read_labels, read_meta
from policykb.importing.names import clean_name, kind_of, names_in, split_issuers, split_organs, status_of, unwrap
from policykb.importing.official_head import parts_of, read_front
from policykb.importing.official_lines import FRONT, is_furniture
from policykb.importing.official_tail import read_tail

if TYPE_CHECKING:
    from policykb.domain.issuers import Authority
    from policykb.importing.facts import Found
    from policykb.importing.sources import Source

WANTED = ("title", "issuers", "number", "signed", "date", "effective", "subject", "kind")

_FIELDS = ("title", "date", "issuers", "issuer_count", "kind", "status", "documents", "number", "effective", "source")

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
        return tuple(key for key in WANTED if key not in self.found)

    def policy(self, **given: Any) -> Policy:
        """The entry, with ``given`` fields of `Policy` in place of those found.

        Raises SourceError when there is neither a title nor a date, without which an entry has no name.
        """
        values = {key: self.found[key].value for key in _FIELDS if key in self.found} | given
        lacking = [key for key in ("title", "date") if not values.get(key)]
        if lacking:
            raise SourceError(f"no {' and no '.join(lacking)} found in the document: give it yourself")
        values.setdefault("issuers", ())
        return Policy(id=entry_id(values["date"], values["title"]), body="\n\n".join(self.body), **values)


def read_document(source: Source, authority: Authority, *, url: str | None = None) -> Draft:
    """Read one official document; it never fails, what is not found is missing. ``url`` is where it comes from."""
    reading = Facts()
    if source.kind in ("html", "markdown"):  # what a PDF or Word file says of itself is that of some older file
        read_meta(source.meta, reading, authority)
    if source.kind == "html":
        read_heading(read_labels(source.dropped, reading, authority), source.lines[0].number, reading)
    lines = [*read_labels(source.lines[:FRONT], reading, authority), *source.lines[FRONT:]]
    head = [line for line in lines[:FRONT] if not is_furniture(line.text)]
    reading.left_out += [line.text for line in lines[:FRONT] if is_furniture(line.text)]
    parts = parts_of([*head, *lines[FRONT:]], authority)
    start = read_front(parts, reading, authority)
    body = read_tail(parts[start:], reading, authority)
    _conclude(reading, body, authority)
    if url:
        reading.add("source", url, "given", 1.0)
    return Draft(reading.best(), tuple(body), tuple(reading.left_out))


def _conclude(reading: Facts, body: Sequence[str], authority: Authority) -> None:
    """What follows from the title, and from the text as a whole."""
    if "title" not in reading.candidates and body and (promulgated := _PROMULGATED.match(body[0])):
        reading.add("title", promulgated[1], "first sentence", 0.8)
    found = reading.best()
    names: list[str] = []
    if title := found.get("title"):
        before, rest = split_issuers(title.value, authority)
        if not before:
            before, rest = split_organs(title.value)
        if before:
            reading.add_issuers(before, "title", 0.85, authority)
        issued, notice = unwrap(rest)
        documents = tuple(clean_name(name) for name in issued) if notice else ()
        names = [rest, *documents, *names_in(rest)[0]]
        reading.add("documents", documents, "title", 0.9)
        issuers = reading.best().get("issuers")
        kind = kind_of(rest, issuers.value if issuers else ())
        reading.add("kind", kind, "title", 0.95)
        reading.add("status", status_of(title.value), "title", title.confidence)
    signed = found.get("signed")
    if signed and not any(one.confidence >= 0.7 for one in reading.candidates.get("date", ())):
        where = f"{signed.where}; no date of publication found"
        reading.add("date", signed.value, where, round(0.6 * signed.confidence, 2))
    issued_on = reading.best().get("date")
    day = effective_date("\n".join(body), names, issued_on.value if issued_on else None)
    reading.add("effective", day, "text", 0.9)
