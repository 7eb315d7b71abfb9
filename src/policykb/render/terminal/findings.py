"""What ``check``, ``doctor`` and ``market check`` found, as lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from policykb.i18n import _, ngettext
from policykb.text.visible import visible

if TYPE_CHECKING:
    from policykb.corpus.findings import Finding
    from policykb.market.findings import Finding as MarketFinding


def findings(found: Sequence[Finding], entries: int) -> str:
    """Findings as ``path:line: level: key: problem``; where there is none, the number of entries looked at."""
    lines = []
    for one in found:
        where = f"{one.path}:{one.line}" if one.line else f"{one.path}"
        key = f"{one.key}: " if one.key else ""
        lines.append(visible(f"{where}: {one.level}: {key}{one.problem}\n"))
    nothing = ngettext("nothing found in {number} entry", "nothing found in {number} entries", entries)
    return "".join(lines) or nothing.format(number=f"{entries:,}") + "\n"


def market_findings(found: Sequence[MarketFinding]) -> str:
    """What does not agree first, then what does, with the count of each kind."""
    counts = Counter(one.kind for one in found)
    total = ", ".join(f"{number} {kind}" for kind, number in counts.items()) or _("nothing found")
    return "".join(visible(f"{line}\n") for line in (*found, total))
