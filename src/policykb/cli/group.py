"""The command ``policykb``: its own options, and its commands, each a small module imported when it is called."""

from __future__ import annotations

import os
from importlib import import_module

import click

from policykb.i18n import _, later

COMMANDS = {
    "search": later("Find entries by words, period, department, tag ..."),
    "list": later("All entries, or those that pass the filters, by date."),
    "show": later("Show one entry."),
    "similar": later("Entries about the same things as one entry."),
    "relations": later("What an entry rests on and changed, and whether it is in force."),
    "gaps": later("Documents that are cited and not held, and other gaps."),
    "issuers": later("Departments with the number of their entries."),
    "tags": later("Tags with the number of their entries; rename, merge, suggest."),
    "news": later("What is new, what has changed, what is due."),
    "due": later("Who has to do what by when."),
    "digest": later("Write a chronological digest of the selected entries."),
    "report": later("Write the quarterly, monthly or annual report."),
    "timeline": later("Draw the selected entries on a time line by topic."),
    "market": later("Show the market figures; check them."),
    "import": later("Import a review that lists dated entries."),
    "add": later("Add one official document."),
    "inbox": later("What waits for a person: show it, accept it, reject it."),
    "collect": later("Take what is new in feeds into the inbox."),
    "rename": later("Give an entry another title and id, with all that hangs on it."),
    "remove": later("Remove an entry with all that hangs on it."),
    "tag": later("Propose tags with the evidence, or set them by hand."),
    "relate": later("Confirm the relations that were found, or set them by hand."),
    "check": later("Find what is wrong in entries: keys, dates, names, duplicates."),
    "index": later("Bring the index up to date, rebuild it, or watch the corpus."),
    "doctor": later("Check corpus, index and data files, and mend what is safe to mend."),
    "init": later("Make a new knowledge base."),
    "open": later("Open an entry in the editor."),
    "completion": later("Print what bash or zsh needs to complete commands and names."),
    "mcp": later("Answer the questions of an assistant."),
    "serve": later("Show the knowledge base as pages in the browser."),
}


class Commands(click.Group):
    """The commands by name; a command's module is imported when it is called, not when it is listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"policykb.cli.{cmd_name}_")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, _(text)) for name, text in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, n=2)
            if near:
                question = _("Did you mean {names}?").format(names=_(" or ").join(near))
                raise click.UsageError(f"{error.message} {question}", ctx) from None
            raise


@click.group(
    cls=Commands,
    help=_("A knowledge base of Chinese policy documents: search, digest, report."),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_(
        "The knowledge base is the nearest folder upwards that holds corpus/kb.toml, or --kb, or POLICYKB_HOME; "
        "outside any it is the policies of 2024 that come with policykb."
    ),
)
@click.option("--kb", metavar="DIR", help=_("The knowledge base's folder."))
@click.option("--today", metavar="DAY", help=_("The day relative periods count from (default: the clock's)."))
@click.option(
    "--color", type=click.Choice(["auto", "always", "never"]), help=_("Default: auto, colours on a terminal only.")
)
@click.option("--no-color", is_flag=True, help=_("No colours (so does NO_COLOR in the environment)."))
@click.option("--lang", metavar="LANG", help=_("The language of messages, such as en or zh_CN."))
@click.option("--debug", is_flag=True, help=_("Show the traceback of an error."))
@click.version_option(package_name="policykb", message="%(prog)s %(version)s")
@click.pass_context
def policykb(
    ctx: click.Context,
    kb: str | None,
    today: str | None,
    color: str | None,
    no_color: bool,
    lang: str | None,
    debug: bool,
) -> None:
    from policykb.cli.output import knows_styles  # not for --help

    ctx.obj = {"kb": kb, "today": today, "lang": lang}
    if color == "always" and not no_color:
        ctx.color = True
    elif no_color or color == "never" or (color is None and os.environ.get("NO_COLOR")) or not knows_styles():
        ctx.color = False
