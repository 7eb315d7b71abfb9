"""Whether a document is the final one of a draft, by the likeness of their names: a title may change on the way."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from policykb.domain.relation import relation_words

_FIGURES = re.compile(r"[0-9]+")
_MOST_NEW = 0.4  # of the longer name: what may have come or gone


def likeness(draft: str, final: str) -> float:
    """How alike the works (of `TitleKey`) of a draft and a final are, 0 where they are two documents, 1 for the same.

    Figures must agree, and words that say nothing of the subject do not count; a name may have got longer or shorter,
    but where each has something that the other lacks (铝冶炼, 水泥熟料) they are about different things.
    """
    if draft == final:
        return 1.0
    bare, others = set(_bare(draft)), set(_bare(final))
    if not (bare <= others or others <= bare):  # so it is with most: said without counting
        return 0.0
    if Counter(_FIGURES.findall(draft)) != Counter(_FIGURES.findall(final)):
        return 0.0
    one, other = Counter(_bare(draft)), Counter(_bare(final))
    gone, come = (one - other).total(), (other - one).total()
    longer = max(one.total(), other.total(), 1)
    if (gone and come) or max(gone, come) > _MOST_NEW * longer:
        return 0.0
    pairs, theirs = _pairs(draft), _pairs(final)
    shared = len(pairs & theirs) / max(len(pairs | theirs), 1)
    return 0.5 * shared + 0.5 * (1 - max(gone, come) / longer)


@lru_cache(10_000)
def _bare(name: str) -> str:
    for word in relation_words()["finals"]["empty"]:
        name = name.replace(word, "")
    return name


def _pairs(name: str) -> set[str]:
    return {name[i : i + 2] for i in range(len(name) - 1)}
