"""Proposed tags, changes of tags and the evaluation of proposals, as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from click import style

from policykb.i18n import _, later
from policykb.render.terminal.widths import columns_of, fit, text_of
from policykb.text.visible import visible

if TYPE_CHECKING:
    from policykb.tagging.changes import TagChange
    from policykb.tagging.evaluation import Evaluation
    from policykb.tagging.new_terms import Term
    from policykb.tagging.tagger import Suggestion

_EVIDENCE, _MISTAKES = 3, 10  # how many are shown

# what evidence is, and the parts of an entry where it stands
_SAID = {
    "trigger": later("trigger"), "learned": later("learned"), "title": later("title"), "documents": later("documents"),
    "body": later("body"),
}  # fmt: skip


def suggestions(found: Iterable[tuple[str, Path | None, Sequence[Suggestion]]]) -> str:
    """What is proposed for each target, with the strongest evidence."""
    lines = []
    for name, _path, proposed in found:
        lines.append(style(visible(name), bold=True))
        if not proposed:
            lines.append("  " + _("no tag has enough evidence"))
        for suggestion in proposed:
            lines.append(f"  {fit(visible(suggestion.tag), 14)} {suggestion.score:.2f}")
            for one in suggestion.evidence[:_EVIDENCE]:
                passage = one.text.replace("\n", " ")
                line = f"      {one.weight:+.1f} {one.words} ({_(_SAID[one.source])}, {_(_SAID[one.field])}): {passage}"
                lines.append(visible(line))
    return text_of(lines)


def changes(changes: Sequence[TagChange], dry_run: bool) -> str:
    """Which entries got or lost which tags."""
    lines = []
    for change in changes:
        added = [f"+{tag}" for tag in change.after if tag not in change.before]
        gone = [f"-{tag}" for tag in change.before if tag not in change.after]
        lines.append(visible(f"{change.id}: {' '.join((*added, *gone)) or _('unchanged')}\n"))
    number = sum(change.before != change.after for change in changes)
    said = _("{number} would change") if dry_run else _("{number} changed")
    return "".join((*lines, said.format(number=number), "\n"))


def evaluation(figures: Evaluation) -> str:
    """Precision, recall and F1 by tag and overall, and the worst mistakes."""
    head = (_("tag"), _("right"), _("wrong"), _("missed"), _("precision"), _("recall"), "F1")
    table = [head] + [
        (tag, f"{f.right}", f"{f.wrong}", f"{f.missed}", f"{f.precision:.2f}", f"{f.recall:.2f}", f"{f.f1:.2f}")
        for tag, f in [*figures.tags.items(), (_("all (micro)"), figures.micro)]
    ]
    first, *sizes = columns_of(table)
    lines = [
        fit(row[0], first) + "".join(f"  {cell:>{size}}" for cell, size in zip(row[1:], sizes, strict=True))
        for row in table
    ]
    said = _("macro F1 {f1:.2f} over {tags} tags, {entries} entries, leave-one-out")
    lines.append(said.format(f1=figures.macro_f1, tags=len(figures.tags), entries=figures.entries))
    for mistake in figures.mistakes[:_MISTAKES]:
        verb = _("given") if mistake.given else _("missed")
        lines.append(f"  {verb} {mistake.tag} ({mistake.score:.2f}): {mistake.id}")
    return "".join(visible(f"{line}\n") for line in lines)


def terms(found: Iterable[Term]) -> str:
    """Terms with the number of entries about them, and one of these."""
    lines = [visible(f"{fit(one.term, 20)} {one.entries:>4}  {one.ids[0] if one.ids else ''}\n") for one in found]
    return "".join(lines) or _("no frequent term is without a tag") + "\n"
