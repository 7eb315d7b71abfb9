"""`ClusterEngine`: the engine of a knowledge base whose index is in an OpenSearch cluster."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Sequence
from copy import copy
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, TypeVar

from policykb.corpus.settings import load_settings
from policykb.engines.changes import listing_digest, versions
from policykb.engines.opensearch.building import Building, patiently
from policykb.engines.opensearch.cluster import BlockedError, Cluster, MissingIndexError
from policykb.engines.opensearch.mapping import VERSION
from policykb.engines.opensearch.place import host_of
from policykb.engines.opensearch.reading import QueryReader
from policykb.engines.opensearch.searcher import ClusterSearcher
from policykb.engines.opensearch.writing import differing
from policykb.errors import DataError, IndexUnusableError
from policykb.files.atomic import write_atomically
from policykb.files.cache import cache_folder
from policykb.i18n import _
from policykb.ranking.answering import alike, answer
from policykb.search.engine import WAIT_SEARCH, Outcome
from policykb.text.lexicon import Lexicon
from policykb.text.lexicon_file import CompiledLogProbs
from policykb.text.thesaurus import Thesaurus

if TYPE_CHECKING:
    from policykb.corpus.corpus import Corpus
    from policykb.corpus.findings import Finding
    from policykb.search.links import Links
    from policykb.search.request import Result, SearchRequest, SimilarHit

T = TypeVar("T")
KEPT = 60  # seconds for which what was counted is taken to be so
OLD = 86_400  # seconds since the last change of an index from which its age is said


class ClusterEngine:
    """The `policykb.search.engine.Engine` over an index of a cluster, which other machines search and write as well.

    Only `refresh` looks at the files; a search finds what the index holds.
    """

    follows = False

    def __init__(
        self,
        corpus: Corpus,
        folder: Path | None = None,
        *,
        say: Callable[[str], None] = lambda text: None,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        """``folder`` holds the dictionaries, by default one in the user's cache."""
        self.corpus = corpus
        settings = load_settings(corpus.root).opensearch
        assert settings, "kb.toml names no cluster"
        try:
            for url in settings.url:
                host_of(url)
        except ValueError as error:
            raise DataError(f"{corpus.root / 'kb.toml'}: opensearch: url: {error}") from None
        self._cluster = Cluster(settings)
        self._folder = folder
        self._say, self._progress = say, progress
        self._searcher: ClusterSearcher | None = None
        self._frozen = self._told = False
        self._listing = ""
        self._opening = RLock()

    @property
    def searcher(self) -> ClusterSearcher:
        """What searches, with what it has counted in the last minute; the first use makes a missing index."""
        old = self._searcher
        if old and time.monotonic() - old.made > KEPT and not self._frozen:  # others may have written, or made it anew
            with self._opening:
                if self._searcher is old:
                    self._searcher = None
        while (searcher := self._searcher) is None:
            self.open()
        return searcher

    def open(self, *, fresh: bool = True) -> None:
        with self._opening:
            if self._searcher is not None:
                return
            self._cluster.check()
            building = self._building()
            if not building.index():
                if not fresh:
                    raise self._cluster.missing()
                self.refresh()
                return
            said = building.says()
            if said.get("fingerprint") != self._fingerprint():
                # two of unlike versions would make it anew by turns, each for hours
                text = _(
                    "{url}: other dictionaries or another version made the index {name}; 'policykb index' makes it anew"
                )
                raise IndexUnusableError(text.format(url=self._cluster.url, name=self._cluster.alias))
            if time.time() - said["updated"] > OLD and not self._told:
                self._told = True
                when = time.strftime("%Y-%m-%d", time.localtime(said["updated"]))
                self._say(_("the index is of {day}; 'policykb index' brings it up to date").format(day=when))
            self._searcher = self._made()

    def refresh(self, *, rebuild: bool = False, wait: float = WAIT_SEARCH) -> Outcome:
        with self._opening:
            self._cluster.check()
            building = self._building()
            listing = self.corpus.stats()

            def work() -> Outcome:
                old = building.index()
                said = building.says() if old else {}
                if rebuild or said.get("fingerprint") != self._fingerprint():
                    if old and not rebuild:
                        self._say(_("the dictionaries or the version changed; rebuilding the index"))
                    return building.build(old)
                return building.update(said, listing)

            outcome = patiently(wait, self._say, work)
            self._listing = listing_digest(listing)
            self._searcher = self._made()
        for text in outcome.said:
            self._say(text)
        return outcome

    def is_stale(self) -> bool:
        listing = self.corpus.stats()
        if self._listing:
            return self._listing != listing_digest(listing)
        building = self._building()
        if not building.index():
            return True
        left_out = building.says().get("left_out", {})
        return bool(differing(self._cluster, {path: stat for path, stat in listing.items() if path not in left_out}))

    def snapshot(self) -> ClusterEngine:
        with self._opening:
            if not self.searcher.cluster.pit:
                self._searcher = self._made(pinned=True)
            frozen = copy(self)
        frozen._frozen = True
        return frozen

    def examine(self, *, mend: bool = False) -> tuple[Sequence[Finding], Sequence[Finding]]:
        from policykb.engines.opensearch.health import examine

        return examine(self._cluster, self._building(), self.corpus, mend=mend)

    def _fingerprint(self) -> str:
        return f"{VERSION}.{versions(self.corpus.root)}"

    def _building(self) -> Building:
        return Building(self._cluster, self.corpus, self._dictionaries()[0], self._progress)

    def _made(self, *, pinned: bool = False) -> ClusterSearcher:
        lexicon, thesaurus = self._dictionaries()
        words = CompiledLogProbs(lexicon)
        cluster = self._cluster.pinned() if pinned or self._frozen else self._cluster
        reader = QueryReader(cluster, words)
        return ClusterSearcher(cluster, reader, Lexicon(words, words.total), Thesaurus.open(thesaurus))

    def _dictionaries(self) -> tuple[Path, Path]:
        """The lexicon and the thesaurus of this knowledge base, compiled where they are not yet."""
        from policykb.engines.dictionaries import compile_dictionaries, words_of

        key = hashlib.sha1(os.fsencode(self.corpus.root), usedforsecurity=False).hexdigest()[:16]
        folder = self._folder or cache_folder() / f"opensearch-{key}"
        known = folder / "dictionaries.json"
        fingerprint = self._fingerprint()
        try:
            made, *names = json.loads(known.read_bytes())
            if made == fingerprint and all((folder / name).is_file() for name in names):
                return folder / names[0], folder / names[1]
        except (OSError, ValueError):
            pass
        folder.mkdir(parents=True, exist_ok=True)
        names = list(compile_dictionaries(folder, self.corpus.root, *words_of(self.corpus.root)))
        write_atomically(known, json.dumps([fingerprint, *names]).encode())
        return folder / names[0], folder / names[1]

    def _read(self, read: Callable[[ClusterSearcher], T]) -> T:
        """What is read, once more where the index was replaced meanwhile."""
        for last in (False, True):
            searcher = self.searcher
            try:
                return read(searcher)
            except MissingIndexError:
                if last:
                    raise
                self._searcher = None
            except BlockedError as error:
                text = _("{url} cannot answer in full: {reason}; see GET _cluster/health")
                raise IndexUnusableError(text.format(url=self._cluster.url, reason=error)) from None
            except IndexUnusableError:
                if last or not searcher.cluster.pit:
                    raise
                self._searcher = None  # the nodes that had this point in time may be gone, and others be there
        raise AssertionError

    def search(self, request: SearchRequest) -> Result:
        return self._read(lambda searcher: answer(searcher, request))

    def similar(self, path: str, limit: int) -> Sequence[SimilarHit]:
        return self._read(lambda searcher: alike(searcher, self.corpus.root, path, limit))

    def terms(self, field: str, prefix: str = "") -> Sequence[str]:
        return self._read(lambda searcher: list(searcher.reader.terms(field, prefix)))

    def linked(self, read: Callable[[Links], T]) -> T:
        return self._read(lambda searcher: read(searcher.reader.links))

    def cut(self, folded: str) -> Sequence[str]:
        return self._read(lambda searcher: list(searcher.lexicon.cut(folded)))

    def close(self) -> None:
        searcher, self._searcher = self._searcher, None
        if searcher and not self._frozen:
            searcher.cluster.release()
