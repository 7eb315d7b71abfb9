"""Saved searches: ``corpus/searches.toml``, each a query and filters under a name.

::

    [[search]]
    name = "碳足迹"
    query = "碳足迹 OR 碳标识"
    issuer = ["生态环境部", "市场监管总局"]
    during = "近一年"
    reason = "产品出口"
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from policykb.domain.policy import Policy, is_portable
from policykb.errors import AbsentError, DataError, DateError, PolicyKBError, QueryError, UnknownNameError
from policykb.files import toml
from policykb.i18n import _
from policykb.search.request import ALL, FILTERS, PERIOD, Result

FILE = "searches.toml"
SIGN = "@"  # before the name of one, where a query is expected
_KEYS = {"name", "query", "reason", *PERIOD, *FILTERS}
_EVERYTHING = "all"  # what news of all entries are called


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A query, its filters by the names of their options, and why somebody wants to know."""

    name: str
    query: str
    filters: Mapping[str, tuple[str, ...]]
    reason: str
    path: Path
    lines: Mapping[str, int]

    def get(self, option: str) -> str | None:
        """The value of an option that has one."""
        return next(iter(self.filters.get(option, ())), None)

    def arguments(self, today: date) -> dict[str, Any]:
        """The filters as arguments of `KnowledgeBase.search`. Raises DataError for a period that cannot be read."""
        from policykb.domain.daterange import DateRange

        with self.naming():
            first, last, during = map(self.get, PERIOD)
            for written in filter(None, (first, last)):
                DateRange.parse(written, today=today)  # so that a mistake is told of the one that has it
            dates = DateRange.between(first, last, today=today)
            if during:
                inside = dates & DateRange.parse(during, today=today)
                if inside is None:
                    raise DateError(_("{during} lies outside of from and to").format(during=during))
                dates = inside
        named = {argument: self.filters[key] for key, argument in FILTERS.items() if key in self.filters}
        return {"dates": dates or None, **named}

    def policies(self, search: Callable[..., Result], today: date) -> list[Policy]:
        """The entries that it finds; ``search`` is that of a knowledge base. Raises DataError."""
        with self.naming():
            return [hit.policy for hit in search(self.query, limit=ALL, today=today, **self.arguments(today)).hits]

    @contextmanager
    def naming(self) -> Iterator[None]:
        """What is wrong with the query or a filter becomes a DataError that names the file, the line and the key."""
        try:
            yield
        except PolicyKBError as error:
            if (key := self._wrong(error)) is None:
                raise
            raise DataError(f"{self.path}:{self.lines[key]}: {key}: {error}") from None

    def _wrong(self, error: PolicyKBError) -> str | None:
        """The key that an error is about, None where it is about something else."""
        if isinstance(error, QueryError):
            return "query" if self.query else None
        written = error.name if isinstance(error, UnknownNameError) else ""
        stated = [(key, value) for key, values in self.filters.items() for value in values]
        keys = [key for key, value in stated if (value == written if written else value in str(error))]
        in_query = isinstance(error, UnknownNameError | DateError) and self.query and written in self.query
        return keys[0] if keys else "query" if in_query else None


def saved_searches(corpus: Path) -> list[SavedSearch]:
    """The saved searches of a knowledge base. Raises DataError with file, line and key."""
    path = corpus / FILE
    found: dict[str, SavedSearch] = {}
    for table, lines in toml.rows(path, "search", ("name",)):
        one = _read(table, path, lines)
        if (other := found.setdefault(one.name.casefold(), one)) is not one:
            problem = _("{name} is the name of the search in line {line}, too").format(
                name=one.name, line=other.lines["name"]
            )
            raise DataError(f"{path}:{lines['name']}: name: {problem}")
    return list(found.values())


def saved_search(corpus: Path, name: str) -> SavedSearch:
    """The saved search of that name. Raises AbsentError where there is none, with the nearest."""
    known = {one.name: one for one in saved_searches(corpus)}
    if name in known:
        return known[name]
    problem = _("{path}: there is no search {name}; known are {names}")
    if not known:
        problem = _("{path}: there is no search {name}, and no other")
    elif near := get_close_matches(name, known, n=2, cutoff=0.4):
        problem = _("{path}: there is no search {name}; did you mean {near}?")
        raise AbsentError(problem.format(path=corpus / FILE, name=name, near=_(" or ").join(near)))
    raise AbsentError(problem.format(path=corpus / FILE, name=name, names=", ".join(known)))


def _read(table: Mapping[str, object], path: Path, lines: Mapping[str, int]) -> SavedSearch:
    for key, value in table.items():
        with toml.naming(f"{path}:{lines[key]}"):
            toml.only({key: value}, _KEYS)
            if key in FILTERS and not isinstance(value, str):
                toml.texts(table, key)
            else:
                toml.text(table, key)
    with toml.naming(f"{path}:{lines['name']}"):
        name = toml.text(table, "name").strip()
        if not is_portable(name) or not name.isprintable() or name[0] in ".@-" or name.casefold() == _EVERYTHING:
            raise toml.wrong("name", _("what a file can be called, and not all"), name)
    if not table.keys() - {"name", "reason"}:
        problem = _("query: is missing, and there is no filter either: it would find everything")
        raise DataError(f"{path}:{lines['name']}: {problem}")
    filters = {
        key: (value,) if isinstance(value, str) else tuple(map(str, value))
        for key, value in table.items()
        if key in (*PERIOD, *FILTERS) and isinstance(value, str | list)
    }
    return SavedSearch(name, str(table.get("query", "")), filters, str(table.get("reason", "")), path, lines)
