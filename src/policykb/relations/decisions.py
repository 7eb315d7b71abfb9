"""What a person decides about relations, written into the entries' front matter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from policykb.domain.relation import RELATION_TYPES, Relation, RelationType, reading, relation_type
from policykb.errors import CorpusError
from policykb.i18n import _
from policykb.mining.indexed import names, relations, targets
from policykb.mining.mining import mine

if TYPE_CHECKING:
    from policykb.corpus.corpus import Corpus
    from policykb.domain.policy import Policy


class Decision(NamedTuple):
    """A relation that a person confirms, adds (``holds``) or rejects; ``target`` is an id, a title or a number.

    ``quote`` is the sentence that says so where the text is not found to say it by itself.
    """

    type: RelationType
    target: str
    holds: bool = True
    number: str = ""
    date: date | None = None
    partial: bool = False
    quote: str = ""


class Decided(NamedTuple):
    """The relations of an entry after a change, and those that were rejected."""

    id: str
    relations: Sequence[dict[str, Any]]
    rejected: Sequence[dict[str, Any]]


def parse(written: str) -> Decision:
    """``+basis:TARGET`` or ``-cites:TARGET``, types in English or Chinese. Raises `CorpusError` for anything else."""
    type_, colon, target = written[1:].replace("：", ":", 1).partition(":")
    type = relation_type(type_)
    if not colon or not target.strip():
        problem = _("{written} is no relation: write +basis:TARGET or -cites:TARGET")
        raise CorpusError(problem.format(written=written))
    if type is None:
        known = ", ".join(RELATION_TYPES)
        raise CorpusError(_("{name} is no relation; known are {known}").format(name=type_, known=known))
    return Decision(type, target.strip().strip("《》"), written[0] == "+")


def decide(
    corpus: Corpus,
    decisions: Mapping[Path, Iterable[Decision]],
    *,
    today: date,
    by: str = "",
    dry_run: bool = False,
    say: Callable[[str], None] = lambda text: None,
) -> list[Decided]:
    """Writes decisions into entries, all of them or none; returns what each entry has then."""
    corpus.finish_change(say)
    done, writes = [], []
    for path, made in decisions.items():
        policy = corpus.read(path)
        _check(policy.id, made := list(made))
        for one in made:
            if not one.holds and not knows(policy, one) and not _is_found(corpus, policy, one):
                unfound = _("{id}: {type} {target} was not found there; it is rejected should it be found one day")
                say(unfound.format(id=policy.id, type=one.type, target=one.target))
        changes = edits(policy, made, today=today, by=by)
        kept = changes.get("relations", policy.relations) or []
        rejected = changes.get("rejected_relations", policy.rejected_relations) or []
        done.append(Decided(policy.id, [dict(one) for one in kept], [dict(one) for one in rejected]))
        if changes:
            writes.append(corpus.revision(path, changes))
    if not dry_run:
        corpus.write(writes)
    return done


def edits(policy: Policy, made: Iterable[Decision], *, today: date, by: str = "") -> dict[str, Any]:
    """The keys of an entry that decisions change."""
    before = [dict(one) for one in policy.relations], [dict(one) for one in policy.rejected_relations]
    kept, rejected = before
    for one in made:
        same = _target(one.target)
        kept = [other for other in kept if not _is(other, one, same)]
        rejected = [other for other in rejected if not _is(other, one, same)]
        written = {"type": one.type, "target": one.target, "number": one.number, "date": one.date,
                   "partial": one.partial, "quote": one.quote, "decided": today, "by": by}  # fmt: skip
        (kept if one.holds else rejected).append({key: value for key, value in written.items() if value})
    after = {"relations": kept, "rejected_relations": rejected}
    return {key: after[key] or None for key, was in zip(after, before, strict=True) if after[key] != was}


def _check(id: str, made: Sequence[Decision]) -> None:
    """Raises `CorpusError` for what is confirmed and rejected at once, and for a relation of an entry to itself."""
    chosen: dict[tuple[str, tuple[str, str]], bool] = {}
    for one in made:
        if one.target == id:
            raise CorpusError(_("{id} is this entry: it has no relation to itself").format(id=id))
        if chosen.setdefault((one.type, _target(one.target)), one.holds) != one.holds:
            problem = _("{type} {target} is confirmed and rejected at once")
            raise CorpusError(problem.format(type=one.type, target=one.target))


def knows(policy: Policy, one: Decision) -> bool:
    """Whether an entry has a relation as decided, for or against."""
    target = _target(one.target)
    return any(_is(dict(other), one, target) for other in (*policy.relations, *policy.rejected_relations))


def _is_found(corpus: Corpus, policy: Policy, one: Decision) -> bool:
    """Whether an entry says what is rejected, or may: what draft it is the final of is known by names alone."""
    if one.type == "finalises":
        return True
    meant = {key for key, _version in targets(Relation("cites", one.target))}
    file = corpus.file_of(one.target) if f"@{one.target}" in meant else None
    if file and (held := corpus.examine(file).policy):
        meant |= {key for key, _version in names(held)}
    with reading(corpus.root):
        said = [other for other in relations(policy, mine(policy)) if one.type in (other.type, "cites")]
    found = {key.replace("+", "#", 1) for other in said for key, _version in targets(other)}
    return not meant.isdisjoint(found)


def _is(written: dict[str, Any], one: Decision, target: tuple[str, str]) -> bool:
    return written["type"] == one.type and _target(written["target"]) == target


def _target(name: str) -> tuple[str, str]:
    return next(targets(Relation("cites", name)))
