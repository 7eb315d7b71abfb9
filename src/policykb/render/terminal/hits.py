"""Search results as text for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from click import style

from policykb.domain.policy import joined_issuers
from policykb.i18n import _, ngettext
from policykb.relations.plain import USUAL, folded
from policykb.render.terminal.widths import columns_of, fit, text_of, width, wrap
from policykb.text.visible import visible

if TYPE_CHECKING:
    from policykb.search.request import Hit, Mark, Result, SimilarHit

_INDENT = " " * 12
_MONTHS = 24  # more of them are counted by year


def result(
    result: Result, offset: int, *, columns: int, styled: bool, compact: bool = False, fold: bool = False
) -> str:
    """A result, its explanation and its facets, after the first ``offset`` hits; ``compact``: a line for each.

    ``fold``: of several versions of a law one is shown, the others named.
    """
    hits = result.hits
    shown = folded(hits) if fold else [(number, []) for number in range(len(hits))]
    lines: list[str] = []
    for number, others in shown:
        versions = _("; ").join(f"{hits[one].policy.id} {hits[one].validity}".rstrip() for one in others)
        note = _("other versions: {versions}").format(versions=versions) if versions else ""
        lines += _line(hits[number], columns) if compact else _entry(hits[number], columns, styled, note)
    lines += [f"  {visible(line)}" for line in result.explain]
    names = {
        "issuer": _("departments"),
        "tag": _("tags"),
        "kind": _("kinds"),
        "status": _("status"),
        "level": _("levels"),
        "region": _("regions"),
        "validity": _("validity"),
        "month": _("months"),
    }
    for facet, counted in result.facets.items():
        if facet == "month" and len(counted) > _MONTHS:
            lines += _facet(_("years"), _by_year(counted), columns)
            continue
        lines += _facet(names[facet], counted, columns)
    entries = ngettext("{n:,} entry", "{n:,} entries", result.total).format(n=result.total)
    first, last = offset + 1, offset + len(result.hits)
    if not result.total:
        lines.append(_("no entries"))
    elif not result.hits or (first == 1 and last == result.total):
        lines.append(entries)
    elif last < result.total:
        said = _("{first:,}-{last:,} of {entries}; more with --offset {last}")
        lines.append(said.format(first=first, last=last, entries=entries))
    else:
        lines.append(_("{first:,}-{last:,} of {entries}").format(first=first, last=last, entries=entries))
    return text_of(lines)


def _by_year(months: Mapping[str, int]) -> dict[str, int]:
    years: dict[str, int] = {}
    for month, count in months.items():
        years[month[:4]] = years.get(month[:4], 0) + count
    return years


def similar(found: Sequence[SimilarHit], *, columns: int, styled: bool) -> str:
    """Similar entries with the terms they share."""
    lines: list[str] = []
    for one in found:
        lines += _entry(one.hit, columns, styled, _("shared: {terms}").format(terms="、".join(one.shared)))
    return text_of(lines or [_("no similar entries")])


def counts(counts: Mapping[str, int]) -> str:
    """Names with counts, in two columns."""
    rows = [(visible(value), f"{count:,}") for value, count in counts.items()]
    widths = columns_of(rows)
    return text_of(f"{fit(value, widths[0])}  {count:>{widths[1]}}" for value, count in rows)


def _line(hit: Hit, columns: int) -> Iterator[str]:
    """An entry on one line: the day, the title, and of the departments what fits."""
    policy, room = hit.policy, columns - len(_INDENT) - 2
    title, issuers = visible(policy.title), joined_issuers(policy.issuers, policy.issuer_count)
    wide = max(room * 2 // 3, room - width(issuers))
    line = f"{fit(title, wide)}  {fit(visible(issuers), room - wide)}".rstrip()
    yield style(f"{fit(str(policy.date or ''), 10)}  ", dim=True) + line


def _entry(hit: Hit, columns: int, styled: bool, note: str = "") -> Iterator[str]:
    policy, snippet, room = hit.policy, hit.snippet, columns - len(_INDENT)
    when = str(policy.date) if policy.date else _("no date")
    for number, line in enumerate(_marked_lines(policy.title, snippet.title_marks, room, styled, bold=True)):
        yield style(_INDENT if number else fit(when, len(_INDENT)), dim=True) + line
    tags = " ".join(f"#{tag}" for tag in policy.tags)
    issuers = joined_issuers(policy.issuers, policy.issuer_count)
    state = "" if hit.validity in USUAL else hit.validity
    about = " · ".join(filter(None, (issuers, policy.number, tags, policy.kind, policy.status, state)))
    for line in _marked_lines(about, (), room, styled):
        yield _INDENT + style(line, fg="cyan")
    for line in _marked_lines(snippet.text, snippet.marks, room, styled):
        yield _INDENT + line
    notes = [note, f"{policy.id}#{hit.article}" if hit.article else "", _("some of the words") if hit.partial else ""]
    notes += [f"{_field(name)} {value:.2f}" for name, value in hit.explanation.items()]
    for line in _marked_lines(" · ".join(filter(None, notes)), (), room, styled):
        yield _INDENT + style(line, dim=True)
    yield ""


def _field(name: str) -> str:
    """What a part of a score comes from: a field, or the words' standing together."""
    fields = {"title": _("title"), "documents": _("documents"), "tags": _("tags"), "issuers": _("issuers")}
    return (fields | {"body": _("body"), "together": _("together")})[name]


def _marked_lines(text: str, marks: Sequence[Mark], columns: int, styled: bool, *, bold: bool = False) -> Iterator[str]:
    """``text`` in lines of at most ``columns``, matches coloured, or between asterisks where there is no colour."""
    text = visible(text).replace("\n", " ")
    if styled:
        for start, end in wrap(text, columns):
            inside = _between(marks, start, end)
            yield marked(text[start:end], inside, lambda part: style(part, bold=bold or None), _highlighted)
        return
    start = 0
    while start < len(text):
        room = columns  # less what the signs take: each line has both ends of its marks
        while True:
            _, end = next(wrap(text, room, start))
            # a match that a line can hold is not torn
            end = next((m.start for m in marks if start < m.start < end < m.end and m.end - m.start < room // 4), end)
            line = marked(text[start:end], _between(marks, start, end), str)
            if (over := width(line) - columns) <= 0 or room <= columns // 2:
                break
            room -= over
        yield line
        start = end
        while start < len(text) and text[start] == " ":
            start += 1


def _between(marks: Iterable[Mark], start: int, end: int) -> list[Mark]:
    """What of the marks lies in a stretch of the text, relative to it."""
    return [
        m._replace(start=max(m.start, start) - start, end=min(m.end, end) - start)
        for m in marks
        if m.start < end and m.end > start
    ]


def marked(
    text: str, marks: Iterable[Mark], plain: Callable[[str], str], mark: Callable[[str, bool], str] | None = None
) -> str:
    """``text`` as ``plain`` writes it, matches as ``mark`` does, or else between asterisks (synonyms: underlines)."""
    pieces, last = [], 0
    for m in merged(marks):
        match, sign = text[m.start : m.end], "_" if m.synonym else "**"
        pieces += [plain(text[last : m.start]), mark(match, m.synonym) if mark else f"{sign}{plain(match)}{sign}"]
        last = m.end
    return "".join((*pieces, plain(text[last:])))


def merged(marks: Iterable[Mark]) -> list[Mark]:
    """The marks with those made one that touch and are of one kind."""
    found: list[Mark] = []
    for one in marks:
        if found and (found[-1].end, found[-1].synonym) == (one.start, one.synonym):
            found[-1] = found[-1]._replace(end=one.end)
        else:
            found.append(one)
    return found


def _highlighted(match: str, synonym: bool) -> str:
    return style(match, underline=True) if synonym else style(match, fg="yellow", bold=True)


def _facet(label: str, counts: Mapping[str, int], columns: int) -> Iterator[str]:
    """Values with their counts, as many in a line as fit."""
    line, used = style(f"{label}: ", bold=True), width(label) + 2
    for number, (value, count) in enumerate(counts.items()):
        item = f"{visible(value)} {count}"
        if number and used + width(item) + 2 > columns:
            yield line
            line, used = "    ", 4
        elif number:
            line, used = f"{line}  ", used + 2
        line, used = line + item, used + width(item)
    if counts:
        yield line
