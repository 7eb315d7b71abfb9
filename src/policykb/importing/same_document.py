"""Whether two entries are about the same document, how they differ, and what an import would change.

The same document is written in many ways: with its departments and the notice around it or without, with other
brackets and spaces, dated by its signing or its publication. A consultation draft, a trial version and the final
version are three documents, and so are the reports of two years.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from policykb.corpus.corpus import Corpus
from policykb.corpus.folder import id_of
from policykb.domain.policy import FIELDS, OF_THE_FILE, Policy
from policykb.domain.wording import clean_name, split_organs, status_of, unwrap, words
from policykb.text.fold import letters

# Not compared: an import has no tags, any of several sources is right, and any of several files.
_COMPARED = tuple(one.name for one in FIELDS if one.name not in ("tags", "source", *OF_THE_FILE))
_DAYS_APART = 62  # from signing to publication, at most; more is another year's document of the same name
_SUMMARY = 0.5  # of the length of a text: what is shorter is a summary of it
_LONG_ENOUGH = 12  # characters of a name in which one wrong or missing character does not make another name


@dataclass(frozen=True, slots=True)
class Difference:
    """A key that two entries give differently; ``body`` is a key too."""

    key: str
    old: object
    new: object


@dataclass(frozen=True, slots=True)
class Change:
    """An entry that exists already and what an import says differently about it."""

    existing: Policy
    imported: Policy
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do: entries to add, entries that exist as they are, entries that exist and differ."""

    new: tuple[Policy, ...]
    unchanged: tuple[Policy, ...]
    changed: tuple[Change, ...]

    @property
    def known(self) -> tuple[Policy, ...]:
        """The entries that exist."""
        return (*self.unchanged, *(change.existing for change in self.changed))


def same_document(one: Policy, other: Policy) -> bool:
    """Whether two entries are about the same document, however its name is written.

    Two numbers decide alone. Else the names must agree, the version (draft, trial, final) must, and the dates lie
    at most 62 days apart; at one date a name may have one character missing or mistaken for a look-alike. Where a
    date is not known, it takes the same text: decisions of two years have one name. The versions of a law, last changed
    on two days, are two documents.
    """
    if one.number and other.number:
        return letters(one.number) == letters(other.number)
    if _version(one) != _version(other):
        return False
    if one.history and other.history and one.history[-1].get("date") != other.history[-1].get("date"):
        return False
    apart = _days_apart(one, other)
    if letters(one.body) != letters(other.body) if apart is None else apart > _DAYS_APART:
        return False
    mine, theirs = _names(one), _names(other)
    if _key(one.title) == _key(other.title) or mine == theirs:
        return True
    if one.date != other.date or len(mine) != len(theirs):
        return False
    return all(any(_nearly(name, written) for written in theirs) for name in mine)


def compare(old: Policy, new: Policy) -> list[Difference]:
    """Where ``new`` says something that ``old`` does not say so; what ``new`` is silent on is no difference."""
    differences = [
        Difference(key, before, after)
        for key in _COMPARED
        if (after := getattr(new, key)) not in (None, "", ()) and after != (before := getattr(old, key))
        # concluded, not read: that an entry does not say it is no difference
        if before is not None or key not in ("level", "region")
    ]
    if not contains(old.body, new.body):
        differences.append(Difference("body", old.body, new.body))
    return differences


def contains(body: str, text: str) -> bool:
    """Whether a body says all of a text already."""
    return letters(text) in letters(body)


def is_summary_of(short: str, whole: str) -> bool:
    """Whether one text is so much shorter than another that it cannot be the same, and does not stand in it."""
    return len(letters(short)) < _SUMMARY * len(letters(whole)) and not contains(short, whole)


def merge(existing: Policy, imported: Policy, base: Policy | None = None) -> dict[str, object]:
    """What ``--update`` changes in an existing entry: new values by key, ``body`` among them.

    ``base`` is the entry as the last import wrote it: a value that still stands as imported is replaced, one that a
    person changed is kept. Without ``base`` everything that stands there may be a person's, so only what is empty is
    filled in. Tags, source, original and unknown keys are never touched.
    """
    changes: dict[str, object] = {}
    for difference in compare(existing, imported):
        as_imported = base is not None and getattr(base, difference.key) == difference.old
        if as_imported or difference.old in (None, "", ()):
            changes[difference.key] = difference.new
    return changes


def plan(policies: Iterable[Policy], existing: Iterable[Policy]) -> Plan:
    """Compare an import with what is there; each existing entry answers for one of the import at most.

    A new entry whose id is taken by another document gets -2, -3 and so on after it.
    """
    policies = list(policies)
    days = {
        policy.date.toordinal() + n for policy in policies if policy.date for n in range(-_DAYS_APART, _DAYS_APART + 1)
    }
    undated = {_key(policy.title) for policy in policies if policy.date is None}
    numbers = {letters(policy.number) for policy in policies if policy.number}
    taken: dict[str, int] = {}
    by_id: dict[str, Policy] = {}
    found: dict[str | date, list[Policy]] = defaultdict(list)  # by each date and name
    for policy in existing:
        taken[policy.id.casefold()] = 1
        known = policy.date is None or policy.date.toordinal() in days or _key(policy.title) in undated
        if known or (policy.number and letters(policy.number) in numbers):
            by_id[policy.id] = policy
            for handle in _handles(policy):
                found[handle].append(policy)
    answered: set[str] = set()
    new: list[Policy] = []
    unchanged: list[Policy] = []
    changed: list[Change] = []
    for policy in policies:
        match = by_id.get(policy.id)
        if match is None or match.id in answered or not same_document(match, policy):
            near = {other.id: other for handle in _handles(policy) for other in found.get(handle, ())}.values()
            likely = (other for other in near if other.id not in answered and same_document(other, policy))
            match = min(likely, key=lambda other: (_days_apart(policy, other) or 0, other.id), default=None)
        if match is None:
            new.append(replace(policy, id=free_id(policy.id, taken)))
        else:
            answered.add(match.id)
            if differences := compare(match, policy):
                changed.append(Change(match, policy, tuple(differences)))
            else:
                unchanged.append(match)
    return Plan(tuple(new), tuple(unchanged), tuple(changed))


def free_id(id: str, taken: dict[str, int]) -> str:
    """The id, or where it is taken the id with -2, -3 and so on after it; takes it.

    ``taken`` maps each id, case folded since capitals make no other file on Windows, to the last number that was given
    after it, 1 for none.
    """
    number = taken.get(id.casefold(), 1)
    free = id
    while free.casefold() in taken:
        number += 1
        free = f"{id}-{number}"
    taken[free.casefold()] = 1
    taken[id.casefold()] = number
    return free


def free_id_in(corpus: Corpus, id: str) -> str:
    """The id, or where an entry of the corpus has it the id with a number after it."""
    return free_id(id, {id_of(path).casefold(): 1 for path in corpus.paths()})


def _handles(policy: Policy) -> Iterator[str | date]:
    """What entries about the same document have in common."""
    if policy.date:
        yield policy.date
    yield _key(policy.title)
    yield from _names(policy)
    if policy.number:
        yield letters(policy.number)


def _days_apart(one: Policy, other: Policy) -> int | None:
    return abs((one.date - other.date).days) if one.date and other.date else None


def _names(policy: Policy) -> frozenset[str]:
    return frozenset(map(_key, policy.documents)) or frozenset([_key(policy.title)])


@lru_cache(maxsize=4096)
def _key(name: str) -> str:
    """A name as it is compared: without its departments, the notice around it, its version, marks and spaces."""
    bare = split_organs(clean_name(name))[1]
    inner, _ = unwrap(bare)
    text = split_organs(inner[0])[1] if len(inner) == 1 else bare
    for status in words()["status"]:
        for word in status["words"]:
            text = re.sub(rf"[（(]\s*{re.escape(word)}\s*[)）]|{re.escape(word)}$", "", text)
    return letters(text).removeprefix("关于") or letters(name)


def _version(policy: Policy) -> str:
    stated = status_of("".join((policy.title, *policy.documents)))
    return stated if stated != "正式" else policy.status or stated


def _nearly(one: str, other: str) -> bool:
    """Equal but for one character that is missing, or mistaken for a look-alike; figures are never mistaken."""
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    if len(short) < _LONG_ENOUGH or len(long) - len(short) > 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) < len(long):
        return not long[at].isdecimal() and short[at:] == long[at + 1 :]
    confused = any(short[at] in alike and long[at] in alike for alike in words()["matching"]["lookalikes"])
    return confused and short[at + 1 :] == long[at + 1 :]
