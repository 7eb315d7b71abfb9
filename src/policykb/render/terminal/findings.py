"""What ``check`` and ``doctor`` found: lines for people, JSON for editors."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from policykb.text.visible import visible

if TYPE_CHECKING:
    from policykb.corpus.findings import Finding


def write(found: Sequence[Finding], form: str) -> None:
    """Prints findings as ``path:line: key: problem``, or as JSON ``{"format": 1, "findings": [...]}``."""
    if form == "json":
        data = [
            {"path": str(f.path), "line": f.line, "key": f.key, "problem": f.problem, "level": f.level} for f in found
        ]
        click.echo(json.dumps({"format": 1, "findings": data}, ensure_ascii=False, indent=2))
        return
    for f in found:
        where = f"{f.path}:{f.line}" if f.line else f"{f.path}"
        key = f"{f.key}: " if f.key else ""
        click.echo(visible(f"{where}: {f.level}: {key}{f.problem}"))
    if not found:
        click.echo("nothing found")
