"""``python -m policykb`` and the console script."""

from policykb.cli import main

if __name__ == "__main__":
    main()
