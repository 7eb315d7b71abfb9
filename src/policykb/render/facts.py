"""What an entry says of itself, as labels and texts: the head of a page about it."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from policykb.domain.policy import FIELDS, joined_issuers

if TYPE_CHECKING:
    from policykb.domain.policy import Policy


OFFICIAL = ("issuers", "number", "date", "effective", "kind", "tags", "source")  # what every official table states


def facts(policy: Policy, always: Collection[str] = ()) -> list[tuple[str, str]]:
    """The fields that an entry has, as label and text, in the order of official documents.

    Those of the names in ``always`` are there without a text, too: nobody knows it yet.
    """
    shown = sorted((one for one in FIELDS if one.shown), key=lambda one: one.shown)
    texts = ((one.name, one.label, _text(policy, one.name, one.type)) for one in shown)
    return [(label, text) for name, label, text in texts if text or name in always]


def citation(policy: Policy) -> str:
    """How documents are cited: 国务院：《碳排放权交易管理暂行条例》（国令第775号），2024年1月25日。"""
    number = f"（{policy.number}）" if policy.number else ""
    day = f"，{policy.date.year}年{policy.date.month}月{policy.date.day}日" if policy.date else ""
    issuers = joined_issuers(policy.issuers, policy.issuer_count)
    return f"{issuers}{'：' if issuers else ''}《{policy.title}》{number}{day}。"


def _text(policy: Policy, name: str, type: str) -> str:
    value = getattr(policy, name)
    if name == "issuers":
        return joined_issuers(value, policy.issuer_count)
    if type == "titles":
        return "\n".join(f"《{title}》" for title in value)
    if type == "names":
        return "、".join(value)
    return "" if value is None else str(value)
