"""Quantities with the slack that rounding leaves, and their units."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

# Unit as printed -> unit that it is counted in, and how many of those it is.
UNITS = {
    "万吨": ("t", Decimal(10**4)),
    "亿吨": ("t", Decimal(10**8)),
    "亿元": ("yuan", Decimal(10**8)),
    "元/吨": ("yuan/t", Decimal(1)),
    "元": ("yuan/t", Decimal(1)),
    "%": ("%", Decimal(1)),
    "日": ("d", Decimal(1)),
    "倍": ("x", Decimal(1)),
}


NUMBER = r"[0-9]{1,18}(?:\.[0-9]{1,6})?"  # what a file of figures can hold: no signs, no thousands separators


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity in tonnes, yuan, yuan a tonne, per cent or times.

    ``slack`` is how far rounding can have moved it, ``step`` its last decimal place that means something.
    """

    value: Decimal
    slack: Decimal
    step: Decimal
    derived: bool = False

    @property
    def low(self) -> Decimal:
        """The least that the true value can be."""
        return self.value - self.slack

    @property
    def high(self) -> Decimal:
        """The most that the true value can be."""
        return self.value + self.slack

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.value + other.value, self.slack + other.slack, max(self.step, other.step), True)

    def agrees(self, other: Amount) -> bool:
        """Whether one true value can lie behind both."""
        return self.low <= other.high and other.low <= self.high


def ratio(a: Amount, b: Amount, times: int = 1) -> Amount:
    """``times`` a / b, with the slack that both leave."""
    return _between(a.low / b.high * times, a.value / b.value * times, a.high / b.low * times)


def part(a: Amount, rest: Amount) -> Amount:
    """What per cent of a + rest is a."""
    least, left = max(a.low, Decimal(0)), max(rest.low, Decimal(0))  # a part is never negative
    pairs = ((least, rest.high), (a.value, rest.value), (a.high, left))
    return _between(*(100 * x / (x + y) for x, y in pairs))


def _between(low: Decimal, value: Decimal, high: Decimal) -> Amount:
    slack = max(high - value, value - low)
    step = Decimal("0.01")
    while step < slack:
        step *= 10
    return Amount(value, slack, step, True)


def show(amount: Amount, base: str) -> str:
    """The amount with its unit, in 亿 from a hundred million on, and no digit more than it has."""
    units = [(name, factor) for name, (unit, factor) in UNITS.items() if unit == base]
    large = [(name, factor) for name, factor in units if factor <= max(abs(amount.value), amount.step)]
    name, factor = (large or units)[-1 if large else 0] if base == "t" else units[0]
    places = min((amount.step / factor).adjusted(), 0)
    return f"{(amount.value / factor).quantize(Decimal(1).scaleb(places), ROUND_HALF_UP):f}{name}"
