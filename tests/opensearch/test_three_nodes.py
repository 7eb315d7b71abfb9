"""Three nodes, one of which is killed in the middle of a bulk load and of searches: nothing lost, no wrong answer."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import nodes
from conftest import write_entry
from policykb.corpus.corpus import Corpus
from policykb.domain.policy import Policy
from policykb.engines.opensearch.engine import ClusterEngine
from policykb.errors import PolicyKBError
from policykb.search.nodes import Phrase
from policykb.search.request import SearchRequest

pytestmark = pytest.mark.timeout(1200)

FIRST, MORE = 60, 240
ONE = Policy("a", "题", date(2024, 1, 1), ("财政部",), body="水泥")
PATIENCE = 300  # seconds for what a loaded machine does slowly


@pytest.fixture
def addresses() -> Iterator[list[str]]:
    nodes.needed()
    with subprocess.Popen([nodes.RUN, str(nodes.free_port(3)), "3"], stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        yield [running.stdout.readline().strip() for _node in range(3)]
        running.terminate()
        running.wait()


def asked(address: str, path: str) -> Any:
    with urllib.request.urlopen(f"{address}{path}", timeout=PATIENCE + 60) as answer:
        return json.load(answer)


def test_a_node_that_is_killed_takes_nothing_along(addresses: list[str], tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "kb.toml").write_text(nodes.settings(addresses[0], shards=3, replicas=1), encoding="utf-8")
    for number in range(FIRST):
        write_entry(tmp_path, replace(ONE, id=f"e{number:03}"))
    writer, reader = ClusterEngine(Corpus(tmp_path / "corpus")), ClusterEngine(Corpus(tmp_path / "corpus"))
    assert writer.refresh(wait=PATIENCE).entries == FIRST
    assert asked(addresses[0], f"/_cluster/health?wait_for_status=green&timeout={PATIENCE // 3}s")["status"] == "green"

    totals: list[int] = []
    refused: list[str] = []
    done = threading.Event()

    def search() -> None:
        while not done.is_set():
            try:
                result = reader.search(SearchRequest(Phrase("水泥"), limit=5))
                assert all(hit.policy.body == "水泥" for hit in result.hits)
                totals.append(result.total)
            except PolicyKBError as error:  # said, and not a wrong answer
                refused.append(str(error))

    searching = threading.Thread(target=search)
    searching.start()
    for number in range(MORE):
        write_entry(tmp_path, replace(ONE, id=f"m{number:03}"))
    loaded: list[object] = []

    def load() -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                loaded.append(writer.refresh(wait=PATIENCE))
                return
            except PolicyKBError as error:
                loaded.append(error)
                done.wait(1)

    loading = threading.Thread(target=load)
    loading.start()
    for node in asked(addresses[0], "/_nodes/process")["nodes"].values():
        if node["name"] == "node-2":
            os.kill(node["process"]["id"], signal.SIGKILL)
    loading.join()
    done.set()
    searching.join()

    writer.refresh(wait=PATIENCE)
    result = writer.search(SearchRequest(Phrase("水泥"), limit=FIRST + MORE))
    assert result.total == len({hit.path for hit in result.hits}) == FIRST + MORE
    assert totals
    assert set(totals) <= set(range(FIRST, FIRST + MORE + 1)), "a search has counted what was not there"
    assert all("cannot answer" in text or "did not answer" in text for text in refused), refused
    # two nodes are left, and every shard is in two places again
    health = asked(addresses[0], f"/_cluster/health?wait_for_status=green&timeout={PATIENCE}s")
    assert (health["status"], health["number_of_nodes"]) == ("green", 2)
