"""The dictionaries that an index was made with, compiled into its folder."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from policykb.files.atomic import replacing
from policykb.search.record import VERSION as INDEX
from policykb.text.lexicon_file import VERSION as ANALYSIS
from policykb.text.thesaurus import Thesaurus, fingerprint

if TYPE_CHECKING:
    from policykb.domain.issuers import Authority


def versions(corpus: Path | None) -> str:
    """What an index depends on besides the corpus's entries."""
    return f"{INDEX}.{ANALYSIS}.{sys.byteorder}.{fingerprint(corpus)}"


def compile_dictionaries(folder: Path, corpus: Path, terms: list[str], authority: Authority) -> tuple[str, str]:
    """Writes the lexicon and the thesaurus of a knowledge base into an index folder; returns their names there.

    The names come from the content, so that no file which another process reads is ever written over.
    """
    import shutil

    from policykb.text.lexicon_file import compile_lexicon

    words = "\n".join(sorted(set(terms)))
    lexicon = f"lexicon-{_key(f'{ANALYSIS} {words}')}"
    # The lexicon is the same for all knowledge bases without words of their own: it is compiled once a user.
    shared = cache_folder() / lexicon
    with replacing(folder / lexicon) as partial:
        try:
            if not shared.exists():
                compile_lexicon(shared, terms)
            shutil.copyfile(shared, partial)
        except OSError:
            compile_lexicon(partial, terms)
    content = Thesaurus.compile(corpus, authority)
    thesaurus = f"thesaurus-{_key(content)}"
    with replacing(folder / thesaurus) as partial:
        partial.write_text(content, encoding="utf-8")
    return lexicon, thesaurus


def _key(text: str) -> str:
    return hashlib.sha1(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()[:16]


def cache_folder() -> Path:
    """The user's cache folder of policykb (``XDG_CACHE_HOME``, else ``~/.cache``)."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "policykb"
