"""`Waiting`: the queue of the inbox, worked out behind the pages."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from dataclasses import replace
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, NamedTuple

from policykb.corpus.folder import id_of
from policykb.errors import PolicyKBError
from policykb.i18n import language, spoken
from policykb.inbox import items
from policykb.inbox.inbox import Inbox, Queue
from policykb.inbox.own_proposals import OwnProposals

if TYPE_CHECKING:
    from policykb.inbox.proposal import Proposal
    from policykb.web.site import Site

_PATIENCE = 3.0  # seconds that a page waits for the queue; then it shows what there is
_CALM = 5.0  # seconds after a decision, in which more may follow, before the queue is worked out anew
_LOG = logging.getLogger("policykb.web")


class Seen(NamedTuple):
    """A queue, and the files of the entries as they were when it was worked out: path -> `Corpus.stats`."""

    queue: Queue
    stats: dict[str, tuple[int, int]]


class Waiting:
    """One queue for all requests; it is worked out anew when an entry or an item has changed."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._own: OwnProposals | None = None
        self._seen = Seen(Queue((), ()), {})
        self._of: tuple[object, ...] = ()
        self._decided: set[str] = set()
        self._resting = 0.0  # until when
        self._lock, self._done, self._working = Lock(), Event(), False
        self.deciding = Lock()  # one decision at a time: each can be taken back

    @property
    def inbox(self) -> Inbox:
        """The inbox today."""
        kb = self._site.kb
        return Inbox(kb.corpus, kb.authority, kb.vocabulary, today=self._site.today(), say=kb.say)

    @property
    def total(self) -> int:
        """How many things waited when it was last worked out; before that, how many items there are."""
        return self._seen.queue.total if self._of else items.number(self._site.corpus)

    def now(self) -> tuple[Queue, bool]:
        """What waits, without what has changed since or was decided; whether that is all."""
        stats, wanted = self._state()
        if wanted != self._of and (self._changed(stats) or time.monotonic() > self._resting):
            self._begin()
            self._done.wait(_PATIENCE)
        changed = self._changed(stats)
        queue = self.known()
        left = tuple(one for one in queue.proposals if one.item or one.entry not in changed)
        return replace(queue, proposals=left), wanted == self._of

    def _changed(self, stats: dict[str, tuple[int, int]]) -> set[str]:
        """The entries that changed since the queue was worked out, but for what was decided here."""
        return {id_of(path) for path, stat in stats.items() if self._seen.stats.get(path) != stat}

    def known(self) -> Queue:
        """What waited when it was last worked out, without what was decided since: to decide about, at once."""
        stored = self.inbox.stored()
        own = (one for one in self._seen.queue.proposals if not one.item)
        found = {one.key: one for one in (*stored.proposals, *own) if one.key not in self._decided}
        return replace(stored, proposals=tuple(found.values()))

    def _state(self) -> tuple[dict[str, tuple[int, int]], tuple[object, ...]]:
        """The files of the entries, and all that the queue is worked out from."""
        corpus = self._site.kb.corpus
        stats = corpus.stats()
        return stats, (self._site.today(), items.stamp(corpus), tuple(stats.items()))

    def decided(self, proposals: Iterable[Proposal]) -> None:
        """Leaves out what was decided until the queue is worked out anew, soon; what else is known of these entries
        is still shown."""
        proposals = list(proposals)
        self._decided |= {one.key for one in proposals}
        own = self._site.kb.corpus.stats({one.entry for one in proposals})
        self._seen = self._seen._replace(stats=self._seen.stats | own)
        self._resting = time.monotonic() + _CALM

    def undone(self) -> None:
        """After a decision was taken back nothing is left out."""
        self._decided.clear()
        self._resting = 0.0

    def _begin(self) -> None:
        with self._lock:
            if self._working:
                return
            self._working = True
            self._done.clear()
        Thread(target=self._work, args=(spoken(),), daemon=True).start()

    def _work(self, speaks: str) -> None:
        try:
            with language(speaks):
                stats, of = self._state()
                decided = set(self._decided)
                kb = self._site.fresh()
                if self._own is None:
                    self._own = OwnProposals(kb.corpus, kb.authority, kb.vocabulary)
                own = self._own.found(kb.engine, stats)
                self._seen, self._of = Seen(self.inbox.queue(kb.engine, own), stats), of
                self._decided -= decided
        except PolicyKBError as error:
            _LOG.error("%s", error)
        except Exception as error:
            _LOG.error("%s", error, exc_info=error)
            self._own = None
        finally:
            with self._lock:
                self._working = False
            self._done.set()
