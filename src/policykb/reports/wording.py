"""How official documents are worded: names in brackets, notices around them, kinds, status, numbers, effect.

The words are data, ``data/documents.toml``; what is here is the grammar.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from os.path import commonprefix
from pathlib import Path
from typing import Any

from policykb.dates import find_dates
from policykb.issuers import Authority, Signatories
from policykb.reports.lines import join_lines

__all__ = [
    "NUMBER",
    "Heading",
    "clean_name",
    "clean_number",
    "common_title",
    "effective_date",
    "is_organ",
    "kind_of",
    "names_in",
    "read_heading",
    "split_issuers",
    "split_organs",
    "status_of",
    "unwrap",
    "words",
]

_OPENERS, _CLOSERS = {"《": "《", "〈": "〈", "<": "〈", "＜": "〈"}, {"》": "《", "〉": "〈", ">": "〈", "＞": "〈"}
_ANY_NAME = "\0"  # stands for a name in brackets while the words around it are read
HAN = "\u3400-\u9fff"

# 国办发〔2024〕39号; 生态环境部公告2024年第5号; 国务院令第775号
NUMBER = re.compile(
    rf"[{HAN}]{{1,15}}[〔\[（(【]\s?(?:19|20)[0-9]{{2}}\s?[〕\]）)】]\s?(?:第\s?)?[0-9]{{1,5}}\s?号"
    rf"|[{HAN}]{{2,20}}(?:公告|通告|令)\s?(?:(?:19|20)[0-9]{{2}}\s?年\s?)?第?\s?[0-9]{{1,5}}\s?号"
)
_NOTICE = "(?P<notice>通知|公告|通告|函|决定|批复)"
_ASKED = rf"关于(?:再次)?(?:面?向社会)?(?:公开)?(?:征求|征集)对?(?P<what>.+?)的?意见(?:建议)?的{_NOTICE}"
_ISSUED = rf"(?:关于)?(?:联合)?(?:印发|发布|公布|下达|转发|批转|颁布)(?P<what>.+)的{_NOTICE}"
_ABOUT = rf"(?P<about>关于)?(?P<what>.+)的{_NOTICE}"
_TAIL = re.compile(r"(?:\s*[（(][^（()）]*[)）]?)+$")
_PLACE = re.compile(r"(?:[0-9日月年至—-]{0,12}[在于][^，。在于]{1,12})$")
_BASIS = re.compile(r"(?:根据|按照|依据|落实|执行|配套|衔接|结合|依照)(?:了|好)?$")
_BEFORE_ACT = re.compile(r"(?:联合|共同|正式|已经|已|将|就|对|面?向社会|公开|会同有关部门|组织)+$")

_TAKES_EFFECT = re.compile(r"(?:之日)?起?(?:正式|开始|全面)*(?:施行|实施|执行|生效)")
_ON_ISSUE = re.compile(r"自(?:印发|发布|公布|颁布)之日起(?:正式)?(?:施行|实施|执行|生效)")
_SENTENCE = re.compile(r"[^。；！？\n]+")
_LONGEST = 1000  # characters of a heading
_BEFORE_DATE = 300  # characters of a sentence before a date in which the document it speaks of stands
_SHARED = 0.4  # of the shortest of several names, to be put under one common title


@cache
def words() -> Mapping[str, Any]:
    """The tables of ``documents.toml``."""
    import tomllib

    path = Path(__file__).parents[1] / "data" / "documents.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Heading:
    """What a heading such as A、B等五部门联合印发《C》 says.

    ``documents`` are the official names without the notice around them, at least one; ``title`` is the one name,
    or a common title of several. ``notes`` say what was concluded and not read.
    """

    signatories: Signatories
    action: str | None
    documents: tuple[str, ...]
    title: str
    kind: str | None
    status: str | None
    number: str | None = None
    notes: tuple[str, ...] = ()


# ---- Names


def names_in(text: str) -> tuple[list[str], str]:
    """The names in brackets, 《》 or <>, and the text with a NUL for each; a bracket may lack its other half."""
    names: list[str] = []
    around: list[str] = []
    stack: list[str] = []
    start = 0
    for i, char in enumerate(text):
        if opener := _OPENERS.get(char):
            inner = text[start:i].rstrip("、，,和与及 ")
            if stack == ["《"] == [opener] and kind_of(inner) and "《" not in inner:
                names.append(inner)  # the closing bracket before this one is missing
                around.append(_ANY_NAME)
                stack, start = [], i + 1
            elif not stack:
                start = i + 1
            stack.append(opener)
        elif (closer := _CLOSERS.get(char)) and closer in stack:
            while stack.pop() != closer:
                pass
            if not stack:
                names.append(text[start:i])
                around.append(_ANY_NAME)
        elif not stack and char not in _CLOSERS and char != _ANY_NAME:
            around.append(char)
    if stack:
        names.append(text[start:])
        around.append(_ANY_NAME)
    return [name for name in names if name.strip()] or [], "".join(around)


def clean_name(name: str) -> str:
    """A name as it is printed: without 《》 around it, inner brackets of one kind, round ones full-width and closed."""
    text = join_lines([name])
    text = text.translate(str.maketrans("<＜《>＞》()", "〈〈〈〉〉〉（）"))
    if text.startswith("〈") and text.endswith("〉") and text.count("〈") == 1:
        text = text[1:-1]
    return text + "）" * (text.count("（") - text.count("）"))


def clean_number(text: str) -> str:
    """A document number as it is printed: the year in 〔〕 and no spaces within the number."""
    text = re.sub(r"\s*[〔\[（(【]\s*((?:19|20)[0-9]{2})\s*[〕\]）)】]\s*", r"〔\1〕", text)
    return re.sub(r"(?<=[〕第年令告])\s+(?=[第0-9])|(?<=[0-9])\s+(?=[号年])", "", text).strip()


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
    for wrapper in (_ASKED, _ISSUED, _ABOUT):
        match = re.fullmatch(wrapper, _TAIL.sub("", name) if name.endswith(("）", ")")) else name)
        if match is None:
            continue
        what = match["what"]
        inner, around = names_in(what)
        notice = match["notice"]
        if wrapper is not _ABOUT:
            if inner and not around.strip("\0、，,和与及等 "):
                return inner, notice
            if not inner and (wrapper is _ASKED or kind_of(what) or notice == "公告"):
                return [what], notice
        elif not inner and (_is_attached(what) or not match["about"] and notice in ("公告", "通告")):
            return [what], notice
    return [name], None


def _is_attached(name: str) -> bool:
    kind = kind_of(name)
    return any(entry["name"] == kind and entry.get("attached") for entry in words()["kind"])


def split_issuers(name: str, authority: Authority) -> tuple[str, str]:
    """A name in two: the departments it begins with (国务院关于……的意见), where all are known, and the rest."""
    before, about, _ = name.partition("关于")
    before = before.strip()
    if about and before and len(before) <= 200:
        listed = authority.split(before)
        if listed and all(authority.get(issuer) for issuer in listed):
            return before, name[name.index("关于") :].strip()
    return "", name


def split_organs(name: str) -> tuple[str, str]:
    """As `split_issuers`, for departments that need not be known: each part before 关于 ends like an organ's name."""
    before, about, after = name.partition("关于")
    organs = [part for part in re.split(r"[、，,\s]+|等[0-9一二三四五六七八九十]*(?=部门)", before) if part]
    if about and organs and all(map(is_organ, organs)):
        return before.strip(), about + after
    return "", name


def is_organ(name: str) -> bool:
    """Whether a text ends as names of organs do: 某某市人民政府."""
    return 2 < len(name) <= 25 and name.endswith(tuple(words()["matching"]["organs"]))


def common_title(names: Sequence[str]) -> str:
    """One title for several documents: what their names share once, what differs listed; else the names listed."""
    head = commonprefix(list(names))
    tail = commonprefix([name[len(head) :][::-1] for name in names])[::-1]
    while head and any(_cuts_word(name, len(head)) for name in names):
        head = head[:-1]
    while tail and any(_cuts_word(name, len(name) - len(tail)) for name in names):
        tail = tail[1:]
    middles = [name[len(head) : len(name) - len(tail)] for name in names]
    if all(middles) and len(head) + len(tail) >= _SHARED * min(map(len, names)):
        return head + "、".join(middles) + tail
    listed = "、".join(names)
    return listed if len(listed) <= 60 else f"{names[0]}等{len(names)}项文件"


def _cuts_word(name: str, at: int) -> bool:
    pair = name[at - 1 : at + 1]
    figures = len(pair) == 2 and all(char.isascii() and char.isalnum() for char in pair)
    return figures or pair in words()["heading"]["whole"] or name[:at].count("（") > name[:at].count("）")


# ---- Headings


def read_heading(text: str, authority: Authority) -> Heading | None:
    """Read the heading of an entry; None where it names neither a document nor a meeting."""
    if len(text) > _LONGEST:
        return None
    text = join_lines(text.replace(_ANY_NAME, "").split("\n")).strip("。；;,， ")
    number = NUMBER.search(re.sub(r"[《<].*[》>]", lambda match: "\0" * len(match[0]), text))
    if number:
        text = text[: number.start()] + "\0" + text[number.end() :]
        text = re.sub(r"[（(\[【]\0[）)\]】]|\0", "", text)
    names, around = names_in(text)
    act, start, end = _act(around, bool(names))
    if act is not None and act.get("meeting"):
        return _meeting(text, str(act["name"]), around, (start, end), authority)
    bounds = [at for at in (start if act else -1, around.find("关于"), around.find(_ANY_NAME)) if at >= 0]
    who = _who(around[: min(bounds)], authority) if bounds else ""
    between = around[:start].rpartition(_ANY_NAME)[2] if act and _ANY_NAME in around[:start] else ""
    if any(map(authority.get, authority.split(between))):  # 为落实《A》，B印发《C》
        who = _who(between, authority)
    notice: str | None = None
    if names:
        documents = _principal(names, around, end if act else 0)
    else:
        written = around[end:] if act else around[min(bounds) :] if bounds else around
        documents = [written.lstrip("了：: ").strip()]
    prefix, unwrapped = "", []
    for document in documents:
        before, rest = split_issuers(document, authority)
        inner, around_it = unwrap(rest)
        prefix, notice = prefix or before, notice or around_it
        # The name of a document stands as it is; a name without brackets begins where its departments end.
        unwrapped += inner if around_it else [document if names else rest]
    named = tuple(dict.fromkeys(clean_name(document) for document in unwrapped if document.strip()))
    if not named or not any(named):
        return None
    signatories = authority.resolve_all(who or prefix) if who or prefix else Signatories(())
    kind = kind_of(named[0], signatories.issuers) or notice or _notice_of(around)
    known = any(authority.get(issuer) for issuer in signatories.issuers)
    if not names and (len(named[0]) > 150 or not (kind or (act and known))):
        return None
    status = status_of(around + "".join(names))
    notes: list[str] = []
    if not signatories.issuers and (default := _default_issuer(kind)):
        signatories = Signatories((default,))
        notes.append(f"department concluded from the kind {kind}, not stated: {default}")
    title = common_title(named) if len(named) > 1 else split_issuers(named[0], authority)[1]
    if status == "征求意见稿" and status_of(title) != status:
        title += f"（{status}）"
    asked = "征求" in around or "征集" in around or any(re.fullmatch(_ASKED, name) for name in names)
    action = "公开征求意见" if asked else str(act["name"]) if act else None
    found = clean_number(number[0]) if number else None
    return Heading(signatories, action, named, title, kind, status, found, tuple(notes))


def _act(around: str, has_names: bool) -> tuple[Mapping[str, Any] | None, int, int]:
    """The first word for what was done, with its place; without names in brackets, none after 关于 counts."""
    about = around.find("关于")
    limit = len(around) if has_names or about < 0 else about
    best: tuple[int, int, Mapping[str, Any]] | None = None
    for action in words()["action"]:
        for word in action["words"]:
            at = around.find(word, 0, limit)
            if at >= 0 and (best is None or (at, -len(word)) < (best[0], best[0] - best[1])):
                best = at, at + len(word), action
    return (best[2], best[0], best[1]) if best else (None, 0, 0)


def _who(text: str, authority: Authority) -> str:
    """The departments at the end of what stands before the act; clauses before them are circumstance."""
    text = _BEFORE_ACT.sub("", text.strip())
    clauses = [clause for clause in re.split(r"[，,；;：:。]", text) if clause.strip()]
    kept: list[str] = []
    for clause in reversed(clauses):
        clean = clause.strip()
        if clean in words()["heading"]["openers"]:
            continue
        if kept and not any(authority.get(name) for name in authority.split(clean)):
            break
        kept.insert(0, clean)
    return _BEFORE_ACT.sub("", "、".join(kept)) if len("".join(kept)) <= 300 else ""


def _principal(names: Sequence[str], around: str, act_end: int) -> list[str]:
    """Of the names in a heading, those it is about: after the act if there are any, and not its legal basis."""
    places = [match.start() for match in re.finditer(_ANY_NAME, around)]
    pairs = list(zip(names, places, strict=False))
    fit = [name for name, at in pairs if not _BASIS.search(around[:at])]
    after = [name for name, at in pairs if at >= act_end and name in fit]
    return after or fit or list(names)


def _notice_of(around: str) -> str | None:
    match = re.search(rf"的{_NOTICE}$", around.strip())
    return match["notice"] if match else None


def _default_issuer(kind: str | None) -> str | None:
    return next(
        (str(entry["issuer"]) for entry in words()["kind"] if entry["name"] == kind and "issuer" in entry), None
    )


def _meeting(text: str, action: str, around: str, act: tuple[int, int], authority: Authority) -> Heading | None:
    before = _PLACE.sub("", around[: act[0]].strip("，, "))
    after = around[act[1] :].strip("了，, ")
    if kind_of(before) == "会议":
        return Heading(Signatories(()), action, (clean_name(before),), clean_name(before), "会议", None)
    if kind_of(after) == "会议":
        who = authority.resolve_all(_who(before, authority)) if before else Signatories(())
        return Heading(who, action, (clean_name(after),), clean_name(after), "会议", None)
    return None


# ---- Dates of effect


def effective_date(text: str, names: Iterable[str], issued: date | None = None) -> date | None:
    """The day from which a document is in force, as its own text or a text about it says.

    A sentence that names another document before the date speaks of that one. 自印发之日起施行 is the day ``issued``.
    """
    own = [clean_name(name) for name in names]
    for sentence in _SENTENCE.findall(text):
        for start, end, day in find_dates(sentence):
            if _TAKES_EFFECT.match(sentence[end : end + 12].lstrip()) and not _speaks_of_other(sentence[:start], own):
                return day
        if (match := _ON_ISSUE.search(sentence)) and not _speaks_of_other(sentence[: match.start()], own):
            return issued
    return None


def _speaks_of_other(before: str, own: Sequence[str]) -> bool:
    names = [clean_name(name) for name in names_in(before[-_BEFORE_DATE:])[0]]
    return bool(names) and not any(names[-1] in name or name in names[-1] for name in own)
