"""``policykb inbox``: what waits for a person; ``show``, ``accept``, ``reject``, ``undo``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from policykb.cli.options import form_option, knowledge_base, own_knowledge_base, today
from policykb.cli.output import columns, emit, page, say
from policykb.errors import CorpusError
from policykb.i18n import _
from policykb.inbox.decisions import Decided, Verdict
from policykb.inbox.inbox import Inbox, Queue
from policykb.inbox.items import Item
from policykb.inbox.proposal import KINDS, Proposal, in_words
from policykb.render import inbox_records as records
from policykb.render.records import as_json
from policykb.render.terminal import inbox as text

if TYPE_CHECKING:
    from policykb.kb import KnowledgeBase

_KINDS = ("document", *KINDS)


@click.group(
    "inbox",
    help=_(
        "What waits for a person: documents that came in, proposed tags and relations, doubtful fields, findings of "
        "check; each with its evidence. A KEY is that of a proposal or of a document, or its beginning."
    ),
    invoke_without_command=True,
)
@click.pass_context
def command(ctx: click.Context, /) -> None:
    if not ctx.invoked_subcommand:
        ctx.invoke(list_)


@command.command("list", help=_("All that waits, or what is of one kind."))
@click.option("--kind", type=click.Choice(_KINDS), help=_("Only documents, tags, relations, fields or findings."))
@form_option("text", "json")
@click.pass_context
def list_(ctx: click.Context, /, kind: str | None = None, form: str = "text") -> None:
    with knowledge_base(ctx) as kb:
        found = _inbox(ctx, kb).queue(kb.engine)
    if kind:
        documents = found.documents if kind == "document" else ()
        found = Queue(documents, tuple(one for one in found.proposals if one.kind == kind), found.problems)
    if form == "json":
        emit(as_json(records.queue_record(found)))
    else:
        page(text.queue(found, columns()))


@command.command("show", help=_("A document with all that was read of it, or a proposal with its evidence."))
@click.argument("key")
@form_option("text", "json")
@click.pass_context
def show(ctx: click.Context, /, key: str, form: str) -> None:
    with knowledge_base(ctx) as kb:
        inbox = _inbox(ctx, kb)
        (found,) = _named(inbox.queue(kb.engine), [key])
    if isinstance(found, Proposal):
        emit(as_json({"format": 1, **found.as_dict()}) if form == "json" else text.one_proposal(found, columns()))
        return
    known = inbox.compared(found)
    emit(as_json(records.document_record(found, known)) if form == "json" else text.document(found, known, columns()))


@command.command(
    "accept",
    help=_(
        "Write proposals into their entries, make entries of documents. What is lacking, or should be otherwise, is "
        "given with --value, of a document with --set. Exit code 1 when something was not done."
    ),
)
@click.argument("keys", nargs=-1, required=True, metavar="KEY...")
@click.option("--value", default="", metavar="VALUE", help=_("Of one proposal: write this instead."))
@click.option("--set", "given", multiple=True, metavar="NAME=VALUE", help=_("Of a document: a field as it should be."))
@click.option("--to", default="", metavar="ID", help=_("Put the document's text into this entry."))
@click.option("--anyway", is_flag=True, help=_("Though the corpus has the document already."))
@form_option("text", "json")
@click.pass_context
def accept(
    ctx: click.Context, /, keys: tuple[str, ...], value: str, given: tuple[str, ...], to: str, anyway: bool, form: str
) -> int:
    changes = dict(_pair(ctx, one) for one in given)
    if len(keys) > 1 and (value or changes or to):
        raise click.UsageError(_("--value, --set and --to are for one KEY"), ctx)
    with own_knowledge_base(ctx) as kb:
        inbox = _inbox(ctx, kb)
        named = _named(inbox.queue(kb.engine), keys)
        taken_in = []
        for item in named:
            if isinstance(item, Item):
                if changes:
                    inbox.correct(item.id, changes)
                taken_in.append(inbox.take_in(item.id, to=to, anyway=anyway))
        decided = inbox.decide([Verdict(one, True, value) for one in named if isinstance(one, Proposal)])
    return _said(decided, taken_in, [], form)


@command.command("reject", help=_("Say no: what is rejected is not proposed again."))
@click.argument("keys", nargs=-1, required=True, metavar="KEY...")
@form_option("text", "json")
@click.pass_context
def reject(ctx: click.Context, /, keys: tuple[str, ...], form: str) -> int:
    with own_knowledge_base(ctx) as kb:
        inbox = _inbox(ctx, kb)
        named = _named(inbox.queue(kb.engine), keys)
        away = [one.id for one in named if isinstance(one, Item)]
        for id in away:
            inbox.turn_away(id)
        decided = inbox.decide([Verdict(one, False) for one in named if isinstance(one, Proposal)])
    return _said(decided, [], away, form)


@command.command("undo", help=_("Take the last decision back."))
@click.pass_context
def undo(ctx: click.Context, /) -> None:
    with own_knowledge_base(ctx) as kb:
        emit(_("taken back: {what}").format(what=_inbox(ctx, kb).undo()) + "\n")


def _inbox(ctx: click.Context, kb: KnowledgeBase) -> Inbox:
    return Inbox(kb.corpus, kb.authority, kb.vocabulary, today=today(ctx), say=kb.say)


def _named(waiting: Queue, keys: Sequence[str]) -> list[Item | Proposal]:
    """What keys, or their beginnings, name. Raises CorpusError where one names nothing or several things."""
    there: dict[str, Item | Proposal] = {one.key: one for one in waiting.proposals}
    there |= {item.id: item for item in waiting.documents}
    found = []
    for key in dict.fromkeys(keys):
        some = [key] if key in there else [one for one in there if one.startswith(key) and key]
        if not some:
            raise CorpusError(_("there is no {id} in the inbox; 'policykb inbox' shows what there is").format(id=key))
        if len(some) > 1:
            raise CorpusError(_("{key} begins several: {keys}").format(key=key, keys=", ".join(some[:5])))
        found.append(there[some[0]])
    return found


def _pair(ctx: click.Context, written: str) -> tuple[str, str]:
    name, equals, value = written.partition("=")
    if not equals:
        raise click.UsageError(_("{written}: write NAME=VALUE").format(written=written), ctx)
    return name.strip(), value


def _said(decided: Decided, taken_in: list[str], turned_away: list[str], form: str) -> int:
    if form == "json":
        emit(as_json(records.decided_record(decided, taken_in, turned_away)))
    else:
        emit(text.decided(decided, taken_in, turned_away))
    undecided: dict[str, list[Proposal]] = {}  # by the reason, which what is decided together shares
    for verdict, why in decided.again:
        undecided.setdefault(why, []).append(verdict.proposal)
    for why, (first, *others) in undecided.items():
        what = f"{first.entry}: {in_words(first)}"
        if others:
            what = _("{what} and {number} more").format(what=what, number=len(others))
        say(_("not decided: {what}: {reason}").format(what=what, reason=why))
    return 1 if decided.again else 0
