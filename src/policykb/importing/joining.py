"""A summary and the official text of one document in one entry, the one added under a heading of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from policykb.corpus import frontmatter
from policykb.corpus.corpus import Corpus
from policykb.domain.wording import words
from policykb.files.journal import Write


def joined(corpus: Corpus, path: Path, changes: Mapping[str, object], section: str, text: str) -> Write:
    """An entry's file with keys filled in, and a text after its body; nothing else changes.

    ``section`` says what the text is: a key of ``sections`` in ``documents.toml``, which names the heading.
    """
    write = corpus.revision(path, changes)
    before = (write.data or b"").decode()
    start = frontmatter.split(before).body
    body = before[start:].rstrip()
    eol = "\r\n" if "\r\n" in before else "\n"
    added = f"## {words()['sections'][section]}\n\n{text.strip()}\n".replace("\n", eol)
    return Write(path, f"{before[:start]}{body}{eol * 2 if body else eol}{added}".encode(), write.expected)
