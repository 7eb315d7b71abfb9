"""Relations, families, gaps and decisions as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from click import style

from policykb.domain.relation import relation_words
from policykb.i18n import _, ngettext
from policykb.render.terminal.widths import fit, text_of, wrap
from policykb.text.visible import visible

if TYPE_CHECKING:
    from policykb.relations.decisions import Decided
    from policykb.relations.gaps import Gaps, Some
    from policykb.relations.overview import Branch, Neighbour, Overview
    from policykb.relations.validity import Interval

_QUOTE = 120  # characters of a sentence that are shown
_LABEL = 16  # columns
LISTED = 10  # ids of a list


def relations(known: Overview, on: date, columns: int) -> str:
    """A document: its states, what it says of others, what others say of it."""
    lines = [style(visible(known.policy.title), bold=True), style(visible(known.policy.id), dim=True), ""]
    now = known.now.state if known.now else _("not there yet")
    lines.append(_("{state} on {day}, as far as this knowledge base knows").format(state=now, day=on))
    for one in known.states:
        reasons = _("; ").join(one.because)
        lines += _wrapped(f"{_period(one)}  {one.state}: {reasons}", columns, "  ", " " * 25)
    for heading, found in ((_("what it says of others"), known.out), (_("what others say of it"), known.into)):
        lines += ["", style(heading, bold=True)]
        lines += [line for one in found for line in _neighbour(one, columns)]
        if not found:
            lines.append("  " + _("nothing known"))
    return text_of(lines)


def proposals(known: Overview, columns: int) -> str:
    """What was found in an entry and nobody has decided yet."""
    lines = [style(visible(known.policy.id), bold=True)]
    lines += [line for one in known.out for line in _neighbour(one, columns)]
    if not known.out:
        lines.append("  " + _("nothing found that is not decided already"))
    return text_of(lines)


def _period(one: Interval) -> str:
    since, until = (day.isoformat() if day else "" for day in (one.since, one.until))
    return f"{since or '…':<10} – {until or '…':<10}"


def _neighbour(one: Neighbour, columns: int) -> Iterator[str]:
    said = one.relation
    notes = [one.id or _("not held"), one.state, _("from {day}").format(day=said.date) if said.date else ""]
    notes += [_("in part") if said.partial else "", _("confirmed") if said.confirmed else _("found")]
    title = _marked(one.title) if one.title else ""
    number = f"（{one.number}）" if one.number and title else one.number
    yield from _wrapped(f"{fit(label(said.type), _LABEL)}{visible(title + number)}", columns, "  ", " " * _LABEL)
    yield from (
        style(line, dim=True)
        for line in _wrapped(" · ".join(note for note in notes if note), columns, " " * (_LABEL + 2))
    )
    if said.quote and said.offset >= 0:
        yield from _wrapped(_shortened(said.quote), columns, " " * (_LABEL + 2))


def _marked(title: str) -> str:
    """A title between 《》, with 〈〉 inside; one that has marks of its own around it stays as it is."""
    inner = title.translate(str.maketrans("《》", "〈〉"))
    return title if title.startswith("《") and title.endswith("》") and title.count("《") == 1 else f"《{inner}》"


def label(type: str) -> str:
    """依据 basis: a type as Chinese documents and commands name it."""
    return f"{relation_words()['label'][type]} {type}"


def family(found: Sequence[Branch], columns: int) -> str:
    """The documents around one, indented by how far below the highest they stand."""
    lines: list[str] = []
    for one in found:
        state = f" [{one.state}]" if one.state else ""
        kind = label(one.type) + ": " if one.type else ""
        title = visible(f"{kind}{one.title}{state}")
        indent = "    " * one.depth
        shown = list(_wrapped(title, columns, indent, "  "))
        lines += shown if one.type else [style(line, bold=True) for line in shown]
    if len(found) == 1:
        lines.append(_("no document of its family is held; without --tree, what it only cites is shown, too"))
    return text_of(lines or [_("nothing known")])


def gaps(found: Gaps, columns: int) -> str:
    """Documents that are cited and not held, drafts without a final, fields that entries lack."""
    lines: list[str] = []
    for one in found.cited:
        title = _marked(one.title) if one.title != one.number else one.number
        number = f"（{one.number}）" if one.number and one.title != one.number else ""
        issuer = f" {one.issuer}" if one.issuer and one.issuer not in title else ""
        lines += _wrapped(f"{one.entries:>4}  {visible(title + number + issuer)}", columns, "", "      ")
        for id, quote in one.sentences[:2]:
            lines += [style(line, dim=True) for line in _wrapped(f"{id}: {_shortened(quote)}", columns, "      ")]
    documents = ngettext("{n:,} document is cited and not held", "{n:,} documents are cited and not held", found.total)
    lines.append(documents.format(n=found.total))
    lines += _ids(_("drafts of more than a year ago without a final"), found.drafts)
    for name, some in found.lacking.items():
        field = _("official text") if name == "text" else name
        lines += _ids(_("entries without {field}").format(field=field), some)
    return text_of(lines)


def decided(done: Iterable[Decided], dry_run: bool) -> str:
    """The relations of entries after a change."""
    lines = [_("would stand there:")] if dry_run else []
    for entry in done:
        lines.append(style(visible(entry.id), bold=True))
        for sign, found in (("+", entry.relations), ("-", entry.rejected)):
            lines += [f"  {sign} {fit(label(one['type']), _LABEL)}{visible(one['target'])}" for one in found]
    return text_of(lines)


def _ids(heading: str, some: Some) -> Iterator[str]:
    yield f"{heading}: {some.total:,}"
    if some.total <= LISTED:
        yield from (f"      {visible(id)}" for id in some.ids)


def _shortened(quote: str) -> str:
    plain = visible(quote).replace("\n", " ")
    return plain if len(plain) <= _QUOTE else plain[:_QUOTE] + "…"


def _wrapped(text: str, columns: int, indent: str, hanging: str = "") -> Iterator[str]:
    for number, (start, end) in enumerate(wrap(text, columns - len(indent) - len(hanging))):
        yield indent + (hanging if number else "") + text[start:end].rstrip()
