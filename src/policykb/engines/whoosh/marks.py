"""What is marked in a hit."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policykb.engines.whoosh.searcher import Found, Searcher


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
