"""What a request asks for, once it is looked up, and what it finds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from policykb.ranking.docset import NONE, DocSet
from policykb.search.nodes import And, Field, Or, Phrase, Wildcard, Word

if TYPE_CHECKING:
    from policykb.search.nodes import Node
    from policykb.search.query_terms import Clause, QueryAnalyzer

Respelt = tuple[tuple[str, str], ...]
"""What was typed, and what was searched for in its place."""


class Found(NamedTuple):
    """The documents that match, best first as far as they were asked for, with the scores of these.

    ``loose``: some of the words did, and count as `Ranker.partial_parts`; ``partial``: no document has them all;
    ``lacking`` are those shown that have not. ``unquoted``: nothing had what stands in quotation marks beside other
    words, so its words counted. ``respelt`` are words that nothing has, each with what was searched for in its place.
    """

    documents: DocSet
    ranked: Sequence[int]
    scores: Mapping[int, float]
    clauses: Sequence[Clause] = ()
    loose: bool = False
    partial: bool = False
    lacking: DocSet = NONE
    unquoted: bool = False
    respelt: Respelt = ()


class Asked(NamedTuple):
    """A request, cut and looked up: what it is about, and the documents that may answer it.

    ``clauses`` have to be there, ``scored`` count. ``required`` documents pass all else; of these, ``numbered`` have
    the number that was typed, and ``called`` go by the name, by nearness. ``loosely``: some of the words will do.
    """

    clauses: Sequence[Clause]
    scored: Sequence[Clause]
    required: DocSet
    numbered: DocSet
    called: Sequence[DocSet]
    loosely: bool


def scored_in(node: Node, analyzer: QueryAnalyzer, exact: bool) -> list[Clause]:
    """What in a query tree's operators and fields counts for the score."""
    match node:
        case Word():
            return [analyzer.clause(node.text, exact=exact)]
        case Phrase():
            return [analyzer.clause(node.text, exact=True)]
        case Field(name="title"):
            return [analyzer.clause(node.value, exact=True)]
        case And() | Or():
            return [clause for item in node.items for clause in scored_in(item, analyzer, exact)]
        case Wildcard():
            literal = max(re.split(r"[*?]", node.pattern), key=len)
            return [analyzer.clause(literal, exact=True)]
    return []
