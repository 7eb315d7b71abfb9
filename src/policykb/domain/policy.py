"""`Policy`: one entry of the knowledge base, and what identifies it."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

TITLE_IN_NAME = 60  # characters of the title that go into a file name


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy entry: the metadata of its front matter and its Markdown body.

    ``issuers`` are canonical department names in the document's order; ``issuer_count`` is the stated total
    where more departments signed than are listed (等十部门: 10). ``documents`` are the official names where one
    entry covers several. ``date`` is the day of publication, ``date_end`` the last day of a meeting,
    ``effective`` the day the document takes effect. ``extra`` holds front-matter keys policykb does not know.
    """

    id: str
    title: str
    date: datetime.date
    issuers: tuple[str, ...]
    tags: tuple[str, ...] = ()
    kind: str | None = None
    status: str | None = None
    documents: tuple[str, ...] = ()
    number: str | None = None
    issuer_count: int | None = None
    effective: datetime.date | None = None
    date_end: datetime.date | None = None
    source: str | None = None
    body: str = ""
    extra: Mapping[str, object] = field(default_factory=dict)


def entry_id(day: datetime.date, title: str) -> str:
    """The id, and file stem, of an entry: its date and up to 60 characters of its title.

    Spaces and the characters that file systems or shells trip over are left out; the result is NFC and at
    most 200 bytes long, so that it fits any file system together with a suffix.
    """
    name = re.sub(r"[\s\x00-\x1f\x7f/\\:*?\"<>|《》〈〉]+", "", unicodedata.normalize("NFC", title))
    name = name.strip(".")[:TITLE_IN_NAME]
    while len(name.encode()) > 189:  # 200 less the date and its hyphen
        name = name[:-1]
    return f"{day.isoformat()}-{name}" if name else day.isoformat()
