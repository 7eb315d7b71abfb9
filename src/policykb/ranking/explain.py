"""Why an entry was found: what its score is made of, and how the query was understood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from policykb.domain.policy import Policy
from policykb.i18n import _
from policykb.ranking.scoring import CALLED
from policykb.search.nodes import And, Field, Not, Or, Phrase, Wildcard, Within, Word
from policykb.search.record import FIELD_WEIGHTS, STEPS, count_words, weighted_sections

if TYPE_CHECKING:
    from policykb.ranking.found import Found
    from policykb.ranking.searcher import Searcher
    from policykb.search.nodes import Node
    from policykb.search.request import SearchRequest

_OF_ARTICLES = ("title", "documents", "body")


def shares(searcher: Searcher, document: int, found: Found) -> dict[str, float]:
    """A hit's score by field, and what is added for the words standing together (or a number that was asked for).

    BM25F saturates the sum of a word's weights in all fields; each field's share of what the word counts is its share
    of that sum.
    """
    sections = weighted_sections(Policy.from_data(searcher.reader.entry(document)))
    whole = sections["body"]
    parts = (searcher.ranker.partial_parts if found.loose else searcher.ranker.parts)(found.clauses)
    passage = None
    if document in searcher.reader.articled and found.scores.get(document, 0.0) < CALLED[-1]:
        own_texts = searcher.reader.sections(document)
        passage = searcher.rescorer.passages.best(document, found.clauses, parts, own_texts)
    if passage:  # an article counts by the strings that it has
        sections["body"] = whole[passage.start : passage.end]
    counts = {name: count_words(name, text, searcher.lexicon)[0] for name, text in sections.items()}
    norm = passage.norm * STEPS if passage else searcher.ranker.norms[document]
    by_field = dict.fromkeys(FIELD_WEIGHTS, 0.0)
    for text, factor, (documents, weights) in parts:
        if document in documents:
            weight: float = weights[document] if weights else STEPS
            own: dict[str, float] = {name: counted[text] for name, counted in counts.items() if text in counted}
            if not weights or not own:  # a string across words: it counts once, wherever it stands
                own = dict(Counter(name for name, section in sections.items() if text in section))
            if passage and (text in whole or any(text in sections[name] for name in ("title", "documents"))):
                own = {name: STEPS * FIELD_WEIGHTS[name] * sections[name].count(text) for name in _OF_ARTICLES}
                weight = sum(own.values())
            for name, count in own.items():
                by_field[name] += factor * weight / (weight + norm) * count / (sum(own.values()) or 1)
    by_field["together"] = found.scores.get(document, 0.0) - sum(by_field.values())
    return {name: value for name, exact in by_field.items() if (value := round(exact, 4))}


def explain_query(searcher: Searcher, request: SearchRequest, found: Found) -> Sequence[str]:
    """How the query was cut, expanded and filtered, line by line."""
    lines = []
    for clause in found.clauses:
        words = " / ".join(term.text for term in clause.terms)
        lines.append(_("cut: {text} -> {words}").format(text=clause.text, words=words))
        for term in clause.terms:
            if term.names:
                lines.append(_("names of {word}: {names}").format(word=term.text, names="、".join(term.names)))
            if term.synonyms:
                synonyms = "、".join(term.synonyms)
                lines.append(_("synonyms of {word}: {synonyms}").format(word=term.text, synonyms=synonyms))
            matcher, count = searcher.matcher, searcher.reader.count
            having = len(matcher.containing(term.text) if request.exact else matcher.matching(term))
            text = _("{word}: in {number} of {count} entries")
            lines.append(text.format(word=term.text, number=having, count=count))
    if request.node is not None:
        lines.append(_("understood as: {query}").format(query=_shown(request.node)))
    for name, value in request.filters._asdict().items():
        if value and name != "states":  # which are a function, and what they are is under validity
            shown = value if name == "dates" else "、".join(value)
            lines.append(_("filter {name}: {value}").format(name=name, value=shown))
    if found.partial:
        lines.append(_("matched: any of the words"))
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
            return f"date:{node.dates or 'none'}"
        case Not():
            return f"NOT {_shown(node.item)}"
        case And():
            return "(" + " AND ".join(map(_shown, node.items)) + ")"
        case Or():
            return "(" + " OR ".join(map(_shown, node.items)) + ")"
