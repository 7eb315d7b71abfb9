"""From what was found to a `Result`: hits with their passages, facets, notes; the same for every engine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from policykb.domain.policy import Policy
from policykb.errors import CorpusError
from policykb.i18n import _
from policykb.ranking.marks import articles, marked
from policykb.search.request import Hit, Result, SearchRequest, SimilarHit
from policykb.search.snippets import snippet

if TYPE_CHECKING:
    from policykb.ranking.found import Found
    from policykb.ranking.passages import Passage
    from policykb.ranking.searcher import Searcher


def answer(searcher: Searcher, request: SearchRequest) -> Result:
    """What a request finds in one snapshot."""
    clock = [perf_counter()]
    found = searcher.search(request)
    clock.append(perf_counter())
    facets = searcher.counted(request, found) if request.facets or request.facet_siblings else {}
    clock.append(perf_counter())
    page = found.ranked[request.offset : request.offset + request.limit]
    holding = searcher.holding(found)
    shown = articles(holding, page, found)
    hits = [_hit(holding, number, found, shown.get(number)) for number in page]
    notes: Sequence[str] = ()
    if found.partial or found.respelt or not found.documents:
        from policykb.ranking.advice import advise  # most searches find what they ask for

        notes = advise(searcher, request, found)
    undated = searcher.undated(request) if request.filters.dates else 0
    if undated:
        from policykb.ranking.advice import without_a_date

        notes = [*notes, without_a_date(undated)]
    explanation: Sequence[str] = ()
    if request.explain:
        from policykb.ranking.explain import explain_query, shares

        explanation = explain_query(searcher, request, found)
        parts = (shares(holding, number, found) for number in page)
        hits = [hit._replace(explanation=part) for hit, part in zip(hits, parts, strict=True)]
    clock.append(perf_counter())
    phases = ("search", "facets", "show")
    timings = {phase: end - start for phase, start, end in zip(phases, clock, clock[1:], strict=False)}
    return Result(len(found.documents), hits, found.partial, facets, notes, explanation, timings, undated)


def alike(searcher: Searcher, corpus: Path, path: str, limit: int) -> Sequence[SimilarHit]:
    """The entries about the same things as the one at ``path`` in the corpus. Raises CorpusError for an unknown one."""
    from policykb.ranking.similar import similar
    from policykb.text.thesaurus import subjects

    holding, own = searcher.near(path, limit)
    if own is None:
        text = _("{path} is not in the index; run 'policykb check {file}'")
        raise CorpusError(text.format(path=path, file=corpus / path))
    found = []
    for document, score, shared in similar(holding, own, limit, subjects(corpus)):
        entry = holding.reader.entry(document)
        shown = snippet(entry["title"], entry["body"], shared)
        found.append(SimilarHit(Hit(Policy.from_data(entry), entry["path"], round(score, 4), shown), shared))
    return found


def _hit(searcher: Searcher, document: int, found: Found, passage: Passage | None) -> Hit:
    entry = searcher.reader.entry(document)
    exact, synonyms = marked(searcher, document, found)
    within = (passage.start, passage.end) if passage else None
    return Hit(
        policy=Policy.from_data(entry),
        path=entry["path"],
        score=round(found.scores.get(document, 0.0), 4),
        snippet=snippet(entry["title"], entry["body"], exact, synonyms, within=within),
        partial=document in found.lacking,
        article=passage.name if passage else "",
    )
