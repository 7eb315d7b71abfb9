"""What pages print around the text: running heads and page numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from policykb.importing.paragraphs import Line

_PAGE_NUMBER = re.compile(
    r"[-—–－·•\s]*(?:第?\s*[0-9]{1,4}\s*页?(?:\s*[/／,，]?\s*共?\s*[0-9]{1,4}\s*页)?|[0-9]{1,4}\s*[/／]\s*[0-9]{1,4}"
    r"|page\s*[0-9]{1,4}(?:\s*of\s*[0-9]{1,4})?)[-—–－·•\s]*",
    re.IGNORECASE,
)
_SURE_PAGE_NUMBER = re.compile(
    r"([-—–－]+)\s*[0-9]{1,4}\s*\1|第\s*[0-9]{1,4}\s*页(?:\s*[/／,，]?\s*共\s*[0-9]{1,4}\s*页)?"
)
_NUMBER_IN_HEAD = re.compile(
    r"^[0-9]{1,4}\s+|\s+[0-9]{1,4}$|[-—–－]\s*[0-9]{1,4}\s*[-—–－]|[第共]\s*[0-9]{1,4}\s*页|\s+"
)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_EDGE = 2  # lines at the top and at the bottom of a page that can be running heads


def without_furniture(lines: Sequence[Line]) -> tuple[list[Line], list[Line]]:
    """``lines`` in two: the text, and the running heads and page numbers that were between."""
    pages: dict[int, list[int]] = {}
    for i, line in enumerate(lines):
        if line.page is not None and not line.cells:
            pages.setdefault(line.page, []).append(i)
    furniture = _running_heads(lines, pages)
    for page in pages.values():
        rest = [i for i in page if i not in furniture]
        furniture.update(i for i in {*rest[:1], *rest[-1:]} if _is_page_number(lines[i].text))
    furniture.update(i for i, line in enumerate(lines) if _SURE_PAGE_NUMBER.fullmatch(line.text))
    if not pages:
        furniture.update(_counting(lines))
    text = [line for i, line in enumerate(lines) if i not in furniture]
    return text, [line for i, line in enumerate(lines) if i in furniture]


def _is_page_number(text: str) -> bool:
    return bool(_PAGE_NUMBER.fullmatch(text)) and not _YEAR.fullmatch(text)


def _running_heads(lines: Sequence[Line], pages: dict[int, list[int]]) -> set[int]:
    def edges(page: list[int]) -> list[tuple[str, int]]:
        top, bottom = page[:_EDGE], page[-_EDGE:] if len(page) > 2 * _EDGE else []
        return [(_NUMBER_IN_HEAD.sub("", lines[i].text), i) for i in (*top, *bottom)]

    seen = Counter(head for page in pages.values() for head in {head for head, _ in edges(page)} if head)
    often = max(3, 0.4 * len(pages))  # heads of left and right pages differ, the first page has none
    return {i for page in pages.values() for head, i in edges(page) if seen[head] >= often}


def _counting(lines: Sequence[Line]) -> set[int]:
    """Lines that are nothing but 1, 2, 3 ...: the page numbers of a text that has lost its page breaks."""
    numbers = [i for i, line in enumerate(lines) if re.fullmatch(r"[0-9]{1,4}", line.text)]
    values = [int(lines[i].text) for i in numbers]
    rising = len(values) >= 3 and all(b - a == 1 for a, b in pairwise(values))
    return set(numbers) if rising else set()
