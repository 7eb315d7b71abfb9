"""From a file of the corpus to the record that an engine indexes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from policykb.domain.relation import reading
from policykb.errors import PolicyKBError
from policykb.files.reading import reason
from policykb.mining.indexed import indexed
from policykb.search.record import make_record

if TYPE_CHECKING:
    from policykb.corpus.corpus import Corpus
    from policykb.domain.issuers import Authority
    from policykb.text.lexicon import Lexicon

LOAD = 30  # files; from here on the dictionary is read into memory


def index_file(
    corpus: Corpus,
    path: str,
    lexicon: Lexicon,
    authority: Authority,
    add: Callable[..., None],
    problems: dict[str, str],
) -> str:
    """Indexes one file, or notes why it cannot be; returns the digest of its content."""
    from dataclasses import replace

    content = b""
    try:
        content = corpus.read_bytes(corpus.root / path)
        policy = corpus.parse(corpus.root / path, content)
        canonical = tuple(dict.fromkeys(authority.get(name) or name for name in policy.issuers))
        policy = replace(policy, issuers=canonical)
        with reading(corpus.root):
            record = make_record(policy, path, lexicon, *indexed(policy))
        add(record)
    except PolicyKBError as error:
        problems[path] = str(error)
    except OSError as error:
        problems[path] = f"{corpus.root / path}: {reason(error)}"  # as errors of ours begin
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()
