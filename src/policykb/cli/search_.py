"""``policykb search`` and what ``list`` shares with it."""

from __future__ import annotations

import sys
from typing import Any

import click

from policykb.cli.options import filter_options, knowledge_base, output_options, query_of, selection, today
from policykb.cli.output import columns, emit, page, say, styled
from policykb.i18n import _
from policykb.render import results


@click.command(
    "search",
    help=_(
        "Find entries.\n\n"
        'WORDS separated by spaces must all match. "A quoted string" matches exactly; -word excludes; OR, brackets, '
        "碳* and fields work too: issuer:生态环境部 tag:碳市场 date:2024Q2 title:配额 kind: status: number: "
        "(部门: 标签: 日期: 标题: 文种: 状态: 文号:), 依据:X for what rests on X, cites:X for any relation. "
        "@NAME is a saved search (corpus/searches.toml)."
    ),
    context_settings={"ignore_unknown_options": True},
)
@click.argument("words", nargs=-1)
@filter_options
@click.option("--sort", type=click.Choice(["relevance", "newest", "oldest"]), help=_("Default: relevance."))
@click.option(
    "--match",
    type=click.Choice(["auto", "all", "any", "phrase"]),
    default="auto",
    show_default=True,
    help=_("Entries with all words, any of them, or the words as one string."),
)
@click.option("--exact", is_flag=True, help=_("Without synonyms."))
@click.option("--limit", type=click.IntRange(min=0), default=10, show_default=True, metavar="N")
@click.option("--offset", type=click.IntRange(min=0), default=0, metavar="N", help=_("Leave out the first N."))
@click.option("--facets", is_flag=True, help=_("Count the hits by department, tag, kind, status and month."))
@click.option("--explain", is_flag=True, help=_("Show how the query was understood and each hit's score."))
@output_options(*results.FORMATS)
@click.option("--no-refresh", is_flag=True, help=_("Search the index as it is, without looking for changed files."))
@click.option("--timings", is_flag=True, help=_("Show what each phase cost."))
@click.pass_context
def command(ctx: click.Context, /, words: tuple[str, ...], **options: Any) -> None:
    if words and words[0].startswith("@"):
        answer_saved(ctx, words[0][1:], query_of(ctx, words[1:]), options)
    else:
        answer(ctx, query_of(ctx, words), options)


def answer_saved(ctx: click.Context, name: str, words: str, options: dict[str, Any]) -> None:
    """Searches and prints as `answer` does; ``words`` and options narrow what the saved search finds."""
    from policykb.cli.saved import filled, opened  # most searches are typed

    with knowledge_base(ctx) as kb:
        ctx.obj["kb"] = str(kb.root)  # so that what was said of it is said once
        saved = opened(ctx, kb, name)
    query = f"({saved.query}) {words}" if saved.query and words else saved.query or words
    with saved.naming():
        answer(ctx, query, filled(options, saved))


def answer(ctx: click.Context, query: str, options: dict[str, Any], *, listed: bool = False) -> None:
    """Searches and prints; a list, which has no words, is compact on a terminal and goes through its pager."""
    form, output, timings = options.pop("form"), options.pop("output"), options.pop("timings")
    asked = {"text": query, **{key: options[key] for key in ("match", "sort", "limit", "offset", "exact")}}
    filters = selection(ctx, options)
    fresh = not options.pop("no_refresh")
    with knowledge_base(ctx) as kb:
        if options["facets"]:
            filters.setdefault("validity", ())
        result = kb.search(query, today=today(ctx), fresh=fresh, **filters, **options)
        if result.hits and form in ("text", "json", "jsonl"):
            from policykb.relations.plain import with_validity  # the other forms say nothing of it

            result = with_validity(kb.engine, result, filters.get("as_of") or today(ctx))
        dates = filters["dates"]
        asked |= {"from": dates.first, "to": dates.last} if dates else {"from": None, "to": None}
        asked |= {key: value for key, value in filters.items() if key != "dates"}
        if result.notes:
            say(_("; ").join(result.notes))
        if timings:
            for phase, seconds in result.timings.items():
                say(f"{phase:8} {seconds * 1000:8.1f} ms")
        compact = listed and output is None and sys.stdout.isatty()
        found = results.render(result, form, asked, kb.root, columns=columns(), styled=styled(ctx), compact=compact)
        if compact and isinstance(found, str):
            page(found)
        else:
            emit(found, output)
