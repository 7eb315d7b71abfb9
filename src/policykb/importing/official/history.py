"""What was done to a law, as the lines under its title say: adopted, approved, promulgated, amended, revised."""

from __future__ import annotations

import datetime
import re
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from policykb.domain.dates_in_text import find_dates
from policykb.domain.issuers import Authority
from policykb.domain.wording import HAN, NUMBER, clean_number, names_in, split_issuers, words
from policykb.importing.paragraphs import SENTENCE_END, without_space

_LEAD = re.compile(r"[（(\s]*(?:根据|自|[0-9]{1,2}\.)?\s*")
_NUMERAL = "[0-9一二三四五六七八九十百零〇]+"
_TERM = re.compile(rf"第?{_NUMERAL}[届屆]")
_NATION = re.compile("(?:^|(?<=、))中华人民共和国")
_ORGAN_ENDS = re.compile(
    rf"(?:(?:19|20)[0-9]{{2}}年)?(?:度|第{_NUMERAL}[次号號])|令|公告|公布|发布|颁布|批准|通过|修订|修正|修改|訂定|修正|制定"
)
_ORDER = re.compile(r"^(.{2,30}?)第\s*([0-9]{1,5})\s*号令")
_ROC_NUMBER = re.compile(rf"[{HAN}]{{2,12}}字第\s*[0-9A-Z]{{4,14}}\s*[号號]")


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that was done to a law on a day: ``act`` is a word of ``history`` in ``documents.toml``."""

    day: datetime.date
    act: str
    by: str = ""
    number: str = ""

    def as_data(self) -> dict[str, object]:
        """The event as the front matter has it."""
        said = {"date": self.day, "act": self.act, "by": self.by, "number": self.number}
        return {key: value for key, value in said.items() if value}


def is_history(text: str) -> bool:
    """Whether a line under a title begins with a day and says what was done on it, and is no sentence of the text."""
    days = find_dates(text[:80])
    if not days or (SENTENCE_END.search(text) and text[-1] not in "）)"):
        return False
    return bool(_LEAD.fullmatch(text[: days[0][0]])) and (any(True for _event in read_events(text)) or "施行" in text)


def read_events(text: str) -> Iterator[Event]:
    """The events that a bracket, or a line, under a title tells, in its order; those of coming into force are none."""
    days = find_dates(text)
    acts: dict[str, list[str]] = words()["history"]
    for n, (_start, end, day) in enumerate(days):
        said = text[end : days[n + 1][0] if n + 1 < len(days) else len(text)].strip(
            "、，()（）" + string.whitespace + "\u3000"
        )
        names, around = names_in(said)
        act = next((name for name, cues in acts.items() if any(cue in around for cue in cues)), None)
        if act is None and "会议" in around and n + 1 < len(days):  # several organs adopted it, the last one says so
            act = "通过"
        if act:
            number, by = _number_and_organ(said, around)
            if not by and names:
                by = split_issuers(names[-1], _NOBODY)[0]
            yield Event(day, act, by, number)


def issued(events: Sequence[Event]) -> Event | None:
    """The event by which the version at hand was issued: the last one."""
    return max(events, key=lambda event: event.day) if events else None


def _number_and_organ(said: str, around: str) -> tuple[str, str]:
    plain = without_space(around).lstrip("经由")
    if order := _ORDER.match(plain):
        return f"{order[1]}令第{order[2]}号", _organ(order[1])
    found = NUMBER.search(clean_number(said)) or _ROC_NUMBER.search(without_space(said))
    acts = "|".join(cue for cues in words()["history"].values() for cue in cues)
    number = re.sub(rf"^.*(?:{acts})(?=[{HAN}]{{2}})", "", without_space(found[0])) if found else ""
    number = number.removeprefix("中华人民共和国")
    if roc := _ROC_NUMBER.search(number):
        number = re.sub("^.*?[部會会院署局](?=.{1,8}字第)", "", roc[0])
    ends = _ORGAN_ENDS.search(plain)
    by = _organ(plain[: ends.start()]) if ends and ends.start() else ""
    before, listed, last = by.rpartition("、")
    return before + listed + number if listed and number.startswith(last) else number, by


def _organ(text: str) -> str:
    """The name of an organ: that of a congress without its term, that of a court or department without its meeting."""
    name = _NATION.sub("", _TERM.sub("", text)).strip("，、:：")
    for short, full in words()["official"]["organs_in_full"].items():
        name = name.removesuffix(short) + full if name.endswith(short) else name
    for meeting in words()["official"]["meetings"]:
        name = name.removesuffix(meeting)
    return name if 2 <= len(name) <= 40 and not re.search(r"[0-9]", name) else ""


_NOBODY = Authority(())
