"""The heading of an entry of a review: who issued what."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os.path import commonprefix
from typing import Any

from policykb.domain.issuer_lists import Signatories
from policykb.domain.issuers import Authority
from policykb.domain.policy import MEETING
from policykb.domain.spacing import join_lines
from policykb.domain.wording import (
    ANY_NAME,
    ASKED,
    NOTICE,
    NUMBER,
    clean_name,
    clean_number,
    kind_of,
    names_in,
    split_issuers,
    status_of,
    unwrap,
    words,
)
from policykb.i18n import _
from policykb.importing.paragraphs import INVISIBLE

_PLACE = re.compile(r"(?:[0-9日月年至—-]{0,12}[在于][^，。在于]{1,12})$")
_BASIS = re.compile(r"(?:根据|按照|依据|落实|执行|配套|衔接|结合|依照)(?:了|好)?$")
_BEFORE_ACT = re.compile(r"(?:联合|共同|正式|已经|已|将|就|对|面?向社会|公开|会同有关部门|组织)+$")
_LONGEST = 1000  # characters of a heading
_SHARED = 0.4  # of the shortest of several names, to be put under one common title


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


def read_heading(text: str, authority: Authority) -> Heading | None:
    """Read the heading of an entry; None where it names neither a document nor a meeting."""
    if len(text) > _LONGEST:
        return None
    text = join_lines(INVISIBLE.sub("", text).split("\n")).strip("。；;,， ")
    number = NUMBER.search(re.sub(r"[《<].*[》>]", lambda match: "《" * len(match[0]), text))
    if number:
        before, after = text[: number.start()], text[number.end() :]
        bracketed = before.endswith(("（", "(", "[", "【")) and after.startswith(("）", ")", "]", "】"))
        text = before[:-1] + after[1:] if bracketed else before + after
    names, around = names_in(text)
    act, start, end = _act(around, bool(names))
    if act is not None and act.get("meeting"):
        return _meeting(str(act["name"]), names, around[:start], around[end:], authority)
    bounds = [at for at in (start if act else -1, around.find("关于"), around.find(ANY_NAME)) if at >= 0]
    who = _who(around[: min(bounds)], authority) if bounds else ""
    between = around[:start].rpartition(ANY_NAME)[2] if act and ANY_NAME in around[:start] else ""
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
        note = _("department concluded from the kind {kind}, not stated: {issuer}")
        notes.append(note.format(kind=kind, issuer=default))
    title = common_title(named) if len(named) > 1 else split_issuers(named[0], authority)[1]
    if status == "征求意见稿" and status_of(title) != status:
        title += f"（{status}）"
    asked = "征求" in around or "征集" in around or any(re.fullmatch(ASKED, name) for name in names)
    action = "公开征求意见" if asked else str(act["name"]) if act else None
    found = clean_number(number[0]) if number else None
    return Heading(signatories, action, named, title, kind, status, found, tuple(notes))


def _cuts_word(name: str, at: int) -> bool:
    pair = name[at - 1 : at + 1]
    figures = len(pair) == 2 and all(char.isascii() and char.isalnum() for char in pair)
    return figures or pair in words()["heading"]["whole"] or name[:at].count("（") > name[:at].count("）")


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
    places = [match.start() for match in re.finditer(ANY_NAME, around)]
    pairs = list(zip(names, places, strict=False))
    fit = [name for name, at in pairs if not _BASIS.search(around[:at])]
    after = [name for name, at in pairs if at >= act_end and name in fit]
    return after or fit or list(names)


def _notice_of(around: str) -> str | None:
    match = re.search(rf"的{NOTICE}$", around.strip())
    return match["notice"] if match else None


def _default_issuer(kind: str | None) -> str | None:
    return next(
        (str(entry["issuer"]) for entry in words()["kind"] if entry["name"] == kind and "issuer" in entry), None
    )


def _meeting(action: str, names: Sequence[str], before: str, after: str, authority: Authority) -> Heading | None:
    """A meeting that is named before what was done (……会议召开), or after it (召开……会议) by who called it."""
    later = names[before.count(ANY_NAME) :]
    before = _written_out(_PLACE.sub("", before.strip("，, ")), names)
    after = _written_out(after.strip("了，, "), later)
    if kind_of(before) == MEETING:
        name, signatories = clean_name(before), Signatories(())
    elif kind_of(after) == MEETING:
        name, signatories = clean_name(after), authority.resolve_all(_who(before, authority))
    else:
        return None
    return Heading(signatories, action, (name,), name, MEETING, None)


def _written_out(around: str, names: Sequence[str]) -> str:
    """Words around names with the names themselves in their places."""
    parts = around.split(ANY_NAME)
    return parts[0] + "".join(f"《{name}》{part}" for name, part in zip(names, parts[1:], strict=False))
