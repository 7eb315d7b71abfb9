"""The engines that speed.py compares, each behind the same few calls, and the processes in which it runs them.

    python tests/benchmarks/engines.py build|search|answer ENGINE KB FOLDER [QUERIES]

All read the files of a knowledge base with policykb's parser, so that reading costs them alike. Plain Whoosh, FTS5
and tantivy cut words with jieba's search mode, which is what jieba offers for indexing; a query's words must all
match. Imports are lazy: a process pays for the engine that it runs only.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

if TYPE_CHECKING:
    from policykb.domain.policy import Policy

TOP = 10
MODES = ("top", "date", "department", "sort", "facets", "snippets")
HEAP = 256  # MB that plain Whoosh and tantivy may collect before they write


class Query(NamedTuple):
    """One to three words that stand together in an entry, with that entry's year and department."""

    words: tuple[str, ...]
    year: int
    department: str


COLD = Query(("碳足迹",), 2024, "")


class Engine:
    """A search engine over the entries of the knowledge base ``root``, with its index in ``folder``."""

    name: ClassVar[str]
    distribution: ClassVar[str]
    modes: ClassVar[Sequence[str]] = MODES

    def __init__(self, root: Path, folder: Path) -> None:
        self.root, self.folder = root, folder

    def build(self) -> None:
        """Makes the index from the files."""
        raise NotImplementedError

    def open(self) -> None:
        """Opens the index for searching."""
        raise NotImplementedError

    def close(self) -> None:
        """Gives back what `open` took."""

    def search(self, query: Query, mode: str) -> Sequence[Any]:
        """The first ten entries; ``mode`` is one of `MODES`."""
        raise NotImplementedError

    def update(self, changed: Sequence[str] = (), removed: Sequence[str] = ()) -> None:
        """Takes over files that are new or changed, or gone (paths below the corpus), ready to be searched."""
        raise NotImplementedError

    def segments(self) -> int:
        """How many segments the open index consists of."""
        raise NotImplementedError

    def size(self) -> int:
        """The bytes of the index on disk."""
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())

    def read(self, paths: Iterable[str] | None = None) -> Iterable[tuple[str, Policy]]:
        """Entries with their paths below the corpus, all by default."""
        from policykb.corpus.corpus import Corpus

        corpus = Corpus(self.root / "corpus")
        for path in corpus.stats() if paths is None else paths:
            yield path, corpus.read(corpus.root / path)


class PolicyKB(Engine):
    """This project. A hit always has its snippet, so there is no mode for it."""

    name = distribution = "policykb"
    modes = MODES[:-1]

    def build(self) -> None:
        self.open()
        self._kb.refresh(rebuild=True)

    def open(self) -> None:
        from policykb.kb import KnowledgeBase

        self._kb = KnowledgeBase.open(self.root, index=self.folder)
        if self.folder.exists():
            self._kb.engine.open(fresh=False)

    def close(self) -> None:
        self._kb.close()

    def search(self, query: Query, mode: str) -> Sequence[Any]:
        from policykb.domain.daterange import DateRange

        options: dict[str, Any] = {}
        if mode == "date":
            options["dates"] = DateRange(date(query.year, 1, 1), date(query.year + 1, 1, 1))
        elif mode == "department":
            options["issuers"] = query.department
        elif mode == "sort":
            options["sort"] = "newest"
        elif mode == "facets":
            options["facets"] = True
        return self._kb.search(" ".join(query.words), fresh=False, limit=TOP, **options).hits

    def update(self, changed: Sequence[str] = (), removed: Sequence[str] = ()) -> None:
        self._kb.refresh()  # it finds out by itself what changed

    def segments(self) -> int:
        return len(self._kb.engine.searcher.reader.segments)


class Whoosh(Engine):
    """Whoosh as its documentation and jieba's set it up."""

    name, distribution = "Whoosh", "whoosh3"

    def build(self) -> None:
        from whoosh import fields, index

        jieba()
        from jieba.analyse import ChineseAnalyzer

        text = fields.TEXT(analyzer=ChineseAnalyzer(), stored=True)
        names = fields.KEYWORD(commas=True, stored=True)
        value = fields.ID(stored=True, sortable=True)
        schema = fields.Schema(
            path=fields.ID(stored=True, unique=True), title=text, body=text, issuers=names, tags=names,
            date=fields.DATETIME(stored=True, sortable=True), month=value, kind=value, status=value,
        )  # fmt: skip
        self.folder.mkdir(parents=True)
        self._index = index.create_in(self.folder, schema)
        # The documentation's advice for large batches is a large pool. More than one process is not the default:
        # each would load jieba's dictionary, and they leave a segment each or merge them all again.
        with self._index.writer(limitmb=HEAP) as writer:
            for path, policy in self.read():
                writer.add_document(**self._fields(path, policy))

    @staticmethod
    def _fields(path: str, policy: Policy) -> dict[str, Any]:
        return {
            "path": path, "title": policy.title, "body": policy.body,
            "issuers": ",".join(policy.issuers), "tags": ",".join(policy.tags),
            "date": datetime(policy.date.year, policy.date.month, policy.date.day),
            "month": f"{policy.date:%Y-%m}", "kind": policy.kind, "status": policy.status,
        }  # fmt: skip

    def open(self) -> None:
        from whoosh import index, qparser

        jieba()
        self._index = index.open_dir(self.folder)
        self._searcher = self._index.searcher()
        self._parser = qparser.MultifieldParser(["title", "body"], self._index.schema)

    def close(self) -> None:
        self._searcher.close()

    def search(self, query: Query, mode: str) -> Sequence[Any]:
        from whoosh import query as q
        from whoosh import sorting

        options: dict[str, Any] = {}
        if mode == "date":
            options["filter"] = q.DateRange("date", datetime(query.year, 1, 1), datetime(query.year, 12, 31))
        elif mode == "department":
            options["filter"] = q.Term("issuers", query.department)
        elif mode == "sort":
            options["sortedby"] = sorting.FieldFacet("date", reverse=True)
        elif mode == "facets":
            groups = sorting.Facets()
            for field in ("issuers", "tags", "kind", "status", "month"):
                several = field in ("issuers", "tags")
                groups.add_facet(field, sorting.FieldFacet(field, allow_overlap=several, maptype=sorting.Count))
            options["groupedby"] = groups
        results = self._searcher.search(self._parser.parse(" ".join(query.words)), limit=TOP, **options)
        if mode == "facets":
            for field in results.facet_names():
                results.groups(field)
        if mode == "snippets":
            return [(hit["path"], hit["title"], hit.highlights("body", top=1)) for hit in results]
        return [(hit["path"], hit["title"], hit["date"]) for hit in results]

    def update(self, changed: Sequence[str] = (), removed: Sequence[str] = ()) -> None:
        with self._index.writer(limitmb=HEAP) as writer:
            for path in removed:
                writer.delete_by_term("path", path)
            for path, policy in self.read(changed):
                writer.update_document(**self._fields(path, policy))
        self._searcher = self._searcher.refresh()

    def segments(self) -> int:
        return len(self._searcher.reader().leaf_readers())


class Fts5(Engine):
    """SQLite's full-text index, joined with tables of what is not text."""

    name, distribution = "SQLite FTS5", ""

    _SCHEMA = """
        create table entry (id integer primary key, path text unique, date text, month text, kind text, status text);
        create index entry_date on entry (date);
        create table issuer (name text, id integer, primary key (name, id)) without rowid;
        create table tag (name text, id integer, primary key (name, id)) without rowid;
        create index issuer_id on issuer (id, name);
        create index tag_id on tag (id, name);
        create virtual table text using fts5(title, body);
    """
    _FOUND = "from text join entry on id = text.rowid where text match ?"
    _FACETS = "with hits as materialized (select rowid as id from text where text match ?) " + " union all ".join(
        f"select '{table}.{column}', {column}, count(*) from hits join {table} using (id) group by 2"
        for table, column in (
            ("issuer", "name"), ("tag", "name"), ("entry", "kind"), ("entry", "status"), ("entry", "month")
        )
    )  # fmt: skip

    def build(self) -> None:
        self.folder.mkdir(parents=True)
        self.open()
        self._database.executescript(self._SCHEMA)
        self._insert(self.read())

    def open(self) -> None:
        import sqlite3

        jieba()
        self._database = sqlite3.connect(self.folder / "entries.db")
        self._database.execute("select count(*) from sqlite_master").fetchone()  # connecting reads nothing

    def close(self) -> None:
        self._database.close()

    def _insert(self, policies: Iterable[tuple[str, Policy]]) -> None:
        with self._database as database:
            for path, p in policies:
                row = (path, str(p.date), f"{p.date:%Y-%m}", p.kind, p.status)
                cursor = database.execute(
                    "insert into entry (path, date, month, kind, status) values (?, ?, ?, ?, ?)", row
                )
                id = cursor.lastrowid
                database.executemany("insert into issuer values (?, ?)", [(name, id) for name in p.issuers])
                database.executemany("insert into tag values (?, ?)", [(name, id) for name in p.tags])
                texts = (id, cut(p.title), cut(p.body))
                database.execute("insert into text (rowid, title, body) values (?, ?, ?)", texts)

    def search(self, query: Query, mode: str) -> Sequence[Any]:
        words = " ".join(f'"{word}"' for word in cut(" ".join(query.words)).split())
        where, order, values = "", "rank", [words]
        columns = "path, title, date" + (", snippet(text, 1, '', '', '…', 24)" if mode == "snippets" else "")
        if mode == "date":
            where = " and date between ? and ?"
            values += [f"{query.year}-01-01", f"{query.year}-12-31"]
        elif mode == "department":
            where = " and exists (select 1 from issuer where name = ? and issuer.id = entry.id)"
            values.append(query.department)
        elif mode == "sort":
            order = "date desc"
        elif mode == "facets":
            self._database.execute(self._FACETS, [words]).fetchall()
        sql = f"select {columns} {self._FOUND}{where} order by {order} limit {TOP}"
        return self._database.execute(sql, values).fetchall()

    def update(self, changed: Sequence[str] = (), removed: Sequence[str] = ()) -> None:
        with self._database as database:
            for path in (*removed, *changed):
                found = database.execute("select id from entry where path = ?", [path]).fetchone()
                if found:
                    database.execute("delete from text where rowid = ?", found)
                    for table in ("issuer", "tag", "entry"):
                        database.execute(f"delete from {table} where id = ?", found)
            self._insert(self.read(changed))

    def segments(self) -> int:
        return int(self._database.execute("select count(distinct segid) from text_idx").fetchone()[0])


class Tantivy(Engine):
    """tantivy over the words with spaces between them."""

    name = distribution = "tantivy"

    def build(self) -> None:
        import tantivy

        builder = tantivy.SchemaBuilder()
        builder.add_text_field("path", stored=True, tokenizer_name="raw")
        builder.add_date_field("date", stored=True, indexed=True, fast=True)
        for name in ("title", "body"):
            builder.add_text_field(name, stored=True, tokenizer_name="whitespace")
        for name in ("issuer", "tag", "kind", "status", "month"):
            builder.add_text_field(name, fast=True, tokenizer_name="raw")
        self.folder.mkdir(parents=True)
        jieba()
        self._index = tantivy.Index(builder.build(), path=str(self.folder))
        self._write((), self.read())

    def open(self) -> None:
        import tantivy

        jieba()
        self._index = tantivy.Index.open(str(self.folder))
        self._searcher = self._index.searcher()

    def _write(self, gone: Iterable[str], policies: Iterable[tuple[str, Policy]]) -> None:
        import tantivy

        writer = self._index.writer(heap_size=HEAP << 20)
        for path in gone:
            writer.delete_documents_by_term("path", path)
        for path, p in policies:
            day = datetime(p.date.year, p.date.month, p.date.day)
            writer.add_document(tantivy.Document(
                path=path, title=cut(p.title), body=cut(p.body), date=day, month=f"{p.date:%Y-%m}",
                issuer=list(p.issuers), tag=list(p.tags), kind=p.kind or "", status=p.status or "",
            ))  # fmt: skip
        writer.commit()
        writer.wait_merging_threads()

    def search(self, query: Query, mode: str) -> Sequence[Any]:
        from tantivy import FieldType, Query, SnippetGenerator

        schema, searcher = self._index.schema, self._searcher
        words = " ".join(f'+"{word}"' for word in cut(" ".join(query.words)).split())
        parsed = self._index.parse_query(words, ["title", "body"])
        if mode == "date":
            bounds = datetime(query.year, 1, 1), datetime(query.year, 12, 31)
            parsed = Query.and_must_match(parsed, Query.range_query(schema, "date", FieldType.Date, *bounds))
        elif mode == "department":
            parsed = Query.and_must_match(parsed, Query.term_query(schema, "issuer", query.department))
        elif mode == "facets":
            facets = {
                name: {"terms": {"field": name, "size": 1000}} for name in ("issuer", "tag", "kind", "status", "month")
            }
            searcher.aggregate(parsed, facets)
        hits = searcher.search(parsed, TOP, order_by_field="date" if mode == "sort" else None).hits
        documents = [searcher.doc(address) for _, address in hits]
        if mode == "snippets":
            snippets = SnippetGenerator.create(searcher, parsed, schema, "body")
            return [(document["title"], snippets.snippet_from_doc(document).fragment()) for document in documents]
        return [(document["path"], document["title"], document["date"]) for document in documents]

    def update(self, changed: Sequence[str] = (), removed: Sequence[str] = ()) -> None:
        self._write((*removed, *changed), self.read(changed))
        self._index.reload()
        self._searcher = self._index.searcher()

    def segments(self) -> int:
        return int(self._searcher.num_segments)


class Grep(Engine):
    """grep over the files: all that have each of the words, in no order."""

    name, distribution = "grep", ""
    modes = MODES[:1]

    def search(self, query: Query, mode: str) -> Sequence[Any]:
        found: set[bytes] | None = None
        for word in query.words:
            command = ["grep", "-rlF", "--include=*.md", "-e", word, "."]
            # in the C locale grep compares bytes, which is the same for UTF-8 and faster
            done = subprocess.run(
                command, cwd=self.root / "corpus", env=os.environ | {"LC_ALL": "C"}, capture_output=True
            )
            files = set(done.stdout.splitlines())
            found = files if found is None else found & files
        return list(found or ())

    def open(self) -> None:
        pass


ENGINES: Sequence[type[Engine]] = (PolicyKB, Whoosh, Fts5, Tantivy, Grep)


@cache
def jieba() -> Any:
    """jieba with its dictionary, silent."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jieba
        import jieba.analyse
    jieba.setLogLevel("ERROR")
    jieba.initialize()
    return jieba


def cut(text: str) -> str:
    """The words of a text with spaces between them, those inside longer words too."""
    return " ".join(jieba().cut_for_search(text))


def peak_memory(process: Path = Path("/proc/self")) -> int:
    """The most memory, in bytes, that a process has had resident so far."""
    return int((process / "status").read_text().partition("VmHWM:")[2].split(None, 1)[0]) * 1024


def main(task: str, name: str, root: str, folder: str, queries: str = "") -> None:
    """Builds or answers the queries of a JSON file, and prints the peak of memory; or answers one query."""
    warnings.simplefilter("ignore")
    engine = next(kind for kind in ENGINES if kind.name == name)(Path(root), Path(folder))
    if task == "build":
        engine.build()
        print(peak_memory())
        return
    engine.open()
    if task == "search":
        print(engine.search(COLD, "date"))
        return
    for words, year, department in json.loads(Path(queries).read_text(encoding="utf-8")):
        engine.search(Query(tuple(words), year, department), "top")
    print(peak_memory())


if __name__ == "__main__":
    main(*sys.argv[1:])
