"""Everything policykb raises on purpose.

PolicyKBError
├── DateError             a date, or a period, that cannot be read
├── UnknownNameError      a department, tag or other controlled name that is not known
├── DocumentError         a policy file that breaks the format (path, line, key)
├── DataError             a data file of the knowledge base (kb.toml, tags.toml ...) that is wrong
├── CorpusError           the corpus: no such entry, an ambiguous id, a file changed under our hands
│   ├── AbsentError            there is nothing of that name
│   └── NoKnowledgeBaseError   the folder is not a knowledge base
├── QueryError            a query that cannot be understood (position)
├── IndexUnusableError    the index cannot be used, and could not be rebuilt
│   └── IndexBusyError    another process is writing to the index, and did not finish in time
├── SourceError           a file to import that cannot be read (corrupt, encrypted, scanned, too large ...)
│   └── RefusedError      a server that does not give what it is asked for (status)
├── OutputError           a document that cannot be written
└── MissingExtraError     an optional dependency is not installed (names the pip command)

Whatever else escapes is a defect of policykb.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from policykb.i18n import _


class PolicyKBError(Exception):
    """Base of all errors that are meant for the user: the text says what, where and what to do."""


class DateError(PolicyKBError):
    """A date expression that cannot be read, or a period that ends before it starts."""


class UnknownNameError(PolicyKBError):
    """A controlled name that is not known.

    ``kind`` is what was looked for ("department", "tag", "kind", "status" ...), ``name`` what was given, ``nearest``
    the known names that come closest, best first, ``known`` all of them where they are few.
    """

    def __init__(self, kind: str, name: str, nearest: Sequence[str] = (), known: Sequence[str] = ()) -> None:
        self.kind = kind
        self.name = name
        self.nearest = tuple(nearest)
        listing = {"tag": "tags", "department": "issuers"}.get(kind)
        unknown = {
            "tag": _("unknown tag: {name}"),
            "kind": _("unknown kind: {name}"),
            "status": _("unknown status: {name}"),
            "level": _("unknown level: {name}"),
            "region": _("unknown region: {name}"),
        }.get(kind, _("unknown department: {name}"))
        text = unknown.format(name=name)
        if self.nearest:
            text = _("{problem}; did you mean {names}?").format(problem=text, names=_(" or ").join(self.nearest))
        elif listing:
            text = _("{problem}; 'policykb {command}' shows those in use").format(problem=text, command=listing)
        if known:
            more = _("{problem} Known are {names}") if self.nearest else _("{problem}; known are {names}")
            text = more.format(problem=text, names=", ".join(known))
        super().__init__(text)


class DocumentError(PolicyKBError):
    """A policy file that breaks the format; ``line`` counts from 1, ``key`` is the front-matter key."""

    def __init__(
        self, problem: str, *, path: Path | None = None, line: int | None = None, key: str | None = None
    ) -> None:
        self.problem = problem
        self.path = path
        self.line = line
        self.key = key
        super().__init__(problem)

    def __str__(self) -> str:
        where = str(self.path) if self.path else ""
        if self.line is not None:
            where = f"{where or '<text>'}:{self.line}"
        return ": ".join(filter(None, (where, self.key, self.problem)))


class DataError(PolicyKBError):
    """A data file (kb.toml, issuers.toml, tags.toml, terms.txt, synonyms.txt, market) that is wrong."""


class CorpusError(PolicyKBError):
    """The corpus cannot do what was asked: no such entry, an ambiguous id, a file changed meanwhile."""


class AbsentError(CorpusError):
    """There is nothing of the name that was asked for."""


class NoKnowledgeBaseError(CorpusError):
    """The folder is not a knowledge base: it has no ``corpus/``."""


class QueryError(PolicyKBError):
    """A query that cannot be understood; ``position`` counts characters of ``query`` from 0."""

    def __init__(self, problem: str, *, query: str, position: int) -> None:
        self.problem = problem
        self.query = query
        self.position = position
        super().__init__(problem)

    def __str__(self) -> str:
        return _("{problem} (at character {position} of {query!r})").format(
            problem=self.problem, position=self.position + 1, query=self.query[:200]
        )


class IndexUnusableError(PolicyKBError):
    """The index cannot be used and could not be rebuilt."""


class IndexBusyError(IndexUnusableError):
    """Another process holds the index's write lock and did not release it in time."""


class SourceError(PolicyKBError):
    """A file to import that cannot be read: corrupt, encrypted, without text, too large, of unknown kind."""


class RefusedError(SourceError):
    """A server that answers with an error: its ``status``, and how long it wants us to ``wait``, as it says it."""

    def __init__(self, problem: str, *, status: int, wait: str = "") -> None:
        self.status, self.wait = status, wait
        super().__init__(problem)


class OutputError(PolicyKBError):
    """A document that cannot be written, or a template that is wrong."""


class MissingExtraError(PolicyKBError):
    """An optional dependency is missing; the message names the pip command that installs it."""

    def __init__(self, feature: str, extra: str) -> None:
        problem = _("{feature} needs an optional part: pip install 'policykb[{extra}]'")
        super().__init__(problem.format(feature=feature, extra=extra))
