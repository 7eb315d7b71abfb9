"""Text as it is matched.

Everything that is matched goes through `fold` first, at indexing and at searching alike, so width, case,
brackets, line wraps and traditional characters never keep a query from its text. Stored text is not touched.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

from policykb.files.packaged import DATA

# A line break inside a paragraph is a wrap; it is an end before a blank line, a block mark of Markdown or an article.
_PARAGRAPH = re.compile(
    r"\n[ \t]*(?:\n[ \t\n]*|(?=[-*+>] |#{1,6} |\||[0-9]{1,3}[.)] "
    r"|(?:\*\*)?第[一二三四五六七八九十百千零〇0-9]{1,9}条(?:之.)?(?:\*\*)? ))"
)
_EMPHASIS = re.compile(r"\*\*|__|`")
_LOOSE_SPACE = re.compile(r" (?:(?<![0-9a-z] )|(?![0-9a-z]))")  # what begins with a character is found faster
_SPACE = re.compile(r"[\t\n][ \t\n]*| [ \t\n]+")  # what is not one space already
BREAK = "\x1f"  # stands for the end of a paragraph, which no match crosses

_BRACKETS = {
    **dict.fromkeys("〔[【（［{｛〖", "("),
    **dict.fromkeys("〕]】）］}｝〗", ")"),
    **dict.fromkeys("《〈＜«‹", "<"),
    **dict.fromkeys("》〉＞»›", ">"),
    **dict.fromkeys("“”「」『』‘’＂＇'", '"'),
    **dict.fromkeys("—–―−‐‑－～", "-"),
}


@cache
def _simplified() -> Mapping[str, str]:
    lines = (DATA / "traditional.txt").read_text(encoding="utf-8").splitlines()
    return {line[0]: line[1] for line in lines if line[:1] not in ("", "#")}


class _FoldTable(dict[int, str]):
    """Character -> what it is matched as, worked out the first time a character is met.

    ``uneven`` are the characters met so far that do not become exactly one.
    """

    uneven: set[str]

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if "\u4e00" <= char <= "\u9fff":  # nearly all that is met: a Han character, which has no compatible form
            folded = _simplified().get(char, char)
        elif char in _BRACKETS:
            folded = _BRACKETS[char]
        elif char == "\n":
            folded = char
        elif char.isspace():
            folded = " "
        elif unicodedata.category(char) in ("Cc", "Cf", "Mn", "Cs"):
            folded = ""  # controls, soft hyphens, joiners, combining accents, lone surrogates
        else:
            compatible = unicodedata.normalize("NFKD", char)
            simplified = _simplified()
            folded = "".join(simplified.get(c, c) for c in compatible.casefold() if unicodedata.category(c) != "Mn")
            folded = "".join(_BRACKETS.get(c, c) for c in folded)
        self[code] = folded
        if len(folded) != 1:
            self.uneven.add(char)
        return folded


_FOLD = _FoldTable({code: chr(code).lower() for code in range(33, 127)} | {32: " ", 10: "\n", 9: " ", 13: ""})
_FOLD.update({ord(c): folded for c, folded in _BRACKETS.items()})
_FOLD.uneven = {"\r"}


def fold(text: str) -> str:
    """Text as it is matched.

    Compatibility forms (full width, subscripts, ligatures) become plain, capitals small, accents fall away,
    traditional characters become simplified, all brackets of one shape and all quotes and dashes equal. Spaces
    and line wraps go, except between Latin words or figures, where one space stays; the end of a paragraph
    stays as a character that no match crosses.
    """
    folded = text.translate(_FOLD)
    if "\n" in folded:
        folded = _PARAGRAPH.sub(BREAK, folded)
    if "*" in folded or "`" in folded or "_" in folded:
        folded = _EMPHASIS.sub("", folded)
    return _LOOSE_SPACE.sub("", _SPACE.sub(" ", folded))


def letters(text: str) -> str:
    """A text folded, without all that is neither a letter, a digit nor a Han character."""
    return "".join(filter(str.isalnum, fold(text)))


def fold_with_offsets(text: str) -> tuple[str, list[int]]:
    """``fold(text)``, and for each of its characters the position in ``text`` it comes from."""
    flat = text.translate(_FOLD)
    if len(flat) == len(text) and not any(map(text.__contains__, _FOLD.uneven)):
        origin = list(range(len(text)))
    else:
        origin = [position for position, char in enumerate(text) for _ in _FOLD[ord(char)]]
    for pattern, replacement in ((_PARAGRAPH, BREAK), (_EMPHASIS, ""), (_SPACE, " "), (_LOOSE_SPACE, "")):
        pieces: list[str] = []
        kept: list[int] = []
        last = 0
        for match in pattern.finditer(flat):
            start, end = match.span()
            pieces.append(flat[last:start])
            kept += origin[last:start]
            if replacement:
                pieces.append(replacement)
                kept.append(origin[start])
            last = end
        if last:
            pieces.append(flat[last:])
            kept += origin[last:]
            flat, origin = "".join(pieces), kept
    return flat, origin
