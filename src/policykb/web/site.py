"""`Site`: the knowledge base behind the pages, kept up to date while they are asked for."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

from policykb.corpus.settings import load_settings
from policykb.digest.key_dates import Deadlines
from policykb.render.labels import Labels

if TYPE_CHECKING:
    from policykb.corpus.settings import Settings
    from policykb.kb import KnowledgeBase
    from policykb.search.request import Result

_FRESH = 0.5  # seconds for which the files are taken to be as they were


class Site:
    """One knowledge base that many requests read at once, in the language ``lang``; ``today`` is asked for the day.

    Nobody changes anything from a page unless it is ``writable``: `policykb.web.guard.Guard` sees to it.
    """

    def __init__(
        self, kb: KnowledgeBase, *, lang: str = "zh_CN", today: Callable[[], date] = date.today, writable: bool = False
    ) -> None:
        self._kb, self.lang, self.today, self.writable = kb, lang, today, writable
        self._looked, self._looking = float("-inf"), Lock()

    @property
    def kb(self) -> KnowledgeBase:
        """The knowledge base, its index not older than half a second.

        One request looks for changed files, the others go on with the snapshot that is open.
        """
        if time.monotonic() - self._looked > _FRESH and self._looking.acquire(blocking=self._looked < 0):
            try:
                if self._kb.engine.is_stale() or self._looked < 0:
                    self._kb.refresh()
                    self.__dict__.pop("everything", None)
                self._looked = time.monotonic()
            finally:
                self._looking.release()
        return self._kb

    @cached_property
    def everything(self) -> Result:
        """All entries, counted in all and by facet; no hits."""
        return self._kb.search(limit=0, facets=True)

    @property
    def settings(self) -> Settings:
        """What ``kb.toml`` says."""
        return load_settings(self._kb.corpus.root)

    @property
    def labels(self) -> Labels:
        """The words of documents."""
        return Labels.load(self._kb.corpus.root)

    @property
    def deadlines(self) -> Deadlines:
        """The words that introduce days that matter, and the drafts that are closed today."""
        return Deadlines.of_day(self._kb.engine, self.today())
