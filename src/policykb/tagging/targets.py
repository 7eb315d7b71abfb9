"""What tags are proposed for: entries by id or query, and documents that are not in the corpus yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from policykb.corpus.corpus import Corpus
from policykb.domain.policy import Policy
from policykb.domain.vocabulary import Vocabulary
from policykb.errors import CorpusError
from policykb.i18n import _
from policykb.search.request import ALL, Result
from policykb.tagging.tagger import MIN_SCORE, Suggestion, Tagger


class TargetTags(NamedTuple):
    """The tags proposed for a target; ``path`` is its file in the corpus, None outside it."""

    name: str
    path: Path | None
    suggestions: Sequence[Suggestion]


def find_entries(
    corpus: Corpus, search: Callable[..., Result], targets: Iterable[str] = (), *, untagged: bool = False
) -> list[Path]:
    """The files of entries by id (or a part of one) or by a query; with ``untagged`` those without a tag too.

    ``search`` is that of the knowledge base. Raises `CorpusError` for a target that names nothing.
    """
    found: dict[Path, None] = {}
    for target in targets:
        try:
            found[corpus.resolve(target)] = None
        except CorpusError as error:
            hits = search(target, limit=ALL).hits
            if not hits:
                raise CorpusError(_("{problem}; as a query it finds nothing either").format(problem=error)) from error
            entries = corpus.stats()  # an index may come from a stranger: it names nothing else
            found.update(dict.fromkeys(corpus.root / hit.path for hit in hits if hit.path in entries))
    if untagged:
        for path in corpus.paths():
            policy = corpus.examine(path).policy
            if policy is not None and not policy.tags:
                found[path] = None
    return list(found)


def propose_tags(
    corpus: Corpus,
    vocabulary: Vocabulary,
    read: Callable[[Path], Policy],
    search: Callable[..., Result],
    targets: Iterable[str] = (),
    *,
    untagged: bool = False,
    min_score: float = MIN_SCORE,
) -> list[TargetTags]:
    """The tags proposed for each target, learned from all tagged entries.

    A target may be a file that is not in the corpus; ``read`` gives the policy in it.
    """
    tagger = Tagger(vocabulary, corpus.policies())
    found: list[TargetTags] = []
    inside = []
    for target in targets:
        path = Path(target)
        if path.is_file() and not path.resolve().is_relative_to(corpus.root.resolve()):
            found.append(TargetTags(target, None, tagger.suggest(read(path), min_score=min_score)))
        else:
            inside.append(target)
    if inside or untagged:
        for path in find_entries(corpus, search, inside, untagged=untagged):
            policy = corpus.read(path)
            found.append(TargetTags(policy.id, path, tagger.suggest(policy, min_score=min_score)))
    return found
