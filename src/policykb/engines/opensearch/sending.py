"""Files become documents and are sent: by this process, or many of them by one a core, as Whoosh's index is built."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from policykb.engines.analysis import LOAD, index_file
from policykb.engines.opensearch.cluster import BlockedError, Cluster, MissingIndexError
from policykb.engines.opensearch.mapping import document
from policykb.engines.opensearch.writing import Change, Held, write
from policykb.engines.sums import DamagedIndexError
from policykb.engines.workers import ALONE, cores, indexed_files, leave, results, shared_out, taken
from policykb.errors import IndexUnusableError, PolicyKBError
from policykb.i18n import language
from policykb.text.lexicon import Lexicon

if TYPE_CHECKING:
    from policykb.corpus.corpus import Corpus
    from policykb.engines.changes import Listing
    from policykb.search.record import Record


_MOST = 20_000  # files of one process
_ERRORS: Mapping[str, type[Exception]] = {error.__name__: error for error in (BlockedError, MissingIndexError)}


class Sent(NamedTuple):
    """What came of some files: their digests, why some are no entries, and whom somebody else wrote meanwhile."""

    digests: dict[str, str]
    problems: dict[str, str]
    overtaken: list[str]


class Sender:
    """Writes files of one corpus into an index, whose weights count by the length ``average``."""

    def __init__(
        self, cluster: Cluster, corpus: Corpus, lexicon: Path, progress: Callable[[int, int], None] | None
    ) -> None:
        self._cluster, self._corpus, self._progress = cluster, corpus, progress
        self._lexicon_file = lexicon
        self._lexicon: Lexicon | None = None
        self._loaded = False

    def records(self, paths: Sequence[str], problems: dict[str, str]) -> Iterator[tuple[str, Record | None, str]]:
        """The records of files, None for one that is no entry, and the digests of their contents."""
        from policykb.domain.issuers import Authority

        if self._lexicon is None or (len(paths) > LOAD and not self._loaded):
            self._loaded = len(paths) > LOAD
            self._lexicon = (Lexicon.load if self._loaded else Lexicon.open)(self._lexicon_file)
        authority = Authority.load(self._corpus.root)
        for path in paths:
            made: list[Record] = []
            digest = index_file(self._corpus, path, self._lexicon, authority, made.append, problems)
            yield path, made[0] if made else None, digest

    def send(
        self, paths: Sequence[str], stats: Listing, held: Mapping[str, Held], average: float, index: str = ""
    ) -> Sent:
        """Writes files in place of what is ``held`` of them, into our index if no other is named."""
        if len(paths) > ALONE and cores() > 1:
            return self._by_several(paths, stats, held, average, index)
        sent = Sent({}, {}, [])
        made = self._told(self.records(paths, sent.problems), len(paths))
        sent.overtaken.extend(write(self._cluster, _changes(made, stats, held, average, sent.digests), index))
        return sent

    def _told(self, made: Iterable[Any], total: int) -> Iterator[Any]:
        for done, one in enumerate(made, 1):
            yield one
            if self._progress and total > LOAD:
                self._progress(done, total)

    def _by_several(
        self, paths: Sequence[str], stats: Listing, held: Mapping[str, Held], average: float, index: str
    ) -> Sent:
        sent = Sent({}, {}, [])
        with tempfile.TemporaryDirectory(prefix="policykb-") as folder:
            jobs = []
            for number, some in enumerate(shared_out(paths, _MOST)):
                own = Path(folder, str(number))
                own.mkdir()
                job = {"corpus": str(self._corpus.root), "lexicon": str(self._lexicon_file), "folder": str(own)}
                known = {path: held[path] for path in some if path in held}
                stated = {path: stats[path] for path in some}
                jobs.append({**job, "paths": some, "held": known, "stats": stated, "average": average, "index": index})
            for _job, result in _whole(results(__name__, jobs, self._progress)):
                if result["error"]:
                    kind, text = result["error"]
                    raise _ERRORS.get(kind, IndexUnusableError)(text)
                sent.digests.update(result["digests"])
                sent.problems.update(result["problems"])
                sent.overtaken.extend(result["overtaken"])
        return sent


def _whole(found: Iterator[Any]) -> Iterator[Any]:
    try:
        yield from found
    except DamagedIndexError as error:  # a process broke off
        raise IndexUnusableError(str(error)) from error


def _changes(
    made: Iterable[tuple[str, Record | None, str]], stats: Listing, held: Mapping[str, Held], average: float,
    digests: dict[str, str],
) -> Iterator[Change]:  # fmt: skip
    """The changes that records are; their digests go into ``digests``."""
    for path, record, digest in made:
        digests[path] = digest
        if record or path in held:
            yield Change(path, record and document(record, digest, stats[path], average), held.get(path))


def work() -> None:
    """Sends the files of a job in a process of its own."""
    from policykb.corpus.settings import load_settings

    job = taken()
    if not job:
        return
    digests: dict[str, str] = {}
    problems: dict[str, str] = {}
    made: list[Record] = []

    def records() -> Iterator[tuple[str, Record | None, str]]:
        for path, digest in indexed_files(job, made.append, problems):
            yield path, made.pop() if made else None, digest

    held = {path: Held(digest, tuple(stat), *rest) for path, (digest, stat, *rest) in job["held"].items()}
    stats = {path: tuple(stat) for path, stat in job["stats"].items()}
    result: dict[str, Any] = {"digests": digests, "problems": problems, "overtaken": [], "error": None}
    with language(job["language"]):
        try:
            settings = load_settings(Path(job["corpus"])).opensearch
            assert settings, "kb.toml names no cluster"
            changes = _changes(records(), stats, held, job["average"], digests)
            result["overtaken"] = write(Cluster(settings), changes, job["index"])
        except PolicyKBError as error:
            result["error"] = [type(error).__name__, str(error)]
    leave(job, result)
