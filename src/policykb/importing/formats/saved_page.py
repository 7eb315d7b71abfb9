"""A web page that a browser saved as one file (.mhtml)."""

from __future__ import annotations

from collections.abc import Callable


def page_in(data: bytes, decode: Callable[[bytes], str]) -> str | None:
    """The page inside a file that a browser saved as one (.mhtml), None for anything else."""
    if b"mime-version:" not in data[:4096].lower() or b"multipart/related" not in data[:4096].lower():
        return None
    import email
    from email.policy import compat32

    for part in email.message_from_bytes(data, policy=compat32).walk():
        if part.get_content_type() == "text/html":
            payload = part.get_payload(decode=True)
            return decode(payload) if isinstance(payload, bytes) else None
    return None
