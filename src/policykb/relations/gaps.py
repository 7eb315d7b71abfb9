"""What a knowledge base lacks: documents that are cited and not held, finals of old drafts, fields that are empty."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from policykb.domain.relation import relation_words
from policykb.domain.wording import is_organ, split_organs
from policykb.mining.stored import PART, stored_relations
from policykb.ranking.meaning import DRAFT
from policykb.relations.graph import Graph
from policykb.relations.overview import id_at

if TYPE_CHECKING:
    from policykb.search.links import Links

LACKING = ("number", "effective", "source", "text")
_FIRST = 200  # most cited documents, which are nearly always enough
_OPEN_FOR = 365  # days after which a draft without a final is worth a look
# who issued a document, as it stands before its name: 国务院印发的《甲》, 财政部《关于乙的通知》
_ISSUED_BY = re.compile(
    r"([^\s，。；：、（）()《》0-9]{2,25}?)(?:(?:联合)?(?:印发|发布|公布|制定|出台|下发|颁布)的?)?《$"
)
# or behind it: 《甲》（财政部等部门，2023年）, 《甲》由财政部联合两部门印发
_BEHIND = re.compile(
    r"(?:（([^（），、0-9]{2,25}?)(?:等[^，）]{0,8})?[，）]"
    r"|[^。；《》]{0,20}?由([^，。；]{2,20}?)(?:联合[^，。；]{0,12})?(?:印发|发布|公布|制定))"
)

_Key = tuple[str, str]  # what a document is cited by, as `policykb.mining.indexed` has it, and 征求意见稿 for a draft


class Gap(NamedTuple):
    """A document that is not held: its name as it is cited, number and issuer where a text gives them.

    ``entries`` cite it; ``sentences`` are their ids, each with the sentence.
    """

    title: str
    number: str
    issuer: str
    entries: int
    sentences: Sequence[tuple[str, str]]


class Some(NamedTuple):
    """How many entries there are of a kind, and the ids of the first."""

    total: int
    ids: Sequence[str]


class Gaps(NamedTuple):
    """``cited``: the documents that are not held, ``total`` of them, most cited first; ``drafts``: drafts of more than
    a year ago without a final; ``lacking``: entries without a field, or without the official text, by its name."""

    cited: Sequence[Gap]
    total: int
    drafts: Some
    lacking: Mapping[str, Some]


def gaps(links: Links, today: date, limit: int | None = None, listed: int | None = None) -> Gaps:
    """What is lacking on a day: the ``limit`` most cited documents, and ``listed`` ids of each kind, or all."""
    total, missing = _most_cited(links, limit)
    found = [_gap(links, {(key, version) for key, version in keys}, some) for keys, some in missing]
    without: list[int] = links.once("unfinished", lambda: _unfinished(links))
    unfinished = [one for one in without if 0 < links.days[one] < today.toordinal() - _OPEN_FOR]
    everything = set(links.documents())
    lacking = {}
    for name in LACKING:
        having = {one for _term, documents in links.listed("stated", name) for one in documents}
        lacking[name] = _some(links, everything - having, listed)
    return Gaps(found, total, _some(links, unfinished, listed), lacking)


def _unfinished(links: Links) -> list[int]:
    """The drafts without a final; only they are looked at, since the states of all take far longer."""
    graph = Graph(links)
    drafts = links.having("status", DRAFT)
    return [one for one in drafts if not any(step.state == "已定稿" for step in graph.validity(one))]


def _most_cited(links: Links, limit: int | None) -> tuple[int, list[Any]]:
    """How many documents are cited and not held, and the most cited of them; the first are kept by themselves."""

    def every() -> list[Any]:
        found: list[Any] = links.once("missing", lambda: _missing(links))
        return found

    total, first = links.once("cited", lambda: [len(every()), every()[:_FIRST]])
    return total, (first if limit is not None and limit <= _FIRST else every())[:limit]


def _some(links: Links, documents: Collection[int], listed: int | None) -> Some:
    if listed is not None and len(documents) > listed:
        return Some(len(documents), ())
    return Some(len(documents), sorted(id_at(links, one) for one in documents))


def _missing(links: Links) -> list[Any]:
    """The documents that are cited and not held: what each is cited by, and by which entries, the most cited first.

    A number that stands beside a title anywhere is of that document, wherever else it stands alone.
    """
    citing: dict[_Key, set[int]] = {}
    titles: dict[str, _Key] = {}
    numbers: dict[_Key, set[_Key]] = defaultdict(set)
    for term, documents in links.listed("relation"):
        key, version, _rest = term.split(PART, 2)
        if key[0] in "=#":
            citing.setdefault((key, version if version == DRAFT else ""), set()).update(documents)
        elif key[0] == "+" and version:
            title, number = (version, ""), ("#" + key[1:], "")
            titles.setdefault(number[0], title)
            numbers[title].add(number)
    held = set(_held(links))
    found: dict[_Key, set[int]] = defaultdict(set)
    for cited, entries in citing.items():
        target = titles.get(cited[0], cited) if cited[0][0] == "#" else cited
        if held.isdisjoint({cited, target, *numbers.get(target, ())}):
            found[target] |= entries
    most = sorted(found.items(), key=lambda one: (-len(one[1]), one[0]))
    return [[[key, *sorted(numbers.get(key, ()))], sorted(entries)] for key, entries in most]


def _held(links: Links) -> Iterator[_Key]:
    """What the held documents are cited by; a draft is not what its name without 征求意见稿 means."""
    drafts = frozenset(links.having("status", DRAFT))
    for kind in "=#":
        for term, documents in links.listed("cited", kind):
            key, version = term.split(PART)
            if version == DRAFT:
                yield key, DRAFT
            elif not drafts.issuperset(documents):
                yield key, ""


def _gap(links: Links, keys: set[_Key], documents: Iterable[int]) -> Gap:
    names: dict[str, int] = defaultdict(int)
    number, issuer, sentences = "", "", []
    for document in documents:
        for one, targets in stored_relations(links.entry(document)):
            if any((target, version if version == DRAFT else "") in keys for target, version in targets):
                names[one.title] += 1
                number = number or one.number
                issuer = issuer or _issuer(one.title, one.quote)
                sentences.append((id_at(links, document), one.quote))
    title = min(names, key=lambda name: (not name, -names[name], name)) if names else next(iter(keys))[0][1:]
    return Gap(title, number, issuer, len({id for id, _quote in sentences}), sentences)


def _issuer(title: str, quote: str) -> str:
    """Who issued a document, as its name or the words before it in the sentence say."""
    if issuer := split_organs(title)[0]:
        return issuer
    at = quote.find(f"《{title}》") if title else -1
    match = _ISSUED_BY.search(quote[max(at - 40, 0) : at + 1]) if at >= 0 else None
    if match is None:
        behind = _BEHIND.match(quote, at + len(title) + 2) if at >= 0 else None
        named = (behind[1] or behind[2]) if behind else ""
        return named if is_organ(named) else ""
    before, cues = match[1], relation_words()["names"]["before_numbers"]
    long = [cue for cue in cues if len(cue) > 1]
    for start in range(len(before)):
        begins = not start or before[:start].endswith(tuple(cues))
        if begins and is_organ(before[start:]) and not any(cue in before[start:] for cue in long):
            return before[start:]
    return ""
