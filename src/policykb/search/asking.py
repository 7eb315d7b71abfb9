"""Questions for documents: 国务院2024年发布了哪些碳相关政策 asks for those of the State Council, of 2024, about 碳.

The words are data, ``data/asking.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from policykb.errors import DateError
from policykb.files import toml
from policykb.files.packaged import DATA
from policykb.i18n import _
from policykb.search.nodes import And, Field, Or, Word
from policykb.search.request import Result, SearchRequest

if TYPE_CHECKING:
    from policykb.domain.daterange import DateRange
    from policykb.search.nodes import Node
    from policykb.search.resolve import Resolver


_BETWEEN = 12  # characters that may stand between 哪些 and 政策
_CONNECTOR = 2  # characters between two departments of one list: 与, 以及
_LONGEST_PERIOD = 14
_PERIOD_START = re.compile('[0-9０-９一二三四五六七八九十〇今去前本上近过最年“"]')


class Asked(NamedTuple):
    """What a question for documents asks: what is left to search for, and what became filters.

    ``departments`` has for each that is named itself and its offices; ``jointly``: all of them issued the document.
    """

    words: tuple[Node, ...]
    dates: DateRange | None
    departments: Sequence[Sequence[str]]
    jointly: bool

    @property
    def issuers(self) -> tuple[str, ...]:
        """The departments and their offices."""
        return tuple(dict.fromkeys(name for some in self.departments for name in some))

    @property
    def each(self) -> tuple[Node, ...]:
        """That a document is of each department."""
        return tuple(Or(tuple(Field("issuer", name) for name in some)) for some in self.departments)


class _Words(NamedTuple):
    asks: re.Pattern[str]
    jointly: re.Pattern[str]
    issued: re.Pattern[str]
    about: re.Pattern[str]
    filler: re.Pattern[str]


@cache
def _words() -> _Words:
    data = toml.read(DATA / "asking.toml")
    which, documents, having, jointly, issued, about, filler = (
        "|".join(sorted(map(re.escape, data[key]), key=len, reverse=True))
        for key in ("which", "documents", "having", "jointly", "issued", "about", "filler")
    )
    before = rf"(?P<which>{which})[^，。？?,；;]{{0,{_BETWEEN}}}?(?P<what>{documents})"
    after = rf"(?P<documents>{documents})(?P<asked>(?:{having})(?:{which})呢?)[？?。\s]*$"
    of = rf"(?<=的)(?P<of>{documents})[？?。\s]*$"
    deed = rf"(?P<deed>(?:{issued})了?(?:{which}))[？?。\s]*$"
    return _Words(
        re.compile(f"{before}|{after}|{of}|{deed}"),
        re.compile(jointly),
        re.compile(issued),
        re.compile(about),
        re.compile(rf"^(?:{filler})+|(?:{filler})+$"),
    )


def answered(request: SearchRequest, query: str, names: Resolver, search: Callable[[SearchRequest], Result]) -> Result:
    """The answer to a request, whose question for documents is taken as such, and said to be.

    Where what is so understood leaves nothing the question is answered as it stands.
    """
    asked = _read(request, query, names)
    if asked is None:
        return search(request)
    filters = request.filters._replace(
        dates=request.filters.dates or asked.dates, issuers=request.filters.issuers or asked.issuers
    )
    said, wanted = [], asked.words
    if filters.issuers != request.filters.issuers:
        text = _("department {names}")
        if asked.jointly:
            text = _("departments {names} jointly")
            wanted = (*wanted, *asked.each)
        said.append(text.format(names="、".join(asked.issuers)))
    if filters.dates != request.filters.dates:
        said.append(_("period {period}").format(period=asked.dates))
    understood = ", ".join(said)
    node = And(wanted) if len(wanted) > 1 else wanted[0] if wanted else None
    order = request.sort or (None if asked.words else "newest")
    result = search(request._replace(node=node, filters=filters, sort=order))
    if not result.total:
        result = search(request)
        note = _("no entry of {filters} answers this; it is answered by its words alone").format(filters=understood)
    else:
        note = _('taken as filters: {filters}; in quotation marks ("{example}") it is searched for as a string')
        example = asked.issuers[0] if asked.issuers else str(asked.dates)[:4]
        note = note.format(filters=understood, example=example)
    return result._replace(notes=[note, *result.notes]) if said else result


def _read(request: SearchRequest, query: str, names: Resolver) -> Asked | None:
    """What a query of plain words asks for; None where it is no question for documents."""
    items = request.node.items if isinstance(request.node, And) else (request.node,)
    words = _words()
    if not all(isinstance(item, Word) for item in items) or not (asks := words.asks.search(query)):
        return None
    about = next((match.start() for match in words.about.finditer(query)), len(query))
    spans = [span for name in asks.groupdict() if (span := asks.span(name))[0] >= 0]
    spans += [match.span() for match in words.about.finditer(query)]
    departments = [found for found in names.mentioned(query) if found[0] < about]
    spans += [(start, end) for start, end, _name in departments]
    between = ((one[1], other[0]) for one, other in pairwise(departments))
    spans += [(start, end) for start, end in between if end - start <= _CONNECTOR]
    period = next(_periods(query[:about], names), None)
    spans += [period[:2]] if period else []
    if not departments and not period and about == len(query):
        return None
    if (asks["of"] and not (departments and period)) or (asks["deed"] and not departments):
        return None  # 国务院碳排放的通知 is what a title may have
    spans += [match.span() for match in words.issued.finditer(query) if match.start() < max(about, asks.end())]
    rest = list(query)
    for start, end in spans:
        rest[start:end] = " " * (end - start)
    pieces = (words.filler.sub("", piece) for piece in "".join(rest).split())
    found = tuple(Word(piece) for piece in pieces if re.search(r"\w", piece))
    issuing = [names.covering(one) for one in dict.fromkeys(name for _start, _end, name in departments)]
    jointly = len(issuing) > 1 and bool(words.jointly.search(query, 0, about))
    return Asked(found, period[2] if period else None, issuing, jointly)


def _periods(text: str, names: Resolver) -> Iterator[tuple[int, int, DateRange]]:
    """The periods in a text, each as long as it can be read, with where it stands."""
    for match in _PERIOD_START.finditer(text):
        for end in range(min(len(text), match.start() + _LONGEST_PERIOD), match.start() + 1, -1):
            try:
                yield match.start(), end, names.period(text[match.start() : end])
                break
            except DateError:
                continue
