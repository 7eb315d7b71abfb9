"""`Basket`: the entries that a person picked or dropped, by short keys; it lives in the address."""

from __future__ import annotations

import hashlib
from base64 import b32encode
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from policykb.search.request import ALL, Hit, Result, Snippet

if TYPE_CHECKING:
    from datetime import date

    from policykb.kb import KnowledgeBase
    from policykb.web.address import Address

_LONG = 6  # characters of a key: of 10,000 entries two have the same one once in twenty knowledge bases


def key(id: str) -> str:
    """The short key of an entry."""
    return b32encode(hashlib.sha256(id.encode("utf-8", "surrogatepass")).digest())[:_LONG].decode().lower()


@dataclass(frozen=True, slots=True)
class Basket:
    """``picked`` keys are added to what a search selects, ``dropped`` ones taken out of it."""

    address: Address
    picked: tuple[str, ...]
    dropped: tuple[str, ...]

    @classmethod
    def of(cls, address: Address) -> Basket:
        """The basket of an address."""
        picked, dropped = (tuple(filter(None, address.get(name).split("."))) for name in ("pick", "drop"))
        return cls(address, picked, dropped)

    def __contains__(self, id: object) -> bool:
        return isinstance(id, str) and key(id) in self.picked

    def picking(self, id: str) -> Address:
        """The address with an entry picked, or not any more where it is."""
        own = key(id)
        picked = [one for one in self.picked if one != own] if own in self.picked else [*self.picked, own]
        return self.address.with_(pick=".".join(picked))

    def dropping(self, id: str) -> Address:
        """The address without an entry: not picked any more, or dropped from what the search selects."""
        if id in self:
            return self.picking(id)
        return self.address.with_(drop=".".join([*self.dropped, key(id)]))

    def filled(self, kb: KnowledgeBase, today: date) -> Result:
        """What the search of the address selects and what was picked, oldest first, without what was dropped.

        An address that asks for nothing but a basket selects nothing else.
        """
        found = Result(0, ())
        if not (self.picked and self.address.is_open):
            filters = self.address.selection(today)
            found = kb.search(self.address.get("q"), **filters, sort="oldest", limit=ALL, today=today)
        hits = [hit for hit in found.hits if key(hit.policy.id) not in self.dropped]
        held = {hit.path for hit in hits}
        hits += [hit for hit in self._picked(kb) if hit.path not in held]
        return found._replace(total=len(hits), hits=hits)

    def _picked(self, kb: KnowledgeBase) -> Iterable[Hit]:
        for path in kb.corpus.paths() if self.picked else ():
            if key(path.stem) in self.picked:
                yield Hit(kb.corpus.read(path), kb.corpus.relative(path), 0.0, Snippet())
