"""The departments that issue policy: their canonical names, and every other way people write them.

Names are compared after NFKC, without spaces and without regard to case, so that 国家发展 改革委 or a
full-width bracket makes no difference. The names themselves are data: ``data/issuers.toml`` in the package,
extended by ``corpus/issuers.toml`` of a knowledge base.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from policykb.domain.issuer_lists import IssuerLists, Signatories
from policykb.domain.issuer_mentions import find_mentions, mention_pattern
from policykb.domain.names import name_key
from policykb.errors import DataError, UnknownNameError
from policykb.files import toml
from policykb.files.packaged import data_files
from policykb.i18n import _

# What people put before a department's name, or leave out of it: 国家统计局 and 统计局, 国务院生态环境部.
_NATION, _CABINET, _STATE = "中华人民共和国", "国务院", "国家"
_SHORTEST_BARE = 3  # 民委 without its 国家 could be anybody's

_NEAR, _NEAR_THE_BEST = 0.5, 0.8  # likeness (0 to 1) of a suggestion, absolute and relative to the best one


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


class Authority:
    """The authority file: resolves names of departments and finds them in text; iterates over its organs."""

    def __init__(self, organs: Iterable[Organ], offices: Iterable[str] = ()) -> None:
        """``offices`` are the endings of offices that act for their department (办公厅, 综合司).

        Raises DataError when one string names two organs, or a ``parent`` or ``office_of`` is not an organ.
        """
        self._organs = {organ.name: organ for organ in organs}
        self._offices = tuple(sorted(map(name_key, offices), key=len, reverse=True))
        self._names: dict[str, str] = {}
        for organ in self:
            for name in organ.names:
                owner = self._names.setdefault(name_key(name), organ.name)
                if owner != organ.name:
                    problem = _("issuer {organ}: {name} is a name of {owner} already")
                    raise DataError(problem.format(organ=organ.name, name=name, owner=owner))
            for key, other in (("parent", organ.parent), ("office_of", organ.office_of)):
                if other is not None and other not in self._organs:
                    problem = _("issuer {organ}: {key}: {other} is not the name of an issuer")
                    raise DataError(problem.format(organ=organ.name, key=key, other=other))

    @classmethod
    def load(cls, corpus: Path | None) -> Authority:
        """The packaged file and the ``issuers.toml`` in the folder ``corpus``, where there is one.

        An issuer of that file replaces the packaged one of the same name or is added, and so are its offices.
        Raises DataError, which names file and key, for a file that cannot be read or is wrong.
        """
        offices: list[str] = []
        organs: dict[str, Organ] = {}
        for path in data_files("issuers.toml", corpus):
            table = toml.read(path)
            with toml.naming(path):
                toml.only(table, {"offices", "issuer"})
                offices += toml.texts(table, "offices", [])
                organs |= _organs(table)
                authority = cls(organs.values(), offices)
        return authority

    def __iter__(self) -> Iterator[Organ]:
        return iter(self._organs.values())

    def __len__(self) -> int:
        return len(self._organs)

    def get(self, name: str) -> str | None:
        """The canonical name of the department written ``name``, or None where it is not known.

        An office that acts for its department is the department (生态环境部办公厅: 生态环境部), a former
        name stands for the organ that took over, and a name may begin with 中华人民共和国, 国务院 or 国家, or
        go without.
        """
        key = name_key(name)
        for office in ("", *self._offices):
            name = key.removesuffix(office)
            if key.endswith(office) and (found := self._names.get(name) or self._variants.get(name)):
                return found
        return None

    def resolve(self, name: str) -> str:
        """As ``get``; an unknown name raises UnknownNameError with up to three names that come nearest."""
        found = self.get(name)
        if found is None:
            raise UnknownNameError("department", name.strip(), self._nearest(name_key(name)))
        return found

    def names(self, canonical: str) -> tuple[str, ...]:
        """Every way to write the organ, canonical name first; one not in the file has the name given."""
        organ = self._organs.get(canonical)
        return organ.names if organ else (canonical,)

    def covers(self, canonical: str) -> tuple[str, ...]:
        """The organ itself and its general offices that are organs of their own: 国务院, 国务院办公厅."""
        return (canonical, *(organ.name for organ in self if organ.office_of == canonical))

    def split(self, text: str) -> list[str]:
        """The names in a written list of departments, as written, without a stated total (等九部门).

        和, 与, 及, 会同 and 联合 separate only beside a known name, so that 住房和城乡建设部 stays one.
        """
        return self._lists.read(text)[0]

    def resolve_all(self, text: str) -> Signatories:
        """Who signed, from a written list: canonical names, and the stated total where not all are listed."""
        names, stated = self._lists.read(text)
        issuers = tuple(dict.fromkeys(self.get(name) or name for name in names))
        return Signatories(issuers, stated if stated > len(issuers) else None)

    def find(self, text: str) -> list[tuple[int, int, str]]:
        """The departments that running text mentions: (start, end, canonical name), longest match first.

        A local counterpart (河北省发展改革委) or a longer word (财政部门) is no mention.
        """
        return [(*match.span(), self._names[name_key(match["name"])]) for match in find_mentions(self._mention, text)]

    @cached_property
    def _mention(self) -> re.Pattern[str]:
        return mention_pattern((name for organ in self for name in organ.names), self._offices)

    @cached_property
    def _lists(self) -> IssuerLists:
        names = (*self._names, *self._variants)
        longest = sum(max(map(len, words), default=0) for words in (names, self._offices))
        return IssuerLists(lambda name: self.get(name) is not None, longest)

    @cached_property
    def _variants(self) -> Mapping[str, str]:
        """Names with and without 国家 and the like, as far as they still mean one organ."""
        owners: dict[str, set[str]] = {}
        for key, organ in self._names.items():
            bare = key.removeprefix(_NATION).removeprefix(_CABINET).removeprefix(_STATE)
            if len(bare) < _SHORTEST_BARE or bare in self._offices:
                continue
            prefixes = ["", _STATE, _NATION, _NATION + _STATE]
            if _CABINET in self._above(organ):  # 国务院中央军委 is two organs, 国务院财政部 is one
                prefixes += [_CABINET, _CABINET + _STATE]
            for prefix in prefixes:
                owners.setdefault(prefix + bare, set()).add(organ)
        return {key: organ for key, (organ, *others) in owners.items() if not others}

    def _above(self, name: str) -> set[str]:
        above: set[str] = set()
        parent = self._organs[name].parent
        while parent is not None and parent not in above:
            above.add(parent)
            parent = self._organs[parent].parent
        return above

    def _nearest(self, key: str) -> tuple[str, ...]:
        from difflib import SequenceMatcher

        matcher = SequenceMatcher(b=key, autojunk=False)
        scores: dict[str, float] = {}
        for name, organ in self._names.items():
            matcher.set_seq1(name)
            if matcher.real_quick_ratio() >= _NEAR and matcher.quick_ratio() >= _NEAR:
                scores[organ] = max(scores.get(organ, 0.0), matcher.ratio())
        threshold = max(_NEAR, _NEAR_THE_BEST * max(scores.values(), default=0.0))
        near = [organ for organ, score in scores.items() if score >= threshold]
        return tuple(sorted(near, key=lambda organ: -scores[organ])[:3])


def _organs(table: Mapping[str, object]) -> dict[str, Organ]:
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
                _string(entry, "parent"),
                _string(entry, "office_of"),
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


def _string(table: Mapping[str, object], key: str) -> str | None:
    return toml.text(table, key) if key in table else None


def _year(table: Mapping[str, object], key: str) -> int | None:
    value = table.get(key)
    if value is not None and not (type(value) is int and 1900 <= value <= 2100):
        raise toml.wrong(key, _("a year"), value)
    return value
