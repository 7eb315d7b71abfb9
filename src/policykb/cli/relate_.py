"""``policykb relate``: confirm what was found, or say by hand what an entry has to do with another one."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

import click

from policykb.cli.options import ByHand, form_option, knowledge_base, own_knowledge_base, parted, today
from policykb.cli.output import columns, emit
from policykb.corpus.folder import id_of
from policykb.errors import CorpusError
from policykb.i18n import _
from policykb.relations.decisions import Decision, decide, parse
from policykb.relations.overview import overview
from policykb.render import relation_records as records
from policykb.render.records import as_json
from policykb.render.terminal import relations as text
from policykb.tagging.targets import find_entries

if TYPE_CHECKING:
    from policykb.corpus.corpus import Corpus


# the beginning of an id, as entries are named by elsewhere: 2024-0, 2024-06-04-关于…; no title (2021-2025年规划)
_ID = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?![0-9年])|-?[0-9]?$)")


@click.command(
    "relate",
    help=_(
        "Show the relations that were found in the entries TARGET (ids or a query), each with its evidence; --apply "
        "writes them into the entries as confirmed.\n\n"
        "By hand: policykb relate ID +basis:TARGET -cites:TARGET, where TARGET is an id, a title or a number. What was "
        "rejected is not found again."
    ),
    cls=ByHand,
)
@click.argument("targets", nargs=-1, metavar="TARGET...")
@click.option("--apply", is_flag=True, help=_("Write what was found as confirmed."))
@click.option("--by", default="", metavar="NAME", help=_("Who decides it."))
@click.option("--dry-run", is_flag=True, help=_("Show what would change."))
@form_option("text", "json")
@click.pass_context
def command(ctx: click.Context, /, targets: tuple[str, ...], apply: bool, by: str, dry_run: bool, form: str) -> None:
    changes, chosen = parted(targets)
    made = [parse(change) for change in changes]
    if not chosen:
        raise click.UsageError(_("name a TARGET: an id or a query"), ctx)
    on = today(ctx)
    writes = (made or apply) and not dry_run
    with own_knowledge_base(ctx) if writes else knowledge_base(ctx) as kb:
        paths = find_entries(kb.corpus, partial(kb.search, today=on), chosen)
        if made:
            made = [_named(kb.corpus, one) for one in made]
            done = decide(kb.corpus, dict.fromkeys(paths, made), today=on, by=by, dry_run=dry_run, say=kb.say)
            emit(as_json(records.decided_record(done)) if form == "json" else text.decided(done, dry_run))
            return
        kb.engine.open()
        found = {}
        for path in paths:
            relative = kb.corpus.relative(path)
            known = kb.engine.linked(partial(overview, path=relative, day=on))
            if known:
                found[path] = known._replace(out=tuple(one for one in known.out if not one.relation.confirmed), into=())
        if form == "json":
            emit(as_json([records.relations_record(one) for one in found.values()]))
        else:
            emit("\n".join(text.proposals(one, columns()) for one in found.values()))
        if apply:
            decisions = {
                path: [
                    Decision(
                        one.relation.type, one.relation.title or one.title or one.number, True, one.relation.number,
                        one.relation.date, one.relation.partial,
                    )
                    for one in known.out
                ]
                for path, known in found.items()
            }  # fmt: skip
            done = decide(kb.corpus, decisions, today=on, by=by, dry_run=dry_run, say=kb.say)
            if form == "text":
                emit(text.decided(done, dry_run))


def _named(corpus: Corpus, one: Decision) -> Decision:
    """A decision with the whole id that a part of one stands for. Raises CorpusError where it is unclear which."""
    if not _ID.match(one.target):
        return one
    try:
        return one._replace(target=id_of(corpus.resolve(one.target)))
    except CorpusError:
        if one.holds:
            raise
        return one  # of an entry that is no longer there
