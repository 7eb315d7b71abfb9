"""The market figures of imported reviews as files of ``corpus/market/``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from policykb.files.journal import Write
from policykb.files.reading import read_if_there
from policykb.importing.figures.report import MarketFigures, market_figures
from policykb.importing.review.review import Review
from policykb.importing.same_document import free_id
from policykb.market.market import load
from policykb.market.writing import dump_figures


@dataclass(frozen=True, slots=True)
class FiguresIntake:
    """What is done with the figures of a review.

    ``state``: new, unchanged, updated, differs (a file that is left as it is, for a person may have edited it), known
    (``path`` has the figures of a report of that title already).
    """

    found: MarketFigures
    path: Path
    state: Literal["new", "unchanged", "updated", "differs", "known"]


def take_figures(
    root: Path, reviews: Iterable[tuple[Path, Review]], copies: Path, *, update: bool
) -> tuple[list[FiguresIntake], list[Write]]:
    """The figures of reviews, and the files to write: each one's figures, and a copy in ``copies``.

    ``root`` is the corpus. A file is replaced with ``update``, where it is still as the copy says that it was written.
    Raises `DataError` where the figures that are there cannot be read.
    """
    known = {report.title: report.name for report in load(root).reports}
    taken: dict[str, int] = {}
    done, writes = list[FiguresIntake](), list[Write]()
    for file, review in reviews:
        stem = "".join(char if char.isalnum() or char in "-_" else "_" for char in file.stem).strip("_")
        stem = free_id(stem or "review", taken)
        found = market_figures(review, stem)
        if found is None:
            continue
        path, copy = root / "market" / f"{stem}.toml", copies / f"{stem}.toml"
        data = dump_figures(found.report, found.doubtful).encode()
        there, before = read_if_there(path), read_if_there(copy)
        state: Literal["new", "unchanged", "updated", "differs", "known"] = "new"
        if there is not None:
            state = "unchanged" if there == data else "updated" if update and there == before else "differs"
        elif review.title in known:
            state, path = "known", root / "market" / f"{known[review.title]}.toml"
        if state in ("new", "updated"):
            writes += [Write(path, data, there), Write(copy, data, before)]
        done.append(FiguresIntake(found, path, state))
    return done, writes
