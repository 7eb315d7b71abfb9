"""What can be read in an entry, and is doubtful all the same: days, counts, names, keys."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from policykb.corpus.entry_format import EXPECTED, NOTES
from policykb.corpus.folder import id_of
from policykb.domain.policy import BY_KEY, FIELDS, MEETING, SECOND_BEST
from policykb.errors import UnknownNameError
from policykb.i18n import _

if TYPE_CHECKING:
    from policykb.corpus.entry_format import EntryReading

# A year outside these is a slip of the keyboard: the documents are those of the People's Republic.
_YEARS = range(1949, 2101)

Judge = Callable[[str], str | None]  # says what is wrong with a name, or None


def doubts(
    path: Path, reading: EntryReading, judges: Mapping[str, Judge]
) -> Iterator[tuple[int | None, str | None, str]]:
    """Line, key and problem of what can be read and is doubtful all the same."""
    fields, lines = reading.fields, reading.lines
    for name in (one.name for one in FIELDS if one.type == "day"):
        day = fields.get(name)
        if day is not None and day.year not in _YEARS:
            yield lines[name][0], name, _("the year {year} is hardly right").format(year=day.year)
    for name, part in ((one.name, part.name) for one in FIELDS for part in one.parts if part.type == "day"):
        for place, mapping in enumerate(fields.get(name, ()), 1):
            if part in mapping and mapping[part].year not in _YEARS:
                line = lines[name][place] if place < len(lines[name]) else lines[name][0]
                problem = _("the year {year} is hardly right").format(year=mapping[part].year)
                yield line, f"{name}.{part}", problem
    if len(fields.get("ended", ())) > 1:
        yield lines["ended"][0], "ended", _("a document ends once: keep one of these")
    for name, earlier in (("effective", "date"), ("expires", "effective"), ("expires", "date")):
        first, second = fields.get(earlier), fields.get(name)
        # A law may be in force for longer than since its last amendment.
        if first and second and second < first and not fields.get("history"):
            problem = _("{day} is before {key}, {first}").format(day=second, key=earlier, first=first)
            yield lines[name][0], name, problem
    day, last = fields.get("date"), fields.get("date_end")
    for name in EXPECTED if fields else ():
        unread = name in lines and name not in fields  # a problem already
        if not fields.get(name) and not unread and not (name == "issuers" and fields.get("kind") == MEETING):
            yield lines.get(name, (1,))[0], name, _missing(name)
    named = re.match(r"\d{4}-\d{2}-\d{2}(?!\d)", id_of(path))
    if day is not None and named and named[0] != day.isoformat():
        yield lines["date"][0], "date", _("is {day}, and the file name says {name}").format(day=day, name=named[0])
    if day is not None and last is not None and last < day:
        yield lines["date_end"][0], "date_end", _("{last} is before date, {day}").format(last=last, day=day)
    count, listed = fields.get("issuer_count"), len(fields.get("issuers", ()))
    if count is not None and count < listed:
        problem = _("is {count}, and {listed} issuers are listed").format(count=count, listed=listed)
        yield lines["issuer_count"][0], "issuer_count", problem
    for name in (one.name for one in FIELDS if one.type in ("names", "titles")):
        values = fields.get(name) or ()
        judge = judges.get(name)
        for value, number in Counter(values).items():
            # One text with several names has one line, that of its key.
            line = (*lines[name][1:], *lines[name][:1] * len(values))[values.index(value)]
            if number > 1:
                yield line, name, _("{value} is listed {number} times").format(value=value, number=number)
            if judge and (wrong := judge(value)):
                yield line, name, wrong
    for key, value in fields.get("extra", {}).items():
        if key in SECOND_BEST and isinstance(value, date) and value != fields.get("date", value):
            problem = _("is {day}, and date says {date}: date is the day of issue, published that of publication")
            yield lines[key][0], key, problem.format(day=value, date=fields["date"])
        if key not in BY_KEY and key not in NOTES:
            near = get_close_matches(key.lower(), list(BY_KEY), n=1)
            problem = _("is not a key that policykb knows")
            if near:
                problem = _("is not a key that policykb knows; did you mean {key}?").format(key=near[0])
            yield lines[key][0], key, problem
    if fields.get("body") == "":
        yield lines["body"][0], "body", _("is empty")


def _missing(name: str) -> str:
    if name == "date":
        return _("is missing: the entry is found, but in no period; fill it in")
    return _("is missing: name who issued it, or write kind: {meeting} for a meeting").format(meeting=MEETING)


def judge_of(resolve: Callable[[str], str], unless: str = "") -> Judge:
    """What judges names by a list of them; ``unless`` is added where one is not known."""

    @cache
    def judge(name: str) -> str | None:
        try:
            canonical = resolve(name)
        except UnknownNameError as error:
            return f"{error} {unless}".rstrip()
        if canonical == name:
            return None
        return _("{name} is to be written {canonical}").format(name=name, canonical=canonical)

    return judge
