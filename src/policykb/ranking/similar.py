"""Entries about the same things as another one: those that share its most telling words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from heapq import nlargest
from typing import TYPE_CHECKING, Any

from policykb.domain.policy import Policy
from policykb.mining.stored import stored_relations
from policykb.ranking.scoring import K1
from policykb.search.record import FIELD_WEIGHTS, weighted_sections

if TYPE_CHECKING:
    from policykb.ranking.searcher import Searcher

TELLING = 30  # words by which entries are compared
SHOWN = 6  # of what is shared
DOCUMENTS = 2  # of these, documents

_NUMERALS = frozenset("0123456789一二三四五六七八九十百千万亿个第")


def similar(
    searcher: Searcher, document: int, need: int, subjects: Collection[str]
) -> list[tuple[int, float, list[str]]]:
    """The documents that share the most telling words with one: number, score, what they share.

    ``subjects`` are the terms of the field that say what a document is about.
    """
    reader, norms = searcher.reader, searcher.ranker.norms
    scores: dict[int, float] = {}
    shared: dict[int, list[str]] = {}
    for weight, word in telling(searcher, document):
        documents, weights = reader.postings("word", word)
        for other in documents:
            if other != document:
                steps = weights[other]
                scores[other] = scores.get(other, 0.0) + weight * steps / (steps + norms[other])
                shared.setdefault(other, []).append(word)
    best = nlargest(need, scores, key=lambda d: (scores[d], reader.days[d], d))
    own = reader.entry(document)
    return [(d, scores[d], _reasons(own, reader.entry(d), shared[d], subjects)) for d in best]


def _reasons(
    one: Mapping[str, Any], other: Mapping[str, Any], words: Sequence[str], subjects: Collection[str]
) -> list[str]:
    """What two entries share, as a person would say it: documents, tags, terms, departments; other words if none.

    Of these, words of two characters, and those with numerals, say more of the language than of the subject.
    """
    tags, issuers = ([name for name in one[key] if name in other[key]] for key in ("tags", "issuers"))
    words = _outermost(words)
    documents = list(_documents(one, other))[:DOCUMENTS]
    terms = [word for word in words if word in subjects and not any(word in document for document in documents)]
    others = [word for word in words if len(word) > 2 and _NUMERALS.isdisjoint(word)]
    return (list(dict.fromkeys((*documents, *tags, *terms, *issuers))) or others or words)[:SHOWN]


def _documents(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[str]:
    """The documents that one of two entries is and the other has a relation to, then those that both have one to."""
    said = [{key: stated for stated in stored_relations(entry) for key, _ in stated.targets} for entry in (one, other)]
    for relations, target in ((said[0], other), (said[1], one)):
        if any(name in relations for name, _version in target["names"]):
            yield f"《{target['title']}》"
    for key, stated in said[0].items():
        if key in said[1] and (name := stated.relation.title):
            yield f"《{name}》"


def telling(searcher: Searcher, document: int) -> list[tuple[float, str]]:
    """The words of a document that tell the most, with what each does."""
    found = []
    for word, count in word_counts(searcher, document).items():
        frequency = searcher.reader.frequency("word", word, searcher.reader.postings("word", word))
        if frequency > 1:
            found.append((searcher.ranker.idf(frequency) * count / (count + K1), word))
    return sorted(found, key=lambda item: (-item[0], item[1]))[:TELLING]


def word_counts(searcher: Searcher, document: int) -> dict[str, float]:
    """What each word of a document counts that may tell something of its subject."""
    counts: defaultdict[str, float] = defaultdict(float)
    for name, text in weighted_sections(Policy.from_data(searcher.reader.entry(document))).items():
        if name != "issuers":
            for word, _, _ in searcher.lexicon.tokens(text):
                if len(word) > 1 and not searcher.thesaurus.is_stopword(word) and not word.isdigit():
                    counts[word] += FIELD_WEIGHTS[name]
    return counts


def _outermost(words: Sequence[str]) -> list[str]:
    """The words without those that stand inside another of them."""
    return [word for word in words if not any(word != other and word in other for other in words)]
