"""`Site`: the knowledge base behind the pages, kept up to date while they are asked for."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from copy import copy
from dataclasses import replace
from datetime import date
from functools import cached_property
from threading import Lock, Thread
from typing import TYPE_CHECKING

from policykb.corpus.settings import load_settings
from policykb.digest.key_dates import Deadlines
from policykb.errors import PolicyKBError
from policykb.relations.standing import standings
from policykb.render.labels import Labels
from policykb.search.request import Result
from policykb.web.waiting import Waiting

if TYPE_CHECKING:
    from policykb.corpus.corpus import Corpus
    from policykb.corpus.settings import Settings
    from policykb.kb import KnowledgeBase

_FRESH = 0.5  # seconds for which the files are taken to be as they were, at least
_SEEN = 1.0  # seconds after which a change is seen by whoever asks
_FEW = 2_000  # entries whose states are counted while somebody waits

_LOG = logging.getLogger("policykb.web")


class Site:
    """One knowledge base that many requests read at once, in the language ``lang``; ``today`` is asked for the day.

    Nobody changes anything from a page unless it is ``writable``: `policykb.web.guard.Guard` sees to it.
    """

    def __init__(
        self, kb: KnowledgeBase, *, lang: str = "zh_CN", today: Callable[[], date] = date.today, writable: bool = False
    ) -> None:
        self._kb, self.lang, self.today, self.writable = kb, lang, today, writable
        self._shown: KnowledgeBase | None = None
        self.waiting = Waiting(self)
        self._tried: KnowledgeBase | None = None
        self._counted: KnowledgeBase | None = None
        self._counting = Lock()
        self._looked, self._fresh, self._looking = float("-inf"), _FRESH, Lock()

    @property
    def kb(self) -> KnowledgeBase:
        """The knowledge base as one snapshot: ask for it once in a request.

        Changed files are looked for behind the requests; who comes after a while without any waits for it.
        """
        age = time.monotonic() - self._looked
        if (age > self._fresh or self._shown is None) and self._looking.acquire(blocking=self._shown is None):
            if self._shown is None or age > _SEEN:
                self._look()
            else:
                try:
                    Thread(target=self._look, daemon=True).start()
                except RuntimeError:  # no more threads just now: who comes next tries again
                    self._looking.release()
        assert self._shown is not None
        return self._shown

    def fresh(self) -> KnowledgeBase:
        """The knowledge base with all files as they are now, for which the caller waits."""
        self._looking.acquire()
        self._look()
        assert self._shown is not None
        return self._shown

    def _look(self) -> None:
        began = time.monotonic()
        try:
            if not self._kb.engine.follows:  # whoever changes files has them indexed
                self._kb.engine.open()
                self._take()
            elif self._shown is None or self._kb.engine.is_stale():
                self._kb.refresh()
                self._take()
            for name in ("labels", "deadlines", "settings"):
                self.__dict__.pop(name, None)
        except Exception as error:
            if self._shown is None:
                raise
            # the snapshot that is there still answers
            _LOG.error("%s", error, exc_info=not isinstance(error, PolicyKBError))
        finally:
            self._looked = time.monotonic()
            # what changes while one look has begun is seen by the next: both, and the pause between them, take a second
            self._fresh = max(_FRESH, 0.95 * _SEEN - 2 * (self._looked - began))
            self._looking.release()

    def _take(self) -> None:
        """Shows the snapshot that is open now."""
        shown = copy(self._kb)
        for name in ("authority", "vocabulary"):  # their files may have changed, too
            shown.__dict__.pop(name, None)
        shown.__dict__["engine"] = self._kb.engine.snapshot()
        self._shown = shown
        self.__dict__.pop("everything", None)
        if self._kb.engine.follows and self.everything.total > _FEW:
            Thread(target=self._count_states, daemon=True).start()

    def _count_states(self) -> None:
        """Works out the states of the newest snapshot, which keeps them: of one at a time, however fast they come."""
        while (shown := self._shown) and shown is not self._tried and self._counting.acquire(blocking=False):
            self._tried = shown
            try:
                shown.search(limit=0, facets=True, validity=(), today=self.today())
                self._counted = shown
            except Exception as error:  # without them a page shows less
                _LOG.error("%s", error, exc_info=not isinstance(error, PolicyKBError))
            finally:
                self._counting.release()

    @property
    def corpus(self) -> Corpus:
        """The folder of the entries, as it is now."""
        return self._kb.corpus

    def said(self, problem: str) -> str:
        """What is said of a problem: where the knowledge base is on its server concerns nobody who reads a page."""
        folder = self.corpus.root.parent
        return problem if folder == folder.parent else problem.replace(f"{folder}{os.sep}", "")

    @property
    def counts_states(self) -> bool:
        """Whether a search counts in what states documents are: of many entries nobody waits until it is known."""
        return self._counted is self._shown or self.everything.total <= _FEW

    @cached_property
    def everything(self) -> Result:
        """All entries, counted in all and by facet; no hits. None at all while there is no index to count in."""
        return self._shown.search(limit=0, facets=True) if self._shown else Result(0, ())

    @cached_property
    def settings(self) -> Settings:
        """What ``kb.toml`` says."""
        return load_settings(self._kb.corpus.root)

    @cached_property
    def labels(self) -> Labels:
        """The words of documents."""
        return Labels.load(self._kb.corpus.root)

    @cached_property
    def deadlines(self) -> Deadlines:
        """The words that introduce days that matter."""
        return Deadlines.load(self._kb.corpus.root)

    def deadlines_today(self, kb: KnowledgeBase) -> Deadlines:
        """Those, with the documents of a snapshot as they stand today: of what is over nothing is to come."""
        return replace(self.deadlines, standings=standings(kb.engine, self.today()))
