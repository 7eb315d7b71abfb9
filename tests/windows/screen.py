"""Runs a program on a console of its own and prints as JSON what is on its screen then, for `tests/test_console.py`.

Usage: ``python screen.py CODE_PAGE PROGRAM ...``, from a process that has this one started with CREATE_NO_WINDOW.
Prints ``{"page", "width", "lines"}``: the code page, the columns, and the lines as far as they were written.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys

if sys.platform == "win32":
    import msvcrt
    from ctypes import wintypes

    class Info(ctypes.Structure):
        """What CONSOLE_SCREEN_BUFFER_INFO is."""

        _fields_ = [
            ("size", wintypes._COORD), ("cursor", wintypes._COORD), ("attributes", wintypes.WORD),
            ("window", wintypes.SMALL_RECT), ("largest", wintypes._COORD),
        ]  # fmt: skip

    def main(page: int, command: list[str]) -> None:
        kernel = ctypes.WinDLL("kernel32")
        assert kernel.SetConsoleOutputCP(page)
        console = os.open("CONOUT$", os.O_RDWR)
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=console, stderr=console, check=False)
        handle, info, number = ctypes.c_void_p(msvcrt.get_osfhandle(console)), Info(), wintypes.DWORD()
        assert kernel.GetConsoleScreenBufferInfo(handle, ctypes.byref(info))
        width, height = info.size.X, info.cursor.Y + 1
        text = ctypes.create_unicode_buffer(width * height + 1)
        start = wintypes._COORD(0, 0)
        assert kernel.ReadConsoleOutputCharacterW(handle, text, width * height, start, ctypes.byref(number))
        lines = [text[at : at + width].rstrip() for at in range(0, width * height, width)]
        print(json.dumps({"page": kernel.GetConsoleOutputCP(), "width": width, "lines": lines}))

    main(int(sys.argv[1]), sys.argv[2:])
