"""Tags of entries changed: added, taken away, renamed; all of a change is written, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from policykb.corpus.corpus import Corpus
from policykb.domain.names import listed_names
from policykb.domain.policy import Policy
from policykb.domain.vocabulary import Vocabulary
from policykb.errors import CorpusError, DocumentError
from policykb.files.journal import Write
from policykb.i18n import _
from policykb.tagging.vocabulary_edit import made, renamed, tag_name


class TagChange(NamedTuple):
    """An entry's tags before and after a change."""

    id: str
    before: tuple[str, ...]
    after: tuple[str, ...]


def retag(
    corpus: Corpus,
    vocabulary: Vocabulary,
    paths: Iterable[Path],
    *,
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
    create: Sequence[str] = (),
    dry_run: bool = False,
    say: Callable[[str], None] = lambda text: None,
) -> list[TagChange]:
    """Adds and removes tags of entries, and returns what changed.

    A removed tag is noted as rejected, so that it is not proposed for the entry again. Tags to add that are in
    ``create`` and not in the vocabulary are made in it; for others that are not `UnknownNameError` is raised.
    """
    corpus.finish_change(say)
    new = [tag for tag in dict.fromkeys(create) if not vocabulary.known(tag)]
    added = [tag if tag in new else vocabulary.resolve(tag) for tag in add]
    more = [made(corpus.root, new)] if new else []
    return _change(corpus, dict.fromkeys(paths, added), remove, dry_run, more)


def apply_tags(
    corpus: Corpus, tags: Mapping[Path, Sequence[str]], say: Callable[[str], None] = lambda text: None
) -> list[TagChange]:
    """Adds to each entry the tags that were proposed for it, by its file; returns what changed."""
    corpus.finish_change(say)
    return _change(corpus, tags)


def rename_tag(
    corpus: Corpus,
    vocabulary: Vocabulary,
    names: Sequence[str],
    *,
    merge: bool = False,
    dry_run: bool = False,
    say: Callable[[str], None] = lambda text: None,
) -> list[TagChange]:
    """Replaces tags by the last of ``names`` in all entries; one tag that is renamed keeps its old name as an alias.

    A change that was cut short is finished first; that may leave nothing to do. Entries that cannot be read are
    skipped and reported. Raises `CorpusError` where the new name is in use already and ``merge`` is false, it
    cannot be a tag, or no entry has one of the old ones.
    """
    finished = corpus.finish_change(say)
    new = tag_name(names[-1])
    old = [name for name in names[:-1] if name != new]
    if not old:
        raise CorpusError(_("the tag {tag} has this name already; give another one").format(tag=new))
    changes, writes, used = [], [], False
    for path in corpus.paths():
        try:
            policy = corpus.read(path)
        except DocumentError as error:
            say(_("{problem}; its tags stay as they are").format(problem=error))
            continue
        used = used or new in policy.tags
        if not set(old) & {*policy.tags}:
            continue
        tags = tuple(dict.fromkeys(new if tag in old else tag for tag in policy.tags))
        changes.append(TagChange(policy.id, policy.tags, tags))
        writes.append(corpus.revision(path, {"tags": list(tags)}))
    if not changes and finished and used:
        return []
    if not changes:
        raise CorpusError(_("no entry has the tag {tag}").format(tag="、".join(old)))
    if used and not merge:
        together = f"policykb tags merge {' '.join(names)}"
        problem = _("the tag {tag} is in use already; to put both together: {command}")
        raise CorpusError(problem.format(tag=new, command=together))
    defined = renamed(corpus.root, vocabulary, old[0], new) if len(old) == 1 and not merge else None
    if defined:
        writes.append(defined)
        say(_("{old} is now an alias of {tag} in {path}").format(old=old[0], tag=new, path=defined.path))
    elif new not in vocabulary:
        file = corpus.root / "tags.toml"
        say(_("{tag} is not in the vocabulary; define it in {path}").format(tag=new, path=file))
    if not dry_run:
        corpus.write(writes)
    return changes


def edits(policy: Policy, add: Sequence[str] = (), remove: Sequence[str] = ()) -> dict[str, Any]:
    """The keys of an entry that change when tags are added and taken away; these are noted as rejected."""
    tags = tuple(dict.fromkeys((*(tag for tag in policy.tags if tag not in remove), *add)))
    before = listed_names(policy.extra.get("rejected_tags"))
    rejected = [tag for tag in dict.fromkeys((*before, *remove)) if tag not in add]
    made: dict[str, Any] = {}
    if tags != policy.tags:
        made["tags"] = list(tags)
    if rejected != before:
        made["rejected_tags"] = rejected or None
    return made


def _change(
    corpus: Corpus,
    added: Mapping[Path, Sequence[str]],
    remove: Sequence[str] = (),
    dry_run: bool = False,
    more: Iterable[Write] = (),
) -> list[TagChange]:
    changes, writes = [], list(more)
    for path, add in added.items():
        policy = corpus.read(path)
        made = edits(policy, add, remove)
        changes.append(TagChange(policy.id, policy.tags, tuple(made.get("tags", policy.tags))))
        if made:
            writes.append(corpus.revision(path, made))
    if not dry_run:
        corpus.write(writes)
    return changes
