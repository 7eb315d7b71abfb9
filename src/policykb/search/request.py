"""What is asked of an engine and what it answers: a request, filters, hits, a result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

if TYPE_CHECKING:
    from policykb.domain.daterange import DateRange
    from policykb.domain.policy import Policy
    from policykb.search.links import Links
    from policykb.search.nodes import Node

Match = Literal["auto", "all", "any", "phrase"]
Sort = Literal["relevance", "newest", "oldest"]
ALL = 1 << 30  # a limit that no collection reaches


# the filters by the names of their options, and the arguments of a search that they are
FILTERS: Mapping[str, str] = MappingProxyType({
    "issuer": "issuers", "tag": "tags", "kind": "kinds", "status": "statuses", "level": "levels", "region": "regions",
    "validity": "validity",
})  # fmt: skip
PERIOD = ("from", "to", "during")  # the options of a period
FILTERED: Mapping[str, str] = MappingProxyType({**FILTERS, "month": "dates"})  # what each facet is filtered by


class Filters(NamedTuple):
    """Restrictions by metadata: values of one kind mean any of them, kinds are combined.

    ``issuers`` to ``regions`` are canonical names. ``validity`` are states,
    and ``states`` says in which of them each document of a snapshot is: the day is in it. Where it is given, facets
    count these, too.
    """

    dates: DateRange | None = None
    issuers: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    validity: tuple[str, ...] = ()
    states: Callable[[Links], Mapping[int, str]] | None = None

    def __bool__(self) -> bool:
        return any(self._replace(states=None))

    def without(self, name: str) -> Filters:
        """The filters without those of one kind."""
        return self._replace(**{name: Filters._field_defaults[name]})


class SearchRequest(NamedTuple):
    """A question that any engine can answer: names are canonical, periods are days, nothing is left to look up.

    ``node`` is the query as a tree, None for all entries; ``sort`` None is by relevance, newest first where there is
    no query. ``match``: entries with ``all`` words, ``any`` of them, the words as one ``phrase``; ``auto`` takes all
    words, and the best partial matches for a question or where no entry has them all. ``limit`` hits are wanted,
    after the first ``offset``; ``exact`` leaves synonyms out; ``facets`` and ``explain`` are computed when asked for.
    ``facet_siblings`` are facets that count each field as if nothing of it were chosen: what another choice would give.
    """

    node: Node | None = None
    filters: Filters = Filters()
    match: Match = "auto"
    sort: Sort | None = None
    limit: int = 10
    offset: int = 0
    exact: bool = False
    facets: bool = False
    explain: bool = False
    facet_siblings: bool = False

    def checked(self) -> SearchRequest:
        """The request itself. Raises ValueError for an option that cannot be."""
        sorts = (None, *get_args(Sort))
        if self.match not in get_args(Match) or self.sort not in sorts or self.limit < 0 or self.offset < 0:
            raise ValueError(f"match={self.match!r}, sort={self.sort!r}, limit={self.limit}, offset={self.offset}")
        return self

    @property
    def order(self) -> Sort:
        """How the hits are ordered."""
        return self.sort or ("newest" if self.node is None else "relevance")


class Mark(NamedTuple):
    """A stretch of a snippet that matches, in characters; ``synonym`` if not by what was typed itself."""

    start: int
    end: int
    synonym: bool = False


class Snippet(NamedTuple):
    """A passage of a hit: ``text`` is the body's text from ``offset`` on (characters), marks are relative to it.

    ``title_marks`` are the matches in the title.
    """

    text: str = ""
    offset: int = 0
    marks: tuple[Mark, ...] = ()
    title_marks: tuple[Mark, ...] = ()

    def __str__(self) -> str:
        return self.text

    def __contains__(self, text: object) -> bool:
        return isinstance(text, str) and text in self.text


class Hit(NamedTuple):
    """A found entry with its score (0 without words), its best passage and its path relative to the corpus.

    ``partial`` says that it lacks some of the words; ``explanation`` is filled when asked for,
    and ``validity``, the state of its document on a day. ``article`` is the one of a law that answers (第十二条);
    ``law`` is the same for all versions of one law, empty where there is one only.
    """

    policy: Policy
    path: str
    score: float
    snippet: Snippet
    partial: bool = False
    explanation: Mapping[str, float] = MappingProxyType({})
    validity: str = ""
    article: str = ""
    law: str = ""


class Result(NamedTuple):
    """The answer to a request: the hits asked for, and how many there are in all.

    ``partial``: no entry has all words, these have some. ``facets``: values and counts by facet, over all
    hits. ``notes`` say what was understood where it is not obvious, and what could be done about an empty result;
    ``explain`` shows how the query was cut, expanded and filtered. ``timings`` are seconds by phase. ``undated``
    entries would match, were it not for the period: they have no date.
    """

    total: int
    hits: Sequence[Hit]
    partial: bool = False
    facets: Mapping[str, Mapping[str, int]] = MappingProxyType({})
    notes: Sequence[str] = ()
    explain: Sequence[str] = ()
    timings: Mapping[str, float] = MappingProxyType({})
    undated: int = 0


class SimilarHit(NamedTuple):
    """An entry about the same things as another one, with the terms that both have."""

    hit: Hit
    shared: Sequence[str]
