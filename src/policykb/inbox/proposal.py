"""`Proposal`: what somebody, or the program, thinks that an entry should say, with the evidence for it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

from policykb.domain.policy import BY_NAME
from policykb.domain.relation import relation_words
from policykb.i18n import _

Kind = Literal["tag", "relation", "field", "finding"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Proposal:
    """One thing to decide about one entry.

    ``entry`` is the entry's id, empty for the draft of an item. ``name`` is the type of a relation, the name of a field
    or the key that a finding is about, and ``value`` the tag, the relation's target (an id, a title or a number), what
    the field should say (days as ISO 8601, several names with 、 between them, empty where a person has to fill it in)
    or the problem that was found. ``quote`` is the sentence that speaks for it, ``words`` those of it that count,
    ``where`` says where they stand and ``sureness`` how sure it is, 0 to 1, None where nobody says. ``by`` is who
    proposes it, empty for policykb itself; ``item`` is the item of the inbox that holds it, empty for what is worked
    out anew each time. ``number``, ``day`` and ``partial`` are those of a `Relation`; ``line`` is that of a finding.
    """

    kind: Kind
    entry: str
    name: str
    value: str
    quote: str = ""
    words: tuple[str, ...] = ()
    where: str = ""
    sureness: float | None = None
    by: str = ""
    item: str = ""
    number: str = ""
    day: date | None = None
    partial: bool = False
    line: int | None = None

    @property
    def key(self) -> str:
        """What it is called: the same for as long as the same is proposed for the same entry."""
        said = "\x1f".join((self.kind, self.entry, self.name, self.value))
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:12]

    @property
    def stands_in_entry(self) -> bool:
        """Whether an entry remembers that it was rejected; others are noted in the inbox."""
        return self.kind in ("tag", "relation") and bool(self.value)

    def as_dict(self) -> dict[str, Any]:
        """The proposal as JSON gives it."""
        return {
            "key": self.key,
            "kind": self.kind,
            "entry": self.entry or None,
            "name": self.name or None,
            "value": self.value,
            "quote": self.quote,
            "words": list(self.words),
            "where": self.where or None,
            "sureness": self.sureness,
            "by": self.by or None,
            "item": self.item or None,
            "number": self.number or None,
            "day": self.day and self.day.isoformat(),
            "partial": self.partial,
            "line": self.line,
        }


def in_words(one: Proposal, value: str = "") -> str:
    """What is proposed, or the other ``value`` that a person chose."""
    said = " ".join((value or one.value).split())  # one line, whatever somebody wrote
    if one.kind == "tag":
        return f"#{said}" if said else _("no tag; choose one")
    if one.kind == "relation":
        return f"{relation_words()['label'].get(one.name, one.name)} {said}"
    if one.kind == "finding":
        return f"{one.name}: {said}" if one.name else said
    label = BY_NAME[one.name].label if one.name in BY_NAME else one.name
    return f"{label}: {said}" if said else _("{field}: is lacking; fill it in").format(field=label)
