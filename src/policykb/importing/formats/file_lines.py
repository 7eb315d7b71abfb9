"""What every format is turned into: lines, and what the file says about itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from policykb.importing.paragraphs import Line

MAX_LINES = 500_000  # empty ones too
MAX_COLUMNS = 50  # a line with more tabs or bars is no table row

LINE_END = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")


@dataclass(slots=True)
class FileLines:
    """A file's lines before running heads are taken out; the fields are those of
    `policykb.importing.sources.Source`."""

    lines: list[Line]
    meta: Mapping[str, str] = field(default_factory=dict)
    dropped: list[Line] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
