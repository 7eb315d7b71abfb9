"""What has to be done by when, as documents say: by whom, and with the sentence."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from policykb.digest.key_dates import Deadlines, KeyDate
    from policykb.domain.policy import Policy

KINDS = ("deadline", "consultation")


class Obligation(NamedTuple):
    """What a document wants done by ``key.day``; a ``draft`` only proposes it."""

    policy: Policy
    key: KeyDate
    draft: bool

    def days(self, today: date) -> int:
        """The days that are left, below zero where the day has passed."""
        return (self.key.day - today).days


class Due(NamedTuple):
    """What is due on a day in order of days: what lies behind, the nearest first, and what is to come.

    ``overdue`` and ``coming`` lie at most ``within`` days away; so many more are ``older`` and ``later``, the farthest
    of them ``reach`` days away.
    """

    today: date
    within: int
    overdue: tuple[Obligation, ...]
    coming: tuple[Obligation, ...]
    older: int
    later: int
    reach: int


def due(policies: Iterable[Policy], deadlines: Deadlines, *, today: date, within: int) -> Due:
    """What the documents that are there on the day ``today`` want done, ``within`` so many days before and after it."""
    found = [
        Obligation(policy, key, deadlines.is_draft(policy))
        for policy in policies
        if policy.date and policy.date <= today and deadlines.over(policy) is None
        for key in deadlines.find(policy)
        if key.kind in KINDS
    ]
    found.sort(key=lambda one: (one.key.day, one.policy.id, one.key.text))
    near = timedelta(within)
    overdue = tuple(one for one in reversed(found) if today - near <= one.key.day < today)
    coming = tuple(one for one in found if today <= one.key.day <= today + near)
    older = sum(one.key.day < today for one in found) - len(overdue)
    later = len(found) - older - len(overdue) - len(coming)
    return Due(today, within, overdue, coming, older, later, max((abs(one.days(today)) for one in found), default=0))
