"""Organs as the authority file has them, and the reading of its tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policykb.errors import DataError
from policykb.files import toml
from policykb.i18n import _


@dataclass(frozen=True, slots=True)
class Former:
    """An earlier organ whose work another took over; ``start`` and ``end`` are years, None if unknown."""

    name: str
    aliases: tuple[str, ...] = ()
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Organ:
    """A department under its canonical name.

    ``parent`` is the organ it belongs to, ``office_of`` the organ whose general office it is; both canonical.
    """

    name: str
    aliases: tuple[str, ...] = ()
    former: tuple[Former, ...] = ()
    parent: str | None = None
    office_of: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Every way to write it: the canonical name, today's aliases, then former names and theirs."""
        return (self.name, *self.aliases, *(name for f in self.former for name in (f.name, *f.aliases)))


def read_organs(table: Mapping[str, object]) -> dict[str, Organ]:
    """The organs of a file by their names. Raises DataError for a table that is wrong."""
    organs: dict[str, Organ] = {}
    for entry in toml.tables(table, "issuer"):
        with toml.naming("issuer"):
            name = _name(entry)
        with toml.naming(f"issuer {name}"):
            toml.only(entry, {"name", "aliases", "former", "parent", "office_of"})
            if name in organs:
                raise DataError(_("stands in the file twice"))
            organs[name] = Organ(
                name,
                toml.texts(entry, "aliases", []),
                tuple(map(_former, toml.tables(entry, "former"))),
                toml.optional(entry, "parent"),
                toml.optional(entry, "office_of"),
            )
    return organs


def _former(entry: Mapping[str, object]) -> Former:
    toml.only(entry, {"name", "aliases", "from", "to"})
    with toml.naming("former"):
        name = _name(entry)
        start, end = (_year(entry, key) for key in ("from", "to"))
    if start and end and start > end:
        problem = _("former {name}: from: {start} is after {end}")
        raise DataError(problem.format(name=name, start=start, end=end))
    return Former(name, toml.texts(entry, "aliases", []), start, end)


def _name(table: Mapping[str, object]) -> str:
    if "name" not in table:
        raise DataError(_("name is missing"))
    return toml.text(table, "name")


def _year(table: Mapping[str, object], key: str) -> int | None:
    value = table.get(key)
    if value is not None and not (type(value) is int and 1900 <= value <= 2100):
        raise toml.wrong(key, _("a year"), value)
    return value
