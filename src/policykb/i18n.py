"""Every text for people goes through `_`, in the language of the context that it is said in.

A message stands in the code in English, with named places for what is filled in::

    _("{path}: cannot be read: {reason}").format(path=path, reason=reason)

The language belongs to a context (`contextvars`), never to the process: a web page has that of its request. Catalogues
are GNU gettext's, ``locale/LANG/LC_MESSAGES/policykb.mo`` in the package; without one a text stays English.
"""

from __future__ import annotations

import contextlib
import sys
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from functools import cache, lru_cache
from pathlib import Path
from struct import unpack_from

_CATALOGUES = Path(__file__).parent / "locale"
_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
_language: ContextVar[str] = ContextVar("language", default="en")


def _(message: str) -> str:
    """The message in the language of the context."""
    return next(iter(_forms(spoken(), message)), message)


def later(message: str) -> str:
    """The message as it is, for `_` to say later: what stands in a table is read once, in no language yet."""
    return message


def ngettext(singular: str, plural: str, number: int) -> str:
    """The message for a number of things, in the language of the context; the number is not filled in."""
    forms = _forms(spoken(), f"{singular}\0{plural}") or [singular, plural]
    return forms[0 if number == 1 else -1]


def spoken() -> str:
    """The language of the context: en, or one that there is a catalogue of."""
    return _language.get()


@contextlib.contextmanager
def language(name: str) -> Iterator[None]:
    """Speaks a language, by any name (zh, zh-cn), within a ``with`` block; English where there is no catalogue."""
    token = _language.set(_spoken_as(name))
    try:
        yield
    finally:
        _language.reset(token)


def chosen_language(given: str | None, environ: Mapping[str, str], setting: Callable[[], str | None]) -> str:
    """The language to speak (zh_CN): as ``given``, by POLICYKB_LANG, the knowledge base's ``setting``, or the locale.

    Of the locale LC_ALL, LC_MESSAGES and LANG are read: it need not be installed. Where nothing says it is that of
    Windows, which sets no variables, English elsewhere.
    """
    for name in (given, environ.get("POLICYKB_LANG"), setting(), *map(environ.get, _VARIABLES)):
        if name:
            return name.partition(".")[0].partition("@")[0].replace("-", "_")
    return _of_the_system()


def _of_the_system() -> str:
    """The language in which Windows shows itself to the user; English on other systems."""
    if sys.platform != "win32":
        return "en"
    import ctypes
    import locale

    name = locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), "en")
    return "en" if name.startswith("en_") else name


class _Catalogue:
    """The texts of one compiled catalogue (``.mo``), each found in the file when it is asked for.

    `gettext` reads a whole catalogue first: a thousand texts for the ten that a command says. Languages of one form,
    or of two for one and several, are understood; see the format in the manual of GNU gettext, "MO files".
    """

    def __init__(self, path: Path) -> None:
        self._data = path.read_bytes()
        _magic, _version, self._count, self._texts, self._said = unpack_from("<5I", self._data)

    def forms(self, message: str) -> list[str]:
        """The forms of a message in this language, none where it is not held."""
        wanted = message.encode()
        at = bisect_left(range(self._count), wanted, key=lambda place: self._bytes(self._texts, place))
        if at == self._count or self._bytes(self._texts, at) != wanted:
            return []
        return self._bytes(self._said, at).decode().split("\0")

    def _bytes(self, table: int, place: int) -> bytes:
        length, offset = unpack_from("<2I", self._data, table + 8 * place)
        return self._data[offset : offset + length]


@lru_cache(4096)
def _forms(name: str, message: str) -> list[str]:
    """The forms of a message in a language."""
    return next(filter(None, (one.forms(message) for one in _catalogues(name))), [])


@cache
def _spoken_as(name: str) -> str:
    """The language of ours that a name means: zh_CN for zh, zh-cn and zh_TW, en for de_DE."""
    ours = {folder.name.replace("-", "_").lower(): folder.name for folder in sorted(_CATALOGUES.iterdir())}
    name = name.replace("-", "_").lower()
    alike = (one for key, one in ours.items() if key.partition("_")[0] == name.partition("_")[0])
    return ours.get(name) or next(alike, "en")


@cache
def _catalogues(name: str) -> list[_Catalogue]:
    """The catalogues of a language of ours: our own, then what click says by itself."""
    files = (_CATALOGUES / name / "LC_MESSAGES" / file for file in ("policykb.mo", "click.mo"))
    return [_Catalogue(path) for path in files if path.is_file()]
