"""What an import or an addition did, as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from policykb.corpus.folder import id_of
from policykb.domain.policy import BY_NAME, joined_issuers
from policykb.domain.wording import words
from policykb.i18n import _, ngettext, spoken
from policykb.render.records import intake_states
from policykb.render.terminal.widths import columns_of, fit, width
from policykb.render.wheres import said_where
from policykb.text.visible import visible

if TYPE_CHECKING:
    from policykb.importing.batch import Outcome
    from policykb.importing.figures.intake import FiguresIntake
    from policykb.importing.intake import Intake
    from policykb.importing.official.facts import Found

_WIDEST = 44
_INDENT = " " * 23


def imported(done: Intake, *, dry_run: bool) -> str:
    """Every entry with what was done about it and what it says differently."""
    lines = []
    states = {"new": _("new"), "unchanged": _("unchanged"), "updated": _("updated"), "differs": _("differs")}
    for state, policy, differences in intake_states(done):
        issuers = joined_issuers(policy.issuers, policy.issuer_count)
        day = fit(str(policy.date or _("no date")), 10)
        lines.append(f"{fit(states[state], 9)} {day}  {fit(policy.title, _WIDEST)}  {issuers}".rstrip())
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
    if isinstance(value, Mapping):  # a part of the history of a law: 2018-10-26 修正 ...
        return " ".join(map(str, value.values()))
    return "、".join(map(_joined, value)) if isinstance(value, tuple) else str(value)


def added(done: Outcome, root: Path) -> str:
    """What was found in a document, where, and how sure it is; and what is missing."""
    added = done.added
    if added is None:
        return ""
    draft = added.draft
    lines = [f"{_called(key)} {_joined(one.value)}  ({_evidence(one)})" for key, one in draft.found.items()]
    lines += [f"{_called(key)} " + _("not found") for key in draft.missing]
    lines += [_("doubtful: {said}").format(said=doubt) for doubt in draft.doubts]
    left_out = _("left out: {number} characters, {what}")
    lines += [left_out.format(number=number, what=what) for what, number in draft.dropped.items()]
    path = added.path.relative_to(root).as_posix()
    if added.state == "joined":
        filled = _(", ").join(added.changed) or _("nothing")
        lines.append(_("put the text into {path}; filled in: {keys}").format(path=path, keys=filled))
    else:
        lines.append(_("added {path}").format(path=path))
    if added.original:
        lines.append(_("kept {path}").format(path=added.original.relative_to(root).as_posix()))
    if done.tags:
        lines.append(_("tagged {tags}").format(tags=" ".join(f"#{tag}" for tag in done.tags)))
    return "".join(visible(f"{line}\n") for line in lines)


def _evidence(one: Found) -> str:
    """Where a value was found, and how sure it is."""
    where = one.where if spoken() == "en" else said_where(one.where)
    return _(", ").join((where, f"{one.confidence:.0%}"))


def _called(key: str) -> str:
    """What was looked for: its key in English, in other languages what official documents call it."""
    if spoken() == "en":
        return fit(key, 12)
    return fit(BY_NAME[key].label if key in BY_NAME else words()["labels"][key][0], 12)


def additions(done: Sequence[Outcome], root: Path) -> str:
    """Each document with what became of it, a line each, and how many of each there are."""
    said = {"added": _("added"), "joined": _("joined"), "same": _("same as"), "refused": _("refused")}
    rows = []
    for one in done:
        state = one.added.state if one.added else "refused"
        about = (
            id_of(one.added.path)
            if one.added
            else one.refused.removeprefix(f"{one.name}: ").removeprefix(f"{Path(one.name).name}: ")
        )
        about += "".join(f" #{tag}" for tag in one.tags)
        rows.append((state, _shortened(one.name), about))
    states = columns_of([(text,) for text in said.values()])[0]
    names = columns_of([(name,) for _state, name, _about in rows])[0]
    lines = [f"{fit(said[state], states)}  {fit(name, names)}  {about}" for state, name, about in rows]
    counts: Counter[str] = Counter(state for state, _name, _about in rows)
    lines.append(_(", ").join(f"{counts[state]:,} {text}" for state, text in said.items() if counts[state]))
    return "".join(visible(line).replace("\n", " ") + "\n" for line in lines)


def _shortened(name: str) -> str:
    """The end of a path or address, which tells it from others."""
    return name if width(name) <= _WIDEST else "…" + name[-_WIDEST // 2 :]


def addition_messages(done: Sequence[Outcome]) -> Iterator[str]:
    """What to do about documents that were added."""
    new = [one.added for one in done if one.added and one.added.state == "added"]
    for one in new:
        if one.alike:
            text = _("{id} has the title of {others}, and is another document as far as its number, date and text say")
            yield text.format(id=id_of(one.path), others=_(", ").join(one.alike))
    for outcome in done:
        if outcome.added and outcome.added.is_summary and len(done) > 1:
            text = _("{id} is a summary of {name}: 'policykb add {name} --to {id}' puts the text into it")
            yield text.format(id=id_of(outcome.added.path), name=outcome.name)
        for url in outcome.attachments:
            yield _("attachment: {url}; 'policykb add {url}' adds it").format(url=url)
    lacking = [one for one in new if {"title", "date", "issuers"} & {*one.draft.missing}]
    if lacking:
        keys = [key for key in ("title", "issuers", "date") if any(key in one.draft.missing for one in lacking)]
        text = ngettext(
            "fill in {keys} in the new entry; 'policykb check' asks for it",
            "fill in {keys} in {number} new entries; 'policykb check' asks for it",
            len(lacking),
        )
        yield text.format(keys=_(", ").join(keys), number=f"{len(lacking):,}")
