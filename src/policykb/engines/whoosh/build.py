"""Putting files into an index, in this process or in one a core, each of which builds a segment of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from policykb.engines.analysis import LOAD, index_file
from policykb.engines.whoosh.codec import SEGMENT_LIMIT
from policykb.engines.whoosh.update import new_segment
from policykb.engines.workers import ALONE, cores, indexed_files, leave, results, shared_out, taken
from policykb.text.lexicon import Lexicon

if TYPE_CHECKING:
    from policykb.corpus.corpus import Corpus
    from policykb.engines.whoosh.update import Update

_MOST = SEGMENT_LIMIT // 4  # files of a segment, which has to number its documents, and to find room in memory


def add_files(
    update: Update,
    lexicon_file: Path,
    corpus: Corpus,
    paths: list[str],
    problems: dict[str, str],
    progress: Callable[[int, int], None] | None,
) -> dict[str, str]:
    """Indexes files, in several processes where that pays; returns the digests of their contents."""
    digests: dict[str, str] = {}
    if len(paths) > ALONE and cores() > 1:
        same = {"corpus": str(corpus.root), "lexicon": str(lexicon_file)}
        parts = enumerate(shared_out(paths, _MOST))
        jobs = [{**same, "folder": str(update.workspace(number)), "paths": part} for number, part in parts]
        for job, result in results(__name__, jobs, progress):
            digests |= result["digests"]
            problems |= result["problems"]
            if result["segment"][1]:  # else none of its files could be read, and it has no columns
                update.adopt(Path(job["folder"]), tuple(result["segment"]))
        return digests
    from policykb.domain.issuers import Authority

    lexicon = Lexicon.load(lexicon_file) if len(paths) > LOAD else Lexicon.open(lexicon_file)
    authority = Authority.load(corpus.root)
    for done, path in enumerate(paths, 1):
        digests[path] = index_file(corpus, path, lexicon, authority, update.add, problems)
        if progress and len(paths) > LOAD:
            progress(done, len(paths))
    return digests


def work() -> None:
    """Builds one segment in a process of its own."""
    job = taken()
    if not job:
        return
    builder = new_segment(Path(job["folder"]))
    problems: dict[str, str] = {}
    digests = dict(indexed_files(job, builder.add, problems))
    leave(job, {"digests": digests, "problems": problems, "segment": builder.finish()})
