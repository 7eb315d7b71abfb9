"""The best documents that a cluster has found, to be ranked and shown by the code that ranks for one machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from policykb.engines.opensearch.mapping import Stored, unpacked
from policykb.engines.opensearch.selection import Selection
from policykb.ranking.docset import NONE, DocSet
from policykb.ranking.matching import Matcher
from policykb.ranking.reader import ARTICLE_PAIRS, Postings
from policykb.search.record import SECTION

if TYPE_CHECKING:
    from policykb.engines.opensearch.reading import QueryReader
    from policykb.ranking.searcher import Searcher

FIELDS = ["blob", "day", "path"]  # what a search fetches of each
LEAD = 1 << 18  # what a hit scores for a set that leads, at the least: twice that, and more than all else together


class Candidates:
    """Reads hits as `policykb.ranking.reader.Reader` says: documents are the numbers of hits.

    What the collection as a whole decides, frequencies and the average length, is that of the cluster.
    """

    def __init__(self, hits: Sequence[Mapping[str, Any]], whole: QueryReader) -> None:
        self._whole = whole
        self._stored: list[Stored] = []
        self.days: list[int] = []
        self._paths: list[bytes] = []
        self._leads: list[int] = []
        for hit in hits:
            fields = hit["fields"]
            self._stored.append(unpacked(fields["blob"][0]))
            self.days.append(fields["day"][0])
            self._paths.append(fields["path"][0].encode())
            score = hit["sort"][0] if "sort" in hit else hit["_score"]
            self._leads.append(int(score or 0) // LEAD)
        self.size = len(hits)
        self.lengths = [stored.length for stored in self._stored]
        self.count, self.average_length = whole.count, whole.average_length
        self._lists: dict[tuple[str, str], Postings] = {}

    @cached_property
    def live(self) -> DocSet:
        """All candidates."""
        return DocSet((1 << self.size) - 1)

    @cached_property
    def articled(self) -> DocSet:
        """Those that may have articles."""
        documents = self.live
        for pair in ARTICLE_PAIRS:
            documents &= self.holding(pair, documents)
        return documents

    def leading(self, place: int) -> DocSet:
        """Those whose score says that they are in a set that scored ``LEAD << place``; to ask for names costs a cluster
        more than the rest of a search."""
        return DocSet.of(number for number, leads in enumerate(self._leads) if leads >> place & 1)

    def postings(self, field: str, term: str) -> Postings:
        """The documents that have a word or a pair of characters, and what a word weighs in each."""
        found = self._lists.get((field, term))
        if found is None:
            found = self._lists[field, term] = self._postings(field, term)
        return found

    def _postings(self, field: str, term: str) -> Postings:
        if field == "pair":
            return Postings(self.holding(term, self.live), b"")
        word = term.encode("utf-8", "surrogatepass")
        weights = bytes(stored.weight(word) for stored in self._stored)
        documents = DocSet.flagged(weights)
        return Postings(documents, weights if documents else b"")

    def frequency(self, field: str, term: str, found: Postings) -> int:
        """How many documents of the cluster have a term."""
        return self._whole.frequency(field, term, found)

    def holding(self, folded: str, among: DocSet, *, title: bool = False) -> DocSet:
        """Those of some documents whose text, or whose title, contains a folded string."""
        found = (number for number in among if folded in (self.sections(number)[0] if title else self.text(number)))
        return DocSet.of(found)

    def path(self, document: int) -> bytes:
        """The path of a document in the corpus, for ordering."""
        return self._paths[document]

    def text(self, document: int) -> str:
        """The folded text of a document: title, document names, number and body, parted by ``SECTION``."""
        return self._stored[document].text

    def sections(self, document: int) -> list[str]:
        """The folded title, document names, number and body of a document."""
        return self.text(document).split(SECTION)

    def entry(self, document: int) -> dict[str, Any]:
        """What is stored of a document."""
        return self._stored[document].data()


class CandidateMatcher(Matcher):
    """Says which of the candidates match: they are so few that their texts are looked at."""

    def containing(self, folded: str, known: DocSet = NONE, *, title: bool = False) -> DocSet:
        return known | self._reader.holding(folded, self._reader.live - known, title=title)


class Answered(Selection):
    """The documents that a search has selected, with their number, facets and, as far as asked for, themselves."""

    __slots__ = ("aggregations", "hits", "total")

    def __init__(self, selection: Selection, answer: Mapping[str, Any], hits: Searcher) -> None:
        super().__init__(selection.query, selection._count)
        self.total: int = answer["hits"]["total"]["value"]
        self.aggregations: Mapping[str, Any] = answer.get("aggregations", {})
        self.hits = hits

    def __len__(self) -> int:
        return self.total
