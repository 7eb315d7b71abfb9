"""One official document -> the draft of an entry: what was found, where, and how sure that is.

Official documents are laid out by GB/T 9704: secrecy and urgency, the red head, the number, the title, the
addressees, the text, the signature, the date, attachments, copies. Pages of government sites have a table of the same
facts, and ``<meta>`` tags. Every place is read; a value found in two places is surer than in one. What is found in none
is missing: nothing is filled in, least of all a date.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from policykb.dates import find_dates
from policykb.errors import SourceError
from policykb.issuers import Authority
from policykb.policy import Policy, entry_id
from policykb.reports.facts import Found, Reading, clean_title, read_heading, read_labels, read_meta
from policykb.reports.layout import Block, blocks, trailing_date, without_number
from policykb.reports.lines import Line, join_lines, visible
from policykb.reports.sources import Source
from policykb.reports.wording import (
    NUMBER,
    clean_name,
    clean_number,
    effective_date,
    is_organ,
    kind_of,
    names_in,
    split_issuers,
    split_organs,
    status_of,
    unwrap,
    words,
)

__all__ = ["WANTED", "Draft", "Found", "read_document"]

WANTED = ("title", "issuers", "number", "signed", "date", "effective", "subject", "kind")

_FIELDS = ("title", "date", "issuers", "issuer_count", "kind", "status", "documents", "number", "effective", "source")
_FRONT = 40  # lines in which title, number and addressees stand
_SERIAL = re.compile(r"[0-9]{6}")
_FORM_NUMBER = re.compile(r"(?:(?:19|20)[0-9]{2}年)?第[0-9]{1,5}号")
_TITLE_LINES = 6
_TIME = re.compile(r"[0-9]{1,2}:[0-9]{2}")
_PRINTED_ON = re.compile(r"(.{0,40}?)\s*印发")
_ADOPTED = re.compile(r"[（(].*(?:通过|公布|发布|修订|修正|施行).*[)）]", re.DOTALL)
_BODY_BEGINS = re.compile(r"第[一1]章|第[一1]条|[一1]、|（一）|总\s*则$")
_PROMULGATED = re.compile(r"(?:现公布|现发布)?《([^《》]+)》.{0,80}?(?:公布|发布|施行)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Draft:
    """What was read from one document.

    ``found`` has title, issuers (canonical names), issuer_count, number, signed (成文日期), date (发布日期), effective,
    kind, status, documents (those that a notice issues), subject (主题分类), index (索引号), validity (有效性),
    addressees and source, each only where it was found. ``missing`` are the keys of ``WANTED`` that were not.
    ``body`` are the paragraphs of the text with its attachments; ``left_out`` are the lines that are in neither.
    """

    found: Mapping[str, Found]
    body: tuple[str, ...]
    left_out: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(key for key in WANTED if key not in self.found)

    def policy(self, **given: Any) -> Policy:
        """The entry, with ``given`` fields of `Policy` in place of those found.

        Raises SourceError when there is neither a title nor a date, without which an entry has no name.
        """
        values = {key: self.found[key].value for key in _FIELDS if key in self.found} | given
        lacking = [key for key in ("title", "date") if not values.get(key)]
        if lacking:
            raise SourceError(f"no {' and no '.join(lacking)} found in the document: give it yourself")
        values.setdefault("issuers", ())
        return Policy(id=entry_id(values["date"], values["title"]), body="\n\n".join(self.body), **values)


def read_document(source: Source, authority: Authority, *, url: str | None = None) -> Draft:
    """Read one official document; it never fails, what is not found is missing. ``url`` is where it comes from."""
    reading = Reading()
    if source.kind in ("html", "markdown"):  # what a PDF or Word file says of itself is that of some older file
        read_meta(source.meta, reading, authority)
    if source.kind == "html":
        read_heading(read_labels(source.dropped, reading, authority), source.lines[0].number, reading)
    lines = [*read_labels(source.lines[:_FRONT], reading, authority), *source.lines[_FRONT:]]
    head = [line for line in lines[:_FRONT] if not _is_furniture(line.text)]
    reading.left_out += [line.text for line in lines[:_FRONT] if _is_furniture(line.text)]
    parts = _parts([*head, *lines[_FRONT:]], authority)
    start = _read_front(parts, reading, authority)
    body = _read_tail(parts[start:], reading, authority)
    _conclude(reading, body, authority)
    if url:
        reading.add("source", url, "given", 1.0)
    return Draft(reading.best(), tuple(body), tuple(reading.left_out))


# ---- The layout: from the top to the addressees


def _parts(lines: Sequence[Line], authority: Authority) -> list[Block]:
    """The blocks of a document; the lines of its head are kept apart from the text they stand next to."""
    groups: list[list[Line]] = [[]]
    for i, line in enumerate(lines):
        apart = i < _FRONT and _head_line(line.text, authority) is not None
        if apart:
            groups.append([])
        groups[-1].append(line)
        if apart or (i < _FRONT and _is_addressees(line.text, authority)):
            groups.append([])
    return [block for group in groups for block in blocks(group)]


def _head_line(text: str, authority: Authority) -> str | None:
    """What a line of a document's head is: serial, level, red head, form, number; None for other lines."""
    official, plain = words()["official"], visible(text)
    if _SERIAL.fullmatch(plain):
        return "serial"
    if plain in official["urgency"] or re.fullmatch(rf"(?:{'|'.join(official['secrecy'])})(?:[★☆*].{{0,8}})?", plain):
        return "level"
    if plain in official["forms"]:
        return "form"
    if _only_date(text):
        return "date"
    number = NUMBER.search(clean_number(text))
    if _FORM_NUMBER.fullmatch(plain) or (number and len(plain) <= len(visible(number[0])) + 12 and "《" not in plain):
        return "number"
    if plain == "文件" or (
        plain.endswith(("文件", *official["forms"])) and _are_issuers(_head_names(plain), authority)
    ):
        return "red head"
    return None


def _head_names(plain: str) -> str:
    return re.sub(rf"(?:文件|{'|'.join(words()['official']['forms'])})$", "", plain)


def _are_issuers(text: str, authority: Authority) -> bool:
    names = authority.split(text) if 0 < len(text) <= 200 else []
    return bool(names) and all(map(authority.get, names))


def _is_addressees(text: str, authority: Authority) -> bool:
    """Whether a text is, or ends, the list of recipients: 各省、自治区、直辖市人民政府："""
    official = words()["official"]
    list_ = text.strip().removesuffix("：").removesuffix(":")
    if list_ == text.strip() or len(list_) > 400 or list_.endswith(tuple(official["not_recipients"])):
        return False
    return list_.startswith(tuple(official["recipients"])) or any(map(authority.get, authority.split(list_)[:3]))


def _read_front(parts: Sequence[Block], reading: Reading, authority: Authority) -> int:
    """Read red head, number, title and addressees; returns the index of the first block of the text."""
    runs: list[list[Block]] = [[]]  # of lines that may be a title
    head: list[str] = []
    form = ""
    start = 0
    for start, block in enumerate(parts[:_FRONT]):
        text = block.text
        role = _head_line(text, authority)
        if _is_addressees(text, authority):
            while runs[-1] and runs[-1][-1].text.endswith(("、", "，", ",", ";", "；")):
                text = runs[-1].pop().text + text
            reading.add("addressees", text.rstrip("：:"), "before the text", 0.9)
            start += 1
            break
        if (
            role is None
            and (block.is_sentence or len(text) > 200 or _BODY_BEGINS.match(text))
            and not _ADOPTED.fullmatch(text)
        ):
            break
        if role is None and not _ADOPTED.fullmatch(text):
            if runs[-1] and runs[-1][-1].level != block.level:
                runs.append([])
            runs[-1].append(block)
            continue
        runs.append([])
        plain = visible(text)
        if role in ("red head", "form"):
            issuers = [block.text for block in runs[-2] if _are_issuers(block.text, authority)]
            runs[-2] = [block for block in runs[-2] if block.text not in issuers]
            head += [*issuers, _head_names(plain)] if role == "red head" else issuers
            form = plain if role == "form" else plain.removeprefix(_head_names(plain))
        elif role == "number":
            number = NUMBER.search(clean_number(text))
            whole = number[0] if number else "".join((*head, form, plain)).removeprefix("中华人民共和国")
            reading.add("number", whole, "number under the red head" if head else "number in the head", 0.9)
        elif role == "date":
            key, sure = ("signed", 0.85) if plain[0] in "（(" else ("date", 0.5)
            reading.add(key, _only_date(text), "under the title", sure)
        elif role is None:
            _read_adoption(text, reading)
    else:
        # No sentence: a list, or a form. Its title is the first line that can be one, and all under it is text.
        titles = (i for i, block in enumerate(parts[:_FRONT]) if kind_of(block.text))
        title = next(titles, None)
        start, runs = (0, []) if title is None else (title + 1, [[parts[title]]])
    reading.left_out += [block.text for block in parts[:start]]
    _add_title(runs, reading, authority)
    reading.add_issuers("、".join(filter(None, head)), "red head", 0.9, authority)
    if form in words()["official"]["forms"]:
        reading.add("kind", kind_of(form) or form, "red head", 0.7)
    return start


def _add_title(runs: Sequence[Sequence[Block]], reading: Reading, authority: Authority) -> None:
    best = ("", 0.0)
    for run in runs:
        for first in range(len(run)):
            for last in range(first + 1, min(first + _TITLE_LINES, len(run)) + 1):
                text = join_lines(line.text for block in run[first:last] for line in block.lines)
                best = max(best, (text, _title_likeness(text, authority)), key=lambda one: one[1])
    if best[1] > 0.3:
        reading.add("title", clean_title(best[0]), "above the text", round(best[1], 2))


def _title_likeness(text: str, authority: Authority) -> float:
    """How sure it is that a text from the head of a document is its whole title and nothing else."""
    if not 3 < len(text) <= 200:
        return 0.0
    about, kind = "关于" in text, kind_of(text)
    likeness = 0.85 if about and kind else 0.75 if kind else 0.6 if about else 0.4
    if NUMBER.search(clean_number(text)) or _TIME.search(text) or text.count("《") != text.count("》"):
        likeness -= 0.3
    return likeness + (0.02 if split_issuers(text, authority)[0] else 0.0)


def _read_adoption(text: str, reading: Reading) -> None:
    """The line in brackets under the title of a law: （2024年1月25日国务院令第775号公布 自2024年5月1日起施行）."""
    days = find_dates(text)
    for n, (_, end, day) in enumerate(days):
        said = text[end : days[n + 1][0] if n + 1 < len(days) else len(text)]
        if "公布" in said or "发布" in said:
            reading.add("date", day, "line under the title", 0.75)
            if number := NUMBER.search(clean_number(said)):
                reading.add("number", number[0], "line under the title", 0.7)
    reading.add("effective", effective_date(text, ()), "line under the title", 0.9)


# ---- The layout: from the text to the end


def _read_tail(parts: Sequence[Block], reading: Reading, authority: Authority) -> list[str]:
    """Read signature, date and what is printed under them; returns the paragraphs of the text."""
    footers, persons = (tuple(words()["official"][key]) for key in ("footers", "persons"))
    dates = [i for i, block in enumerate(parts) if i and _only_date(block.text) and not parts[i - 1].is_sentence]

    def is_signature(i: int) -> bool:
        return parts[i].text.startswith(persons) or _are_issuers(parts[i].text, authority)

    under_names = (i for i in dates if is_signature(i - 1))
    under_lines = (i for i in dates if not without_number(parts[i - 1].text)[0])
    signed = next(under_names, next(under_lines, None))
    out: set[int] = set()
    if signed is not None:
        reading.add("signed", _only_date(parts[signed].text), "date under the text", 0.9)
        first = signed
        while first and not parts[first - 1].is_sentence and is_signature(first - 1):
            first -= 1
        if first == signed and is_organ(visible(parts[first - 1].text)):  # of a place that the authority does not know
            first -= 1
        names = (part.text for part in parts[first:signed] if not part.text.startswith(persons))
        reading.add_issuers("、".join(names), "signature", 0.85, authority)
        out.update(range(first, signed + 1))
    for i, block in enumerate(parts):
        text = block.text
        printed = _PRINTED_ON.fullmatch(text)
        if printed and (days := find_dates(printed[1])) and days[-1][1] == len(printed[1]):
            reading.add("date", days[-1][2], "line of the printing office", 0.5)
            out.add(i)
        elif (
            signed is None
            and not block.is_sentence
            and (end := trailing_date(text))
            and _are_issuers(end.rest, authority)
        ):
            reading.add("signed", end.day, "signature", 0.85)
            reading.add_issuers(end.rest, "signature", 0.85, authority)
            out.add(i)
        elif _is_furniture(text) or (text.startswith(footers) and len(text) <= 300):
            out.add(i)
    reading.left_out += [parts[i].text for i in sorted(out)]
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


def _is_furniture(text: str) -> bool:
    """Whether a line is made of a page's buttons (打印 关闭), or says who edited the page."""
    official = words()["official"]
    tokens = re.split(r"[\s【】\[\]（）()|｜/：:]+", text)
    buttons = len(text) <= 40 and all(token in official["buttons"] for token in tokens if token)
    return buttons or (len(text) <= 60 and text.startswith(tuple(official["credits"])))


def _only_date(text: str) -> datetime.date | None:
    days = find_dates(text) if len(text) <= 40 else []
    around = visible(text[: days[0][0]] + text[days[0][1] :]) if len(days) == 1 else "-"
    return days[0][2] if around in ("", "（）", "()") else None


def _conclude(reading: Reading, body: Sequence[str], authority: Authority) -> None:
    """What follows from the title, and from the text as a whole."""
    if "title" not in reading.candidates and body and (promulgated := _PROMULGATED.match(body[0])):
        reading.add("title", promulgated[1], "first sentence", 0.8)
    found = reading.best()
    names: list[str] = []
    if title := found.get("title"):
        before, rest = split_issuers(title.value, authority)
        if not before:
            before, rest = split_organs(title.value)
        if before:
            reading.add_issuers(before, "title", 0.85, authority)
        issued, notice = unwrap(rest)
        documents = tuple(clean_name(name) for name in issued) if notice else ()
        names = [rest, *documents, *names_in(rest)[0]]
        reading.add("documents", documents, "title", 0.9)
        issuers = reading.best().get("issuers")
        kind = kind_of(rest, issuers.value if issuers else ())
        reading.add("kind", kind, "title", 0.95)
        reading.add("status", status_of(title.value), "title", title.confidence)
    signed = found.get("signed")
    if signed and not any(one.confidence >= 0.7 for one in reading.candidates.get("date", ())):
        where = f"{signed.where}; no date of publication found"
        reading.add("date", signed.value, where, round(0.6 * signed.confidence, 2))
    issued_on = reading.best().get("date")
    day = effective_date("\n".join(body), names, issued_on.value if issued_on else None)
    reading.add("effective", day, "text", 0.9)
