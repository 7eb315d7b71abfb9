"""The words of the field: the terms that are cut as one word, and what a word is widened to in a search.

Both are data: ``terms.txt`` and ``synonyms.txt``, extended by files of the same name in the
knowledge base's ``corpus/``. Department names and tag names count as terms; all names of a department are
synonyms of one another.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from policykb.errors import DataError
from policykb.files.packaged import DATA, data_files
from policykb.files.reading import read_data, read_terms, read_text
from policykb.i18n import _
from policykb.text.fold import fold

if TYPE_CHECKING:
    from policykb.domain.issuers import Authority
    from policykb.domain.vocabulary import Vocabulary

FILES = ("terms.txt", "synonyms.txt", "stopwords.txt", "questions.txt", "issuers.toml", "tags.toml", "relations.toml")


def fingerprint(corpus: Path | None) -> str:
    """A digest of all the word and name lists that an index depends on."""
    digest = hashlib.sha1(usedforsecurity=False)
    for name in FILES:
        for path in data_files(name, corpus):
            content = read_data(path)
            digest.update(f"{name} {len(content)}\n".encode())
            digest.update(content)
    return digest.hexdigest()


def all_terms(corpus: Path | None, authority: Authority, vocabulary: Vocabulary) -> list[str]:
    """Everything that is to be cut as one word."""
    terms = [term for path in data_files("terms.txt", corpus) for term in read_terms(path)]
    for organ in authority:
        terms += authority.names(organ.name)
    terms += list(vocabulary)
    terms += [word for group in synonym_groups(corpus) for word in group[1]]
    return terms


def subjects(corpus: Path | None) -> frozenset[str]:
    """The words of terms.txt, folded, that say what a document is about: those that fillers do not make."""
    terms = {fold(term) for path in data_files("terms.txt", corpus) for term in read_terms(path)}
    is_filler = fillers().fullmatch
    return frozenset(term for term in terms if not is_filler(term))


def fillers() -> re.Pattern[str]:
    """One or more, in a row, of the words that documents of every subject are made of, folded."""
    return re.compile(f"(?:{'|'.join(re.escape(fold(word)) for word in read_terms(DATA / 'fillers.txt'))})+")


def synonym_groups(corpus: Path | None) -> Iterable[tuple[str, list[str]]]:
    """The lines of synonyms.txt: ``=`` and the equivalent words, or ``>`` and a word with what it widens to."""
    for path in data_files("synonyms.txt", corpus):
        for number, line in enumerate(read_text(path).splitlines(), 1):
            line = line.partition("#")[0].strip()
            if not line:
                continue
            if " > " in line:
                word, wider = line.split(" > ", 1)
                words = [word, *wider.split(", ")]
            else:
                words = line.split(" = ")
            words = [word.strip() for word in words]
            if len(words) < 2 or not all(words):
                problem = _("{path}:{line}: expected 'a = b = c' or 'a > b, c', found {found!r}")
                raise DataError(problem.format(path=path, line=number, found=line))
            yield (">" if " > " in line else "="), words


def _words(name: str, corpus: Path | None) -> list[str]:
    return sorted({fold(word) for path in data_files(name, corpus) for word in read_terms(path)})


def compile_expansions(groups: Iterable[tuple[str, Sequence[str]]]) -> dict[str, list[str]]:
    """Folded word -> the folded words that a search for it is widened to, none of which contains it."""
    found: dict[str, dict[str, None]] = {}
    for sign, words in groups:
        folded = list(dict.fromkeys(filter(None, map(fold, words))))
        for word in folded[:1] if sign == ">" else folded:
            found.setdefault(word, {}).update((other, None) for other in folded if word not in other)
    return {word: list(others) for word, others in sorted(found.items()) if others}


class Thesaurus:
    """Answers what a word is widened to; made from the compiled file of an index."""

    def __init__(
        self,
        synonyms: Mapping[str, Sequence[str]],
        names: Mapping[str, Sequence[str]],
        stopwords: Iterable[str],
        questions: Iterable[str],
    ) -> None:
        self._synonyms = synonyms
        self._names = names
        self._questions = frozenset(questions)
        self._stopwords = self._questions.union(stopwords)
        self._longest = max(map(len, synonyms), default=0)

    @classmethod
    def open(cls, path: Path) -> Thesaurus:
        """Reads a file with what `compile` gave."""
        data = json.loads(path.read_bytes())
        names = {name: group for group in data["names"] for name in group}
        return cls(data["synonyms"], names, data["stopwords"], data["questions"])

    @staticmethod
    def compile(corpus: Path | None, authority: Authority) -> str:
        """The word lists of a knowledge base as the content of the file that `open` reads."""
        data = {
            "synonyms": compile_expansions(synonym_groups(corpus)),
            "names": [list(dict.fromkeys(map(fold, authority.names(organ.name)))) for organ in authority],
            "stopwords": _words("stopwords.txt", corpus),
            "questions": _words("questions.txt", corpus),
        }
        return json.dumps(data, ensure_ascii=False, separators=(",", ":"))

    def synonyms(self, folded: str) -> Sequence[str]:
        """What a search for the folded word also finds; empty for a word without synonyms."""
        return self._synonyms.get(folded, ())

    def names(self, folded: str) -> Sequence[str]:
        """The other names of the department of this name; empty for any other word."""
        return [name for name in self._names.get(folded, ()) if folded not in name]

    def inside(self, folded: str) -> list[tuple[int, int]]:
        """The longest words with synonyms in a folded string, from left to right, as start and end."""
        found = []
        start = 0
        while start < len(folded):
            for end in range(min(len(folded), start + self._longest), start + 1, -1):
                if folded[start:end] in self._synonyms:
                    found.append((start, end))
                    start = end
                    break
            else:
                start += 1
        return found

    def is_stopword(self, folded: str) -> bool:
        """Whether a word says nothing about the subject (的, 什么, 如何)."""
        return folded in self._stopwords

    def asks(self, folded: str) -> bool:
        """Whether a word makes what is typed a question (什么, 如何)."""
        return folded in self._questions
