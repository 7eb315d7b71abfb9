"""How well a search ranks: policykb beside plain Whoosh and SQLite FTS5, on the judgments beside this file.

    python tests/benchmarks/ranking.py [--corpus DIR] [--judgments FILE] [--markdown] [--verbose]
    python tests/benchmarks/ranking.py --public FOLDER [--keep FOLDER] [--questions odd|even|all]

The second form takes a folder of public judgments, as `public.py` says; ``--keep`` is where its knowledge base stays.

nDCG@10 is the mean over the queries of DCG/ideal DCG, DCG = sum of (2^grade - 1) / log2(rank + 1) over ranks 1 to
10; the ideal has all graded entries of the query in order of their grades. Recall is the share of graded entries
found at all, recall@10 among the first ten. MRR is the mean of 1 / rank of the first graded entry.

The baselines see the same texts and, where a judgment has filters, only the entries that pass them:

* Whoosh: its BM25F over title, document names, departments, tags and body, cut by jieba's ChineseAnalyzer;
  `MultifieldParser` with words required or any of them, whichever scores better;
* FTS5: one column a field of texts cut by jieba in search mode, any of the words, bm25().
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
import tomllib
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from math import log2
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # as a script, too

from benchmarks import public
from policykb.domain.policy import Policy
from policykb.kb import KnowledgeBase

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
JUDGMENTS = HERE / "judgments.toml"

GRADES = {"wanted": 3, "about": 2, "useful": 1}
MEASURES = ("nDCG@10", "recall", "recall@10", "MRR")
DEPTH = 10

Engine = Callable[["Judgment"], Sequence[str]]
"""A search engine: a query to the ids of the entries found, best first."""


@dataclass(frozen=True)
class Judgment:
    """A query with the entries that answer it: ids and grades from 1 (useful) to 3 (wanted)."""

    text: str
    kind: str
    grades: Mapping[str, int]
    filters: Mapping[str, str | Sequence[str]]

    @property
    def label(self) -> str:
        """The query with its filters as one line."""
        return " ".join([self.text or "(all)", *(f"[{name} {value}]" for name, value in self.filters.items())])


@dataclass(frozen=True)
class Scores:
    """The four `MEASURES` of one query, or their means over several."""

    ndcg: float
    recall: float
    recall_at: float
    reciprocal: float

    @classmethod
    def of(cls, found: Sequence[str], grades: Mapping[str, int]) -> Scores:
        """The scores of one answer."""
        ideal = _gain(sorted(grades.values(), reverse=True))
        first = next((rank for rank, id in enumerate(found, 1) if id in grades), None)
        return cls(
            _gain([grades.get(id, 0) for id in found]) / ideal,
            len(grades.keys() & set(found)) / len(grades),
            len(grades.keys() & set(found[:DEPTH])) / min(len(grades), DEPTH),
            1 / first if first else 0.0,
        )

    @classmethod
    def mean(cls, several: Sequence[Scores]) -> Scores:
        """The mean of each measure."""
        columns = zip(*((s.ndcg, s.recall, s.recall_at, s.reciprocal) for s in several), strict=True)
        return cls(*(sum(column) / len(several) for column in columns))


def _gain(grades: Sequence[int]) -> float:
    return sum((2.0**grade - 1) / log2(rank + 1) for rank, grade in enumerate(grades[:DEPTH], 1))


def read_judgments(path: Path, ids: Sequence[str]) -> list[Judgment]:
    """The judgments of a file. Raises `ValueError` for an entry that is not exactly one of ``ids``."""
    judgments = []
    for query in tomllib.loads(path.read_text(encoding="utf-8"))["query"]:
        grades: dict[str, int] = {}
        for key, grade in GRADES.items():
            for part in query.pop(key, ()):
                matching = [id for id in ids if part in id]
                if len(matching) != 1 or matching[0] in grades:
                    raise ValueError(f"{path}: {query['text']!r}: {part!r} is {matching or 'no entry'}")
                grades[matching[0]] = grade
        if not grades:
            raise ValueError(f"{path}: {query['text']!r} has no entries")
        text, kind = query.pop("text"), query.pop("kind")
        query.pop("note", None)
        judgments.append(Judgment(text, kind, grades, query))
    return judgments


def policykb(kb: KnowledgeBase) -> Engine:
    """The search this project is about, with its defaults."""

    def search(judgment: Judgment) -> Sequence[str]:
        result = kb.search(judgment.text, limit=1_000_000, **judgment.filters)  # type: ignore[arg-type]
        return [hit.policy.id for hit in result.hits]

    return search


def whoosh(policies: Sequence[Policy], folder: Path, passing: Engine, *, any_word: bool) -> Engine:
    """Whoosh as its documentation and jieba's set it up."""
    _jieba()
    from jieba.analyse import ChineseAnalyzer
    from whoosh import fields, index, qparser

    analyzer = ChineseAnalyzer()
    texts = {name: fields.TEXT(analyzer=analyzer) for name in _fields(policies[0])}
    folder.mkdir()
    ix = index.create_in(folder, fields.Schema(id=fields.ID(stored=True), **texts))
    writer = ix.writer()
    for policy in policies:
        writer.add_document(id=policy.id, **_fields(policy))
    writer.commit()
    group = qparser.OrGroup if any_word else qparser.AndGroup
    parser = qparser.MultifieldParser(list(texts), ix.schema, group=group)

    def search(judgment: Judgment) -> Sequence[str]:
        passed = passing(judgment)
        if not judgment.text:
            return passed
        with ix.searcher() as searcher:
            found = [hit["id"] for hit in searcher.search(parser.parse(judgment.text), limit=None)]
        return [id for id in found if id in passed]

    return search


def fts5(database: sqlite3.Connection, policies: Sequence[Policy], passing: Engine) -> Engine:
    """SQLite's full-text index over words cut by jieba, in an empty database."""
    jieba = _jieba()

    def cut(text: str) -> list[str]:
        return [word for word in jieba.cut_for_search(text) if any(char.isalnum() for char in word)]

    names = list(_fields(policies[0]))
    database.execute(f"create virtual table entry using fts5(id unindexed, {', '.join(names)})")
    for policy in policies:
        values = [" ".join(cut(text)) for text in _fields(policy).values()]
        database.execute(f"insert into entry values ({', '.join('?' * (len(names) + 1))})", [policy.id, *values])

    def search(judgment: Judgment) -> Sequence[str]:
        passed = passing(judgment)
        words = " OR ".join(f'"{word}"' for word in cut(judgment.text))
        if not words:
            return passed
        rows = database.execute("select id from entry where entry match ? order by bm25(entry), id", [words])
        return [id for (id,) in rows if id in passed]

    return search


def _jieba() -> Any:
    """jieba, silent: it warns when it is imported and reports on standard error that it reads its dictionary."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jieba
        import jieba.analyse
    jieba.setLogLevel("ERROR")
    return jieba


def _fields(policy: Policy) -> dict[str, str]:
    return {
        "title": policy.title,
        "documents": "\n".join([*policy.documents, policy.number or ""]),
        "issuers": "\n".join(policy.issuers),
        "tags": "\n".join(policy.tags),
        "body": policy.body,
    }


def evaluate(engine: Engine, judgments: Sequence[Judgment]) -> list[Scores]:
    """The scores of an engine, query by query."""
    return [Scores.of(engine(judgment), judgment.grades) for judgment in judgments]


def compare(kb: KnowledgeBase, judgments: Sequence[Judgment], folder: Path) -> dict[str, list[Scores]]:
    """The scores of policykb, of the better Whoosh and of FTS5; ``folder`` is for the baselines' files."""

    def passing(judgment: Judgment) -> Sequence[str]:
        result = kb.search("", limit=1_000_000, **judgment.filters)  # type: ignore[arg-type]
        return [hit.policy.id for hit in result.hits]

    policies = list(kb.policies())
    variants = {
        "Whoosh (any word)": whoosh(policies, folder / "any", passing, any_word=True),
        "Whoosh (all words)": whoosh(policies, folder / "all", passing, any_word=False),
    }
    tried = {name: evaluate(engine, judgments) for name, engine in variants.items()}
    better = max(tried, key=lambda name: Scores.mean(tried[name]).ndcg)
    with closing(sqlite3.connect(":memory:")) as database:
        simple = evaluate(fts5(database, policies, passing), judgments)
    return {"policykb": evaluate(policykb(kb), judgments), better: tried[better], "FTS5": simple}


def table(judgments: Sequence[Judgment], scores: Mapping[str, Sequence[Scores]], *, markdown: bool) -> str:
    """Kinds of query against engines and measures."""
    kinds = list(dict.fromkeys(judgment.kind for judgment in judgments))
    head = ["kind", "queries", *(f"{name} {measure}" for name in scores for measure in MEASURES)]
    rows = []
    for kind in (*kinds, "all"):
        chosen = [number for number, judgment in enumerate(judgments) if kind in (judgment.kind, "all")]
        cells = [kind, str(len(chosen))]
        for values in scores.values():
            mean = Scores.mean([values[number] for number in chosen])
            cells += [f"{value:.3f}" for value in (mean.ndcg, mean.recall, mean.recall_at, mean.reciprocal)]
        rows.append(cells)
    if markdown:
        lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    measures = " ".join(f"{measure:>9}" for measure in MEASURES)
    lines_out = [
        " " * (widths[0] + 10) + "".join(f"  {name:<{len(measures)}}" for name in scores),
        f"{'kind':<{widths[0]}} {'queries':>8} " + "".join(f"  {measures}" for _ in scores),
    ]
    for kind, number, *cells in rows:
        groups = [cells[at : at + len(MEASURES)] for at in range(0, len(cells), len(MEASURES))]
        shown = "".join("  " + " ".join(f"{cell:>9}" for cell in group) for group in groups)
        lines_out.append(f"{kind:<{widths[0]}} {number:>8} {shown}")
    return "\n".join(lines_out)


def worst(judgments: Sequence[Judgment], engine: Engine, scores: Sequence[Scores]) -> str:
    """The queries that were not answered perfectly, worst first: what was found, what was expected."""
    lines = []
    order = sorted(range(len(judgments)), key=lambda number: (scores[number].ndcg, scores[number].recall))
    for number in order:
        judgment, score = judgments[number], scores[number]
        if score.ndcg > 0.9995 and score.recall == 1:
            continue
        found = engine(judgment)
        lines.append(f"\n{judgment.label}  nDCG@10 {score.ndcg:.3f}, recall {score.recall:.2f}, {len(found)} found")
        lines += [f"  {rank:2}. {judgment.grades.get(id, 0)} {id}" for rank, id in enumerate(found[:DEPTH], 1)]
        lines += [
            f"   -  {grade} {id}" + (f" (rank {found.index(id) + 1})" if id in found else " (not found)")
            for id, grade in judgment.grades.items()
            if id not in found[:DEPTH]
        ]
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Ranking of policykb and of two baselines on the judgments.")
    parser.add_argument("--corpus", type=Path, default=ROOT, help="the knowledge base that was judged")
    parser.add_argument("--judgments", type=Path, default=JUDGMENTS)
    parser.add_argument("--markdown", action="store_true", help="the table as Markdown")
    parser.add_argument("--verbose", action="store_true", help="list the queries not answered perfectly, worst first")
    parser.add_argument("--public", type=Path, help="a folder of public questions with judged answers")
    parser.add_argument("--keep", type=Path, help="where the knowledge base made of it is, or stays")
    parser.add_argument("--questions", choices=public.QUESTIONS, default="odd")
    options = parser.parse_args(arguments)
    if options.public:
        cut = _jieba().cut_for_search
        with tempfile.TemporaryDirectory() as folder:
            collection = public.read(options.public, options.questions)
            found = public.compare(
                collection,
                options.keep or Path(folder) / "kb",
                lambda text: [word for word in cut(text) if any(char.isalnum() for char in word)],
            )
        print(public.table(found))
        return
    with (
        tempfile.TemporaryDirectory() as folder,
        KnowledgeBase.open(options.corpus, index=Path(folder) / "index") as kb,
    ):
        judgments = read_judgments(options.judgments, [policy.id for policy in kb.policies()])
        scores = compare(kb, judgments, Path(folder))
        print(table(judgments, scores, markdown=options.markdown))
        if options.verbose:
            print(worst(judgments, policykb(kb), scores["policykb"]))


if __name__ == "__main__":
    main(sys.argv[1:])
