"""What a shell may complete a word to: names in use, ids of entries, periods. Where anything is wrong: nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import get_args

import click

from policykb.corpus.folder import id_of
from policykb.corpus.locate import chosen_root
from policykb.domain.daterange import DateRange
from policykb.domain.period_grammar import USUAL
from policykb.errors import PolicyKBError
from policykb.files.packaged import shipped
from policykb.kb import KnowledgeBase
from policykb.relations.validity import State
from policykb.search.saved import saved_searches


def candidates(ctx: click.Context, what: str, begun: str) -> list[str]:
    """The ids that contain what was typed, or the names (of issuers, periods, searches …) that begin with it."""
    try:
        root = chosen_root(ctx.find_root().params.get("kb")) or shipped()
        with KnowledgeBase.open(root) as kb:
            if what == "id":
                return [id for id in map(id_of, kb.corpus.paths()) if begun in id]
            if what == "validity":
                found: Iterable[str] = get_args(State)
            elif what == "period":
                found = _periods(kb)
            elif what == "search":
                found = [one.name for one in saved_searches(kb.corpus.root)]
            else:
                found = [*kb.engine.terms(what), *_other_names(kb, what, begun)]
            return list(dict.fromkeys(value for value in found if value.startswith(begun)))
    except (PolicyKBError, OSError):
        return []


def _other_names(kb: KnowledgeBase, what: str, begun: str) -> Iterable[str]:
    """Short and former names, and tags that no entry has yet: too many where nothing has been typed."""
    if what == "issuer" and begun:
        return [name for organ in kb.authority for name in organ.names]
    return kb.vocabulary if what == "tag" else ()


def _periods(kb: KnowledgeBase) -> list[str]:
    days = [policy.date for policy in kb.policies() if policy.date]
    years = range(min(days).year, max(days).year + 1) if days else range(date.today().year, date.today().year + 1)
    found = list(USUAL)
    for year in reversed(years):
        first = DateRange.year(date(year, 1, 1))
        found += [f"{year}", *(f"{year}H{half}" for half in (1, 2)), *(f"{year}Q{quarter}" for quarter in range(1, 5))]
        found += [month.label() or "" for month in first.months()]
    return found
