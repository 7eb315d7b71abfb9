"""Public questions with judged answers, in the form that most collections have, as a test of the ranking.

A folder holds ``corpus.jsonl`` (``_id``, ``title``, ``text``), ``queries.jsonl`` (``_id``, ``text``) and ``qrels.tsv``
(query, document, grade; a head line). `ranking.py --public` takes it. Every document becomes an entry of one knowledge
base; beside policykb stand BM25 as bm25s computes it and SQLite FTS5, both over words cut by jieba.

Where documents are whole laws, a judgment may name the article that answers, ``DOCUMENT#第十二条``: "article" is the share of
the judged laws among the first ten hits that are shown by a judged article.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from datetime import date
from math import log2
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from policykb.corpus.entry_format import dump
from policykb.domain.policy import Policy
from policykb.kb import KnowledgeBase

MEASURES = ("nDCG@10", "R@10", "R@100", "MRR", "article")
DEPTH = 100
SAMPLES = 1000  # of the bootstrap
QUESTIONS = (
    "odd",
    "even",
    "all",
)  # which of them are asked, by their place: even ones are for looking at, odd ones decide

Search = Callable[[str], Sequence[str]]
"""A question to the ids of at most `DEPTH` documents, best first, each with ``#`` and an article where it shows one."""

Row = tuple[float | None, ...]
"""The `MEASURES` of one question; None where there is nothing to measure."""


class Question(NamedTuple):
    """A question, with the grades of the documents that answer it, and the articles of them that do, if judged."""

    text: str
    grades: Mapping[str, int]
    articles: Mapping[str, frozenset[str]]


class Collection(NamedTuple):
    """Documents as (title, text) by id, and questions."""

    documents: Mapping[str, tuple[str, str]]
    questions: Sequence[Question]


def read(folder: Path, questions: str = "all") -> Collection:
    """The collection in a folder. Raises ValueError for a judgment of a document that is not there."""
    rows = [json.loads(line) for line in _lines(folder / "corpus.jsonl")]
    documents = {str(row["_id"]): (row.get("title") or "", row["text"]) for row in rows}
    texts = {str(row["_id"]): row["text"] for row in map(json.loads, _lines(folder / "queries.jsonl"))}
    judged: dict[str, dict[str, int]] = {}
    articles: dict[str, dict[str, frozenset[str]]] = {}
    for line in _lines(folder / "qrels.tsv")[1:]:
        query, answer, grade = line.split("\t")
        document, _, article = (answer, "", "") if answer in documents else answer.partition("#")
        if document not in documents:
            raise ValueError(f"{folder / 'qrels.tsv'}: {document} is no document")
        if int(grade) > 0:
            grades = judged.setdefault(query, {})
            grades[document] = max(int(grade), grades.get(document, 0))
            if article:
                own = articles.setdefault(query, {})
                own[document] = own.get(document, frozenset()) | {article}
    asked = [Question(texts[query], found, articles.get(query, {})) for query, found in judged.items()]
    start = {"odd": slice(1, None, 2), "even": slice(0, None, 2), "all": slice(None)}[questions]
    return Collection(documents, asked[start])


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]


def write_base(documents: Mapping[str, tuple[str, str]], root: Path) -> None:
    """Writes the documents as the entries of a knowledge base, named by their numbers."""
    corpus = root / "corpus"
    corpus.mkdir(parents=True)
    (corpus / "kb.toml").write_text("", encoding="utf-8")
    for number, (title, text) in enumerate(documents.values()):
        folder = corpus / f"{number // 1000:03}"
        folder.mkdir(exist_ok=True)
        policy = Policy("", title or str(number), date(2020, 1, 1), ("不详",), body=text.strip())
        (folder / f"{number}.md").write_text(dump(policy), encoding="utf-8", newline="\n")


def policykb(kb: KnowledgeBase, ids: Sequence[str]) -> Search:
    """The search this project is about; entries are named by the places of their ids."""

    def search(question: str) -> Sequence[str]:
        hits = kb.search(question, limit=DEPTH, fresh=False).hits
        return ["#".join(filter(None, (ids[int(Path(hit.path).stem)], hit.article))) for hit in hits]

    return search


def bm25(documents: Mapping[str, tuple[str, str]], cut: Callable[[str], Iterable[str]]) -> Search:
    """BM25 with k1 of 1.2 and b of .75, as the library bm25s computes it."""
    import bm25s

    ids = list(documents)
    vocabulary: dict[str, int] = {}
    numbers = [
        [vocabulary.setdefault(word, len(vocabulary)) for word in cut(f"{title}\n{text}")]
        for title, text in documents.values()
    ]
    model = bm25s.BM25(k1=1.2, b=0.75)
    model.index((numbers, vocabulary), show_progress=False)

    def search(question: str) -> Sequence[str]:
        known = [vocabulary[word] for word in cut(question) if word in vocabulary]
        if not known:
            return []
        found, scores = model.retrieve([known], k=min(DEPTH, len(ids)), show_progress=False)
        return [ids[number] for number, score in zip(found[0], scores[0], strict=True) if score > 0]

    return search


def fts5(database: sqlite3.Connection, documents: Mapping[str, tuple[str, str]], cut: Callable[[str], Any]) -> Search:
    """SQLite's full-text index, any of the words, bm25()."""
    database.execute("create virtual table entry using fts5(id unindexed, title, body)")
    rows = ((id, " ".join(cut(title)), " ".join(cut(text))) for id, (title, text) in documents.items())
    database.executemany("insert into entry values (?, ?, ?)", rows)

    def search(question: str) -> Sequence[str]:
        words = " OR ".join(f'"{word}"' for word in cut(question))
        asked = "select id from entry where entry match ? order by bm25(entry) limit ?"
        return [id for (id,) in database.execute(asked, [words, DEPTH])] if words else []

    return search


def measures(found: Sequence[str], question: Question) -> Row:
    """The `MEASURES` of one answer; gain is the grade."""
    grades = question.grades
    parted = [(id, "") if id in grades else id.partition("#")[::2] for id in found]
    ids = [id for id, _ in parted]
    gain = sum(grades.get(id, 0) / log2(rank + 1) for rank, id in enumerate(ids[:10], 1))
    ideal = sum(grade / log2(rank + 1) for rank, grade in enumerate(sorted(grades.values(), reverse=True)[:10], 1))
    first = next((rank for rank, id in enumerate(ids, 1) if id in grades), None)
    recalls = (len(grades.keys() & set(ids[:depth])) / len(grades) for depth in (10, DEPTH))
    right = [article in question.articles[id] for id, article in parted[:10] if id in question.articles]
    return (gain / ideal, *recalls, 1 / first if first else 0.0, sum(right) / len(right) if right else None)


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Where the mean lies in 95 of 100 samples of the values, drawn from a fixed seed."""
    random = Random(1)
    means = sorted(sum(random.choices(values, k=len(values))) / len(values) for _ in range(SAMPLES))
    return means[int(SAMPLES * 0.025)], means[int(SAMPLES * 0.975)]


def evaluate(search: Search, collection: Collection) -> list[Row]:
    """The `MEASURES` of every question."""
    return [measures(search(question.text), question) for question in collection.questions]


def compare(collection: Collection, folder: Path, cut: Callable[[str], list[str]]) -> dict[str, list[Row]]:
    """The measures of policykb, of BM25 and of FTS5; ``folder`` keeps the knowledge base, and is used where it has one."""
    if not (folder / "corpus").is_dir():
        write_base(collection.documents, folder)
    with KnowledgeBase.open(folder) as kb:
        kb.refresh()
        found = {"policykb": evaluate(policykb(kb, list(collection.documents)), collection)}
    found["BM25"] = evaluate(bm25(collection.documents, cut), collection)
    with closing(sqlite3.connect(":memory:")) as database:
        found["FTS5"] = evaluate(fts5(database, collection.documents, cut), collection)
    return found


def table(found: Mapping[str, Sequence[Row]]) -> str:
    """Engines against measures, with their intervals, as Markdown."""
    lines = [f"| | {' | '.join(MEASURES)} |", f"| --- |{' ---: |' * len(MEASURES)}"]
    for name, rows in found.items():
        cells = []
        for column in zip(*rows, strict=True):
            values = [value for value in column if value is not None]
            low, high = interval(values) if values else (0.0, 0.0)
            cells.append(f"{sum(values) / len(values):.3f} ({low:.3f}–{high:.3f})" if values else "–")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)
