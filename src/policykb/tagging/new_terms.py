"""Subjects of several policies that no tag covers yet."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import NamedTuple

from policykb.domain.policy import Policy
from policykb.domain.vocabulary import Vocabulary
from policykb.files.packaged import DATA
from policykb.files.reading import read_terms
from policykb.text.bigrams import runs
from policykb.text.fold import fold
from policykb.text.thesaurus import fillers


class Term(NamedTuple):
    """A term, of how many entries it is a subject, and the ids of the first five of them."""

    term: str
    entries: int
    ids: tuple[str, ...]


def frequent_terms_without_tag(
    policies: Iterable[Policy],
    vocabulary: Vocabulary,
    cut: Callable[[str], Iterable[str]],
    terms: Iterable[str] = (),
) -> list[Term]:
    """Subjects of several policies that no tag's name, alias or trigger covers, the most frequent first.

    ``cut`` cuts folded text into words; terms are up to three words in a row, eight characters at most. A term is a
    subject where it is in the title or a document's name or stands twice in the body, and in at least half of the
    policies that have it at all: others belong to the language of policies. It is worth a tag where a name has it,
    or it is a word of the field (``terms``). Terms that contain a covered word, a stop word, a kind of document (文种)
    or a department that issued one of the policies, or are part of one, are left out, and so are those that fillers
    make.
    """
    of_the_field, named = set(map(fold, terms)), set[str]()
    filled = fillers()
    subjects: dict[str, list[str]] = defaultdict(list)
    having: Counter[str] = Counter()
    covered = {fold(word) for word in read_terms(DATA / "stopwords.txt")}
    for policy in policies:
        names = {term for text in (policy.title, *policy.documents) for term in _terms(text, cut)}
        body = Counter(_terms(policy.body, cut))
        having.update(names | body.keys())
        named.update(names)
        for term in names | {term for term, count in body.items() if count > 1}:
            subjects[term].append(policy.id)
        covered |= {fold(name) for name in (*policy.issuers, policy.kind or "", policy.status or "") if name}
    for tag in vocabulary.values():
        covered |= {fold(word) for word in (tag.name, *tag.aliases, *(w for t in tag.triggers for w in t.words))}
    text = "\n".join(covered)
    found = {
        term: ids
        for term, ids in subjects.items()
        if len(ids) > 1 and 2 * len(ids) >= having[term] and term not in text and not _parts(term) & covered
        if (term in of_the_field or term in named) and not filled.fullmatch(term)
    }
    # Of 碳关 and 碳关税, subjects of the same policies, the longer is the term.
    inner = {part for term, ids in found.items() for part in _parts(term) if part != term and found.get(part) == ids}
    worth = [Term(term, len(ids), tuple(sorted(ids)[:5])) for term, ids in found.items() if term not in inner]
    return sorted(worth, key=lambda term: (-term.entries, -len(term.term), term.term))


def _terms(text: str, cut: Callable[[str], Iterable[str]]) -> list[str]:
    terms = []
    for run in runs(fold(text)):
        words = list(cut(run))
        for first in range(len(words)):
            for last in range(first + 1, min(first + 3, len(words)) + 1):
                term = "".join(words[first:last])
                if 2 <= len(term) <= 8 and not any(map(str.isdecimal, term)):
                    terms.append(term)
    return terms


def _parts(term: str) -> set[str]:
    return {term[first:last] for first in range(len(term)) for last in range(first + 1, len(term) + 1)}
