"""How many examples the properties are tried with.

``POLICYKB_EXAMPLES=100000 pytest --timeout=0 tests/test_dates.py`` tries every property of a file that often.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

ASKED = int(os.environ.get("POLICYKB_EXAMPLES", "0"))


def load_profile() -> None:
    """The settings of every property: a slow moment on a slow or busy machine is no defect."""
    slow = [HealthCheck.too_slow] if ASKED else []
    settings.register_profile("policykb", deadline=None, max_examples=ASKED or 100, suppress_health_check=slow)
    settings.load_profile("policykb")


def examples(count: int) -> settings:
    """The settings of a property that is tried with ``count`` examples, unless the environment asks for more."""
    return settings(max_examples=ASKED or count)
