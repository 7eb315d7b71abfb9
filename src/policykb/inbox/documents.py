"""Documents in the inbox: read into a draft, with what was read where and how surely; taken in, or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from policykb.corpus import entry_format, originals
from policykb.corpus.corpus import Corpus
from policykb.domain.issuers import Authority
from policykb.domain.names import listed_names
from policykb.domain.policy import FIELDS, OF_THE_FILE, Policy, entry_id
from policykb.errors import CorpusError, DocumentError
from policykb.files.journal import Write
from policykb.i18n import _
from policykb.importing import same_document
from policykb.importing.addition import filled_in, incoming, looks_official
from policykb.importing.joining import joined
from policykb.importing.official.draft import UNTITLED, Draft
from policykb.importing.sources import read_lines
from policykb.inbox import items, places
from policykb.inbox.items import Item
from policykb.inbox.proposal import Proposal

# what a person writes into a form, one value or several
EDITABLE = tuple(one for one in FIELDS if one.type != "mappings" and one.name not in OF_THE_FILE)
_CONCLUDED = ("kind", "status", "level", "region")  # from the title, the number, the issuers


def read_document(data: bytes, authority: Authority, *, name: str, url: str, by: str, today: date) -> Item:
    """The item that a document makes. Raises `SourceError` for what cannot be read."""
    came = incoming(data, authority, name=name, url=url or None)
    draft = came.draft
    policy = replace(draft.policy(title=draft.value("title", UNTITLED)), extra=came.extra)
    text = text_of(data, name)
    doubts = [*draft.doubts, *came.notes]
    if not looks_official(draft):
        doubts.append(_("shows no sign of being an official document: no number, and not two of title, kind and date"))
    item = Item(
        items.item_id(today, data), today, by, url, came.name, came.suffix, entry_format.dump(policy),
        tuple(" ".join(one.split()) for one in doubts),
    )  # fmt: skip
    return replace(item, proposals=tuple(_read(draft, text, authority)))


def text_of(data: bytes, name: str) -> str:
    """All lines of a document as they stand in it, with its head and its end: what was read is found there again."""
    source = read_lines(data, name=name)
    lines = sorted((*source.lines, *source.dropped), key=lambda line: line.number)
    return "\n".join(line.text for line in lines)


def _read(draft: Draft, text: str, authority: Authority) -> list[Proposal]:
    """What was read for each field, the evidence beside it."""
    found, title = [], str(draft.value("title", ""))
    for one in EDITABLE:
        read = draft.found.get(one.name)
        if read is None:
            continue
        stands = places.find(read.value, read.where, text, authority)
        if one.name in _CONCLUDED and str(read.value) not in title:
            stands = []  # the word stands elsewhere, and says nothing there
        quotes = dict.fromkeys(places.sentence(text, place) for place in stands)
        words = dict.fromkeys(" ".join(text[place.start : place.end].split()) for place in stands)
        proposal = Proposal("field", "", one.name, written(read.value), " … ".join(quotes), tuple(filter(None, words)))
        found.append(replace(proposal, where=read.where, sureness=read.confidence))
    return found


def written(value: Any) -> str:
    """A field's value as a person writes it into a form."""
    if isinstance(value, tuple):
        return "、".join(map(str, value))
    return value.isoformat() if isinstance(value, date) else "" if value is None else str(value)


def in_front_matter(name: str, value: str | Sequence[str]) -> object:
    """What a person wrote into a form, or several values of it, as front matter has it; None for nothing.

    Raises DocumentError for what no field can be.
    """
    field = next((one for one in EDITABLE if one.name == name), None)
    if field is None:
        names = ", ".join(one.name for one in EDITABLE)
        raise DocumentError(_("there is no such field; there are {names}").format(names=names), key=name)
    values = [" ".join(one.split()) for one in ([value] if isinstance(value, str) else value)]
    values = [one for one in values if one]
    if not values:
        return None
    if field.type == "titles":
        return values
    if field.type == "names":
        return listed_names("、".join(values))
    if field.type == "count":
        if not (values[0].isascii() and values[0].isdigit() and len(values[0]) < 5):
            raise DocumentError(_("{value} is not a number of departments").format(value=values[0]), key=name)
        return int(values[0])
    return values[0]


def corrected(item: Item, changes: Mapping[str, str | Sequence[str]], body: str | None = None) -> Item:
    """A document's item with fields of its draft, and its text, as a person wrote them. Raises DocumentError."""
    if item.draft is None:
        raise CorpusError(_("{id} is no document").format(id=item.id))
    text = entry_format.edit(item.draft, {name: in_front_matter(name, value) for name, value in changes.items()})
    if body is not None:
        text = entry_format.with_body(text, body)
    entry_format.parse(text, id=item.id)
    return replace(item, draft=text)


@dataclass(frozen=True, slots=True)
class Compared:
    """What the corpus has of a document: ``same`` is its entry, which may have only a summary of it (``lacks_text``).

    ``alike`` are entries of the same title that are taken for other documents.
    """

    same: Policy | None = None
    lacks_text: bool = False
    alike: tuple[Policy, ...] = ()


def compared(corpus: Corpus, item: Item) -> Compared:
    """Holds a draft against all entries. Raises DocumentError where it cannot be read."""
    policy = _policy(item)
    entries = list(corpus.policies())
    plan = same_document.plan([policy], entries)
    if plan.known:
        (same,) = plan.known
        return Compared(same, same_document.is_summary_of(same.body, policy.body))
    return Compared(alike=tuple(one for one in entries if one.title == policy.title))


def taken_in(
    corpus: Corpus, item: Item, original: bytes | None, *, today: date, to: str = "", anyway: bool = False
) -> list[Write]:
    """What makes an entry of a draft, or puts its text into the entry ``to``; its files in the inbox go.

    Raises `CorpusError` where the corpus has the document already, unless ``anyway``, or it has no title.
    """
    if to:
        return [*_put_into(corpus, corpus.resolve(to), item, original), *items.removed(corpus, item)]
    policy = _policy(item)
    if policy.title == UNTITLED:
        raise CorpusError(_("{name}: has no title; write it first").format(name=item.name or item.id))
    known = compared(corpus, item)
    if known.same and not anyway:
        problem = _("{name}: the corpus has this document already: {id}")
        raise CorpusError(problem.format(name=item.name or item.id, id=known.same.id))
    policy = replace(policy, id=same_document.free_id_in(corpus, entry_id(policy.date, policy.title)))
    writes: list[Write] = []
    changes = {"added": today} | _kept(corpus, policy, item, original, writes)
    addition = corpus.addition(policy)
    text = entry_format.edit(item.draft or "", changes)
    return [addition._replace(data=text.encode()), *writes, *items.removed(corpus, item)]


def _put_into(corpus: Corpus, path: Path, item: Item, original: bytes | None) -> list[Write]:
    existing, policy = corpus.read(path), _policy(item)
    if same_document.contains(existing.body, policy.body):
        raise CorpusError(_("{name}: the entry has this text already: {id}").format(name=item.name, id=existing.id))
    writes: list[Write] = []
    changes = filled_in(existing, policy)
    if not existing.original:
        changes |= _kept(corpus, existing, item, original, writes)
    return [joined(corpus, path, changes, "official", policy.body), *writes]


def _kept(corpus: Corpus, policy: Policy, item: Item, original: bytes | None, writes: list[Write]) -> dict[str, str]:
    """The keys that name the original of an entry, whose file is added to ``writes``; none where there is none."""
    if original is None:
        return {}
    write, keys = originals.keeping(corpus, policy.id, item.suffix, original)
    writes.append(write)
    return keys


def _policy(item: Item) -> Policy:
    if item.draft is None:
        raise CorpusError(_("{id} is no document").format(id=item.id))
    return entry_format.parse(item.draft, id=item.id)
