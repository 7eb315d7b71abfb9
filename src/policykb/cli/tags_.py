"""``policykb tags``: the tags with their counts; rename, merge, suggest."""

from __future__ import annotations

from typing import Any

import click

from policykb.cli.options import (
    filter_options,
    form_option,
    knowledge_base,
    output_options,
    own_knowledge_base,
    selection,
    today,
)
from policykb.cli.output import emit
from policykb.files.packaged import data_files
from policykb.files.reading import read_terms
from policykb.i18n import _
from policykb.render import records, results
from policykb.render.terminal import tags as text
from policykb.tagging.changes import rename_tag
from policykb.tagging.new_terms import frequent_terms_without_tag
from policykb.text.fold import fold


@click.group(
    "tags", help=_("Tags with the number of their entries, in all or in the selection."), invoke_without_command=True
)
@filter_options
@click.option("--words", default="", metavar="QUERY", help=_("Only entries that match a query."))
@output_options("text", "json", "csv", "xlsx")
@click.pass_context
def command(ctx: click.Context, /, words: str, form: str, output: str | None, **options: Any) -> None:
    if ctx.invoked_subcommand:
        return
    filters = selection(ctx, options)
    with knowledge_base(ctx) as kb:
        found = kb.search(words, **filters, limit=0, facets=True, today=today(ctx))
        counts = dict(found.facets["tag"])
        if not words and not any(filters.values()):
            counts |= {tag: 0 for tag in kb.vocabulary if tag not in counts}
        emit(results.counts("tag", counts, form, kb.root), output)


@command.command("rename", help=_("Give the tag OLD the name NEW in all entries; NEW must not be in use (see merge)."))
@click.argument("old")
@click.argument("new")
@click.option("--dry-run", is_flag=True, help=_("Show what would change."))
@click.pass_context
def rename(ctx: click.Context, /, old: str, new: str, dry_run: bool) -> None:
    with own_knowledge_base(ctx) as kb:
        done = rename_tag(kb.corpus, kb.vocabulary, [old, new], dry_run=dry_run, say=kb.say)
        emit(text.changes(done, dry_run))


@command.command("merge", help=_("Replace the tags OLD... by the tag INTO in all entries."))
@click.argument("old", nargs=-1, required=True)
@click.argument("into")
@click.option("--dry-run", is_flag=True, help=_("Show what would change."))
@click.pass_context
def merge(ctx: click.Context, /, old: tuple[str, ...], into: str, dry_run: bool) -> None:
    with own_knowledge_base(ctx) as kb:
        done = rename_tag(kb.corpus, kb.vocabulary, [*old, into], merge=True, dry_run=dry_run, say=kb.say)
        emit(text.changes(done, dry_run))


@command.command("suggest", help=_("Frequent terms that no tag covers."))
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, metavar="N")
@form_option("text", "json")
@click.pass_context
def suggest(ctx: click.Context, /, limit: int, form: str) -> None:
    with knowledge_base(ctx) as kb:
        own = [term for path in data_files("terms.txt", kb.corpus.root) for term in read_terms(path)]
        found = frequent_terms_without_tag(kb.policies(), kb.vocabulary, lambda text: kb.engine.cut(fold(text)), own)
        found = found[:limit]
        emit(records.as_json(records.terms_record(found)) if form == "json" else text.terms(found))
