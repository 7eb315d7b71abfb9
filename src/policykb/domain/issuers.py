"""The departments that issue policy: their canonical names, and every other way people write them.

Names are compared after NFKC, without spaces and without regard to case, so that 国家发展 改革委 or a
full-width bracket makes no difference. The names themselves are data: ``data/issuers.toml`` in the package,
extended by ``corpus/issuers.toml`` of a knowledge base.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from policykb.domain.issuer_lists import CONNECTOR, IssuerLists, Signatories
from policykb.domain.issuer_mentions import find_mentions, mention_pattern
from policykb.domain.names import name_key
from policykb.domain.organs import Organ, read_organs
from policykb.errors import DataError, UnknownNameError
from policykb.files import toml
from policykb.files.packaged import data_files
from policykb.i18n import _

# What people put before a department's name, or leave out of it: 国家统计局 and 统计局, 国务院生态环境部.
_NATION, _CABINET, _STATE = "中华人民共和国", "国务院", "国家"
_LONGEST_DIVISION = 12  # 资源节约和环境保护司 has 10
_SHORTEST_BARE = 3  # 民委 without its 国家 could be anybody's

_NEAR, _NEAR_THE_BEST = 0.5, 0.8  # likeness (0 to 1) of a suggestion, absolute and relative to the best one


class Authority:
    """The authority file: resolves names of departments and finds them in text; iterates over its organs."""

    def __init__(
        self,
        organs: Iterable[Organ],
        offices: Iterable[str] = (),
        divisions: Iterable[str] = (),
        together: Mapping[str, Sequence[str]] = MappingProxyType({}),
    ) -> None:
        """``offices`` are the endings of offices that act for their department (办公厅, 综合司), ``divisions`` what the
        name of any other division ends with (司), ``together`` names of several organs at once (两办).

        Raises DataError when one string names two organs, or a name that another one refers to is not an organ's.
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
        self._divisions = tuple(divisions)
        self.groups = {name_key(name): tuple(members) for name, members in together.items()}  # 两办
        for name, members in together.items():
            if unknown := [one for one in members if one not in self._organs]:
                problem = _("together: {name}: {other} is not the name of an issuer")
                raise DataError(problem.format(name=name, other=unknown[0]))

    @classmethod
    def load(cls, corpus: Path | None) -> Authority:
        """The packaged file and the ``issuers.toml`` in the folder ``corpus``, where there is one.

        An issuer of that file replaces the packaged one of the same name or is added, and so are its offices.
        Raises DataError, which names file and key, for a file that cannot be read or is wrong.
        """
        offices, divisions = list[str](), list[str]()
        together: dict[str, tuple[str, ...]] = {}
        organs: dict[str, Organ] = {}
        for path in data_files("issuers.toml", corpus):
            table = toml.read(path)
            with toml.naming(path):
                toml.only(table, {"offices", "divisions", "together", "issuer"})
                offices += toml.texts(table, "offices", [])
                divisions += toml.texts(table, "divisions", [])
                for group in toml.tables(table, "together"):
                    toml.only(group, {"names", "issuers"})
                    together |= dict.fromkeys(toml.texts(group, "names"), toml.texts(group, "issuers"))
                organs |= read_organs(table)
                authority = cls(organs.values(), offices, divisions, together)
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
        return self._named(key) or (self._department_of(key) if key.endswith(self._divisions) else None)

    def _named(self, key: str) -> str | None:
        for office in ("", *self._offices):
            name = key.removesuffix(office)
            if key.endswith(office) and (found := self._names.get(name) or self._variants.get(name)):
                return found
        return None

    def _department_of(self, key: str) -> str | None:
        """The department whose division a name is (国家发展改革委环资司), None for none.

        The Party's centre and the State Council have no divisions of that kind, and what follows after a name and 和 is
        another name of a list.
        """
        if any(self._named(key[: connector.start()]) for connector in CONNECTOR.finditer(key)):
            return None
        least = max(1, len(key) - _LONGEST_DIVISION - 1)  # what is longer is a heading that begins with a department
        ends = (end for end in range(len(key) - 1, least, -1) if key[:end] in self._names)
        return next((organ for end in ends if self._organs[organ := self._names[key[:end]]].parent), None)

    def together(self, name: str) -> tuple[str, ...]:
        """The canonical names of the organs that a name means at once (两办); none for a name of one, or unknown."""
        return self.groups.get(name_key(name), ())

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
        issuers = tuple(
            dict.fromkeys(one for name in names for one in self.together(name) or (self.get(name) or name,))
        )
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
        names = (*self._names, *self._variants, *self.groups)
        longest = sum(max(map(len, words), default=0) for words in (names, self._offices))
        return IssuerLists(lambda name: bool(self.together(name) or self.get(name)), longest)

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
