"""Moments of a run that no clock has a part in: before the n-th call of a function.

As a script it runs policykb, stopped (SIGSTOP) at one of them, until whoever started it lets it go on::

    python tests/robustness/moments.py NUMBER FILE ARGUMENTS...

``FILE`` gets the number of calls of a whole run; with 0 for ``NUMBER`` it is not stopped.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType


def at_call(number: int, act: Callable[[], None]) -> Callable[[], int]:
    """Has ``act`` called before the ``number``-th call from now on, of Python or C; returns what counts them."""
    count = 0

    def hook(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        if event in ("call", "c_call"):
            count += 1
            if count == number:
                act()

    sys.setprofile(hook)
    return lambda: count


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def stop() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def wait_for_stop(process: int) -> bool:
    """Waits until a child is stopped or has ended, and leaves it to be waited for: whether it is stopped."""
    found = os.waitid(os.P_PID, process, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
    return found is not None and found.si_code == os.CLD_STOPPED


def main() -> None:
    from policykb.__main__ import main

    number, file, *sys.argv[1:] = sys.argv[1:]
    counted = at_call(int(number), stop)
    try:
        main()
    finally:
        sys.setprofile(None)
        Path(file).write_text(str(counted()), encoding="ascii")


if __name__ == "__main__":
    main()
