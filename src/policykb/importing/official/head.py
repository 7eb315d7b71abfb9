"""The head of an official document: red head, number, title, adoption, addressees."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from policykb.domain.dates_in_text import find_dates
from policykb.domain.issuers import Authority
from policykb.domain.spacing import join_lines
from policykb.domain.wording import (
    HAN,
    NUMBER,
    clean_number,
    is_about,
    is_organ,
    kind_of,
    split_issuers,
    split_number,
    split_organs,
    words,
)
from policykb.importing.blocks import Block, blocks
from policykb.importing.official.facts import Facts, in_full
from policykb.importing.official.history import issued, read_events
from policykb.importing.official.lines import (
    FRONT,
    are_issuers,
    head_line,
    head_names,
    is_addressees,
    only_date,
    run_in,
)
from policykb.importing.paragraphs import Line, without_space
from policykb.mining.life import effective_date

_TITLE_LINES = 6
_RUN_IN = 10  # first lines, in one of which title and text may run on
_HAN_CHAR = re.compile(f"[{HAN}]")
_TIME = re.compile(r"[0-9]{1,2}:[0-9]{2}")
_BODY_BEGINS = re.compile(r"第\s*[一1]\s*[章條条]|[一1]、|（一）|总\s*则$")
_BRACKET_LINES = 12  # over which the history of a law may run


def parts_of(lines: Sequence[Line], authority: Authority) -> list[Block]:
    """The blocks of a document; the lines of its head are kept apart from the text they stand next to."""
    groups: list[list[Line]] = [[]]
    split = [part for n, line in enumerate(lines) for part in (_divided(line, n) if n < FRONT else [line])]
    for i, line in enumerate(_bracketed(split)):
        apart = i < FRONT and head_line(line.text, authority) is not None
        recipients = tuple(words()["official"]["recipients"])
        under_title = i < FRONT and groups[-1] and kind_of(groups[-1][-1].text) and line.text.startswith(recipients)
        if apart or under_title:
            groups.append([])
        groups[-1].append(line)
        if apart or (i < FRONT and is_addressees(line.text, authority)):
            groups.append([])
    return [block for group in groups for block in blocks(group)]


def read_front(parts: Sequence[Block], facts: Facts, authority: Authority) -> int:
    """Read red head, number, title and addressees; returns the index of the first block of the text."""
    runs: list[list[Block]] = [[]]  # of lines that may be a title
    head: list[str] = []
    history: list[str] = []
    called: list[str] = []
    form = ""
    start = 0
    for start, block in enumerate(parts[:FRONT]):
        text = block.text
        role = head_line(text, authority)
        if role == "form" and runs[-1] and runs[-1][-1].text.endswith("的"):
            role = None  # the last word of a title, in a line of its own
        if not role and not _HAN_CHAR.search(text):
            runs.append([])
            continue
        if is_addressees(text, authority):
            while runs[-1] and runs[-1][-1].text.endswith(("、", "，", ",", ";", "；")):
                text = runs[-1].pop().text + text
            facts.add("addressees", text.rstrip("：:"), "before the text", 0.9)
            start += 1
            break
        if role is None:
            if not start and block.is_sentence and len(text) <= 40 and text[-1] in "！!？?":
                called.append(text)  # what a messenger's page calls out above the document
                continue
            if block.is_sentence or len(text) > 200 or _BODY_BEGINS.match(text) or _announces(text):
                break
            if text.endswith(("：", ":")) and len(text) > 8 and any(kind_of(one.text) for run in runs for one in run):
                break  # a list begins the text
            if runs[-1] and (runs[-1][-1].level != block.level or _is_next_title(runs[-1][-1].text, text, authority)):
                runs.append([])
            runs[-1].append(block)
            continue
        runs.append([])
        plain = without_space(text)
        if role in ("red head", "form"):
            issuers = [block.text for block in runs[-2] if are_issuers(block.text, authority)]
            runs[-2] = [block for block in runs[-2] if block.text not in issuers]
            head += [*issuers, head_names(plain)] if role == "red head" else issuers
            form = plain if role == "form" else plain.removeprefix(head_names(plain))
        elif role == "number":
            number = NUMBER.search(clean_number(text))
            whole = number[0] if number else clean_number("".join((*head, form, plain)))
            whole = in_full(whole.removeprefix("中华人民共和国"))
            facts.add("number", whole, "number under the red head" if head else "number in the head", 0.9)
        elif role == "date":
            key, sure = ("signed", 0.85) if plain[0] in "（(" else ("published", 0.5)
            facts.add(key, only_date(text), "under the title", sure)
        elif role == "history":
            history.append(text)
    else:
        # No sentence: a list, or a form. Its title is the first line that can be one, and all under it is text.
        titles = (i for i, block in enumerate(parts[:FRONT]) if kind_of(block.text))
        title = next(titles, None)
        start, runs = (0, []) if title is None else (title + 1, [[parts[title]]])
    told = {*history, *called}  # in the text, too
    facts.left_out += [block.text for block in parts[:start] if block.text not in told]
    facts.opening += [block.text for block in parts[:start] if block.text in told]
    _add_title(runs, facts, authority)
    _add_history("　".join(history), facts, authority)
    facts.add_issuers("、".join(filter(None, head)), "red head", 0.9, authority)
    if form in words()["official"]["forms"]:
        facts.add("kind", kind_of(form) or form, "red head", 0.7)
    return start


def _add_title(runs: Sequence[Sequence[Block]], facts: Facts, authority: Authority) -> None:
    best = ("", 0.0)
    for run in runs:
        for first in range(len(run)):
            for last in range(first + 1, min(first + _TITLE_LINES, len(run)) + 1):
                text = join_lines(line.text for block in run[first:last] for line in block.lines)
                best = max(best, (text, _title_likeness(text, authority)), key=lambda one: one[1])
    if best[1] > 0.3:
        facts.add_title(best[0], "above the text", round(best[1], 2))


def _title_likeness(text: str, authority: Authority) -> float:
    """How sure it is that a text from the head of a document is its whole title and nothing else."""
    too_little = len(_HAN_CHAR.findall(text)) < 4 or are_issuers(text, authority)
    if len(text) > 200 or too_little or text.endswith(("：", ":")):
        return 0.0
    about, kind = is_about(text), kind_of(text)
    likeness = 0.85 if about and kind else 0.75 if kind else 0.6 if about else 0.4
    if NUMBER.search(clean_number(text)) or _TIME.search(text) or text.count("《") != text.count("》"):
        likeness -= 0.3
    if text.startswith("《") and text.endswith("》"):
        likeness -= 0.05  # it may be explained by the document: 《……的通知》解读
    return likeness + (0.02 if split_issuers(text, authority)[0] else 0.0)


def _add_history(text: str, facts: Facts, authority: Authority) -> None:
    """What the lines under the title of a law tell: （2024年1月25日国务院令第775号公布 自2024年5月1日起施行）."""
    events = tuple(read_events(text))
    facts.add("history", tuple(event.as_data() for event in events), "under the title", 0.9)
    if last := issued(events):
        facts.add("signed", last.day, f"under the title: {last.act}", 0.8)
        of_a_place = tuple(words()["official"]["of_a_place"])  # 市人大常委会: of which, another event says, or none
        makers = [one for one in events if one.by and one.act != "批准" and not one.by.startswith(of_a_place)]
        if makers:
            facts.add_issuers(makers[0].by, "under the title", 0.8, authority)
        numbers = [event.number for event in events if event.number]
        facts.add("number", in_full(numbers[-1]) if numbers else None, "under the title", 0.8)
    facts.add("effective", effective_date(text, ()), "under the title", 0.9)


def _announces(text: str) -> bool:
    """Whether a text announces what follows (现将有关事项公告如下：), and is no list of recipients."""
    return text.endswith(("：", ":")) and text[:-1].endswith(tuple(words()["official"]["not_recipients"]))


def _is_next_title(before: str, text: str, authority: Authority) -> bool:
    """Whether a line begins a title of its own after one that is whole: that of the page, or the same once more."""
    if without_space(before).startswith(without_space(text)) and len(text) >= 6:
        return True
    about = tuple(words()["official"]["about"])
    whole = kind_of(before) and before.count("《") == before.count("》") and not before.startswith(about)
    return bool(whole) and (text.startswith(about) or bool(split_issuers(text, authority)[0] or split_organs(text)[0]))


def _divided(line: Line, n: int) -> list[Line]:
    """A line, in several where copies of pages have a title in one line with its number or what goes before or after.

    That is an organ's name, the addressees, the first sentence.
    """
    if line.cells:
        return [line]
    parts = run_in(line.text) if n < _RUN_IN else [line.text]
    title, number = split_number(parts[0])
    if number:  # as it is written, with the brackets around it
        number = parts[0].removeprefix(title) if parts[0].startswith(title) else parts[0].removesuffix(title)
    elif len(parts) == 1 and (first := NUMBER.match(line.text)):
        title, number = line.text[first.end() :].strip(), first[0]
        number = number if is_organ(without_space(title)) else ""
    texts = [number, title, *parts[1:]] if number else parts
    return [replace(line, text=text, gap=line.gap and not n) for n, text in enumerate(texts)]


def _bracketed(lines: Sequence[Line]) -> list[Line]:
    """Lines, those of the head over which a bracket with a date runs as one."""
    result: list[Line] = []
    for i, line in enumerate(lines):
        before = result[-1] if result else None
        near = before and i < FRONT and before.number + _BRACKET_LINES > line.number
        if before and near and before.text.startswith(("（", "(")):
            open_ones = sum(before.text.count(char) for char in "（(") - sum(before.text.count(char) for char in "）)")
            if open_ones > 0 and find_dates(before.text[:30]):
                result[-1] = replace(before, text=f"{before.text}　{line.text}")
                continue
        result.append(line)
    return result
