"""What comes inside the package: data files, templates, and the corpus of 2024."""

from __future__ import annotations

import os
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
DATA = PACKAGE / "data"
TEMPLATES = PACKAGE / "templates"


def data_files(name: str, corpus: Path | None) -> list[Path]:
    """The packaged file of that name and, where there is one, the knowledge base's own, in this order."""
    own = [corpus / name] if corpus and os.path.lexists(corpus / name) else []
    return [DATA / name, *own]


def shipped() -> Path:
    """The folder with the corpus of 2024 that comes with the package (or, in a checkout, the checkout)."""
    packaged = PACKAGE / "shipped"
    return packaged if packaged.is_dir() else PACKAGE.parents[1]
