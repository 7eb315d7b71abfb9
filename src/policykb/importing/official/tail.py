"""The end of an official document: who signed it, and when."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from policykb.domain.dates_in_text import find_dates
from policykb.domain.issuers import Authority
from policykb.domain.spacing import join_lines
from policykb.domain.wording import apart, begins_with_place, is_organ, kind_of, words
from policykb.importing.blocks import Block, without_enumerator
from policykb.importing.dated import trailing_date
from policykb.importing.official.facts import Facts
from policykb.importing.official.lines import are_issuers, is_furniture, only_date
from policykb.importing.paragraphs import SENTENCE_END, without_space

_LENT = re.compile(r"[（(][^（）()]{2,40}代章[）)]$")  # another organ's seal: 甲市乙小组办公室（甲市丙局代章）
_PRINTED_ON = re.compile(r"(.{0,40}?)\s*印发")


def read_tail(parts: Sequence[Block], facts: Facts, authority: Authority) -> list[str]:
    """Read signature, date and what is printed under them; returns the paragraphs of the text."""
    footers, persons = (tuple(words()["official"][key]) for key in ("footers", "persons"))
    all_dates = [i for i, block in enumerate(parts) if i and only_date(block.text)]
    dates = [i for i in all_dates if not parts[i - 1].is_sentence]

    def is_signature(i: int) -> bool:
        """A department, be it of a place that is not known, or a minister by title and name."""
        text = _unsealed(parts[i].text)
        return (
            not text
            or bool(without_space(text).startswith(persons) or _signer(text, persons))
            or are_issuers(text, authority)
            or (not parts[i].is_sentence and all(map(is_organ, _names(text))))
        )

    under_names = (i for i in dates if is_signature(i - 1))
    under_lines = (i for i in dates if not without_enumerator(parts[i - 1].text)[0])
    alone = (  # no signature above it
        i
        for i in all_dates
        if i + 1 == len(parts) or _is_attached(parts[i + 1].text) or parts[i + 1].text.startswith(footers)
    )
    signed = next(under_names, next(under_lines, next(alone, None)))
    out: set[int] = set()
    if signed is not None:
        facts.add("signed", only_date(parts[signed].text), "date under the text", 0.9)
        first = signed
        while first and not parts[first - 1].is_sentence and is_signature(first - 1):
            first -= 1
        written = [part.text for part in parts[first:signed]]
        if written and first and (begun := _begun(parts[first - 1], written[0])):
            first, written[0] = first - 1, begun
        names = [_signer(text, persons) or text for text in written if not text.startswith(persons)]
        facts.add_issuers("、".join(_signatories(names, authority)), "signature", 0.85, authority)
        out.update(range(first, signed + 1))
    last = len(parts)  # names under the last sentence, and no day
    while last > 1 and not parts[last - 1].is_sentence and not parts[last - 1].cells and is_signature(last - 1):
        last -= 1
    if signed is None and 0 < last < len(parts) and parts[last - 1].is_sentence:
        names = [part.text for part in parts[last:]]
        facts.add_issuers("、".join(_signatories(names, authority)), "signature without a date", 0.7, authority)
        out.update(range(last, len(parts)))
    for i, block in enumerate(parts):
        text = block.text
        printed = _PRINTED_ON.fullmatch(text)
        if printed and (days := find_dates(printed[1])) and days[-1][1] == len(printed[1]):
            facts.add("published", days[-1][2], "line of the printing office", 0.5)
            out.add(i)
        elif (
            signed is None
            and not block.is_sentence
            and (end := trailing_date(text))
            and (are_issuers(end.rest, authority) or is_organ(without_space(end.rest)))
        ):
            facts.add("signed", end.day, "signature", 0.85)
            facts.add_issuers(end.rest, "signature", 0.85, authority)
            out.add(i)
        elif is_furniture(text) or (text.startswith(footers) and len(text) <= 300):
            out.add(i)
    facts.left_out += [parts[i].text for i in sorted(out)]
    return _paragraphs([block for i, block in enumerate(parts) if i not in out])


def _unsealed(text: str) -> str:
    """A signature without what says that it is sealed: 甲市财政局（盖章）."""
    official = words()["official"]
    seal = next((seal for seal in (*official["sealed"], *official["sealed_for"]) if text.endswith(seal)), "")
    return _LENT.sub("", text.removesuffix(seal)).rstrip()


def _signatories(names: Sequence[str], authority: Authority) -> list[str]:
    """The names in signatures; who only lends its seal, below the name of who signs, is none."""
    official = words()["official"]
    own = [name for name in names if not name.endswith(tuple(official["sealed_for"]))]
    result: list[str] = []
    for name in filter(None, map(_unsealed, own or names)):
        above = apart(result[-1]).rpartition("、")[2] if result else ""
        if authority.get(above) and len(name) <= 10 and name.endswith(tuple(official["branches"])):
            result[-1] += name  # 国家金融监督管理总局, 甲监管分局
        else:
            result.append(name)
    return result


def _begun(above: Block, name: str) -> str:
    """A name that begins in the line above and with a place, whole; empty where the line above begins none."""
    whole = without_space(above.text + name)
    begins = not above.is_sentence and len(above.text) <= 30 and not above.cells and not is_organ(above.text)
    return whole if begins and begins_with_place(above.text) and is_organ(_unsealed(whole)) else ""


def _names(text: str) -> list[str]:
    """The departments that a line of a signature may name."""
    return [
        without_space(name)
        for name in re.split(r"[、，,]|\s{2,}|\u3000+|(?<=[部会局院厅委府室行心]) ", apart(text))
        if name.strip()
    ]


def _signer(text: str, persons: Sequence[str]) -> str:
    """The department of a minister who signs by title and name: 生态环境部部长　张某某."""
    match = re.fullmatch(
        rf"(\S{{2,20}}?(?:部|会|局|署|院|行|厅|府|室|委))(?:{'|'.join(persons)})[：:\s]*\S{{2,4}}(?:\s\S)?",
        text.strip(),
    )
    return match[1] if match else ""


def _is_attached(text: str) -> bool:
    """Whether a line after the date of a document begins what is attached to it."""
    return len(text) <= 60 and not SENTENCE_END.search(text) and bool(kind_of(text) or text.startswith("附"))


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
