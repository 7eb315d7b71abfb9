"""Whether files changed: by name, time and size, and where these differ by content."""

from __future__ import annotations

import hashlib
import sys
from array import array
from collections.abc import Mapping
from itertools import chain
from pathlib import Path

from policykb.corpus.folder import MAX_BYTES
from policykb.files.reading import read_regular
from policykb.search.record import VERSION as INDEX
from policykb.text.lexicon_file import VERSION as ANALYSIS
from policykb.text.thesaurus import fingerprint

RACY = 2_000_000_000  # ns; a file this young may change again within the clock's tick

Listing = Mapping[str, tuple[int, int]]  # path in the corpus, in order -> modification time (ns), size in bytes


def listing_digest(listing: Listing) -> str:
    """A digest of names, times and sizes."""
    # as floats: a time may lie beyond 64 bits of nanoseconds, and a difference of less than 256 ns tells nothing
    numbers = array("d", chain.from_iterable(listing.values()))
    digest = hashlib.sha1("\0".join(listing).encode("utf-8", "surrogateescape"), usedforsecurity=False)
    digest.update(numbers.tobytes())
    return digest.hexdigest()


def content_digest(path: Path) -> str:
    """A digest of a file's content, nothing for one that cannot be read, or is too large for an entry."""
    try:
        return hashlib.sha1(read_regular(path, at_most=MAX_BYTES), usedforsecurity=False).hexdigest()
    except OSError:
        return ""


def versions(corpus: Path | None) -> str:
    """What an index depends on besides the corpus's entries."""
    return f"{INDEX}.{ANALYSIS}.{sys.byteorder}.{fingerprint(corpus)}"
