"""Statements that contradict others: a slip of the report is read as what the sums prove it to mean, or left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from policykb.importing.figures.numbers import Stated
from policykb.market.statements import PARTS, Figure

_SIBLING = {"listed": "block", "block": "listed"}


def proven(stated: Sequence[Stated]) -> tuple[tuple[Figure, ...], tuple[Figure, ...]]:
    """The figures that agree with one another, in order, and those that do not.

    A figure that contradicts another of its period is a slip where it has one other reading, of its chapter's period or
    of the other part of the market, that makes listed and block the total; it keeps what is ``printed``.
    """
    kept = list(stated)
    for n, one in enumerate(stated):
        if not any(_contradict(one.figure, other.figure) for other in kept if other is not one):
            continue
        readings = [f for f in _readings(one, stated) if _proves(f, [k.figure for k in kept if k is not one])]
        if len(readings) == 1:
            _moved(kept, n, readings[0])
    final = [one.figure for one in kept]
    doubtful = [f for f in final if any(_contradict(f, other) for other in final)]
    return tuple(f for f in final if f not in doubtful), tuple(doubtful)


def _contradict(one: Figure, other: Figure) -> bool:
    """Whether two statements of one quantity cannot both be right."""
    return one.key == other.key and not one.amount.agrees(other.amount)


def _readings(one: Stated, stated: Iterable[Stated]) -> Iterator[Figure]:
    figure = one.figure
    measure, _, part = figure.what.partition(".")
    if part not in _SIBLING:
        return
    if figure.period != one.own:
        yield replace(figure, period=one.own, printed={"period": figure.period.label() or ""})
    # The sentence has come to the other part of the market: 大宗协议成交量为…，挂牌协议成交额为….
    sibling = f".{_SIBLING[part]}"
    before = [k.figure.what for k in stated if k.segment == one.segment and k.figure.period == figure.period]
    if any(what.endswith(sibling) for what in before):
        yield replace(figure, what=measure + sibling, printed={"what": figure.what})


def _proves(figure: Figure, others: Sequence[Figure]) -> bool:
    """Whether listed and block make the total with it, and nothing else is stated in its place."""
    measure = figure.what.partition(".")[0]
    known = {f.what: f for f in reversed(others) if f.period == figure.period and not f.bound}
    if figure.what in known:
        return False
    total, listed, block = ((known | {figure.what: figure}).get(f"{measure}.{part}") for part in PARTS)
    return bool(total and listed and block and total.amount.agrees(listed.amount + block.amount))


def _moved(kept: list[Stated], n: int, reading: Figure) -> None:
    """Puts a reading in its place; what the sentence goes on to say of the same subject moves with it."""
    old = kept[n].figure
    kept[n] = kept[n]._replace(figure=reading)
    if reading.period == old.period:
        return
    for m in range(n + 1, len(kept)):
        one = kept[m]
        if (
            one.segment[0] == kept[n].segment[0]
            and one.figure.what == f"part.{old.what}"
            and one.figure.period == old.period
        ):
            kept[m] = one._replace(figure=replace(one.figure, period=reading.period))
