"""The one exit: what a command found goes to standard output or a file, messages go to standard error.

A ``str`` is text for a reader, whose styles (SGR sequences, our own) are dropped where there is no colour; ``bytes``
are a document, which files and pipes get as it is. On a terminal nothing of either is obeyed but our styles.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import time
from contextlib import suppress
from pathlib import Path

import click

from policykb.i18n import _, ngettext
from policykb.text.visible import visible

_STYLE = re.compile(r"(\x1b\[[0-9;]*m)")
_WIDEST = 100
_OBEY_STYLES = 0x0004  # Windows' ENABLE_VIRTUAL_TERMINAL_PROCESSING


def emit(content: bytes | str, output: str | None = None) -> None:
    """Writes to a file, atomically, or to standard output (no file, or ``-``).

    Raises OutputError where the file cannot be written, and for a document that is no text on a terminal.
    """
    if output is not None and output != "-":
        from policykb.files.atomic import write_atomically

        write_atomically(Path(output), click.unstyle(content).encode() if isinstance(content, str) else content)
    elif sys.stdout.isatty():
        click.echo(_harmless(content), nl=False)
    else:
        click.echo(content, nl=False)


def page(text: str) -> None:
    """Like `emit`, through the pager where a terminal is too small for the text.

    Windows' own one, ``more``, reads another encoding than we write, and its consoles scroll: it is used by nobody.
    """
    paged = os.name != "nt" or os.environ.get("PAGER")
    if paged and sys.stdout.isatty() and text.count("\n") >= shutil.get_terminal_size().lines:
        click.echo_via_pager(_harmless(text.removesuffix("\n")))  # it adds one
    else:
        emit(text)


def styled(ctx: click.Context) -> bool:
    """Whether what is printed may have colours."""
    return ctx.color is not False and (sys.stdout.isatty() or ctx.color is True)


def knows_styles() -> bool:
    """Whether the terminal that standard output may be obeys styles. Consoles of Windows do when they are asked to.

    Those before Windows 10 do not.
    """
    if os.environ.get("TERM") == "dumb":
        return False
    if sys.platform == "win32" and sys.stdout.isatty():
        import ctypes  # which takes a while to import
        import msvcrt

        kernel, mode = ctypes.windll.kernel32, ctypes.c_ulong()
        console = ctypes.c_void_p(msvcrt.get_osfhandle(sys.stdout.fileno()))
        known = kernel.GetConsoleMode(console, ctypes.byref(mode))
        return bool(known and kernel.SetConsoleMode(console, mode.value | _OBEY_STYLES))
    return True


def columns() -> int:
    """The width to write for: the terminal's, or 80 columns elsewhere.

    Of a console of Windows one less: older ones end a line that is full, and with its end there is an empty one.
    """
    try:
        found = int(os.environ.get("COLUMNS") or os.get_terminal_size(sys.stdout.fileno()).columns - (os.name == "nt"))
    except (OSError, ValueError):
        found = 80
    return max(40, min(found, _WIDEST))


def say(text: str) -> None:
    """A message to the user, on standard error: one line, though a path in it may have several.

    That nobody reads it any more stops nothing.
    """
    with suppress(BrokenPipeError):
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
                say(ngettext("indexing {total:,} entry", "indexing {total:,} entries", total).format(total=total))
        if terminal and (now - self._shown > 0.1 or done == total):
            self._shown = now
            left = (now - self._start) / done * (total - done) if done else 0
            line = _("indexed {done:,} of {total:,} entries, {left:.0f} s left").format(
                done=done, total=total, left=left
            )
            click.echo(f"\rpolicykb: {line} " + ("\n" if done == total else ""), err=True, nl=False)


def _harmless(content: bytes | str) -> str:
    """What a terminal may get: control characters are shown, but for our own styles."""
    if isinstance(content, bytes):
        if content.startswith(b"PK\x03\x04"):
            from policykb.errors import OutputError

            said = _("a Word document, or a workbook, is nothing to read on a terminal; name a file with --output")
            raise OutputError(said)
        return visible(content.decode("utf-8", "surrogateescape").replace("\r\n", "\n"))
    if content.isprintable():
        return content
    return "".join(part if _STYLE.fullmatch(part) else visible(part) for part in _STYLE.split(content))
