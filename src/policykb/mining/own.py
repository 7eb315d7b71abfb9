"""What a document says of itself: its own number, and the names of what it brings."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from policykb.domain.policy import Policy
from policykb.domain.relation import relation_words
from policykb.domain.wording import HAN, is_organs, kind_of, split_organs, unwrap
from policykb.mining.citations import Citation, citations, generic, names_together
from policykb.mining.cues import brings, sentence
from policykb.text.fold import letters
from policykb.text.title_keys import reference_key, title_key

_HEAD = re.compile(rf"[\s*#（({HAN}]*")  # before a number that stands alone
# 【某市】《甲通知》: the heading of a list, or of the news
_MARKED = re.compile(r"\s*(?:【[^【】]*】)?\s*")
_REMARK = re.compile(r"[（(][^（()）]*[）)]")
_NAMED = re.compile("《[^《》]*》")
# 特制订本《措施》; but not 示范文本《乙》
_THIS = re.compile("(?<![文样版课标基根日读])本$")


def own_numbers(policy: Policy, runs: Sequence[list[Citation]], works: Collection[str]) -> list[str]:
    """The keys of a document's number: as the entry states it, as its title has it (某部令〔2024〕第3号（甲办法）,
    关于甲的批复（某发〔2024〕1号）), or as it stands above the text. ``works`` are what the document goes by."""
    named = [one.number for one in citations(policy.title) if not one.name and _is_of_title(policy.title, one)]
    above = (run[0] for run in runs if not run[0].name)
    named += [one.number for one in above if _is_above(policy.body, one, policy.title, works)]
    return [reference_key(number) for number in (policy.number, *named) if number]


def _is_of_title(title: str, one: Citation) -> bool:
    before = title[: one.start]
    ends = not title[one.end :].strip(" ）)】")
    return is_issuer(before) or ends and kind_of(before.rstrip(" （(【—")) is not None


def _is_above(text: str, one: Citation, title: str, works: Collection[str]) -> bool:
    """Whether a number is that of the document whose text follows.

    It stands in the head alone, or beside who issued it, the title or a label (文号：); further down, where the text
    follows an account of it, it stands alone above the title.
    """
    words = relation_words()["names"]
    ahead = text[text.rfind("\n", 0, one.start) + 1 : one.start]
    rest, _, following = text[one.end :].partition("\n")
    rest = rest.strip(" )）*")
    alone = bool(_HEAD.fullmatch(ahead)) and (
        is_organs(ahead) or not any(word in ahead for word in words["before_numbers"])
    )
    if "。" in text[: one.start]:
        return alone and not rest and is_own(following.lstrip().partition("\n")[0], works)
    entitled = bool(letters(title)) and letters(ahead).endswith(letters(title))
    if entitled or ahead.rstrip(" ：:").endswith(tuple(words["own_number"])):
        return True
    return alone and (not rest or is_organs(rest) or is_own(rest, works))


def is_own(name: str, works: Collection[str]) -> bool:
    """Whether a document that goes by ``works`` goes by a name, or is what the notice of that name issues."""
    issued = unwrap(split_organs(name)[1])[0]
    return title_key(name).work in works or {title_key(one).work for one in issued}.issubset(works)


def is_this(text: str, one: Citation) -> bool:
    """Whether a document speaks of itself: 本《措施》."""
    return _THIS.search(text, max(0, one.start - 2), one.start) is not None


def is_short(name: str, works: Collection[str]) -> bool:
    """Whether a name is the document's own in short: 《贷款规定》 of 某市公积金贷款管理规定. Laws are named in full."""
    short = letters(name)
    if not 4 <= len(short) <= 6 or kind_of(name) is None or short.endswith(("法", "条例")):
        return False
    return any(short[-2:] == work[-2:] and _is_within(short, work) for work in works)


def _is_within(short: str, whole: str) -> bool:
    """Whether the characters of a text stand in another one, in their order."""
    rest = iter(whole)
    return all(char in rest for char in short)


def brought(title: str, text: str, runs: Sequence[list[Citation]]) -> Iterator[str]:
    """The names of what a document itself brings: 关于印发《X》（试行）的通知, 现将《X》印发给你们."""
    issues = tuple(relation_words()["titles"]["brings"])
    for run in names_together(title):
        before = title[: run[0].start]
        after = _REMARK.sub("", title[run[-1].end :])
        whole = _MARKED.fullmatch(before) and (not after.strip() or after.startswith("的"))  # 《甲》的通知
        if before.endswith(issues) or whole or any(word in after for word in relation_words()["titles"]["asks"]):
            yield from (one.name for one in run)
    for run in runs:
        start, end = sentence(text, run[0].start, run[-1].end)
        if brings(text[start : run[0].start], text[run[-1].end : end], text[start:end]):
            yield from (one.name for one in run if one.name and not generic(one.name))


def is_issuer(before: str) -> bool:
    """Whether a title says no more than who issued it, up to here: 财政部 某部, 【某市】."""
    return is_organs(_NAMED.sub("", before)) or bool(_MARKED.fullmatch(_NAMED.sub("", before)))
