"""What the index knows of a policy: what is stored, what is searched, what is counted."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from policykb.domain import policy as policy_fields
from policykb.domain.policy import Policy
from policykb.text.bigrams import bigrams
from policykb.text.fold import fold, letters
from policykb.text.number_key import number_key

if TYPE_CHECKING:
    from policykb.text.lexicon import Lexicon

VERSION = 26  # of everything an index holds: an index made by another version is rebuilt

# BM25F: how much a word counts by where it stands (Robertson, Zaragoza, Taylor 2004: weighted term
# frequencies, one saturation). Tuned on the judgments in tests/benchmarks.
FIELD_WEIGHTS = {"title": 4.0, "documents": 3.0, "tags": 2.0, "issuers": 1.0, "body": 1.0}
HAN = "\u3400"  # the first Han character
STEPS = 4  # a stored weight counts in quarters; the largest is 255

# Metadata that entries are filtered and counted by, each a field of the index: issuer, tag, kind, status ...
FACETS = {one.query[0]: one.name for one in policy_fields.FACETS}
UNDATED = -1  # the day of an entry without a date: before any other, and not what a column has by itself, 0
NEARNESS = (1, 2, 3)  # of a name to the title of its document, as `policykb.domain.titles` has it
RELATION_FIELDS = ("relation", "stated", "cited", "alike")  # as `policykb.mining.indexed` writes them
SECTION = "\x1e"  # parts the folded text into title, document names, number and body


class Record(NamedTuple):
    """A policy ready to be indexed: what is stored of it, and its postings by field.

    ``day`` is a proleptic Gregorian ordinal, or `UNDATED`.
    """

    stored: str
    path: bytes
    text: bytes
    day: int
    length: int
    words: dict[str, int]
    terms: dict[str, Iterable[str]]


def name_key(name: str, nearness: int) -> str:
    """A name that a document goes by as it is indexed: letters, digits and Han characters, after how near it is."""
    return f"{nearness}{letters(name)}"


def _called(policy: Policy) -> set[str]:
    from policykb.domain.titles import spoken_names  # a search makes no records

    titles = (policy.title, *policy.documents)
    return {name_key(name, nearness) for title in titles for name, nearness in spoken_names(title)}


def searched_sections(policy: Policy) -> tuple[str, str, str, str]:
    """The folded texts a search looks for strings in: title, document names, number, body."""
    documents = "\n\n".join(policy.documents)
    return fold(policy.title), fold(documents), fold(policy.number or ""), fold(policy.body)


def weighted_sections(policy: Policy) -> dict[str, str]:
    """The folded texts that words are counted in, by field of the ranking."""
    return _weighted(policy, searched_sections(policy))


def _weighted(policy: Policy, sections: tuple[str, str, str, str]) -> dict[str, str]:
    title, documents, number, body = sections
    labels = "\n\n".join((*policy.tags, policy.kind or "", policy.status or ""))
    return {
        "title": title,
        "documents": f"{documents}\n\n{number}",
        "tags": fold(labels),
        "issuers": fold("\n\n".join(policy.issuers)),
        "body": body,
    }


def count_words(field: str, text: str, lexicon: Lexicon) -> tuple[defaultdict[str, int], int]:
    """What each word of a field's folded text weighs, in steps, and the length of the text in weighted words, in steps.

    A Han character counts wherever it stands: a question is answered by the characters of its words too.
    """
    weight = round(FIELD_WEIGHTS[field] * STEPS)
    counts: defaultdict[str, int] = defaultdict(int)
    length = weight * lexicon.count(text, weight, counts)
    for char, number in Counter(text).items():
        if char >= HAN:
            counts[char] = weight * number
    return counts, length


def make_record(
    policy: Policy, path: str, lexicon: Lexicon, stored: Mapping[str, Any], terms: Mapping[str, Iterable[str]]
) -> Record:
    """Analyses a policy; ``path`` is relative to the corpus, ``stored`` and ``terms`` are kept besides what is here."""
    sections = searched_sections(policy)
    weighted = _weighted(policy, sections)
    counts, length = count_words("body", weighted.pop("body"), lexicon)  # most of the words, which the others join
    for field, text in weighted.items():
        own, words = count_words(field, text, lexicon)
        length += words
        for word, weight in own.items():
            counts[word] += weight
    data = {**policy.as_data(), **stored, "path": path}
    return Record(
        stored=json.dumps(data, ensure_ascii=False, default=str),
        path=path.encode("utf-8", "surrogatepass"),
        text=SECTION.join(sections).encode("utf-8", "surrogatepass"),
        day=policy.date.toordinal() if policy.date else UNDATED,
        length=min(length // STEPS, 65535),
        words={word: weight if weight < 255 else 255 for word, weight in counts.items()},
        terms={
            "pair": set().union(*map(bigrams, sections)),
            **{facet: _values(getattr(policy, name)) for facet, name in FACETS.items()},
            "called": _called(policy),
            "number": {number_key(policy.number)} if policy.number else (),
            "path": {path},
            **terms,
        },
    )


def _values(value: Iterable[str] | str | None) -> set[str]:
    return {value} if isinstance(value, str) else set(value or ())
