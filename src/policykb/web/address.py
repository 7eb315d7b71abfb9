"""`Address`: what a page is asked for. The address is the state of the page: it can be mailed, and back works."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, get_args
from urllib.parse import urlencode

from policykb.digest.digest import GROUPS
from policykb.domain.daterange import DateRange
from policykb.domain.dates_in_text import parse_day
from policykb.errors import QueryError
from policykb.i18n import _
from policykb.search.request import FILTERS, PERIOD, Match, Sort

# short keys of entries, with full stops between them: added to what the search selects, and taken out of it
BASKET = ("pick", "drop")
_CHOICES = {"sort": get_args(Sort), "match": get_args(Match), "group": GROUPS}
_SINGLE = ("q", *PERIOD, "as-of", "sort", "match", "page", "at", "group", "style", "format", *BASKET)
# of one page, or one entry in it: other pages of the same search leave them out
PLACE = ("page", "at", "format")
_PLAIN = re.compile(r"[\w.-]+")  # shells take Han characters as they are
_LONGEST = 4000  # characters of one value
_MOST = 200  # parameters


@dataclass(frozen=True, slots=True)
class Address:
    """The parameters of a page in the order of the address, named as the options of the command line are.

    An address never changes: `with_` and `without` give that of another page. What is empty, or no parameter of ours,
    is left out.
    """

    parameters: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, parameters: Iterable[tuple[str, str]]) -> Address:
        """The address of a request. Raises QueryError for what no page of ours can be asked for."""
        found = [(name, value.strip()) for name, value in parameters if value.strip()]
        found = [pair for pair in dict.fromkeys(found) if pair[0] in FILTERS or pair[0] in _SINGLE]
        if len(found) > _MOST or any(len(value) > _LONGEST for _name, value in found):
            raise QueryError(_("the address is too long"), query="", position=0)
        for name in _SINGLE:
            if sum(name == one for one, _value in found) > 1:
                raise QueryError(_("{name} is given twice").format(name=name), query="", position=0)
            if name in _CHOICES and any(name == one and value not in _CHOICES[name] for one, value in found):
                known = ", ".join(_CHOICES[name])
                raise QueryError(_("{name} is one of {known}").format(name=name, known=known), query="", position=0)
        return cls(tuple(found))

    def get(self, name: str) -> str:
        """The value of a parameter, empty where it has none."""
        return next((value for one, value in self.parameters if one == name), "")

    def all(self, name: str) -> tuple[str, ...]:
        """The values of a parameter."""
        return tuple(value for one, value in self.parameters if one == name)

    def number(self, name: str, default: int) -> int:
        """The value of a parameter that counts from 1. Raises QueryError for anything else."""
        text = self.get(name)
        if not text:
            return default
        if not (text.isascii() and text.isdigit() and int(text[:9]) > 0 and len(text) < 9):
            raise QueryError(
                _("{name} must be a number, not {text}").format(name=name, text=text), query="", position=0
            )
        return int(text)

    def with_(self, **values: str) -> Address:
        """The address with other values for parameters of one value; an empty one leaves the parameter out.

        ``from_`` is ``from``, ``as_of`` is ``as-of``.
        """
        names = {name.rstrip("_").replace("_", "-"): value for name, value in values.items()}
        kept = [pair for pair in self.parameters if pair[0] not in names]
        return Address((*kept, *((name, value) for name, value in names.items() if value)))

    def turned(self, name: str, value: str) -> Address:
        """The address with a value of a filter added, or taken away where it has it; it begins at the first page."""
        own = self.without(*PLACE)
        if (name, value) in own.parameters:
            return Address(tuple(pair for pair in own.parameters if pair != (name, value)))
        return Address((*own.parameters, (name, value)))

    def with_tag(self, tag: str) -> Address:
        """The address with a tag among its filters."""
        return self if ("tag", tag) in self.parameters else self.turned("tag", tag)

    def only_basket(self) -> Address:
        """The address of what was picked alone."""
        return Address(tuple(pair for pair in self.parameters if pair[0] == "pick"))

    def without(self, *names: str) -> Address:
        """The address without some parameters."""
        return Address(tuple(pair for pair in self.parameters if pair[0] not in names))

    def href(self, path: str = "/") -> str:
        """The address of ``path`` with these parameters."""
        return f"{path}?{'&'.join(map(_encoded, self.parameters))}" if self.parameters else path

    def period(self, today: date) -> DateRange | None:
        """The period of ``from``, ``to`` and ``during``, None where none is given. Raises DateError."""
        return DateRange.within(*map(self.get, PERIOD), today=today) or None

    def selection(self, today: date) -> dict[str, Any]:
        """The filters, as arguments of `KnowledgeBase.search`; states only where one is set. Raises DateError."""
        chosen: dict[str, Any] = {argument: self.all(name) for name, argument in FILTERS.items()}
        if not chosen["validity"]:
            del chosen["validity"]
        if day := self.get("as-of"):
            chosen["as_of"] = parse_day(day)
        return {"dates": self.period(today), **chosen}

    @property
    def is_open(self) -> bool:
        """Whether it asks for all entries: no words, no filter, no period."""
        return not any(name in ("q", *PERIOD, *FILTERS, "as-of") for name, _value in self.parameters)

    def command(self) -> str:
        """The command line that finds the same; whoever copies it from a mailed address runs nothing else."""
        words = ["policykb", "search"]
        if query := self.get("q"):
            words.append(query)
        for name, value in self.parameters:
            if name in (*FILTERS, *PERIOD, "as-of", "sort", "match"):
                words += [f"--{name}", value]
        return " ".join(word if _PLAIN.fullmatch(word) else shlex.quote(word) for word in words)


@lru_cache(4096)
def _encoded(parameter: tuple[str, str]) -> str:
    """A parameter in an address; a page has a hundred ways, and most parameters are the same in all."""
    return urlencode([parameter])
