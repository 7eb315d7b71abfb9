"""What a single line of an official document is: a date, a number, signatures, an addressee, furniture."""

from __future__ import annotations

import datetime
import re
from functools import cache

from policykb.domain.dates_in_text import find_dates
from policykb.domain.issuers import Authority
from policykb.domain.names import any_of
from policykb.domain.numerals import DIGITS
from policykb.domain.wording import HAN, NUMBER, clean_number, is_organ, words
from policykb.importing.official.history import is_history
from policykb.importing.paragraphs import without_space

FRONT = 40  # lines in which title, number and addressees stand
_AROUND_DATE = re.compile(
    r"[（(]?(?:[0-9]{1,2}[时時点:：][0-9]{1,2}分?(?:[:：]?[0-9]{1,2}秒?)?)?[)）]?"
)  # and the hour
_SERIAL = re.compile(r"[0-9]{6}")
_FORM_NUMBER = re.compile(r"(?:(?:19|20)[0-9]{2}年)?第(?:[0-9]{1,5}|[〇零一二三四五六七八九十百]{1,6})号")


def head_line(text: str, authority: Authority) -> str | None:
    """What a line of a document's head is: serial, level, red head, form, number, history; None for other lines."""
    official, plain = words()["official"], without_space(text).translate(DIGITS)
    if _SERIAL.fullmatch(plain):
        return "serial"
    if plain in official["urgency"] or re.fullmatch(rf"(?:{'|'.join(official['secrecy'])})(?:[★☆*].{{0,8}})?", plain):
        return "level"
    if plain in official["forms"]:
        return "form"
    if only_date(text):
        return "date"
    if is_history(text):
        return "history"
    number = NUMBER.search(clean_number(text))
    if _FORM_NUMBER.fullmatch(plain) or (
        number and len(plain) <= len(without_space(number[0])) + 12 and "《" not in plain
    ):
        return "number"
    if plain == "文件" or (plain.endswith(("文件", *official["forms"])) and are_issuers(head_names(plain), authority)):
        return "red head"
    return None


def head_names(plain: str) -> str:
    """The departments of a red head: 国务院文件 without 文件."""
    return re.sub(rf"(?:文件|{'|'.join(words()['official']['forms'])})$", "", plain)


def are_issuers(text: str, authority: Authority) -> bool:
    """Whether a text is a list of departments that are all known."""
    names = authority.split(text) if 0 < len(text) <= 200 else []
    return bool(names) and all(map(authority.get, names))


def is_addressees(text: str, authority: Authority) -> bool:
    """Whether a text is, or ends, the list of recipients: 各省、自治区、直辖市人民政府："""
    official = words()["official"]
    list_ = text.strip().removesuffix("：").removesuffix(":")
    if (
        list_ == text.strip()
        or len(list_) > 400
        or list_.startswith(tuple(official["about"]))
        or list_.endswith(tuple(official["not_recipients"]))
    ):
        return False
    if list_.startswith(tuple(official["recipients"])):
        return True
    names = [re.sub(r"[（(][^（）()]*[）)]$", "", name) for name in re.split(r"[、，,；;]", list_)]
    ends = (*official["recipient_ends"], *words()["matching"]["organs"])
    lists = all(name.endswith(ends) for name in names) and (len(names) > 1 or is_organ(list_) or "各" in list_)
    return lists or any(map(authority.get, authority.split(list_)[:3]))


def run_in(text: str) -> list[str]:
    """A line in which title, number, addressees and first sentence run on, in these parts; else the line alone."""
    match = _run_in().match(text) if len(text) > 20 else None
    return [part for part in match.groups() if part] if match else [text]


@cache
def _run_in() -> re.Pattern[str]:
    official = words()["official"]
    kinds = "|".join(word for kind in words()["kind"] for word in kind["words"])
    about = "|".join(official["about"])
    title = rf"(?:[{HAN}、 ]{{2,60}})?(?:{about})(?:[^。：:；《》]|《[^《》]+》){{4,80}}?的(?:{kinds})"
    number = rf"[（(]?[{HAN}]{{2,10}}[〔\[［](?:19|20)[0-9]{{2}}[〕\]］][0-9]{{1,5}}号[）)]?"
    to = rf"(?:{'|'.join(official['recipients'])})[^。：:；《》]{{1,150}}[：:]"
    opening = any_of(official["openings"])
    return re.compile(rf"({title})\s*({number})?\s*(?:({to})(.+)|((?:{opening}).+))", re.DOTALL)


def is_furniture(text: str) -> bool:
    """Whether a line is made of a page's buttons (打印 关闭), or says who edited the page."""
    official = words()["official"]
    tokens = [token for token in re.split(r"[\s【】\[\]（）()|｜/：:A-Za-z]+", text) if token]
    buttons = len(text) <= 40 and all(token in official["buttons"] for token in tokens)
    at_most = 600 if "://" in text else 60
    return buttons or (len(text) <= at_most and text.replace(":", "：", 1).startswith(tuple(official["credits"])))


def only_date(text: str) -> datetime.date | None:
    """The day of a line that is a date and nothing else."""
    days = find_dates(text) if len(text) <= 40 else []
    around = without_space(text[: days[0][0]] + text[days[0][1] :]) if len(days) == 1 else "-"
    return days[0][2] if _AROUND_DATE.fullmatch(around) else None
