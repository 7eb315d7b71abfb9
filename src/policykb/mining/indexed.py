"""What an index keeps of an entry's relations: the terms it is found by, and the relations themselves as plain data.

Terms of the field ``relation``: target, its version, type, day, ``partial``, with `PART` of `policykb.mining.stored`
between them. The target is ``=`` and the work of a `TitleKey`, ``#`` and a number, ``+`` and the number of one that
has a title as well, which stands in place of the version, or ``@`` and an id. Terms of ``cited``: what an entry is
cited by, and its version, written likewise. Terms of ``alike``: what names that look alike have in common. Terms of
``stated``: what an entry has of effective, expires, ended, number, source and text (the official one), and the day
where it is one; `REFUSING` where a person rejected relations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from policykb.domain.policy import Policy
from policykb.domain.relation import Relation, relation_words
from policykb.domain.wording import NUMBER, words
from policykb.mining.mining import Mined, mine
from policykb.mining.stored import PART, alike
from policykb.text.title_keys import keys_of, reference_key, title_key

REFUSING = "refusing"  # the term of ``stated`` of an entry that a person rejected relations of
_ID = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:-|$)")


def indexed(policy: Policy) -> tuple[dict[str, Any], dict[str, set[str]]]:
    """What is stored of an entry's relations, and its terms by field."""
    mined = mine(policy)
    found = list(relations(policy, mined))
    stated = {("effective", policy.effective or (mined.effective and mined.effective.day))}
    stated |= {("expires", policy.expires or (mined.expires and mined.expires.day))}
    stated |= {("ended", one["date"]) for one in policy.ended}
    has = {name for name in ("number", "source") if getattr(policy, name)}
    has |= {"text"} if _has_official_text(policy) else set()
    has |= {REFUSING} if policy.rejected_relations else set()
    keys = list(dict.fromkeys(keys_of(policy)))
    terms = {
        "relation": {term for one in found for term in relation_terms(one)},
        "stated": {f"{what}{PART}{day.isoformat()}" for what, day in stated if day} | has,
        "cited": {PART.join(name) for name in names(policy)},
        "alike": {term for key in keys for term in alike(key.work)},
    }
    clauses = {
        name: list(clause) for name, clause in (("effective", mined.effective), ("expires", mined.expires)) if clause
    }
    cited = [list(name) for name in names(policy)]
    return {
        "links": [[list(one), list(map(list, targets(one)))] for one in found],
        "clauses": clauses,
        "names": cited,
    }, terms


def _has_official_text(policy: Policy) -> bool:
    """Whether an entry holds its document's own text, and not only a summary of it."""
    heading = f"## {words()['sections']['official']}\n"
    speaks = relation_words()["cues"]["basis"]["making"]
    return bool(policy.original) or heading in policy.body or any(cue in policy.body for cue in speaks)


def relations(policy: Policy, mined: Mined) -> Iterator[Relation]:
    """What a person confirmed, and what the text says where nobody has decided otherwise."""
    decided = [Relation.from_front_matter(written) for written in policy.relations]
    rejected = {(one["type"], _target(Relation("cites", one["target"]))) for one in policy.rejected_relations}
    found = {_target(one): one for one in mined.relations}
    for one in decided:
        said = found.get(_target(one))
        if said and not one.quote:
            one = one._replace(quote=said.quote, offset=said.offset, number=one.number or said.number)
        yield one
    settled = {_target(one) for one in decided}
    for target, one in found.items():
        if target not in settled and not {(one.type, target), ("cites", target)} & rejected:
            yield one


def relation_terms(one: Relation) -> Iterator[str]:
    """The terms that a relation is found by."""
    rest = (one.date.isoformat() if one.date else "", "partial" if one.partial else "")
    for target, version in targets(one):
        yield PART.join((target, version, one.type, *rest))


def targets(one: Relation) -> Iterator[tuple[str, str]]:
    """What a relation's target is found by, the surest first, each with its version."""
    if _ID.match(one.title):
        yield f"@{one.title}", ""
    elif NUMBER.fullmatch(one.title):
        yield f"#{reference_key(one.title)}", ""
    elif one.title:
        key = title_key(one.title)
        yield f"={key.work}", key.version
    if one.number:
        titled = title_key(one.title).work if one.title else ""
        yield f"{'+' if one.title else '#'}{reference_key(one.number)}", titled and f"={titled}"


def _target(one: Relation) -> tuple[str, str]:
    return next(targets(one), ("", ""))


def names(policy: Policy) -> Iterator[tuple[str, str]]:
    """What an entry is cited by, each with its version."""
    for key in dict.fromkeys(keys_of(policy)):
        yield f"={key.work}", key.version
    if policy.number:
        yield f"#{reference_key(policy.number)}", ""
    yield f"@{policy.id}", ""
