"""Lists of documents that are repealed, with 《》 or without, a line or a row of a table each."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policykb.domain.relation import relation_words
from policykb.domain.wording import is_organs, kind_of
from policykb.mining.citations import citations

_LINE = re.compile(r"[^\n]+")
_ITEM = re.compile(r"^\s*(?:[-*+|]\s*)*(?:[（(]?[0-9一二三四五六七八九十百]{1,4}[）)]?[.．、|）)\s]\s*)?")
_BEHIND = re.compile(r"\s*[（(]")


def listed(text: str, title: str = "") -> Iterator[tuple[int, int, str, str]]:
    """Where the line stands, less the space around it, and name and number of each document in a list of repeals."""
    words = relation_words()["lists"]["repeals"]
    if not any(word in text for word in words["said"]) and not any(word in title for word in words["said"]):
        return
    inside = False
    for line in _LINE.finditer(text):
        plain = line[0].strip()
        begin = line.start() + line[0].find(plain)
        place = begin, begin + len(plain)
        if _opens(plain, words):
            inside = True
            continue
        if not inside:
            continue
        mark = _ITEM.match(line[0])
        assert mark
        numbered = bool(mark[0].strip())
        rest = line[0][mark.end() :]
        named = [one for one in citations(rest) if one.name]
        if named and (rest.startswith("《") or (numbered and is_organs(rest[: named[0].start]))):
            for one in named:
                yield *place, one.name, one.number
        elif numbered and (name := _bare(rest)):
            numbers = [one.number for one in citations(rest) if not one.name]
            yield *place, name, numbers[0] if numbers else ""
        elif plain and not plain.startswith(("|", "附件", "序号")):
            inside = False


def _opens(line: str, words: dict[str, list[str]]) -> bool:
    """Whether a line says that a list of repealed documents follows."""
    if not any(word in line for word in words["said"]) or not any(word in line for word in words["pointing"]):
        return False
    short = len(line) <= 40 and not line.endswith("。")  # a heading
    return line.endswith(("：", ":")) or short or bool(re.search("如下|下列|以下", line) and line.endswith("。"))


def _bare(rest: str) -> str:
    """The name that a line without 《》 begins with, '' where it is none."""
    cell = rest.split("|")[0]
    name = _BEHIND.split(cell, maxsplit=1)[0].strip(" 。；;，,|")
    return name if 6 <= len(name) <= 100 and "。" not in name and kind_of(name) else ""
