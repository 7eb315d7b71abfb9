"""Writing: entries inverted in memory, segments written at one go, small segments merged.

`Entry` is what the index knows of a policy. `SegmentBuilder` is Whoosh's segment writer with the pool of
single postings replaced by a dictionary of posting lists.
"""

from __future__ import annotations

import json
from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from whoosh.columns import NumericColumn, VarBytesColumn
from whoosh.fields import COLUMN, ID, STORED, Schema
from whoosh.index import TOC
from whoosh.reading import SegmentReader
from whoosh.writing import SegmentWriter

from policykb.analysis import Lexicon, fold, pairs
from policykb.index.codec import SEGMENT_LIMIT, WEIGHT_STEP, PackedCodec, pack
from policykb.policy import Policy

VERSION = 1  # of everything an index holds: an index made by another version is rebuilt

# BM25F: how much a word counts by where it stands (Robertson, Zaragoza, Taylor 2004: weighted term
# frequencies, one saturation). Tuned on the judgments in tests/benchmarks.
FIELD_WEIGHTS = {"title": 4.0, "documents": 3.0, "tags": 2.0, "issuers": 1.0, "body": 1.0}

# Postings hold where words (weighted) and character pairs stand, and who has which metadata.
FACETS = ("issuer", "tag", "kind", "status")
POSTINGS = ("word", "pair", *FACETS, "number", "path")
SECTION = "\x1e"  # parts the folded text into title, document names, number and body


def schema() -> Schema:
    """The Whoosh schema of the index; words are weighted and inverted by `SegmentBuilder`, not by a field."""
    fields: dict[str, Any] = {name: ID() for name in POSTINGS}
    fields["entry"] = STORED()
    fields["text"] = COLUMN(VarBytesColumn())
    fields["day"] = COLUMN(NumericColumn("i"))
    fields["length"] = COLUMN(NumericColumn("H"))
    return Schema(**fields)


@dataclass(frozen=True, slots=True)
class Entry:
    """A policy ready to be indexed: what is stored of it, and its postings by field."""

    stored: str
    text: bytes
    day: int
    length: int
    words: dict[str, int]
    terms: dict[str, Iterable[str]]


def number_key(number: str) -> str:
    """A document number (国办发〔2024〕39号) reduced to what all its spellings share."""
    return "".join(char for char in fold(number) if char.isalnum())


def searched_sections(policy: Policy) -> tuple[str, str, str, str]:
    """The folded texts a search looks for strings in: title, document names, number, body."""
    documents = "\n\n".join(policy.documents)
    return fold(policy.title), fold(documents), fold(policy.number or ""), fold(policy.body)


def weighted_sections(policy: Policy) -> dict[str, str]:
    """The folded texts that words are counted in, by field of the ranking."""
    title, documents, number, body = searched_sections(policy)
    labels = "\n\n".join((*policy.tags, policy.kind or "", policy.status or ""))
    return {
        "title": title,
        "documents": f"{documents}\n\n{number}",
        "tags": fold(labels),
        "issuers": fold("\n\n".join(policy.issuers)),
        "body": body,
    }


def stored_policy(entry: Mapping[str, Any]) -> Policy:
    """The policy of a stored entry, without the keys of its front matter that policykb does not know."""

    def day(key: str) -> date | None:
        return date.fromisoformat(entry[key]) if entry[key] else None

    return Policy(
        id=entry["id"],
        title=entry["title"],
        date=date.fromisoformat(entry["date"]),
        issuers=tuple(entry["issuers"]),
        tags=tuple(entry["tags"]),
        kind=entry["kind"],
        status=entry["status"],
        documents=tuple(entry["documents"]),
        number=entry["number"],
        issuer_count=entry["issuer_count"],
        effective=day("effective"),
        date_end=day("date_end"),
        source=entry["source"],
        body=entry["body"],
    )


def make_entry(policy: Policy, path: str, lexicon: Lexicon) -> Entry:
    """Analyses a policy; ``path`` is relative to the corpus."""
    counts: defaultdict[str, float] = defaultdict(float)
    length = 0.0
    for field, text in weighted_sections(policy).items():
        weight = FIELD_WEIGHTS[field]
        for word, _, nested in lexicon.tokens(text):
            counts[word] += weight
            length += 0 if nested else weight
    sections = searched_sections(policy)
    stored = {
        "id": policy.id,
        "path": path,
        "title": policy.title,
        "date": policy.date.isoformat(),
        "issuers": policy.issuers,
        "tags": policy.tags,
        "kind": policy.kind,
        "status": policy.status,
        "documents": policy.documents,
        "number": policy.number,
        "issuer_count": policy.issuer_count,
        "effective": policy.effective and policy.effective.isoformat(),
        "date_end": policy.date_end and policy.date_end.isoformat(),
        "source": policy.source,
        "body": policy.body,
    }
    return Entry(
        stored=json.dumps(stored, ensure_ascii=False),
        text=SECTION.join(sections).encode("utf-8", "surrogatepass"),
        day=policy.date.toordinal(),
        length=min(round(length), 65535),
        words={word: min(round(count / WEIGHT_STEP), 255) for word, count in counts.items()},
        terms={
            "pair": set().union(*map(pairs, sections)),
            "issuer": set(policy.issuers),
            "tag": set(policy.tags),
            "kind": {policy.kind} if policy.kind else (),
            "status": {policy.status} if policy.status else (),
            "number": {number_key(policy.number)} if policy.number else (),
            "path": {path},
        },
    )


class SegmentBuilder(SegmentWriter):  # type: ignore[misc]
    """Whoosh's segment writer, fed with analysed entries and whole posting lists."""

    def __init__(self, index: Any, *, lock: bool = True) -> None:
        super().__init__(index, codec=PackedCodec(), _lk=lock)
        self._lists: dict[str, dict[bytes, tuple[array[int], bytearray]]] = {name: {} for name in POSTINGS}

    @property
    def is_full(self) -> bool:
        """Whether the segment cannot number another document."""
        return bool(self.docnum >= SEGMENT_LIMIT)

    def add(self, entry: Entry) -> None:
        """Adds an entry as the segment's next document."""
        number = self.docnum
        self._add_columns(number, entry.stored, entry.text, entry.day, entry.length)
        words = self._lists["word"]
        for word, weight in entry.words.items():
            key = word.encode("utf-8", "surrogatepass")
            if (postings := words.get(key)) is None:
                postings = words[key] = (array("H"), bytearray())
            postings[0].append(number)
            postings[1].append(weight)
        for field, terms in entry.terms.items():
            lists = self._lists[field]
            for term in terms:
                key = term.encode("utf-8", "surrogatepass")
                if (postings := lists.get(key)) is None:
                    postings = lists[key] = (array("H"), bytearray())
                postings[0].append(number)
        self.docnum += 1
        self._added = True

    def _add_columns(self, number: int, stored: str, text: bytes, day: int, length: int) -> None:
        writer, fields = self.perdocwriter, self.schema
        writer.start_doc(number)
        writer.add_field("entry", fields["entry"], stored, 0)
        writer.add_column_value("text", fields["text"].column_type, text)
        writer.add_column_value("day", fields["day"].column_type, day)
        writer.add_column_value("length", fields["length"].column_type, length)
        writer.finish_doc()

    def add_reader(self, reader: SegmentReader) -> None:
        """Takes over the live documents of a segment (for merging)."""
        base = self.docnum
        columns = [reader.column_reader(name) for name in ("text", "day", "length")]
        renumbered: dict[int, int] = {}
        for old in reader.all_doc_ids():
            renumbered[old] = self.docnum
            stored = reader.stored_fields(old)["entry"]
            self._add_columns(self.docnum, stored, *(column[old] for column in columns))
            self.docnum += 1
        moved = renumbered.get if reader.has_deletions() else None
        for field, term, (ids, weights) in reader._terms.lists():
            lists = self._lists[field]
            if moved:
                kept = [(new, i) for i, old in enumerate(ids) if (new := moved(old)) is not None]
                if not kept:
                    continue
                ids = array("H", [new for new, _ in kept])
                weights = bytes(weights[i] for _, i in kept) if weights else b""
            elif base:
                ids = array("H", [old + base for old in ids])
            if (postings := lists.get(term)) is None:
                lists[bytes(term)] = (ids, bytearray(weights))
            else:
                postings[0].extend(ids)
                postings[1].extend(weights)
        self._added = True

    def _flush_segment(self) -> None:
        self.perdocwriter.close()
        for field in POSTINGS:
            lists = self._lists[field]
            self.fieldwriter.add_field(field, ((term, pack(*lists[term])) for term in sorted(lists)))
            lists.clear()
        self.fieldwriter.close()

    def toc(self, segments: list[Any]) -> TOC:
        """The table of contents that makes ``segments`` the index's next generation."""
        return TOC(self.schema, segments, self.generation)


def mergeable(segments: list[Any], factor: int = 8) -> list[Any]:
    """The segments to merge into one so that small updates leave few segments behind, or none.

    Segments are grouped by size in powers of ``factor``; a group that has ``factor`` members is merged
    (a log-structured merge: each document is rewritten once for every power). A segment more than half of
    which is deleted is rewritten too.
    """
    tiers: dict[int, list[Any]] = {}
    for segment in segments:
        live = segment.doc_count_all() - segment.deleted_count()
        tier = 0
        while factor ** (tier + 1) <= live:
            tier += 1
        tiers.setdefault(tier, []).append(segment)
    for tier in sorted(tiers):
        group = tiers[tier]
        room = sum(s.doc_count_all() - s.deleted_count() for s in group) <= SEGMENT_LIMIT
        if len(group) >= factor and room:
            return group
    return [s for s in segments if s.deleted_count() * 2 > s.doc_count_all()]
