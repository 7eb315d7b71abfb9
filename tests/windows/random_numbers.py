"""Writes the library ``bcryptprimitives.dll``, which Windows has and Wine before 9 lacks: without it no program that
is written in Rust starts there, nh3 and resvg among them.

It holds no code: its one function, ``ProcessPrng(buffer, size)``, is handed on to advapi32's ``SystemFunction036``, which
does the same. Usage: ``python random_numbers.py FOLDER``.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

NAME, FUNCTION, FORWARD = b"bcryptprimitives.dll\0", b"ProcessPrng\0", b"advapi32.SystemFunction036\0"
AT = 0x1000  # where the one section is loaded
FILE_STEP, PAGE = 0x200, 0x1000


def exports() -> bytes:
    """The table of exported functions, with all that it points to."""
    names = AT + 40 + 4 + 4 + 2 + 2  # after the directory, an address, a name's address, an ordinal, and padding
    function, forward = names + len(NAME), names + len(NAME) + len(FUNCTION)
    directory = struct.pack("<IIHHIIIIIII", 0, 0, 0, 0, names, 1, 1, 1, AT + 40, AT + 44, AT + 48)
    return directory + struct.pack("<IIHH", forward, function, 0, 0) + NAME + FUNCTION + FORWARD


def library() -> bytes:
    """A portable executable for 64 bits whose only section is the table of exports."""
    table = exports()
    dos = b"MZ" + bytes(58) + struct.pack("<I", 64)
    machine, is_library = 0x8664, 0x2022
    coff = b"PE\0\0" + struct.pack("<HHIIIHH", machine, 1, 0, 0, 0, 240, is_library)
    optional = struct.pack("<HBBIIIII", 0x20B, 14, 0, 0, len(table), 0, 0, AT)
    optional += struct.pack(
        "<QIIHHHHHHIIIIHH", 0x180000000, PAGE, FILE_STEP, 6, 0, 0, 0, 6, 0, 0, AT + PAGE, FILE_STEP, 0, 3, 0x100
    )
    optional += struct.pack("<QQQQII", 1 << 20, PAGE, 1 << 20, PAGE, 0, 16)
    optional += struct.pack("<II", AT, len(table)) + bytes(15 * 8)
    section = b".edata\0\0" + struct.pack("<IIIIIIHHI", len(table), AT, FILE_STEP, FILE_STEP, 0, 0, 0, 0, 0x40000040)
    return (dos + coff + optional + section).ljust(FILE_STEP, b"\0") + table.ljust(FILE_STEP, b"\0")


if __name__ == "__main__":
    Path(sys.argv[1], "bcryptprimitives.dll").write_bytes(library())
