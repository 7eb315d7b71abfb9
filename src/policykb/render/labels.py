"""The words of the documents that policykb writes, and days and periods in them.

They stand in ``data/labels.toml``; a knowledge base changes any of them in ``corpus/labels.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any

from policykb.domain.policy import joined_issuers
from policykb.errors import DataError
from policykb.files import toml
from policykb.files.packaged import DATA, data_files
from policykb.i18n import _

if TYPE_CHECKING:
    from policykb.domain.daterange import DateRange


@dataclass(frozen=True, slots=True)
class Labels:
    """``labels["digest"]["title"]`` is a label; unknown names are a KeyError, a defect of policykb."""

    tables: Mapping[str, Any]

    @classmethod
    def load(cls, corpus: Path | None) -> Labels:
        """The packaged labels, changed by those of the knowledge base; a DataError names a wrong one."""
        _packed, *own = data_files("labels.toml", corpus)
        return cls(_merged(_packaged(), toml.read(own[0]), str(own[0])) if own else _packaged())

    def __getitem__(self, table: str) -> Any:
        return self.tables[table]

    def day(self, day: date) -> str:
        """2024年6月4日."""
        return str(self["period"]["day"]).format(year=day.year, month=day.month, day=day.day)

    def day_of_year(self, day: date) -> str:
        """6月4日."""
        return str(self["period"]["day_of_year"]).format(month=day.month, day=day.day)

    def period(self, period: DateRange) -> str:
        """2024年, 2024年上半年, 2024年二季度, 2024年6月, 2024年6月4日, or from which day to which."""
        words, first, last = self["period"], period.first, period.last
        if first is None or last is None:
            name = "from" if first else "until" if last else "all"
            return str(words[name]).format(first=first and self.day(first), last=last and self.day(last))
        label = period.label() or ""
        year = str(words["year"]).format(year=first.year)
        if first == last:
            return self.day(first)
        if label[4:5] == "-":
            return str(words["month"]).format(year=first.year, month=first.month)
        if label[4:5] in ("Q", "H"):
            return f"{year}{words['quarter' if label[4] == 'Q' else 'half'][int(label[5]) - 1]}"
        return year if label else str(words["span"]).format(first=self.day(first), last=self.day(last))

    def part(self, period: DateRange, within: DateRange) -> str:
        """A period inside another one, without the year where that is understood: 二季度."""
        name, first = self.period(period), period.first
        if first is None or period == within or within.first is None or within.first.year != first.year:
            return name
        year = str(self["period"]["year"]).format(year=first.year)
        return name.removeprefix(year) or name

    def issuers(self, names: Iterable[str], count: int | None = None) -> str:
        """`joined_issuers` in the words of these labels."""
        words = self["words"]
        return joined_issuers(names, count, between=words["and"], etal=words["etal"])


@cache
def _packaged() -> Mapping[str, Any]:
    return toml.read(DATA / "labels.toml")


def _merged(ours: Mapping[str, Any], own: Mapping[str, Any], where: str) -> dict[str, Any]:
    merged = dict(ours)
    for key, value in own.items():
        place = f"{where}{': ' if where.endswith('.toml') else '.'}{key}"
        if key not in ours:
            problem = _("{place}: there is no such label; known are {labels}")
            raise DataError(problem.format(place=place, labels=", ".join(ours)))
        if isinstance(ours[key], dict) and isinstance(value, dict):
            merged[key] = _merged(ours[key], value, place)
        elif isinstance(ours[key], dict):
            raise toml.wrong(place, _("a table"), value)
        elif isinstance(value, str) and not _holes(value, place) <= _holes(ours[key], place):
            known = "".join(f"{{{name}}}" for name in sorted(_holes(ours[key], place)))
            problem = _("{place}: only {known} is filled in here") if known else _("{place}: nothing is filled in here")
            raise DataError(problem.format(place=place, known=known))
        elif type(value) is not type(ours[key]) or (isinstance(value, list) and len(value) != len(ours[key])):
            problem = _("{place}: {label!r} can only be replaced by a value of the same form")
            raise DataError(problem.format(place=place, label=ours[key]))
        else:
            merged[key] = value
    return merged


def _holes(text: object, place: str) -> set[str]:
    try:
        parts = [part for part in Formatter().parse(str(text)) if part[1] is not None]
    except ValueError as error:
        raise DataError(f"{place}: {error}") from None
    for _text, name, spec, _conversion in parts:
        if spec and not re.fullmatch(r"[<>^]?0?\d{0,2}[ds]?", spec, re.ASCII):  # no width fills the memory
            raise DataError(_("{place}: {spec} is no way to fill in {name}").format(place=place, spec=spec, name=name))
    return {str(name) for _text, name, _spec, _conversion in parts}
