"""`Reader`: what is ranked, as posting lists, columns and stored entries; every engine has one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from policykb.ranking.docset import NONE, DocSet

if TYPE_CHECKING:
    from policykb.search.links import Links

ARTICLE_PAIRS = ("第一", "一条", "二条", "三条")  # which every text with articles has


class Postings(NamedTuple):
    """The documents that have a term, and what the term weighs in each document, in steps, by document number.

    ``weights`` is empty for terms that only say where they stand.
    """

    documents: DocSet
    weights: bytes


NOWHERE = Postings(NONE, b"")


class Reader(Protocol):
    """A snapshot of documents, which are numbers below ``size``; several threads may read it."""

    size: int

    @property
    def count(self) -> int:
        """How many documents the collection has."""

    @property
    def average_length(self) -> float:
        """The mean length of the documents of the collection, at least 1."""

    @property
    def lengths(self) -> Sequence[int]:
        """The length of each document in weighted words."""

    @property
    def days(self) -> Sequence[int]:
        """The publication day of each document, as a proleptic Gregorian ordinal, or `UNDATED`."""

    @property
    def live(self) -> DocSet:
        """All documents."""

    @property
    def articled(self) -> DocSet:
        """The documents that may have articles, 第一条 and so on."""

    @property
    def undated(self) -> DocSet:
        """The documents without a day."""

    @property
    def links(self) -> Links:
        """The relations of the documents."""

    def postings(self, field: str, term: str) -> Postings:
        """The documents that have a term; none where no document has it."""

    def frequency(self, field: str, term: str, found: Postings) -> int:
        """How many documents of the collection have a term, whose postings are ``found``."""

    def there(self, field: str, terms: Iterable[str]) -> Iterator[str]:
        """Those of some terms that documents have."""

    def terms(self, field: str, prefix: str = "") -> Iterator[str]:
        """The terms of a field that begin with ``prefix``, sorted."""

    def published(self, first: int, stop: int) -> DocSet:
        """The documents of the days, as ordinals, from ``first`` up to and without ``stop``."""

    def each(self, documents: DocSet) -> Iterable[int]:
        """The documents of a set, to be read one after the other."""

    def all_of(self, documents: Iterable[int]) -> DocSet:
        """The set of documents that were read."""

    def holding(self, folded: str, among: DocSet, *, title: bool = False) -> DocSet:
        """Those of some documents whose text, or whose title, contains a folded string."""

    def path(self, document: int) -> bytes:
        """The path of a document in the corpus, for ordering."""

    def text(self, document: int) -> str:
        """The folded text of a document: title, document names, number and body, parted by ``SECTION``."""

    def sections(self, document: int) -> list[str]:
        """The folded title, document names, number and body of a document."""

    def entry(self, document: int) -> dict[str, Any]:
        """What is stored of a document: the fields of its policy, and ``path`` relative to the corpus."""
