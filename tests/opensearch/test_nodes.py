"""The nodes that tests of a second engine run on."""

from __future__ import annotations

import json
import signal
import subprocess
import urllib.request

import pytest

import nodes

pytestmark = pytest.mark.timeout(600)


def test_a_node_starts_answers_and_ends() -> None:
    nodes.needed()
    with subprocess.Popen([nodes.RUN, str(nodes.free_port())], stdout=subprocess.PIPE, text=True) as node:
        try:
            assert node.stdout
            address = node.stdout.readline().strip()
            assert address.startswith("http://127.0.0.1:")
            with urllib.request.urlopen(f"{address}/_cluster/health") as answer:
                assert json.load(answer)["status"] == "green"
        finally:
            node.send_signal(signal.SIGTERM)
            node.wait()
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(address)
