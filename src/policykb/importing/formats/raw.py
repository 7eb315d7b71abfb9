"""What every format is turned into: lines, and what the file says about itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policykb.importing.paragraphs import Line


@dataclass(slots=True)
class Raw:
    """A file's lines before running heads are taken out; the fields are those of ``sources.Source``."""

    lines: list[Line]
    meta: Mapping[str, str] = field(default_factory=dict)
    dropped: list[Line] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


LINE_END = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
WIDE_SPACE = re.compile(r"[^\S\t]{3,}")  # as wide as it may be, it only sets apart
