"""What comes inside the package: data files, templates, and the corpus of 2024."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parents[1]
DATA = PACKAGE / "data"
TEMPLATES = PACKAGE / "templates"


def shipped() -> Path:
    """The folder with the corpus of 2024 that comes with the package (or, in a checkout, the checkout)."""
    packaged = PACKAGE / "shipped"
    return packaged if packaged.is_dir() else PACKAGE.parents[1]
