"""Text in which nothing is hidden, and nothing that a terminal would obey."""

from __future__ import annotations

import re

_CONTROL = r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"


def visible(text: str) -> str:
    """``text`` with control characters, escape sequences and direction marks shown, one character for each."""
    if text.isprintable():
        return text
    return re.sub(_CONTROL, lambda match: chr(0x2400 + ord(match[0])) if match[0] < " " else "\ufffd", text)
