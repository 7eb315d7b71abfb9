"""What a report states about the market: figures, ratios, slips; and the daily series."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from policykb.market.amounts import UNITS, Amount

if TYPE_CHECKING:
    from policykb.domain.daterange import DateRange

PARTS = ("total", "listed", "block")
DAILY = ("date", "close", "listed_volume", "listed_turnover", "block_volume", "block_turnover")
MARKS = ("first", "last", "high", "low", "level")
BOUNDS = ("min", "max", "about")

QUANTITIES = {
    **{f"volume.{part}": "t" for part in PARTS},
    **{f"turnover.{part}": "yuan" for part in PARTS},
    **{f"part.{measure}.{part}": "%" for measure in ("volume", "turnover") for part in PARTS},
    "share": "%",
    "price": "yuan/t",
    "days": "d",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure where a report states it: ``value`` and ``unit`` as printed, ``at`` the place.

    ``printed`` holds what the report says instead of ``period`` or ``what`` where it slipped; ``over`` is the
    price that the counted days lie above; ``sentence`` what the figure was read from by a program.
    """

    period: DateRange
    what: str
    value: str
    unit: str
    at: str
    day: date | None = None
    marks: tuple[str, ...] = ()
    bound: str | None = None
    over: Decimal | None = None
    note: str | None = None
    printed: Mapping[str, str] = field(default_factory=dict)
    sentence: str | None = None

    @property
    def amount(self) -> Amount:
        """The value in the base unit, with what its last decimal place leaves open."""
        number, factor = Decimal(self.value), UNITS[self.unit][1]
        step = Decimal((0, (1,), int(number.as_tuple().exponent))) * factor
        return Amount(number * factor, step / 2, step)

    @property
    def key(self) -> tuple[object, ...]:
        """What makes two statements statements of the same thing."""
        marks = self.marks if self.day is None else ()
        return (self.period, self.what, self.day, marks, self.bound, self.over)


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times ``to`` is ``of``, as a report says."""

    of: Figure
    to: Figure
    value: str
    bound: str | None
    at: str


@dataclass(frozen=True, slots=True)
class Slip:
    """Something in a report's words on a period that is wrong: what it says, what it must mean, and why."""

    period: DateRange
    at: str
    printed: str
    meant: str
    why: str


@dataclass(frozen=True, slots=True)
class FigureReport:
    """One report: the stem of its file, its title, its market, who published its data, and what it states.

    ``reviewed`` is false where a program read the figures and no person has looked at them yet.
    """

    name: str
    title: str
    market: str
    publisher: str
    figures: tuple[Figure, ...]
    ratios: tuple[Ratio, ...]
    slips: tuple[Slip, ...] = ()
    reviewed: bool = True


@dataclass(frozen=True, slots=True)
class Day:
    """One trading day: yuan a tonne, tonnes, yuan; None is not known."""

    date: date
    close: Decimal
    listed_volume: Decimal | None
    listed_turnover: Decimal | None
    block_volume: Decimal | None
    block_turnover: Decimal | None
