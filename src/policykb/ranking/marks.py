"""What is shown of a hit: the article that answers, the strings that are marked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from policykb.ranking.docset import DocSet
from policykb.ranking.scoring import CALLED

if TYPE_CHECKING:
    from policykb.ranking.found import Found
    from policykb.ranking.passages import Passage
    from policykb.ranking.searcher import Searcher


def marked(searcher: Searcher, document: int, found: Found) -> tuple[list[str], list[str]]:
    """The folded strings to mark in a hit: what was typed, as much of it as stands together, and what stands for it.

    They are whole words of what was typed: of one that a document lacks neither single characters nor parts of a
    number.
    """
    text = searcher.reader.text(document)
    exact: dict[str, None] = {}
    others: dict[str, None] = {}
    for clause in found.clauses:
        for term in clause.terms:
            others.update(dict.fromkeys((*term.names, *term.synonyms)))
        if clause.text in text:
            exact[clause.text] = None
            continue
        for term in clause.terms:
            if len(term.text) == 1 < len(clause.terms) and not term.text.isascii():
                continue
            if term.text in text:
                exact[term.text] = None
                continue
            exact.update(dict.fromkeys(word for word in term.words if len(word) > 1))
            if document in found.lacking:
                others.update(dict.fromkeys(word for word in term.nested if not word.isdecimal()))
    return list(exact), [other for other in others if other not in exact]


def articles(searcher: Searcher, page: Iterable[int], found: Found) -> Mapping[int, Passage]:
    """The articles that answer, of those documents of a page that have articles.

    A document whose name, or title, is all that was typed is meant as a whole.
    """
    reader, clauses = searcher.reader, found.clauses
    having = DocSet.of(page) & reader.articled
    if not clauses or not having:
        return {}
    parts = searcher.ranker.partial_parts(clauses) if found.loose else searcher.ranker.parts(clauses)
    passages = searcher.rescorer.passages
    named = passages.named(clauses)
    shown = {}
    for document in having:
        sections = reader.sections(document)
        whole = found.scores.get(document, 0.0) >= CALLED[-1] or all(clause.text in sections[0] for clause in clauses)
        if (named or not whole) and (best := passages.best(document, clauses, parts, sections)):
            shown[document] = best
    return shown
