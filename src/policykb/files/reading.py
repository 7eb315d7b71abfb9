"""Files read whole: only regular ones, so that no pipe is waited for and no device is touched."""

from __future__ import annotations

import errno
import ntpath
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from policykb.errors import DataError
from policykb.files.sharing import is_held, patiently
from policykb.i18n import _, later

MAX_BYTES = 20_000_000  # of a data file
MAX_OWN = 1_000_000_000  # bytes of a file that policykb writes itself; a sparse one may claim any number
_PATIENCE = 0.2  # seconds in which another process has replaced a file on Windows
_LONGEST_PATH = 259  # characters on Windows, unless its administrator allows more
_NAME_TOO_LONG = 206  # Windows' number of that error
# what systems say most; it is said in the language of the context where it is one of these
_OF_THE_SYSTEM = (
    later("No such file or directory"), later("Permission denied"), later("Operation not permitted"),
    later("No space left on device"), later("Read-only file system"), later("Is a directory"), later("Not a directory"),
    later("File exists"), later("File name too long"), later("Too many levels of symbolic links"),
    later("Input/output error"), later("Too many open files"), later("Connection refused"),
    later("Address already in use"),
)  # fmt: skip


def read_regular(path: Path, *, at_most: int | None = None) -> bytes:
    """The content of a regular file of ``at_most`` bytes. Raises OSError; a pipe or device is refused unopened."""
    return patiently(lambda: _read(path, at_most), _PATIENCE)


def _read(path: Path, at_most: int | None) -> bytes:
    _require_regular(os.stat(path))
    # Another kind of file may have taken its place just now: not to wait for it, and to look again.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        status = os.fstat(handle)
        _require_regular(status)
        if at_most is not None and status.st_size > at_most:
            raise OSError(errno.EFBIG, _("it is larger than {number} MB").format(number=at_most // 1_000_000))
        with open(handle, "rb", buffering=0, closefd=False) as file:
            return file.read()
    finally:
        os.close(handle)


def read_if_there(path: Path) -> bytes | None:
    """As `read_regular`, at most 1 GB, None where there is no such file."""
    try:
        return read_regular(path, at_most=MAX_OWN)
    except FileNotFoundError:
        return None


def read_data(path: Path, *, at_most: int = MAX_BYTES) -> bytes:
    """The content of a data file of ``at_most`` bytes. Raises DataError."""
    try:
        return read_regular(path, at_most=at_most)
    except (OSError, ValueError) as error:
        raise DataError(_("{path}: cannot be read: {reason}").format(path=path, reason=reason(error))) from None


def read_text(path: Path) -> str:
    """The text of a data file in UTF-8, with or without a byte order mark. Raises DataError."""
    content = read_data(path)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(_("{path}:{line}: not UTF-8: save it in that encoding").format(path=path, line=line)) from None


def read_terms(path: Path) -> list[str]:
    """The lines of a word list (``terms.txt``), without comments (``#``) and blank lines. Raises DataError."""
    return [line.strip() for line in read_text(path).splitlines() if line.strip() and not line.startswith("#")]


@contextmanager
def scanned(folder: str) -> Iterator[Iterator[os.DirEntry[str]]]:
    """What is in a folder; where the system can, by an open folder, so that no path is looked up for each file."""
    if os.scandir not in os.supports_fd:
        with os.scandir(folder) as items:
            yield items
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        with os.scandir(opened) as items:
            yield items
    finally:
        os.close(opened)


def reason(error: Exception) -> str:
    """What is said of an error of the system."""
    if _is_too_long(error):
        text = _("the path is longer than Windows allows ({number} characters): shorten names, or move the folder up")
        return text.format(number=_LONGEST_PATH)
    if is_held(error):
        return _("no access; it may be open in another program, such as Word: close it there")
    if not isinstance(error, OSError) or not error.strerror:
        return str(error)
    if getattr(error, "winerror", None):  # Windows' own words, in its own language
        common = os.strerror(error.errno or 0)
        return _(common if common in _OF_THE_SYSTEM else error.strerror)
    return _(error.strerror)


def _is_too_long(error: Exception) -> bool:
    """Whether Windows' reason for an error is the length of a path; it may say that there is no such file."""
    names = (getattr(error, "filename", None), getattr(error, "filename2", None))
    long = any(isinstance(name, str) and len(name) > _LONGEST_PATH and ntpath.splitdrive(name)[0] for name in names)
    return getattr(error, "winerror", None) == _NAME_TOO_LONG or (long and isinstance(error, FileNotFoundError))


def _require_regular(status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, _("it is a pipe, a socket or a device"))
