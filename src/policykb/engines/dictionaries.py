"""The dictionaries that an index was made with, compiled into its folder."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from policykb.domain.issuers import Authority
from policykb.domain.relation import load_relation_words
from policykb.domain.vocabulary import Vocabulary
from policykb.engines.sums import DamagedIndexError, checksum, is_regular, read_json, write_json
from policykb.files.atomic import replacing
from policykb.files.cache import cache_folder
from policykb.files.sharing import remove, rename
from policykb.text.lexicon_file import VERSION as ANALYSIS
from policykb.text.thesaurus import Thesaurus, all_terms


def words_of(corpus: Path) -> tuple[list[str], Authority]:
    """What the dictionaries of a knowledge base are made of: everything that is cut as one word, and the organs."""
    authority = Authority.load(corpus)
    load_relation_words(corpus)  # what is wrong there is said once, and not of every entry
    return all_terms(corpus, authority, Vocabulary.load(corpus)), authority


def compile_dictionaries(folder: Path, corpus: Path, terms: list[str], authority: Authority) -> tuple[str, str]:
    """Writes the lexicon and the thesaurus of a knowledge base into an index folder; returns their names there.

    The names come from the content, so that no file which another process reads is ever written over, with other
    content or, which Windows forbids, with the same.
    """
    words = "\n".join(sorted(set(terms)))
    lexicon = f"lexicon-{_key(f'{ANALYSIS} {words}')}"
    lexicon = _placed(folder, lexicon, lambda partial: _lexicon(partial, cache_folder() / lexicon, terms))
    content = Thesaurus.compile(corpus, authority)
    thesaurus = f"thesaurus-{_key(content)}"
    thesaurus = _placed(folder, thesaurus, lambda partial: partial.write_bytes(content.encode()))
    return lexicon, thesaurus


def _placed(folder: Path, name: str, write: Callable[[Path], object]) -> str:
    """Writes a file of this name, unless it is there; where it is there and damaged, one of another name, returned."""
    made = folder / f"{name.partition('-')[0]}-{os.urandom(8).hex()}"
    with replacing(made) as partial:
        write(partial)
    there = folder / name
    if not is_regular(there):
        rename(made, there)
    elif made.read_bytes() == there.read_bytes():
        with contextlib.suppress(PermissionError):  # somebody looks at it
            remove(made, missing_ok=True)
    else:
        return made.name  # a process that still reads the damaged one keeps its name
    return name


def _lexicon(path: Path, shared: Path, terms: list[str]) -> None:
    """Writes a lexicon to ``path``: a copy of the user's, which is the same for all knowledge bases with these terms.

    Of the user's the size and checksum stand beside it; where these are not as recorded, as after a power cut, it is
    made anew, and where it cannot be written there is none.
    """
    import shutil

    from policykb.text.lexicon_file import compile_lexicon

    recorded = shared.with_name(f"{shared.name}.json")
    with contextlib.suppress(OSError, DamagedIndexError):
        shutil.copyfile(shared, path)
        size, _when, crc = checksum(path)
        if read_json(recorded) == [size, crc]:
            return
    compile_lexicon(path, terms)
    with contextlib.suppress(OSError):
        shared.parent.mkdir(parents=True, exist_ok=True)
        with replacing(shared) as partial:
            shutil.copyfile(path, partial)
        size, _when, crc = checksum(path)
        write_json(recorded, [size, crc])


def _key(text: str) -> str:
    return hashlib.sha1(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()[:16]
