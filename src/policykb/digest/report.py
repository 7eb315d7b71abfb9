"""A period's report: its market, its policies, and what comes next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from policykb.digest import digest
from policykb.digest.digest import DigestEntry
from policykb.digest.key_dates import Deadlines
from policykb.domain.daterange import DateRange
from policykb.errors import OutputError
from policykb.i18n import _
from policykb.market import audit
from policykb.market.findings import PROBLEMS
from policykb.market.market import load
from policykb.relations.standing import said_by
from policykb.search.engine import all_entries

if TYPE_CHECKING:
    from policykb.digest.digest import Digest
    from policykb.digest.key_dates import KeyDate
    from policykb.domain.policy import Policy
    from policykb.market.findings import Finding
    from policykb.market.market import Market, Period
    from policykb.relations.standing import Said
    from policykb.search.engine import Engine


@dataclass(frozen=True, slots=True)
class Report:
    """A report.

    ``covered`` is the period whose figures are shown: the report's own, or else the one around it, or None.
    ``findings`` are what is wrong in its figures, ``history`` the periods of the same year up to its end, with
    the year before where that is known. ``digest`` has the policies of the period, None when there are none;
    ``coming`` the days after it, or from ``today`` on where that falls into it, that policies so far have set.
    ``undated`` policies are left out, since they have no date.
    """

    period: DateRange
    market: Market
    covered: DateRange | None
    findings: tuple[Finding, ...]
    history: tuple[Period, ...]
    digest: Digest | None
    coming: tuple[tuple[KeyDate, DigestEntry], ...]
    state: str
    undated: int


def build(
    policies: Iterable[Policy],
    market: Market,
    *,
    period: DateRange,
    today: date,
    state: str,
    deadlines: Deadlines,
    said: Callable[[Iterable[str]], Mapping[str, Said]] = lambda ids: {},
) -> Report:
    """The report of a bounded period, from all policies of the knowledge base.

    Raises OutputError when the period has no bounds, or neither policies nor market figures.
    """
    if period.start is None or period.end is None:
        problem = _("a report needs a period with a start and an end, such as 2024Q1, not {period}")
        raise OutputError(problem.format(period=period))
    policies = list(policies)
    known = [policy for policy in policies if policy.date and policy.date < period.end]
    selected = [policy for policy in known if policy.day in period]
    covered = period if market.period(period).known else market.around(period)
    if not selected and covered is None:
        problem = _("nothing to report: no policies and no market figures in {period}")
        raise OutputError(problem.format(period=period.name))
    return Report(
        period,
        market,
        covered,
        _problems(market, covered),
        _history(market, period),
        _digest(selected, period, today, state, deadlines=deadlines, said=said),
        _coming(known, deadlines, min(max(today, period.start), period.end)),
        state,
        sum(policy.date is None for policy in policies),
    )


def of_engine(engine: Engine, period: DateRange, *, today: date) -> Report:
    """The report that `build` makes of the engine's corpus, its documents as they stood at the end of the period."""
    corpus = engine.corpus
    return build(
        all_entries(engine),
        load(corpus.root),
        period=period,
        today=today,
        state=corpus.state(),
        deadlines=Deadlines.of_day(engine, period.nearest(today)),
        said=partial(said_by, engine),
    )


def _problems(market: Market, covered: DateRange | None) -> tuple[Finding, ...]:
    if covered is None:
        return ()
    found = (finding for finding in audit.check(market) if finding.kind in PROBLEMS and finding.period)
    return tuple(finding for finding in found if finding.period and finding.period & covered == finding.period)


def _history(market: Market, period: DateRange) -> tuple[Period, ...]:
    first, end = period.start or date.min, period.end or date.max
    last = period.last or date.max
    year = DateRange(DateRange.year(first).start, DateRange.year(last).end)
    before = market.period(DateRange.year(first).previous())
    parts = [part for part in market.period(year).parts if (part.range.start or end) < end]
    return (*([before] if before.known else []), *parts)


def _digest(selected: Sequence[Policy], period: DateRange, today: date, state: str, **known: Any) -> Digest | None:
    if not selected:
        return None
    return digest.build(selected, query="", period=period, today=today, state=state, group="none", **known)


def _coming(policies: Iterable[Policy], deadlines: Deadlines, day: date) -> tuple[tuple[KeyDate, DigestEntry], ...]:
    entries = [DigestEntry(policy, deadlines.find(policy), deadlines.is_draft(policy)) for policy in policies]
    return digest.coming(entries, day)
