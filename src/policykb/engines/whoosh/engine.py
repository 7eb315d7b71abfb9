"""`WhooshEngine`: the engine of a knowledge base on one machine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, TypeVar

from policykb.engines.sums import DamagedIndexError
from policykb.engines.whoosh.index import Index
from policykb.engines.whoosh.opening import index_folder, refresh_anywhere
from policykb.engines.whoosh.refresh import open_as_is
from policykb.errors import IndexUnusableError, PolicyKBError
from policykb.i18n import _
from policykb.ranking.answering import alike, answer
from policykb.ranking.searcher import Searcher
from policykb.search.engine import WAIT_SEARCH, Outcome
from policykb.search.request import Result, SearchRequest, SimilarHit

if TYPE_CHECKING:
    from policykb.corpus.corpus import Corpus
    from policykb.corpus.findings import Finding
    from policykb.search.links import Links

T = TypeVar("T")


class WhooshEngine:
    """The `policykb.search.engine.Engine` over Whoosh segments in a folder."""

    follows = True

    def __init__(
        self,
        corpus: Corpus,
        folder: Path | None = None,
        *,
        say: Callable[[str], None] = lambda text: None,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        """``folder`` holds the index, by default ``index/`` beside the corpus; ``say`` is told what happens to it."""
        self.corpus = corpus
        self.index = Index(folder or index_folder(corpus.root.parent, say))
        self._say = say
        self._progress = progress
        self._searcher: Searcher | None = None
        self._may_write = True
        self._origin: WhooshEngine | None = None  # what this one is a snapshot of
        self._opening = RLock()

    @property
    def searcher(self) -> Searcher:
        """The open snapshot, which stays as long as it is used; the first use brings the index up to date."""
        while (searcher := self._searcher) is None:  # another thread may close it at once
            self.open()
        return searcher

    def open(self, *, fresh: bool = True) -> None:
        with self._opening:
            if self._searcher is None:
                self._may_write = fresh
                if fresh:
                    self.refresh()
                else:
                    self._searcher = open_as_is(self.index)

    def refresh(self, *, rebuild: bool = False, wait: float = WAIT_SEARCH) -> Outcome:
        with self._opening:
            self.index, (searcher, outcome) = refresh_anywhere(
                self.index, self.corpus, rebuild=rebuild, wait=wait, progress=self._progress, say=self._say
            )
            self._searcher = searcher
        for text in outcome.said:
            self._say(text)
        return outcome

    def is_stale(self) -> bool:
        from policykb.engines.changes import listing_digest

        try:
            newest, opened = self.index.state(self.index.generation()), self.index.opened
            overtaken = opened is not None and opened.segments != newest.segments  # by another process
            return overtaken or newest.listing != listing_digest(self.corpus.stats())
        except (DamagedIndexError, OSError):  # somebody has deleted it
            return True

    def snapshot(self) -> WhooshEngine:
        self.searcher  # noqa: B018 - opens one
        pinned = copy(self)
        pinned._origin = self
        return pinned

    def examine(self, *, mend: bool = False) -> tuple[list[Finding], list[Finding]]:
        from policykb.engines.whoosh.health import examine

        return examine(self.index, self.corpus, mend=mend, say=self._say)

    def _read(self, read: Callable[[Searcher], T]) -> T:
        """What is read from the snapshot; where that fails, the index is taken as damaged, and made anew once.

        Sums tell what was written badly, not what was crafted, as in the folder of a stranger.
        """
        searcher = self.searcher
        try:
            return read(searcher)
        except (PolicyKBError, MemoryError):
            raise
        except Exception as error:
            self._replace(searcher, f"{type(error).__name__}: {error}"[:200])
        return read(self.searcher)

    def _replace(self, searcher: Searcher, reason: str) -> None:
        if self._origin:
            self._origin._replace(searcher, reason)
            self._searcher = self._origin.searcher
            return
        with self._opening:
            if not self._may_write:
                text = _("the index {folder} is damaged: {reason}; run 'policykb index --rebuild'")
                raise IndexUnusableError(text.format(folder=self.index.folder, reason=reason))
            if self._searcher is searcher:  # no other thread has done it
                self._say(_("the index is damaged: {reason}; rebuilding it").format(reason=reason))
                self.refresh(rebuild=True)

    def search(self, request: SearchRequest) -> Result:
        return self._read(lambda searcher: answer(searcher, request))

    def similar(self, path: str, limit: int) -> Sequence[SimilarHit]:
        return self._read(lambda searcher: alike(searcher, self.corpus.root, path, limit))

    def terms(self, field: str, prefix: str = "") -> Sequence[str]:
        def read(searcher: Searcher) -> Sequence[str]:
            reader = searcher.reader
            return [term for term in reader.terms(field, prefix) if reader.postings(field, term).documents]

        return self._read(read)

    def linked(self, read: Callable[[Links], T]) -> T:
        return self._read(lambda searcher: read(searcher.reader.links))

    def cut(self, folded: str) -> Sequence[str]:
        return self._read(lambda searcher: searcher.lexicon.cut(folded))

    def close(self) -> None:
        self._searcher = None  # the files are closed when no thread uses the snapshot any more
