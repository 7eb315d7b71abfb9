"""`KnowledgeBase`: one corpus and its index; the Python API."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self, get_args

from policykb import query as q
from policykb.analysis import Lexicon
from policykb.corpus import Corpus
from policykb.corpus.settings import find
from policykb.errors import (
    CorpusError,
    DateError,
    DocumentError,
    IndexUnusableError,
    NoKnowledgeBaseError,
    QueryError,
)
from policykb.index import Index
from policykb.index.entry import stored_policy
from policykb.policy import Policy
from policykb.query import Filters, Hit, Match, Node, Result, Sort
from policykb.refresh import Outcome, cache_folder, open_as_is, refresh
from policykb.search import Found, Searcher
from policykb.search.snippets import snippet
from policykb.storage import finish
from policykb.thesaurus import Thesaurus

if TYPE_CHECKING:
    from policykb.dates import DateRange
    from policykb.digest import Digest
    from policykb.digest.manifest import Manifest
    from policykb.digest.report import Report
    from policykb.issuers import Authority
    from policykb.reports.intake import Intake
    from policykb.reports.official import Draft
    from policykb.tagging import Evaluation, Suggestion, Term
    from policykb.vocabulary import Vocabulary

Names = str | Iterable[str]


def shipped() -> Path:
    """The folder with the corpus of 2024 that comes with the package (or, in a checkout, the checkout)."""
    here = Path(__file__).parent
    packaged = here / "shipped"
    return packaged if packaged.is_dir() else here.parents[1]


# where nothing can be written in the knowledge base, the user's cache may have room
UNWRITABLE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT)


def locate(start: Path) -> Path | None:
    """The nearest folder, from ``start`` upwards, that holds a knowledge base; None outside any."""
    return find(start)


class KnowledgeBase:
    """A folder with ``corpus/`` and ``index/``.

    The index is brought up to date at the first search; a long-lived program calls `refresh` when files may
    have changed. ``say`` is told what the user should know (a first build, a file that cannot be read).
    """

    def __init__(
        self,
        root: Path,
        *,
        index: Path | None = None,
        say: Callable[[str], None] = lambda text: None,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        self.root = root
        self.corpus = Corpus(root / "corpus")
        self.index = Index(index or _index_folder(root))
        self._say = say
        self._progress = progress
        self._searcher: Searcher | None = None
        self._finished = False  # whether `finish_change` had something to do
        self._authority: Authority | None = None
        self._vocabulary: Vocabulary | None = None

    @classmethod
    def open(cls, path: str | os.PathLike[str], **options: Any) -> Self:
        """The knowledge base in the folder ``path``. Raises `NoKnowledgeBaseError` if it is not one."""
        root = Path(path).absolute()
        if not (root / "corpus").is_dir():
            raise NoKnowledgeBaseError(f"{root} is not a knowledge base: it has no folder corpus/ (policykb init)")
        return cls(root, **options)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Releases the index's files; the next search opens them again."""
        if self._searcher:
            self._searcher.reader.close()
            self._searcher = None

    @property
    def authority(self) -> Authority:
        """The authority file of departments: the packaged one and the knowledge base's own."""
        if self._authority is None:
            from policykb.issuers import Authority

            self._authority = Authority.load(self.corpus.root)
        return self._authority

    @property
    def vocabulary(self) -> Vocabulary:
        """The tags: the packaged ones and the knowledge base's own."""
        if self._vocabulary is None:
            from policykb.vocabulary import Vocabulary

            self._vocabulary = Vocabulary.load(self.corpus.root)
        return self._vocabulary

    # -- the index

    def refresh(self, *, rebuild: bool = False, wait: float | None = None) -> Outcome:
        """Brings the index up to date with the files. Raises `IndexUnusableError` where that cannot be done."""
        self.close()
        options: dict[str, Any] = {"rebuild": rebuild, "progress": self._progress, "say": self._say}
        if wait is not None:
            options["wait"] = wait
        outcome = None
        while outcome is None:
            try:
                outcome = refresh(self.index, self.corpus, **options)
            except OSError as error:
                reason, cached = error.strerror or error, _cached(self.root)
                if error.errno not in UNWRITABLE or self.index.folder == cached:
                    raise IndexUnusableError(f"the index {self.index.folder} cannot be written: {reason}") from error
                self.index = Index(cached)
                self._say(f"the index cannot be written ({reason}); using one in {cached}")
        for problem in outcome.problems.values():
            self._say(problem)
        for remark in outcome.remarks:
            self._say(remark)
        self._open(outcome.reader)
        return outcome

    def is_stale(self) -> bool:
        """Whether files have changed since the index was brought up to date."""
        from policykb.refresh import listing_digest

        return self.index.state(self.index.generation()).listing != listing_digest(self.corpus.stats())

    def _open(self, reader: Any) -> None:
        folder, state = self.index.folder, reader.state
        self._searcher = Searcher(
            reader, Lexicon.open(folder / state.lexicon), Thesaurus.open(folder / state.thesaurus)
        )

    def searcher(self, *, fresh: bool = True) -> Searcher:
        """The open snapshot; the first call brings the index up to date unless ``fresh`` is false."""
        if self._searcher is None:
            if fresh:
                self.refresh()
            else:
                self._open(open_as_is(self.index))
        assert self._searcher
        return self._searcher

    # -- entries

    def get(self, id: str) -> Policy:
        """The entry of that id, or of the only id that contains it. Raises `CorpusError` for none or several."""
        return self.corpus.read(self.corpus.resolve(id))

    def policies(self) -> Iterator[Policy]:
        """All entries that can be read, in order of their files."""
        return self.corpus.policies()

    # -- searching

    def filters(
        self,
        *,
        dates: DateRange | None = None,
        issuers: Names = (),
        tags: Names = (),
        kinds: Names = (),
        statuses: Names = (),
    ) -> Filters:
        """Filters from names as people write them. Raises `UnknownNameError` with the nearest known names.

        A department stands for its offices too. A department or tag that is not in the authority files is
        accepted where an entry has it.
        """
        departments = [name for written in _several(issuers) for name in self._department(written)]
        return Filters(
            dates or None,
            tuple(dict.fromkeys(departments)),
            tuple(dict.fromkeys(self._tag(tag) for tag in _several(tags))),
            _several(kinds),
            _several(statuses),
        )

    def _department(self, written: str) -> Sequence[str]:
        canonical = self.authority.get(written)
        if canonical is not None:
            return self.authority.covers(canonical)
        if self.searcher().reader.postings("issuer", written).documents:
            return (written,)
        return (self.authority.resolve(written),)

    def _tag(self, written: str) -> str:
        if self.searcher().reader.postings("tag", written).documents:
            return written
        return self.vocabulary.resolve(written)

    def search(
        self,
        query: str = "",
        *,
        dates: DateRange | str | None = None,
        issuers: Names = (),
        tags: Names = (),
        kinds: Names = (),
        statuses: Names = (),
        match: Match = "auto",
        sort: Sort | None = None,
        limit: int = 10,
        offset: int = 0,
        exact: bool = False,
        facets: bool = False,
        explain: bool = False,
        fresh: bool = True,
        today: date | None = None,
    ) -> Result:
        """Searches the entries; an empty query gives all that pass the filters, newest first.

        ``query`` is written in the language of `policykb.query`. ``dates`` is a period or how it is written
        (近三个月 counts from ``today``, which defaults to the clock's). Names in the filters are resolved as by
        `filters`. ``match``: words ``all``, ``any``, as one ``phrase``, or ``auto``. ``exact`` turns synonyms off,
        ``fresh=False`` searches the index as it is. Raises `PolicyKBError`.
        """
        from policykb.search.advice import advise, explain_query

        clock = [perf_counter()]
        if match not in get_args(Match) or sort not in (None, *get_args(Sort)) or limit < 0 or offset < 0:
            raise ValueError(f"match={match!r}, sort={sort!r}, limit={limit}, offset={offset}")
        node = q.parse(query)
        if node is None and query.strip():
            raise QueryError("there is no letter, digit or Han character to search for", query=query, position=0)
        clock.append(perf_counter())
        searcher = self.searcher(fresh=fresh)
        clock.append(perf_counter())
        if isinstance(dates, str):
            dates = _period(dates, today)
        filters = self.filters(dates=dates, issuers=issuers, tags=tags, kinds=kinds, statuses=statuses)
        node = self._resolve(node, query, today) if node is not None else None
        order: Sort = sort or ("relevance" if node is not None else "newest")
        found = searcher.search(node, filters, match=match, sort=order, need=offset + limit, exact=exact)
        clock.append(perf_counter())
        counts = searcher.facets(found.documents) if facets else {}
        clock.append(perf_counter())
        hits = [self._hit(searcher, number, found, explain) for number in found.ranked[offset : offset + limit]]
        notes = advise(searcher, node, filters, found, match=match, exact=exact)
        explanation = explain_query(searcher, node, filters, found, exact=exact) if explain else ()
        clock.append(perf_counter())
        phases = ("parse", "open", "search", "facets", "show")
        timings = {phase: end - start for phase, start, end in zip(phases, clock, clock[1:], strict=False)}
        return Result(len(found.documents), hits, found.partial, counts, notes, explanation, timings)

    def _resolve(self, node: Node, query: str, today: date | None) -> Node:
        """Names and dates of the query's fields, resolved."""
        match node:
            case q.Field(name="date"):
                try:
                    return q.Within(_period(node.value, today))
                except DateError as error:
                    raise QueryError(str(error), query=query, position=node.position) from error
            case q.Field(name="issuer"):
                names = self._department(node.value)
                return q.Or(tuple(q.Field("issuer", name, node.position) for name in names))
            case q.Field(name="tag"):
                return replace(node, value=self._tag(node.value))
            case q.Not():
                return q.Not(self._resolve(node.item, query, today))
            case q.And():
                return q.And(tuple(self._resolve(item, query, today) for item in node.items))
            case q.Or():
                return q.Or(tuple(self._resolve(item, query, today) for item in node.items))
        return node

    def _hit(self, searcher: Searcher, document: int, found: Found, explain: bool) -> Hit:
        entry = searcher.reader.entry(document)
        exact, synonyms = searcher.marked(document, found)
        return Hit(
            policy=stored_policy(entry),
            path=entry["path"],
            score=round(found.scores.get(document, 0.0), 4),
            snippet=snippet(entry["title"], entry["body"], exact, synonyms),
            partial=document in found.lacking,
            explanation=searcher.explain(document, entry, found) if explain else {},
        )

    # -- writing out

    def digest(
        self,
        query: str = "",
        *,
        dates: DateRange | None = None,
        group: str = "month",
        since: Manifest | None = None,
        today: date,
        **filters: Any,
    ) -> Digest:
        """The chronological digest of the entries that a search selects; ``filters`` are those of `search`.

        With ``since``, the manifest of an earlier digest, only of those that are new or changed. Raises
        `OutputError` where nothing is selected.
        """
        from policykb import digest
        from policykb.dates import DateRange
        from policykb.digest.deadlines import Deadlines

        found = self.search(query, dates=dates, **filters, sort="oldest", limit=1 << 30, today=today)
        asked = [query, *(name for names in filters.values() for name in _several(names))]
        return digest.build(
            (hit.policy for hit in found.hits),
            query=" ".join(filter(None, asked)),
            period=dates or DateRange(),
            today=today,
            state=self.state(),
            deadlines=Deadlines.load(self.corpus.root),
            group=group,
            since=since,
        )

    def report(self, period: DateRange, *, today: date) -> Report:
        """The report of a period: its market, its policies, what comes next. Raises `OutputError` for an empty one."""
        from policykb import market
        from policykb.digest import report
        from policykb.digest.deadlines import Deadlines

        return report.build(
            self.corpus.policies(),
            market.load(self.corpus.root),
            period=period,
            today=today,
            state=self.state(),
            deadlines=Deadlines.load(self.corpus.root),
        )

    def state(self) -> str:
        """A short digest of all entries, which changes when any of them does."""
        import hashlib

        digest = hashlib.sha1(usedforsecurity=False)
        for path in self.corpus.paths():
            digest.update(f"{path.relative_to(self.corpus.root).as_posix()}\n".encode("utf-8", "surrogateescape"))
            digest.update(hashlib.sha1(path.read_bytes(), usedforsecurity=False).digest())
        return digest.hexdigest()[:12]

    # -- taking in

    def finish_change(self) -> bool:
        """Finishes a change of several files that was cut short, and says so; returns whether there was one.

        All that changes entries begins with it. Raises `CorpusError` where it cannot be finished.
        """
        done = finish(self.corpus.root)
        if done.files:
            self._say(f"finished a change that was cut short (files written: {len(done.files):,})")
        for path in done.changed:
            self._say(f"{path}: was to be changed, but somebody else did; it is left as it is")
        self._finished = self._finished or bool(done.files)
        return self._finished

    def import_reports(
        self, files: Iterable[Path], *, folder: str | None = None, update: bool = False, dry_run: bool = False
    ) -> Intake:
        """Imports reviews that list dated entries, as `policykb.reports.intake.import_reports` describes."""
        from policykb.reports.intake import import_reports

        self.finish_change()
        return import_reports(self.corpus, self.authority, files, folder=folder, update=update, dry_run=dry_run)

    def add(self, file: Path | bytes, *, name: str, url: str | None = None) -> tuple[Draft, Path]:
        """Adds one official document, as `policykb.reports.intake.add_document` describes."""
        from policykb.reports.intake import add_document

        self.finish_change()
        return add_document(self.corpus, self.authority, file, name=name, url=url)

    # -- tagging

    def entries(self, targets: Iterable[str] = (), *, untagged: bool = False) -> list[Path]:
        """The files of entries by id (or a part of one) or by a query; with ``untagged`` those without a tag too.

        Raises `CorpusError` for a target that names nothing.
        """
        found: dict[Path, None] = {}
        for target in targets:
            try:
                found[self.corpus.resolve(target)] = None
            except CorpusError as error:
                hits = self.search(target, limit=1 << 30).hits
                if not hits:
                    raise CorpusError(f"{error}; as a query it finds nothing either") from error
                found.update(dict.fromkeys(self.corpus.root / hit.path for hit in hits))
        if untagged:
            for path in self.corpus.paths():
                policy = self.corpus.examine(path).policy
                if policy is not None and not policy.tags:
                    found[path] = None
        return list(found)

    def suggest_tags(
        self, targets: Iterable[str] = (), *, untagged: bool = False, min_score: float | None = None
    ) -> list[tuple[str, Path | None, Sequence[Suggestion]]]:
        """Proposed tags: for each target its name, its file in the corpus (None outside it) and the suggestions.

        A target may be a file that is not in the corpus.
        """
        from policykb.tagging import MIN_SCORE, Tagger

        tagger = Tagger(self.vocabulary, self.corpus.policies())
        score = MIN_SCORE if min_score is None else min_score
        found: list[tuple[str, Path | None, Sequence[Suggestion]]] = []
        inside = []
        for target in targets:
            path = Path(target)
            if path.is_file() and not path.resolve().is_relative_to(self.corpus.root.resolve()):
                found.append((target, None, tagger.suggest(self._outside(path), min_score=score)))
            else:
                inside.append(target)
        if inside or untagged:
            for path in self.entries(inside, untagged=untagged):
                policy = self.corpus.read(path)
                found.append((policy.id, path, tagger.suggest(policy, min_score=score)))
        return found

    def _outside(self, path: Path) -> Policy:
        """The policy in a file that is not in the corpus, whatever its form."""
        import datetime

        from policykb.reports.official import read_document
        from policykb.reports.sources import read_lines

        try:
            return self.corpus.read(path)
        except DocumentError:
            draft = read_document(read_lines(path), self.authority)
            found = draft.found
            title = found["title"].value if "title" in found else path.stem
            day = found["date"].value if "date" in found else datetime.date.min  # neither says what it is about
            return draft.policy(title=title, date=day)

    def evaluate_tags(self, min_score: float | None = None) -> Evaluation:
        """How well tags would be proposed for the tagged entries, each learned from all others."""
        from policykb.tagging import MIN_SCORE, evaluate

        score = MIN_SCORE if min_score is None else min_score
        return evaluate(self.vocabulary, self.corpus.policies(), min_score=score)

    def retag(
        self, paths: Iterable[Path], *, add: Sequence[str] = (), remove: Sequence[str] = (), dry_run: bool = False
    ) -> list[TagChange]:
        """Adds and removes tags of entries, all or none, and returns what changed.

        A removed tag is noted as rejected, so that it is not proposed for the entry again. Raises
        `UnknownNameError` for a tag to add that is not in the vocabulary.
        """
        self.finish_change()
        add = [self.vocabulary.resolve(tag) for tag in add]
        changes, writes = [], []
        for path in paths:
            policy = self.corpus.read(path)
            gone = {*remove}
            tags = tuple(dict.fromkeys((*(tag for tag in policy.tags if tag not in gone), *add)))
            before = _strings(policy.extra.get("rejected_tags"))
            rejected = [tag for tag in dict.fromkeys((*before, *remove)) if tag not in add]
            edits: dict[str, object] = {}
            if tags != policy.tags:
                edits["tags"] = list(tags)
            if rejected != before:
                edits["rejected_tags"] = rejected or None
            changes.append(TagChange(policy.id, policy.tags, tags))
            if edits:
                writes.append(self.corpus.revision(path, edits))
        if not dry_run:
            self.corpus.write(writes)
        return changes

    def rename_tag(self, *names: str, merge: bool = False, dry_run: bool = False) -> list[TagChange]:
        """Replaces tags by the last of ``names`` in all entries, all or none.

        A change that was cut short is finished first; that may leave nothing to do. Entries that cannot be read are
        passed over, and said to be. Raises `CorpusError` where the new name is in use already and ``merge`` is
        false, it cannot be a tag, or no entry has one of the old ones.
        """
        finished = self.finish_change()
        new = names[-1].strip()
        old = [name for name in names[:-1] if name != new]
        if not new or not new.isprintable():
            raise CorpusError(f"{new!r:.80} cannot be a tag: a tag is some text on one line")
        if not old:
            raise CorpusError(f"the tag {new} has this name already; give another one")
        changes, writes, used = [], [], False
        for path in self.corpus.paths():
            try:
                policy = self.corpus.read(path)
            except DocumentError as error:
                self._say(f"{error}; its tags stay as they are")
                continue
            used = used or new in policy.tags
            if not set(old) & {*policy.tags}:
                continue
            tags = tuple(dict.fromkeys(new if tag in old else tag for tag in policy.tags))
            changes.append(TagChange(policy.id, policy.tags, tags))
            writes.append(self.corpus.revision(path, {"tags": list(tags)}))
        if not changes and finished and used:
            return []
        if not changes:
            raise CorpusError(f"no entry has the tag {'、'.join(old)}")
        if used and not merge:
            together = f"policykb tags merge {' '.join(names)}"
            raise CorpusError(f"the tag {new} is in use already; to put both together: {together}")
        if new not in self.vocabulary:
            self._say(f"{new} is not in the vocabulary; define it in {self.corpus.root / 'tags.toml'}")
        if not dry_run:
            self.corpus.write(writes)
        return changes

    def untagged_terms(self) -> list[Term]:
        """Frequent terms that no tag's trigger words cover, most frequent first."""
        from policykb.analysis import fold
        from policykb.tagging import frequent_terms_without_tag

        lexicon = self.searcher().lexicon
        return frequent_terms_without_tag(self.corpus.policies(), self.vocabulary, lambda text: lexicon.cut(fold(text)))

    def similar(self, id: str, *, limit: int = 10, fresh: bool = True) -> list[tuple[Hit, Sequence[str]]]:
        """Entries about the same things as the entry ``id``, best first, each with the terms they share."""
        searcher = self.searcher(fresh=fresh)
        path = self.corpus.resolve(id).relative_to(self.corpus.root).as_posix()
        own = list(searcher.reader.postings("path", path).documents)
        if not own:
            raise CorpusError(f"{path} is not in the index; run 'policykb check {id}'")
        found: list[tuple[Hit, Sequence[str]]] = []
        for document, score, terms in searcher.similar(own[0], limit):
            entry = searcher.reader.entry(document)
            shown = snippet(entry["title"], entry["body"], terms)
            found.append((Hit(stored_policy(entry), entry["path"], round(score, 4), shown), terms))
        return found


class TagChange(NamedTuple):
    """An entry's tags before and after a change."""

    id: str
    before: tuple[str, ...]
    after: tuple[str, ...]


def _strings(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list | tuple) else []


def _several(names: Names) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def _period(text: str, today: date | None) -> DateRange:
    from policykb.dates import DateRange

    return DateRange.parse(text, today=today or date.today())


def _index_folder(root: Path) -> Path:
    """``index/`` beside the corpus; in the user's cache where that cannot be made."""
    own = root / "index"
    packaged = root == shipped() and root.is_relative_to(Path(__file__).parent)
    if not packaged and (own.is_dir() or os.access(root, os.W_OK)):
        return own
    return _cached(root)


def _cached(root: Path) -> Path:
    """The index folder of a knowledge base in the user's cache."""
    import hashlib

    key = hashlib.sha1(os.fsencode(root), usedforsecurity=False).hexdigest()[:16]
    return cache_folder() / f"index-{key}"
