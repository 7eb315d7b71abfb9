"""The departments that issue policy: their canonical names, and every other way people write them.

Names are compared after NFKC, without spaces and without regard to case, so that 国家发展 改革委 or a
full-width bracket makes no difference. The names themselves are data: ``data/issuers.toml`` in the package,
extended by ``corpus/issuers.toml`` of a knowledge base.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path

from policykb import tables
from policykb.errors import DataError, UnknownNameError

__all__ = ["Authority", "Former", "Organ", "Signatories"]

_PACKAGED = Path(__file__).parent / "data" / "issuers.toml"

# What people put before a department's name, or leave out of it: 国家统计局 and 统计局, 国务院生态环境部.
_NATION, _CABINET, _STATE = "中华人民共和国", "国务院", "国家"
_SHORTEST_BARE = 3  # 民委 without its 国家 could be anybody's

_LONGEST_LIST, _LONGEST_ENTRY = 5000, 200  # characters, in all and between two separators; more is prose
_SEPARATOR = re.compile(r"[、，,；;]+")
_LOOSE_SPACE = re.compile(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])")
_CONNECTOR = re.compile(r"以及|会同|联合|[和与及]")
_OWN_CONNECTORS = 3  # at most so many belong to one name

_DIGIT = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2}
_COUNT = r"(?P<count>[0-9０-９]{1,3}|[一二两三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九])"
_TOTAL = re.compile(
    rf"(?:(?:等|以及|及|和|与|会同)? ?(?:{_COUNT} ?(?P<about>余)?[个家]?|[多各]个?|其他|有关|相关)|等) ?"
    r"(?:有关|相关)?(?:部门|部委局?|委办局|单位|机构)"
    r"(?: ?\w{1,12})?(?: ?[(（][^()（）]{1,40}[)）])?(?: ?联合)?\Z"
)
_ET_CETERA = re.compile(r" ?(?:等|联合)\Z")

_NEAR, _NEAR_THE_BEST = 0.5, 0.8  # likeness (0 to 1) of a suggestion, absolute and relative to the best one

# Han text has no word boundaries. These settle which neighbours make a match part of another word.
_NATIONAL = ("国家", "国务院", "中国", "中华", "中央", "中共", "全国", "最高")
_LOCAL = re.compile(r"(?:[省市区县州盟旗级方地团]|[市区][)）])\Z")  # 省发展改革委 is not the national one
_BEFORE_SHORT = frozenset("由经据和与及向对从在被让请")
_AFTER_SHORT = frozenset("和与及等将已正在的对发印公关联会表出宣有相要提就")
_OTHER_WORD = r"(?!(?<=部)(?:门(?!户)|署(?!名)|分(?!别)|队|位))"  # 财政部门, 科技部署, 商务部分


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


@dataclass(frozen=True, slots=True)
class Signatories:
    """Who signed: canonical names (as written where not in the file) in order, each once.

    ``count`` is the stated total where it exceeds the names listed (A、B等九部门: 9), otherwise None.
    """

    issuers: tuple[str, ...]
    count: int | None = None


class Authority:
    """The authority file: resolves names of departments and finds them in text; iterates over its organs."""

    def __init__(self, organs: Iterable[Organ], offices: Iterable[str] = ()) -> None:
        """``offices`` are the endings of offices that act for their department (办公厅, 综合司).

        Raises DataError when one string names two organs, or a ``parent`` or ``office_of`` is not an organ.
        """
        self._organs = {organ.name: organ for organ in organs}
        self._offices = tuple(sorted(map(tables.name_key, offices), key=len, reverse=True))
        self._names: dict[str, str] = {}
        for organ in self:
            for name in organ.names:
                owner = self._names.setdefault(tables.name_key(name), organ.name)
                if owner != organ.name:
                    raise DataError(f"issuer {organ.name}: {name} is a name of {owner} already")
            for key, other in (("parent", organ.parent), ("office_of", organ.office_of)):
                if other is not None and other not in self._organs:
                    raise DataError(f"issuer {organ.name}: {key}: {other} is not the name of an issuer")

    @classmethod
    def load(cls, corpus: Path | None) -> Authority:
        """The packaged file and the ``issuers.toml`` in the folder ``corpus``, where there is one.

        An issuer of that file replaces the packaged one of the same name or is added, and so are its offices.
        Raises DataError, which names file and key, for a file that cannot be read or is wrong.
        """
        files = [_PACKAGED]
        if corpus and os.path.lexists(corpus / "issuers.toml"):
            files.append(corpus / "issuers.toml")
        offices: list[str] = []
        organs: dict[str, Organ] = {}
        for path in files:
            try:
                table = tables.read(path)
                tables.only(table, {"offices", "issuer"})
                offices += tables.texts(table, "offices", [])
                organs |= _organs(table)
                authority = cls(organs.values(), offices)
            except DataError as error:
                raise DataError(f"{path}: {error}") from None
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
        key = tables.name_key(name)
        for office in ("", *self._offices):
            name = key.removesuffix(office)
            if key.endswith(office) and (found := self._names.get(name) or self._variants.get(name)):
                return found
        return None

    def resolve(self, name: str) -> str:
        """As ``get``; an unknown name raises UnknownNameError with up to three names that come nearest."""
        found = self.get(name)
        if found is None:
            raise UnknownNameError("department", name.strip(), self._nearest(tables.name_key(name)))
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
        return self._listed(text)[0]

    def resolve_all(self, text: str) -> Signatories:
        """Who signed, from a written list: canonical names, and the stated total where not all are listed."""
        names, stated = self._listed(text)
        issuers = tuple(dict.fromkeys(self.get(name) or name for name in names))
        return Signatories(issuers, stated if stated > len(issuers) else None)

    def find(self, text: str) -> list[tuple[int, int, str]]:
        """The departments that running text mentions: (start, end, canonical name), longest match first.

        A local counterpart (河北省发展改革委) or a longer word (财政部门) is no mention.
        """
        return [
            (*match.span(), self._names[tables.name_key(match["name"])])
            for match in self._mention.finditer(text)
            if _stands_alone(match)
        ]

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

    def _listed(self, text: str) -> tuple[list[str], int]:
        """The names in a written list, and the total it states, 0 for none."""
        text = " ".join(text.split()).rstrip(" :：")
        if len(text) > _LONGEST_LIST:
            return [text], 0
        total = _TOTAL.search(text)
        stated = _number(total["count"]) if total and total["count"] and not total["about"] else 0
        listed = text[: total.start()] if total else _ET_CETERA.sub("", text)
        names = (name for entry in _SEPARATOR.split(listed) for name in self._entry(entry.strip()))
        return [name for name in names if name], stated

    def _entry(self, entry: str) -> list[str]:
        """The names between two separators of a list, where only spaces or connecting words divide them."""
        parts = [part for part in _LOOSE_SPACE.split(entry) if part]
        if len(parts) > 1:
            runs = [self._run(part) for part in parts]
            if not all(runs):  # a space inside a name: 财 政 部, or a line wrapped in the middle of one
                runs = [self._run(entry.replace(" ", ""))]
            return [n for run in runs for n in run] or [n for part in parts for n in self._entry(part)]
        if names := self._run(entry):
            return names
        for connector in islice(_CONNECTOR.finditer(entry[:_LONGEST_ENTRY]), _OWN_CONNECTORS + 1):
            left, right = entry[: connector.start()], entry[connector.end() :]
            if left and right and (self._run(left) or self._run(right)):
                return [*self._entry(left), *self._entry(right)]
        return [entry]

    def _run(self, entry: str) -> list[str]:
        """The fewest known names that make up ``entry``, connecting words between them aside; else []."""
        if len(entry) > _LONGEST_ENTRY:
            return []
        reached: dict[int, list[str]] = {0: []}
        for start in range(len(entry)):
            if start not in reached:
                continue
            connector = _CONNECTOR.match(entry, start) if start else None
            for begin in {start, connector.end() if connector else start}:
                for end in range(begin + 1, min(len(entry), begin + self._longest) + 1):
                    fewer = end not in reached or len(reached[end]) > len(reached[start]) + 1
                    if fewer and self.get(entry[begin:end]) is not None:
                        reached[end] = [*reached[start], entry[begin:end]]
        return reached.get(len(entry), [])

    @cached_property
    def _longest(self) -> int:
        """Characters of the longest name with the ending of an office."""
        names = (*self._names, *self._variants)
        return sum(max(map(len, words), default=0) for words in (names, self._offices))

    @cached_property
    def _mention(self) -> re.Pattern[str]:
        names = sorted({name for organ in self for name in organ.names}, key=len, reverse=True)
        either, office = ("|".join(map(re.escape, words)) for words in (names, self._offices))
        return re.compile(rf"(?P<name>{either})(?:{office})?{_OTHER_WORD}")


def _number(text: str) -> int:
    if text.isdecimal():
        return int(text)
    tens, ten, units = text.rpartition("十")
    return (_DIGIT[tens] if tens else 1 if ten else 0) * 10 + (_DIGIT[units] if units else 0)


def _stands_alone(match: re.Match[str]) -> bool:
    name, text, (start, end) = match["name"], match.string, match.span()
    before, after = text[max(start - 2, 0) : start], text[end : end + 1]
    if name[0].isascii():
        return not (before[-1:].isascii() and before[-1:].isalnum() or after.isascii() and after.isalnum())
    if len(name) == 2 and len(match[0]) == 2:
        short = (before[-1:], _BEFORE_SHORT), (after, _AFTER_SHORT)
        return all(not other.isalpha() or other in allowed for other, allowed in short)
    return match[0].startswith(_NATIONAL) or not _LOCAL.search(before)


def _organs(table: Mapping[str, object]) -> dict[str, Organ]:
    organs: dict[str, Organ] = {}
    for entry in tables.tables(table, "issuer"):
        name = _string(entry, "name")
        if name is None:
            raise DataError("issuer: name is missing")
        try:
            tables.only(entry, {"name", "aliases", "former", "parent", "office_of"})
            if name in organs:
                raise DataError("stands in the file twice")
            organs[name] = Organ(
                name,
                tables.texts(entry, "aliases", []),
                tuple(map(_former, tables.tables(entry, "former"))),
                _string(entry, "parent"),
                _string(entry, "office_of"),
            )
        except DataError as error:
            raise DataError(f"issuer {name}: {error}") from None
    return organs


def _former(entry: Mapping[str, object]) -> Former:
    tables.only(entry, {"name", "aliases", "from", "to"})
    name = _string(entry, "name")
    if name is None:
        raise DataError("former: name is missing")
    start, end = (_year(entry, key) for key in ("from", "to"))
    if start and end and start > end:
        raise DataError(f"former {name}: from: {start} is after {end}")
    return Former(name, tables.texts(entry, "aliases", []), start, end)


def _string(table: Mapping[str, object], key: str) -> str | None:
    value = table.get(key)
    if value is not None and not (isinstance(value, str) and tables.name_key(value)):
        raise DataError(f"{key}: must be a text that is not empty, not {value!r:.40}")
    return value


def _year(table: Mapping[str, object], key: str) -> int | None:
    value = table.get(key)
    if value is not None and not (type(value) is int and 1900 <= value <= 2100):
        raise DataError(f"former: {key}: must be a year, not {value!r:.40}")
    return value
