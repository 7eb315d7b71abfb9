"""What the check of the market figures found, and the words it is said in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from policykb.i18n import _
from policykb.market.amounts import UNITS, Amount, show
from policykb.market.statements import QUANTITIES

if TYPE_CHECKING:
    from policykb.domain.daterange import DateRange
    from policykb.market.statements import Figure

PROBLEMS = frozenset({"differs", "doubt", "slip", "units"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    ``kind`` is agrees, differs, doubt (it may be right), slip (a word that is wrong), units (one quantity in
    two units) or unchecked. ``what`` is the quantity, ``stated`` and ``computed`` are figures with their
    units, ``difference`` is stated less computed in tonnes, yuan, yuan a tonne, percentage points or times.
    ``printed`` and ``meant`` are there for slips. ``figures`` are the statements that were used.
    """

    kind: str
    at: str
    period: DateRange | None
    what: str
    why: str
    stated: str = ""
    computed: str = ""
    difference: Decimal | None = None
    printed: str = ""
    meant: str = ""
    figures: tuple[Figure, ...] = ()

    @property
    def gap(self) -> str:
        """The size of the difference with its unit."""
        size = "" if self.difference is None else size_of(self.difference, self.what)
        return size.replace("%", _(" percentage points"))

    def lies_in(self, within: DateRange) -> bool:
        """Whether it is about a period inside this one."""
        return self.period is not None and self.period & within == self.period


def compare(figure: Figure, computed: Amount, why: str, *others: Figure) -> Finding:
    """What is stated beside what was computed from ``others``: it agrees, or differs by how much."""
    amount, base = figure.amount, QUANTITIES[figure.what]
    shown = show(replace(computed, step=amount.step), base)
    if computed.slack * 2 >= amount.step:
        shown += f"±{show(Amount(computed.slack, computed.slack, amount.step), base)}"
    return Finding(
        "agrees" if amount.agrees(computed) else "differs",
        figure.at,
        figure.period,
        figure.what,
        why,
        figure.value + figure.unit,
        shown,
        amount.value - computed.value,
        figures=(figure, *others),
    )


def size_of(difference: Decimal, what: str) -> str:
    """A difference, without its sign, as text in the unit of ``what``."""
    base = QUANTITIES.get(what, "x")
    return show(exactly(abs(difference), base), base)


def exactly(value: Decimal, base: str) -> Amount:
    """A computed amount without slack; ``base`` is its unit of `UNITS`, and "d" counts days."""
    step = Decimal(1) if base == "d" else Decimal("0.01") * next(n for unit, n in UNITS.values() if unit == base)
    return Amount(value, Decimal(0), step, True)
