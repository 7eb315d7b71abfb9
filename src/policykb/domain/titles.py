"""What people call a document: the names that a search finds it by, made from its title.

A notice that issues a document is called by that document's name; the name of the state, departments before 关于 and
the version in brackets are left off. Several documents may go by one of them; whether two spellings mean the same
document is another question, that of `policykb.text.title_keys`. The words are data, ``data/documents.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from policykb.domain.names import any_of
from policykb.domain.wording import words

NAME, VERSION, STEM = 1, 2, 3  # how near a name is to the title
_SHORTEST_STEM = 4  # characters that a name without its kind must have, so that a mere word is no name
_SHORTEST_SUBJECT = 8  # and the subject of 关于 … 的通知

_QUOTED = re.compile(r"《(.+)》")
_BRACKETS = re.compile(r"[(（][^()（）]*[)）]\s*$")


class _Grammar(NamedTuple):
    """The expressions that titles are read by."""

    state: re.Pattern[str]  # 中华人民共和国
    organs: re.Pattern[str]  # 国务院办公厅 before 关于
    issuing: re.Pattern[str]  # 关于印发 … 的通知
    about: re.Pattern[str]  # 关于 … 的意见
    trial: re.Pattern[str]  # 暂行 before a kind
    kind: re.Pattern[str]  # 条例, 办法 at the end


@cache
def _grammar() -> _Grammar:
    names, kind = words()["names"], words()["kind"]
    own = [one["words"] for one in kind if one["name"] not in names["beside"]]
    kinds = any_of(word for some in own for word in some if len(word) > 1)
    notices, trial = any_of(names["notices"]), any_of(names["trial"])
    return _Grammar(
        re.compile(f"^(?:{any_of(names['state'])})"),
        re.compile(rf"^[^《》]{{2,200}}?(?:{any_of(words()['matching']['organs'])})(?=关于)"),
        re.compile(rf"(?:关于)?(?:{any_of(names['issuing'])})(?P<what>.+?)的(?:{notices})$"),
        re.compile(rf"^关于(?P<what>.+)的(?:{any_of(names['manner'])})*(?:{notices}|{kinds})$"),
        re.compile(rf"(?:{trial})(?=(?:{kinds})$)"),
        re.compile(rf"(?:{trial})?(?:{kinds})$"),
    )


def spoken_names(title: str) -> Iterator[tuple[str, int]]:
    """The names that a document of this title goes by, each with `NAME`, `VERSION` or `STEM`; not folded yet.

    `NAME` is the title itself, or what it issues; in a `VERSION` what stands in brackets at the end, and 暂行, is left
    off; a `STEM` is one without its kind (碳排放权交易管理 for 碳排放权交易管理办法).
    """
    grammar = _grammar()
    own = grammar.organs.sub("", title.strip())
    found = [title, own, grammar.state.sub("", title)]
    if issued := grammar.issuing.search(_BRACKETS.sub("", own)):
        what = issued["what"]
        quoted = _QUOTED.search(what)
        inner = quoted[1] if quoted else what
        found += [inner, grammar.state.sub("", inner)]
    names = dict.fromkeys(found)
    for name in names:
        yield name, NAME
    for name in names:
        bare = name
        while (shorter := _BRACKETS.sub("", bare)) != bare:
            bare = shorter
        about = grammar.about.match(bare)
        if about and len(about["what"]) >= _SHORTEST_SUBJECT:
            yield about["what"], VERSION
        plain = grammar.trial.sub("", bare)
        for version in {bare, plain} - {name}:
            yield version, VERSION
        stem = grammar.kind.sub("", plain)
        if stem != plain and len(stem) >= _SHORTEST_STEM and "关于" not in stem:
            yield stem, STEM
