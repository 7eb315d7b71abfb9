"""Text in which nothing is hidden, nothing that a terminal would obey, and nothing that XML cannot hold."""

from __future__ import annotations

import re

_NOT_IN_XML = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
_CONTROL = (
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    """``text`` with control characters, escape sequences, direction marks and tags shown, one character for each.

    Tags are the characters from U+E0000 on that say ASCII invisibly: people see nothing, language models read it.
    """
    if text.isprintable():
        return text
    return re.sub(_CONTROL, lambda match: chr(0x2400 + ord(match[0])) if match[0] < " " else "\ufffd", text)


def fit_for_xml(text: str) -> str:
    """``text`` without the characters that XML cannot hold."""
    return re.sub(_NOT_IN_XML, "", text)
