"""``policykb tag``: propose tags, write them, set them by hand, measure the proposals."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

import click

from policykb.cli.options import ByHand, form_option, knowledge_base, own_knowledge_base, parted, today
from policykb.cli.output import emit, say
from policykb.errors import UnknownNameError
from policykb.i18n import _
from policykb.importing.addition import read_policy
from policykb.render import records
from policykb.render.terminal import tags as text
from policykb.tagging.changes import apply_tags, retag
from policykb.tagging.evaluation import evaluate as evaluate_tags
from policykb.tagging.tagger import MIN_SCORE
from policykb.tagging.targets import find_entries, propose_tags

if TYPE_CHECKING:
    from policykb.domain.vocabulary import Vocabulary


@click.command(
    "tag",
    help=_(
        "Propose tags with the evidence; a TARGET is an id, a file that is not in the corpus yet, or a query.\n\n"
        "By hand: policykb tag +碳市场 -碳核算 ID... A tag taken away by hand is not proposed for that entry again."
    ),
    cls=ByHand,
)
@click.argument("targets", nargs=-1, metavar="TARGET...")
@click.option("--untagged", is_flag=True, help=_("All entries without a tag."))
@click.option("--apply", is_flag=True, help=_("Write the proposed tags into the entries."))
@click.option(
    "--min-score",
    type=click.FloatRange(0, 1),
    default=MIN_SCORE,
    metavar="S",
    help=_("Only tags with this score or more."),
)
@click.option("--dry-run", is_flag=True, help=_("With +TAG and -TAG: show what would change."))
@click.option("--create", is_flag=True, help=_("With +TAG: make a tag that the vocabulary does not have, unasked."))
@click.option("--evaluate", is_flag=True, help=_("Compare the proposals with the tags that entries have."))
@form_option("text", "json")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    targets: tuple[str, ...],
    untagged: bool,
    apply: bool,
    min_score: float,
    dry_run: bool,
    create: bool,
    evaluate: bool,
    form: str,
) -> None:
    if evaluate:
        kb = knowledge_base(ctx)
        figures = evaluate_tags(kb.vocabulary, kb.policies(), min_score=min_score)
        emit(records.as_json(records.evaluation_record(figures)) if form == "json" else text.evaluation(figures))
        return
    changes, chosen = parted(targets)
    if not chosen and not untagged:
        raise click.UsageError(_("name a TARGET: an id, a file or a query; or use --untagged"), ctx)
    kb = own_knowledge_base(ctx) if changes or apply else knowledge_base(ctx)
    with kb:
        search = partial(kb.search, today=today(ctx))
        if changes:
            add = [change[1:] for change in changes if change[0] == "+"]
            remove = [change[1:] for change in changes if change[0] == "-"]
            paths = find_entries(kb.corpus, search, chosen, untagged=untagged)
            new = _to_create(kb.vocabulary, add, create)
            done = retag(
                kb.corpus, kb.vocabulary, paths, add=add, remove=remove, create=new, dry_run=dry_run, say=kb.say
            )
            for tag in new if done and not dry_run else ():
                said = _("made the tag {tag}; describe it in {path}, with words that speak for it")
                say(said.format(tag=tag, path=kb.corpus.root / "tags.toml"))
            emit(records.as_json(records.tag_changes_record(done)) if form == "json" else text.changes(done, dry_run))
            return
        found = propose_tags(
            kb.corpus, kb.vocabulary, lambda file: read_policy(kb.corpus, kb.authority, file), search, chosen,
            untagged=untagged, min_score=min_score,
        )  # fmt: skip
        emit(records.as_json(records.suggestions_record(found)) if form == "json" else text.suggestions(found))
        if apply:
            tags = {one.path: [each.tag for each in one.suggestions] for one in found if one.path and one.suggestions}
            done = apply_tags(kb.corpus, tags, kb.say)
            for one in found:
                if one.path is None:
                    say(_("{name}: not in the corpus; add it first (policykb add)").format(name=one.name))
            if form == "text" and done:
                emit(text.changes(done, dry_run=False))


def _to_create(vocabulary: Vocabulary, tags: list[str], unasked: bool) -> list[str]:
    """The tags that the vocabulary does not have and that are to be made: all with ``--create``, or those agreed to."""
    unknown = [tag for tag in tags if not vocabulary.known(tag)]
    if unasked or not unknown:
        return unknown
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        for tag in unknown:
            say(_("{tag} is not in the vocabulary; --create makes it a tag").format(tag=tag))
        return []
    return [tag for tag in unknown if click.confirm(_asked(vocabulary, tag), err=True)]


def _asked(vocabulary: Vocabulary, tag: str) -> str:
    try:
        vocabulary.resolve(tag)
    except UnknownNameError as error:
        return _("{problem} Make it a tag?").format(problem=error)
    return tag
