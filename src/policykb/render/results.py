"""Search results, counts and similar entries in every form that they can be asked for."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policykb.domain.policy import joined_issuers
from policykb.i18n import _
from policykb.render.terminal import hits
from policykb.text.visible import visible

if TYPE_CHECKING:
    from policykb.search.request import Result, SimilarHit

FORMATS = ("text", "json", "jsonl", "csv", "xlsx", "md", "paths")


def render(
    result: Result,
    form: str,
    query: Mapping[str, Any],
    root: Path,
    *,
    columns: int,
    styled: bool,
    compact: bool = False,
) -> bytes | str:
    """A result in one of ``FORMATS``; ``query`` says what was asked, ``root`` is the knowledge base's folder.

    ``compact`` text has one line for each entry.
    """
    if form in ("json", "jsonl", "csv", "xlsx"):
        from policykb.render import records, spreadsheet  # most searches are read by people

        if form == "json":
            return records.as_json(records.result_record(result, query))
        rows = [records.hit_record(hit) for hit in result.hits]
        return records.as_json_lines(rows) if form == "jsonl" else _table(spreadsheet.HIT_COLUMNS, rows, form, root)
    if form == "paths":
        return b"".join(os.fsencode(root / "corpus" / hit.path) + b"\n" for hit in result.hits)
    if form == "md":
        return _markdown(result)
    fold = not compact and is_folded(query["text"], query["sort"], query["match"])
    return hits.result(result, query["offset"], columns=columns, styled=styled, compact=compact, fold=fold)


def is_folded(text: str, sort: str | None, match: str) -> bool:
    """Whether people are shown one version of a law: not in order of date, and not where a string is quoted."""
    return (
        bool(text) and sort in (None, "", "relevance") and match != "phrase" and not any(sign in text for sign in '"“”')
    )


def similar(found: Sequence[SimilarHit], form: str, *, columns: int, styled: bool) -> bytes | str:
    """Similar entries as text or JSON."""
    if form == "json":
        from policykb.render import records

        return records.as_json(records.similar_record(found))
    return hits.similar(found, columns=columns, styled=styled)


def counts(name: str, counts: Mapping[str, int], form: str, root: Path) -> bytes | str:
    """Names (``name`` says of what: tag, issuer) with counts, as text, JSON, CSV or a workbook."""
    if form == "text":
        return hits.counts(counts)
    from policykb.render import records

    rows = records.counts_record(name, counts)
    return records.as_json(rows) if form == "json" else _table((name, "count"), rows, form, root)


def _table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]], form: str, root: Path) -> bytes:
    from policykb.render import spreadsheet
    from policykb.render.labels import Labels

    if form == "csv":
        return spreadsheet.table(columns, rows)
    return spreadsheet.workbook(columns, rows, Labels.load(root / "corpus"))


def _markdown(result: Result) -> str:
    lines = []
    for hit in result.hits:
        policy = hit.policy
        about = filter(None, (str(policy.date or _("no date")), joined_issuers(policy.issuers, policy.issuer_count)))
        lines.append(f"- **{_escaped(policy.title)}** ({', '.join(map(_escaped, about))})  ")
        if policy.tags:
            lines.append(f"  {' '.join('`' + visible(tag).replace('`', '') + '`' for tag in policy.tags)}  ")
        if hit.article:
            lines.append(f"  {_escaped(f'{policy.id}#{hit.article}')}  ")
        if hit.snippet.text:
            lines.append(f"  {hits.marked(hit.snippet.text, hit.snippet.marks, _escaped)}")
    return "".join(f"{line}\n" for line in lines)


def _escaped(text: str) -> str:
    for char in "\\`*_[]<>&#|":
        text = text.replace(char, f"\\{char}")
    return visible(text).replace("\n", " ")
