"""``policy_gaps``: what the knowledge base does not hold, so that an answer can say so."""

from __future__ import annotations

from policykb.i18n import _
from policykb.mcp.tool import Arguments, Desk, Record, Tool, cursor, cut, fitting, place, shortened
from policykb.relations.gaps import gaps
from policykb.render.relation_records import gaps_record

_HEAD = 9_000  # characters of what is said beside the documents that are cited
_SENTENCES = 3  # of those that cite a document; `entries` says how many do


def tool() -> Tool:
    """The tool, with what it takes."""
    says = (
        "What this knowledge base lacks: documents that its entries cite and it does not hold, most cited first, each "
        "with the citing sentences; drafts of more than a year ago without a final; how many entries lack a field."
    )
    return Tool("policy_gaps", _("What is missing"), says, {"cursor": cursor()}, answer)


def answer(desk: Desk, arguments: Arguments) -> Record:
    """Documents that are cited and not held, one page at a time, with drafts and lacking fields."""
    today, start = desk.today(), place(arguments)
    record = gaps_record(desk.linked(lambda links: gaps(links, today, start + 200)))
    for one in record["cited"][start:]:
        some = one["sentences"][:_SENTENCES]
        one["sentences"] = [{"id": said["id"], "quote": cut(said["quote"])} for said in some]
    head = {
        "as_of": str(today),
        "total": record["total"],
        "drafts": record["drafts"][:50],
        "lacking": {name: len(ids) for name, ids in record["lacking"].items()},
    }
    head = shortened(head, _HEAD)
    cited, rest = fitting(record["cited"], start, head)
    return head | {
        "cited": cited,
        "cursor": rest or (str(start + len(cited)) if start + len(cited) < record["total"] else None),
    }
