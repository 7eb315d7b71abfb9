"""What waits in the inbox, and what was decided, as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from click import style

from policykb.i18n import _, ngettext
from policykb.inbox.proposal import in_words
from policykb.render.inbox_records import title_of
from policykb.render.terminal.widths import fit, text_of, wrap
from policykb.render.wheres import said_where
from policykb.text.visible import visible

if TYPE_CHECKING:
    from policykb.inbox.decisions import Decided
    from policykb.inbox.documents import Compared
    from policykb.inbox.inbox import Queue
    from policykb.inbox.items import Item
    from policykb.inbox.proposal import Proposal

_QUOTE = 120  # characters of a sentence that are shown
_INDENT = " " * 6


def queue(waiting: Queue, columns: int) -> str:
    """What waits: documents, then proposals by entry."""
    lines: list[str] = []
    for item in waiting.documents:
        lines.append(f"{style(item.id, fg='yellow')}  {style(visible(title_of(item) or item.name), bold=True)}")
        lines += _wrapped(" · ".join(filter(None, (item.by, item.name, item.source))), columns)
    entry = None
    for one in waiting.proposals:
        if one.entry != entry:
            entry = one.entry
            lines.append(style(visible(entry), bold=True))
        lines += _proposal(one, columns)
    for problem in waiting.problems:
        lines.append(style(visible(problem.problem), fg="red"))
    said = ngettext("{number:,} thing waits", "{number:,} things wait", waiting.total).format(number=waiting.total)
    return text_of([*lines, said])


def document(item: Item, known: Compared, columns: int) -> str:
    """A document: what was read of it, where and how surely; what the corpus has of it."""
    lines = [style(visible(title_of(item) or item.name), bold=True), style(item.id, dim=True)]
    lines += _wrapped(" · ".join(filter(None, (item.by, item.name, item.source))), columns)
    for one in item.proposals:
        lines.append("")
        lines += _proposal(one, columns)
    for doubt in item.doubts:
        lines += ["", *_wrapped(doubt, columns)]
    if known.same:
        said = _("the corpus has this document already: {id}")
        if known.lacks_text:
            said = _("the corpus has a summary of it: {id}; accept it with --to {id} to put the text there")
        lines += ["", *_wrapped(said.format(id=known.same.id), columns)]
    for policy in known.alike:
        lines.append(visible(_("an entry of the same title, taken for another document: {id}").format(id=policy.id)))
    return text_of(lines)


def one_proposal(one: Proposal, columns: int) -> str:
    """A proposal with all of its evidence."""
    return text_of([style(visible(one.entry), bold=True), *_proposal(one, columns, short=False)])


def decided(done: Decided, taken_in: Iterable[str], turned_away: Iterable[str]) -> str:
    """What became of each."""
    lines = [_("taken in: {name}").format(name=id) for id in taken_in]
    lines += [_("rejected: {name}").format(name=id) for id in turned_away]
    lines += [verdict.said for verdict in done.done]
    return text_of(map(visible, lines))


def _proposal(one: Proposal, columns: int, *, short: bool = True) -> Iterator[str]:
    sure = f"{one.sureness:.0%}" if one.sureness is not None else ""
    notes = _(", ").join(filter(None, (said_where(one.where), sure, one.by)))
    head = f"  {style(fit(one.key, 12), fg='yellow')}  " if one.entry else "  "
    lines = list(_wrapped(in_words(one) + (f" ({notes})" if notes else ""), columns, " " * (16 if one.entry else 2)))
    yield head + lines[0].strip() if lines else head
    yield from lines[1:]
    quote = " ".join(one.quote.split())
    if quote and quote != one.value:
        shown = quote if len(quote) <= _QUOTE or not short else quote[:_QUOTE] + "…"
        yield from (style(line, dim=True) for line in _wrapped(shown, columns, _INDENT))


def _wrapped(text: str, columns: int, indent: str = _INDENT) -> Iterator[str]:
    text = visible(text)
    for start, end in wrap(text, columns - len(indent)):
        yield indent + text[start:end].rstrip()
