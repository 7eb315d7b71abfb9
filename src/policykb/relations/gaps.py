"""What a knowledge base lacks: documents that are cited and not held, finals of old drafts, fields that are empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from policykb.domain.wording import split_organs
from policykb.mining.stored import PART, stored_relations
from policykb.relations.graph import DRAFT, Graph
from policykb.relations.overview import id_at

if TYPE_CHECKING:
    from policykb.search.links import Links

LACKING = ("number", "effective", "source")
_OPEN_FOR = 365  # days after which a draft without a final is worth a look


class Gap(NamedTuple):
    """A document that is not held: its name as it is cited, number and issuer where a text gives them.

    ``entries`` cite it; ``sentences`` are their ids, each with the sentence.
    """

    title: str
    number: str
    issuer: str
    entries: int
    sentences: Sequence[tuple[str, str]]


class Gaps(NamedTuple):
    """``cited``: the documents that are not held, ``total`` of them, most cited first; ``drafts``: ids of drafts of
    more than a year ago without a final; ``lacking``: ids of entries without a field, by its name."""

    cited: Sequence[Gap]
    total: int
    drafts: Sequence[str]
    lacking: Mapping[str, Sequence[str]]


def gaps(links: Links, today: date, limit: int | None = None) -> Gaps:
    """What is lacking on a day; the ``limit`` most cited documents, or all."""
    citing: dict[tuple[str, str], set[int]] = {}
    for term, documents in links.listed("relation"):
        key, version, _rest = term.split(PART, 2)
        if key[0] in "=#":
            citing.setdefault((key, version if version == DRAFT else ""), set()).update(documents)
    held: set[tuple[str, str]] = set()
    drafts = frozenset(links.having("status", DRAFT))
    for kind in "=#":
        for term, documents in links.listed("cited", kind):
            key, version = term.split(PART)
            is_draft = version == DRAFT
            if is_draft or not drafts.issuperset(documents):
                held.add((key, DRAFT if is_draft else ""))
    missing = [(key, documents) for key, documents in citing.items() if key not in held]
    missing.sort(key=lambda one: (-len(one[1]), one[0]))
    found = [_gap(links, key, sorted(documents)) for key, documents in missing[:limit]]
    graph = Graph(links)
    old = [one for one in drafts if 0 < links.days[one] < today.toordinal() - _OPEN_FOR]
    unfinished = sorted(
        id_at(links, one) for one in old if not graph.final_of(one) and graph.state(one, today) != "已定稿"
    )
    everything = set(links.documents())
    lacking = {}
    for name in LACKING:
        having = {one for _term, documents in links.listed("stated", name) for one in documents}
        lacking[name] = sorted(id_at(links, one) for one in everything - having)
    return Gaps(found, len(missing), unfinished, lacking)


def _gap(links: Links, key: tuple[str, str], documents: Sequence[int]) -> Gap:
    names: dict[str, int] = {}
    number, sentences = "", []
    for document in documents:
        for one, targets in stored_relations(links.entry(document)):
            if any((target, version if version == DRAFT else "") == key for target, version in targets):
                names[one.title] = names.get(one.title, 0) + 1
                number = number or one.number
                sentences.append((id_at(links, document), one.quote))
    title = min(names, key=lambda name: (-names[name], name)) if names else key[0][1:]
    return Gap(title, number, split_organs(title)[0], len(documents), sentences)
