"""The numbers of a paragraph of a market report -> figures and ratios.

What has no word that says what it counts, says how much something changed, or has no role in a period (a price of no
named day) is left out: a wrong figure is worse than none.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from policykb.domain.daterange import DateRange
from policykb.domain.numerals import number_in
from policykb.importing.figures.sentences import Reading
from policykb.importing.figures.words import COUNT, Token, one_of, plain_number, tokens, words
from policykb.market.amounts import NUMBER, UNITS
from policykb.market.statements import Figure

_SENTENCES = re.compile("[^。！？]+[。！？]?")
_WIDTH = str.maketrans("０１２３４５６７８９．％，", "0123456789.%,")
_MEASURED = {"t": "volume", "yuan": "turnover"}


class Stated(NamedTuple):
    """A figure; ``segment`` numbers the sentence and its part between semicolons, ``own`` is its chapter's period."""

    figure: Figure
    segment: tuple[int, int]
    own: DateRange


class Multiple(NamedTuple):
    """How many times the quantity of the period ``to`` the figure ``of`` is."""

    of: Figure
    to: DateRange
    value: str
    bound: str | None


def read_paragraph(
    text: str, own: DateRange, at: str, *, opening: DateRange | None = None, first: int = 0
) -> tuple[list[Stated], list[Multiple]]:
    """What a paragraph of a chapter about the period ``own`` states.

    ``at`` is its place in words, ``opening`` the month in which the market opened, ``first`` the number of the first
    sentence.
    """
    stated: list[Stated] = []
    multiples: list[Multiple] = []
    for number, sentence in enumerate(_SENTENCES.findall(text), first):
        if not any(word in sentence for word in words()["elsewhere"]["words"]):
            found = _Numbers(sentence.strip(), own, at, opening, number)
            found.read()
            stated += found.stated
            multiples += found.multiples
    return stated, multiples


class _Numbers:
    """A sentence as it is read, and what its numbers said so far."""

    def __init__(self, text: str, own: DateRange, at: str, opening: DateRange | None, number: int) -> None:
        self.place = Reading(text.translate(_WIDTH), own, opening)
        self.sentence, self.at, self.number = text, at, number
        self.stated: list[Stated] = []
        self.multiples: list[Multiple] = []
        self._price: Figure | None = None  # the last one, which a record may still be said of

    def read(self) -> None:
        before: Token | None = None
        for token in tokens(self.place.text):
            match token.kind:
                case "value":
                    self._value(token)
                case "range":
                    self._range(token)
                case "days":
                    self._days(token)
                case "multiple":
                    self._multiple(token)
                case "record_high" | "record_low":
                    self._record(token.kind.removeprefix("record_"))
                case _:
                    self.place.take(token, before)
            before = token

    def _keep(self, period: DateRange | None, what: str, value: str, unit: str, **more: Any) -> Figure | None:
        if period is None or period.label() is None or (not Decimal(value) and what != "share"):
            return None
        figure = Figure(period, what, value, unit, self.at, sentence=self.sentence, **more)
        self.stated.append(Stated(figure, (self.number, self.place.segment), self.place.own))
        return figure

    def _value(self, token: Token) -> None:
        place = self.place
        number, unit = plain_number(token.parts["number"]), str(token.parts["unit"])
        base = UNITS[unit][0]
        before, after = place.text[place.start : token.start], place.text[token.end :]
        if not number or (place.changed and not before.endswith(tuple(words()["words"]["level_after_change"]))):
            return
        bound = _bound(before, after)
        if base == "yuan/t":
            self._price_of(number, unit, bound, bool(_crossing().search(before)), token)
        elif base == "%":
            self._percentage(number, unit, bound)
        elif measure := _MEASURED.get(base):
            part = place.part if place.measure == measure else place.nouns.get(measure, "") if place.both else ""
            # Of a day, or of part of a month, nothing is kept; nor of two periods that share their words.
            if part and not place.vague and not any(place.near(end) for end, _ in place.days) and not self._twice(unit):
                self._keep(place.period, f"{measure}.{part}", number, unit, bound=bound)

    def _twice(self, unit: str) -> bool:
        """Whether a clause with 分别 gives two numbers of a kind; then the first is taken back."""
        place = self.place
        clause = place.clause
        return place.both and len(re.findall(rf"[0-9]{re.escape(unit)}", clause)) > 1

    def _percentage(self, number: str, unit: str, bound: str | None) -> None:
        place = self.place
        if not place.whole:
            if place.measure == "share":
                self._keep(place.period, "share", number, unit, bound=bound)
            return
        whole, part, measure = place.whole, place.whole_part, place.whole_measure
        place.whole, place.whole_part, place.whole_measure = "", "total", ""
        period, own = place.period, (place.part, place.measure)
        if period is None:
            return
        is_year = period == DateRange.year(period.start or date.min)
        if own == ("listed", "volume") and (part, measure) == ("total", "volume") and (whole == "all" or is_year):
            self._keep(period, "share", number, unit, bound=bound)
        elif whole == "year" and not is_year and own == (part, measure):
            self._keep(period, f"part.{measure}.{part}", number, unit, bound=bound)

    def _price_of(self, number: str, unit: str, bound: str | None, crossing: bool, token: Token) -> None:
        place = self.place
        self._price = None
        # 24日达到100.37元/吨的收盘价格: the word may follow.
        named = place.measure == "price" or (
            unit.count("/") and re.match(f"(?:[和、]?[0-9.]+{unit})*的?(?:{one_of('price')})", place.text[token.end :])
        )
        if not named or place.vague and not place.days or _over(place.clause, token.text):
            return
        marks = [mark for end, mark in place.marks if place.near(end)]
        days = [day for end, day in place.days if place.near(end)]
        if place.both and days:
            day: date | None = days[0]
            place.days.remove(next(one for one in place.days if one[1] == day))
        else:
            day = days[0] if len(days) == 1 else None
            place.days.clear()
        if len(days) > 1 and not place.both:
            return
        place.marks.clear()
        level = re.search(one_of("level"), place.clause)
        if bound and not day:
            roles = {
                "min": "high" if crossing else "low" if level else "",
                "max": "high" if level else "",
                "about": "level",
            }
            if not roles[bound] or (bound == "about" and not level):
                return
            marks = [roles[bound]]
        elif bound:
            return
        period = place.month if place.month_end and not day else place.period
        if day:
            period = place.own if day in place.own else DateRange.month(day)
        if place.compared and not day and "first" not in marks:
            return
        values = {"day": day, "marks": tuple(dict.fromkeys(marks)), "bound": bound}
        if day or marks:
            self._price = self._keep(period, "price", number, unit, **values)
        elif period and period.label():
            self._price = Figure(period, "price", number, unit, self.at, sentence=place.text)

    def _record(self, mark: str) -> None:
        """创历史新高, said of the last price."""
        price, self._price = self._price, None
        if price is None or mark in price.marks:
            return
        for n, stated in enumerate(self.stated):
            if stated.figure is price:
                self.stated[n] = stated._replace(figure=replace(price, marks=(*price.marks, mark)))
                return
        self._keep(price.period, "price", price.value, price.unit, marks=(mark,))

    def _range(self, token: Token) -> None:
        place, unit = self.place, str(token.parts["range_unit"])
        level = re.search(one_of("level"), place.clause)
        if UNITS[unit][0] == "yuan/t" and place.measure == "price" and level and not place.compared and not place.vague:
            low, high = (plain_number(token.parts[f"range_{side}"]) for side in ("low", "high"))
            if low and high and Decimal(low) < Decimal(high):
                self._keep(place.subject, "price", low, unit, marks=("low",), bound="min")
                self._keep(place.subject, "price", high, unit, marks=("high",), bound="max")

    def _days(self, token: Token) -> None:
        place = self.place
        over = _over(place.clause, token.text)
        if over and place.measure == "price" and not place.compared:
            count = str(number_in(str(token.parts["count"])))
            self._keep(place.subject, "days", count, "日", over=Decimal(over))

    def _multiple(self, token: Token) -> None:
        place = self.place
        what = f"{place.measure}.{place.here}"
        found = [one.figure for one in self.stated if (one.figure.what, one.figure.period) == (what, place.subject)]
        value = plain_number(token.parts["by"])
        if place.compared and place.reference and place.here and found and value:
            bound = next(
                (name for name in ("about", "min", "max") if place.compared in words()["words"][f"{name}_before"]), None
            )
            self.multiples.append(Multiple(found[-1], place.reference, value, bound))


def _bound(before: str, after: str) -> str | None:
    for name in ("about", "min", "max"):
        if re.search(f"(?:{one_of(f'{name}_before')})了?$", before) or re.match(one_of(f"{name}_after"), after):
            return name
    return None


@cache
def _crossing() -> re.Pattern[str]:
    return re.compile(f"(?:{one_of('crossing')})了?$")


def _over(clause: str, counted: str) -> str | None:
    """The price that days are counted above, where the words around the count, or the price, name it.

    在百元高位价格维持8日; 有两日突破百元: ``counted`` is the count of days, or the price itself.
    """
    price = rf"(?:百元|(?<![0-9.])(?P<price>{NUMBER})元(?:/吨)?)"
    days = f"(?P<days>{COUNT}个?(?:交易日|[日天]))"
    for form in (
        rf"{price}(?:以上|高位|大关|关口)?[^，。；]{{0,8}}?(?:{one_of('level')}|持续|达)了?{days}",
        rf"{days}[^，。；]{{0,4}}?(?:{one_of('crossing')}){price}",
    ):
        for match in re.finditer(form, clause):
            if counted == match["days"] or (match["price"] and counted.startswith(match["price"] + "元")):
                return match["price"] or "100"
    return None
