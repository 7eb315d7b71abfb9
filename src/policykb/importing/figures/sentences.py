"""One sentence of a market report, read from left to right: of which period and of what its numbers speak.

A number belongs to the last word before it that a number can count, and to the last period that is not there for
comparison; `policykb.importing.figures.numbers` decides what it says.
"""

from __future__ import annotations

import re
from datetime import date

from policykb.domain.daterange import DateRange
from policykb.importing.figures.periods import day_of, month_of, period_of
from policykb.importing.figures.words import Token

_PERIODS = ("month", "quarter", "half", "year", "near", "since", "several", "vague")
_ENDS = ("clause_end", "part_end", "sentence_end")
_CLOSE = 3  # characters that may stand between a word and the one that it belongs to
# what may stand between a day, or the role of one, and the clause about it: 最后一个交易日（3月29日），
_BETWEEN = re.compile(r"[ ）)（(，,、]*(?:[0-9]{1,2}月[0-9]{1,2}日)?[ ）)，,、]*")


class Reading:
    """What is known at a place of a sentence.

    ``measure`` is volume, turnover, price or share, or empty after a noun that is not kept; ``part`` that of the
    market; ``whole`` says that the next percentage is a part of a year, or of something. ``segment`` counts the
    parts that semicolons make.
    """

    def __init__(self, text: str, own: DateRange, opening: DateRange | None) -> None:
        self.text, self.own, self.opening = text, own, opening
        self.subject: DateRange | None = own
        self.month: DateRange | None = None
        self.measure = self.part = ""
        self.named = False  # a part of the market
        self.segment = 0
        self.days: list[tuple[int, date]] = []  # where each ends
        self.marks: list[tuple[int, str]] = []
        self._clause(0)

    def _clause(self, start: int) -> None:
        self.start = start
        self.reference: DateRange | None = None
        self.compared = ""  # the word that the reference came with
        self.vague = self.changed = self.month_end = self.both = self.partial = False
        self.whole = ""
        self.whole_part, self.whole_measure = "total", ""
        self.here = ""  # the part that the clause has named
        self.nouns: dict[str, str] = {}  # of the clause: measure and part

    @property
    def clause(self) -> str:
        """The clause up to its end."""
        rest = self.text[self.start :]
        return rest[: min((at for mark in "，,；;。" if (at := rest.find(mark)) >= 0), default=len(rest))]

    @property
    def period(self) -> DateRange | None:
        """The period that a number here is about; None where that is none that has a name."""
        return self.reference if self.compared else self.subject

    def near(self, end: int) -> bool:
        """Whether what ends there belongs to this clause, in it or directly before it."""
        return end >= self.start or bool(_BETWEEN.fullmatch(self.text, end, self.start))

    def take(self, token: Token, before: Token | None) -> None:
        """Reads on over a word that is no number."""
        close = before is not None and token.start - before.end <= _CLOSE
        compared = before.text if before and close and before.kind == "compare" else ""
        match token.kind:
            case kind if kind in _PERIODS:
                self._named_period(token, compared)
            case kind if kind in _ENDS:
                self.segment += kind == "part_end"
                self._clause(token.end)
            case "opening":
                if not self.compared:
                    self.reference, self.compared = self.opening, compared or token.text
                self.marks.append((token.end, "first"))
            case "edge":
                self.month = month_of(token, self.own)
                self._set_period(period_of(token, self.own), compared)
                self.marks.append((token.end, "first" if "ef" in token.parts else "last"))
            case "day":
                if day := day_of(token, self.own):
                    self.days.append((token.end, day))
            case "in_year" | "whole" if self.whole or token.kind == "in_year":
                self.whole = "year"
            case "whole":
                self.subject = DateRange.year((self.subject or self.own).start or date.min)
            case "of":
                self.whole = "all"
            case "listed" | "block" | "total" as part:
                self._named_part(part)
            case "volume" | "turnover" as measure:
                self._noun(measure, before.kind if before and close else "")
            case "price":
                self.measure = "" if self.partial else "price"
                self.partial = False
            case "other":
                self.measure = ""
            case "share" if not self.whole:
                listed = self.part == "listed" and self.measure in ("volume", "share")
                self.measure = "share" if listed else ""
            case "first" | "last" | "high" | "low" as mark:
                self.marks.append((token.end, mark))
            case "partial":
                self.partial = True
            case "both":
                self.both = True
            case "change":
                self.changed = True
            case "month_end":
                self.month_end = True

    def _named_period(self, token: Token, compared: str) -> None:
        period = period_of(token, self.own)
        if token.kind == "vague":
            self.vague = True
        elif self.whole and not compared:
            self.whole = "year" if period == DateRange.year(self.own.start or date.min) else "other"
        else:
            self._set_period(period, compared)
        if token.kind in ("month", "vague"):
            self.month = month_of(token, self.own)

    def _set_period(self, period: DateRange | None, compared: str) -> None:
        if compared:
            self.reference, self.compared = period, compared
        else:
            self.subject = period

    def _named_part(self, part: str) -> None:
        if self.whole:
            self.whole_part = part
        else:
            self.here = part
            self.part = part
            self.named = self.named or part != "total"

    def _noun(self, measure: str, before: str) -> None:
        if self.whole:
            self.whole_measure = measure
        elif self.partial:
            self.measure, self.partial = "", False
        else:
            known = before if before in ("listed", "block", "total") else self.here
            # A bare 成交量 is all of it, unless the sentence has spoken of a part before.
            self.part = known or ("" if self.named else "total")
            self.measure = measure
            self.nouns[measure] = self.part
