"""From which day a document is in force, as its text says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from policykb.domain.dates_in_text import find_dates
from policykb.domain.wording import clean_name, names_in

_TAKES_EFFECT = re.compile(r"(?:之日)?起?(?:正式|开始|全面)*(?:施行|实施|执行|生效)")
_ON_ISSUE = re.compile(r"自(?:印发|发布|公布|颁布)之日起(?:正式)?(?:施行|实施|执行|生效)")
_SENTENCE = re.compile(r"[^。；！？\n]+")
_BEFORE_DATE = 300  # characters of a sentence before a date in which the document it speaks of stands


def effective_date(text: str, names: Iterable[str], issued: date | None = None) -> date | None:
    """The day from which a document is in force, as its own text or a text about it says.

    A sentence that names another document before the date speaks of that one. 自印发之日起施行 is the day ``issued``.
    """
    own = [clean_name(name) for name in names]
    for sentence in _SENTENCE.findall(text):
        for start, end, day in find_dates(sentence):
            if _TAKES_EFFECT.match(sentence[end : end + 12].lstrip()) and not _speaks_of_other(sentence, start, own):
                return day
        if (match := _ON_ISSUE.search(sentence)) and not _speaks_of_other(sentence, match.start(), own):
            return issued
    return None


def _speaks_of_other(sentence: str, at: int, own: Sequence[str]) -> bool:
    names = [clean_name(name) for name in names_in(sentence[max(0, at - _BEFORE_DATE) : at])[0]]
    return bool(names) and not any(names[-1] in name or name in names[-1] for name in own)
