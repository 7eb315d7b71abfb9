"""The findings of the market's consistency check, as lines, JSON or CSV."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from policykb.text.visible import visible

if TYPE_CHECKING:
    from policykb.market.findings import Finding

_KEYS = ("kind", "period", "what", "at", "stated", "computed", "difference", "printed", "meant", "why")


def write(findings: Sequence[Finding], form: str) -> None:
    """Prints what does not agree first, then what does, with the count of each kind; JSON and CSV have them all."""
    rows = [_row(finding) for finding in findings]
    if form == "json":
        click.echo(json.dumps({"format": 1, "findings": rows}, ensure_ascii=False, indent=2))
    elif form == "csv":
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(_KEYS)
        writer.writerows([row[key] for key in _KEYS] for row in rows)
        sys.stdout.buffer.write(text.getvalue().encode("utf-8-sig"))
    else:
        for finding in findings:
            click.echo(visible(str(finding)))
        counts = Counter(finding.kind for finding in findings)
        click.echo(", ".join(f"{number} {kind}" for kind, number in counts.items()))


def _row(finding: Finding) -> dict[str, str]:
    return {
        "kind": finding.kind,
        "period": (finding.period.label() or str(finding.period)) if finding.period else "",
        "what": finding.what,
        "at": finding.at,
        "stated": finding.stated,
        "computed": finding.computed,
        "difference": finding.gap,
        "printed": finding.printed,
        "meant": finding.meant,
        "why": finding.why,
    }
