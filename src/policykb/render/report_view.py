"""A report in words and pictures, whatever it is written as."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from policykb.render import templates
from policykb.render.charts.columns import issuers, months, share, stacked
from policykb.render.charts.prices import prices
from policykb.render.market import sources, table
from policykb.render.market_words import notes, sentences

if TYPE_CHECKING:
    from policykb.digest.report import Report
    from policykb.render.charts.drawing import Chart
    from policykb.render.labels import Labels
    from policykb.render.market import Table

_TOP_ISSUERS, _TOP_TAGS = 5, 6


@dataclass(frozen=True, slots=True)
class View:
    """A report in words and pictures, for whatever it is written as."""

    title: str
    lead: tuple[str, ...]
    table: Table | None
    market_charts: tuple[Chart, ...]
    notes: tuple[str, ...]
    policies_lead: str
    policy_charts: tuple[Chart, ...]
    sources: tuple[str, ...]


def view(report: Report, labels: Labels) -> View:
    """Everything in the report that is made from data."""
    words, name = labels["report"], labels.period(report.period)
    market, covered = report.market, report.covered
    policies = [entry.policy for entry in report.digest.entries] if report.digest else []
    lead: list[str] = []
    if covered is None:
        lead.append(labels["market"]["nothing"].format(period=name))
    else:
        if covered != report.period:
            lead.append(labels["market"]["no_figures"].format(period=name, within=labels.period(covered)))
        lead += sentences(market, covered, labels)
    parts = [part for part in report.history if part.range.start and part.range.last]
    quarters = [part for part in parts if any(part.volume.values())]
    inside = report.period if market.prices(report.period) or not covered else covered
    drawn = [
        stacked("volume", market, quarters, labels),
        stacked("turnover", market, quarters, labels),
        share(market, parts, labels),
        prices(market, policies, inside, words["focus"], labels),
    ]
    counted = [months(policies, report.period, labels), issuers(policies, labels)]
    known = market.reports[0].market if market.reports and covered else None
    return View(
        words["title"].format(market=known, period=name) if known else words["title_plain"].format(period=name),
        tuple(lead),
        table(market, covered, labels) if covered else None,
        tuple(chart for chart in drawn if chart) if covered else (),
        tuple(notes(report.findings, covered, labels)) if covered else (),
        _policies_lead(report, labels),
        tuple(chart for chart in counted if chart),
        tuple(sources(market, labels)) if covered else (),
    )


def _policies_lead(report: Report, labels: Labels) -> str:
    words, name = labels["report"], labels.period(report.period)
    if report.digest is None:
        return str(words["no_policies"]).format(period=name)
    said = {
        "period": name,
        "count": len(report.digest.entries),
        "issuers": templates.counts(labels, report.digest.issuers, _TOP_ISSUERS),
        "tags": templates.counts(labels, report.digest.tags, _TOP_TAGS),
    }
    if said["issuers"] and said["tags"]:
        return str(words["policies_lead"]).format(**said)
    return "".join(words[f"policies_{one}"].format(**said) for one in ("count", "issuers", "tags") if said[one])
