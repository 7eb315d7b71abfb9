"""``policy_propose``: what an assistant thinks an entry should say, for a person to decide; no entry changes."""

from __future__ import annotations

from policykb.corpus.folder import id_of
from policykb.domain.relation import RELATION_TYPES
from policykb.i18n import _
from policykb.inbox.inbox import Inbox
from policykb.inbox.proposal import Proposal
from policykb.mcp.tool import Arguments, Desk, Record, Tool, text

_BY = "assistant"


def tool() -> Tool:
    """The tool, with what it takes."""
    takes = {
        "id": text("the entry's id"),
        "kind": {"enum": ["tag", "relation", "field"]},
        "name": text("of a relation its type ({types}), of a field its key".format(types=", ".join(RELATION_TYPES))),
        "value": text("the tag, the relation's target (id, title or number), the field's value"),
        "quote": text("the sentence of the entry that says so, word for word"),
    }
    says = (
        "Proposes a tag, a relation or a field of an entry with its evidence. It goes into the inbox, where a person "
        "decides; no entry changes."
    )
    needs = ["id", "kind", "value", "quote"]
    return Tool("policy_propose", _("Propose to a person"), says, takes, answer, needs, writes=True)


def answer(desk: Desk, arguments: Arguments) -> Record:
    """Puts a proposal into the inbox; ``waiting``, or ``settled`` where a person decided it or the entry says so."""
    kb, today = desk.kb, desk.today()
    entry = id_of(desk.entry(arguments["id"]))
    box = Inbox(kb.corpus, kb.authority, kb.vocabulary, today=today, by=_BY, say=kb.say)
    one = Proposal(arguments["kind"], entry, arguments.get("name", ""), arguments["value"], quote=arguments["quote"])
    item = box.propose([one])
    if item is None:
        return {"id": entry, "state": "settled", "note": _("the entry says so already, or a person rejected it before")}
    return {"id": entry, "state": "waiting", "item": item.id, "note": _("a person decides: policykb inbox")}
