"""The nodes that tests of a second engine run on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import urllib.request
from pathlib import Path

import pytest

RUN = Path(__file__).parent / "run"

pytestmark = [
    pytest.mark.skipif(not os.environ.get("POLICYKB_NODES"), reason="starts OpenSearch: set POLICYKB_NODES=1"),
    pytest.mark.skipif(not (shutil.which("java") and shutil.which("mvn")), reason="needs a JDK 17 and Maven"),
    pytest.mark.timeout(600),
]


def free_port() -> int:
    """A port that is free together with the one 100 above, which nodes use among themselves."""
    while True:
        with socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
            try:
                other.bind(("127.0.0.1", port + 100))
            except (OSError, OverflowError):
                continue
            return int(port)


def test_a_node_starts_answers_and_ends() -> None:
    with subprocess.Popen([RUN, str(free_port())], stdout=subprocess.PIPE, text=True) as nodes:
        try:
            assert nodes.stdout
            address = nodes.stdout.readline().strip()
            assert address.startswith("http://127.0.0.1:")
            with urllib.request.urlopen(f"{address}/_cluster/health") as answer:
                assert json.load(answer)["status"] == "green"
        finally:
            nodes.send_signal(signal.SIGTERM)
            nodes.wait()
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(address)
