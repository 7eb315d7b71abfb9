"""``policykb tags``: the tags with their counts; rename, merge, suggest."""

from __future__ import annotations

from typing import Any

import click

from policykb.cli.options import filter_options, knowledge_base, own_knowledge_base, selection


@click.group("tags", invoke_without_command=True)
@filter_options
@click.option("--words", default="", metavar="QUERY", help="Only entries that match a query.")
@click.option("--format", "form", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True)
@click.pass_context
def command(ctx: click.Context, /, words: str, form: str, **options: Any) -> None:
    """Tags with the number of their entries, in all or in the selection."""
    from policykb.render.terminal import hits

    if ctx.invoked_subcommand:
        return
    filters = selection(ctx, options)
    with knowledge_base(ctx) as kb:
        counts = dict(kb.search(words, **filters, limit=0, facets=True).facets["tag"])
        if not words and not any(filters.values()):
            counts |= {tag: 0 for tag in kb.vocabulary if tag not in counts}
        hits.write_counts("tag", counts, form)


@command.command("rename")
@click.argument("old")
@click.argument("new")
@click.option("--dry-run", is_flag=True, help="Show what would change.")
@click.pass_context
def rename(ctx: click.Context, /, old: str, new: str, dry_run: bool) -> None:
    """Give the tag OLD the name NEW in all entries; NEW must not be in use (see merge)."""
    from policykb.render.terminal import tags as render
    from policykb.tagging.changes import rename_tag

    with own_knowledge_base(ctx) as kb:
        done = rename_tag(kb.corpus, kb.vocabulary, [old, new], dry_run=dry_run, say=kb.say)
        render.changed(done, dry_run, "text")


@command.command("merge")
@click.argument("old", nargs=-1, required=True)
@click.argument("into")
@click.option("--dry-run", is_flag=True, help="Show what would change.")
@click.pass_context
def merge(ctx: click.Context, /, old: tuple[str, ...], into: str, dry_run: bool) -> None:
    """Replace the tags OLD... by the tag INTO in all entries."""
    from policykb.render.terminal import tags as render
    from policykb.tagging.changes import rename_tag

    with own_knowledge_base(ctx) as kb:
        done = rename_tag(kb.corpus, kb.vocabulary, [*old, into], merge=True, dry_run=dry_run, say=kb.say)
        render.changed(done, dry_run, "text")


@command.command("suggest")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, metavar="N")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def suggest(ctx: click.Context, /, limit: int, form: str) -> None:
    """Frequent terms that no tag covers."""
    from policykb.render.terminal import tags as render
    from policykb.tagging.new_terms import frequent_terms_without_tag
    from policykb.text.fold import fold

    with knowledge_base(ctx) as kb:
        lexicon = kb.engine.lexicon
        found = frequent_terms_without_tag(kb.policies(), kb.vocabulary, lambda text: lexicon.cut(fold(text)))
        render.terms(found[:limit], form)
