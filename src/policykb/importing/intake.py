"""Taking reviews into a corpus: read, compared, and written all or not at all.

Of every imported entry a copy is kept in the hidden folder ``.imported/``, as it was when it was imported: so a
later import with ``update`` can tell what a person edited, and leaves it alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from policykb.corpus import entry_format
from policykb.corpus.corpus import Corpus
from policykb.corpus.moving import COPIES, copy_of
from policykb.domain.issuers import Authority
from policykb.domain.policy import Policy
from policykb.errors import DocumentError, SourceError
from policykb.files.journal import Write
from policykb.files.reading import read_if_there
from policykb.i18n import _
from policykb.importing import same_document
from policykb.importing.figures.intake import FiguresIntake, take_figures
from policykb.importing.figures.report import market_figures
from policykb.importing.formats.source import Source
from policykb.importing.joining import joined
from policykb.importing.review.review import Review, parse_review, to_policies
from policykb.importing.sources import read_lines


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
    today: date | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> Intake:
    """Imports reviews that list dated entries; ``folder`` is where in the corpus, by default each entry's year.

    An entry of the corpus about the same document is left as it is; with ``update`` what the import says differently
    replaces what an earlier import wrote, and fills in what is empty. New entries have ``today`` as the day
    on which they were added. What a review states of its market becomes a file of ``market/``. Raises `SourceError`
    for a file without any entry or figure, and writes nothing then.
    """
    reviews: list[tuple[Path, Review]] = []
    policies: list[Policy] = []
    for file in files:
        review = parse_review(_read(file, say), authority)
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
        write = corpus.addition(replace(policy, added=today), folder=folder)
        paths[policy.id] = write.path
        writes += [write, _copy(corpus, policy)]
    updated: dict[str, tuple[str, ...]] = {}
    for change in plan.changed:
        path = paths[change.existing.id] = existing[change.existing.id]
        changes = same_document.merge(change.existing, change.imported, _imported(corpus, change.existing.id))
        joins = change.existing.original and "body" not in changes and _lacks_summary(change)
        if update and joins:
            # its own text stays, and the summary comes after it
            writes.append(joined(corpus, path, changes, "summary", change.imported.body))
            updated[change.existing.id] = (*changes, "body")
        elif update and changes:
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
        corpus.write_files([*writes, *figure_files])
    return Intake(reviews, plan, paths, updated, kept, figures)


def _lacks_summary(change: same_document.Change) -> bool:
    """Whether an entry holds the text of a document of which an import has a summary."""
    return same_document.is_summary_of(change.imported.body, change.existing.body) and any(
        difference.key == "body" for difference in change.differences
    )


def _read(file: Path, say: Callable[[str], None]) -> Source:
    """The lines of a file; what could not be read of it is said."""
    source = read_lines(file)
    for note in source.notes:
        say(f"{source.name}: {note}")
    return source


def _copy(corpus: Corpus, policy: Policy) -> Write:
    path = copy_of(corpus, policy.id)
    return Write(path, entry_format.dump(policy).encode(), read_if_there(path))


def _imported(corpus: Corpus, id: str) -> Policy | None:
    """An entry as the last import wrote it; None for one that was not imported."""
    try:
        return corpus.read(copy_of(corpus, id))
    except DocumentError:
        return None


def _revised(corpus: Corpus, path: Path, changes: Mapping[str, Any]) -> Write:
    """An entry's file with changed keys, and its body if that is among them."""
    keys = {key: value for key, value in changes.items() if key != "body"}
    return corpus.revision(path, keys, changes.get("body"))


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
