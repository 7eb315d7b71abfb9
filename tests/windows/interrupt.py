"""Runs a program on a console of its own and types Ctrl-C or Ctrl-Break there, for `tests/test_console.py`.

Usage: ``python interrupt.py c|break PROGRAM ...``, from a process that has this one started with CREATE_NO_WINDOW. The
program has its output and errors, and its exit code is this one's; the key is typed when a line is read.
"""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys

if sys.platform == "win32":
    _C, _BREAK = 0, 1

    def main(key: str, command: list[str]) -> int:
        kernel, breaks = ctypes.WinDLL("kernel32", use_last_error=True), key == "break"
        group = subprocess.CREATE_NEW_PROCESS_GROUP if breaks else 0  # a Ctrl-Break for the program only
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, creationflags=group)
        sys.stdin.readline()
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is everybody's on the console
        if not kernel.GenerateConsoleCtrlEvent(_BREAK if breaks else _C, process.pid if breaks else 0):
            process.kill()
            sys.exit(f"this console sends no such key: {ctypes.get_last_error()}")
        return process.wait()

    sys.exit(main(sys.argv[1], sys.argv[2:]))
