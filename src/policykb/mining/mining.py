"""A text -> what it says of other documents, and from when to when it is in force. A pure function of the entry."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from policykb.domain.dates_in_text import find_dates
from policykb.domain.policy import Policy
from policykb.domain.relation import CHANGING, Relation, RelationType, relation_words
from policykb.mining.citations import Citation, alias, citations, generic, names_together
from policykb.mining.cues import Said, is_chained, is_listed, names_an_article, read, sentence
from policykb.mining.life import Clause, commencement, expiry
from policykb.mining.lists import listed
from policykb.mining.own import brought, is_issuer, is_own, is_short, is_this, own_numbers
from policykb.text.fold import letters
from policykb.text.title_keys import TitleKey, keys_of, reference_key, title_key

_LIST_MARK = re.compile(r"\s*(?:[-*+>]\s+|#+\s+)*")
_END_OF_WORD = {"法", "条例"}


class Mined(NamedTuple):
    """What a text says: relations in the order in which they stand there, its commencement and its expiry."""

    relations: Sequence[Relation] = ()
    effective: Clause | None = None
    expires: Clause | None = None


def mine(policy: Policy) -> Mined:
    """Reads an entry. What it says of itself, and says twice, is given once or not at all."""
    text = policy.body
    runs = list(names_together(text))
    own = {*keys_of(policy), *map(title_key, filter(None, brought(policy.title, text, runs)))}
    works = {one.work for one in own}
    numbers = own_numbers(policy, runs, works)
    effective = commencement(policy.body, (policy.title, *policy.documents), policy.date, policy.published)
    begins = policy.effective or (effective.day if effective else policy.date or policy.published)
    found: dict[tuple[TitleKey, str], Relation] = {}
    for relation in (*_in_title(policy), *_in_body(policy, runs)):
        key = title_key(relation.title) if relation.title else TitleKey("")
        number = reference_key(relation.number) if relation.number else ""
        its_own = key.work in works and (key in own or not key.version) or is_short(relation.title, works)
        if relation.title.endswith("通知"):
            its_own = its_own or is_own(relation.title, works)
        if its_own and relation.type not in ("repeals", "replaces"):  # those are said of an earlier version
            continue
        if not relation.title and any(number.endswith(one) or one.endswith(number) for one in numbers):
            continue
        place = (key, "" if relation.title else number)
        known = found.get(place)
        better = known and known.offset < 0 and relation.type == known.type  # the sentence says more than the title
        if known is None or better or _stronger(relation, known):
            found[place] = relation._replace(number=relation.number or (known.number if known else ""))
        elif relation.number and not known.number:
            found[place] = known._replace(number=relation.number)
    numbered = {reference_key(one.number) for one in found.values() if one.title and one.number}
    relations = [one for one in found.values() if one.title or reference_key(one.number) not in numbered]
    return Mined(sorted(relations, key=lambda one: one.offset), effective, expiry(policy.body, begins))


_STRENGTH: dict[RelationType, int] = {
    "cites": 0, "implements": 1, "basis": 2, "interprets": 3, "finalises": 3, "amends": 4, "replaces": 5, "repeals": 6,
}  # fmt: skip


def _stronger(new: Relation, old: Relation) -> bool:
    return _STRENGTH[new.type] > _STRENGTH[old.type]


def _in_title(policy: Policy) -> Iterator[Relation]:
    words = relation_words()["titles"]
    for one in citations(policy.title):
        if not one.name and is_issuer(policy.title[: one.start]):
            continue  # 某部令〔2024〕第3号（甲办法）: its own number
        before, after = policy.title[: one.start], policy.title[one.end :]
        types: tuple[RelationType, ...] = ("amends", "repeals", "implements")
        near = before[-14:]
        type = next((type for type in types if any(word in near for word in words[type])), None)
        if type == "implements" and near.endswith(tuple(words["not_implements"])):
            type = None
        if type is None:
            type = "interprets" if any(word in after or word in before for word in words["interprets"]) else "cites"
        yield Relation(type, one.name, one.number, quote=policy.title)
    for end in words["of"]:
        if policy.title.endswith(end) and (of := policy.title.removesuffix(end)).endswith(tuple(_END_OF_WORD)):
            yield Relation("implements", of, quote=policy.title)


def _in_body(policy: Policy, runs: Sequence[list[Citation]]) -> Iterator[Relation]:
    text = policy.body
    lists = list(listed(text, policy.title))
    for start, end, name, number in lists:
        yield Relation("repeals", name, number, quote=text[start:end], offset=start)
    named: list[str] = [policy.title, *policy.documents]
    aliases: dict[str, str] = {}
    readings = _readings(text, runs)
    for run, said, (start, end) in zip(
        runs, readings, (sentence(text, run[0].start, run[-1].end) for run in runs), strict=True
    ):
        day = _day(text[start:end], said)
        for one in run:
            name = one.name
            if short := alias(text, one):
                aliases[letters(short)] = name or one.number
            if name and letters(name) in aliases:
                name = aliases[letters(name)]
            elif kind := generic(name):
                name = next((known for known in reversed(named) if letters(known).endswith(kind)), "")
            elif name:
                named.append(name)
            if (
                not name
                and not one.number
                or is_this(text, one)
                or any(a <= one.start < b for a, b, _name, _number in lists)
            ):
                continue
            mark = _LIST_MARK.match(text, start, end)
            offset = mark.end() if mark else start
            quote = text[offset:end].rstrip()
            yield Relation(said.type, name, one.number, day, _is_partial(text, one, run[-1], said), quote, offset)


def _is_partial(text: str, one: Citation, last: Citation, said: Said) -> bool:
    """Whether only a part of a document is repealed; an article that is named belongs to the name before it alone."""
    if said.type != "repeals":
        return False
    if names_an_article(text[one.end : one.end + 20]):
        return True
    return said.partial and not (one is not last and names_an_article(text[last.end : last.end + 20]))


def _readings(text: str, runs: Sequence[list[Citation]]) -> list[Said]:
    """What is said of each list of names; one that another follows in a list shares what is said of that."""
    found: list[Said] = []
    following: list[Citation] | None = None
    for run in reversed(runs):
        first, last = run[0], run[-1]
        start, end = sentence(text, first.start, last.end)
        before, after = text[start : first.start], text[last.end : end]
        shared = False
        if following and following[0].start < end:
            after = text[last.end : following[0].start]
            shared = found[-1].type == "repeals" and (is_chained(after) or is_listed(after))
            shared = shared or found[-1].type == "amends" and is_chained(after)
        previous = ""
        if "》" in before or "号" in before:
            before = before[max((before.rfind(mark) for mark in "》）"), default=-1) + 1 :]
        elif text[start - 1 : start] == "。":
            previous = text[sentence(text, start - 1, start - 1)[0] : start]
        early = text.count("。", 0, start) <= 1
        said = read(before, after, previous, sentence=text[start:end], first=early)
        found.append(found[-1] if shared and said.type != "basis" else said)
        following = run
    return _continued(text, runs, found[::-1])


def _continued(text: str, runs: Sequence[list[Citation]], found: list[Said]) -> list[Said]:
    """What a cue before a list says is said of the names further on in it, too: 根据《甲》和国务院《乙》."""
    for number, (run, following) in enumerate(itertools.pairwise(runs), 1):
        cue = found[number - 1].type in ("basis", "implements") and found[number].type == "cites"
        if cue and is_listed(text[run[-1].end : following[0].start]):
            found[number] = found[number - 1]
    return found


def _day(sentence: str, said: Said) -> date | None:
    """The day that a sentence states for a change."""
    if said.type not in CHANGING:
        return None
    days = find_dates(sentence) if "年" in sentence or "-" in sentence else []
    return next(
        (day for _s, end, day in days if sentence[end : end + 6].lstrip().startswith(("起", "之日起", "废止", "失效"))),
        None,
    )
