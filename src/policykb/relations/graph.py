"""`Graph`: the documents of a snapshot, the relations between them, resolved, and what follows for their validity."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from policykb.domain.policy import MEETING, Policy
from policykb.domain.relation import CHANGING, RELATION_TYPES, Relation, relation_words
from policykb.mining.stored import PART, alike
from policykb.ranking.meaning import Meaning
from policykb.relations.drafts import likeness
from policykb.relations.validity import Change, Facts, Interval, intervals, on

if TYPE_CHECKING:
    from policykb.search.links import Links

_FINALS = "finals"  # in a snapshot's memory: what the final documents of drafts are is asked for on every page


class Link(NamedTuple):
    """A relation between ``source`` and ``target``, documents of the snapshot; None for a target that is not held."""

    relation: Relation
    source: int
    target: int | None


class Graph:
    """Reads as little of the snapshot as what is asked for needs."""

    def __init__(self, links: Links) -> None:
        self.links = links
        self.meaning = Meaning(links)
        self._policies: dict[int, Policy] = {}
        self._finals: dict[int, tuple[int, float] | None] = links.memory.setdefault(_FINALS, {})

    def find(self, id: str) -> int | None:
        """The document of an entry."""
        return next(iter(self.links.having("cited", f"@{id}{PART}")), None)

    def policy(self, document: int) -> Policy:
        """The entry of a document, read once."""
        found = self._policies.get(document)
        if found is None:
            found = self._policies[document] = Policy.from_data(self.links.entry(document))
        return found

    def is_draft(self, document: int) -> bool:
        """Whether a document is out for comments."""
        return self.meaning.is_draft(document)

    def _day(self, document: int) -> date | None:
        return self.meaning.day(document)

    def out(self, document: int) -> list[Link]:
        """What a document says of others, and of what draft it is the final."""
        found = self._said(document)
        held = {one.target for one in found if one.relation.type == "finalises"}
        return found + [one for one in self._drafts_of(document) if one.target not in held]

    def into(self, document: int) -> list[Link]:
        """What other documents say of this one."""
        found: dict[tuple[int, Relation], Link] = {}
        for source in self._sources(document):
            for one in self._said(source):
                if one.target == document:
                    found[source, one.relation] = one
        stated = any(one.relation.type == "finalises" for one in found.values())
        if self.is_draft(document) and not stated and (final := self.final_of(document)):
            link = self._by_likeness(final[0], document)
            found[final[0], link.relation] = link
        return sorted(found.values(), key=lambda one: (self._day(one.source) or date.min, one.source, one.relation))

    def _said(self, source: int, types: Collection[str] = RELATION_TYPES) -> list[Link]:
        """What an entry states in relations of these types, and a person did not refuse."""
        return [Link(one, source, target) for one, target in self.meaning.said(source, types)]

    def _sources(self, document: int, types: Iterable[str] = ()) -> list[int]:
        """The documents that name this one, in a relation of one of the types if some are given."""
        found: dict[int, None] = {}
        wanted = tuple(types)
        for name, _version in self.links.entry(document)["names"]:
            for key in {name, name.replace("#", "+", 1) if name[0] == "#" else name}:
                for term, documents in self.links.listed("relation", f"{key}{PART}"):
                    if not wanted or term.split(PART)[2] in wanted:
                        found.update(dict.fromkeys(documents))
        return [source for source in found if source != document]

    def final_of(self, draft: int) -> tuple[int, float] | None:
        """The held final document of a draft, and how alike their names are."""
        if draft not in self._finals:
            self._finals[draft] = self._find_final(draft)
        return self._finals[draft]

    def _drafts_of(self, final: int) -> Iterator[Link]:
        if self.is_draft(final):
            return
        for draft in self._candidates(final):
            if self.is_draft(draft) and (found := self.final_of(draft)) and found[0] == final:
                yield self._by_likeness(final, draft)

    def _by_likeness(self, final: int, draft: int) -> Link:
        return Link(Relation("finalises", self.policy(draft).title, quote=self.policy(final).title), final, draft)

    def _candidates(self, document: int) -> list[int]:
        """The documents whose name may be like this one's."""
        found: dict[int, None] = {}
        for work in self._works(document):
            for _term, documents in self.links.listed("cited", f"={work}{PART}"):
                found.update(dict.fromkeys(documents))
            for term in alike(work):
                found.update(dict.fromkeys(self.links.having("alike", term)))
        found.pop(document, None)
        return list(found)

    def _works(self, document: int) -> set[str]:
        """The works (of `TitleKey`) that a document goes by."""
        return {key[1:] for key, _version in self.links.entry(document)["names"] if key[0] == "="}

    def _find_final(self, draft: int) -> tuple[int, float] | None:
        rules: Any = relation_words()["finals"]
        issued, policy = self.links.days[draft], self.policy(draft)
        works = self._works(draft)
        best: tuple[float, int, int] | None = None
        for other in self._candidates(draft):
            after = self.links.days[other] - issued
            if self.is_draft(other) or issued <= 0 or not 0 <= after <= rules["years"] * 366:
                continue
            theirs = self.policy(other)
            if self._refused(theirs, draft):
                continue
            same_hands = set(policy.issuers) & set(theirs.issuers)
            if not same_hands and not set(theirs.issuers) & set(rules["organs"]):
                continue
            score = max(likeness(a, b) for a in works for b in self._works(other))
            if score >= (rules["least"] if same_hands else 1.0) and (best is None or (-score, after) < best[:2]):
                best = (-score, after, other)
        return (best[2], -best[0]) if best else None

    def _refused(self, final: Policy, draft: int) -> bool:
        """Whether a person said that a document is not the final one of a draft."""
        refused = (one["target"] for one in final.rejected_relations if one["type"] in ("finalises", "cites"))
        return any(draft in self.meaning.means(target) for target in refused)

    def validity(self, document: int) -> tuple[Interval, ...]:
        """The states of a document in order of time."""
        return intervals(self._facts(document), list(self._changes(document)))

    def state(self, document: int, day: date) -> str:
        """The state on a day, '' where the document was not there yet."""
        found = on(self.validity(document), day)
        return found.state if found else ""

    def _facts(self, document: int) -> Facts:
        policy, clauses = self.policy(document), self.links.entry(document)["clauses"]
        stated = {name: date.fromisoformat(clauses[name][0]) for name in clauses}
        ended = tuple((one["date"], one.get("by", "")) for one in policy.ended)
        effective, expires = policy.effective or stated.get("effective"), policy.expires or stated.get("expires")
        return Facts(
            policy.date, effective, expires, ended, self.is_draft(document), policy.kind == MEETING, policy.published
        )

    def begins(self, document: int) -> date | None:
        """The first day on which a document is in force."""
        facts = self._facts(document)
        return facts.effective or facts.issued

    def _changes(self, document: int) -> Iterator[Change]:
        for source in self._sources(document, CHANGING):
            for stated in () if self.is_draft(source) else self._said(source, CHANGING):
                one = stated.relation
                if stated.target == document:
                    day = one.date or self.begins(source)
                    yield Change(one.type, day, self.policy(source).title, one.partial)
        if self.is_draft(document):
            if final := self.final_of(document):
                yield Change("finalises", self._day(final[0]), self.policy(final[0]).title)
        elif (later := self.later_version(document)) is not None:
            yield Change("version", self.begins(later), self.policy(later).title)

    def versions(self, document: int) -> list[int]:
        """The versions of a document, itself among them, the oldest first: the same name, issued again."""
        if self.is_draft(document):
            return [document]
        policy, found = self.policy(document), {document}
        others = {
            other
            for key, version in self.links.entry(document)["names"]
            if key[0] == "="
            for other in self.meaning.named(key, version)
            if other != document and self._day(other) and set(self.policy(other).issuers) & set(policy.issuers)
        }
        if others and policy.kind in relation_words()["versions"]["kinds"]:
            found |= others
        return sorted(found, key=lambda one: (self._day(one) or date.min, one))

    def later_version(self, document: int) -> int | None:
        """The next version of a document that is held."""
        day = self._day(document)
        return next((one for one in self.versions(document) if day and (self._day(one) or date.min) > day), None)
