"""policykb: a knowledge base of Chinese policy documents.

>>> from policykb import KnowledgeBase, DateRange
>>> kb = KnowledgeBase.open(".")                                    # doctest: +SKIP
>>> kb.search("碳足迹", issuers="发改委", limit=5).total              # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["DateRange", "Hit", "KnowledgeBase", "Policy", "PolicyKBError", "Result", "Snippet", "__version__"]

__version__ = "0.1.0"

if TYPE_CHECKING:
    from policykb.domain.daterange import DateRange
    from policykb.domain.policy import Policy
    from policykb.errors import PolicyKBError
    from policykb.kb import KnowledgeBase
    from policykb.search.request import Hit, Result, Snippet

_HOME = {
    "DateRange": "domain.daterange",
    "Hit": "search.request",
    "KnowledgeBase": "kb",
    "Policy": "domain.policy",
    "PolicyKBError": "errors",
    "Result": "search.request",
    "Snippet": "search.request",
}


def __getattr__(name: str) -> Any:
    """Imports a public name when it is first used, so that a command loads only what it needs."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
