"""The facts that a file states about the document in it: tags, front matter, the table of a government page.

A `Facts` collects them, and what the head, the tail and the text state, by key; each with its place and how sure it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from policykb.domain.dates_in_text import find_dates
from policykb.domain.issuers import Authority
from policykb.domain.spacing import join_lines
from policykb.domain.wording import NUMBER, apart, clean_number, is_about, kind_of, split_number, words
from policykb.importing.labels import label_key, labelled_values
from policykb.importing.paragraphs import Line, without_space

_SITE_IN_TITLE = re.compile(r"\s*[_|｜-]+\s*(?:[^_|｜-]{2,30})?$")
_HOUR = re.compile(r"(?<=[0-9]{4}-[0-9]{2}-[0-9]{2})(?=[0-9]{1,2}[:：][0-9]{2})")  # 2024-01-0509:30
_SIGNED = re.compile("red head|signature")  # a title may shorten names
_ADDED = re.compile(r"^【[^【】]{2,10}】\s*|\s*[（(][^（）()]{4,20}(?:起施行|起实施|起执行)[）)]$")
_VERSION = re.compile(r"\s*[（(](?:19|20)[0-9]{2}\s*年?(?:第[一二三四五]次)?(?:修订|修正|修改|公布)?[）)]$")
_OTHER_LABEL = re.compile(r"[^\s：:]{2,8}[：:]\s*\S")
_INFO_LINE = re.compile(
    r"\s*(?:发布时间[：:])?\s*(?P<date>[0-9]{4}[-年/.][0-9]{1,2}[-月/.][0-9]{1,2}日?)[^。]{0,20}来源[：:]"
)


@dataclass(frozen=True, slots=True)
class Found:
    """A value, the place it was read in (for the user), and the chance that it is right, 0 to 1."""

    value: Any
    where: str
    confidence: float


@dataclass(slots=True)
class Facts:
    """The values found so far, by key; the lines that are used up, and those of the head that stay in the text."""

    candidates: dict[str, list[Found]] = field(default_factory=dict)
    opening: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def add(self, key: str, value: Any, where: str, confidence: float) -> None:
        """Add a value, unless it is empty."""
        if value not in (None, "", ()):
            self.candidates.setdefault(key, []).append(Found(value, where, confidence))

    def add_title(self, text: str, where: str, confidence: float) -> None:
        """Add a title, and the number that stands in one line with it."""
        title, number = split_number(clean_title(text))
        self.add("title", clean_title(title), where, confidence)
        self.add("number", number, where, min(confidence, 0.8))

    def add_issuers(self, text: str, where: str, confidence: float, authority: Authority) -> None:
        """Add the departments of a written list, and their stated total; less surely where none of them is known."""
        signatories = authority.resolve_all(text if authority.get(text) else apart(text))
        known = any(map(authority.get, signatories.issuers))
        self.add("issuers", signatories.issuers, where, confidence if known else confidence - 0.3)
        self.add("issuer_count", signatories.count, where, confidence)

    def best(self) -> dict[str, Found]:
        """The surest value of each key."""
        best = {key: _best(found) for key, found in self.candidates.items()}
        if "issuers" in best:
            best["issuers"] = _united(best["issuers"], self.candidates["issuers"])
        return best


def clean_title(text: str) -> str:
    """A title as it is printed, but for brackets around the whole of it and what pages add to it.

    They add a heading in 【】 before it, and behind it from when it is in force; behind a law the year of a version.
    """
    text = _ADDED.sub("", join_lines(text.split("\n")))
    law = _VERSION.sub("", text)
    if law != text and kind_of(law) in words()["official"]["versions"]:
        text = law
    return text[1:-1] if text.startswith("《") and text.find("》") == len(text) - 1 else text


def in_full(number: str) -> str:
    """A number with its department's name in full: 国令第707号 is 国务院令第707号."""
    short: dict[str, str] = words()["official"]["orders"]
    return next((full + number[len(begin) :] for begin, full in short.items() if number.startswith(begin)), number)


def read_meta(meta: Mapping[str, str], facts: Facts, authority: Authority, *, by_hand: bool = False) -> None:
    """Read the tags of a web page, or the front matter of Markdown, which somebody wrote ``by_hand``."""
    for name, value in meta.items():
        if label := label_key(name):
            _add_value(facts, label, value, f"front matter: {name}", 0.95, authority)
    for key, names in words()["meta"].items():
        for rank, name in enumerate(names):
            if written := meta.get(name):
                title = (
                    name in ("title", "og:title") and not by_hand
                )  # with the site's name after it, and cut off where it is long
                value = _SITE_IN_TITLE.sub("", written) if title else written
                _add_value(facts, key, value, f"meta {name}", 0.4 if title else 0.9 - 0.05 * rank, authority)
                break


def read_page_heading(around: Sequence[Line], before: int, facts: Facts) -> None:
    """Read the title that stands above the article of a page, as its heading or as any line."""
    headings = [line for line in around if line.level == 1]
    likely = [line for line in around if line.number < before and is_about(line.text) and kind_of(line.text)]
    if headings:
        facts.add_title(headings[0].text, "heading of the page", 0.85)
    elif likely and len(likely[-1].text) <= 200:
        facts.add_title(likely[-1].text, "above the article", 0.7)


def read_labels(lines: Iterable[Line], facts: Facts, authority: Authority) -> list[Line]:
    """Read the table of facts among some lines; returns the other lines."""
    others: list[Line] = []
    run: list[Line] = []
    for line in (*lines, None):
        if line is not None and (any(_pairs(line)) or _label_alone(line) or (run and _label_alone(run[-1]))):
            run.append(line)
            continue
        if _is_table(run):
            _read_table(run, facts, authority)
        else:
            others += run
        run = []
        if line is None:
            break
        if info := _INFO_LINE.match(line.text):
            _add_value(facts, "date", info["date"], "line under the title", 0.85, authority)
            facts.left_out.append(line.text)
        else:
            others.append(line)
    return others


def _best(found: Sequence[Found]) -> Found:
    """The surest value; each further place that has it makes it surer."""
    groups: dict[str, list[Found]] = {}
    for one in found:
        groups.setdefault(re.sub(r"[\s《》〈〉<>（）()]", "", str(one.value)), []).append(one)

    def sureness(group: list[Found]) -> float:
        doubt = 1.0
        for one in group:
            doubt *= 1 - one.confidence
        return 1 - doubt

    group = max(groups.values(), key=sureness)
    first = max(group, key=lambda one: one.confidence)
    where = "; ".join(dict.fromkeys(one.where for one in group))
    return Found(first.value, where, round(min(sureness(group), 0.99), 2) if len(group) > 1 else first.confidence)


def _united(best: Found, found: Sequence[Found]) -> Found:
    """The departments of the surest place, with those that a place nearly as sure names beside all of them."""
    for one in found:
        more = set(one.value) > set(best.value)
        if not more and _SIGNED.search(one.where) and _SIGNED.search(best.where):  # two lists of those who sign
            more = bool(set(best.value) & set(one.value)) and not set(one.value) <= set(best.value)
        if more and one.confidence >= best.confidence - 0.5:
            all_of_them = one.value if set(one.value) > set(best.value) else (*best.value, *one.value)
            value = tuple(dict.fromkeys(all_of_them))
            best = Found(value, f"{best.where}; {one.where}", min(best.confidence, 0.9))
    return best


def _add_value(facts: Facts, key: str, value: str, where: str, confidence: float, authority: Authority) -> None:
    """Add a value that a table or tag states, if it is one of the key's kind."""
    value = join_lines(value.split("\n"))
    if value.strip("-—/. ") in words()["official"]["nothing"]:
        return
    key = "published" if key == "date" else key
    if key in ("published", "signed", "effective", "expires"):
        days = find_dates(_HOUR.sub(" ", value))
        if days and days[0][0] < 3:
            facts.add(key, days[0][2], where, confidence)
    elif key in ("issuers", "publisher"):  # the site that publishes a document need not have issued it
        facts.add_issuers(value, where, confidence if key == "issuers" else 0.5, authority)
    elif key == "number":
        number = clean_number(value)
        number = whole[0] if (whole := NUMBER.match(number)) else number  # and not the next label of the line
        number = in_full(number)
        facts.add(key, number, where, confidence if NUMBER.search(number) else 0.5)
    elif key == "title" and len(value) > 3:
        facts.add_title(value, where, confidence)
    elif key in ("subject", "index", "validity"):
        facts.add(key, value, where, confidence)


def _is_table(run: Sequence[Line]) -> bool:
    """Whether lines with labels are a table of facts, and not lines of the text that look like it."""
    strong = words()["official"]["strong"]
    return any(
        len({key for key, _ in _pairs(line)}) > 1 or any(label in without_space(line.text) for label in strong)
        for line in run
    )


def _read_table(run: Sequence[Line], facts: Facts, authority: Authority) -> None:
    for n, line in enumerate(run):
        before = _label_alone(run[n - 1]) if n else None
        pairs = (
            [(before, line.text)]
            if before and not any(_pairs(line)) and not _OTHER_LABEL.match(line.text)
            else _pairs(line)
        )
        for key, value in pairs:
            _add_value(facts, key, value, "table of the page", 0.95, authority)
        facts.left_out.append(line.text)


def _label_alone(line: Line) -> str | None:
    """The key of a line that is a label and nothing else; its value is the next line."""
    return label_key(line.text) if line.text.endswith(("：", ":")) and not line.cells else None


def _pairs(line: Line) -> Iterator[tuple[str, str]]:
    """The labelled values of a line: in neighbouring cells, or after colons."""
    if not line.cells:
        yield from labelled_values(line.text)
        return
    for n, cell in enumerate(line.cells):
        following = line.cells[n + 1] if n + 1 < len(line.cells) else ""
        if (key := label_key(cell)) and following and not label_key(following):
            yield key, following
        elif not label_key(cell) and (n == 0 or not label_key(line.cells[n - 1])):
            yield from labelled_values(cell)
