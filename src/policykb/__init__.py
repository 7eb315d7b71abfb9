"""policykb: a knowledge base of Chinese policy documents.

Here 政策库 is a folder that ``policykb init 政策库 --with-2024`` made:

>>> from policykb import DateRange, Hit, KnowledgeBase, Policy, PolicyKBError, Result, Snippet
>>> kb = KnowledgeBase.open("政策库")
>>> found: Result = kb.search("碳足迹", issuers="发改委", dates="2024下半年", limit=2)
>>> found.total
3
>>> hit: Hit = found.hits[0]
>>> policy: Policy = hit.policy
>>> policy.title
'关于开展产品碳足迹标识认证试点工作的通知'
>>> snippet: Snippet = hit.snippet
>>> mark = snippet.marks[0]
>>> snippet.text[mark.start : mark.end]
'碳足迹'

Periods are read as people write them, everything that can go wrong is a `PolicyKBError`:

>>> from datetime import date
>>> quarter = DateRange.parse("上季度", today=date(2025, 1, 1))
>>> str(quarter)
'2024-10-01..2024-12-31'
>>> kb.search("碳足迹", dates=quarter).total
3
>>> try:
...     kb.search("碳足迹", issuers="发改")
... except PolicyKBError as error:
...     print(error)
unknown department: 发改; did you mean 国家发展和改革委员会?
>>> kb.close()
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["DateRange", "Hit", "KnowledgeBase", "Policy", "PolicyKBError", "Result", "Snippet", "__version__"]

__version__ = "0.2.0"

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
