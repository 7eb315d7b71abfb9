"""Search results for a terminal, and as JSON lines, CSV, Markdown and paths."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from policykb.render.records import hit_record, result_record
from policykb.render.spreadsheet import cell, write_csv
from policykb.render.terminal.columns import columns_of, fit, width, wrap
from policykb.text.visible import visible

if TYPE_CHECKING:
    from policykb.search.request import Hit, Mark, Result

_FACETS = {"issuer": "departments", "tag": "tags", "kind": "kinds", "status": "status", "month": "months"}
_WIDEST = 100


def write(result: Result, form: str, query: Mapping[str, Any], root: Path, *, color: bool | None = None) -> None:
    """Prints a result on standard output; ``query`` says what was asked (for JSON)."""
    if form == "json":
        click.echo(json.dumps(result_record(result, query), ensure_ascii=False, indent=2, default=str))
    elif form == "jsonl":
        for hit in result.hits:
            click.echo(json.dumps(hit_record(hit), ensure_ascii=False))
    elif form == "csv":
        write_csv([hit_record(hit) for hit in result.hits])
    elif form == "paths":
        for hit in result.hits:
            click.echo(str(root / "corpus" / hit.path))
    elif form == "md":
        click.echo(_markdown(result), nl=False)
    else:
        _text(result, query, color)


def _markdown(result: Result) -> str:
    lines = []
    for hit in result.hits:
        policy = hit.policy
        lines.append(
            f"- **{_escaped(policy.title)}** ({policy.date.isoformat()}, {_escaped('、'.join(policy.issuers))})  "
        )
        if policy.tags:
            lines.append(f"  {' '.join('`' + tag.replace('`', '') + '`' for tag in policy.tags)}  ")
        if hit.snippet.text:
            lines.append(f"  {_marked_markdown(hit.snippet.text, hit.snippet.marks)}")
    return "".join(f"{line}\n" for line in lines)


def _escaped(text: str) -> str:
    for char in "\\`*_[]<>&#|":
        text = text.replace(char, f"\\{char}")
    return visible(text).replace("\n", " ")


def _marked_markdown(text: str, marks: Sequence[Mark]) -> str:
    pieces, last = [], 0
    for m in marks:
        sign = "_" if m.synonym else "**"
        pieces += [_escaped(text[last : m.start]), sign, _escaped(text[m.start : m.end]), sign]
        last = m.end
    return "".join((*pieces, _escaped(text[last:])))


# -- text
def _text(result: Result, query: Mapping[str, Any], color: bool | None) -> None:
    columns = _columns()
    for hit in result.hits:
        _entry(hit, columns, color)
    for line in result.explain:
        click.echo(f"  {visible(line)}")
    for facet, counts in result.facets.items():
        _facet(_FACETS[facet], counts, columns, color)
    first, last = query["offset"] + 1, query["offset"] + len(result.hits)
    if not result.hits:
        click.echo("no entries" if not result.total else f"{_entries(result.total)}")
    elif last < result.total or first > 1:
        more = f"; more with --offset {last}" if last < result.total else ""
        click.echo(f"{first:,}-{last:,} of {_entries(result.total)}{more}")
    else:
        click.echo(_entries(result.total))


def _columns() -> int:
    """The width to write for: the terminal's, or 80 columns elsewhere."""
    try:
        columns = int(os.environ.get("COLUMNS") or os.get_terminal_size(sys.stdout.fileno()).columns)
    except (OSError, ValueError):
        columns = 80
    return max(40, min(columns, _WIDEST))


def _entries(number: int) -> str:
    return "1 entry" if number == 1 else f"{number:,} entries"


def _entry(hit: Hit, columns: int, color: bool | None, note: str = "") -> None:
    policy, snippet = hit.policy, hit.snippet
    colored = color is not False and sys.stdout.isatty()
    indent = " " * 12
    lines = _marked_lines(policy.title, snippet.title_marks, columns - len(indent), colored, bold=True)
    for number, line in enumerate(lines):
        head = f"{policy.date.isoformat()}  " if number == 0 else indent
        click.echo(click.style(head, dim=True) + line, color=color)
    issuers = "、".join(policy.issuers)
    if policy.issuer_count:
        issuers += f"等{policy.issuer_count}部门"
    tags = " ".join(f"#{tag}" for tag in policy.tags)
    about = [issuers, policy.number, tags, policy.kind, policy.status]
    for line in _marked_lines(" · ".join(filter(None, about)), (), columns - len(indent), colored):
        click.echo(indent + click.style(line, fg="cyan"), color=color)
    for line in _marked_lines(snippet.text, snippet.marks, columns - len(indent), colored):
        click.echo(indent + line, color=color)
    notes = [note, "some of the words" if hit.partial else ""]
    notes += [f"{name} {value:.2f}" for name, value in hit.explanation.items()]
    for line in _marked_lines(" · ".join(filter(None, notes)), (), columns - len(indent), colored):
        click.echo(indent + click.style(line, dim=True), color=color)
    click.echo()


def _marked_lines(
    text: str, marks: Sequence[Mark], columns: int, colored: bool, *, bold: bool = False
) -> Iterator[str]:
    """``text`` in lines of at most ``columns``, matches coloured, or between asterisks where there is no colour."""
    text = visible(text).replace("\n", " ")
    if not colored:
        pieces, last = [], 0
        for m in marks:
            sign = "_" if m.synonym else "**"
            pieces += [text[last : m.start], sign, text[m.start : m.end], sign]
            last = m.end
        text, marks = "".join((*pieces, text[last:])), ()
    for start, end in wrap(text, columns):
        pieces, last = [], start
        for m in marks:
            left, right = max(m.start, start), min(m.end, end)
            if left < right:
                style: dict[str, Any] = {"underline": True} if m.synonym else {"fg": "yellow", "bold": True}
                pieces += [click.style(text[last:left], bold=bold), click.style(text[left:right], **style)]
                last = right
        yield "".join((*pieces, click.style(text[last:end], bold=bold)))


def _facet(label: str, counts: Mapping[str, int], columns: int, color: bool | None) -> None:
    if not counts:
        return
    line = click.style(f"{label}: ", bold=True)
    click.echo(line, nl=False, color=color)
    used = width(label) + 2
    for number, (value, count) in enumerate(counts.items()):
        item = f"{visible(value)} {count}"
        if number and used + width(item) + 2 > columns:
            click.echo("")
            used = 4
            item = "    " + item
        elif number:
            item = "  " + item
        click.echo(item, nl=False)
        used += width(item)
    click.echo("")


def write_counts(name: str, counts: Mapping[str, int], form: str) -> None:
    """Prints names with counts."""
    if form == "json":
        click.echo(
            json.dumps(
                [{name: value, "count": count} for value, count in counts.items()],
                ensure_ascii=False,
                indent=2,
            )
        )
    elif form == "csv":
        import csv
        import io

        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow([name, "count"])
        writer.writerows([cell(value), count] for value, count in counts.items())
        sys.stdout.buffer.write(text.getvalue().encode("utf-8-sig", "replace"))
    else:
        rows = [(visible(value), f"{count:,}") for value, count in counts.items()]
        widths = columns_of(rows)
        for value, count in rows:
            click.echo(f"{fit(value, widths[0])}  {count:>{widths[1]}}")


def write_similar(found: Sequence[tuple[Hit, Sequence[str]]], form: str, root: Path, *, color: bool | None) -> None:
    """Prints similar entries with the terms they share."""
    if form == "json":
        data = [hit_record(hit) | {"shared": list(terms)} for hit, terms in found]
        click.echo(json.dumps({"format": 1, "hits": data}, ensure_ascii=False, indent=2))
        return
    columns = _columns()
    for hit, terms in found:
        _entry(hit, columns, color, note=f"shared: {'、'.join(terms)}")
    if not found:
        click.echo("no similar entries")
