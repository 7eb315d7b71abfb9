"""`WhooshEngine`: the engine of a knowledge base on one machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from policykb.domain.policy import Policy
from policykb.engines.whoosh.advice import advise
from policykb.engines.whoosh.explain import explain_query, marked, shares
from policykb.engines.whoosh.index import Index
from policykb.engines.whoosh.opening import index_folder, refresh_anywhere
from policykb.engines.whoosh.refresh import open_as_is
from policykb.engines.whoosh.searcher import Found, Searcher
from policykb.engines.whoosh.similar import similar
from policykb.errors import CorpusError
from policykb.search.engine import Outcome
from policykb.search.request import Hit, Result, SearchRequest, SimilarHit
from policykb.search.snippets import snippet
from policykb.text.lexicon import Lexicon
from policykb.text.thesaurus import Thesaurus

if TYPE_CHECKING:
    from policykb.corpus.corpus import Corpus
    from policykb.engines.whoosh.reader import Reader


class WhooshEngine:
    """The `policykb.search.engine.Engine` over Whoosh segments in a folder."""

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
        self.index = Index(folder or index_folder(corpus.root.parent))
        self._say = say
        self._progress = progress
        self._searcher: Searcher | None = None

    @property
    def lexicon(self) -> Lexicon:
        return self.searcher.lexicon

    @property
    def searcher(self) -> Searcher:
        """The open snapshot; the first use brings the index up to date."""
        self.open()
        assert self._searcher
        return self._searcher

    def open(self, *, fresh: bool = True) -> None:
        if self._searcher is None:
            if fresh:
                self.refresh()
            else:
                self._use(open_as_is(self.index))

    def refresh(self, *, rebuild: bool = False, wait: float | None = None) -> Outcome:
        self.close()
        options: dict[str, Any] = {"rebuild": rebuild, "progress": self._progress, "say": self._say}
        if wait is not None:
            options["wait"] = wait
        self.index, (reader, outcome) = refresh_anywhere(self.index, self.corpus, **options)
        for text in (*outcome.problems.values(), *outcome.remarks):
            self._say(text)
        self._use(reader)
        return outcome

    def is_stale(self) -> bool:
        from policykb.engines.whoosh.changes import listing_digest

        return self.index.state(self.index.generation()).listing != listing_digest(self.corpus.stats())

    def search(self, request: SearchRequest) -> Result:
        clock = [perf_counter()]
        searcher = self.searcher
        found = searcher.search(request)
        clock.append(perf_counter())
        facets = searcher.facets.count(found.documents) if request.facets else {}
        clock.append(perf_counter())
        page = found.ranked[request.offset : request.offset + request.limit]
        hits = [_hit(searcher, number, found, request.explain) for number in page]
        notes = () if found.documents and not found.partial else advise(searcher, request, found)
        explanation = explain_query(searcher, request, found) if request.explain else ()
        clock.append(perf_counter())
        phases = ("search", "facets", "show")
        timings = {phase: end - start for phase, start, end in zip(phases, clock, clock[1:], strict=False)}
        return Result(len(found.documents), hits, found.partial, facets, notes, explanation, timings)

    def similar(self, path: str, limit: int) -> Sequence[SimilarHit]:
        searcher = self.searcher
        own = list(searcher.reader.postings("path", path).documents)
        if not own:
            raise CorpusError(f"{path} is not in the index; run 'policykb check {self.corpus.root / path}'")
        found = []
        for document, score, shared in similar(searcher, own[0], limit):
            entry = searcher.reader.entry(document)
            shown = snippet(entry["title"], entry["body"], shared)
            found.append(SimilarHit(Hit(Policy.from_data(entry), entry["path"], round(score, 4), shown), shared))
        return found

    def terms(self, field: str, prefix: str = "") -> Iterator[str]:
        reader = self.searcher.reader
        return (term for term in reader.terms(field, prefix) if reader.postings(field, term).documents)

    def close(self) -> None:
        if self._searcher:
            self._searcher.reader.close()
            self._searcher = None

    def _use(self, reader: Reader) -> None:
        folder, state = self.index.folder, reader.state
        assert state
        lexicon, thesaurus = Lexicon.open(folder / state.lexicon), Thesaurus.open(folder / state.thesaurus)
        self._searcher = Searcher(reader, lexicon, thesaurus)


def _hit(searcher: Searcher, document: int, found: Found, explain: bool) -> Hit:
    entry = searcher.reader.entry(document)
    exact, synonyms = marked(searcher, document, found)
    return Hit(
        policy=Policy.from_data(entry),
        path=entry["path"],
        score=round(found.scores.get(document, 0.0), 4),
        snippet=snippet(entry["title"], entry["body"], exact, synonyms),
        partial=document in found.lacking,
        explanation=shares(searcher, document, found) if explain else {},
    )
