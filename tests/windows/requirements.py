"""Prints what the project and its tests need, a line each, without the tools that only look at the source.

Usage: ``python requirements.py pyproject.toml``.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

TOOLS = ("mypy", "ruff", "import-linter", "types-")


def needed(project: dict[str, object], extra: str | None = None) -> list[str]:
    """The requirements of the project, or of one of its extras, with those of the extras that it names."""
    found: list[str] = project["optional-dependencies"][extra] if extra else project["dependencies"]  # type: ignore
    lines = []
    for line in found:
        if own := re.fullmatch(r"policykb\[(.*)\]", line):
            lines += [inner for name in own[1].split(",") for inner in needed(project, name.strip())]
        elif not line.startswith(TOOLS):
            lines.append(line)
    return lines


if __name__ == "__main__":
    project = tomllib.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["project"]
    # pip judges markers by the system it runs on, so what click and the assistants' SDK need on Windows is named
    print(*dict.fromkeys([*needed(project), *needed(project, "test"), "colorama", "pywin32"]), sep="\n")
