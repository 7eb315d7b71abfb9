"""Proposed tags, changes of tags and the evaluation of proposals, as text or JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from policykb.render.terminal.columns import columns_of, fit
from policykb.text.visible import visible

if TYPE_CHECKING:
    from policykb.tagging.changes import TagChange
    from policykb.tagging.evaluation import Evaluation
    from policykb.tagging.new_terms import Term
    from policykb.tagging.tagger import Suggestion

MOST_EVIDENCE = 3


def suggestions(found: Sequence[tuple[str, Path | None, Sequence[Suggestion]]], *, color: bool | None = None) -> None:
    """Prints what is proposed for each target, with the strongest evidence."""
    for name, _, proposed in found:
        click.echo(click.style(visible(name), bold=True), color=color)
        if not proposed:
            click.echo("  no tag has enough evidence")
        for suggestion in proposed:
            click.echo(f"  {fit(visible(suggestion.tag), 14)} {suggestion.score:.2f}")
            for evidence in suggestion.evidence[:MOST_EVIDENCE]:
                words = evidence.words
                passage = evidence.text.replace("\n", " ")
                line = f"      {evidence.weight:+.1f} {words} ({evidence.source}, {evidence.field}): {passage}"
                click.echo(visible(line))


def changed(changes: Sequence[TagChange], dry_run: bool, form: str) -> None:
    """Prints which entries got or lost which tags."""
    if form == "json":
        data = [{"id": c.id, "before": list(c.before), "after": list(c.after)} for c in changes]
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    for change in changes:
        added = [f"+{tag}" for tag in change.after if tag not in change.before]
        gone = [f"-{tag}" for tag in change.before if tag not in change.after]
        click.echo(visible(f"{change.id}: {' '.join((*added, *gone)) or 'unchanged'}"))
    number = sum(change.before != change.after for change in changes)
    click.echo(f"{number} {'would change' if dry_run else 'changed'}")


def evaluation(figures: Evaluation, form: str, worst: int = 10) -> None:
    """Prints precision, recall and F1 by tag and overall, and the worst mistakes."""
    if form == "json":
        data = {
            "format": 1,
            "entries": figures.entries,
            "micro": _figures(figures.micro),
            "macro_f1": round(figures.macro_f1, 4),
            "tags": {tag: _figures(f) for tag, f in figures.tags.items()},
            "mistakes": [
                {"id": m.id, "tag": m.tag, "given": m.given, "score": round(m.score, 4)} for m in figures.mistakes
            ],
        }
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    rows = [
        (tag, f"{f.right}", f"{f.wrong}", f"{f.missed}", f"{f.precision:.2f}", f"{f.recall:.2f}", f"{f.f1:.2f}")
        for tag, f in [*figures.tags.items(), ("all (micro)", figures.micro)]
    ]
    table = [("tag", "right", "wrong", "missed", "precision", "recall", "F1"), *rows]
    widths = columns_of(table)
    for first, *rest in table:
        click.echo(fit(first, widths[0]) + "".join(f"  {cell:>{w}}" for cell, w in zip(rest, widths[1:], strict=True)))
    click.echo(
        f"macro F1 {figures.macro_f1:.2f} over {len(figures.tags)} tags, {figures.entries} entries, leave-one-out"
    )
    for mistake in figures.mistakes[:worst]:
        verb = "given" if mistake.given else "missed"
        click.echo(visible(f"  {verb} {mistake.tag} ({mistake.score:.2f}): {mistake.id}"))


def _figures(f: object) -> dict[str, float]:
    names = ("right", "wrong", "missed", "precision", "recall", "f1")
    return {name: round(getattr(f, name), 4) for name in names}


def terms(found: Sequence[Term], form: str) -> None:
    """Prints terms with the number of entries about them."""
    if form == "json":
        data = [{"term": t.term, "documents": t.documents, "ids": list(t.ids)} for t in found]
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    for term in found:
        click.echo(f"{fit(visible(term.term), 20)} {term.documents:>4}  {visible(term.ids[0]) if term.ids else ''}")
