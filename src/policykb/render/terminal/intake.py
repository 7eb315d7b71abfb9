"""What an import or an addition did, as text or JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from policykb.render.terminal.columns import fit, width
from policykb.text.visible import visible

if TYPE_CHECKING:
    from policykb.domain.policy import Policy
    from policykb.importing.intake import Intake
    from policykb.importing.official.draft import Draft

_WIDEST = 44


def imported(done: Intake, root: Path, form: str, *, dry_run: bool) -> None:
    """Prints every entry with what was done about it, what it says differently, and what was not understood."""
    rows = _rows(done)
    if form == "json":
        click.echo(json.dumps(_data(done, rows, root), ensure_ascii=False, indent=2, default=str))
        return
    for state, policy, differences in rows:
        title = visible(policy.title)
        who = "、".join(policy.issuers) + (f"等{policy.issuer_count}部门" if policy.issuer_count else "")
        shown = fit(title, _WIDEST) if width(title) > _WIDEST else title + " " * (_WIDEST - width(title))
        click.echo(f"{state:9} {policy.date.isoformat()}  {shown}  {visible(who)}".rstrip())
        for name in policy.documents:
            click.echo(f"{'':21}  《{visible(name)}》")
        for difference in differences:
            old, new = _short(difference.old), _short(difference.new)
            click.echo(visible(f"{'':21}  {difference.key}: {old} -> {new}"))
    for file, review in done.reviews:
        for passage in review.leftovers:
            line = f"not understood: {file.name}, lines {passage.line_from}-{passage.line_to}: {passage.reason}"
            click.echo(visible(line), err=True)
        if review.skipped:
            lines = sum(passage.line_to - passage.line_from + 1 for passage in review.skipped)
            left = f"left out: {file.name}, {lines} lines of other chapters, captions and headings"
            click.echo(visible(left), err=True)
    for path in done.kept:
        click.echo(visible(f"what was not understood is in {path}"), err=True)
    plan = done.plan
    verb = "would be added" if dry_run else "added"
    click.echo(
        f"{len(plan.new)} {verb}, {len(plan.unchanged)} unchanged, "
        f"{len(plan.changed)} differ{f', {len(done.updated)} of them updated' if done.updated else ''}"
    )
    if len(plan.changed) > len(done.updated):
        click.echo("policykb: entries that differ were left as they are; see --update", err=True)


def _rows(done: Intake) -> list[tuple[str, Policy, Any]]:
    rows: list[tuple[str, Policy, Any]] = [("new", policy, ()) for policy in done.plan.new]
    rows += [("unchanged", policy, ()) for policy in done.plan.unchanged]
    for change in done.plan.changed:
        state = "updated" if change.existing.id in done.updated else "differs"
        rows.append((state, change.existing, change.differences))
    return sorted(rows, key=lambda row: (row[1].date, row[1].id))


def _short(value: object) -> str:
    text = "、".join(map(str, value)) if isinstance(value, tuple) else str(value)
    text = text.replace("\n", " ")
    return text if len(text) <= 40 else f"{text[:40]}… ({len(text)} characters)"


def _data(done: Intake, rows: list[tuple[str, Policy, Any]], root: Path) -> dict[str, Any]:
    return {
        "format": 1,
        "entries": [
            {
                "state": state,
                "id": policy.id,
                "date": policy.date,
                "date_end": policy.date_end,
                "title": policy.title,
                "issuers": list(policy.issuers),
                "issuer_count": policy.issuer_count,
                "documents": list(policy.documents),
                "kind": policy.kind,
                "status": policy.status,
                "number": policy.number,
                "effective": policy.effective,
                "source": policy.source,
                "path": done.paths[policy.id].relative_to(root.absolute()).as_posix(),
                "differences": [{"key": d.key, "old": d.old, "new": d.new} for d in differences],
            }
            for state, policy, differences in rows
        ],
        "not_understood": [_passage(file, one) for file, review in done.reviews for one in review.leftovers],
        "left_out": [_passage(file, one) for file, review in done.reviews for one in review.skipped],
    }


def _passage(file: Path, passage: Any) -> dict[str, Any]:
    return {
        "file": str(file),
        "line_from": passage.line_from,
        "line_to": passage.line_to,
        "reason": passage.reason,
        "text": passage.text,
    }


def added(draft: Draft, path: Path, root: Path, form: str) -> None:
    """Prints what was found in a document, where, and how sure it is; and what is missing."""
    inside = path.relative_to(root.absolute()).as_posix()
    if form == "json":
        data = {
            "format": 1,
            "path": inside,
            "found": {
                key: {"value": one.value, "where": one.where, "confidence": one.confidence}
                for key, one in draft.found.items()
            },
            "missing": list(draft.missing),
        }
        click.echo(json.dumps(data, ensure_ascii=False, indent=2, default=str))
        return
    for key, one in draft.found.items():
        value = "、".join(map(str, one.value)) if isinstance(one.value, tuple) else str(one.value)
        click.echo(visible(f"{key:12} {value}  ({one.where}, {one.confidence:.0%})"))
    for key in draft.missing:
        click.echo(f"{key:12} not found")
    click.echo(visible(f"added {inside}"))
    if draft.missing:
        click.echo("policykb: fill in what is missing; 'policykb check' asks for it", err=True)
