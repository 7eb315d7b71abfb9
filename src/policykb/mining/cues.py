"""The words around a name of a document, and what they say of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from policykb.domain.names import any_of
from policykb.domain.relation import RelationType, relation_words
from policykb.domain.wording import is_organ

# in the order in which they are believed where several fit
_AFTER: tuple[RelationType, ...] = ("repeals", "amends", "replaces", "implements")
_BEFORE: tuple[RelationType, ...] = ("repeals", "replaces", "amends", "basis", "implements")
_BRACKETS = re.compile(r"[（(][^（()）]*[）)]")
_NAMES = re.compile(r"《[^》]*》")
_PART = re.compile(
    r"第[一二三四五六七八九十百零〇0-9]+[条章款项节]|附件|附录|部分|中的|有关(?:规定|内容|条款)|相关(?:规定|内容|条款)"
)
_LATER_ARTICLE = re.compile(r"\s*第(?!一条|1条)[一二三四五六七八九十百零〇0-9]+条")
_ARTICLE = re.compile(r"第[一二三四五六七八九十百零〇0-9、第条款项至]+[条款项]")
_AFTER_SOMETHING = re.compile(r"(?!自|从|于|在)[^，。；]*[后前]$")
_CHAINED = re.compile(
    r"(?:[、，,]|以及|和|及)[^。；]{0,90}?(?:发布|公布|通过|批准|制定|印发|下发|颁布|颁发|施行|修订|修正|修改|的|日|[（(])"
)
_OF_OTHERS = re.compile("》[^，。；《]{0,4}配套[^，。；]*")
# 根据某年某月某日《关于修改X的决定》第二次修正: the history of a law
_REVISED = re.compile(r"\s*(?:第?[一二三四五六七八九十]{1,3}次(?:修正|修订|修改)|(?:修正|修订)(?!本))")
_CHAIN = re.compile(r"^(?:[、，,]|以及|和|及)+")
_TOLD = "之日|后|及|和|的(?![。，；])"  # 印发之日, 方案编制及实施, 某部印发的《乙》: nothing is made there
_ORDINAL = re.compile(r"[\s*#>-]*(?:[（(]?第?[一二三四五六七八九十0-9]{1,4}[）)]?[、.．条]?\s*)?")
_LISTED = re.compile(
    r"(?:[（(][^（()）]*[）)])?(?:等?(?:有关|相关)?(?:法律|法规|行政|规章|规定|制度|文件|政策|、)*)"
    r"(?:[、，]?以及|、|和|及|与)\s*(?P<by>(?:[^，。；《》]{0,40}(?:发布|公布|印发|批准|制定|颁布|下发|颁发)的)|[^，。；《》]{0,60})"
)
# what may stand between 废止 and the name: who issued it, and when
_BY = re.compile(r"原|上述|[^，。；]{2,40}(?:发布|公布|印发|批准|制定|颁布|下发|颁发)(?:施行)?的")
_DAY_OF_END = re.compile(r"^(?:自|从|于)?[^，。；]{0,40}?(?:之日)?起?(?=废止|失效|停止|同时|予以|不再|即行)")
_CLOSERS = "”’」』"  # …。”: what is quoted ends with its sentence
_SENTENCE_END = re.compile(rf"[。；！？][{_CLOSERS}]*|\n")


class Said(NamedTuple):
    """What the words around a name say: the type, and whether only a part of the document is meant."""

    type: RelationType
    partial: bool = False


def read(before: str, after: str, previous: str = "", *, sentence: str = "", first: bool = True) -> Said:
    """What stands between the name and the name before it (or the sentence's begin), and likewise behind it.

    ``previous`` is the sentence before, where the name is the first one of its sentence; ``sentence`` is its own, and
    ``first`` says that it is among the document's first.
    """
    rest = _BRACKETS.sub("", after).lstrip(" 》）)")
    rest = re.sub("^[，,](?=自|从)", "", rest)  # 《甲》，自公告之日起废止
    clause = re.split("[，。；：,;:]", rest, maxsplit=1)[0]
    for type in _AFTER:
        if (cue := _cue(clause[:60], type)) is not None and not _planned(before, clause, cue):
            between = clause[: cue[0]]
            if type == "replaces" and not re.search(_either(_words("replaces", "before")), clause[cue[1] :]):
                continue
            if type in ("repeals", "replaces") and not _is_ended(between, clause, rest[cue[1] :]):
                continue
            return Said(type, type == "repeals" and bool(_PART.search(between)))
    if _ARTICLE.match(rest) and any(word in rest.split("《")[0] for word in _words("amends", "articles")):
        return Said("amends")
    nearest: tuple[int, RelationType] | None = None
    for type in _BEFORE:
        for word in _words(type, "before"):
            at = before.rfind(word)
            between = before[at + len(word) :]
            nearer = at >= 0 and _reaches(between) and (nearest is None or at + len(word) > nearest[0])
            if nearer and _fits(type, word, before[:at], between, clause, sentence, first=first):
                nearest = at + len(word), type
    if nearest:
        return Said(nearest[1], nearest[1] == "repeals" and bool(_PART.match(clause[:12])))
    # 本方案是《甲》的配套文件。《乙》……; but of 《甲》配套制度 nothing more is said
    told = _OF_OTHERS.sub("", previous)
    if any(word in told for word in _words("implements", "previous")):
        return Said("implements")
    if any(word in rest for word in relation_words()["cues"]["implements"]["after"][:3]):
        return Said("implements")
    return Said("cites")


def brings(before: str, after: str, sentence: str) -> bool:
    """Whether the names between ``before`` and ``after`` are those of what the document itself brings."""
    words = relation_words()["cues"]["brings"]
    if not any(word in sentence for word in words["saying"]):
        return False
    rest = _BRACKETS.sub("", after)
    if before.endswith(tuple(words["before"])):
        return True
    return (
        rest.startswith(tuple(words["after"]))
        or before.endswith("现将")
        and any(word in re.split("[的，。；《]", rest, maxsplit=1)[0] for word in words["after"])
    )


def _is_ended(between: str, clause: str, following: str) -> bool:
    """Whether the end that is spoken of is that of the name before, and not of one that follows."""
    if following.startswith("《") or _AFTER_SOMETHING.match(between):
        return False
    return len(between) <= 20 or bool(_DAY_OF_END.match(clause) or _ARTICLE.match(clause))


def names_an_article(after: str) -> bool:
    """Whether what stands behind a name begins with an article: 《甲》第三条."""
    return _ARTICLE.match(after) is not None


def is_listed(between: str) -> bool:
    """Whether what stands between two names makes them parts of a list that one cue before it speaks of.

    国务院 may stand there, or who issued the second one: 和国务院《乙》, 、某某部发布的《乙》.
    """
    match = _LISTED.fullmatch(between.strip())
    if match is None or not match["by"] or match["by"].endswith("的"):
        return match is not None
    bodies = tuple(relation_words()["cues"]["between"]["bodies"])
    return all(is_organ(one) or one.endswith(bodies) for one in match["by"].split("、"))


def is_chained(between: str) -> bool:
    """Whether what stands between two names makes them parts of a list: 《甲》，1999年国务院发布的《乙》同时废止."""
    between = between.strip()
    organs = _CHAIN.sub("", between)
    return bool(_CHAINED.fullmatch(between)) or organs != between and all(map(is_organ, organs.split("、")))


def _cue(clause: str, type: RelationType) -> tuple[int, int] | None:
    found = re.search(_either(_words(type, "after")), clause)
    return found.span() if found else None


def _planned(before: str, clause: str, cue: tuple[int, int]) -> bool:
    """Whether the clause speaks of what is to be done, or of the time before or after it."""
    plans = relation_words()["cues"]["plans"]
    behind = clause[cue[1] : cue[1] + 2]
    ahead = clause[max(cue[0] - 4, 0) : cue[0]]
    return behind.startswith(tuple(plans["after"])) or any(word in ahead for word in plans["before"])


def _reaches(between: str) -> bool:
    """Whether nothing stands between a cue and a name that opens another clause."""
    rules = relation_words()["cues"]["between"]
    return len(between) <= rules["longest"] and not any(stop in between for stop in rules["stops"])


def _fits(type: RelationType, word: str, ahead: str, between: str, clause: str, sentence: str, *, first: bool) -> bool:
    """Whether a cue before a name means what it seems to."""
    cues: Any = relation_words()["cues"]
    own = cues[type]
    if type in ("repeals", "replaces", "amends"):
        plans = any(ahead.endswith(plan) for plan in cues["plans"]["before"])
        between = between.strip()
        names_it = not between or _BY.fullmatch(between) or is_organ(between)
        if type == "amends":
            names_it = not between.startswith("的")
            if word in own["items"] and not (_ORDINAL.fullmatch(ahead) and not between):
                return False
            if (needed := own["needed"].get(word)) and not any(text in sentence for text in needed):
                return False
        elif type == "replaces":  # 本标准代替《甲》; other things take each other's place, too
            names_it = names_it and ("本" in ahead or not ahead.strip())
        return not plans and bool(names_it) and not clause.startswith("的")
    if type == "basis":
        if _REVISED.match(clause):
            return False
        needed = own["after_needed"].get(word)
        if needed and not any(text in clause[:30] for text in needed):
            return False
        if ahead.endswith(tuple(own["not_before"])):
            return False
        if any(text in between for text in own["not_between"]):
            return False
        bare = _BRACKETS.sub("", _NAMES.sub("", sentence))  # 银发〔2005〕5号文印发 is said of the other document
        if any(text in bare for text in own["making"]):
            return True
        begins = not ahead.strip(" -*+>") or ahead.endswith("：")
        if not first and not begins:
            return False
        if re.search(f"(?:{_either(tuple(own['making_first'])).pattern})(?!{_TOLD})", bare):
            return True
        if not first or any(text in clause for text in own["not_after"]):
            return False
        if any(text in bare for text in own["defining"]):
            return False
        if _LATER_ARTICLE.match(sentence):
            return False
        purpose = ahead[-1:] in "，、；,:" and ahead.lstrip(" -*+>").startswith(tuple(own["purposes"]))
        return word not in own["applying"] or begins or purpose
    if between.startswith(tuple(own["not_between"])) or between.endswith("对"):
        return False
    if sentence.lstrip(" -*+>").startswith(tuple(own["not_begin"])):
        return False
    subject = re.split("[，。；：,;:]", ahead)[-1].strip()
    while manner := next((word for word in own["manner"] if subject.endswith(word)), ""):
        subject = subject.removesuffix(manner)
    if is_organ(subject) and "是" not in subject and not subject.startswith(tuple(own["addressed"])):
        return False
    purpose = own["purpose"].get(word)
    return not purpose or ahead.endswith(tuple(purpose))


def _words(type: RelationType, side: str) -> tuple[str, ...]:
    return tuple(relation_words()["cues"][type].get(side, ()))


@cache
def _either(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(any_of(words))


def sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """The sentence around a place; marks inside 《》 do not end it, for a name begins and ends outside of it."""
    begin = max(text.rfind(mark, 0, start) for mark in "。；！？\n") + 1
    begin += len(text[begin:start]) - len(text[begin:start].lstrip(_CLOSERS))
    stop = _SENTENCE_END.search(text, end)
    return begin, stop.end() if stop and text[stop.start()] != "\n" else stop.start() if stop else len(text)
