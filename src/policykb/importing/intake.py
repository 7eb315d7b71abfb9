"""Taking reviews and official documents into a corpus: read, compared, and written all or not at all.

Of every imported entry a copy is kept in the hidden folder ``.imported/``, as it was when it was imported: so a
later import with ``update`` can tell what a person edited, and leaves it alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from policykb.corpus import entry_format, frontmatter
from policykb.corpus.corpus import Corpus
from policykb.domain.issuers import Authority
from policykb.domain.policy import Policy, entry_id
from policykb.domain.wording import words
from policykb.errors import CorpusError, DocumentError, SourceError
from policykb.files.journal import Write, write_all
from policykb.files.reading import read_if_there
from policykb.i18n import _
from policykb.importing import same_document
from policykb.importing.figures.intake import FiguresIntake, take_figures
from policykb.importing.figures.report import market_figures
from policykb.importing.formats.source import Source
from policykb.importing.official.draft import Draft, read_document
from policykb.importing.review.review import Review, parse_review, to_policies
from policykb.importing.sources import read_lines

COPIES = ".imported"


@dataclass(frozen=True, slots=True)
class Intake:
    """What an import did, or would do: the reviews read, the comparison with the corpus, the entries replaced.

    ``updated`` maps the ids of existing entries to the keys that were replaced; ``kept`` are the files with what
    was not understood; ``figures`` are those of the market, by review.
    """

    reviews: Sequence[tuple[Path, Review]]
    plan: same_document.Plan
    paths: dict[str, Path]
    updated: dict[str, tuple[str, ...]]
    kept: Sequence[Path]
    figures: Sequence[FiguresIntake] = ()


def import_reviews(
    corpus: Corpus,
    authority: Authority,
    files: Iterable[Path],
    *,
    folder: str | None = None,
    update: bool = False,
    dry_run: bool = False,
    say: Callable[[str], None] = lambda text: None,
) -> Intake:
    """Imports reviews that list dated entries; ``folder`` is where in the corpus, by default each entry's year.

    An entry of the corpus about the same document is left as it is; with ``update`` what the import says differently
    replaces what an earlier import wrote, and fills in what is empty. What a review states of its market becomes a file
    of ``market/``. Raises `SourceError` for a file without any entry or figure, and writes nothing then.
    """
    reviews: list[tuple[Path, Review]] = []
    policies: list[Policy] = []
    for file in files:
        review = parse_review(_read(file, file.name, say), authority)
        if not review.entries and not market_figures(review, ""):
            problem = _("{file}: no dated entry found in it; for one official document: policykb add")
            raise SourceError(problem.format(file=file))
        for entry in review.entries:
            for note in entry.read.notes:
                say(f"{entry.policy.id}: {note}")
        reviews.append((file, review))
        policies += to_policies(review)
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
    for file, review in reviews:
        if review.leftovers:
            write = _leftovers(corpus, file, review, folder)
            kept.append(write.path)
            writes.append(write)
    figures, figure_files = take_figures(corpus.root, reviews, corpus.root / COPIES / "market", update=update)
    if not dry_run:
        _write(corpus, [*writes, *figure_files])
    return Intake(reviews, plan, paths, updated, kept, figures)


def add_document(
    corpus: Corpus,
    authority: Authority,
    file: Path | bytes,
    *,
    name: str,
    url: str | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> tuple[Draft, Path]:
    """Adds one official document; returns what was found in it, and its file in the corpus.

    What was not found is left empty for ``check`` to ask for. Raises `CorpusError` where the corpus has an entry about
    the same document.
    """
    draft = read_document(_read(file, name, say), authority, url=url)
    if "title" not in draft.found:
        write = _incomplete(corpus, draft, name)
    else:
        policy = replace(draft.policy(), extra=_notes(draft))
        plan = same_document.plan(
            [policy], (known for path in corpus.paths() if (known := corpus.examine(path).policy))
        )
        if not plan.new:
            same = plan.unchanged[0] if plan.unchanged else plan.changed[0].existing
            raise CorpusError(_("{name}: the corpus has this document already: {id}").format(name=name, id=same.id))
        try:
            write = corpus.addition(plan.new[0])
        except DocumentError:
            write = _incomplete(corpus, draft, name)
    _write(corpus, [write])
    return draft, write.path


def read_policy(corpus: Corpus, authority: Authority, file: Path) -> Policy:
    """The policy in a file that need not be in the corpus, an entry or an official document.

    A title that the document does not state is made up from the file's name.
    """
    try:
        return corpus.read(file)
    except DocumentError:
        draft = read_document(read_lines(file), authority)
        return draft.policy(title=draft.value("title", file.stem))


def _read(file: Path | bytes, name: str, say: Callable[[str], None]) -> Source:
    """The lines of a file; what could not be read of it is said."""
    source = read_lines(file, name=name)
    for note in source.notes:
        say(f"{source.name}: {note}")
    return source


def _notes(draft: Draft) -> dict[str, object]:
    """What a document says of itself and `Policy` has no field for, under the keys of official metadata."""
    labels = words()["labels"]
    return {labels[name][0]: draft.found[name].value for name in ("signed", "subject", "index") if name in draft.found}


def _incomplete(corpus: Corpus, draft: Draft, name: str) -> Write:
    """An entry in which what was not found of title and issuers is an empty line of its front matter."""
    stem = entry_id(draft.value("date"), draft.value("title", Path(name).stem))
    # What is missing is written as "?" first, for an entry cannot be written without it.
    policy = draft.policy(
        title=draft.value("title", "?"), kind=draft.value("kind"), issuers=draft.value("issuers", ("?",))
    )
    text = entry_format.dump(policy)
    for key in ("title", "issuers"):
        if key not in draft.found:
            text = re.sub(rf"^{key}:.*\n(?:(?: |- ).*\n)*", f"{key}:\n", text, count=1, flags=re.MULTILINE)
    return Write(corpus.root / f"{stem}.md", text.encode(), None)


def _copy(corpus: Corpus, policy: Policy) -> Write:
    path = corpus.root / COPIES / f"{policy.id}.md"
    return Write(path, entry_format.dump(policy).encode(), read_if_there(path))


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


def _leftovers(corpus: Corpus, file: Path, review: Review, folder: str | None) -> Write:
    """The file beside the entries with the passages that were not understood."""
    head = _("{file}, lines {first}-{last}: {reason}")
    passages = [
        f"{head.format(file=file.name, first=one.line_from, last=one.line_to, reason=one.reason)}\n{one.text}\n"
        for one in review.leftovers
    ]
    year = f"{review.entries[0].policy.day.year:04}" if review.entries else ""
    place = folder if folder is not None else year
    stem = "".join(char if char.isprintable() and char not in "/\\" else "_" for char in file.stem).lstrip(".")
    path = corpus.root / place / f"{stem or 'review'}.leftovers.txt"
    return Write(path, "\n".join(passages).encode(), read_if_there(path))


def _write(corpus: Corpus, writes: Sequence[Write]) -> None:
    """Writes what changed, all or nothing, and nothing outside the corpus."""
    changed = [write for write in writes if write.data != write.expected]
    for write in changed:
        if not write.path.resolve().is_relative_to(corpus.root.resolve()):
            raise CorpusError(_("{path} would not be in the corpus").format(path=write.path))
    write_all(changed, lock=corpus.root)
