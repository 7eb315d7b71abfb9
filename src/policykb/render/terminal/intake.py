"""What an import or an addition did, as text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from policykb.domain.policy import joined_issuers
from policykb.i18n import _
from policykb.render.records import intake_states
from policykb.render.terminal.widths import fit
from policykb.text.visible import visible

if TYPE_CHECKING:
    from policykb.importing.figures.intake import FiguresIntake
    from policykb.importing.intake import Intake
    from policykb.importing.official.draft import Draft

_WIDEST = 44
_INDENT = " " * 23


def imported(done: Intake, *, dry_run: bool) -> str:
    """Every entry with what was done about it and what it says differently."""
    lines = []
    for state, policy, differences in intake_states(done):
        issuers = joined_issuers(policy.issuers, policy.issuer_count)
        lines.append(
            f"{state:9} {fit(str(policy.date or _('no date')), 10)}  {fit(policy.title, _WIDEST)}  {issuers}".rstrip()
        )
        lines += [f"{_INDENT}《{name}》" for name in policy.documents]
        lines += [f"{_INDENT}{d.key}: {_short(d.old)} -> {_short(d.new)}" for d in differences]
    plan = done.plan
    said = _("{new} would be added, {same} unchanged, {changed} differ")
    if not dry_run:
        said = _("{new} added, {same} unchanged, {changed} differ")
    total = said.format(new=len(plan.new), same=len(plan.unchanged), changed=len(plan.changed))
    if done.updated:
        total += _(", {number} of them updated").format(number=len(done.updated))
    return "".join(visible(f"{line}\n") for line in (*lines, total))


def import_messages(done: Intake) -> Iterator[str]:
    """What was read beside entries, what was not understood, what was left out, and what stayed as it was."""
    for one in done.figures:
        yield _figures(one)
    for file, review in done.reviews:
        for passage in review.leftovers:
            said = _("not understood: {file}, lines {first}-{last}: {reason}")
            yield said.format(file=file.name, first=passage.line_from, last=passage.line_to, reason=passage.reason)
        if review.skipped:
            lines = sum(passage.line_to - passage.line_from + 1 for passage in review.skipped)
            said = _("left out: {file}, {lines} lines of other chapters, captions and headings")
            yield said.format(file=file.name, lines=lines)
    for path in done.kept:
        yield _("what was not understood is in {path}").format(path=path)
    if len(done.plan.changed) > len(done.updated):
        yield _("entries that differ were left as they are; see --update")


def _figures(one: FiguresIntake) -> str:
    """What is done with the market figures of a review."""
    number, doubtful = len(one.found.report.figures), len(one.found.doubtful)
    said = {
        "new": _("{number} market figures, each with its sentence: hold them against the report in {path}"),
        "updated": _("{number} market figures, read anew: hold them against the report in {path}"),
        "unchanged": _("{number} market figures, the same as in {path}"),
        "differs": _("{number} market figures; {path} has others and is left as it is"),
        "known": _("{number} market figures; those of this report are in {path} already"),
    }[one.state]
    left_out = _("; {number} that contradict others are left out, and stand there as comments").format(number=doubtful)
    return said.format(number=number, path=one.path) + (
        left_out if doubtful and one.state in ("new", "updated") else ""
    )


def _short(value: object) -> str:
    text = _joined(value).replace("\n", " ")
    return text if len(text) <= 40 else text[:40] + _("… ({number} characters)").format(number=len(text))


def _joined(value: object) -> str:
    return "、".join(map(str, value)) if isinstance(value, tuple) else str(value)


def added(draft: Draft, path: str) -> str:
    """What was found in a document, where, and how sure it is; and what is missing."""
    lines = [f"{key:12} {_joined(one.value)}  ({one.where}, {one.confidence:.0%})" for key, one in draft.found.items()]
    lines += [f"{key:12} " + _("not found") for key in draft.missing]
    lines.append(_("added {path}").format(path=path))
    return "".join(visible(f"{line}\n") for line in lines)
