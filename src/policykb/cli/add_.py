"""``policykb add``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import click

from policykb.cli.options import filled_in, form_option, own_knowledge_base, today
from policykb.cli.output import emit, say
from policykb.corpus.folder import id_of
from policykb.errors import CorpusError
from policykb.i18n import _
from policykb.importing.addition import Additions
from policykb.importing.batch import Outcome, add_all, add_one, sources_of
from policykb.importing.sources import MAX_BYTES
from policykb.kb import KnowledgeBase
from policykb.render import records
from policykb.render.terminal import intake
from policykb.tagging.changes import apply_tags
from policykb.tagging.tagger import Tagger


@click.command(
    "add",
    help=_(
        "Add official documents: PDF, Word, web pages, text or Markdown; files, all files of folders, addresses of the "
        "web; - reads standard input.\n\n"
        "Title, departments, number and dates are found in the layout and the metadata, each shown with where it was "
        "found and how sure that is. What is not found stays empty, for 'policykb check' to ask for; what is no "
        "document is refused. The file is kept as it came in corpus/originals/. Exit code 1 when something was refused."
    ),
)
@click.argument("sources", nargs=-1, required=True, metavar="FILE|FOLDER|URL|-...")
@click.option("--url", metavar="URL", help=_("Where the document comes from, if it was not fetched."))
@click.option("--to", metavar="ID", help=_("Put the text into this entry, which has a summary of it."))
@click.option("--tag", is_flag=True, help=_("Write the tags that are proposed, too."))
@click.option("--no-original", is_flag=True, help=_("Do not keep the file as it came."))
@click.option("--allow-local", is_flag=True, help=_("Fetch from addresses of the local network, too."))
@form_option("text", "json")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    sources: tuple[str, ...],
    url: str | None,
    to: str | None,
    tag: bool,
    no_original: bool,
    allow_local: bool,
    form: str,
) -> int:
    kb = own_knowledge_base(ctx)
    chosen = sources_of(filled_in(sources), say)
    single = len(sources) == 1 == len(chosen) and chosen[0] == sources[0]
    if not single and (url or to):
        raise click.UsageError(_("--url and --to are for one document"), ctx)
    if "-" in chosen and not single:
        raise click.UsageError(_("standard input (-) is added alone"), ctx)
    additions = Additions(kb.corpus, kb.authority, keep_originals=not no_original, today=today(ctx), say=kb.say)
    join = _ask if form == "text" and sys.stdin.isatty() and sys.stderr.isatty() else _never
    if single:
        piped = chosen[0] == "-"
        source = sys.stdin.buffer.read(MAX_BYTES + 1) if piped else chosen[0]
        name = "standard input" if piped else chosen[0]
        done = [add_one(additions, source, name=name, url=url, to=to, allow_local=allow_local, join=join)]
        _require_new(done[0], to)
    else:
        done = list(_shown(add_all(additions, chosen, allow_local=allow_local, join=join), len(chosen)))
    if tag:
        done = _tagged(kb, done)
    emit(_rendered(done, kb.root, single, form))
    for message in intake.addition_messages(done):
        say(message)
    return 1 if any(one.added is None for one in done) else 0


def _require_new(done: Outcome, to: str | None) -> None:
    """Raises CorpusError where the only document to add was there already."""
    if done.added is None or done.added.state != "same":
        return
    id = id_of(done.added.path)
    problem = _("{name}: the corpus has this document already: {id}")
    if to:
        problem = _("{name}: the entry has this text already: {id}")
    elif done.added.is_summary:
        problem += _(", as a summary; 'policykb add {name} --to {id}' puts the text into it")
    raise CorpusError(problem.format(name=done.name, id=id))


def _ask(id: str) -> bool:
    return click.confirm(_("the corpus has a summary of it: {id}; put the text there?").format(id=id), err=True)


def _never(id: str) -> bool:
    return False


def _shown(outcomes: Iterator[Outcome], number: int) -> Iterable[Outcome]:
    """The outcomes, with a bar on a terminal."""
    if not sys.stderr.isatty():
        yield from outcomes
        return
    with click.progressbar(outcomes, length=number, label=_("adding"), file=sys.stderr) as bar:
        yield from bar


def _tagged(kb: KnowledgeBase, done: list[Outcome]) -> list[Outcome]:
    """The outcomes with the tags that were proposed for what is new, and written."""
    new = [one.added.path for one in done if one.added and one.added.state == "added"]
    tagger = Tagger(kb.vocabulary, kb.policies())
    found = {path: [each.tag for each in tagger.suggest(kb.corpus.read(path))] for path in new}
    tags = {path: proposed for path, proposed in found.items() if proposed}
    apply_tags(kb.corpus, tags, kb.say)
    return [replace(one, tags=tuple(tags.get(one.added.path, ()))) if one.added else one for one in done]


def _rendered(done: list[Outcome], root: Path, single: bool, form: str) -> bytes | str:
    if form == "json":
        rows = [records.addition_record(one, root) for one in done]
        return records.as_json(rows[0] if single else {"format": 1, "documents": rows})
    return intake.added(done[0], root) if single else intake.additions(done, root)
