"""What several commands share: the knowledge base, the day, the filters, the output file."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from policykb.i18n import _

if TYPE_CHECKING:
    from policykb.domain.daterange import DateRange
    from policykb.kb import KnowledgeBase

F = TypeVar("F", bound=Callable[..., Any])

_PLAIN_PERIOD = re.compile(r"\d{4}(-\d\d){0,2}|\d{4}[qQ][1-4]")


def say(text: str) -> None:
    """A message to the user, on standard error: one line, though a path in it may have several."""
    from policykb.text.visible import visible

    click.echo(f"policykb: {visible(text).replace(chr(10), '␊')}", err=True)


class Progress:
    """Shows on standard error how many files are indexed: one line, on a terminal with the time left."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._shown = 0.0

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        terminal = sys.stderr.isatty()
        if not self._shown:
            self._shown = now
            if not terminal:
                click.echo(f"policykb: indexing {total:,} entries", err=True)
        if terminal and (now - self._shown > 0.1 or done == total):
            self._shown = now
            left = (now - self._start) / done * (total - done) if done else 0
            end = "\n" if done == total else ""
            click.echo(f"\rpolicykb: indexed {done:,} of {total:,} entries, {left:.0f} s left ", err=True, nl=False)
            click.echo(end, err=True, nl=False)


def today(ctx: click.Context) -> date:
    """The day given with ``--today``, or the clock's."""
    from policykb.domain.dates_in_text import parse_day

    given = ctx.obj["today"]
    return parse_day(given) if given else date.today()


def knowledge_base(ctx: click.Context) -> KnowledgeBase:
    """The knowledge base of ``--kb``, ``POLICYKB_HOME`` or the working folder, or the shipped one."""
    from policykb.corpus.locate import locate
    from policykb.files.packaged import shipped
    from policykb.kb import KnowledgeBase

    given = ctx.obj["kb"] or os.environ.get("POLICYKB_HOME")
    root = Path(given) if given else locate(Path.cwd())
    if root is None:
        root = shipped()
        click.echo("policykb: no knowledge base here; using the policies of 2024 that come with policykb", err=True)
    return KnowledgeBase.open(root, say=say, progress=Progress())


def own_knowledge_base(ctx: click.Context) -> KnowledgeBase:
    """The knowledge base for a command that writes: never the shipped one by default, and no half-done change in it."""
    from policykb.corpus.locate import locate
    from policykb.errors import NoKnowledgeBaseError

    if not (ctx.obj["kb"] or os.environ.get("POLICYKB_HOME") or locate(Path.cwd())):
        raise NoKnowledgeBaseError(
            _(
                "no knowledge base here; make one with 'policykb init', with 'policykb init --with-2024' a copy of the "
                "policies of 2024, or name one with --kb DIR"
            )
        )
    kb = knowledge_base(ctx)
    kb.corpus.finish_change(kb.say)
    return kb


def filter_options(function: F) -> F:
    """The options that select entries; `selection` reads them."""
    for option in reversed(
        (
            click.option("--from", "from_", metavar="DAY", help="From this day, month, quarter, year on."),
            click.option("--to", metavar="DAY", help="Up to and including this day, month, quarter, year."),
            click.option("--during", metavar="PERIOD", help="Within a period: 2024Q2, 上半年, 近三个月 ..."),
            click.option("--issuer", multiple=True, metavar="NAME", help="Issued or co-issued by a department."),
            click.option("--tag", multiple=True, metavar="TAG", help="With a tag."),
            click.option("--kind", multiple=True, metavar="KIND", help="Of a kind: 通知, 意见, 方案 ..."),
            click.option("--status", multiple=True, metavar="STATUS", help="正式, 试行 or 征求意见稿."),
        )
    ):
        function = option(function)
    return function


def query_of(ctx: click.Context, words: tuple[str, ...]) -> str:
    """The words as one query. As -word excludes, options that do not exist come here as words: an error."""
    for word in words:
        if word.startswith("--"):
            raise click.NoSuchOption(word, ctx=ctx)
    return " ".join(words)


def period(ctx: click.Context, from_: str | None, to: str | None, during: str | None) -> DateRange | None:
    """The period of ``--from``, ``--to`` and ``--during``; says on standard error what is not obvious."""
    if not (from_ or to or during):
        return None
    from policykb.domain.daterange import DateRange
    from policykb.errors import DateError

    day = today(ctx)
    for text in (from_, to):
        if text:
            DateRange.parse(text, today=day)  # so that a mistake is told of the one that has it
    whole = DateRange.between(from_, to, today=day)
    if during:
        both = whole & DateRange.parse(during, today=day)
        if both is None:
            raise DateError(f"--during {during} and --from/--to have no day in common")
        whole = both
    if not all(_PLAIN_PERIOD.fullmatch(text) for text in (from_, to, during) if text):
        click.echo(f"policykb: period {whole}", err=True)
    return whole


def selection(ctx: click.Context, options: dict[str, Any]) -> dict[str, Any]:
    """Takes the options of `filter_options` out of a command's, as arguments of `KnowledgeBase.search`."""
    return {
        "dates": period(ctx, options.pop("from_"), options.pop("to"), options.pop("during")),
        "issuers": options.pop("issuer"),
        "tags": options.pop("tag"),
        "kinds": options.pop("kind"),
        "statuses": options.pop("status"),
    }


def emit(content: bytes | str, output: str | None) -> None:
    """Writes a document to a file (atomically) or to standard output."""
    data = content.encode() if isinstance(content, str) else content
    if output is None or output == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    from policykb.errors import OutputError
    from policykb.files.atomic import write_atomically

    try:
        write_atomically(Path(output), data)
    except OSError as error:
        raise OutputError(f"{output}: {error.strerror or error}") from error
