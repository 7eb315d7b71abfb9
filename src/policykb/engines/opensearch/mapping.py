"""How an index is set up, and how an entry becomes a document of it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from policykb.ranking.scoring import K1, B
from policykb.search.record import FACETS, RELATION_FIELDS, SECTION, STEPS, UNDATED, Record

VERSION = 3  # of what is here: an index made by another version is rebuilt

_FINE = (
    100  # a weight is sent in hundredths of itself, divided by what the length of its entry adds below BM25's fraction
)
LEGACY = STEPS * K1 * _FINE + 1  # OpenSearch 2 multiplies BM25 by k1 + 1, 3 does not
_LONGEST_WORD = 500  # characters; a longer one is found as a string
_NOT_RUN = re.compile(r"[\W_]")
_RUN = re.compile(r"[^\W_]")
PARTS = 4096  # of a corpus, each compared as a whole
IN_RUN, BREAK = "x", " "  # in ``marks``: a letter, digit or Han character, and anything else

KEYWORDS = ("path", *FACETS, "called", "number", *RELATION_FIELDS, "month")


def settings(shards: int) -> dict[str, Any]:
    """Settings and mappings of a new index: without copies, and not to be searched before it is complete.

    Words come weighted, each as ``word|weight``: no norms, which one byte would round, since the weights hold the
    length. Strings are found by phrases of character pairs, one character by ``text.one``; ``marks`` says of each
    character whether it is in a run, for wildcards. ``blob`` is what hits are ranked and shown by.
    """

    def analyzer(tokenizer: str, *filters: str) -> dict[str, Any]:
        return {"type": "custom", "tokenizer": tokenizer, "filter": list(filters)}

    keyword = {"type": "keyword", "ignore_above": 8000}  # in a term there are at most 32,766 bytes
    strings = {"type": "text", "analyzer": "pairs", "norms": False}
    characters = {"type": "text", "analyzer": "characters", "norms": False}
    return {
        "settings": {
            "number_of_shards": shards,
            "number_of_replicas": 0,
            "refresh_interval": "-1",
            "analysis": {
                "tokenizer": {
                    "pair": {"type": "ngram", "min_gram": 2, "max_gram": 2},
                    "character": {"type": "ngram", "min_gram": 1, "max_gram": 1},
                    "space": {"type": "whitespace", "max_token_length": 4 * _LONGEST_WORD},
                },
                "filter": {"weight": {"type": "delimited_term_freq", "delimiter": "|"}},
                "analyzer": {
                    "pairs": analyzer("pair"),
                    "characters": analyzer("character"),
                    "weighted": analyzer("space", "weight"),
                },
            },
            "similarity": {"default": {"type": "BM25", "k1": STEPS * K1 * _FINE, "b": 0}},
        },
        "mappings": {
            "dynamic": "strict",
            "_source": {"includes": ["path", "day", "digest"]},
            "properties": {
                "words": {"type": "text", "analyzer": "weighted", "norms": False, "index_options": "freqs"},
                "text": {**strings, "fields": {"one": characters}},
                "title": {**strings, "fields": {"one": characters}},
                "marks": characters,
                "numbers": strings,
                **dict.fromkeys(KEYWORDS, keyword),
                "day": {"type": "integer"},
                "length": {"type": "integer", "index": False},
                "once": {"type": "float", "index": False},
                "digest": {"type": "keyword", "index": False},
                "time": {"type": "long", "index": False},
                "size": {"type": "long", "index": False},
                "part": {"type": "short"},
                "mark": {"type": "long", "index": False},
                "blob": {"type": "binary", "doc_values": True},
            },
        },
    }


def document_id(path: str) -> str:
    """The id of an entry's document, for a path of any length."""
    return hashlib.sha1(path.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def part_of(path: str) -> int:
    """The part of the corpus that a file is in."""
    return zlib.crc32(path.encode("utf-8", "surrogatepass")) % PARTS


def mark(path: str, stat: tuple[int, int]) -> int:
    """What stands for a file of this time (ns) and size (bytes): 40 bits, so that their sums are exact as floats."""
    text = f"{path}|{stat[0]}|{stat[1]}".encode("utf-8", "surrogatepass")
    return int(hashlib.sha1(text, usedforsecurity=False).hexdigest()[:10], 16)


def document(record: Record, digest: str, stat: tuple[int, int], average: float) -> dict[str, Any]:
    """An entry as a document, of a file with this digest, time (ns) and size (bytes).

    ``average`` is the length of entries that the weights of this index count by.
    """
    path, text = (one.decode("utf-8", "surrogatepass") for one in (record.path, record.text))
    norm = 1 - B + B * record.length / average
    fine = _FINE / norm
    words = {word: weight for word, weight in record.words.items() if len(word) <= _LONGEST_WORD}
    known = {name: sorted(map(clean, values)) for name, values in record.terms.items() if name != "pair"}
    return {
        **{name: values for name, values in known.items() if values},
        "path": clean(path),
        "words": " ".join(f"{word}|{int(weight * fine + 0.5) or 1}" for word, weight in words.items()),
        "text": clean(text),
        "title": clean(text.partition(SECTION)[0]),
        "marks": _RUN.sub(IN_RUN, _NOT_RUN.sub(BREAK, text)),
        "numbers": known.get("number", []),
        "day": record.day,
        "month": [date.fromordinal(record.day).isoformat()[:7]] if record.day != UNDATED else [],
        "length": record.length,
        "once": STEPS / (STEPS + STEPS * K1 * norm),  # what a string that counts once scores, but for its idf
        "digest": digest,
        "time": stat[0],
        "size": stat[1],
        "part": part_of(path),
        "mark": mark(path, stat),
        "blob": packed(record),
    }


def clean(text: str) -> str:
    """A text without halves of characters, which JSON cannot carry."""
    return text.encode("utf-8", "replace").decode() if not text.isascii() else text


class Stored(NamedTuple):
    """What a document stores: the weights of its words, its folded text, its entry and its terms as JSON, its length.

    A search reads 200 of these, so nothing is read that it may not need.
    """

    words: bytes
    text: str
    entry: bytes
    terms: bytes
    length: int

    def weight(self, word: bytes) -> int:
        """What a word weighs, in steps, 0 where it is not."""
        at = self.words.find(b" %b|" % word)
        return int(self.words[at + len(word) + 2 : self.words.index(b" ", at + 1)]) if at >= 0 else 0

    def data(self) -> dict[str, Any]:
        """The entry as it was stored."""
        found: dict[str, Any] = json.loads(self.entry.decode("utf-8", "surrogatepass"))
        return found


def packed(record: Record) -> str:
    """What a document stores, as the text of a binary field."""
    words = "".join(f" {word}|{weight}" for word, weight in record.words.items()) + " "
    terms = {name: sorted(values) for name, values in record.terms.items() if name != "pair" and values}
    made = (words, record.text, record.stored, json.dumps(terms, ensure_ascii=False))
    parts = [part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part for part in made]
    head = b"%d %d %d %d\n" % (*map(len, parts[:3]), record.length)
    return base64.b64encode(zlib.compress(head + b"".join(parts))).decode()


def unpacked(blob: str) -> Stored:
    """What `packed` packed; a cluster gives it back without the padding of base64."""
    head, _, parts = zlib.decompress(base64.b64decode(blob + "==")).partition(b"\n")
    words, text, entry, length = map(int, head.split())
    at = words + text
    shown = parts[words:at].decode("utf-8", "surrogatepass")
    return Stored(parts[:words], shown, parts[at : at + entry], parts[at + entry :], length)


def record_of(stored: Stored, day: int) -> Record:
    """The record that a document was made of, to put it into another index."""
    words, entry, terms = (part.decode("utf-8", "surrogatepass") for part in (stored.words, stored.entry, stored.terms))
    weights = (word.rpartition("|") for word in words.split())
    return Record(
        stored=entry,
        path=stored.data()["path"].encode("utf-8", "surrogatepass"),
        text=stored.text.encode("utf-8", "surrogatepass"),
        day=day,
        length=stored.length,
        words={word: int(weight) for word, _, weight in weights},
        terms=json.loads(terms),
    )


def about(
    name: str, fingerprint: str, average: float, updated: float, left_out: Mapping[str, tuple[str, str]]
) -> Mapping[str, Any]:
    """What an index says of itself.

    ``name`` is that of the knowledge base, ``updated`` the second of the last change; ``left_out`` has
    digest and problem of files that are no entries.
    """
    said = {"name": name, "fingerprint": f"{VERSION}.{fingerprint}", "average": average, "updated": updated}
    return {"policykb": {**said, "left_out": {clean(path): one for path, one in left_out.items()}}}
