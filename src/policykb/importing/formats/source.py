"""What every file becomes: its text as lines, and what it says about itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from policykb.importing.paragraphs import Line

MAX_LINES = 500_000  # empty ones too
MAX_COLUMNS = 50  # a line with more tabs or bars is no table row

LINE_END = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Source:
    """A file's text.

    ``kind`` is text, markdown, html, docx or pdf. ``meta`` holds what the file says about itself: the properties
    of a PDF or Word file, the ``<title>`` and ``<meta>`` tags of a web page, the front matter of Markdown.
    ``dropped`` are the lines that are not its text: running heads, page numbers, what surrounds the article of a
    web page. ``notes`` say what could not be read, in sentences for the user.
    """

    kind: str
    lines: Sequence[Line]
    meta: Mapping[str, str] = field(default_factory=dict)
    dropped: Sequence[Line] = ()
    notes: Sequence[str] = ()
    name: str = ""
