"""From feeds into the inbox: what is announced, fetched, read, compared with all that is held, and left to a person."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import urlsplit

from policykb.collecting.feed import Feed, FeedItem, read_feed, reader
from policykb.collecting.manners import Asking
from policykb.collecting.outcome import Announced, Collected, What
from policykb.collecting.sources import FeedSource
from policykb.collecting.state import ASKED, FeedState, Known, read_state, write_state
from policykb.corpus import entry_format
from policykb.corpus.corpus import Corpus
from policykb.domain.issuers import Authority
from policykb.domain.policy import Policy
from policykb.errors import CorpusError, DataError, DocumentError, PolicyKBError, RefusedError, SourceError
from policykb.i18n import _
from policykb.importing import same_document
from policykb.importing.addition import incoming, looks_official
from policykb.importing.attachments import attachments
from policykb.importing.fetching import Fetched
from policykb.importing.official.draft import UNTITLED
from policykb.inbox.inbox import Inbox

_ATTACHMENTS = 10  # of one page
_TRIES = 5  # runs in which an item that cannot be had is asked for again
_BUSY = (429, 503)  # a server that answers so is left alone until the next run


class Document(NamedTuple):
    """A fetched document, read: ``policy`` is the entry that it would be."""

    fetched: Fetched
    policy: Policy
    official: bool

    @property
    def text(self) -> str:
        """A digest of what it says: pages change around their text all the time."""
        said = "\n".join((self.policy.title, self.policy.number or "", self.policy.body))
        return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:16]


class Collector:
    """Collects into the inbox of one corpus, whose waiting documents are read once."""

    def __init__(
        self,
        corpus: Corpus,
        authority: Authority,
        inbox: Callable[..., Inbox],
        asking: Asking,
        held: Iterable[Policy],
    ) -> None:
        """``inbox`` makes one, given ``by``, who brings what comes in; ``held`` are all entries.

        Raises MissingExtraError where feeds cannot be read.
        """
        reader()  # before anything is asked for
        self._corpus, self._authority, self._inboxes, self._asking = corpus, authority, inbox, asking
        self._inbox = inbox(by="")
        self._held = list(held)
        for item in self._inbox.stored().documents:
            try:
                self._held.append(entry_format.parse(item.draft or "", id=item.id))
            except DocumentError:
                continue  # the inbox says so

    def collect(self, source: FeedSource) -> Collected:
        """Takes in what is new of a source. What goes wrong with it is in the outcome; a run begun is gone on with."""
        done, self._inbox = Collected(source.name), self._inboxes(by=source.name)
        try:
            state = read_state(self._corpus.root, source.name)
            fetched = self._asking.ask(source.feed, delay=source.delay, if_changed=state.if_changed)
            if fetched.unchanged:
                done.unchanged, done.known = True, state.number
                return done
            feed = read_feed(fetched)
        except (SourceError, DataError) as error:
            done.problem = str(error)
            return done
        done.notes += _otherwise(source, fetched, feed, state)
        state.title, state.number, state.if_changed = feed.title, len(feed.items), {}
        self._take(source, feed, state, done)
        if not done.left and not done.count("failed"):
            state.if_changed = {
                sent: said
                for name, sent in ASKED.items()
                if (said := fetched.headers.get(name, "")).isprintable() and said
            }
        write_state(self._corpus.root, source.name, state, {one.key for one in feed.items})
        return done

    def _take(self, source: FeedSource, feed: Feed, state: FeedState, done: Collected) -> None:
        """What the feed announces and is not known, those that failed before last; at most ``limit`` of them."""
        waiting = []
        for one in feed.items:
            known = state.items.get(one.key)
            if known and known.mark == one.mark and (known.what != "failed" or known.tries >= _TRIES):
                done.known += 1
            else:
                waiting.append((known.tries if known and known.what == "failed" else 0, one))
        waiting.sort(key=lambda pair: pair[0])
        for number, (tries, one) in enumerate(waiting):
            if number >= source.limit:
                done.left = len(waiting) - number
                return
            try:
                self._inbox.require_room()
            except CorpusError as error:
                done.left, done.problem = len(waiting) - number, str(error)
                return
            try:
                announced, text = self._announced(one, state.items.get(one.key), source.delay)
            except RefusedError as error:
                if error.status in _BUSY:
                    done.left = len(waiting) - number
                    done.problem = _busy(error)
                    return
                announced, text = Announced("failed", one.title, one.url, why=str(error)), ""
            except PolicyKBError as error:
                announced, text = Announced("failed", one.title, one.url, why=str(error)), ""
            failed = tries + 1 if announced.what == "failed" else 0
            state.items[one.key] = Known(announced.what, one.mark, announced.id, text, failed)
            write_state(self._corpus.root, source.name, state, {item.key for item in feed.items})
            done.announced.append(announced)

    def _announced(self, one: FeedItem, known: Known | None, delay: float) -> tuple[Announced, str]:
        """What becomes of an item, and the digest of what it says. Raises SourceError."""
        document = self._document(one.url, delay)
        title = document.policy.title if document.policy.title != UNTITLED else one.title
        if known and known.text == document.text:  # what changed is what the feed says of it, or what is around it
            return Announced("held", title, one.url, known.id), document.text
        if not document.official:
            return Announced("refused", title, one.url, why=_("is no official document")), document.text
        what: What = "changed" if known and known.id else "taken"
        if what == "taken" and (same := self._same(document.policy)):
            lacks = same_document.is_summary_of(same.body, document.policy.body)
            why = _("as a summary; 'policykb add {url} --to {id}' puts the text into it") if lacks else ""
            return Announced("held", title, one.url, same.id, why.format(url=one.url, id=same.id)), document.text
        try:
            id = self._into_inbox(document)
        except CorpusError as error:
            return Announced("refused", title, one.url, why=str(error)), document.text
        why = _("has another text than when it was taken") if what == "changed" else ""
        linked = tuple(self._attachments(document.fetched, delay))
        return Announced(what, title, one.url, id, why, linked), document.text

    def _attachments(self, page: Fetched, delay: float) -> list[str]:
        """The documents that a page links to, those of them that are new and official."""
        found = []
        for url in attachments(page)[:_ATTACHMENTS]:
            try:
                document = self._document(url, delay)
                if document.official and self._same(document.policy) is None:
                    found.append(self._into_inbox(document))
            except (SourceError, CorpusError):
                continue  # tables, forms, archives: the page has their addresses
        return found

    def _document(self, url: str, delay: float) -> Document:
        fetched = self._asking.ask(url, delay=delay)
        draft = incoming(fetched.data, self._authority, name=fetched.name, url=fetched.url).draft
        return Document(fetched, draft.policy(title=draft.value("title", UNTITLED)), looks_official(draft))

    def _into_inbox(self, document: Document) -> str:
        item = self._inbox.add(document.fetched.data, name=document.fetched.name, url=document.fetched.url)
        self._held.append(replace(document.policy, id=item.id))
        return item.id

    def _same(self, policy: Policy) -> Policy | None:
        """What is held, or waits, of a document: by number, title and date."""
        return next(iter(same_document.plan([policy], self._held).known), None)


def _otherwise(source: FeedSource, fetched: Fetched, feed: Feed, state: FeedState) -> list[str]:
    """What a feed gives otherwise than before."""
    found = []
    if not feed.items:
        found.append(
            _("announces nothing; before it was {number:,}").format(number=state.number)
            if state.number
            else _("announces nothing")
        )
    if state.title and feed.title != state.title:
        found.append(_("calls itself {title}, before {before}").format(title=feed.title, before=state.title))
    if urlsplit(fetched.url).hostname != urlsplit(source.feed).hostname:
        found.append(_("has moved to {url}").format(url=fetched.url))
    return found


def _busy(error: RefusedError) -> str:
    if not error.wait:
        return _("{problem}; the rest is taken at the next run").format(problem=error)
    return _("{problem}, and wants us to wait ({wait}); the rest is taken at the next run").format(
        problem=error, wait=error.wait[:40]
    )
