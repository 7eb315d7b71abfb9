"""The policies on a time line by topic, one page, as SVG or HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from policykb.domain.daterange import DateRange
from policykb.errors import OutputError
from policykb.i18n import _
from policykb.render import templates
from policykb.render.charts.topics import by_topic

if TYPE_CHECKING:
    from policykb.digest.key_dates import Deadlines
    from policykb.domain.policy import Policy
    from policykb.render.labels import Labels

FORMATS = ("svg", "html")


def render(
    policies: Iterable[Policy],
    format: str,
    *,
    period: DateRange,
    deadlines: Deadlines,
    labels: Labels,
    corpus: Path | None,
    way: Callable[[Policy], str] = lambda policy: "",
) -> bytes:
    """The time line of the policies, all of which have a date; a missing bound of the period is that of the policies.

    ``way`` is the address that a policy leads to.

    Raises OutputError when there are no policies, for an unknown format and for a wrong template.
    """
    templates.known_format(format, FORMATS)
    ordered = sorted(policies, key=lambda policy: (policy.day, policy.id))
    if not ordered:
        raise OutputError(_("nothing to draw: no entry in {period}").format(period=period.name))
    last = ordered[-1].day + timedelta(days=1)
    within = DateRange(period.start or ordered[0].day, period.end or last)
    drafts = frozenset(policy.id for policy in ordered if deadlines.is_draft(policy))
    chart = by_topic(ordered, within, drafts, labels, way)
    if format == "svg":
        return chart.svg.encode()
    return templates.render("timeline.html.j2", corpus, labels, chart=chart)
