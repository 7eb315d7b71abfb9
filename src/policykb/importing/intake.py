"""Taking reviews and official documents into a corpus: read, compared, and written all or not at all.

Of every imported entry a copy is kept in the hidden folder ``.imported/``, as it was when it was imported: so a
later import with ``update`` can tell what a person edited, and leaves it alone.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from policykb.corpus import entry_format, frontmatter
from policykb.domain.policy import entry_id
from policykb.errors import CorpusError, DocumentError, SourceError
from policykb.files.journal import Write, write_all
from policykb.importing import same_document
from policykb.importing.official import read_document
from policykb.importing.review import parse_review, to_policies
from policykb.importing.sources import read_lines

if TYPE_CHECKING:
    from policykb.corpus.corpus import Corpus
    from policykb.domain.issuers import Authority
    from policykb.domain.policy import Policy
    from policykb.importing.official import Draft
    from policykb.importing.review import Review

COPIES = ".imported"


@dataclass(frozen=True, slots=True)
class Intake:
    """What an import did, or would do: the reviews read, the comparison with the corpus, the entries replaced.

    ``updated`` maps the ids of existing entries to the keys that were replaced; ``kept`` are the files with what
    was not understood.
    """

    reports: Sequence[tuple[Path, Review]]
    plan: same_document.Plan
    paths: dict[str, Path]
    updated: dict[str, tuple[str, ...]]
    kept: Sequence[Path]


def import_reports(
    corpus: Corpus,
    authority: Authority,
    files: Iterable[Path],
    *,
    folder: str | None = None,
    update: bool = False,
    dry_run: bool = False,
) -> Intake:
    """Imports reviews that list dated entries; ``folder`` is where in the corpus, by default each entry's year.

    An entry of the corpus about the same document is left as it is; with ``update`` what the import says differently
    replaces what an earlier import wrote, and fills in what is empty. Raises `SourceError` for a file without any
    entry, and writes nothing then.
    """
    reports: list[tuple[Path, Review]] = []
    policies: list[Policy] = []
    for file in files:
        report = parse_review(read_lines(file), authority)
        if not report.entries:
            raise SourceError(f"{file}: no dated entry found in it; for one official document: policykb add")
        reports.append((file, report))
        policies += to_policies(report)
    existing = {policy.id: path for path in corpus.paths() if (policy := corpus.examine(path).policy)}
    plan = same_document.plan(policies, (corpus.read(path) for path in existing.values()))
    writes: list[Write] = []
    paths: dict[str, Path] = {policy.id: existing[policy.id] for policy in plan.unchanged}
    for policy in plan.new:
        write = corpus.addition(policy, folder=folder)
        paths[policy.id] = write.path
        writes += [write, _copy(corpus, policy)]
    updated: dict[str, tuple[str, ...]] = {}
    for change in plan.changed:
        path = paths[change.existing.id] = existing[change.existing.id]
        changes = same_document.merge(change.existing, change.imported, _imported(corpus, change.existing.id))
        if update and changes:
            writes += [_revised(corpus, path, changes), _copy(corpus, replace(change.imported, id=change.existing.id))]
            updated[change.existing.id] = tuple(changes)
    kept = []
    for file, report in reports:
        if report.leftovers:
            write = _leftovers(corpus, file, report, folder)
            kept.append(write.path)
            writes.append(write)
    if not dry_run:
        _write(corpus, writes)
    return Intake(reports, plan, paths, updated, kept)


def add_document(
    corpus: Corpus, authority: Authority, file: Path | bytes, *, name: str, url: str | None = None
) -> tuple[Draft, Path]:
    """Adds one official document; returns what was found in it, and its file in the corpus.

    What was not found is left empty for ``check`` to ask for; without a date the entry is not searched until one
    is filled in. Raises `CorpusError` where the corpus has an entry about the same entry_format.
    """
    draft = read_document(read_lines(file, name=name), authority, url=url)
    found = {key: one.value for key, one in draft.found.items()}
    if "date" in found and "title" in found:
        policy = replace(draft.policy(), extra=_notes(found))
        existing = [known for path in corpus.paths() if (known := corpus.examine(path).policy)]
        plan = same_document.plan([policy], existing)
        if not plan.new:
            same = plan.unchanged[0] if plan.unchanged else plan.changed[0].existing
            raise CorpusError(f"{name}: the corpus has this document already: {same.id}")
        try:
            write = corpus.addition(plan.new[0])
        except DocumentError:
            write = _incomplete(corpus, draft, name)
    else:
        write = _incomplete(corpus, draft, name)
    _write(corpus, [write])
    return draft, write.path


def _notes(found: Mapping[str, object]) -> dict[str, object]:
    """What a document says of itself and `Policy` has no field for, under the keys of official metadata."""
    keys = {"signed": "成文日期", "subject": "主题分类", "index": "索引号"}
    return {key: found[name] for name, key in keys.items() if name in found}


def _incomplete(corpus: Corpus, draft: Draft, name: str) -> Write:
    """An entry whose title, date or issuers are empty lines of its front matter."""
    found = {key: one.value for key, one in draft.found.items()}
    title, day = found.get("title"), found.get("date")
    stem = entry_id(day or datetime.date(1, 1, 1), title or Path(name).stem)
    stem = stem if day else stem.partition("0001-01-01-")[2]
    known = draft.policy(
        title=title or "?",
        date=day or datetime.date(1, 1, 1),
        kind=found.get("kind"),
        issuers=found.get("issuers", ("?",)),
    )
    text = entry_format.dump(known)
    for key, missing in (("title", not title), ("date", not day)):
        if missing:
            start = text.index(f"\n{key}:") + 1
            text = text[:start] + f"{key}:" + text[text.index("\n", start) :]
    if not found.get("issuers"):
        start = text.index("\nissuers:") + 1
        text = text[:start] + "issuers:" + text[text.index("\n", text.index("?", start)) :]
    return Write(corpus.root / f"{stem or 'document'}.md", text.encode(), None)


def _copy(corpus: Corpus, policy: Policy) -> Write:
    path = corpus.root / COPIES / f"{policy.id}.md"
    return Write(path, entry_format.dump(policy).encode(), path.read_bytes() if path.exists() else None)


def _imported(corpus: Corpus, id: str) -> Policy | None:
    """An entry as the last import wrote it; None for one that was not imported."""
    path = corpus.root / COPIES / f"{id}.md"
    try:
        return corpus.read(path)
    except DocumentError:
        return None


def _revised(corpus: Corpus, path: Path, changes: dict[str, object]) -> Write:
    """An entry's file with changed keys, and its body if that is among them."""
    write = corpus.revision(path, {key: value for key, value in changes.items() if key != "body"})
    if "body" not in changes:
        return write
    text = write.data.decode("utf-8")
    start = frontmatter.split(text).body
    return Write(path, f"{text[:start]}\n{changes['body']}\n".encode(), write.expected)


def _leftovers(corpus: Corpus, file: Path, report: Review, folder: str | None) -> Write:
    """The file beside the entries with the passages that were not understood."""
    passages = [
        f"{file.name}, lines {one.line_from}-{one.line_to}: {one.reason}\n{one.text}\n" for one in report.leftovers
    ]
    place = folder if folder is not None else f"{report.entries[0].date.year:04}"
    stem = "".join(char if char.isprintable() and char not in "/\\" else "_" for char in file.stem).lstrip(".")
    path = corpus.root / place / f"{stem or 'report'}.leftovers.txt"
    return Write(path, "\n".join(passages).encode(), path.read_bytes() if path.exists() else None)


def _write(corpus: Corpus, writes: Sequence[Write]) -> None:
    """Writes what changed, all or nothing, entries through the corpus's own checks."""
    changed = [write for write in writes if write.data != write.expected]
    for write in changed:
        if not write.path.resolve().is_relative_to(corpus.root.resolve()):
            raise CorpusError(f"{write.path} would not be in the corpus")
        if write.expected is None and write.path.exists():
            raise CorpusError(f"{write.path}: exists already")
    write_all(changed, lock=corpus.root)


def read_policy(corpus: Corpus, authority: Authority, file: Path) -> Policy:
    """The policy in a file that need not be in the corpus, an entry or an official entry_format.

    What a document does not say is made up from the file's name, or is the first day there is.
    """
    try:
        return corpus.read(file)
    except DocumentError:
        draft = read_document(read_lines(file), authority)
        found = draft.found
        title = found["title"].value if "title" in found else file.stem
        day = found["date"].value if "date" in found else datetime.date.min
        return draft.policy(title=title, date=day)
