"""The end of an official document: who signed it, and when."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from policykb.domain.dates_in_text import find_dates
from policykb.domain.issuers import Authority
from policykb.domain.spacing import join_lines
from policykb.domain.wording import is_organ, words
from policykb.importing.blocks import Block, without_enumerator
from policykb.importing.dated import trailing_date
from policykb.importing.official.facts import Facts
from policykb.importing.official.lines import are_issuers, is_furniture, only_date
from policykb.importing.paragraphs import without_space

_PRINTED_ON = re.compile(r"(.{0,40}?)\s*印发")


def read_tail(parts: Sequence[Block], facts: Facts, authority: Authority) -> list[str]:
    """Read signature, date and what is printed under them; returns the paragraphs of the text."""
    footers, persons = (tuple(words()["official"][key]) for key in ("footers", "persons"))
    dates = [i for i, block in enumerate(parts) if i and only_date(block.text) and not parts[i - 1].is_sentence]

    def is_signature(i: int) -> bool:
        return parts[i].text.startswith(persons) or are_issuers(parts[i].text, authority)

    under_names = (i for i in dates if is_signature(i - 1))
    under_lines = (i for i in dates if not without_enumerator(parts[i - 1].text)[0])
    signed = next(under_names, next(under_lines, None))
    out: set[int] = set()
    if signed is not None:
        facts.add("signed", only_date(parts[signed].text), "date under the text", 0.9)
        first = signed
        while first and not parts[first - 1].is_sentence and is_signature(first - 1):
            first -= 1
        if first == signed and is_organ(without_space(parts[first - 1].text)):  # of a place that is not known
            first -= 1
        names = (part.text for part in parts[first:signed] if not part.text.startswith(persons))
        facts.add_issuers("、".join(names), "signature", 0.85, authority)
        out.update(range(first, signed + 1))
    for i, block in enumerate(parts):
        text = block.text
        printed = _PRINTED_ON.fullmatch(text)
        if printed and (days := find_dates(printed[1])) and days[-1][1] == len(printed[1]):
            facts.add("date", days[-1][2], "line of the printing office", 0.5)
            out.add(i)
        elif (
            signed is None
            and not block.is_sentence
            and (end := trailing_date(text))
            and are_issuers(end.rest, authority)
        ):
            facts.add("signed", end.day, "signature", 0.85)
            facts.add_issuers(end.rest, "signature", 0.85, authority)
            out.add(i)
        elif is_furniture(text) or (text.startswith(footers) and len(text) <= 300):
            out.add(i)
    facts.left_out += [parts[i].text for i in sorted(out)]
    return _paragraphs([block for i, block in enumerate(parts) if i not in out])


def _paragraphs(parts: Sequence[Block]) -> list[str]:
    """The text of blocks; rows of one table are put together to a table in Markdown."""
    paragraphs: list[str] = []
    for width, group in groupby(parts, key=lambda block: len(block.cells)):
        rows = list(group)
        if width < 2 or len(rows) < 2:
            paragraphs += [block.text for block in rows]
            continue
        lines = [
            "| " + " | ".join(join_lines(cell.split("\n")).replace("|", "\\|") for cell in row.cells) + " |"
            for row in rows
        ]
        paragraphs.append("\n".join([lines[0], "|" + " --- |" * width, *lines[1:]]))
    return paragraphs
