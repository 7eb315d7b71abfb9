"""What is wrong, or doubtful, in the entries of a corpus."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policykb.corpus import copies, originals
from policykb.corpus.confusions import load_confusions, scanned_wrong
from policykb.corpus.corpus import Corpus
from policykb.corpus.entry_format import EXPECTED, NOTES
from policykb.corpus.findings import Finding
from policykb.corpus.folder import NO_ENTRIES, id_of
from policykb.corpus.frontmatter import MAX_LENGTH
from policykb.domain.policy import BY_KEY, FIELDS, MEETING, is_portable
from policykb.errors import CorpusError, DocumentError, UnknownNameError
from policykb.i18n import _

if TYPE_CHECKING:
    from policykb.corpus.entry_format import EntryReading
    from policykb.domain.issuers import Authority
    from policykb.domain.vocabulary import Vocabulary

# A year outside these is a slip of the keyboard: the documents are those of the People's Republic.
_YEARS = range(1949, 2101)

_Judge = Callable[[str], str | None]  # says what is wrong with a name, or None


def check(
    corpus: Corpus, authority: Authority, vocabulary: Vocabulary, paths: Sequence[Path] | None = None
) -> list[Finding]:
    """Look at all entries, or at those in ``paths`` (as of `chosen_entries`); duplicates are looked for in all.

    The findings come in the order of paths and lines. Raises CorpusError for a path that is no entry.
    """
    everything = corpus.paths()
    chosen, findings = everything, [*unread(corpus), *copies.left_over(corpus)]
    if paths is not None:
        chosen, findings = chosen_entries(corpus, paths), []
    judges = {
        "issuers": _judge(authority.resolve, _("(a local government or an association may stay)")),
        "tags": _judge(vocabulary.resolve),
    }
    findings += _unshared(corpus, everything, chosen)
    confusions = load_confusions(corpus.root)
    titles: dict[Path, Mapping[str, Any]] = {}
    lines: dict[Path, int] = {}
    ids = {id_of(path) for path in everything}
    for path in chosen:
        if stray := copies.finding_of(corpus, path, ids):
            findings.append(stray)
            continue
        reading = corpus.examine(path)
        findings += [Finding.of(error, path) for error in reading.problems]
        findings += [Finding(path, *doubt) for doubt in _doubts(path, reading, judges)]
        findings += scanned_wrong(corpus, path, reading.fields.get("body", ""), confusions)
        if reading.policy and (wrong := originals.problem_of(corpus, reading.policy)):
            findings.append(Finding(path, reading.lines["original"][0], "original", wrong))
        if "title" in reading.fields:
            titles[path], lines[path] = reading.fields, reading.lines["title"][0]
    for path, other in _twins({path: id_of(path) for path in (*everything, *chosen)}, chosen):
        problem = _("has the same id as {other}").format(other=_shown(corpus, other))
        findings.append(Finding(path, None, None, problem))
    rest = set(everything) - set(chosen) if paths is not None else ()
    others = [path for path in rest if copies.copied_from(id_of(path), ids) is None]
    titles |= _titles_among(corpus, others, {fields["title"] for fields in titles.values()})
    for path, other in _twins({path: _name_and_day(fields) for path, fields in titles.items()}, chosen):
        problem = _("is also that of {other}").format(other=_shown(corpus, other))
        findings.append(Finding(path, lines[path], "title", problem))
    return sorted(findings, key=lambda one: (str(one.path), one.line or 0, one.key or "", one.problem))


def unread(corpus: Corpus) -> Iterator[Finding]:
    """What the last walk through the corpus could not read, and the links that it did not follow."""
    for error in corpus.problems:
        yield Finding.of(error, corpus.root)
    for link in corpus.links:
        yield Finding(link, None, None, _("is a symbolic link, and not followed"))


def chosen_entries(corpus: Corpus, paths: Iterable[Path]) -> list[Path]:
    """The entries that are meant: a file, the files of a folder, or an entry of the corpus by its id or part of it.

    Raises CorpusError for what is none of them.
    """
    found: set[Path] = set()
    for path in paths:
        if corpus.relative(path).partition("/")[0] in NO_ENTRIES and os.path.lexists(path):
            raise CorpusError(_("{path}: nothing in this folder is an entry").format(path=path))
        if os.path.isdir(path):
            found.update(Corpus(path).paths())
        elif os.path.isfile(path) and path.name.lower().endswith(".md"):
            found.add(Path(os.path.abspath(path)))
        elif os.path.lexists(path):
            raise CorpusError(_("{path}: no Markdown file or folder").format(path=path))
        else:
            found.add(corpus.resolve(str(path)))
    return sorted(found)


def _doubts(
    path: Path, reading: EntryReading, judges: Mapping[str, _Judge]
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
    for key in fields.get("extra", ()):
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


def _judge(resolve: Callable[[str], str], unless: str = "") -> _Judge:
    """Judges names by a list of them; ``unless`` is added where one is not known."""

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


def _twins(names: Mapping[Path, str], chosen: Iterable[Path]) -> Iterator[tuple[Path, Path]]:
    """Each chosen file whose name another one has too, white space aside, with the first other."""
    groups: dict[str, list[Path]] = {}
    for path, name in names.items():
        groups.setdefault(_spaceless(name), []).append(path)
    for path in chosen:
        if path in names:
            others = [other for other in groups[_spaceless(names[path])] if other != path]
            if others:
                yield path, min(others)


def _name_and_day(fields: Mapping[str, Any]) -> str:
    """What no two documents share: the versions of a law, and the meetings of two years, share their name.

    Where the day is not known, the text tells them apart.
    """
    changed = [str(event.get("date")) for event in fields.get("history") or ()][-1:]
    return f"{fields['title']} {fields.get('date') or fields.get('body', '')} {changed}"


def _unshared(corpus: Corpus, everything: Iterable[Path], chosen: Iterable[Path]) -> Iterator[Finding]:
    """The entries that a system with other rules for names, as Windows, cannot have beside the others, or at all."""
    alike: dict[str, list[Path]] = {}
    for path in everything:
        alike.setdefault(_shown(corpus, path).casefold(), []).append(path)
    for path in chosen:
        inside = _shown(corpus, path)
        for part in inside.split("/") if path.is_relative_to(corpus.root) else ():
            if not is_portable(part):
                problem = _("{name} cannot be the name of a file or folder on Windows: rename it")
                yield Finding(path, None, None, problem.format(name=part))
        for other in {*alike.get(inside.casefold(), ())} - {path}:
            problem = _("differs from {other} in capitals only, and would be the same file on Windows: rename one")
            yield Finding(path, None, None, problem.format(other=_shown(corpus, other)))


def _spaceless(name: str) -> str:
    return "".join(name.split())


def _titles_among(corpus: Corpus, paths: Iterable[Path], titles: set[str]) -> dict[Path, Mapping[str, Any]]:
    """The fields of files that have one of ``titles``; reads YAML only where the file contains it at all."""
    wanted = [_spaceless(title).encode() for title in titles]
    found: dict[Path, Mapping[str, Any]] = {}
    for path in paths:
        try:
            content = corpus.read_bytes(path)
        except DocumentError:
            continue
        # A front matter is short, and this is all that is done with the other files of a large corpus.
        begin = content[: 4 * MAX_LENGTH].translate(None, b" \t\r\n").replace("\u3000".encode(), b"")
        if any(title in begin for title in wanted):
            fields = corpus.examine(path).fields
            if "title" in fields:
                found[path] = fields
    return found


def _shown(corpus: Corpus, path: Path) -> str:
    return path.relative_to(corpus.root).as_posix() if path.is_relative_to(corpus.root) else str(path)
