"""``policykb show``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from policykb.cli.options import form_option, id_argument, knowledge_base
from policykb.cli.output import columns, emit, page
from policykb.errors import CorpusError
from policykb.i18n import _

if TYPE_CHECKING:
    from policykb.domain.policy import Policy


@click.command(
    "show", help=_("Show the entry with this ID, or with an id that has this part; ID#第十二条 is one article of it.")
)
@id_argument
@form_option("text", "md", "html", "json")
@click.pass_context
def command(ctx: click.Context, /, id: str, form: str) -> None:
    kb = knowledge_base(ctx)
    id, article = _parted(id)
    path = kb.corpus.resolve(id)
    policy = kb.corpus.read(path)
    if article:
        policy = replace(policy, body=_text_of(policy, article))
    if form == "md":
        emit(f"{policy.body}\n".encode() if article else kb.corpus.read_bytes(path))
    elif form == "json":
        from policykb.render.records import as_json, policy_record

        emit(as_json(policy_record(policy, path.relative_to(kb.root).as_posix())))
    elif form == "html":
        from policykb.render import entry_page

        emit(entry_page.render(policy))
    else:
        from policykb.render.terminal import entry

        page(entry.render(policy, columns()))


def _parted(id: str) -> tuple[str, str]:
    """The id of an entry and the article of it, empty for the whole."""
    entry, mark, article = id.rpartition("#")
    if mark and entry and article.startswith("第") and "条" in article:
        return entry, article
    return id, ""


def _text_of(policy: Policy, article: str) -> str:
    """What an article says. Raises `CorpusError` for one that there is not."""
    from policykb.text.articles import articles, same_name

    found = articles(policy.body)
    if not found:
        raise CorpusError(_("{id} has no articles").format(id=policy.id))
    try:
        wanted = same_name(article)
    except ValueError:
        wanted = (0, "")
    for name, start, end in found:
        if same_name(name) == wanted:
            return policy.body[start:end].strip("\n")
    text = _("{id} has no {article}; it has {first} to {last}")
    raise CorpusError(text.format(id=policy.id, article=article, first=found[0][0], last=found[-1][0]))
