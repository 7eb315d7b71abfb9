"""How official documents are worded: names in brackets, notices around them, kinds, status, document numbers.

The words are data, ``data/documents.toml``; what is here is the grammar.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from policykb.domain.issuers import Authority
from policykb.domain.names import any_of
from policykb.domain.numerals import DIGITS, number_in
from policykb.domain.spacing import join_lines
from policykb.files import toml
from policykb.files.packaged import DATA

_OPENERS, _CLOSERS = {"《": "《", "〈": "〈", "<": "〈", "＜": "〈"}, {"》": "《", "〉": "〈", ">": "〈", "＞": "〈"}
_ABOUTS = re.compile("关于|關於|關于|對於|转发|印发|批转|发布|公布|对(?=.{2,40}的(?:答复|复函|批复))")
ANY_NAME = "《》"  # stands for a name in brackets where the words around it are read
HAN = "\u3400-\u9fff"

# 国办发〔2024〕39号; 生态环境部公告2024年第5号; 国务院令第775号
NUMBER = re.compile(
    rf"[{HAN}]{{1,15}}[〔\[（(【]\s?(?:19|20)[0-9]{{2}}\s?[〕\]）)】]\s?(?:第\s?)?[0-9]{{1,5}}\s?[号號]"
    rf"|[{HAN}]{{2,20}}(?:公告|通告|令)\s?(?:(?:19|20)[0-9]{{2}}\s?年\s?)?第?\s?[0-9]{{1,5}}\s?[号號]"
)
NOTICE = "(?P<notice>通知|公告|通告|函|决定|批复)"
ASKED = rf"关于(?:再次)?(?:面?向社会)?(?:公开)?(?:征求|征集)对?(?P<what>.+?)的?意见(?:建议)?的{NOTICE}"
_ISSUED = rf"(?:关于)?(?:联合)?(?:印发|发布|公布|下达|转发|批转|颁布)(?P<what>.+)的{NOTICE}"
_ABOUT = rf"(?P<about>关于)?(?P<what>.+)的{NOTICE}"
_PLACE = re.compile(rf"[省市县区]|[{HAN}]{{2,8}}?(?:省|市|自治区|自治州|州|盟|县|区|旗|縣|區)")
_LONGEST_ORGAN = 40
_TAIL = re.compile(r"(?:\s*+[（(][^（()）]*+[)）]?+)+$")


@cache
def words() -> Mapping[str, Any]:
    """The tables of ``documents.toml``."""
    return toml.read(DATA / "documents.toml")


def names_in(text: str) -> tuple[list[str], str]:
    """The names in brackets, 《》 or <>, and the text with 《》 for each; a bracket may lack its other half."""
    names: list[str] = []
    around: list[str] = []
    stack: list[str] = []
    start = 0

    def keep(name: str) -> None:
        if name.strip():
            names.append(name)
            around.append(ANY_NAME)

    for i, char in enumerate(text):
        if opener := _OPENERS.get(char):
            inner = text[start:i].rstrip("、，,和与及 ")
            if stack == ["《"] == [opener] and kind_of(inner) and "《" not in inner:
                keep(inner)  # the closing bracket before this one is missing
                stack, start = [], i + 1
            elif not stack:
                start = i + 1
            stack.append(opener)
        elif (closer := _CLOSERS.get(char)) and closer in stack:
            while stack.pop() != closer:
                pass
            if not stack:
                keep(text[start:i])
        elif not stack and char not in _CLOSERS:
            around.append(char)
    if stack:
        keep(text[start:])
    return names, "".join(around)


def clean_name(name: str) -> str:
    """A name as it is printed: without 《》 around it, inner brackets of one kind, round ones full-width and closed."""
    text = join_lines([name])
    text = text.translate(str.maketrans("<＜《>＞》()", "〈〈〈〉〉〉（）"))
    if text.startswith("〈") and text.endswith("〉") and text.count("〈") == 1:
        text = text[1:-1]
    return text + "）" * (text.count("（") - text.count("）"))


def clean_number(text: str) -> str:
    """A document number as it is printed: the year in 〔〕, digits of ASCII, and no spaces within the number."""
    text = text.translate(DIGITS)
    text = re.sub(r"\s*[〔\[［（(【]\s*((?:19|20)[0-9]{2})\s*[〕\]］）)】]\s*", r"〔\1〕", text)
    text = re.sub(r"(?<=[令告])\s*第([〇零一二三四五六七八九十百]{1,6})号", _in_digits, text)
    return re.sub(r"(?<=[〕第年令告])\s+(?=[第0-9])|(?<=[0-9])\s+(?=[号號年])", "", text).strip()


def _in_digits(match: re.Match[str]) -> str:
    try:
        return f"第{number_in(match[1])}号"
    except ValueError:  # 第一百一百号
        return match[0]


def split_number(text: str) -> tuple[str, str]:
    """A title in two: itself, and the number that follows or goes before it in one line; empty where none does."""
    if after := _number_after().fullmatch(text.translate(DIGITS)):
        return text[: after.end("title")], clean_number(after["number"])
    before = NUMBER.match(text)
    title = text[before.end() :].lstrip("）)：: \u3000") if before else ""
    follows = before and is_about(title) and not is_about(before[0]) and kind_of(title)
    return (title, clean_number(before[0])) if before and follows else (text, "")


@cache
def _number_after() -> re.Pattern[str]:
    kinds = any_of(word for kind in words()["kind"] for word in kind["words"])
    number = rf"[{HAN}]{{2,10}}\s?[〔\[［（(【]\s?(?:19|20)[0-9]{{2}}\s?[〕\]］）)】]\s?(?:第\s?)?[0-9]{{1,5}}\s?[号號]"
    title = rf".*(?:{kinds})(?:》|[（(][^（）()]{{1,8}}[）)])?"
    return re.compile(rf"(?P<title>{title})\s*[（(]?\s*(?P<number>{number})\s*[）)]?")


def is_about(text: str) -> bool:
    """Whether a text says what something is about: 关于……."""
    return any(word in text for word in words()["official"]["about"])


def kind_of(name: str, issuers: Sequence[str] = ()) -> str | None:
    """文种 by the end of a name, （试行） and the like aside: 方案, 意见 ...; None where it has none."""
    whole = _TAIL.sub("", name.strip()).rstrip("》〉>＞")
    for part in (whole, *whole.split(" ")[:-1]):
        if part.endswith(tuple(words()["not_a_kind"])):
            continue
        fits = [(len(word), kind) for kind in words()["kind"] for word in kind["words"] if part.endswith(word)]
        if fits:
            kind = max(fits, key=lambda fit: fit[0])[1]
            special = [other for issuer, other in kind.get("by", {}).items() if issuer in issuers]
            return str(special[0] if special else kind["name"])
    return None


def status_of(text: str) -> str:
    """征求意见稿, 试行 or 正式, by the words of a name or heading."""
    fits = (str(status["name"]) for status in words()["status"] if any(word in text for word in status["words"]))
    return next(fits, "正式")


def unwrap(name: str) -> tuple[list[str], str | None]:
    """The documents that a notice is about (关于印发〈A〉的通知: A), and its kind; else the name itself and None."""
    for wrapper in (ASKED, _ISSUED, _ABOUT):
        match = re.fullmatch(wrapper, _TAIL.sub("", name) if name.endswith(("）", ")")) else name)
        if match is None:
            continue
        what = match["what"]
        inner, around = names_in(what)
        notice = match["notice"]
        if wrapper is not _ABOUT:
            if inner and not around.strip(f"{ANY_NAME}、，,和与及等 "):
                return inner, notice
            if not inner and (wrapper is ASKED or kind_of(what) or notice == "公告"):
                return [what], notice
        elif not inner and (_is_attached(what) or not match["about"] and notice in ("公告", "通告")):
            return [what], notice
    return [name], None


def split_issuers(name: str, authority: Authority) -> tuple[str, str]:
    """A name in two: the departments it begins with (国务院关于……的意见), where all are known, and the rest."""
    for cue in _ABOUTS.finditer(name[:200]):
        before = name[: cue.start()].strip()
        listed = authority.split(before) if before else []
        if listed and all(authority.get(issuer) for issuer in listed):
            return before, name[cue.start() :].strip()
    return "", name


def split_organs(name: str) -> tuple[str, str]:
    """As `split_issuers`, for departments that need not be known, if each ends as names of organs do."""
    for cue in _ABOUTS.finditer(name[:200]):
        before = apart(name[: cue.start()].strip())
        organs = [part for part in re.split(r"[、，,\s]+|等[0-9一二三四五六七八九十]*(?=部门)", before) if part]
        if organs and all(map(is_organ, organs)):
            return before, name[cue.start() :].strip()
    return "", name


def apart(names: str) -> str:
    """Names of organs with 、 where copies of pages lost the space between them: 甲市财政局甲市税务局.

    A name begins anew where an organ of the state does, and where the place of the others comes again, with 市 or
    without; but the first place in the name of a state's organ is its own: 国家税务总局甲市税务局.
    """
    beginnings = tuple(words()["matching"]["beginnings"])
    ends = "".join({end[-1] for end in words()["matching"]["organs"]})
    listed = re.split(r"([、，,；;\s]+)", names)
    local = (match for name in listed if not name.startswith(beginnings) and (match := _PLACE.match(name)))
    later = re.search(rf"(?<=[{ends}])[{HAN}]{{2,6}}?[市省州县区]", names)  # 甲财政局甲市税务局
    first = next(local, later)
    return "".join(_apart(name, beginnings, ends, first) for name in listed)


def _apart(name: str, beginnings: tuple[str, ...], ends: str, first: re.Match[str] | None) -> str:
    pieces = re.split(rf"(?<=[{ends}])(?={any_of(beginnings)})", name)
    own = None if name.startswith(beginnings) else _PLACE.match(name)
    if place := own or first:
        stem = place[0][:-1] if len(place[0]) > 2 else place[0]
        again = re.compile(rf"(?<=[{ends}])(?={re.escape(stem)})")
        for i, piece in enumerate(pieces):
            kept = piece.find(stem) + len(stem) if piece.startswith(beginnings) and stem in piece else 0
            pieces[i] = piece[:kept] + again.sub("、", piece[kept:])
    return "、".join(pieces)


def begins_with_place(name: str) -> bool:
    """Whether a text begins with the name of a place: 甲市……."""
    return bool(_PLACE.match(name))


def is_organ(name: str) -> bool:
    """Whether a text ends as names of organs do: 某某市人民政府."""
    carried_out = tuple(
        f"{verb}{organ}" for verb in words()["matching"]["obeys"] for organ in words()["matching"]["above"]
    )
    return (
        not name.endswith(carried_out)
        and 2 < len(name) <= _LONGEST_ORGAN
        and not re.search("[0-9A-Za-z。，,；;]", name)
        and name.endswith(tuple(words()["matching"]["organs"]))
    )


def is_organs(text: str) -> bool:
    """Whether a text is nothing but names of organs, with spaces between them; '' is."""
    return all(map(is_organ, text.split()))


def _is_attached(name: str) -> bool:
    kind = kind_of(name)
    return any(entry["name"] == kind and entry.get("attached") for entry in words()["kind"])
