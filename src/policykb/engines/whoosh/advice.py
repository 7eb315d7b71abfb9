"""What to tell about a query: how it was understood, and what can be done where it found nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from policykb.search.nodes import And, Field, Not, Or, Phrase, Wildcard, Within, Word
from policykb.search.request import Filters
from policykb.text.fold import fold

if TYPE_CHECKING:
    from policykb.engines.whoosh.searcher import Found, Searcher
    from policykb.search.nodes import Node
    from policykb.search.request import SearchRequest

NEAREST = 3  # words that are proposed for one that nothing contains
CLOSE = 0.5  # the similarity from which a word is proposed

_FILTERS = (("dates", "the period"), ("issuers", "the department"), ("tags", "the tag"), ("kinds", "the kind"),
            ("statuses", "the status"))  # fmt: skip


def advise(searcher: Searcher, request: SearchRequest, found: Found) -> list[str]:
    """Remarks on a result: why it is empty and what would not be, or that its hits are partial."""
    if found.partial:
        return ["no entry has all the words; these have some of them"]
    if found.documents:
        return []
    notes: list[str] = []
    node = request.node
    if request.filters:
        notes += _excluded(searcher, request)
    if node is not None and not notes:
        for text in _words(node):
            for term in searcher.analyzer.clause(text).terms:
                if not searcher.matcher.matching(term):
                    near = nearest(searcher, term.text)
                    hint = f"; near to it: {'、'.join(near)}" if near else ""
                    notes.append(f"no entry contains {term.text}{hint}")
        if not notes:
            notes += _unknown_values(searcher, node)
        if not notes:
            notes.append("no entry matches all of it together; --match any shows those that match some of the words")
    if not notes and not searcher.reader.count:
        notes.append("the knowledge base has no entries yet")
    return notes


def _excluded(searcher: Searcher, request: SearchRequest) -> Iterator[str]:
    """Which filter keeps out what would match without it."""

    def count(other: Filters) -> int:
        return len(searcher.search(request._replace(filters=other, limit=1, offset=0)).documents)

    without_any = count(Filters())
    if not without_any:
        return
    for name, label in _FILTERS:
        if getattr(request.filters, name):
            without = count(_without(request.filters, name))
            if without:
                yield f"{label} excludes all; without it {without} would match"
                return
    yield f"the filters together exclude all; without them {without_any} would match"


def _unknown_values(searcher: Searcher, node: Node) -> Iterator[str]:
    """The fields of a query with a value that no entry has."""
    match node:
        case Field() if not searcher.matcher.evaluate(node):
            values = list(searcher.reader.terms(node.name)) if node.name in ("kind", "status") else []
            hint = f"; there are {'、'.join(values)}" if values else ""
            yield f"no entry has {node.name} {node.value}{hint}"
        case And() | Or():
            for item in node.items:
                yield from _unknown_values(searcher, item)


def _without(filters: Filters, name: str) -> Filters:
    nothing: Any = None if name == "dates" else ()
    return filters._replace(**{name: nothing})


def _words(node: Node) -> Iterator[str]:
    match node:
        case Word():
            yield node.text
        case Phrase():
            yield node.text
        case And() | Or():
            for item in node.items:
                yield from _words(item)


def nearest(searcher: Searcher, word: str) -> list[str]:
    """The indexed words most like ``word``: by shared characters in order, at least `CLOSE`."""
    from difflib import SequenceMatcher

    folded = fold(word)
    scored = set()
    for char in dict.fromkeys(folded):
        for term in searcher.reader.terms("word", char):
            if term != folded and abs(len(term) - len(folded)) <= 2 and len(term) > 1:
                matcher = SequenceMatcher(None, folded, term, autojunk=False)
                if matcher.real_quick_ratio() >= CLOSE and (ratio := matcher.ratio()) >= CLOSE:
                    scored.add((-ratio, term))
    return [term for _, term in sorted(scored)[:NEAREST]]


def explain_query(searcher: Searcher, request: SearchRequest, found: Found) -> Sequence[str]:
    """How the query was cut, expanded and filtered, line by line."""
    lines = []
    for clause in found.clauses:
        lines.append(f"cut: {clause.text} -> {' / '.join(term.text for term in clause.terms)}")
        for term in clause.terms:
            if term.names:
                lines.append(f"names of {term.text}: {'、'.join(term.names)}")
            if term.synonyms:
                lines.append(f"synonyms of {term.text}: {'、'.join(term.synonyms)}")
            matcher = searcher.matcher
            documents = matcher.containing(term.text) if request.exact else matcher.matching(term)
            lines.append(f"{term.text}: in {len(documents)} of {searcher.reader.count} entries")
    if request.node is not None:
        lines.append(f"understood as: {_shown(request.node)}")
    for name, _ in _FILTERS:
        if value := getattr(request.filters, name):
            lines.append(f"filter {name}: {value if name == 'dates' else '、'.join(value)}")
    if found.partial:
        lines.append("matched: any of the words")
    return lines


def _shown(node: Node) -> str:
    match node:
        case Word():
            return node.text
        case Phrase():
            return f'"{node.text}"'
        case Wildcard():
            return node.pattern
        case Field():
            return f"{node.name}:{node.value}"
        case Within():
            return f"date:{node.dates}"
        case Not():
            return f"NOT {_shown(node.item)}"
        case And():
            return "(" + " AND ".join(map(_shown, node.items)) + ")"
        case Or():
            return "(" + " OR ".join(map(_shown, node.items)) + ")"
