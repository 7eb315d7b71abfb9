"""A review -> the figures of its market: what its chapters on the market state, with the sentence of each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from policykb.domain.daterange import DateRange
from policykb.importing.figures.numbers import Multiple, Stated, read_paragraph
from policykb.importing.figures.periods import opening_in, period_of
from policykb.importing.figures.proof import proven
from policykb.importing.figures.words import tokens, words
from policykb.importing.review.review import Passage, Review
from policykb.market.statements import Figure, FigureReport, Ratio

_PERIODS = ("month", "quarter", "half", "year")


@dataclass(frozen=True, slots=True)
class MarketFigures:
    """What a review states about its market; ``doubtful`` are statements that contradict others and were left out."""

    report: FigureReport
    doubtful: tuple[Figure, ...]


def market_figures(review: Review, name: str) -> MarketFigures | None:
    """The figures in what a review says outside its entries; None where it names no market that is read, or no figure.

    ``name`` is the stem of the file that they are to stand in.
    """
    passages = sorted((*review.skipped, *review.leftovers), key=lambda one: one.line_from)
    text = "\n".join((review.title, *(one.text for one in passages)))
    named = [market["name"] for market in words()["market"] if any(word in text for word in market["words"])]
    if not named:
        return None
    stated: list[Stated] = []
    multiples: list[Multiple] = []
    opening = opening_in(text)
    for number, (own, at, paragraph) in enumerate(_paragraphs(review.title, passages)):
        found, times = read_paragraph(paragraph, own, at, opening=opening, first=1000 * number)
        stated += found
        multiples += times
    kept, doubtful = proven(stated)
    if not kept:
        return None
    publisher = next(filter(None, map(_publisher, text.splitlines())), words()["source"]["unknown"])
    report = FigureReport(
        name, review.title, named[0], publisher, kept, tuple(_ratios(multiples, kept)), reviewed=False
    )
    return MarketFigures(report, doubtful)


def _paragraphs(title: str, passages: Iterable[Passage]) -> Iterator[tuple[DateRange, str, str]]:
    """Each paragraph outside the entries with its chapter's period and its place in words."""
    context = _period_in(title, None)
    own, chapter, number = context, "", 0
    for passage in passages:
        if passage.reason == "heading":
            period = _period_in(passage.text, context)
            own, number = period or context, 0
            chapter = _chapter(passage.text) if period else ""
        if passage.reason in ("title", "heading", "caption", "head of a table"):
            continue
        for paragraph in passage.text.splitlines():
            number += 1
            where, source = {"chapter": chapter, "paragraph": number, "line": passage.line_from}, words()["source"]
            if own:
                yield own, str(source["place" if chapter else "line"]).format(**where), paragraph


def _period_in(heading: str, context: DateRange | None) -> DateRange | None:
    """The first period that a heading names; without a year, that of the context."""
    for token in tokens(heading):
        if token.kind in _PERIODS:
            year = any(token.parts.get(key) for key in ("my", "qy", "hy", "yy"))
            if year or context:
                return period_of(token, context or DateRange())
    return None


def _chapter(heading: str) -> str:
    """The words of a heading that name its period."""
    return next(token.text for token in tokens(heading) if token.kind in _PERIODS)


def _publisher(line: str) -> str | None:
    found = re.search(str(words()["source"]["publisher"]), line)
    return found["name"] if found else None


def _ratios(multiples: Iterable[Multiple], kept: tuple[Figure, ...]) -> Iterator[Ratio]:
    """The ratios between figures that are both stated."""
    first: Mapping[tuple[DateRange, str], Figure] = {(f.period, f.what): f for f in reversed(kept)}
    for one in multiples:
        of, to = first.get((one.of.period, one.of.what)), first.get((one.to, one.of.what))
        if of and to:
            yield Ratio(of, to, one.value, one.bound, one.of.at)
