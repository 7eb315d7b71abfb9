"""`OwnProposals`: what policykb itself proposes for entries, worked out anew from files and index, and stored nowhere.

Tags for entries that have none; relations that nobody has confirmed, to what is held or of a kind that changes it;
fields that are lacking or doubtful, with what the text says of them; and the findings of `policykb check`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from policykb.corpus.check import check
from policykb.corpus.corpus import Corpus
from policykb.corpus.findings import Finding
from policykb.corpus.folder import id_of
from policykb.domain.issuers import Authority
from policykb.domain.policy import MEETING, Policy
from policykb.domain.relation import CHANGING
from policykb.domain.vocabulary import Vocabulary
from policykb.errors import PolicyKBError
from policykb.importing.official.draft import read_document
from policykb.importing.sources import read_lines
from policykb.inbox import places
from policykb.inbox.documents import written
from policykb.inbox.proposal import Proposal
from policykb.mining.life import Clause
from policykb.mining.stored import stored_relations
from policykb.ranking.meaning import DRAFT
from policykb.relations.contradictions import contradictions
from policykb.relations.graph import Graph
from policykb.tagging.tagger import Tagger

if TYPE_CHECKING:
    from policykb.search.engine import Engine
    from policykb.search.links import Links

_STATED = {"date": 0.5, "issuers": 0.5}  # how sure a value must be that the text states
_FEW = 0.05  # of the tagged entries: so many new ones teach nothing new about tags


class _Known(NamedTuple):
    """An entry as the index has it: its path, its facts, the clauses that its text states, the relations to decide."""

    path: str
    policy: Policy
    clauses: Mapping[str, Clause]
    relations: tuple[Proposal, ...]


class OwnProposals:
    """Kept, it looks only at the entries that changed since it was last asked."""

    def __init__(self, corpus: Corpus, authority: Authority, vocabulary: Vocabulary) -> None:
        self._corpus, self._authority, self._vocabulary = corpus, authority, vocabulary
        self._seen: dict[str, tuple[int, int]] = {}  # what `Corpus.stats` said
        self._checked: dict[str, list[Finding]] = {}
        self._read: dict[str, tuple[Proposal, ...]] = {}  # what the text of an entry says, by its path
        self._tagger: Tagger | None = None
        self._taught = 0

    def found(self, engine: Engine, stats: Mapping[str, tuple[int, int]] | None = None) -> list[Proposal]:
        """All of them, by kind; ``stats`` are those of the corpus before its index was brought up to date."""
        engine.open()
        stats = dict(self._corpus.stats() if stats is None else stats)
        changed = {path for path, stat in stats.items() if self._seen.get(path) != stat}
        for path in {*self._seen} - {*stats} | changed:
            self._read.pop(path, None)
            self._checked.pop(path, None)
        known = [one for one in engine.linked(lambda links: list(_known(links))) if one.path in stats]
        self._learn(known)
        findings = [*self._check(changed), *contradictions(engine, self._corpus)]
        doubted = {(self._corpus.relative(one.path), one.key) for one in findings}
        for one in known:
            if one.path not in self._read:
                names = [name for name in ("issuers", "tags") if (one.path, name) in doubted]
                self._read[one.path] = tuple(self._of_text(one, names))
        proposals = [each for one in known for each in self._read[one.path]]
        covered = {(each.entry, each.name or "tags") for each in proposals}
        found = [self._finding(one) for one in findings if (id_of(one.path), one.key) not in covered]
        self._seen = stats
        proposals.sort(key=lambda one: one.kind)  # fields, then tags
        return [*proposals, *found, *(each for one in known for each in one.relations)]

    def _check(self, changed: set[str]) -> list[Finding]:
        """The findings of all entries; those of one that did not change are as they were."""
        first = not self._seen
        paths = None if first else sorted(self._corpus.root / path for path in changed)
        for one in check(self._corpus, self._authority, self._vocabulary, paths) if first or paths else ():
            self._checked.setdefault(self._corpus.relative(one.path), []).append(one)
        return [one for path in sorted(self._checked) for one in self._checked[path]]

    def _finding(self, one: Finding) -> Proposal:
        where = self._corpus.relative(one.path)
        return Proposal("finding", id_of(one.path), one.key or "", one.problem, where=where, line=one.line)

    def _learn(self, known: Iterable[_Known]) -> None:
        """Has the tagger learn where one is needed, and enough has been tagged since it did."""
        known = list(known)
        tagged = [one for one in known if one.policy.tags]
        if len(tagged) == len(known) or (self._tagger and abs(len(tagged) - self._taught) <= _FEW * len(tagged)):
            return
        bodies = filter(None, (self._whole(one) for one in tagged))
        self._tagger, self._taught = Tagger(self._vocabulary, bodies), len(tagged)

    def _whole(self, one: _Known) -> Policy | None:
        """The entry with its text, None where it cannot be read now."""
        return self._corpus.examine(self._corpus.root / one.path).policy

    def _of_text(self, one: _Known, doubted: Sequence[str]) -> Iterator[Proposal]:
        """What is read in one entry's file, which is opened only where something is lacking or ``doubted``."""
        policy = one.policy
        lacking = [name for name in ("date", "issuers") if not getattr(policy, name)]
        if policy.kind == MEETING:
            lacking = [name for name in lacking if name != "issuers"]
        stated = [
            name
            for name, clause in one.clauses.items()
            if not getattr(policy, name) and clause.day != policy.date
        ]  # fmt: skip
        if not (lacking or stated or doubted or not policy.tags) or (whole := self._whole(one)) is None:
            return
        for name in doubted:
            yield from _named_otherwise(
                whole, name, self._authority.get if name == "issuers" else self._vocabulary.known
            )
        yield from _lacking(whole, lacking, self._authority)
        for name in stated:
            yield _clause(whole, name, one.clauses[name], self._authority)
        if not policy.tags and self._tagger:
            yield from _tags(whole, self._tagger)


def _known(links: Links) -> Iterator[_Known]:
    graph = Graph(links)
    drafts: dict[int, list[tuple[int, float]]] = {}
    for draft in links.having("status", DRAFT):
        if final := graph.final_of(draft):
            drafts.setdefault(final[0], []).append((draft, final[1]))
    for document in links.documents():
        policy, entry = graph.policy(document), links.entry(document)
        clauses = {
            name: Clause(date.fromisoformat(day), start, end) for name, (day, start, end) in entry["clauses"].items()
        }
        relations = tuple(_relations(graph, document, drafts.get(document, ())))
        yield _Known(links.path(document), policy, clauses, relations)


def _relations(graph: Graph, document: int, drafts: Iterable[tuple[int, float]]) -> Iterator[Proposal]:
    """What an entry's text says of others, and the drafts of which it may be the final, by their names."""
    policy, held = graph.policy(document), set()
    for stated in stored_relations(graph.links.entry(document)):
        one, target = stated.relation, graph.meaning.resolve(stated, document)
        if one.type == "finalises":
            held.add(target)
        if one.confirmed or not (target is not None or one.type in CHANGING):
            continue
        words = (one.title,) if one.title else (one.number,) if one.number else ()
        where = "body" if one.offset >= 0 else "title"
        yield Proposal(
            "relation", policy.id, one.type, one.title or one.number, one.quote, words, where,
            number=one.number, day=one.date, partial=one.partial,
        )  # fmt: skip
    for draft, likeness in drafts:
        if draft not in held:
            other = graph.policy(draft)
            quote = f"《{other.title}》{other.date or ''} → 《{policy.title}》{policy.date or ''}"
            yield Proposal(
                "relation", policy.id, "finalises", other.title, quote, where="title", sureness=round(likeness, 2)
            )  # fmt: skip


def _lacking(policy: Policy, names: Iterable[str], authority: Authority) -> Iterator[Proposal]:
    """The day and the departments of an entry that has none, as its own text states them; empty where it does not."""
    names = list(names)
    if not names:
        return
    text = f"{policy.title}\n\n{policy.body}"
    try:
        found = read_document(read_lines(text.encode("utf-8", "replace"), name="entry.txt"), authority).found
    except PolicyKBError:  # an entry may be what no document is: begin as a picture does, hold nothing but a number
        found = {}
    for name in names:
        read = found.get(name)
        if read is None or read.confidence < _STATED[name]:
            yield Proposal("field", policy.id, name, "")
            continue
        stands = places.find(read.value, read.where, text, authority)
        quote = " … ".join(dict.fromkeys(places.sentence(text, one) for one in stands))
        words = tuple(dict.fromkeys(text[one.start : one.end] for one in stands))
        yield Proposal("field", policy.id, name, written(read.value), quote, words, read.where, read.confidence)


def _clause(policy: Policy, name: str, clause: Clause, authority: Authority) -> Proposal:
    """A day of its life that only the text states: from when it is in force, or to when."""
    said = policy.body[clause.start : clause.end]
    words = tuple(said[one.start : one.end] for one in places.find(clause.day, "", said, authority))
    return Proposal("field", policy.id, name, written(clause.day), " ".join(said.split()), words, "body", 0.9)


def _tags(policy: Policy, tagger: Tagger) -> Iterator[Proposal]:
    """The tags of an untagged entry; where none is found, that a person should choose one."""
    suggested = tagger.suggest(policy)
    for one in suggested:
        said = [each for each in one.evidence if each.weight > 0]
        quote = said[0].text if said else ""
        words = tuple(dict.fromkeys(each.words for each in said if each.words in quote))
        yield Proposal(
            "tag", policy.id, "", one.tag, quote, words, said[0].field if said else "", min(round(one.score, 2), 0.99)
        )
    if not suggested:
        yield Proposal("tag", policy.id, "", "")


def _named_otherwise(policy: Policy, name: str, known: Callable[[str], str | None]) -> Iterator[Proposal]:
    """Departments or tags under the names that they are to be written by."""
    values = getattr(policy, name)
    better = tuple(dict.fromkeys(known(value) or value for value in values))
    if better != values:
        changed = tuple(value for value in values if value not in better)
        yield Proposal("field", policy.id, name, written(better), written(values), changed, "front matter", 1.0)
