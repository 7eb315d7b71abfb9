"""The command line: words in, text out. Each command is a small module, imported when it is called.

Data goes to standard output, messages to standard error. Exit codes: 0 done (no hits included), 1 an error,
2 wrong usage, 3 ``check`` found something, 130 interrupted.
"""

from __future__ import annotations

import io
import os
import sys
from importlib import import_module
from itertools import takewhile

import click

COMMANDS = {
    "search": "Find entries by words, period, department, tag ...",
    "list": "All entries, or those that pass the filters, by date.",
    "show": "Show one entry.",
    "similar": "Entries about the same things as one entry.",
    "issuers": "Departments with the number of their entries.",
    "tags": "Tags with the number of their entries; rename, merge, suggest.",
    "digest": "Write a chronological digest of the selected entries.",
    "report": "Write the quarterly, monthly or annual report.",
    "timeline": "Draw the selected entries on a time line by topic.",
    "market": "Show the market figures; check them.",
    "import": "Import a review that lists dated entries.",
    "add": "Add one official document.",
    "tag": "Propose tags with the evidence, or set them by hand.",
    "check": "Find what is wrong in entries: keys, dates, names, duplicates.",
    "index": "Bring the index up to date, rebuild it, or watch the corpus.",
    "doctor": "Check corpus, index and data files, and mend what is safe to mend.",
    "init": "Make a new knowledge base.",
    "open": "Open an entry in the editor.",
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
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, n=2)
            if near:
                raise click.UsageError(f"{error.message} Did you mean {' or '.join(near)}?", ctx) from None
            raise


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="The knowledge base is the nearest folder upwards that holds corpus/kb.toml, or --kb, or POLICYKB_HOME; "
    "outside any it is the policies of 2024 that come with policykb.",
)
@click.option("--kb", metavar="DIR", help="The knowledge base's folder.")
@click.option("--today", metavar="DAY", help="The day relative periods count from (default: the clock's).")
@click.option("--no-color", is_flag=True, help="No colours (so does NO_COLOR in the environment).")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.version_option(package_name="policykb", message="%(prog)s %(version)s")
@click.pass_context
def policykb(ctx: click.Context, kb: str | None, today: str | None, no_color: bool, debug: bool) -> None:
    """A knowledge base of Chinese policy documents: search, digest, report."""
    ctx.obj = {"kb": kb, "today": today}
    if no_color or os.environ.get("NO_COLOR"):
        ctx.color = False


def _hoisted(args: list[str]) -> list[str]:
    """The arguments with the options of policykb itself before the command, wherever they were typed."""
    front, rest = [], list(args)
    position = 0
    while position < len(rest) and rest[position] != "--":
        name = rest[position].partition("=")[0]
        if name in ("--kb", "--today", "--no-color", "--debug"):
            width = 2 if name in ("--kb", "--today") and "=" not in rest[position] else 1
            front += rest[position : position + width]
            del rest[position : position + width]
        else:
            position += 1
    return front + rest


def main(args: list[str] | None = None) -> None:
    """Runs the command line and ends the process with its exit code."""
    ascii_only = sys.getfilesystemencoding().lower() in ("ascii", "us-ascii", "ansi_x3.4-1968")
    if args is None and ascii_only and os.environ.get("PYTHONUTF8") != "1":
        # a C locale, and Python's UTF-8 mode switched off: no Han name of a file could be opened
        os.environ["PYTHONUTF8"] = "1"
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
    sys.exit(run(sys.argv[1:] if args is None else args))


def run(args: list[str]) -> int:
    """Runs one command; the one place where errors become a line and an exit code."""
    from policykb.errors import PolicyKBError

    args = _hoisted(args)
    debug = "--debug" in takewhile(lambda arg: arg != "--", args)
    _prepare_streams()
    try:
        result = policykb.main(args, prog_name="policykb", standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as error:
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (BrokenPipeError, SystemExit) as error:
        if isinstance(error, SystemExit) and error.code != 1:
            raise
        # click ends with 1 where the pipe is closed. Whoever read the output has enough; the rest has nowhere to go.
        _discard_output()
        return 0
    except Exception as error:
        if debug:
            raise
        from policykb.cli.options import say

        if isinstance(error, PolicyKBError):
            problem = str(error)
        elif isinstance(error, OSError):
            # what concerns a file names it; what names none went wrong in printing
            where = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else "standard output"
            problem = f"{where}: {error.strerror or error}"
        else:
            problem = f"a defect of policykb: {type(error).__name__}: {error}; --debug shows where"
        say(problem)
        return 1


def _prepare_streams() -> None:
    """Gives the process all its standard streams, and an encoding with Han characters."""
    if sys.stdin is None:  # closed by who started it; the next file that is opened would get its number
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # programs and files expect UTF-8, a terminal what its locale says
            own = stream.isatty() and _has_han(stream.encoding)
            stream.reconfigure(encoding=None if own else "utf-8", errors="backslashreplace")


def _has_han(encoding: str) -> bool:
    try:
        return bool("碳".encode(encoding))
    except (UnicodeEncodeError, LookupError):
        return False


def _discard_output() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
