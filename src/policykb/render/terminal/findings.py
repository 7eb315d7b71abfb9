"""What ``check`` and ``doctor`` found, as lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from policykb.i18n import _, ngettext
from policykb.text.visible import visible

if TYPE_CHECKING:
    from policykb.corpus.findings import Finding

_SHOWN = 3  # of findings that are alike


def findings(found: Sequence[Finding], entries: int) -> str:
    """Findings as ``path:line: level: key: problem``; where there is none, the number of entries looked at.

    Of more than three that differ in their place alone the first three are shown, and the others counted
    after the last.
    """
    lines = []
    alike = Counter(map(_said, found))
    shown: Counter[str] = Counter()
    for one in found:
        said = _said(one)
        shown[said] += 1
        if shown[said] <= _SHOWN:
            where = f"{one.path}:{one.line}" if one.line else f"{one.path}"
            lines.append(visible(f"{where}: {said}\n"))
    for said, number in alike.items():
        if number > _SHOWN:
            more = _("{number} more: {problem} (all with --format json)")
            lines.append(visible(more.format(number=f"{number - _SHOWN:,}", problem=said) + "\n"))
    nothing = ngettext("nothing found in {number} entry", "nothing found in {number} entries", entries)
    return "".join(lines) or nothing.format(number=f"{entries:,}") + "\n"


def _said(one: Finding) -> str:
    return f"{one.level}: {one.key + ': ' if one.key else ''}{one.problem}"
