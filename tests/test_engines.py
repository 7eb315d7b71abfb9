"""The contract of engines, run over every engine there is. Another one is an entry of `ENGINES`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest

from contract import Contract, Start, refilled
from policykb.domain.policy import Policy
from policykb.engines.whoosh.engine import WhooshEngine
from policykb.search.engine import Engine

ENGINES: Mapping[str, Start] = {"whoosh": WhooshEngine}


@pytest.fixture(scope="class", params=ENGINES)
def start(request: pytest.FixtureRequest) -> Start:
    """Makes an engine for a corpus."""
    return ENGINES[request.param]


@pytest.fixture(scope="class")
def base(start: Start, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Sequence[Policy]], Engine]:
    """Makes an engine over some entries."""
    return refilled(start, tmp_path_factory.mktemp("contract"))


class TestEngine(Contract):
    """`contract.Contract`, for each of them."""
