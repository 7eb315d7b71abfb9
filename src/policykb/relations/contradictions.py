"""What documents say of one another and cannot be: circles of repeals, a later one repealed, two finals of a draft."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING

from policykb.corpus.findings import Finding
from policykb.domain.relation import Relation
from policykb.i18n import _
from policykb.mining.stored import PART, Stated, stored_relations
from policykb.relations.graph import Graph
from policykb.relations.overview import id_at

if TYPE_CHECKING:
    from policykb.corpus.corpus import Corpus
    from policykb.search.engine import Engine
    from policykb.search.links import Links

_ENDING = ("repeals", "replaces")


def contradictions(engine: Engine, corpus: Corpus) -> list[Finding]:
    """The contradictions between the entries of the engine's corpus, each at the sentence or key that has it."""
    engine.open()
    found = engine.linked(lambda links: list(_contradictions(Graph(links))))
    findings = [_finding(corpus, path, relation, problem) for path, relation, problem in found]
    return sorted(findings, key=lambda one: (str(one.path), one.line or 0, one.problem))


def _contradictions(graph: Graph) -> Iterator[tuple[str, Relation, str]]:
    """The path of the entry, the relation of it, and what is wrong with that."""
    links = graph.links
    ends: dict[int, dict[int, Relation]] = defaultdict(dict)
    finals: dict[int, dict[int, Relation]] = defaultdict(dict)
    for source in sorted(_saying(links, (*_ENDING, "finalises"))):
        for stated in stored_relations(links.entry(source)):
            one = stated.relation
            if one.type not in (*_ENDING, "finalises") or one.partial:
                continue
            target = graph.meaning.resolve(stated, source)
            if target is not None and one.type == "finalises":
                finals[target][source] = one
            elif target is not None:
                ends[source][target] = one
            if one.type in _ENDING and (later := _later(graph, stated, source, target)) is not None:
                problem = _("repeals {id}, which was issued later, on {day}")
                day = date.fromordinal(links.days[later])
                yield links.path(source), one, problem.format(id=id_at(links, later), day=day)
    for source, target in _circles(ends):
        problem = _("repeals {id}, which repeals this one in turn")
        yield links.path(source), ends[source][target], problem.format(id=id_at(links, target))
    for draft, sources in finals.items():
        for source, relation in sources.items() if len(sources) > 1 else ():
            others = ", ".join(sorted(id_at(links, one) for one in sources if one != source))
            problem = _("is the final of {id}, and so is {others}")
            yield links.path(source), relation, problem.format(id=id_at(links, draft), others=others)


def _saying(links: Links, types: tuple[str, ...]) -> set[int]:
    """The documents with a relation of one of the types."""
    return {one for term, some in links.listed("relation") if term.split(PART)[2] in types for one in some}


def _later(graph: Graph, stated: Stated, source: int, target: int | None) -> int | None:
    """The document that is meant, where it was issued after the one that repeals it.

    An old version may have had the title of the one that is held, but its number or id is its own.
    """
    links, issued = graph.links, graph.links.days[source]
    named = [] if target is None else [target]
    if not named:
        keys = [key.replace("+", "#", 1) for key, _version in stated.targets if key[0] in "+#@"]
        named = [one for key in keys for one in links.having("cited", f"{key}{PART}") if one != source]
    return next((one for one in named if 0 < issued < links.days[one]), None)


def _circles(ends: Mapping[int, Mapping[int, Relation]]) -> Iterator[tuple[int, int]]:
    """The repeals that lead back to where they begin."""
    for source, targets in ends.items():
        for target in targets:
            seen, waiting = {target}, [target]
            while waiting:
                new = set(ends.get(waiting.pop(), ())) - seen
                seen |= new
                waiting += new
            if source in seen:
                yield source, target


def _finding(corpus: Corpus, path: str, relation: Relation, problem: str) -> Finding:
    """With the line of the key, or of the sentence, where the file still has it."""
    reading = corpus.examine(corpus.root / path)
    if relation.confirmed:
        written = [one["target"] for one in reading.fields.get("relations", ())]
        lines = reading.lines.get("relations", (0,))
        place = written.index(relation.title) + 1 if relation.title in written else 0
        return Finding(corpus.root / path, lines[place if place < len(lines) else 0] or None, "relations", problem)
    begin, text = reading.lines.get("body", (0,))[0], reading.fields.get("body", "")
    inside = 0 <= relation.offset < len(text)
    return Finding(
        corpus.root / path, begin + text.count("\n", 0, relation.offset) if inside else None, "body", problem
    )
