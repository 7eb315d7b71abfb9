"""What to tell about a result: why it is empty and what would not be, or that its hits have some of the words only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from policykb.i18n import _, ngettext
from policykb.search.nodes import And, Field, Or, words_of
from policykb.search.query_terms import SENTENCE
from policykb.search.request import Filters
from policykb.text.fold import fold

if TYPE_CHECKING:
    from policykb.ranking.found import Found
    from policykb.ranking.searcher import Searcher
    from policykb.search.nodes import Node
    from policykb.search.request import SearchRequest

NEAREST = 3  # words that are proposed for one that nothing contains
SHORTEST = 3  # characters of a word that any are proposed for where others of the query are found: 会同 is near to 会议
CLOSE, LOOSE = 0.5, 0.3  # the similarity from which a word is proposed; where none is so close


def advise(searcher: Searcher, request: SearchRequest, found: Found) -> list[str]:
    """Remarks on a result: why it is empty and what would not be, or that its hits are partial."""
    node = request.node
    if found.respelt:
        note = _('showing {words} for {typed}, which no entry contains; "{typed}" in quotation marks is left as it is')
        return [note.format(words=used, typed=typed) for typed, used in found.respelt]
    if found.unquoted and found.documents:
        return [_("no entry has what stands in quotation marks; these have some of its words")]
    if found.partial:
        some = _("no entry has all the words; these have some of them")
        terms = sum(len(clause.terms) for clause in found.clauses)
        asks = terms >= SENTENCE or any(clause.is_sentence for clause in found.clauses)
        return [some, *(_not_contained(searcher, node, SHORTEST, asks=asks) if node else ())]
    if found.documents:
        return []
    if not searcher.reader.count:
        return [_("the knowledge base has no entries yet")]
    notes = list(_excluded(searcher, request)) if request.filters else []
    if node is not None and not notes:
        notes = [*_not_contained(searcher, node)] or [*_unknown_values(searcher, node)]
        together = _("no entry matches all of it together; --match any shows those that match some of the words")
        notes = notes or [together]
    return notes


def without_a_date(number: int) -> str:
    """What to tell where entries would be found, were they in the period that was asked for."""
    text = ngettext(
        "{number} entry that matches has no date and is in no period; date:none in a search shows it",
        "{number} entries that match have no date and are in no period; date:none in a search shows them",
        number,
    )
    return text.format(number=f"{number:,}")


def _excluded(searcher: Searcher, request: SearchRequest) -> Iterator[str]:
    """Which filter keeps out what would match without it."""

    def count(other: Filters) -> int:
        return len(searcher.search(request._replace(filters=other, limit=1, offset=0)).documents)

    without_any = count(Filters())
    if not without_any:
        return
    labels = {"dates": _("the period"), "issuers": _("the department"), "tags": _("the tag"), "kinds": _("the kind"),
              "statuses": _("the status"), "levels": _("the level"), "regions": _("the region"),
              "validity": _("the state")}  # fmt: skip
    for name, label in labels.items():
        if getattr(request.filters, name) and (without := count(request.filters.without(name))):
            text = _("{filter} excludes all; without it {number} would match")
            yield text.format(filter=label, number=without)
            return
    text = _("the filters together exclude all; without them {number} would match")
    yield text.format(number=without_any)


def _not_contained(searcher: Searcher, node: Node, shortest: int = 0, *, asks: bool = False) -> Iterator[str]:
    """The words of a query that no entry has, with those nearest to them, from a length on, that some have.

    Where it ``asks`` something many words may be lacking: told are those that people are known to look for.
    """
    for text in dict.fromkeys(words_of(node)):
        for term in searcher.analyzer.clause(text).terms:
            related, market = _related(term.text), _is_of_the_market(term.text)
            if asks and not related and not market:
                continue
            if not searcher.matcher.matching(term):
                typed = text if fold(text) == term.text else term.text
                note = _("no entry contains {word}").format(word=typed)
                related = [other for other in related if searcher.matcher.containing(other)]
                looked = (term.text, *term.synonyms) if len(term.text) >= shortest else ()
                if near := related[:NEAREST] or nearest(searcher, looked):
                    note += _("; near to it: {words}").format(words="、".join(near))
                yield note
                if market:
                    yield _("'policykb market' has figures of the carbon market: prices and volumes by quarter")


def _unknown_values(searcher: Searcher, node: Node) -> Iterator[str]:
    """The fields of a query with a value that no entry has."""
    match node:
        case Field() if not searcher.matcher.evaluate(node):
            note = _("no entry has {field} {value}").format(field=node.name, value=node.value)
            if node.name in ("kind", "status", "level", "region") and (
                values := "、".join(searcher.reader.terms(node.name))
            ):
                note += _("; there are {values}").format(values=values)
            yield note
        case And() | Or():
            for item in node.items:
                yield from _unknown_values(searcher, item)


def _is_of_the_market(word: str) -> bool:
    return word in map(fold, _asking()["market"])


def _related(word: str) -> list[str]:
    """The words under which entries may have what is meant by a word that they do not have."""
    return [fold(term) for row in _asking()["near"] if word in map(fold, row["words"]) for term in row["terms"]]


@cache
def _asking() -> dict[str, Any]:
    from policykb.files import toml
    from policykb.files.packaged import DATA

    return toml.read(DATA / "asking.toml")


def nearest(searcher: Searcher, words: Iterable[str]) -> list[str]:
    """The indexed words most like one of ``words``: by shared characters in order, at least `CLOSE`, else `LOOSE`."""
    from difflib import SequenceMatcher

    from policykb.search.spelling import numerals

    scored: dict[str, float] = {}
    for folded in map(fold, words):
        own = numerals(folded)
        for char in dict.fromkeys(folded):
            for term in searcher.reader.terms("word", char):
                if term != folded and abs(len(term) - len(folded)) <= 2 and len(term) > 1 and numerals(term) == own:
                    matcher = SequenceMatcher(None, folded, term, autojunk=False)
                    if matcher.real_quick_ratio() >= LOOSE and (ratio := matcher.ratio()) >= LOOSE:
                        scored[term] = max(ratio, scored.get(term, 0.0))
    found: list[str] = []
    for term in searcher.reader.there("word", sorted(scored, key=lambda term: (-scored[term], term))):
        if len(found) == NEAREST or (found and scored[term] < CLOSE <= scored[found[0]]):
            break
        found.append(term)
    return found
