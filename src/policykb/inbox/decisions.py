"""What a person decides about proposals, written into the entries at once where they are as they were read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from policykb.corpus.corpus import Corpus
from policykb.domain.policy import Policy
from policykb.domain.relation import relation_type
from policykb.domain.vocabulary import Vocabulary
from policykb.errors import CorpusError, PolicyKBError
from policykb.files.journal import Write
from policykb.i18n import _
from policykb.inbox.documents import in_front_matter
from policykb.inbox.proposal import Proposal, in_words
from policykb.relations import decisions as relations
from policykb.tagging import changes as tags


class Verdict(NamedTuple):
    """A proposal accepted, maybe with another ``value``, or rejected.

    ``state`` is that of the entry's file when the proposal was shown, empty where nobody looked before.
    """

    proposal: Proposal
    accepted: bool
    value: str = ""
    state: str = ""

    @property
    def said(self) -> str:
        """The decision in words."""
        text = _("accepted: {what} ({entry})") if self.accepted else _("rejected: {what} ({entry})")
        return text.format(what=in_words(self.proposal, self.value), entry=self.proposal.entry)


class Decided(NamedTuple):
    """The verdicts that were carried out, and those that were not, each with the reason."""

    done: tuple[Verdict, ...]
    again: tuple[tuple[Verdict, str], ...]


def state_of(content: bytes) -> str:
    """What tells a file from what it was before."""
    return hashlib.sha256(content).hexdigest()[:12]


def carried_out(
    corpus: Corpus, vocabulary: Vocabulary, verdicts: Sequence[Verdict], *, today: date, by: str
) -> tuple[list[Write], Decided]:
    """What verdicts change in entries; those about one file are carried out together, or none of them."""
    paths = corpus.files_of({one.proposal.entry for one in verdicts})
    writes: list[Write] = []
    done: list[Verdict] = []
    again: list[tuple[Verdict, str]] = []
    for entry in dict.fromkeys(one.proposal.entry for one in verdicts):
        about = [one for one in verdicts if one.proposal.entry == entry]
        if not any(one.accepted or one.proposal.stands_in_entry for one in about):
            done += about  # noted elsewhere: that the entry is broken, or gone, is no hindrance
            continue
        try:
            if entry not in paths:
                raise CorpusError(_("there is no entry {id}").format(id=entry))
            write = _revised(corpus, vocabulary, paths[entry], about, today, by)
        except PolicyKBError as error:
            again += [(one, str(error)) for one in about]
            continue
        done += about
        if write.data != write.expected:
            writes.append(write)
    return writes, Decided(tuple(done), tuple(again))


def _revised(
    corpus: Corpus, vocabulary: Vocabulary, path: Path, about: Sequence[Verdict], today: date, by: str
) -> Write:
    content = corpus.read_bytes(path)
    if any(one.state and one.state != state_of(content) for one in about):
        raise CorpusError(_("{path}: changed since it was read; look again").format(path=path))
    for one in about:
        if one.accepted and one.proposal.kind == "finding":
            raise CorpusError(_("{problem}: mend it in the entry").format(problem=one.proposal.value))
    decided = [one for one in about if one.proposal.stands_in_entry or (one.proposal.kind == "tag" and one.accepted)]
    filled = [one for one in about if one.proposal.kind == "field" and one.accepted]
    write = corpus.revision(path, _changes(corpus.parse(path, content), vocabulary, decided, filled, today, by))
    if write.expected != content:
        raise CorpusError(_("{path}: changed since it was read; look again").format(path=path))
    return write


def _changes(
    policy: Policy, vocabulary: Vocabulary, decided: Iterable[Verdict], filled: Iterable[Verdict], today: date, by: str
) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for one in filled:
        name, value = one.proposal.name, in_front_matter(one.proposal.name, one.value or one.proposal.value)
        if value is None:
            raise CorpusError(_("{key}: write what it should be").format(key=name))
        changes[name] = value
    decided = list(decided)
    tagged = [one.value or one.proposal.value for one in _of(decided, "tag", True)]
    if not all(tagged):
        raise CorpusError(_("{key}: write what it should be").format(key="tags"))
    added = [vocabulary.resolve(one) for one in tagged]
    removed = [one.proposal.value for one in _of(decided, "tag", False)]
    if added or removed:
        changes |= tags.edits(policy, added, removed)
    related = [decision(one) for accepted in (True, False) for one in _of(decided, "relation", accepted)]
    return changes | relations.edits(policy, related, today=today, by=by)


def _of(verdicts: Iterable[Verdict], kind: str, accepted: bool) -> list[Verdict]:
    return [one for one in verdicts if one.proposal.kind == kind and one.accepted is accepted]


def decision(verdict: Verdict) -> relations.Decision:
    """A verdict about a relation as that room has it. Raises CorpusError where it is none."""
    one = verdict.proposal
    type = relation_type(one.name)
    if type is None or not one.value.strip():
        raise CorpusError(_("{name} is no relation").format(name=one.name))
    quote = one.quote if one.item else ""  # policykb's own is found in the text again
    return relations.Decision(type, one.value, verdict.accepted, one.number, one.day, one.partial, quote)
