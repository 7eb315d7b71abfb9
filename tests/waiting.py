"""Waiting for a state, and watching others wait. No test waits for a time: what takes long on a slow machine is no defect."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

LIMIT = 240.0  # seconds after which a state will never come; less than pytest's own limit, so that this one is told


class Clock:
    """Stands for the module ``time`` where a program waits: only its own sleeping moves the hands.

    ``asleep`` is called in each sleep.
    """

    def __init__(self, asleep: Callable[[], object] = lambda: None) -> None:
        self.now = 0.0
        self.asleep = asleep

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.asleep()


def wait_until(reached: Callable[[], object], what: str) -> None:
    """Returns when ``reached()`` is true; `AssertionError` says ``what`` was waited for where it never is."""
    deadline = time.monotonic() + LIMIT
    never = threading.Event()
    while not reached():
        assert time.monotonic() < deadline, f"waited {LIMIT:g} s in vain until {what}"
        never.wait(0.02)
