"""What somebody else proposes about an entry, held against the entry before it may wait."""

from __future__ import annotations

from dataclasses import replace

from policykb.corpus.corpus import Corpus
from policykb.domain.names import listed_names
from policykb.domain.vocabulary import Vocabulary
from policykb.errors import CorpusError
from policykb.i18n import _
from policykb.inbox.decisions import Verdict, decision
from policykb.inbox.documents import in_front_matter, written
from policykb.inbox.proposal import Proposal
from policykb.relations.decisions import knows
from policykb.text.fold import fold
from policykb.text.visible import visible


def checked(corpus: Corpus, vocabulary: Vocabulary, one: Proposal) -> Proposal:
    """The proposal under the names that lists have. Raises `CorpusError` for an entry that is not there, what no entry
    can say, and a quote that does not stand in it."""
    path = corpus.resolve(one.entry)
    policy = corpus.read(path)
    one = replace(one, value=" ".join(one.value.split()))
    if visible(one.value) != one.value:
        raise CorpusError(_("{text}: has characters that nobody sees; leave them out").format(text=one.value[:80]))
    if one.kind == "tag":
        one = replace(one, value=vocabulary.resolve(one.value))
    elif one.kind == "relation":
        one = replace(one, name=decision(Verdict(one, True)).type)
    elif one.kind == "field":
        if one.name == "tags":
            one = replace(one, value=written(tuple(map(vocabulary.resolve, listed_names(one.value)))))
        corpus.revision(path, {one.name: in_front_matter(one.name, one.value)})
    else:
        raise CorpusError(_("{kind} cannot be proposed").format(kind=one.kind))
    if not one.quote.strip() or fold(one.quote) not in fold(f"{policy.title}\n\n{policy.body}"):
        problem = _("{id}: the quote does not stand in the entry: {quote}")
        raise CorpusError(problem.format(id=policy.id, quote=one.quote[:80]))
    return replace(one, entry=policy.id)


def is_settled(corpus: Corpus, one: Proposal) -> bool:
    """Whether the entry says already what is proposed, or remembers that it was rejected."""
    policy = corpus.read(corpus.resolve(one.entry))
    if one.kind == "tag":
        return one.value in policy.tags or one.value in listed_names(policy.extra.get("rejected_tags"))
    if one.kind == "field":
        return written(getattr(policy, one.name, None)) == one.value
    return one.kind == "relation" and knows(policy, decision(Verdict(one, True)))
