"""What several commands share: the knowledge base, the day, the filters, the form of what is printed."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import wraps
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, TypeVar

import click

from policykb.cli.output import Progress, say
from policykb.i18n import _

if TYPE_CHECKING:
    from policykb.domain.daterange import DateRange
    from policykb.kb import KnowledgeBase

F = TypeVar("F", bound=Callable[..., Any])

SHELL_FILLS_IN = os.name != "nt"  # what * and ? stand for
# of the names of files, where these are not the format's own name
_ENDINGS = {
    "text": (".txt",), "paths": (".txt",), "md": (".md", ".markdown"), "html": (".html", ".htm"),
    "atom": (".atom", ".xml"), "jsonl": (".jsonl", ".ndjson"),
}  # fmt: skip
_PLAIN_PERIOD = re.compile(r"\d{4}(-\d\d){0,2}|\d{4}[qQ][1-4]")


def today(ctx: click.Context) -> date:
    """The day given with ``--today``, or the clock's."""
    given = ctx.obj["today"]
    return day(given) if given else date.today()


def day(written: str) -> date:
    """The day that an option gives."""
    from policykb.domain.dates_in_text import parse_day  # most commands are given none

    return parse_day(written)


def own_root(ctx: click.Context) -> Path | None:
    """The folder of ``--kb``, ``POLICYKB_HOME`` or the working folder; None where only the shipped one is left."""
    from policykb.corpus.locate import chosen_root

    return chosen_root(ctx.obj["kb"])


def knowledge_base(ctx: click.Context) -> KnowledgeBase:
    """The knowledge base of ``--kb``, ``POLICYKB_HOME`` or the working folder, or the shipped one."""
    from policykb.files.packaged import shipped
    from policykb.kb import KnowledgeBase

    root = own_root(ctx)
    if root is None:
        root = shipped()
        say(_("no knowledge base here; using the policies of 2024 that come with policykb"))
    return KnowledgeBase.open(root, say=say, progress=Progress())


def own_knowledge_base(ctx: click.Context) -> KnowledgeBase:
    """The knowledge base for a command that writes: never the shipped one by default, and no half-done change in it."""
    from policykb.errors import NoKnowledgeBaseError

    if own_root(ctx) is None:
        raise NoKnowledgeBaseError(
            _(
                "no knowledge base here; make one with 'policykb init', with 'policykb init --with-2024' a copy of the "
                "policies of 2024, or name one with --kb DIR"
            )
        )
    kb = knowledge_base(ctx)
    kb.corpus.finish_change(kb.say)
    return kb


def completed(what: str) -> Callable[[click.Context, click.Parameter, str], list[str]]:
    """What a shell completes an option or argument by: id, issuer, tag, kind, status, period or saved search."""

    def complete(ctx: click.Context, _param: click.Parameter, begun: str) -> list[str]:
        from policykb.cli.candidates import candidates  # only a shell asks

        return candidates(ctx, what, begun)

    return complete


def id_argument(function: F) -> F:
    """The argument ID: an entry's id or a part of it."""
    return click.argument("id", shell_complete=completed("id"))(function)


def filter_options(function: F) -> F:
    """The options that select entries; `selection` reads them."""
    options = (
        (("--from", "from_"), "DAY", "period", _("From this day, month, quarter, year on.")),
        (("--to",), "DAY", "period", _("Up to and including this day, month, quarter, year.")),
        (("--during",), "PERIOD", "period", _("Within a period: 2024Q2, 上半年, 近三个月 ...")),
        (("--issuer",), "NAME", "issuer", _("Issued or co-issued by a department.")),
        (("--tag",), "TAG", "tag", _("With a tag.")),
        (("--kind",), "KIND", "kind", _("Of a kind: 通知, 意见, 方案 ...")),
        (("--status",), "STATUS", "status", _("正式, 试行 or 征求意见稿.")),
        (("--level",), "LEVEL", "level", _("效力级别: 法律, 行政法规, 部门规章 ...")),
        (("--region",), "PLACE", "region", _("国家, a province, a city.")),
        (("--validity",), "STATE", "validity", _("In a state: 现行有效, 已废止 ...")),
        (("--as-of",), "DAY", "period", _("As it stood on a day: what was there, in its state then.")),
    )
    for names, metavar, what, text in reversed(options):
        several = what != "period"
        option = click.option(*names, metavar=metavar, multiple=several, shell_complete=completed(what), help=text)
        function = option(function)
    return function


def days(ctx: click.Context, param: click.Parameter, value: str) -> int:
    """A number of days, written 30, 30d or 30天; for the callback of an option."""
    if found := re.fullmatch(r"([0-9]{1,5})(?:d|天|日)?", value.strip()):
        return int(found[1])
    problem = _("{value} is no number of days; write for example 30d").format(value=value)
    raise click.BadParameter(problem, ctx, param)


def form_option(*forms: str) -> Callable[[F], F]:
    """``--format``, the first of the forms unless another one is asked for."""
    return click.option("--format", "form", type=click.Choice(forms), default=forms[0], show_default=True)


def output_options(*forms: str) -> Callable[[F], F]:
    """``--format`` and ``--output``, for `policykb.cli.output.emit`; what a file is called says its format.

    Raises UsageError for a name whose ending is that of no format, or of another one than was asked for.
    """

    def decorate(function: F) -> F:
        @wraps(function)
        def chosen(*arguments: Any, form: str | None, output: str | None, **options: Any) -> Any:
            return function(*arguments, form=_form(forms, form, output), output=output, **options)

        text = _("Default: as the file's name ends, else {form}.").format(form=forms[0])
        click.option("--format", "form", type=click.Choice(forms), help=text)(chosen)
        text = _("Write to a file (default: standard output).")
        return click.option("--output", "-o", metavar="FILE", help=text)(chosen)  # type: ignore[return-value]

    return decorate


def _form(forms: Sequence[str], form: str | None, output: str | None) -> str:
    ending = PurePath(output or "").suffix.lower()
    if not ending:
        return form or forms[0]
    endings = {one: _ENDINGS.get(one, (f".{one}",)) for one in (forms if form is None else [form])}
    for one, known in endings.items():
        if ending in known:
            return one
    said = _("{output}: no format has this ending; name the file {endings}")
    if form:
        said = _("{output}: a file in the format {form} is named {endings}")
    listed = _(" or ").join(dict.fromkeys(f"*{known}" for all_known in endings.values() for known in all_known[:1]))
    raise click.UsageError(said.format(output=output, form=form, endings=listed))


def filled_in(words: Iterable[str]) -> list[str]:
    """The arguments. On Windows, where no shell does it, names of files are filled in for ``*`` and ``?``.

    The files that Word lays beside those that it has open are not meant.
    """
    found: list[str] = []
    for word in words:
        there: list[str] = []
        if not SHELL_FILLS_IN and re.search("[*?]", word):
            from glob import glob

            from policykb.files.sharing import is_mark

            there = [path for path in glob(word.replace("[", "[[]")) if not is_mark(os.path.basename(path))]
        found += sorted(there) or [word]
    return found


def named_files(words: Iterable[str]) -> list[Path]:
    """The files that arguments name, those of `filled_in`."""
    return [Path(word) for word in filled_in(words)]


class ByHand(click.Command):
    """A command whose arguments may be -NAME: no letter of a name is an option, as the h of -repeals:nothing were."""

    ignore_unknown_options = True  # a name of one letter

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        names = [one for one in args if one[:1] == "-" != one[1:2] and len(one) > 2]
        if names and "--" not in args:
            args = [*(one for one in args if one not in names), "--", *names]
        return super().parse_args(ctx, args)


def parted(targets: Iterable[str]) -> tuple[list[str], list[str]]:
    """Arguments in two: changes, +NAME and -NAME, and what they are to be made to."""
    changes = [one for one in targets if one[:1] in ("+", "-") and len(one) > 1]
    return changes, [one for one in targets if one not in changes]


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

    now = today(ctx)
    for text in (from_, to):
        if text:
            DateRange.parse(text, today=now)  # so that a mistake is told of the one that has it
    whole = DateRange.within(from_, to, during, today=now)
    if not all(_PLAIN_PERIOD.fullmatch(text) for text in (from_, to, during) if text):
        say(_("period {period}").format(period=whole))
    return whole


def selection(ctx: click.Context, options: dict[str, Any]) -> dict[str, Any]:
    """Takes the options of `filter_options` out of a command's, as arguments of `KnowledgeBase.search`."""
    return {
        "dates": period(ctx, options.pop("from_"), options.pop("to"), options.pop("during")),
        "issuers": options.pop("issuer"),
        "tags": options.pop("tag"),
        "kinds": options.pop("kind"),
        "statuses": options.pop("status"),
        "levels": options.pop("level"),
        "regions": options.pop("region"),
        **_of_validity(options),
    }


def _of_validity(options: dict[str, Any]) -> dict[str, Any]:
    """What ``--validity`` and ``--as-of`` ask for; nothing where they are not given."""
    states, written = options.pop("validity"), options.pop("as_of")
    asked: dict[str, Any] = {"validity": states} if states else {}
    return asked | ({"as_of": day(written)} if written else {})
