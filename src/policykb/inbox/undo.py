"""The last decision taken back: the files that it changed, as they were before it.

What they held stands in the user's cache, not in the corpus, where it could come from somebody else: one decides for
oneself, and takes back one's own.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from policykb.corpus.corpus import Corpus
from policykb.errors import CorpusError
from policykb.files.cache import cache_folder
from policykb.files.journal import Write
from policykb.files.reading import read_if_there
from policykb.i18n import _

_RECORD = "decision.json"


def remember(corpus: Corpus, writes: Iterable[Write], said: str) -> None:
    """Keeps what files hold before they are written; ``said`` is the decision in words.

    Where the cache cannot be written nothing is kept, and nothing can be taken back.
    """
    folder = _folder(corpus)
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        files = []
        for number, write in enumerate(writes):
            if write.expected is not None:
                (folder / f"{number}").write_bytes(write.expected)
            path = write.path.relative_to(corpus.root).as_posix()
            files.append([path, None if write.expected is None else f"{number}", _digest(write.data)])
        (folder / _RECORD).write_text(json.dumps({"said": said, "files": files}), encoding="utf-8")
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)


def what(corpus: Corpus) -> str:
    """The decision that can be taken back, in words; empty where there is none."""
    try:
        return str(json.loads((_folder(corpus) / _RECORD).read_text(encoding="utf-8"))["said"])
    except (OSError, ValueError, LookupError, TypeError):
        return ""


def undone(corpus: Corpus) -> tuple[str, list[Write]]:
    """The decision in words, and what brings the files back to what they were.

    Raises CorpusError where there is nothing to take back, or a file is not as the decision left it.
    """
    folder = _folder(corpus)
    try:
        record = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
        writes = []
        for name, before, after in record["files"]:
            path = corpus.root / name
            now = read_if_there(path)
            if _digest(now) != after:
                raise CorpusError(_("{path}: changed since it was decided; mend it by hand").format(path=path))
            data = None if before is None else (folder / before).read_bytes()
            writes.append(Write(path, data, now))
        return str(record["said"]), writes
    except (OSError, ValueError, LookupError, TypeError):
        raise CorpusError(_("there is no decision to take back")) from None


def forget(corpus: Corpus) -> None:
    """After it has been taken back there is nothing more to take back."""
    shutil.rmtree(_folder(corpus), ignore_errors=True)


def _folder(corpus: Corpus) -> Path:
    key = hashlib.sha256(os.fsencode(os.path.realpath(corpus.root))).hexdigest()[:16]
    return cache_folder() / f"undo-{key}"


def _digest(data: bytes | None) -> str | None:
    return None if data is None else hashlib.sha256(data).hexdigest()
