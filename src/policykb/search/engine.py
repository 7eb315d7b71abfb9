"""`Engine`: what a search engine does for a knowledge base, whichever it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from policykb.domain.policy import Policy
from policykb.i18n import _

if TYPE_CHECKING:
    from policykb.corpus.corpus import Corpus
    from policykb.corpus.findings import Finding
    from policykb.search.links import Links
    from policykb.search.request import Result, SearchRequest, SimilarHit

T = TypeVar("T")

WAIT_SEARCH = 10.0  # seconds that a search waits for another process which writes the index
WAIT_INDEX = 60.0  # seconds that a command which is there for the index waits
NAMED = 3  # files that cannot be read, each in a line of its own; more are counted


class Outcome(NamedTuple):
    """What a refresh did: entries there are now, added, changed and removed; the files it could not read.

    ``problems`` are reasons by path; ``remarks`` say why the index could not be brought up to date, if so.
    """

    entries: int
    added: int = 0
    changed: int = 0
    removed: int = 0
    rebuilt: bool = False
    problems: Mapping[str, str] = MappingProxyType({})
    remarks: Sequence[str] = ()

    @property
    def said(self) -> Sequence[str]:
        """What the user should know of it: each problem, or where they are many how many, and the remarks."""
        problems = list(self.problems.values())
        if len(problems) > NAMED:
            left_out = _("{number} files cannot be read as entries and are left out; 'policykb check' names them")
            problems = [left_out.format(number=f"{len(problems):,}")]
        return [*problems, *self.remarks]


class Engine(Protocol):
    """Finds entries of one corpus.

    An engine answers from one snapshot until it is refreshed or closed. Several threads may use it: what has begun
    ends with the snapshot that it began with. All methods raise `IndexUnusableError` where there is no index that can
    be used.
    """

    corpus: Corpus
    follows: bool  # whether a look at the files is cheap enough to be taken before each answer

    def open(self, *, fresh: bool = True) -> None:
        """Opens a snapshot where none is open, brought up to date with the files unless ``fresh`` is false."""

    def refresh(self, *, rebuild: bool = False, wait: float = WAIT_SEARCH) -> Outcome:
        """Brings the index up to date with the files, or makes it anew, and opens it.

        Another process that writes the index is waited for, up to ``wait`` seconds.
        """

    def is_stale(self) -> bool:
        """Whether files have changed, or may have, since what is open was brought up to date, by whomever."""

    def snapshot(self) -> Engine:
        """The engine as it is now: all that this one answers comes from one snapshot, whatever becomes of the engine.

        Where the index turns out to be damaged, both go on with the one that is made anew.
        """

    def examine(self, *, mend: bool = False) -> tuple[Sequence[Finding], Sequence[Finding]]:
        """What is wrong with the index and is still so, and what has been mended, if asked for.

        A missing or outdated index is nothing wrong: the next search makes it.
        """

    def search(self, request: SearchRequest) -> Result:
        """Answers a request, complete: every entry that matches is counted, and every facet exact."""

    def similar(self, path: str, limit: int) -> Sequence[SimilarHit]:
        """The entries about the same things as the one at ``path`` in the corpus, best first.

        Raises `CorpusError` where that one is not in the index.
        """

    def terms(self, field: str, prefix: str = "") -> Iterable[str]:
        """The values of a field that entries have and that begin with ``prefix``, sorted.

        The fields are the facets: issuer, tag, kind, status, level and region.
        """

    def linked(self, read: Callable[[Links], T]) -> T:
        """What ``read`` makes of the relations between the entries of one snapshot."""

    def cut(self, folded: str) -> Sequence[str]:
        """The words of a folded text, by the dictionary that the snapshot was cut by."""

    def close(self) -> None:
        """Releases what the snapshot holds; the next use opens another one."""


def all_entries(engine: Engine) -> list[Policy]:
    """Every entry of the engine's snapshot, newest first; a search for all of them would show a passage of each."""
    engine.open()
    found = engine.linked(lambda links: [Policy.from_data(links.entry(one)) for one in links.documents()])
    return sorted(found, key=lambda one: (one.date or date.min, one.id), reverse=True)
