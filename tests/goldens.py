"""Golden files: what a document looked like when somebody last looked at it.

``POLICYKB_GOLDEN=write pytest tests`` writes them anew; look at the difference before it is committed.
"""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"


def assert_golden(name: str, data: bytes) -> None:
    """The bytes are those of the golden file."""
    path = FOLDER / name
    if os.environ.get("POLICYKB_GOLDEN") == "write":
        path.write_bytes(data)
    assert data.decode() == path.read_bytes().decode()
