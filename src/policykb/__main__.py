"""``python -m policykb`` and the console script."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Runs the command line; Ctrl-C ends it quietly from the first moment on."""
    if os.name == "posix" and sys.getfilesystemencoding() != "utf-8":
        # as in zh_CN.GBK: names of files are UTF-8 on every system of today, whatever the locale says
        arguments = [os.fsencode(sys.executable), b"-X", b"utf8", *map(_in_utf8, sys.orig_argv[1:])]
        os.execv(sys.executable, arguments)
    if sys.platform == "win32":
        import signal

        signal.signal(signal.SIGBREAK, signal.default_int_handler)  # Ctrl-Break does what Ctrl-C does
    gc.set_threshold(100_000, 20, 20)  # looking for cycles among imported modules costs a search 3 % of its time
    try:
        from policykb.cli.main import main

        main()
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        gc.freeze()  # nor is looking for cycles at the end of a process of any use: 10 % of a search


def _in_utf8(argument: str) -> bytes:
    """An argument as UTF-8: as it came where it is, as the name of a file, else what somebody typed in the locale's."""
    given = os.fsencode(argument)
    try:
        given.decode()
    except UnicodeDecodeError:
        return argument.encode("utf-8", "surrogateescape")
    return given


if __name__ == "__main__":
    main()
