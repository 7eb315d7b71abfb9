"""What an entry says of itself, as labels and texts: the head of a page about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policykb.domain.policy import FIELDS, joined_issuers

if TYPE_CHECKING:
    from policykb.domain.policy import Policy


def facts(policy: Policy) -> list[tuple[str, str]]:
    """The fields that an entry has, as label and text, in the order of official documents."""
    shown = sorted((one for one in FIELDS if one.shown), key=lambda one: one.shown)
    texts = ((one.label, _text(policy, one.name, one.type)) for one in shown)
    return [(label, text) for label, text in texts if text]


def _text(policy: Policy, name: str, type: str) -> str:
    value = getattr(policy, name)
    if name == "issuers":
        return joined_issuers(value, policy.issuer_count)
    if type == "titles":
        return "\n".join(f"《{title}》" for title in value)
    if type == "names":
        return "、".join(value)
    return "" if value is None else str(value)
