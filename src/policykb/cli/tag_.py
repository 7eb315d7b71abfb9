"""``policykb tag``: propose tags, write them, set them by hand, measure the proposals."""

from __future__ import annotations

import json

import click

from policykb.cli.options import knowledge_base, own_knowledge_base


@click.command("tag", context_settings={"ignore_unknown_options": True})
@click.argument("targets", nargs=-1, metavar="TARGET...")
@click.option("--untagged", is_flag=True, help="All entries without a tag.")
@click.option("--apply", is_flag=True, help="Write the proposed tags into the entries.")
@click.option("--min-score", type=click.FloatRange(0, 1), metavar="S", help="Only tags with this score or more.")
@click.option("--dry-run", is_flag=True, help="With +TAG and -TAG: show what would change.")
@click.option("--evaluate", is_flag=True, help="Compare the proposals with the tags that entries have.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    targets: tuple[str, ...],
    untagged: bool,
    apply: bool,
    min_score: float | None,
    dry_run: bool,
    evaluate: bool,
    form: str,
) -> None:
    """Propose tags with the evidence; a TARGET is an id, a file that is not in the corpus yet, or a query.

    By hand: policykb tag +碳市场 -碳核算 ID... A tag taken away by hand is not proposed for that entry again.
    """
    from policykb.importing.intake import read_policy
    from policykb.render.terminal import tags as render
    from policykb.tagging.changes import retag
    from policykb.tagging.evaluation import evaluate as evaluate_tags
    from policykb.tagging.targets import find_entries, propose_tags

    if evaluate:
        kb = knowledge_base(ctx)
        render.evaluation(evaluate_tags(kb.vocabulary, kb.policies(), min_score=min_score), form)
        return
    changes = [target for target in targets if target[:1] in ("+", "-") and len(target) > 1]
    chosen = [target for target in targets if target not in changes]
    if not chosen and not untagged:
        raise click.UsageError("name a TARGET: an id, a file or a query; or use --untagged", ctx)
    kb = own_knowledge_base(ctx) if changes or apply else knowledge_base(ctx)
    with kb:
        if changes:
            add = [change[1:] for change in changes if change[0] == "+"]
            remove = [change[1:] for change in changes if change[0] == "-"]
            paths = find_entries(kb.corpus, kb.search, chosen, untagged=untagged)
            done = retag(kb.corpus, kb.vocabulary, paths, add=add, remove=remove, dry_run=dry_run, say=kb.say)
            render.changed(done, dry_run, form)
            return
        found = propose_tags(
            kb.corpus, kb.vocabulary, lambda file: read_policy(kb.corpus, kb.authority, file), kb.search, chosen,
            untagged=untagged, min_score=min_score,
        )  # fmt: skip
        if form == "json":
            data = [{"target": name, "tags": [s.as_dict() for s in suggestions]} for name, _, suggestions in found]
            click.echo(json.dumps(data, ensure_ascii=False, indent=2))
        else:
            render.suggestions(found, color=ctx.color)
        if apply:
            for name, path, suggestions in found:
                if path is None:
                    click.echo(f"policykb: {name}: not in the corpus; add it first (policykb add)", err=True)
                elif suggestions:
                    tags = [suggestion.tag for suggestion in suggestions]
                    written = retag(kb.corpus, kb.vocabulary, [path], add=tags, say=kb.say)
                    if form == "text":
                        render.changed(written, False, form)
