"""Every text for people goes through `_`, in the language of the context that it is said in.

A message stands in the code in English, with named places for what is filled in::

    _("{path}: cannot be read: {reason}").format(path=path, reason=reason)

The language belongs to a context (`contextvars`), never to the process: a web page has that of its request. Catalogues
are GNU gettext's, ``locale/LANG/LC_MESSAGES/policykb.mo`` in the package; without one a text stays English, and nothing
is imported for it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gettext import NullTranslations

_CATALOGUES = Path(__file__).parent / "locale"
_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
_language: ContextVar[str] = ContextVar("language", default="en")


def _(message: str) -> str:
    """The message in the language of the context."""
    catalogue = _read(spoken())
    return message if catalogue is None else catalogue.gettext(message)


def later(message: str) -> str:
    """The message as it is, for `_` to say later: what stands in a table is read once, in no language yet."""
    return message


def ngettext(singular: str, plural: str, number: int) -> str:
    """The message for a number of things, in the language of the context; the number is not filled in."""
    catalogue = _read(spoken())
    if catalogue is None:
        return singular if number == 1 else plural
    return catalogue.ngettext(singular, plural, number)


def spoken() -> str:
    """The language of the context."""
    return _language.get()


@contextlib.contextmanager
def language(name: str) -> Iterator[None]:
    """Speaks a language (zh_CN, en) within a ``with`` block; one without a catalogue is English."""
    token = _language.set(name)
    try:
        yield
    finally:
        _language.reset(token)


def chosen_language(given: str | None, environ: Mapping[str, str], setting: Callable[[], str | None]) -> str:
    """The language to speak (zh_CN): as ``given``, by POLICYKB_LANG, the knowledge base's ``setting``, or the locale.

    Of the locale LC_ALL, LC_MESSAGES and LANG are read: it need not be installed. English where nothing says.
    """
    for name in (given, environ.get("POLICYKB_LANG"), setting(), *map(environ.get, _VARIABLES)):
        if name:
            return name.partition(".")[0].partition("@")[0].replace("-", "_")
    return "en"


@cache
def _read(name: str) -> NullTranslations | None:
    """The catalogue of a language, or of the language without its region; None where there is neither."""
    if not _CATALOGUES.is_dir() or not name.replace("_", "").isalpha():  # a name is no path
        return None
    import gettext

    try:
        found = gettext.translation("policykb", _CATALOGUES, [name])
    except OSError:
        return None
    found.add_fallback(gettext.translation("click", _CATALOGUES, [name], fallback=True))  # what click says by itself
    return found
