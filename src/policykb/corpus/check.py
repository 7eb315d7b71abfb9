"""What is wrong, or doubtful, in the entries of a corpus."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policykb.corpus import copies, originals
from policykb.corpus.confusions import load_confusions, scanned_wrong
from policykb.corpus.corpus import Corpus
from policykb.corpus.doubts import doubts, judge_of
from policykb.corpus.findings import Finding
from policykb.corpus.folder import NO_ENTRIES, id_of
from policykb.corpus.frontmatter import MAX_LENGTH
from policykb.domain.policy import is_portable
from policykb.errors import CorpusError, DocumentError
from policykb.i18n import _

if TYPE_CHECKING:
    from policykb.domain.issuers import Authority
    from policykb.domain.vocabulary import Vocabulary


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
        "issuers": judge_of(authority.resolve, _("(a local government or an association may stay)")),
        "tags": judge_of(vocabulary.resolve),
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
        findings += [Finding(path, *doubt) for doubt in doubts(path, reading, judges)]
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
