"""Text spaced as Chinese is printed."""

from __future__ import annotations

import re
from collections.abc import Iterable

LIST_ITEM = re.compile(r"[-*+•·●■◆▪] +\S|[0-9]{1,3}[.)] +\S")

# Han, kana, full-width forms, and the marks that Chinese typesetting shares with the West.
_WIDE = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U0001f000-\U0003ffff“”‘’—…·①-⓿■-◿"
_SPACE = re.compile(r"\s+")
_LOOSE_SPACE = re.compile(rf"(?<=[^\s{_WIDE}]) (?=[{_WIDE}])|(?<=[{_WIDE}]) (?=[^\s{_WIDE}])")
_MARK = "\u3000-\u303f\uff00-\uff0f\uff1a-\uff20“”‘’"
_MARK_SPACE = re.compile(rf"(?<=[{_MARK}]) | (?=[{_MARK}])")
_WIDE_CHAR = re.compile(rf"[{_WIDE}]")
_JOINT = "-/‐‑‒–"


def join_lines(texts: Iterable[str]) -> str:
    """One text out of lines, spaced as Chinese is printed.

    Lines join without a space between Han characters and with one between Latin words. Within lines, a space
    between a Han character and a letter or figure goes, for it is the typesetter's or the extractor's and not the
    author's (2024 年: 2024年), and so does one beside a Chinese mark; between two Han characters or two Latin words
    one space stays. No other character is lost or added.
    """
    pieces: list[str] = []
    for text in texts:
        piece = _SPACE.sub(" ", text).strip()
        if piece and pieces:
            last = pieces[-1][-1]
            closed_up = _WIDE_CHAR.match(last) or _WIDE_CHAR.match(piece) or last in _JOINT
            pieces.append(piece if closed_up else " " + piece)
        elif piece:
            pieces.append(piece)
    joined = "".join(pieces)
    item = LIST_ITEM.match(joined)
    mark = item[0][:-1] if item else ""  # "- ", "1. ": Markdown needs the space
    return mark + _MARK_SPACE.sub("", _LOOSE_SPACE.sub("", joined[len(mark) :]))
