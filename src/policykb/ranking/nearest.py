"""What was meant where nothing is found: the nearest word, or name of a document, of this corpus."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from policykb.ranking.docset import NONE, DocSet
from policykb.search.nodes import And, Word
from policykb.search.spelling import SURE, first_characters, likeness, one_apart
from policykb.text.fold import fold, letters

if TYPE_CHECKING:
    from policykb.ranking.found import Found, Respelt
    from policykb.ranking.searcher import Searcher
    from policykb.search.nodes import Node
    from policykb.search.query_terms import QueryTerm
    from policykb.search.request import SearchRequest

_NAME = (4, 120)  # characters of a name that is compared


def nearer(searcher: Searcher, request: SearchRequest, found: Found) -> Found:
    """What is found by the name, or by the words, that are nearest to a query; what was found if by neither."""
    node = request.node
    items = node.items if isinstance(node, And) else (node,)
    words = [item.text for item in items if isinstance(item, Word)]
    if len(words) == len(items) and not any(clause.asks for clause in found.clauses):
        near, title = nearly_called(searcher, words)
        if near:
            return searcher.find(request, near)._replace(respelt=((" ".join(words), title),))
    if node and (other := respelt(searcher, node)):
        respelled = searcher.find(request._replace(node=other[0]))
        if respelled.documents:
            return respelled._replace(respelt=other[1])
    return found


def respelt(searcher: Searcher, node: Node) -> tuple[Node, Respelt] | None:
    """A query with the nearest words for those that nothing contains; None where there are none to replace.

    In a question only a word that sounds like the other is taken for it, and so is what is cut into several words.
    """
    items = node.items if isinstance(node, And) else (node,)
    changed: dict[str, str] = {}
    made: list[Node] = []
    for item in items:
        if isinstance(item, Word):
            clause = searcher.analyzer.clause(item.text)
            text = clause.text
            if len(clause.terms) > 1 and not clause.is_sentence and (heard := _heard(searcher, text)):
                changed[text], text = heard, heard
            for term in clause.terms if text == clause.text else ():
                if searcher.matcher.matching(term):
                    continue
                near = nearest(searcher, term.text)
                if not near or (clause.is_sentence and not _sure(term, near)):
                    continue
                changed[term.text] = near
                text = text.replace(term.text, near)
            item = Word(text, item.position)
        made.append(item)
    if not changed:
        return None
    return (And(tuple(made)) if len(made) > 1 else made[0]), tuple(changed.items())


def _heard(searcher: Searcher, text: str) -> str:
    """The word that a text, which stands nowhere, sounds like: 生态环境部 for 生太环境部; else nothing."""
    if searcher.matcher.containing(text):
        return ""
    near = nearest(searcher, text)
    return near if near and likeness(text, near) >= SURE else ""


def _sure(term: QueryTerm, near: str) -> bool:
    return len(term.text) > 2 and likeness(term.text, near) >= SURE


def nearest(searcher: Searcher, word: str) -> str:
    """The word of this corpus that is most like a folded word, of those as like the most frequent; '' for none."""
    if len(word) < 2:
        return ""
    reader = searcher.reader
    alike: dict[str, float] = {}
    for char in dict.fromkeys(first_characters(word)):
        for term in reader.terms("word", char):
            like = likeness(word, term) if term != word and len(term) > 1 else 0.0
            if like:
                alike[term] = like

    def order(term: str) -> tuple[float, int, str]:
        return -alike[term], -reader.frequency("word", term, reader.postings("word", term)), term

    return min(reader.there("word", alike), key=order, default="")


def nearly_called(searcher: Searcher, words: Iterable[str]) -> tuple[DocSet, str]:
    """The documents with a name that differs from the words in one character, and the title of one of them.

    One half of the words stands in such a title.
    """
    from policykb.domain.titles import spoken_names

    typed = fold("".join(words))
    whole = letters(typed)
    if not _NAME[0] <= len(whole) <= _NAME[1]:
        return NONE, ""
    half = len(typed) // 2
    near, called = [], ""
    halves = (typed[:half], typed[half:])
    for document in searcher.reader.each(
        DocSet.any_of(searcher.matcher.containing(part, title=True) for part in halves)
    ):
        title = fold(searcher.reader.sections(document)[0])
        if len(set(whole).difference(title)) > 1:  # most of them: their names need not be made
            continue
        if any(one_apart(whole, letters(name)) for name, _ in spoken_names(title)):
            near.append(document)
            called = searcher.reader.entry(document)["title"]
    return searcher.reader.all_of(near), called
