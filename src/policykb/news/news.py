"""What is new, what has changed, what is due: the answer to the question of the morning.

It follows from what entries say and from the snapshot of the last run, never from the times of files or the index: a
checkout or a rebuild is no news.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from policykb.digest.key_dates import Deadlines
from policykb.domain.policy import FIELDS, Policy
from policykb.errors import DateError
from policykb.i18n import _
from policykb.news.moves import BasisChange, StateChange, moves
from policykb.news.obligations import Due, due
from policykb.news.snapshot import BODY, STATE, seen

if TYPE_CHECKING:
    from policykb.news.snapshot import Snapshot
    from policykb.search.engine import Engine


class FieldChange(NamedTuple):
    """A field that an entry has differently, as plain data; of the text, ``body``, neither is kept."""

    name: str
    before: Any
    after: Any


class Changed(NamedTuple):
    """An entry and what it has differently than in the last run."""

    policy: Policy
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class News:
    """What there is to tell of the entries of a search, called ``name`` where it is a saved one.

    ``since`` is the day from which on, or that of the last run. ``new`` are entries, ``changed`` those that have
    something differently than in the last run, ``gone`` the titles by id of those that are not found any more.
    ``moved`` are documents in another state than then, ``bases`` those that rest on one that is over, ``coming`` those
    that change their state soon, ``due`` what has to be done. ``policies`` are all entries by id, ``states`` the states
    of their documents.
    """

    name: str
    since: date
    today: date
    new: tuple[Policy, ...]
    changed: tuple[Changed, ...]
    gone: Mapping[str, str]
    moved: tuple[StateChange, ...]
    bases: tuple[BasisChange, ...]
    coming: tuple[StateChange, ...]
    due: Due
    policies: Mapping[str, Policy]
    states: Mapping[str, str]

    def __bool__(self) -> bool:
        told = (self.new, self.changed, self.gone, self.moved, self.bases, self.coming, self.due.coming)
        return any(told)


def news(
    policies: Iterable[Policy],
    engine: Engine,
    *,
    since: date | Snapshot | None,
    today: date,
    within: int,
    name: str = "",
) -> News:
    """The news of the entries of a search since a day, or since the last run, and what is due ``within`` so many days.

    None is a first run: there is nothing to compare with. Raises DateError for a day after ``today``.
    Since a day, it is new what has that day, or a later one, as its date, its day of publication, or that on which it
    was added. ``engine`` has a snapshot open that holds the entries.
    """
    if isinstance(since, date) and since > today:
        raise DateError(_("{since} lies after {today}: there are no news since then").format(since=since, today=today))
    known = {policy.id: policy for policy in policies}
    then = since if isinstance(since, date) else since.day if since else today
    before = {} if isinstance(since, date) or since is None else since.entries
    states = {id: one[STATE] for id, one in before.items() if one.get(STATE)}
    until = today + timedelta(within)
    found = engine.linked(lambda links: moves(links, then=then, today=today, until=until, known=states))
    new: list[Policy] = []
    changed: list[Changed] = []
    gone: dict[str, str] = {}
    if isinstance(since, date):
        new = [one for one in known.values() if (came(one, today) or date.min) >= since]
    elif since is not None:
        new, changed, gone = _compared(known, before, found.now)
    fresh = {policy.id for policy in new}
    return News(
        name,
        then,
        today,
        tuple(sorted(new, key=lambda one: (came(one, today) or date.min, one.id), reverse=True)),
        tuple(changed),
        gone,
        tuple(one for one in found.moved if one.id in known and one.id not in fresh),
        tuple(one for one in found.bases if one.id in known),
        tuple(one for one in found.coming if one.id in known),
        due(known.values(), Deadlines.of_day(engine, today), today=today, within=within),
        known,
        {id: found.now.get(id, "") for id in known},
    )


def came(policy: Policy, today: date) -> date | None:
    """The last day up to ``today`` on which an entry was issued, published or added; None where there is none."""
    days = (policy.date, policy.published, policy.added)
    return max((day for day in days if day is not None and day <= today), default=None)


def _compared(
    known: Mapping[str, Policy], before: Mapping[str, Mapping[str, Any]], states: Mapping[str, str]
) -> tuple[list[Policy], list[Changed], dict[str, str]]:
    """The entries that the last run did not see, those that it saw otherwise, and the titles of those that are gone.

    An entry with the text and the date of one that is gone is that one under another name.
    """
    now = {id: seen(policy, states.get(id, "")) for id, policy in known.items()}
    gone = {id: one for id, one in before.items() if id not in now}
    renamed: dict[tuple[Any, Any], list[str]] = {}
    for id, one in gone.items():
        renamed.setdefault((one.get("date"), one.get(BODY)), []).append(id)
    new: list[Policy] = []
    changed: list[Changed] = []
    for id, one in now.items():
        earlier = before.get(id)
        if earlier is None and len(same := renamed.get((one.get("date"), one[BODY]), [])) == 1 and same[0] in gone:
            earlier = gone.pop(same[0])
        if earlier is None:
            new.append(known[id])
        elif fields := _differing(earlier, one):
            changed.append(Changed(known[id], tuple(fields)))
    return new, changed, {id: one["title"] for id, one in gone.items()}


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> Sequence[FieldChange]:
    names = [one.name for one in FIELDS if before.get(one.name) != after.get(one.name)]
    found = [FieldChange(name, before.get(name), after.get(name)) for name in names]
    return [*found, FieldChange(BODY, None, None)] if before.get(BODY) != after[BODY] else found
