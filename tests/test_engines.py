"""The contract of engines, run over every engine there is. Another one is an entry of `ENGINES`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest

import nodes
from contract import Contract, Start, refilled
from policykb.corpus.corpus import Corpus
from policykb.domain.policy import Policy
from policykb.engines.whoosh.engine import WhooshEngine
from policykb.search.engine import Engine


def in_a_cluster(corpus: Corpus) -> Engine:
    """The engine of a corpus whose index is in a cluster of one node, in two shards."""
    from policykb.engines.opensearch.engine import ClusterEngine

    (corpus.root / "kb.toml").write_text(nodes.settings(nodes.address(), shards=2), encoding="utf-8")
    return ClusterEngine(corpus)


ENGINES: Mapping[str, Start] = {"whoosh": WhooshEngine, "opensearch": in_a_cluster}


@pytest.fixture(scope="class", params=ENGINES)
def start(request: pytest.FixtureRequest) -> Start:
    """Makes an engine for a corpus."""
    if request.param == "opensearch":
        nodes.needed()
    return ENGINES[request.param]


@pytest.fixture(scope="class")
def base(start: Start, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Sequence[Policy]], Engine]:
    """Makes an engine over some entries."""
    return refilled(start, tmp_path_factory.mktemp("contract"))


class TestEngine(Contract):
    """`contract.Contract`, for each of them."""
