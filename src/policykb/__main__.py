"""``python -m policykb`` and the console script."""

import sys


def main() -> None:
    """Runs the command line; Ctrl-C ends it quietly from the first moment on."""
    try:
        from policykb.cli import main

        main()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
