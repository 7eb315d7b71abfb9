"""Full calendar days: one written alone, and all that running text mentions.

Every form names its year, so none needs to know today. What is shared with `policykb.domain.period_grammar` (the
folding, the numerals, the forms) stands here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta

from policykb.domain.calendar import FIRST, STOP, month_start, outside
from policykb.domain.names import any_of
from policykb.domain.numerals import number_in
from policykb.errors import DateError
from policykb.i18n import _

_LONGEST = 100


def parse_day(text: str) -> date:
    """One calendar day with its year, in any form of the table; a DateError for anything coarser."""
    try:
        tidied = tidy(text)
        for form in FULL_DATES:
            if match := re.fullmatch(form, tidied):
                return calendar_day(match)
        raise DateError(_("this is not one calendar day"))
    except DateError as error:
        raise explained(text, error, _("2024-06-04, 20240604 or 2024年6月4日")) from None


def find_dates(text: str) -> list[tuple[int, int, date]]:
    """Every full day written in running text: (start, end, day) in order, ``text[start:end]`` is the date.

    The forms are those of ``parse_day``, with the spaces and line breaks of PDF files (2024 年 5 月 1 日).
    Days that do not exist are left out, and so are digits of a longer number.
    """
    folded = _LOOKALIKE.sub(lambda match: match[0].translate(_ZEROS), text.translate(_FOLD))
    found = []
    for form in FULL_DATES:
        for match in re.finditer(form, folded):
            try:
                found.append((match.start(), match.end(), calendar_day(match)))
            except DateError:
                continue
    return sorted(found)


def find_last_days(text: str, ends: Iterable[str]) -> list[tuple[int, int, date]]:
    """The last days of years and months that running text names (2025年底, 2024年6月末), as `find_dates` gives days.

    ``ends`` are the words for the end of a year or month.
    """
    named = [word for word in ends if word in text]  # far cheaper than looking for years
    form = rf"(?<![0-9〇{ONES}]){Y}{_GAP}年(?:{_GAP}(?P<m>{N}){_GAP}月)?{_GAP}(?:{any_of(named)})"
    found = []
    for match in re.finditer(form, text.translate(_FOLD)) if named else ():
        try:
            year = year_of(match, FIRST)
            following = month_start(year, 1 + (up_to(12, _("month"), number_in(match["m"])) if match["m"] else 12))
        except DateError:
            continue
        found.append((match.start(), match.end(), following - timedelta(1)))
    return found


class _Fold(dict[int, str]):
    """For str.translate: NFKC, but one character for one, so that positions in the text stay true."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        plain = unicodedata.normalize("NFKC", char)
        # ① and ² stay: beside a date they are list numbers and footnote marks, not digits of it.
        self[code] = char if len(plain) != 1 or unicodedata.category(char) == "No" else plain
        return self[code]


# What NFKC leaves apart: the zeros that OCR and typists put for 〇, and the hyphens of typesetters.
_FOLD = _Fold(zip(map(ord, "零○◯‐‑−"), "〇〇〇---", strict=True))
ONES = "一二三四五六七八九"
# A year in Chinese numerals with another zero in it: 二0一二年, 二O一二年.
_LOOKALIKE = re.compile(rf"(?<![0-9])[{ONES}][{ONES}〇0OoОоΟο]{{3}}(?=\s{{0,3}}年)")
_ZEROS = dict.fromkeys(map(ord, "0OoОоΟο"), "〇")
N = f"(?:[0-9]{{1,2}}|[{ONES}]?十[{ONES}]?|廿[{ONES}]?|〇?[{ONES}])"
Y = f"(?P<y>[0-9]{{4}}|[〇{ONES}]{{4}})"
NEAR = "(?P<near>[今本去上前明])"
YEAR = f"(?:{Y}(?:年度?|[-/.])?+|{NEAR}年度?+)"
_YEARS_AWAY = {"今": 0, "本": 0, "去": -1, "上": -1, "前": -2, "明": 1}

# Full days. They serve running text as well, hence the gaps, and the guards against longer numbers: a third
# separator makes it a version or an article number (2024.6.4.1), unless a second year follows it. All name
# their year, so reading one needs no today.
_GAP = r"\s{0,3}"
FULL_DATES = (
    rf"(?<![0-9〇{ONES}]){Y}{_GAP}年{_GAP}(?P<m>{N}){_GAP}月{_GAP}(?P<d>{N}){_GAP}[日号]",
    (
        r"(?<![0-9])(?P<y>[0-9]{4}) ?(?P<sep>[-/.]) ?(?P<m>[0-9]{1,2}) ?(?P=sep) ?(?P<d>[0-9]{1,2})"
        r"(?![0-9]|(?P=sep)[0-9]{1,3}(?![0-9]))"
    ),
    # years of the Republic of China: 民國 112 年 6 月 28 日, 中華民國一百零七年一月二十六日
    rf"(?:中[華华])?民[國国]{_GAP}(?P<roc>[0-9]{{1,3}}|[{ONES}十百〇]{{1,6}}){_GAP}年{_GAP}(?P<m>{N}){_GAP}月{_GAP}(?P<d>{N}){_GAP}[日號号]",
    r"(?<![0-9])(?<![0-9][.,])(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})(?![0-9]|[.,][0-9])",
)


def tidy(text: str) -> str:
    """An expression folded and without spaces. Raises DateError for one that is empty, too long or ambiguous."""
    if len(text) > _LONGEST:
        raise DateError(_("the text is longer than {number} characters").format(number=_LONGEST))
    folded = text.translate(_FOLD).lower()
    if re.search(r"[0-9]\s+[0-9]", folded):
        raise DateError(_("a space stands between two digits"))
    if joined := "".join(folded.split()):
        return _LOOKALIKE.sub(lambda match: match[0].translate(_ZEROS), joined)
    raise DateError(_("the text is empty"))


def quoted(text: str) -> str:
    """The beginning of a text for a message."""
    return repr(text if len(text) <= 40 else text[:40] + "…")


def explained(text: str, error: Exception, forms: str) -> DateError:
    """The error that a person is told: what was read, what is wrong with it, and what can be written."""
    # Anything but a DateError comes from date arithmetic at the ends of the calendar.
    problem = error if isinstance(error, DateError) else outside()
    said = _("cannot read {text}: {problem}; write for example {forms}")
    return DateError(said.format(text=quoted(text), problem=problem, forms=forms))


def up_to(highest: int, what: str, number: int) -> int:
    """``number`` where it is from 1 to ``highest``; else a DateError that names ``what`` there is none of."""
    if not 1 <= number <= highest:
        raise DateError(_("there is no {what} {number}").format(what=what, number=number))
    return number


def year_of(match: re.Match[str], today: date) -> int:
    """The year that the groups ``y``, ``near`` and ``roc`` of a match state, else that of ``today``."""
    parts = match.groupdict()
    if roc := parts.get("roc"):
        try:
            year = 1911 + number_in(roc)
        except ValueError:  # 民国一百一百年
            raise DateError(_("{text} is not a date or a period").format(text=quoted(match[0]))) from None
    else:
        year = number_in(parts["y"]) if parts["y"] else today.year + _YEARS_AWAY[parts.get("near") or "今"]
    if not FIRST.year <= year < STOP.year:
        raise DateError(_("the year {year} is outside 1900-2100").format(year=year))
    return year


def calendar_day(match: re.Match[str], today: date = FIRST) -> date:
    """The day that the groups of a match state; a DateError where the calendar has none."""
    year, month, day = year_of(match, today), up_to(12, _("month"), number_in(match["m"])), number_in(match["d"])
    length = (month_start(year, month + 1) - month_start(year, month)).days
    if not 1 <= day <= length:
        problem = _("there is no day {day}: {year}-{month:02} has {length} days")
        raise DateError(problem.format(day=day, year=year, month=month, length=length))
    return date(year, month, day)
