"""`KnowledgeBase`: one corpus and its engine; the Python API."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date
from functools import cached_property
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Self

from policykb.corpus.corpus import Corpus
from policykb.search.engine import WAIT_SEARCH, Outcome
from policykb.search.request import ALL, Match, Result, SearchRequest, SimilarHit, Sort
from policykb.search.resolve import Names, Resolver, parse_query, several, written

if TYPE_CHECKING:
    from policykb.digest.digest import Digest
    from policykb.digest.manifest import Manifest
    from policykb.digest.report import Report
    from policykb.domain.daterange import DateRange
    from policykb.domain.issuers import Authority
    from policykb.domain.policy import Policy
    from policykb.domain.vocabulary import Vocabulary
    from policykb.relations.overview import Overview
    from policykb.search.engine import Engine


class KnowledgeBase(AbstractContextManager["KnowledgeBase"]):
    """A folder with ``corpus/`` and ``index/``.

    The index is brought up to date at the first search; a long-lived program calls `refresh` when files may have
    changed. ``say`` is told what the user should know. Threads may search while others refresh or close: an answer
    comes from one snapshot.
    """

    def __init__(
        self, root: Path, *, index: Path | None = None, say: Callable[[str], None] = lambda text: None,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:  # fmt: skip
        self.corpus = Corpus(root / "corpus")
        self.root = self.corpus.root.parent
        self.say, self._index, self._progress = say, index, progress

    @classmethod
    def open(cls, path: str | os.PathLike[str], **options: Any) -> Self:
        """The knowledge base in the folder ``path``. Raises `NoKnowledgeBaseError` if it is not one."""
        return cls(Path(path), **options)

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        """Releases the index's files; the next search opens them again."""
        if "engine" in self.__dict__:
            self.engine.close()

    @cached_property
    def engine(self) -> Engine:
        """What finds entries: what ``kb.toml`` names."""
        from policykb.engines.choosing import engine_of

        return engine_of(self.corpus, self._index, say=self.say, progress=self._progress)

    @cached_property
    def authority(self) -> Authority:
        """The authority file of departments: the packaged one and the knowledge base's own."""
        from policykb.domain.issuers import Authority

        return Authority.load(self.corpus.root)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The tags: the packaged ones and the knowledge base's own."""
        from policykb.domain.vocabulary import Vocabulary

        return Vocabulary.load(self.corpus.root)

    def refresh(self, *, rebuild: bool = False, wait: float = WAIT_SEARCH) -> Outcome:
        """Brings the index up to date with the files. Raises `IndexUnusableError` where that cannot be done."""
        return self.engine.refresh(rebuild=rebuild, wait=wait)

    def get(self, id: str) -> Policy:
        """The entry of that id, or of the only id that contains it. Raises `CorpusError` for none or several."""
        return self.corpus.read(self.corpus.resolve(id))

    def policies(self) -> Iterator[Policy]:
        """All entries that can be read, in order of their files."""
        return self.corpus.policies()

    def search(
        self, query: str = "", *, dates: DateRange | str | None = None, issuers: Names = (), tags: Names = (),
        kinds: Names = (), statuses: Names = (), levels: Names = (), regions: Names = (), match: Match = "auto",
        sort: Sort | None = None, limit: int = 10, offset: int = 0, exact: bool = False, facets: bool = False,
        explain: bool = False, fresh: bool = True, today: date | None = None, validity: Names | None = None,
        as_of: date | None = None, facet_siblings: bool = False,
    ) -> Result:  # fmt: skip
        """Searches the entries; an empty query gives all that pass the filters, newest first.

        ``query`` is written in the language of `policykb.search.query_language`, ``dates`` as a period is (近三个月
        counts from ``today``, by default the clock's), names as `policykb.search.resolve.Resolver` reads them;
        ``validity`` are states (`policykb.relations.validity`) today or ``as_of`` a day, counted where either is given.
        ``fresh=False`` searches the index as it is; the rest is `SearchRequest`'s. Raises `PolicyKBError`.
        """
        started = perf_counter()
        node = parse_query(query)  # what cannot be read is said before an index is built
        parsed = perf_counter()
        self.engine.open(fresh=fresh)
        opened = perf_counter()
        names = Resolver(lambda: self.authority, lambda: self.vocabulary, self.engine.terms, today)
        filters = names.filters(dates, issuers, tags, kinds, statuses, levels, regions)
        if validity is not None or as_of is not None:
            from policykb.relations.states import restricted

            filters = restricted(filters, several(validity or ()), as_of, today or date.today())
        node = node and names.resolved(node, query)
        request = SearchRequest(node, filters, match, sort, limit, offset, exact, facets, explain, facet_siblings)
        result = names.answered(request.checked(), query, self.engine.search)
        return result._replace(timings={"parse": parsed - started, "open": opened - parsed, **result.timings})

    def similar(self, id: str, *, limit: int = 10) -> Sequence[SimilarHit]:
        """Entries about the same things as the entry ``id``, best first, each with the terms they share."""
        return self.engine.similar(self.corpus.relative(self.corpus.resolve(id)), limit)

    def relations(self, id: str, *, as_of: date | None = None, today: date | None = None) -> Overview:
        """What the entry ``id`` says of others and they of it, and its states, today or ``as_of`` a day."""
        from policykb.relations import overview

        return overview.of_entry(self.engine, self.corpus.relative(self.corpus.resolve(id)), today, as_of)

    def digest(
        self, query: str = "", *, dates: DateRange | None = None, group: str = "month",
        since: Manifest | None = None, today: date, **filters: Any,
    ) -> Digest:  # fmt: skip
        """The digest of the entries that a search with ``filters`` selects, as `policykb.digest.digest.build` says."""
        from policykb.digest import digest

        found = self.search(query, dates=dates, **filters, sort="oldest", limit=ALL, today=today)
        return digest.of_engine(
            self.engine, found, query=" ".join(filter(None, [query, *written(filters | {"as_of": ()})])), period=dates,
            group=group, since=since, today=today, as_of=filters.get("as_of"),
        )  # fmt: skip

    def report(self, period: DateRange, *, today: date) -> Report:
        """The report of a period: its market, its policies, what comes next. Raises `OutputError` for an empty one."""
        from policykb.digest import report

        return report.of_engine(self.engine, period, today=today)
