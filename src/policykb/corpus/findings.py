"""`Finding`: what ``check`` and ``doctor`` say is wrong, and where."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from policykb.errors import DocumentError


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. An ``error`` keeps the file out of the knowledge base, a ``warning`` does not.

    ``line`` counts from 1, None where no line is to blame; ``key`` is the front matter's, or ``body``.
    """

    path: Path
    line: int | None
    key: str | None
    problem: str
    level: Literal["error", "warning"] = "warning"

    @classmethod
    def of(cls, error: DocumentError, path: Path) -> Finding:
        """The finding of an error, which is in ``path`` where it names no file."""
        return cls(error.path or path, error.line, error.key, error.problem, "error")

    def __str__(self) -> str:
        return str(DocumentError(self.problem, path=self.path, line=self.line, key=self.key))
