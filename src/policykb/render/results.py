"""Search results, counts and similar entries in every form that they can be asked for."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policykb.domain.policy import joined_issuers
from policykb.render.records import (
    as_json,
    as_json_lines,
    counts_record,
    hit_record,
    result_record,
    similar_record,
)
from policykb.render.terminal import hits
from policykb.text.visible import visible

if TYPE_CHECKING:
    from policykb.search.request import Result, SimilarHit

FORMATS = ("text", "json", "jsonl", "csv", "md", "paths")


def render(
    result: Result, form: str, query: Mapping[str, Any], root: Path, *, columns: int, styled: bool
) -> bytes | str:
    """A result in one of ``FORMATS``; ``query`` says what was asked, ``root`` is the knowledge base's folder."""
    if form == "json":
        return as_json(result_record(result, query))
    if form == "jsonl":
        return as_json_lines(hit_record(hit) for hit in result.hits)
    if form == "csv":
        from policykb.render.spreadsheet import HIT_COLUMNS, table

        return table(HIT_COLUMNS, [hit_record(hit) for hit in result.hits])
    if form == "paths":
        return b"".join(os.fsencode(root / "corpus" / hit.path) + b"\n" for hit in result.hits)
    if form == "md":
        return _markdown(result)
    return hits.result(result, query["offset"], columns=columns, styled=styled)


def similar(found: Sequence[SimilarHit], form: str, *, columns: int, styled: bool) -> bytes | str:
    """Similar entries as text or JSON."""
    return as_json(similar_record(found)) if form == "json" else hits.similar(found, columns=columns, styled=styled)


def counts(name: str, counts: Mapping[str, int], form: str) -> bytes | str:
    """Names (``name`` says of what: tag, issuer) with counts, as text, JSON or CSV."""
    if form == "text":
        return hits.counts(counts)
    rows = counts_record(name, counts)
    if form == "json":
        return as_json(rows)
    from policykb.render.spreadsheet import table

    return table((name, "count"), rows)


def _markdown(result: Result) -> str:
    lines = []
    for hit in result.hits:
        policy = hit.policy
        issuers = joined_issuers(policy.issuers)
        lines.append(f"- **{_escaped(policy.title)}** ({policy.date.isoformat()}, {_escaped(issuers)})  ")
        if policy.tags:
            lines.append(f"  {' '.join('`' + tag.replace('`', '') + '`' for tag in policy.tags)}  ")
        if hit.snippet.text:
            lines.append(f"  {hits.marked(hit.snippet.text, hit.snippet.marks, _escaped)}")
    return "".join(f"{line}\n" for line in lines)


def _escaped(text: str) -> str:
    for char in "\\`*_[]<>&#|":
        text = text.replace(char, f"\\{char}")
    return visible(text).replace("\n", " ")
