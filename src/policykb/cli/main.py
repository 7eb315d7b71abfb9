"""The command line: words in, text out. Each command is a small module, imported when it is called.

Data goes to standard output, messages to standard error. Exit codes: 0 done (no hits included), 1 an error,
2 wrong usage, 3 ``check`` found something, 130 interrupted.
"""

from __future__ import annotations

import io
import os
import sys
from itertools import takewhile

import click

from policykb.i18n import _, chosen_language, language, ngettext, spoken

_WITH_VALUE = ("--kb", "--today", "--lang", "--color")


def _hoisted(args: list[str]) -> list[str]:
    """The arguments with the options of policykb itself before the command, wherever they were typed."""
    front, rest = [], list(args)
    position = 0
    while position < len(rest) and rest[position] != "--":
        name = rest[position].partition("=")[0]
        if name in (*_WITH_VALUE, "--no-color", "--debug"):
            width = 2 if name in _WITH_VALUE and "=" not in rest[position] else 1
            front += rest[position : position + width]
            del rest[position : position + width]
        else:
            position += 1
    return front + rest


def main() -> None:
    """Runs the command line and ends the process with its exit code."""
    sys.exit(run(sys.argv[1:]))


def run(args: list[str]) -> int:
    """Runs one command; the one place where errors become a line and an exit code."""
    with language(_language(args)):
        if spoken() != "en":
            _let_click_speak()
        return _run(_hoisted(args))


def _let_click_speak() -> None:
    """Has click say its own texts in the language of the context; it would ask for that of the process."""
    import gettext

    for name, module in [*sys.modules.items()]:
        if name.startswith("click."):
            for ours, theirs in ((_, gettext.gettext), (ngettext, gettext.ngettext)):
                said = "_" if ours is _ else "ngettext"
                if vars(module).get(said) is theirs:
                    setattr(module, said, ours)


def _run(args: list[str]) -> int:
    from policykb.cli.group import policykb  # only now: its texts are said in the language of this call
    from policykb.errors import PolicyKBError

    debug = "--debug" in takewhile(lambda arg: arg != "--", args)
    _prepare_streams()
    try:
        result = policykb.main(args, prog_name="policykb", standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as error:
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo(_("interrupted"), err=True)
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
        from policykb.cli.output import say
        from policykb.files.reading import reason

        if isinstance(error, PolicyKBError):
            problem = str(error)
        elif isinstance(error, OSError):
            # what concerns a file names it; what names none went wrong in printing
            where = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else _("standard output")
            problem = f"{where}: {reason(error)}"
        else:
            defect = f"{type(error).__name__}: {error}"
            problem = _("a defect of policykb: {error}; --debug shows where").format(error=defect)
        say(problem)
        return 1


def _language(args: list[str]) -> str:
    """The language of ``--lang``, the environment or the knowledge base."""
    from policykb.corpus.locate import chosen_root, stated_language

    given: dict[str, str | None] = {"--kb": None, "--lang": None}
    for name, value in zip(args, [*args[1:], ""], strict=False):  # no argument has no value
        option, equals, inside = name.partition("=")
        if name == "--":
            break
        if option in given:
            given[option] = inside if equals else value

    def setting() -> str | None:
        root = chosen_root(given["--kb"])
        return stated_language(root) if root else None

    return chosen_language(given["--lang"], os.environ, setting)


def _prepare_streams() -> None:
    """Gives the process all its standard streams, and an encoding with Han characters."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed by who started it; the next file that is opened would get its number
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115
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
