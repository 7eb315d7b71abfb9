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
from typing import Any

from policykb.corpus.corpus import Corpus
from policykb.errors import CorpusError
from policykb.files.cache import cache_folder
from policykb.files.journal import Write, hash_of
from policykb.files.reading import read_if_there
from policykb.files.sharing import remove
from policykb.i18n import _

_RECORD = "decision.json"


def remember(corpus: Corpus, writes: Iterable[Write], said: str, *, more: bool = False) -> None:
    """Keeps what files hold before they are written; ``said`` is the decision in words.

    ``more``: it belongs to the decision before, and both are taken back together. Where the cache cannot be written
    nothing is kept, and nothing can be taken back.
    """
    folder = _folder(corpus)
    try:
        files: dict[str, list[str | None]] = {}
        if more and (known := _record(folder)):
            said = _("; ").join((known["said"], said))
            files = {name: [before, after] for name, before, after in known["files"]}
        else:
            remove(folder / _RECORD, missing_ok=True)  # first: the decision before is not the last one any more
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True, exist_ok=True)  # on Windows a file stays that another program has open
        for write in writes:
            path = write.path.relative_to(corpus.root).as_posix()
            if path not in files:
                files[path] = [None, None]
                if write.expected is not None:
                    files[path][0] = f"{len(files)}"
                    (folder / f"{len(files)}").write_bytes(write.expected)
            files[path][1] = hash_of(write.data)
        rows = [[path, *both] for path, both in files.items()]
        (folder / _RECORD).write_text(json.dumps({"said": said, "files": rows}), encoding="utf-8")
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)


def what(corpus: Corpus) -> str:
    """The decision that can be taken back, in words; empty where there is none."""
    known = _record(_folder(corpus))
    return str(known["said"]) if known else ""


def undone(corpus: Corpus) -> tuple[str, list[Write]]:
    """The decision in words, and what brings the files back to what they were.

    Raises CorpusError where there is nothing to take back, or a file is not as the decision left it.
    """
    folder = _folder(corpus)
    known = _record(folder)
    if not known:
        raise CorpusError(_("there is no decision to take back"))
    writes = []
    for name, before, after in known["files"]:
        path = corpus.root / name
        now = read_if_there(path)
        if hash_of(now) != after:
            raise CorpusError(_("{path}: changed since it was decided; mend it by hand").format(path=path))
        kept = None if before is None else read_if_there(folder / before)
        if kept is None and before is not None:  # a cache may lose files: nothing is not what it held
            raise CorpusError(_("there is no decision to take back"))
        writes.append(Write(path, kept, now))
    return str(known["said"]), writes


def forget(corpus: Corpus) -> None:
    """After it has been taken back there is nothing more to take back."""
    shutil.rmtree(_folder(corpus), ignore_errors=True)


def _record(folder: Path) -> dict[str, Any]:
    """What `remember` wrote; empty where there is nothing, or something else."""
    try:
        known = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
        return known if isinstance(known, dict) and {"said", "files"} <= known.keys() else {}
    except (OSError, ValueError):
        return {}


def _folder(corpus: Corpus) -> Path:
    key = hashlib.sha256(os.fsencode(os.path.realpath(corpus.root))).hexdigest()[:16]
    return cache_folder() / f"undo-{key}"
