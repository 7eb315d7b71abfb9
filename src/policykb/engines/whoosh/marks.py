"""What is marked in a hit."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policykb.engines.whoosh.searcher import Found, Searcher


def marked(searcher: Searcher, document: int, found: Found) -> tuple[list[str], list[str]]:
    """The folded strings to mark in a hit: what was typed, as much of it as stands together, and what stands for it."""
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
            exact.update(dict.fromkeys([term.text] if term.text in text else term.words))
            if term.text not in text and document in found.lacking:
                others.update(dict.fromkeys(term.nested))
    return list(exact), [other for other in others if other not in exact]
