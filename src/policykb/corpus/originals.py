"""The documents that entries were made from, as they came: ``originals/`` in the corpus.

An original is called as its entry, with the suffix of its format. The entry names it (``original``) and its digest
(``original_digest``). Nothing in the folder is an entry, whatever it is called, and none of it is ever written over.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

from policykb.corpus.folder import NO_ENTRIES
from policykb.domain.policy import is_portable
from policykb.errors import CorpusError
from policykb.files.journal import Write
from policykb.files.reading import read_if_there, reason
from policykb.i18n import _

if TYPE_CHECKING:
    from policykb.corpus.corpus import Corpus
    from policykb.domain.policy import Policy

FOLDER = NO_ENTRIES[1]
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")


def digest_of(data: bytes) -> str:
    """What tells an original from any other file."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def place_for(corpus: Corpus, id: str, suffix: str, data: bytes) -> Path:
    """Where the original of the entry ``id`` goes: a file that holds ``data`` already, or one that is not there yet."""
    suffix = suffix.lower() if _SUFFIX.fullmatch(suffix.lower()) else ""
    number = 1
    while True:
        path = corpus.root / FOLDER / f"{id}{f'-{number}' if number > 1 else ''}{suffix}"
        if (there := read_if_there(path)) is None or there == data:
            return path
        number += 1


def keeping(corpus: Corpus, id: str, suffix: str, data: bytes) -> tuple[Write, dict[str, str]]:
    """What keeps the original of the entry ``id``, and the keys that name it in the entry."""
    path = place_for(corpus, id, suffix, data)
    write = Write(path, data, data if path.exists() else None)
    return write, {"original": f"{FOLDER}/{path.name}", "original_digest": digest_of(data)}


def find(corpus: Corpus, policy: Policy) -> Path | None:
    """The original that an entry names, be it there or not; None where it names none.

    Raises CorpusError where it names no file of the folder.
    """
    if not policy.original:
        return None
    folder, _slash, name = policy.original.partition("/")
    path = corpus.root / FOLDER / name
    if folder != FOLDER or not name or not is_portable(name) or name.startswith(".") or path.is_symlink():
        raise CorpusError(_("{name} is no file of the folder {folder}/").format(name=policy.original, folder=FOLDER))
    return path


def problem_of(corpus: Corpus, policy: Policy) -> str | None:
    """What is wrong with the original that an entry names; None where nothing is, or there is none."""
    try:
        path = find(corpus, policy)
        if path is None:
            return None
        data = read_if_there(path)
    except CorpusError as error:
        return str(error)
    except OSError as error:
        return _("{name} cannot be read: {reason}").format(name=policy.original, reason=reason(error))
    if data is None:
        return _("{name} is not there").format(name=policy.original)
    if policy.original_digest and not _has_digest(data, policy.original_digest):
        return _("{name} is not the file that was kept: its digest is another one").format(name=policy.original)
    return None


def _has_digest(data: bytes, digest: str) -> bool:
    """Whether this is what has the digest, maybe with the line ends that git gives a text on another system."""
    lines = data.replace(b"\r\n", b"\n")
    return digest in (digest_of(data), digest_of(lines), digest_of(lines.replace(b"\n", b"\r\n")))
