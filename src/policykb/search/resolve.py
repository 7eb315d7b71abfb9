"""From what people write to a `SearchRequest`: names of departments and tags become canonical, periods become days."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from policykb.errors import DateError, QueryError, UnknownNameError
from policykb.i18n import _
from policykb.search import query_language
from policykb.search.nodes import And, Field, Node, Not, Or, Within
from policykb.search.request import Filters

if TYPE_CHECKING:
    from policykb.domain.daterange import DateRange
    from policykb.domain.issuers import Authority
    from policykb.domain.vocabulary import Vocabulary
    from policykb.search.request import Result, SearchRequest

Names = str | Iterable[str]
_QUESTION = 6  # characters from which a query may be a question for documents
NO_DATE = ("none", "无")  # what `date:` is followed by for entries without one


class Resolver:
    """Resolves the names and periods of queries and filters.

    A department or tag that is not in the authority files is accepted where an entry has it. The files are loaded
    when they are first needed: most searches name neither.
    """

    def __init__(
        self,
        authority: Callable[[], Authority],
        vocabulary: Callable[[], Vocabulary],
        terms: Callable[[str, str], Iterable[str]],
        today: date | None = None,
    ) -> None:
        """``terms`` gives the values of a field with a prefix, as `Engine.terms` does."""
        self._authority = authority
        self._vocabulary = vocabulary
        self._terms = terms
        self._today = today

    def filters(
        self,
        dates: DateRange | str | None = None,
        issuers: Names = (),
        tags: Names = (),
        kinds: Names = (),
        statuses: Names = (),
        levels: Names = (),
        regions: Names = (),
    ) -> Filters:
        """Filters from names as people write them. Raises `UnknownNameError` with the nearest known names.

        A department stands for its offices too.
        """
        departments = [name for written in several(issuers) for name in self._departments(written)]
        return Filters(
            (self.period(dates) if isinstance(dates, str) else dates) or None,
            tuple(dict.fromkeys(departments)),
            tuple(dict.fromkeys(self._tag(tag) for tag in several(tags))),
            tuple(self._value("kind", kind) for kind in several(kinds)),
            tuple(self._value("status", status) for status in several(statuses)),
            tuple(self._value("level", level) for level in several(levels)),
            tuple(dict.fromkeys(name for region in several(regions) for name in self._regions(region))),
        )

    def resolved(self, node: Node, query: str) -> Node:
        """A query's tree with the names and periods of its fields resolved. Raises `QueryError`, `UnknownNameError`."""
        match node:
            case Field(name="date"):
                if node.value in NO_DATE:
                    return Within(None)
                try:
                    return Within(self.period(node.value))
                except DateError as error:
                    raise QueryError(str(error), query=query, position=node.position) from error
            case Field(name="issuer"):
                names = self._departments(node.value)
                return Or(tuple(Field("issuer", name, node.position) for name in names))
            case Field(name="tag"):
                return node._replace(value=self._tag(node.value))
            case Field(name="region"):
                return Or(tuple(Field("region", name, node.position) for name in self._regions(node.value)))
            case Field(name="kind" | "status" | "level" as field):
                return node._replace(value=self._value(field, node.value))
            case Not():
                return Not(self.resolved(node.item, query))
            case And():
                return And(tuple(self.resolved(item, query) for item in node.items))
            case Or():
                return Or(tuple(self.resolved(item, query) for item in node.items))
        return node

    def answered(self, request: SearchRequest, query: str, search: Callable[[SearchRequest], Result]) -> Result:
        """The answer to a request; a question for documents is taken as such."""
        if request.match != "auto" or len(query) < _QUESTION:
            return search(request)
        from policykb.search.asking import answered  # most queries are words

        return answered(request, query, self, search)

    def _departments(self, written: str) -> Sequence[str]:
        authority = self._authority()
        if several := authority.together(written):
            return several
        canonical = authority.get(written)
        if canonical is not None:
            return authority.covers(canonical)
        listed = [authority.get(name) for name in authority.split(written)]
        if len(listed) > 1 and all(listed):
            return [one for name in listed if name for one in authority.covers(name)]
        return (written if self._is_used("issuer", written) else authority.resolve(written),)

    def _tag(self, written: str) -> str:
        return written if self._is_used("tag", written) else self._vocabulary().resolve(written)

    def _regions(self, written: str) -> Sequence[str]:
        """A place and those in it that entries have."""
        from policykb.domain.levels import regions_within  # few searches name a place

        return regions_within(self._value("region", written), self._terms("region", ""))

    def _value(self, field: str, written: str) -> str:
        """A kind, status, level or region that an entry has or may have. Raises `UnknownNameError` with all of them."""
        if self._is_used(field, written):
            return written
        from difflib import get_close_matches

        from policykb.domain.known_values import known_values  # what is in use needs no list

        known = tuple(dict.fromkeys((*self._terms(field, ""), *known_values(field))))
        if written in known:
            return written
        raise UnknownNameError(field, written, get_close_matches(written, known, n=2, cutoff=0.4), known)

    def _is_used(self, field: str, value: str) -> bool:
        return next(iter(self._terms(field, value)), None) == value

    def mentioned(self, text: str) -> Sequence[tuple[int, int, str]]:
        """The departments that a text mentions: start, end, canonical name, or one of several at once (两办)."""
        authority = self._authority()
        groups = ((text.find(name), name) for name in authority.groups)
        found = [(start, start + len(name), name) for start, name in groups if start >= 0]
        return found[:1] or authority.find(text)

    def covering(self, canonical: str) -> Sequence[str]:
        """A department and its offices, or those that a name means together."""
        authority = self._authority()
        return authority.together(canonical) or authority.covers(canonical)

    def period(self, text: str) -> DateRange:
        """The days of a period. Raises `DateError`."""
        from policykb.domain.daterange import DateRange

        return DateRange.parse(text, today=self._today or date.today())


def parse_query(text: str) -> Node | None:
    """The tree of a query, None for an empty one. Raises `QueryError` for one that asks for nothing, too."""
    node = query_language.parse(text)
    if node is None and text.strip():
        problem = _("there is no letter, digit or Han character to search for")
        raise QueryError(problem, query=text, position=0)
    return node


def several(names: Names) -> tuple[str, ...]:
    """One name, or some."""
    return (names,) if isinstance(names, str) else tuple(names)


def written(filters: Mapping[str, object]) -> list[str]:
    """The values of filters, as they were given."""
    given = (several(value) if isinstance(value, str | tuple | list) else (str(value),) for value in filters.values())
    return [name for names in given for name in names]
