"""What the words and marks of a sentence are to a reader of market figures: tokens, found in the text in order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from policykb.domain.names import any_of
from policykb.files import toml
from policykb.files.packaged import DATA
from policykb.market.amounts import NUMBER, UNITS

_Y = r"(?:(?P<{0}>20[0-9]{{2}})年(?:度)?(?!来))"
# whole: 03 of 874. 03万吨, and 2345 of 1,2345万吨, are no numbers
_NUMBER = (
    r"(?<![0-9])(?<![0-9][.,\s])(?<![0-9][.,]\s)"
    r"(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?|(?:0|[1-9][0-9]*)(?:\.[0-9]+)?)"
)
_ONES = "一两二三四五六七八九"
COUNT = rf"(?<![0-9{_ONES}十])(?:[0-9]{{1,3}}|[{_ONES}]?十[{_ONES}]?|[{_ONES}])"  # whole, too
_NEAR = {"上季度": "上一?个?季度", "上年": "上一?年度?|去年", "上月": "上一?个?月"}

# Each list of words of the data file is a kind of token; of those that begin at one place the longest is taken.
_LISTS = (
    "record_high", "record_low", "opening", "volume", "turnover", "other", "price", "share", "listed", "block", "first",
    "last", "high", "low", "level", "both", "compare", "change", "total", "times", "partial",
)  # fmt: skip


class Token(NamedTuple):
    """A word, number or mark of a sentence: its kind, where it stands, and the parts of the pattern that found it."""

    kind: str
    start: int
    end: int
    text: str
    parts: Mapping[str, str | None]


@cache
def words() -> Mapping[str, Any]:
    """The tables of ``figures.toml``."""
    return toml.read(DATA / "figures.toml")


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a text, in order and without overlap."""
    for match in _pattern().finditer(text):
        kind = str(match.lastgroup)
        parts = {name: value for name, value in match.groupdict().items() if value is not None}
        yield Token(kind, match.start(), match.end(), match[0], parts)


def one_of(*lists: str) -> str:
    """A pattern for the words of lists of the data file, longer ones first."""
    return any_of({word for name in lists for word in words()["words"][name]})


@cache
def _pattern() -> re.Pattern[str]:
    units = any_of(unit for unit in UNITS if unit not in "日倍")
    month = "(?P<{0}>1[0-2]|0?[1-9])月份?"
    first, last = one_of("first"), one_of("last")
    forms = {
        "day": f"{_Y.format('dy')}?(?P<dm>1[0-2]|0?[1-9])月(?P<dd>[0-3]?[0-9])日",
        "since": f"{_Y.format('sy')}?{month.format('sm')}月?以来",
        "edge": f"{_Y.format('ey')}?{month.format('em')}的?(?:(?P<ef>{first})|{last})",
        "vague": f"{_Y.format('vy')}?{month.format('vm')}(?:初|[上中下]+旬|中(?!旬))",
        "month": f"{_Y.format('my')}?{month.format('mm')}",
        "several": f"{_Y.format('fy')}?前[二三两2-3]个?季度",
        "quarter": f"{_Y.format('qy')}?第?(?P<qn>[一二三四1-4])季度[初末]?",
        "half": f"{_Y.format('hy')}?(?P<hn>[上下])半年",
        "in_year": "在全年",
        "whole": "全年",
        "year": "(?P<yy>20[0-9]{2})年度?",
        "near": "|".join(f"(?P<near_{n}>{form})" for n, form in enumerate(_NEAR.values())),
        "month_end": "月[底末初]",
        "range": f"(?P<range_low>{_NUMBER})(?:{units})?[-—–~～至到]+(?P<range_high>{_NUMBER})(?P<range_unit>{units})",
        "value": f"(?P<number>{_NUMBER})(?P<unit>{units})",
        "hundred": "百元",
        "days": f"(?P<count>{COUNT})个?(?:交易日|[日天])(?![期均常])",
        "multiple": f"(?P<by>{_NUMBER})倍",
        "of": "占(?!比)",
        "sentence_end": "[。！？]",
        "part_end": "[；;]",
        "clause_end": "[，,]",
    }
    listed = {kind: words()["words"][kind] for kind in _LISTS}
    # A longer word of one kind must win over a shorter one of another kind that begins at the same place.
    for kind, found in listed.items():
        others = {word for other in _LISTS if other != kind for word in listed[other]}
        longer = any_of(word for word in others if word not in found and word.startswith(tuple(found)))
        forms[kind] = f"(?!{longer})(?:{any_of(found)})"
        if kind in ("listed", "block"):  # 大宗协议交易 + 量: the shorter word, before 交易量
            forms[kind] += "(?![量额])"
    return re.compile("|".join(f"(?P<{kind}>{form})" for kind, form in forms.items()))


def plain_number(written: str | None) -> str:
    """A number without thousands separators, empty where a file of figures cannot hold it."""
    plain = (written or "").replace(",", "")
    return plain if re.fullmatch(NUMBER, plain) else ""


def near(token: Token) -> str:
    """Which of 上季度, 上年, 上月 a token of the kind ``near`` is."""
    return next(name for n, name in enumerate(_NEAR) if f"near_{n}" in token.parts)
