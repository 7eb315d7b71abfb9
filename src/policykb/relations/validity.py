"""In what state a document is on each day, and what that follows from. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal, NamedTuple, get_args

from policykb.i18n import _

State = Literal["征求意见", "尚未施行", "现行有效", "已被修改", "部分废止", "已废止", "已失效", "已定稿", "不详"]
STATES: tuple[State, ...] = get_args(State)
IN_FORCE: State = "现行有效"


class Change(NamedTuple):
    """What another document does to this one: ``type`` is that of a relation, or ``version`` for a later version.

    ``day`` is the first day on which it holds, None where no day is known; ``by`` names the other document.
    """

    type: str
    day: date | None
    by: str
    partial: bool = False


class Facts(NamedTuple):
    """What a document says of itself; the day on which it was ``published`` counts where that of issue is not known."""

    issued: date | None
    effective: date | None = None
    expires: date | None = None
    ended: tuple[tuple[date, str], ...] = ()
    is_draft: bool = False
    is_meeting: bool = False
    published: date | None = None


class Interval(NamedTuple):
    """A state from ``since`` to ``until``, both included; None where there is no such day, or none is known."""

    state: State
    since: date | None
    until: date | None
    because: tuple[str, ...]

    def holds(self, day: date) -> bool:
        """Whether the day lies in it."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


def intervals(facts: Facts, changes: Sequence[Change] = ()) -> tuple[Interval, ...]:
    """The states of a document in order of time; before the first one it was not there yet."""
    if facts.is_meeting:
        return (Interval("不详", facts.issued, None, (_("a meeting is nothing that is in force"),)),)
    steps = _steps(facts, changes)
    found: list[Interval] = []
    for (since, state, reasons), following in zip(steps, [*steps[1:], None], strict=True):
        until = following[0] - timedelta(1) if following and following[0] else None
        found.append(Interval(state, since, until, reasons))
    return tuple(found)


def on(found: Sequence[Interval], day: date) -> Interval | None:
    """The state on a day; None where the document was not there yet."""
    return next((one for one in reversed(found) if one.holds(day)), None)


_Step = tuple[date | None, State, tuple[str, ...]]


def _steps(facts: Facts, changes: Sequence[Change]) -> list[_Step]:
    """From which day each state holds, days ascending, each once."""
    issued = facts.issued or facts.published
    start = facts.effective or issued
    if facts.is_draft:
        first: _Step = (issued, "征求意见", (_("a draft is never in force"),))
        finals = [one for one in changes if one.type == "finalises"]
        return _sequence(first, [(one.day, "已定稿", _("its final is {by}").format(by=one.by)) for one in finals])
    unplaced = [one for one in changes if one.day is None and one.type != "finalises"]
    if start is None or unplaced:
        reasons = [_("no date is known")] if start is None else []
        reasons += [_("{by}: the day is not known").format(by=one.by) for one in unplaced]
        first = (issued or start, "不详", tuple(reasons))
    elif facts.effective is None:
        reason = _("no clause; day of issue") if facts.issued else _("no clause, no day of issue; day of publication")
        first = (start, IN_FORCE, (reason,))
    elif issued is not None and issued < facts.effective:
        first = (issued, "尚未施行", (_("in force from {day}").format(day=facts.effective),))
    else:
        first = (start, IN_FORCE, (_("in force from {day}").format(day=facts.effective),))
    events: list[tuple[date | None, State, str]] = []
    if first[1] == "尚未施行":
        events.append((facts.effective, IN_FORCE, first[2][0]))
    for day, by in facts.ended:
        events.append((day, "已废止", _("repealed by {by}").format(by=by) if by else _("repealed")))
    if facts.expires:
        expired = _("valid until {day}").format(day=facts.expires)
        events.append((facts.expires + timedelta(1), "已失效", expired))
    for one in changes:
        if one.type in ("repeals", "replaces") and not one.partial:
            events.append((one.day, "已废止", _("repealed by {by}").format(by=one.by)))
        elif one.type in ("repeals", "replaces"):
            events.append((one.day, "部分废止", _("repealed in part by {by}").format(by=one.by)))
        elif one.type == "amends":
            events.append((one.day, "已被修改", _("amended by {by}").format(by=one.by)))
        elif one.type == "version":
            events.append((one.day, "已被修改", _("there is a later version, {by}").format(by=one.by)))
    return _sequence(first, events)


_RANK: dict[State, int] = {
    "征求意见": 0, "尚未施行": 0, "不详": 1, "现行有效": 1, "已被修改": 2, "部分废止": 3,
    "已失效": 4, "已废止": 4, "已定稿": 4,
}  # fmt: skip


def _sequence(first: _Step, events: Sequence[tuple[date | None, State, str]]) -> list[_Step]:
    """The steps that events lead to: a state gives way to one that goes further, and never back."""
    begun, state, reasons = first
    pending: tuple[State, list[str]] | None = None  # what has changed before the document is in force
    steps: list[_Step] = [first]
    placed = [one for one in events if one[0] is not None]
    for day, new, reason in sorted(placed, key=lambda one: (one[0] or date.min, _RANK[one[1]], one[2])):
        assert day is not None
        if begun is not None and day < begun:
            day = begun
        if _RANK[new] < _RANK[state] or _RANK[state] == 4:
            continue
        if state == "尚未施行" and new in ("已被修改", "部分废止"):
            kept = [*(pending[1] if pending else []), reason]
            pending = (new if not pending or _RANK[new] > _RANK[pending[0]] else pending[0], kept)
            continue
        if pending and new == IN_FORCE:
            new, reason = pending[0], "; ".join([reason, *pending[1]])
        if new == state:  # one more reason for what is so already
            steps[-1] = (steps[-1][0], state, (*steps[-1][2], _("{reason} ({day})").format(reason=reason, day=day)))
            continue
        reasons, state = (reason,), new
        if steps[-1][0] == day:
            steps[-1] = (day, state, reasons)
        else:
            steps.append((day, state, reasons))
    return steps
