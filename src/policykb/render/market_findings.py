"""What ``market check`` found, as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from policykb.i18n import _
from policykb.render.market_words import reading, subject
from policykb.text.visible import visible

if TYPE_CHECKING:
    from policykb.market.findings import Finding
    from policykb.render.labels import Labels


def findings(found: Sequence[Finding], labels: Labels) -> str:
    """What does not agree first, then what does, each under its heading, and the number of each at the end."""
    kinds = {
        "differs": (_("Does not agree"), _("{number} not agreeing")),
        "doubt": (_("Doubtful"), _("{number} doubtful")),
        "slip": (_("Misprinted"), _("{number} misprinted")),
        "units": (_("In another unit than the rest"), _("{number} in another unit")),
        "agrees": (_("Agrees"), _("{number} agreeing")),
        "unchecked": (_("Nothing to check it by"), _("{number} that nothing checks")),
    }
    lines = []
    for kind, (heading, _count) in kinds.items():
        of_kind = [f"  {_finding(one, labels)}" for one in found if one.kind == kind]
        lines += [heading, *of_kind, ""] if of_kind else []
    counts = Counter(one.kind for one in found)
    total = [count.format(number=counts[kind]) for kind, (_heading, count) in kinds.items() if counts[kind]]
    return "".join(visible(f"{line}\n") for line in (*lines, _(", ").join(total) or _("nothing found")))


def _finding(one: Finding, labels: Labels) -> str:
    said = []
    if one.stated and one.computed:
        said.append(_("stated {stated}, computed {computed}").format(stated=one.stated, computed=one.computed))
    elif one.stated:
        said.append(_("stated {stated}").format(stated=one.stated))
    if one.difference and one.kind == "differs":
        said.append(_("difference {size}").format(size=one.gap))
    why = one.why
    for code in filter(None, (one.printed, one.meant)):
        why = why.replace(code, reading(code, labels))
    return _("{what} ({at}): {said}").format(what=subject(one, labels), at=one.at, said=_("; ").join([*said, why]))
