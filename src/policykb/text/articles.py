"""The articles of a law, 第十二条 and what it says: where each begins in a body, folded or as it is stored."""

from __future__ import annotations

import re
from collections.abc import Sequence

from policykb.domain.numerals import number_in
from policykb.text.fold import BREAK, fold_with_offsets

FEWEST = 3  # openings that make a text one of articles
NAME = re.compile(
    r"第(?P<numeral>[一二三四五六七八九十百千零〇0-9]{1,9})条(?P<inserted>之[一二三四五六七八九十]{1,3})?"
)
# What may begin an article at the beginning of a paragraph; 第三条规定的 does not, unless it follows upon the second.
OPENING = rf"(?P<name>{NAME.pattern})(?P<cited>规定|第|和|、|至|及|的|或|所|中)?"
_FOLDED = re.compile(rf"{BREAK}[#-]*{OPENING}")


def begins(match: re.Match[str], last: int) -> int:
    """The number of the article that a match of `OPENING` begins after the article ``last``; 0 if it begins none."""
    try:
        number = number_in(match["numeral"])
    except ValueError:  # 第十百条
        return 0
    follows = number == last + 1 or (number == last and match["inserted"])
    return number if follows or (not match["cited"] and (number > last or number == 1)) else 0


def openings(folded: str) -> Sequence[int]:
    """Where the articles of a folded text begin, in characters; none in a text of fewer than `FEWEST`."""
    found: list[int] = []
    last = 0
    for match in _FOLDED.finditer(f"{BREAK}{folded}"):
        if number := begins(match, last):
            found.append(match.start("name") - 1)
            last = number
    return found if len(found) >= FEWEST else ()


def name_at(folded: str, start: int) -> str:
    """The name of the article that begins there: 第十二条."""
    match = NAME.match(folded, start)
    return match[0] if match else ""


def same_name(name: str) -> tuple[int, str]:
    """What the spellings of an article's name share: 第十二条, 第12条. Raises ValueError for what is none."""
    match = NAME.fullmatch(name)
    if not match:
        raise ValueError(name)
    return number_in(match["numeral"]), match["inserted"] or ""


def articles(body: str) -> Sequence[tuple[str, int, int]]:
    """The articles of a stored body: name, start and end of each in characters; none in a text that has no articles.

    An article begins with its line, marks of Markdown before its name included, and ends where the next begins.
    """
    folded, offsets = fold_with_offsets(body)
    starts = openings(folded)
    lines = [body.rfind("\n", 0, offsets[start]) + 1 for start in starts]
    names = [name_at(folded, start) for start in starts]
    return list(zip(names, lines, [*lines[1:], len(body)], strict=True)) if names else ()
