"""OpenSearch nodes for tests: started once, where they are asked for, and ended with the tests."""

from __future__ import annotations

import atexit
import os
import shutil
import socket
import subprocess
import uuid
from functools import cache
from pathlib import Path

import pytest

RUN = Path(__file__).parent / "opensearch" / "run"


def free_port(others: int = 1) -> int:
    """A port that is free, with those after it and those 100 above, which nodes use among themselves."""
    while True:
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            port = int(one.getsockname()[1])
        ports = [port + more + above for more in range(others) for above in (0, 100)]
        if max(ports) < 65536 and all(map(_is_free, ports)):
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as one:
        try:
            one.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def needed() -> None:
    """Skips a test where nodes cannot be had."""
    if not os.environ.get("POLICYKB_NODES"):
        pytest.skip("starts OpenSearch: set POLICYKB_NODES=1")
    if not (shutil.which("java") and shutil.which("mvn")):
        pytest.skip("needs a JDK 17 and Maven")
    pytest.importorskip("opensearchpy", reason="needs policykb[opensearch]")


@cache
def address() -> str:
    """The address of a node that is started for all tests, or that ``POLICYKB_NODES`` names."""
    named = os.environ["POLICYKB_NODES"]
    if named.startswith("http"):
        return named
    nodes = subprocess.Popen([RUN, str(free_port())], stdout=subprocess.PIPE, text=True)
    atexit.register(_ended, nodes)
    assert nodes.stdout
    return nodes.stdout.readline().strip()


def _ended(nodes: subprocess.Popen[str]) -> None:
    nodes.terminate()
    nodes.wait()


def settings(url: str, shards: int = 1, replicas: int = 0) -> str:
    """A ``kb.toml`` for an index of its own."""
    return (
        f'name = "test"\nengine = "opensearch"\n[opensearch]\nurl = "{url}"\nindex = "t{uuid.uuid4().hex}"\n'
        f"shards = {shards}\nreplicas = {replicas}\n"
    )
