"""What was rejected and no entry can remember: fields, findings and documents, in ``corpus/.inbox/rejected.txt``.

Tags and relations that were rejected stand in the entries themselves.
"""

from __future__ import annotations

from collections.abc import Iterable

from policykb.corpus.corpus import Corpus
from policykb.files.journal import Write
from policykb.files.reading import read_regular
from policykb.inbox.items import FOLDER

_NAME = "rejected.txt"
_LARGEST = 20_000_000  # bytes


def rejected(corpus: Corpus) -> frozenset[str]:
    """The keys of proposals, and the digests of documents, that a person said no to."""
    return frozenset(line.split(" ", 1)[0] for line in _content(corpus).decode("utf-8-sig", "replace").splitlines())


def noted(corpus: Corpus, more: Iterable[tuple[str, str]]) -> list[Write]:
    """What notes more of them: each with its key, and in words what it is, for a person who reads the file."""
    before = _content(corpus)
    known = rejected(corpus)
    lines = [f"{key} {' '.join(said.split())[:200]}\n" for key, said in dict(more).items() if key not in known]
    if not lines:
        return []
    path = corpus.root / FOLDER / _NAME
    start = before if before.endswith(b"\n") or not before else before + b"\n"
    return [Write(path, start + "".join(lines).encode("utf-8", "replace"), before if path.exists() else None)]


def _content(corpus: Corpus) -> bytes:
    path = corpus.root / FOLDER / _NAME
    try:
        if path.is_symlink() or path.parent.is_symlink():
            return b""
        return read_regular(path, at_most=_LARGEST)
    except (OSError, ValueError):
        return b""
