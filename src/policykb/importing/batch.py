"""Many documents at once: files, folders and addresses of the web, each of which is added, known already or refused."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from policykb.errors import PolicyKBError, SourceError
from policykb.files.sharing import is_mark
from policykb.i18n import _
from policykb.importing.addition import Added, Additions
from policykb.importing.attachments import attachments
from policykb.importing.fetching import fetch, is_url


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a source: ``added`` is None where it was refused, for the reason ``refused``.

    ``attachments`` are the addresses of documents that its page links to; ``tags`` those written into the entry.
    """

    name: str
    added: Added | None
    refused: str = ""
    attachments: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


def sources_of(arguments: Sequence[str], say: Callable[[str], None] = lambda text: None) -> list[str]:
    """Every file below folders, by name, and all other arguments as they are.

    What is hidden, a link, or laid by Word beside a document that it has open, is left out.
    Raises SourceError for a folder that holds no file.
    """
    found: dict[str, None] = {}
    for argument in arguments:
        if is_url(argument) or not os.path.isdir(argument):
            found[argument] = None
            continue
        inside = list(_files(argument, say))
        if not inside:
            raise SourceError(_("{folder}: holds no file").format(folder=argument))
        found.update(dict.fromkeys(inside))
    return list(found)


def _files(folder: str, say: Callable[[str], None]) -> Iterator[str]:
    def unread(error: OSError) -> None:
        say(_("{path}: cannot be read: {reason}").format(path=error.filename, reason=error.strerror))

    for place, folders, names in os.walk(folder, onerror=unread):
        folders[:] = sorted(name for name in folders if name[0] != ".")
        for name in sorted(names):
            path = os.path.join(place, name)
            if name[0] != "." and not is_mark(name) and os.path.isfile(path) and not os.path.islink(path):
                yield path


def add_one(
    additions: Additions,
    source: str | bytes,
    *,
    name: str,
    url: str | None = None,
    to: str | None = None,
    allow_local: bool = False,
    join: Callable[[str], bool] = lambda id: False,
) -> Outcome:
    """Adds a file, an address or the bytes of a document, as `Additions.add` does. Raises `PolicyKBError`."""
    linked: tuple[str, ...] = ()
    file: Path | bytes
    if isinstance(source, str) and is_url(source):
        page = fetch(source, allow_local=allow_local)
        file, name, url, linked = page.data, page.name, url or page.url, tuple(attachments(page))
    else:
        if isinstance(source, str) and re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", source):
            raise SourceError(_("{url}: only http:// and https:// are fetched").format(url=source))
        file = Path(source) if isinstance(source, str) else source
    return Outcome(name, additions.add(file, name=name, url=url, to=to, join=join), attachments=linked)


def add_all(
    additions: Additions,
    sources: Sequence[str],
    *,
    allow_local: bool = False,
    join: Callable[[str], bool] = lambda id: False,
) -> Iterator[Outcome]:
    """Adds one after the other; what is refused stops none of the others."""
    for source in sources:
        try:
            outcome = add_one(additions, source, name=source, allow_local=allow_local, join=join)
        except PolicyKBError as error:
            yield Outcome(source, None, str(error))
        else:
            yield replace(outcome, name=source)
