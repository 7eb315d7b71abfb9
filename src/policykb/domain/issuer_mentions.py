"""The departments that running text mentions; Han text has no word boundaries, so neighbours decide."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from policykb.domain.names import any_of

# Which neighbours make a match part of another word.
_NATIONAL = ("国家", "国务院", "中国", "中华", "中央", "中共", "全国", "最高")
_LOCAL = re.compile(r"(?:[省市区县州盟旗级方地团]|[市区][)）])\Z")  # 省发展改革委 is not the national one
_BEFORE_SHORT = frozenset("由经据和与及向对从在被让请")
_AFTER_SHORT = frozenset("和与及等将已正在的对发印公关联会表出宣有相要提就")
_OTHER_WORD = r"(?!(?<=部)(?:门(?!户)|署(?!名)|分(?!别)|队|位))"  # 财政部门, 科技部署, 商务部分


def mention_pattern(names: Iterable[str], offices: Iterable[str]) -> re.Pattern[str]:
    """An expression for any of the names, the longest first, with the ending of an office or without."""
    return re.compile(rf"(?P<name>{any_of(set(names))})(?:{any_of(offices)})?{_OTHER_WORD}")


def find_mentions(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """The matches of `mention_pattern` that are no part of another name or word (河北省发展改革委, 财政部门)."""
    return filter(_stands_alone, pattern.finditer(text))


def _stands_alone(match: re.Match[str]) -> bool:
    name, text, (start, end) = match["name"], match.string, match.span()
    before, after = text[max(start - 2, 0) : start], text[end : end + 1]
    if name[0].isascii():
        return not (before[-1:].isascii() and before[-1:].isalnum() or after.isascii() and after.isalnum())
    if len(name) == 2 and len(match[0]) == 2:
        short = (before[-1:], _BEFORE_SHORT), (after, _AFTER_SHORT)
        return all(not other.isalpha() or other in allowed for other, allowed in short)
    return match[0].startswith(_NATIONAL) or not _LOCAL.search(before)
