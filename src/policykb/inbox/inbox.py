"""`Inbox`: what waits for a person: documents that came in, and proposals about entries; one queue."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from policykb.corpus.corpus import Corpus
from policykb.corpus.findings import Finding
from policykb.corpus.folder import id_of
from policykb.domain.issuers import Authority
from policykb.domain.vocabulary import Vocabulary
from policykb.errors import CorpusError
from policykb.files.journal import Write
from policykb.i18n import _
from policykb.inbox import decisions, documents, items, proposing, rejections, undo
from policykb.inbox.decisions import Decided, Verdict
from policykb.inbox.items import Item
from policykb.inbox.own_proposals import OwnProposals
from policykb.inbox.proposal import Proposal

if TYPE_CHECKING:
    from policykb.search.engine import Engine


@dataclass(frozen=True, slots=True)
class Queue:
    """Documents that may become entries, the oldest first, then proposals about entries.

    ``problems`` are what in the inbox could not be read.
    """

    documents: tuple[Item, ...]
    proposals: tuple[Proposal, ...]
    problems: tuple[Finding, ...] = ()

    @property
    def total(self) -> int:
        """How many things wait."""
        return len(self.documents) + len(self.proposals)


class Inbox:
    """The inbox of a corpus. ``today`` is the day of what is added and decided, ``by`` who does it."""

    def __init__(
        self, corpus: Corpus, authority: Authority, vocabulary: Vocabulary, *, today: date, by: str = "",
        say: Callable[[str], None] = lambda text: None,
    ) -> None:  # fmt: skip
        self.corpus, self._authority, self._vocabulary = corpus, authority, vocabulary
        self._today, self._by, self._say = today, by, say
        self._together = self._more = False

    # -- what comes in

    def add(self, data: bytes, *, name: str, url: str = "") -> Item:
        """A document, read into a draft that waits; the one that waits already where it is the same file.

        ``name`` is what the file is called, ``url`` where it comes from. Nothing is compared with the corpus yet:
        `compared` does. Raises `SourceError` for what cannot be read, `CorpusError` for what was rejected before.
        """
        id = items.item_id(self._today, data)
        if known := items.same_id(self.corpus, id):
            return items.read_item(self.corpus, known)
        if items.digest_in(id) in rejections.rejected(self.corpus):
            raise CorpusError(_("{name}: was rejected before").format(name=name))
        self.require_room()
        item = documents.read_document(data, self._authority, name=name, url=url, by=self._by, today=self._today)
        self._write(items.written(self.corpus, item, data))
        return items.read_item(self.corpus, id)

    def propose(self, proposals: Iterable[Proposal]) -> Item | None:
        """Proposals about entries, each with its evidence; None where all were rejected before or are so already.

        Raises `CorpusError` for an entry that is not there, a quote that does not stand in it, or what it
        cannot say.
        """
        checked = [proposing.checked(self.corpus, self._vocabulary, one) for one in proposals]
        rejected = rejections.rejected(self.corpus)
        kept = tuple(one for one in checked if one.key not in rejected and not proposing.is_settled(self.corpus, one))
        if not kept:
            return None
        id = items.item_id(self._today, *(one.key.encode() for one in kept))
        if known := items.same_id(self.corpus, id):
            return items.read_item(self.corpus, known)
        self.require_room()
        item = Item(id, self._today, self._by, proposals=kept)
        self._write(items.written(self.corpus, item))
        return items.read_item(self.corpus, id)

    def require_room(self) -> None:
        """Raises `CorpusError` where so much waits already that what comes next would not be looked at."""
        if (number := items.number(self.corpus)) >= items.MOST_ITEMS:
            problem = _("{number:,} things wait in the inbox, the most that it takes: decide about some first")
            raise CorpusError(problem.format(number=number))

    # -- what waits

    def item(self, id: str) -> Item:
        """One item. Raises `AbsentError` where there is none, `DataError` where it cannot be read."""
        return items.read_item(self.corpus, id)

    def original(self, item: Item) -> bytes | None:
        """The document of an item as it came."""
        return items.original_of(self.corpus, item)

    def compared(self, item: Item) -> documents.Compared:
        """What the corpus has of a document."""
        return documents.compared(self.corpus, item)

    def stored(self) -> Queue:
        """What others brought: no entry is looked at."""
        found, problems = items.all_items(self.corpus)
        proposals = tuple(replace(one, by=item.by) for item in found if item.draft is None for one in item.proposals)
        return Queue(tuple(item for item in found if item.draft is not None), proposals, tuple(problems))

    def queue(self, engine: Engine, own: Iterable[Proposal] | None = None) -> Queue:
        """All that waits: what others brought, and what policykb proposes itself, where the caller has not found it."""
        waiting, rejected = self.stored(), rejections.rejected(self.corpus)
        if own is None:
            own = OwnProposals(self.corpus, self._authority, self._vocabulary).found(engine)
        proposals = {one.key: one for one in (*waiting.proposals, *own) if one.key not in rejected}
        return replace(waiting, proposals=tuple(proposals.values()))

    def states(self, entries: Collection[str]) -> dict[str, str]:
        """The states of entries' files now, for a `Verdict` about what is shown of them; empty where there is none."""
        files = self.corpus.files_of(entries)
        return {
            entry: decisions.state_of(self.corpus.read_bytes(files[entry])) if entry in files else ""
            for entry in entries
        }

    # -- decisions

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is decided in the ``with`` block is one decision, to be taken back as one."""
        self._together, self._more = True, False
        try:
            yield
        finally:
            self._together = False

    def decide(self, verdicts: Sequence[Verdict]) -> Decided:
        """Carries out verdicts about entries, and tells which have to be looked at again, and why."""
        self.corpus.finish_change(self._say)
        writes, decided = decisions.carried_out(
            self.corpus, self._vocabulary, verdicts, today=self._today, by=self._by
        )  # fmt: skip
        said = [one.proposal for one in decided.done if not (one.accepted or one.proposal.stands_in_entry)]
        writes += rejections.noted(self.corpus, ((one.key, f"{one.entry} {one.name} {one.value}") for one in said))
        gone = {one.proposal.key for one in decided.done}
        stored, emptied = self._without(gone)
        try:
            self._write([*writes, *stored], _in_words(decided.done))
        except CorpusError as error:
            return Decided((), tuple((one, str(error)) for one in verdicts))
        items.tidied(self.corpus, emptied)
        return decided

    def correct(self, id: str, changes: Mapping[str, str | Sequence[str]], body: str | None = None) -> Item:
        """Fields of a document's draft, and its text, as a person wrote them. Raises `DocumentError`."""
        item = documents.corrected(self.item(id), changes, body)
        self._write(items.written(self.corpus, item))
        return item

    def take_in(self, id: str, *, to: str = "", anyway: bool = False) -> str:
        """Makes an entry of a document, or puts its text into the entry ``to``; returns the entry's id.

        Raises `CorpusError` where the corpus has it already and it is not to be taken in ``anyway``.
        """
        self.corpus.finish_change(self._say)
        item = self.item(id)
        writes = documents.taken_in(
            self.corpus, item, self.original(item), today=self._today, to=to, anyway=anyway
        )  # fmt: skip
        self._write(writes, _("taken in: {name}").format(name=id_of(writes[0].path)))
        items.tidied(self.corpus, [item.id])
        return id_of(writes[0].path)

    def turn_away(self, id: str) -> None:
        """Rejects an item: it goes, and a document that was rejected is not taken into the inbox again."""
        self.corpus.finish_change(self._say)
        item = self.item(id)
        writes = items.removed(self.corpus, item)
        said = item.name or item.source or item.id
        if item.draft is not None:
            writes += rejections.noted(self.corpus, [(items.digest_in(item.id), said)])
        self._write(writes, _("rejected: {name}").format(name=said))
        items.tidied(self.corpus, [item.id])

    def last(self) -> str:
        """The last decision in words, empty where there is none to take back."""
        return undo.what(self.corpus)

    def undo(self) -> str:
        """Takes the last decision back, and returns it in words. Raises `CorpusError` where that cannot be done."""
        said, writes = undo.undone(self.corpus)
        self._write(writes)
        undo.forget(self.corpus)
        items.tidied(self.corpus, list({write.path.parent.name for write in writes if write.data is None}))
        return said

    # --

    def _write(self, writes: Iterable[Write], said: str = "") -> None:
        changed = [write for write in writes if write.data != write.expected]
        if said and changed:
            undo.remember(self.corpus, changed, said, more=self._together and self._more)
            self._more = True
        self.corpus.write_files(changed)

    def _without(self, keys: set[str]) -> tuple[list[Write], list[str]]:
        """What takes decided proposals out of the items that hold them, and the items that are empty then."""
        writes: list[Write] = []
        emptied = []
        for item in items.all_items(self.corpus)[0]:
            left = tuple(one for one in item.proposals if one.key not in keys)
            if item.draft is not None or len(left) == len(item.proposals):
                continue
            if left:
                writes += items.written(self.corpus, replace(item, proposals=left))
            else:
                writes += items.removed(self.corpus, item)
                emptied.append(item.id)
        return writes, emptied


def _in_words(done: Sequence[Verdict]) -> str:
    if not done:
        return ""
    text = done[0].said
    return text if len(done) == 1 else _("{text} and {number} more").format(text=text, number=len(done) - 1)
