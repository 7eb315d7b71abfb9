"""Lines of text as they come out of a file, and how they become paragraphs again.

A PDF, and text copied out of one, has lines where the page had them: a paragraph is cut into many, words and dates
in the middle, with the heads and numbers of pages between. Word files and web pages have a line for a paragraph,
unless somebody pasted the former into them, so the lines' own shape decides, not the kind of file.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from policykb.domain.spacing import LIST_ITEM

# Control characters, zero-width ones and non-characters: nobody sees them, and YAML cannot hold them.
INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufdd0-\ufdef"
    "\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)

# Half-widths. A line this much narrower than its neighbours was ended on purpose: a sentence's end needs less to be
# believed than a line that just stops. The first line of a paragraph lacks the two Han characters of its indent.
_SHORT_AFTER_SENTENCE, _SHORT, _SHORT_HEADING, _INDENT = 6, 10, 4, 4
_NEIGHBOURS = 3  # lines looked at on either side: the measure of a page changes within a document
_LONG = 40  # half-widths from which a line says something about whether lines are wrapped
_FEWEST = 3  # wrapped lines that make a wrapped text: two long headings of one width are none

SENTENCE_END = re.compile(r"[。！？；!?;][”’」』）)》〉\]】]*$")
_COMPLETE = re.compile(rf"{SENTENCE_END.pattern}|[》〉][）)]?$|(?:通知|公告|意见|决定|批复|函)$")
_GOES_ON = re.compile(r"[，、,（(《〈<“‘「『\[【〔的]$")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file, without the space around it.

    ``number`` counts from 1: lines of a text, lines over all pages of a PDF, paragraphs and table rows of a Word
    file or web page; ``page`` counts pages from 1 where the file has them. ``level`` is the level of a marked
    heading, 0 for other text. ``cells`` are those of a table row, and ``text`` then is the cells with tabs
    between. ``indented``: the line begins further right than others; ``gap``: an empty line stands before it.
    """

    text: str
    number: int
    page: int | None = None
    level: int = 0
    cells: tuple[str, ...] = ()
    indented: bool = False
    gap: bool = False


def without_space(text: str) -> str:
    """``text`` without its white space: what must not get lost when lines are joined."""
    return "".join(text.split())


def paragraph_starts(lines: Sequence[Line], is_heading: Callable[[str], bool] = lambda text: False) -> list[bool]:
    """For each line, whether a paragraph, heading or table row begins with it, judged by its shape.

    ``is_heading`` says of a line's text that it reads like a heading; such a line may end near the margin.
    """
    if not lines:
        return []
    widths = [_width(line.text) for line in lines]
    wrapped = _are_wrapped(lines, widths)
    gaps_tell = 0 < sum(line.gap for line in lines) < 0.6 * len(lines)
    measure = max(widths)
    indents_tell = _indents_tell(lines, widths, measure)
    starts = [True]
    for i in range(1, len(lines)):
        before, line = lines[i - 1], lines[i]
        apart = before.level or line.level or before.cells or line.cells or LIST_ITEM.match(line.text)
        marked = (indents_tell and line.indented) or (gaps_tell and line.gap)
        if apart or marked or _is_cut(before.text, line.text):
            starts.append(bool(apart or marked))
        elif wrapped:
            starts.append(_ends(lines, widths, i - 1, starts[-1], indents_tell, is_heading))
        else:
            # Too few lines to tell by their widths, but paragraphs are indented and this line is not.
            full = indents_tell and widths[i - 1] >= max(_LONG, measure - 2 * _INDENT)
            starts.append(not full or bool(SENTENCE_END.search(before.text)))
    return starts


def _ends(
    lines: Sequence[Line],
    widths: Sequence[int],
    i: int,
    is_first: bool,
    indents_tell: bool,
    is_heading: Callable[[str], bool],
) -> bool:
    """Whether a paragraph ends with line ``i`` of a wrapped text; ``is_first``: it begins with it, too."""
    full = max(widths[max(0, i - _NEIGHBOURS) : i + _NEIGHBOURS + 1]) - (_INDENT if is_first else 0)
    text, following = lines[i].text, lines[i + 1].text
    if not SENTENCE_END.search(text):
        short = _SHORT_HEADING if is_heading(text) else _SHORT
        return widths[i] <= full - short and not _GOES_ON.search(text)
    if widths[i] <= full - _SHORT_AFTER_SENTENCE:
        return True
    # The sentence happens to end at the margin. The next line would tell by its indent; where that is not known, by
    # the room it takes, unless it is a last line and may be of any length. A heading has no indent.
    narrower = widths[i + 1] <= full - _INDENT and not SENTENCE_END.search(following)
    return narrower and (not indents_tell or is_heading(following))


def _indents_tell(lines: Sequence[Line], widths: Sequence[int], measure: int) -> bool:
    """Whether paragraphs are indented, and not every line: most indented lines come after the end of something."""
    indented = [i for i, line in enumerate(lines) if line.indented]
    after_end = [i for i in indented if i == 0 or widths[i - 1] < 0.8 * measure or _COMPLETE.search(lines[i - 1].text)]
    return len(after_end) >= 0.7 * len(indented) > 0


def _is_cut(before: str, after: str) -> bool:
    """Whether a name in brackets begins in one line and ends in the next."""
    closing = after.find("》")
    return before.rfind("《") > before.rfind("》") and closing >= 0 and "《" not in after[:closing]


def _are_wrapped(lines: Sequence[Line], widths: Sequence[int]) -> bool:
    """Whether paragraphs run over several lines: long lines stop at one measure, not at the end of a sentence."""
    long = [i for i, line in enumerate(lines) if widths[i] >= _LONG and not line.cells and not line.level]
    open_ended = sorted(widths[i] for i in long if not _COMPLETE.search(lines[i].text))
    if len(open_ended) < max(_FEWEST, 0.3 * len(long)):
        return False
    measure = _ninth_decile(open_ended)
    if measure < 0.8 * _ninth_decile(sorted(widths[i] for i in long)):
        return False
    return sum(abs(width - measure) <= 8 for width in open_ended) >= 0.6 * len(open_ended)


def _ninth_decile(values: Sequence[int]) -> int:
    return values[int(0.9 * (len(values) - 1))]


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in text)
