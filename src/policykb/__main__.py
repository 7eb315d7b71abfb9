"""``python -m policykb`` and the console script."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Runs the command line; Ctrl-C ends it quietly from the first moment on."""
    gc.set_threshold(100_000, 20, 20)  # looking for cycles among imported modules costs a search 3 % of its time
    try:
        from policykb.cli.main import main

        main()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
