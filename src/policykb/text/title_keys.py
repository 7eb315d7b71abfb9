"""Names and numbers of documents as they are compared: what all spellings of one have in common, and of no other.

What else people may call a document stands in `policykb.domain.titles`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from policykb.domain.wording import NUMBER, clean_name, is_organs, split_organs, unwrap, words
from policykb.text.fold import letters
from policykb.text.number_key import number_key

if TYPE_CHECKING:
    from policykb.domain.policy import Policy

# (2018年修订), (2023修正), (第二次修正): another version of the same document; (2019年本) is another document
_REVISED = re.compile(r"[（(](?:[0-9]{4}年?)?(?:第?[一二三四五六七八九十0-9]{1,3}次)?(?:修订|修正)(?:版|本|稿)?[）)]$")
_MARKED = re.compile("^【[^【】]*】")  # 【某市】关于甲的通知: as lists and the news head it
_STATE = "中华人民共和国"
_NOTICES = ("通知", "公告", "通告", "函", "决定", "批复", "）", ")")


class TitleKey(NamedTuple):
    """``work`` is the same for all spellings of a name, and for all versions; ``version`` is 征求意见稿, 试行 or ''."""

    work: str
    version: str = ""


@lru_cache(maxsize=1 << 16)
def title_key(name: str) -> TitleKey:
    """The key of a document's name, written with or without its departments, the notice around it, marks and spaces."""
    bare = clean_name(_MARKED.sub("", name))
    numbered = NUMBER.search(bare) if bare.endswith("）") else None
    plain = numbered and bare.startswith("（", numbered.end()) and "〈" not in bare and "《" not in bare
    if numbered and plain and is_organs(bare[: numbered.start()]):
        bare = bare[numbered.end() + 1 : -1]  # 某部令〔2024〕第3号（甲办法）
    if "关于" in bare and not bare.startswith("关于"):
        bare = split_organs(bare)[1]
    if bare.endswith(_NOTICES):
        inner, notice = unwrap(bare)
        bare = inner[0] if notice and len(inner) == 1 else bare
        if "关于" in bare and not bare.startswith("关于"):
            bare = split_organs(bare)[1]
    version = ""
    while True:
        shorter = _REVISED.sub("", bare)
        for status in words()["status"]:
            for word in status["words"]:
                if bare.endswith((f"（{word}）", f"({word})")) or (len(word) > 4 and bare.endswith(word)):
                    shorter, version = bare[: bare.rindex(word)].rstrip("（("), version or str(status["name"])
        if shorter == bare:
            break
        bare = shorter
    work = letters(bare).removeprefix("关于").removeprefix(_STATE)
    return TitleKey(work or letters(name), version)


@lru_cache(maxsize=1 << 14)
def reference_key(number: str) -> str:
    """`number_key` without what people leave out when they cite one: the name of the state, 第."""
    return number_key(number).removeprefix(_STATE).replace("第", "")


def keys_of(policy: Policy) -> Iterator[TitleKey]:
    """The keys that an entry's title and the documents that it is about are cited by."""
    for name in dict.fromkeys((policy.title, *policy.documents)):
        key = title_key(name)
        yield TitleKey(key.work, key.version or ("征求意见稿" if policy.status == "征求意见稿" else ""))
