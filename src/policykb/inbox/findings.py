"""What policykb itself proposes for entries: worked out anew from the files each time, and stored nowhere.

Tags for entries that have none; relations that nobody has confirmed, to what is held or of a kind that changes it;
fields that are lacking or doubtful, with what the text says of them; and the findings of `check`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from policykb.corpus.check import check
from policykb.corpus.corpus import Corpus
from policykb.corpus.folder import id_of
from policykb.domain.issuers import Authority
from policykb.domain.policy import MEETING, Policy
from policykb.domain.relation import CHANGING
from policykb.domain.vocabulary import Vocabulary
from policykb.errors import UnknownNameError
from policykb.importing.official.draft import read_document
from policykb.importing.sources import read_lines
from policykb.inbox import places
from policykb.inbox.documents import written
from policykb.inbox.proposal import Proposal
from policykb.mining.mining import mine
from policykb.relations.overview import overview
from policykb.tagging.tagger import Tagger

if TYPE_CHECKING:
    from policykb.relations.overview import Overview

Linked = Callable[[Callable[..., Any]], Any]  # `Engine.linked`
_STATED = {"date": 0.5, "issuers": 0.5, "number": 0.8}  # how sure a value must be that the text states


def found_in(
    corpus: Corpus, authority: Authority, vocabulary: Vocabulary, linked: Linked, *, today: date
) -> Iterator[Proposal]:
    """All of them, by kind. ``linked`` answers from the index, which the caller has brought up to date."""
    policies = [policy for path in corpus.paths() if (policy := corpus.examine(path).policy)]
    fields = [one for policy in policies for one in _fields(policy, authority, vocabulary)]
    covered = {(one.entry, one.name) for one in fields}
    yield from fields
    for finding in check(corpus, authority, vocabulary):
        entry = id_of(finding.path)
        if (entry, finding.key) not in covered:
            where = corpus.relative(finding.path)
            yield Proposal("finding", entry, finding.key or "", finding.problem, where=where, line=finding.line)
    yield from _tags(policies, vocabulary)
    yield from _relations(corpus, policies, linked, today)


def _tags(policies: Iterable[Policy], vocabulary: Vocabulary) -> Iterator[Proposal]:
    """The tags of untagged entries; where none is found, that a person should choose one."""
    policies = list(policies)
    untagged = [policy for policy in policies if not policy.tags]
    tagger = Tagger(vocabulary, (policy for policy in policies if policy.tags)) if untagged else None
    for policy in untagged if tagger else ():
        suggested = tagger.suggest(policy) if tagger else ()
        for one in suggested:
            said = [each for each in one.evidence if each.weight > 0]
            quote = said[0].text if said else ""
            words = tuple(dict.fromkeys(each.words for each in said if each.words in quote))
            field = said[0].field if said else ""
            yield Proposal("tag", policy.id, "", one.tag, quote, words, field, one.score)
        if not suggested:
            yield Proposal("tag", policy.id, "", "")


def _relations(corpus: Corpus, policies: Iterable[Policy], linked: Linked, today: date) -> Iterator[Proposal]:
    paths = {id_of(path): corpus.relative(path) for path in corpus.paths()}
    for policy in policies:
        known: Overview | None = linked(partial(overview, path=paths.get(policy.id, ""), day=today))
        for one in known.out if known else ():
            said = one.relation
            if said.confirmed or not (one.id or said.type in CHANGING):
                continue
            target = said.title or one.title or said.number
            by_name = said.offset < 0 and said.quote in (policy.title, "")
            proposal = Proposal(
                "relation", policy.id, said.type, target, said.quote, (said.title,) if said.title else ()
            )
            yield replace(
                proposal, where="title" if by_name else "body", number=said.number, day=said.date, partial=said.partial
            )  # fmt: skip


def _fields(policy: Policy, authority: Authority, vocabulary: Vocabulary) -> Iterator[Proposal]:
    """What an entry lacks, or says in a way that lists of names do not know, each with what should stand there."""
    yield from _lacking(policy, authority)
    for name, resolve in (("issuers", authority.resolve), ("tags", vocabulary.resolve)):
        values = getattr(policy, name)
        known = tuple(dict.fromkeys(_resolved(one, resolve) for one in values))
        if known != values:
            changed = tuple(one for one in values if one not in known)
            yield Proposal("field", policy.id, name, written(known), written(values), changed, "front matter", 1.0)
    mined = mine(policy)
    for name, clause in (("effective", mined.effective), ("expires", mined.expires)):
        if clause and not getattr(policy, name) and clause.day != policy.date:
            text = policy.body
            place = places.find(clause.day, "", text[clause.start : clause.end], authority)
            words = tuple(text[clause.start + one.start : clause.start + one.end] for one in place)
            quote = " ".join(text[clause.start : clause.end].split())
            yield Proposal("field", policy.id, name, written(clause.day), quote, words, "body", 0.9)


def _lacking(policy: Policy, authority: Authority) -> Iterator[Proposal]:
    """The day and the departments of an entry that has none, as its own text states them; empty where it does not."""
    names = [name for name in ("date", "issuers") if not getattr(policy, name)]
    if policy.kind == MEETING:
        names = [name for name in names if name != "issuers"]
    if not names:
        return
    text = f"{policy.title}\n\n{policy.body}"
    draft = read_document(read_lines(text.encode("utf-8", "replace"), name="entry.txt"), authority)
    for name in names:
        read = draft.found.get(name)
        if read is None or read.confidence < _STATED[name]:
            yield Proposal("field", policy.id, name, "")
            continue
        stands = places.find(read.value, read.where, text, authority)
        quote = " … ".join(dict.fromkeys(places.sentence(text, one) for one in stands))
        words = tuple(dict.fromkeys(text[one.start : one.end] for one in stands))
        yield Proposal("field", policy.id, name, written(read.value), quote, words, read.where, read.confidence)


def _resolved(name: str, resolve: Callable[[str], str]) -> str:
    try:
        return resolve(name)
    except UnknownNameError:
        return name
