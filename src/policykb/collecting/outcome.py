"""What became of a source and of what it announced."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

# taken into the inbox; held or waiting already; changed since then and taken once more; no document; not to be had
What = Literal["taken", "held", "changed", "refused", "failed"]


@dataclass(frozen=True, slots=True)
class Announced:
    """An item of a feed: ``id`` is that of the item in the inbox, or of the entry that has it, ``why`` says more.

    ``attachments`` are the ids in the inbox of the documents that its page links to.
    """

    what: What
    title: str
    url: str
    id: str = ""
    why: str = ""
    attachments: tuple[str, ...] = ()


@dataclass(slots=True)
class Collected:
    """What a source gave: what was new or failed, how many items were known already, and how many are left.

    ``problem`` is why it gave nothing, ``notes`` what is otherwise than before.
    """

    name: str
    announced: list[Announced] = field(default_factory=list)
    known: int = 0
    left: int = 0
    unchanged: bool = False
    problem: str = ""
    notes: list[str] = field(default_factory=list)

    def count(self, what: What) -> int:
        """How many items became that."""
        return sum(one.what == what for one in self.announced)
