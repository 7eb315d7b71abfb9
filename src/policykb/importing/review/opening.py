"""Where an entry of a review begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from policykb.domain.issuers import Authority
from policykb.domain.wording import clean_number, kind_of, names_in
from policykb.importing.review.headings import Heading, read_heading

LONGEST_HEADING = 400  # characters that may stand between a date and the marker of the body
_STOP = "。！？；"


@dataclass(frozen=True, slots=True)
class Opening:
    """The beginning of an entry.

    ``label`` and ``heading`` are the text as it stands; ``read`` is what the heading says. The body is ``rest``, what
    follows the heading in its own block, and the blocks from index ``body`` on.
    """

    day: date
    last: date | None
    label: str
    heading: str
    read: Heading
    body: int
    rest: tuple[str, ...] = ()
    level: int = 0
    style: str = ""
    row: bool = False


def named_in(title: str, values: Mapping[str, str], authority: Authority) -> Heading | None:
    """Read a heading that a field or column says to be one, so that it needs no brackets to be a name."""
    read = read_heading(title, authority)
    if read is None and not names_in(title)[0]:
        read = read_heading(f"《{title}》", authority)
    if read is None:
        return None
    issuers = authority.resolve_all(values["issuers"]) if values.get("issuers") else None
    number = clean_number(values.get("number", "")) or read.number
    if issuers and issuers.issuers:
        kind = kind_of(read.documents[0], issuers.issuers) or read.kind
        read = replace(read, signatories=issuers, kind=kind, notes=())
    return replace(read, number=number)


def cut_heading(text: str) -> tuple[str, str]:
    """A paragraph that begins with a heading, in two: the heading, and what is said about it."""
    depth, named = 0, False
    for i, char in enumerate(text[:LONGEST_HEADING]):
        if char in "《〈":
            depth += 1
        elif char in "》〉":
            depth = max(0, depth - 1)
            named = True
        elif not depth and (char in _STOP or char in "，：," and (named or kind_of(text[:i]))):
            return text[: i + 1].strip(), text[i + 1 :].strip()
    return text, ""
