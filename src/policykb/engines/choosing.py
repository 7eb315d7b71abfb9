"""Which engine a knowledge base has: ``kb.toml`` names it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from policykb.files.reading import MAX_BYTES, read_regular

if TYPE_CHECKING:
    from policykb.corpus.corpus import Corpus
    from policykb.search.engine import Engine


def engine_of(corpus: Corpus, index: Path | None, **options: Any) -> Engine:
    """The engine of a corpus; ``index`` is its folder on this machine. Raises DataError for a wrong ``kb.toml``."""
    if _names_one(corpus.root / "kb.toml"):
        from policykb.corpus.settings import load_settings  # most knowledge bases say nothing of engines

        if load_settings(corpus.root).engine == "opensearch":
            from policykb.engines.opensearch.engine import ClusterEngine

            return ClusterEngine(corpus, index, **options)
    from policykb.engines.whoosh.engine import WhooshEngine

    return WhooshEngine(corpus, index, **options)


def _names_one(path: Path) -> bool:
    """Whether the file may name an engine: most do not, and need no parsing."""
    try:
        return b"engine" in read_regular(path, at_most=MAX_BYTES)
    except OSError:
        return False
