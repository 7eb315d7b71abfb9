"""Where a text names documents: 《…》 in all their nesting, and numbers (国办发〔2024〕39号), each with its place."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import NamedTuple

from policykb.domain.relation import relation_words
from policykb.domain.wording import HAN, clean_name, clean_number, kind_of, split_organs
from policykb.text.fold import letters

_NAME = re.compile(r"《((?:[^《》]|《[^《》]{0,200}》){1,300}?)》")
# (国办发〔2024〕39号), also with a word before it or a second number behind it
_BEHIND = re.compile(
    r"\s*[（(【]([^（()）\n]{0,120}?[（(]?(?:19|20)[0-9]{2}[）)][^（()）\n]{0,40}号[^（()）\n]{0,40}|[^（()）\n]{0,120})[）)】]"
)
# ends of numbers; what stands before them is found backwards, since Han text has no word boundaries
_ISSUED = re.compile(r"[〔\[（(【]\s?(?:19|20)[0-9]{2}\s?[〕\]）)】]\s?第?\s?[0-9]{1,5}\s?号")
_ORDER = re.compile(r"(?:令|公告|通告)\s?(?:[（(]?(?:19|20)[0-9]{2}\s?年[）)]?\s?)?第?\s?[0-9]{1,5}\s?号")
_ISSUED_AS = re.compile(r"(?:公布|发布|印发|颁布)(?:施行)?的(?=《)")
# (…, 以下简称《办法》): what the document is called from there on
_ALIAS = re.compile(
    r"\s*[（(](?:[^（()）\n]|[（(][^（()）\n]*[）)]){0,140}?(?:简称|下称|统称)[为：:]?\s*[“\"《「]?([^”\"》」）)\n]{1,40})"
)
# alone, or in a list: (以下分别简称《甲》、《乙》)
_CALLED = re.compile(r"(?:简称|下称|统称)[为：:]?\s*(?:《[^《》]{1,40}》[、，和及与]*)*$")
_STAGE = re.compile(r"[（(](征求意见稿|试行|暂行|草案|送审稿)[）)]")
_ISSUE = re.compile(r"\s*(?:公布|发布|颁布|修订|修正)(?!的)")  # what the text itself was issued by
# a standard's number (GB/T 32151.1—2015), before its name or in brackets behind it; alone where its place is taken
_STANDARD = re.compile(
    r"(?<![A-Z])(?:[A-Z]{2,4}[0-9]{0,2}(?:/[A-Z])?)\s?[0-9]+(?:\.[0-9]+)*\s?[-—–－]\s?(?:19|20)?[0-9]{2}(?![0-9])"
)
_CLAUSE_BEGINS = re.compile("[，。；：\n]")
_LISTED_NAMES = re.compile(r"(?:《[^《》]*》(?:[（(][^（()）]*[）)])?[、和及与]*)+$")
_AND = re.compile(r"[\s、，,和及]*")
_OPENS = re.compile(r"\s*[（(]\s*")
# (附件2), (格式见附表)
_ATTACHED = re.compile(
    r"\s*[（(](?:格式)?详?见?附[件表录]?\s?[0-9一二三四五六七八九十]*(?:-[0-9]+)?(?:[，,；;][^（()）\n]*)?[）)]"
    r"|详?见附[件表录]"
)
_REMARKS = re.compile(r"(?:[（(][^（()）]*[）)])+$")
_HAN_BEFORE = re.compile(rf"[{HAN}]{{1,20}}$")
_STATE = "中华人民共和国"
# what joins names to a list that one cue speaks of
_JOINS = re.compile(
    r"(?:[\s、，,和与及等]|以及|并|及其实施(?:条例|细则|办法)(?=[、和])|[（(](?:[^（()）]|[（(][^（()）]*[）)]){0,120}[）)]|〔[^〔〕]{0,40}〕|第[一二三四五六七八九十百零〇0-9、]{1,9}[条款项](?=、))*"
)


class Citation(NamedTuple):
    """A document that is named in ``text[start:end]``: by ``name``, by ``number``, or by both."""

    start: int
    end: int
    name: str
    number: str = ""


def citations(text: str) -> list[Citation]:
    """All documents that a text names, in order; names that are no documents' (证书) are left out."""
    found: list[Citation] = []
    for match in _NAME.finditer(text):
        name = _closed(clean_name(match[1])) if any(char >= "\u3400" for char in match[1]) else ""
        if name and not _CALLED.search(text, max(0, match.start() - 200), match.start()):
            end, number = match.end(), ""
            if stage := _STAGE.match(text, end):  # 《甲办法》（征求意见稿）
                end, name = stage.end(), f"{name}（{stage[1]}）"
            if (behind := _BEHIND.match(text, end)) and (numbers := list(_numbers(behind[1]))):
                end, number = behind.end(), numbers[0][2]
            start = match.start()
            if not number and (standard := _standard(text, start, end)):
                (start, end), number = standard.span(), clean_number(standard[0])
                start, end = min(start, match.start()), max(end, match.end())
            is_one = is_document(name) or _is_followed(text, start, name)
            if number or is_one and not _is_own_sheet(text, start, end, name):
                found.append(Citation(start, end, name, number))
    found = sorted([*found, *_replaced_standards(text, found)])
    if "号" in text:
        taken = [(one.start, one.end) for one in found]
        spans = _NAME.sub(lambda match: " " * len(match[0]), text)
        for start, end, number in _numbers(spans):
            if any(first <= start < last for first, last in taken) or _ISSUE.match(text, end):
                continue
            named = _ISSUED_AS.match(text, end)
            if named is None or not any(one.start == named.end() for one in found):
                found.append(Citation(start, end, "", number))
            else:  # 国务院令第1号公布的《X》
                found = [
                    one._replace(number=one.number or number) if one.start == named.end() else one for one in found
                ]
        found.sort()
    return found


def names_together(text: str) -> Iterator[list[Citation]]:
    """Names that stand in a list: 《A》《B》和《C》."""
    run: list[Citation] = []
    for one in citations(text):
        if run and not (_JOINS.fullmatch(text, run[-1].end, one.start) and "\n" not in text[run[-1].end : one.start]):
            yield run
            run = []
        run.append(one)
    if run:
        yield run


def alias(text: str, one: Citation) -> str:
    """What a text calls a document from its citation on, '' where it says nothing of that."""
    named = _NAME.match(text, one.start)
    found = _ALIAS.match(text, named.end() if named else one.end)
    return found[1] if found else ""


def is_document(name: str) -> bool:
    """Whether what stands in 《》 can be a document: no certificate, form, newspaper, song."""
    names = relation_words()["names"]
    if name.endswith(tuple(names["no_documents"])):
        return False
    plain, ends = _REMARKS.sub("", name), tuple(names["document_ends"])
    return "关于" in name or kind_of(name) is not None or plain.endswith(ends) or plain.split(" ")[0].endswith(ends)


def _replaced_standards(text: str, found: list[Citation]) -> Iterator[Citation]:
    """Standards without a name whose place is taken: 代替 GB 3095-2012."""
    for cue in re.finditer("|".join(relation_words()["cues"]["replaces"]["before"]), text):
        at = _AND.match(text, cue.end())
        while at and (alone := _STANDARD.match(text, at.end())):
            if not any(one.start <= alone.start() < one.end for one in found):
                yield Citation(*alone.span(), "", clean_number(alone[0]))
            at = _AND.match(text, alone.end())


def _standard(text: str, start: int, end: int) -> re.Match[str] | None:
    """The number of the standard that is named in ``text[start:end]``."""
    before = [
        match for match in _STANDARD.finditer(text, max(start - 24, 0), start) if not text[match.end() : start].strip()
    ]
    if before:
        return before[-1]
    bracket = _OPENS.match(text, end)
    return _STANDARD.match(text, bracket.end()) if bracket else None


def _is_followed(text: str, start: int, name: str) -> bool:
    """Whether a name of no kind is that of a document all the same, since one acts on it: 落实《中国制造2025》."""
    if name.endswith(tuple(relation_words()["names"]["no_documents"])):
        return False
    clause = _CLAUSE_BEGINS.split(text[max(0, start - 80) : start])[-1]
    before = _LISTED_NAMES.sub("", clause)
    return before.endswith(_followed())


def _followed() -> tuple[str, ...]:
    cues = relation_words()["cues"]
    return tuple(cues["implements"]["before"] + [word for word in cues["basis"]["before"] if len(word) > 1])


def _is_own_sheet(text: str, start: int, end: int, name: str) -> bool:
    """Whether a name is that of what hangs on the document itself (附件2), or of a form that is handed over."""
    if _ATTACHED.match(text, end):
        return "关于" not in name or not split_organs(name)[0]
    names = relation_words()["names"]
    before = re.sub("[的了]$", "", text[max(0, start - 6) : start])
    return (
        "关于" not in name and before.endswith(tuple(names["handed"])) and not name.endswith(tuple(names["treaties"]))
    )


def generic(name: str) -> str:
    """The letters of a name that is only that of a kind (《建议（讨论稿）》): it stands for one named before."""
    plain = letters(_REMARKS.sub("", name))
    return plain if len(plain) <= 6 and plain in _generic() else ""


def _generic() -> frozenset[str]:
    names = relation_words()["names"]
    return frozenset(before + kind for kind in names["kinds"] for before in ("", *names["before_kinds"]))


def _numbers(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and printed form of each number in a text."""
    for pattern in (_ISSUED, _ORDER):
        for match in pattern.finditer(text):
            before = _HAN_BEFORE.search(text, max(0, match.start() - 20), match.start())
            head = _cut(before[0]) if before else ""
            if before and text[before.start() - 1 : before.start()].isdigit():  # 10月8日某省人民政府令第310号
                head = re.sub("^[年月日]", "", head)
            if pattern is _ISSUED and len(head) < 2:
                continue
            if head or pattern is _ISSUED:
                start = match.start() - len(head)
                yield start, match.end(), clean_number(text[start : match.end()])


def _closed(name: str) -> str:
    """A name up to a 〉 that nothing opens, as 〈关于征求《甲〉意见的公告》 leaves it: 甲."""
    depth = itertools.accumulate({"〈": 1, "〉": -1}.get(char, 0) for char in name)
    return name[: next((at for at, level in enumerate(depth) if level < 0), len(name))]


def _cut(before: str) -> str:
    """The part of a run of Han characters that belongs to the number behind it."""
    if _STATE in before:
        return before[before.index(_STATE) :]
    names = relation_words()["names"]
    plain = before
    for joined in names["joined"]:
        if joined in plain:
            plain = plain.replace(joined, "一" * len(joined))
    cut = max((plain.rfind(word) + len(word) for word in names["before_numbers"] if word in plain), default=0)
    return before[cut:]
