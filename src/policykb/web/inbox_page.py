"""``/inbox``: what waits for a person, the evidence beside it, and what is decided about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlencode

from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, RedirectResponse, Response

from policykb.domain.policy import BY_NAME
from policykb.domain.relation import relation_words
from policykb.errors import DocumentError, PolicyKBError
from policykb.i18n import _
from policykb.inbox.decisions import Verdict, state_of
from policykb.inbox.proposal import KINDS, Proposal
from policykb.render.inbox_records import title_of
from policykb.render.wheres import said_where
from policykb.text.fold import fold
from policykb.web import forms
from policykb.web.view import with_words_marked

if TYPE_CHECKING:
    from starlette.requests import Request

    from policykb.inbox.inbox import Queue
    from policykb.inbox.items import Item
    from policykb.kb import KnowledgeBase

_ON_A_PAGE = 30
_TABS = ("document", "tag", "relation", "field", "finding")


class Row(NamedTuple):
    """A proposal as the page has it: its entry's title, what is proposed in words, the evidence with its marks."""

    one: Proposal
    title: str
    label: str
    evidence: Markup
    where: str
    state: str
    names: str  # the list of names that a value is completed from
    foreign: bool = False  # what somebody else brought as evidence does not stand in the entry


def show(request: Request) -> Response:
    """The page; parameters ``kind`` and ``page``."""
    return _page(request, request.query_params.get("kind", ""), request.query_params.get("page", ""), ())


async def decide(request: Request) -> Response:
    """A decision about one thing (``key``), or about all that were picked (``pick``)."""
    form = await forms.trusted(request)
    return await run_in_threadpool(_decide, request, form)


async def undo(request: Request) -> Response:
    """The last decision taken back."""
    form = await forms.trusted(request)
    return await run_in_threadpool(_undo, request, form)


def _decide(request: Request, form: forms.Form) -> Response:
    waiting, accepted = request.app.state.site.waiting, form.get("do") == "accept"
    queue = waiting.known()
    named = {key: state for key, _at, state in (one.partition("@") for one in form.all("pick") or form.all("key"))}
    proposals = {one.key: one for one in queue.proposals}
    verdicts = [
        Verdict(proposals[key], accepted, " ".join(form.get("value").split()) if len(named) == 1 else "", state)
        for key, state in named.items()
        if key in proposals
    ]
    again = [_("it is not proposed any more: {key}").format(key=key) for key in named if not _is_there(key, queue)]
    with waiting.deciding, (inbox := waiting.inbox).together():
        for item in queue.documents:
            if item.id in named:
                try:
                    inbox.take_in(item.id) if accepted else inbox.turn_away(item.id)
                except PolicyKBError as error:
                    again.append(str(error))
        decided = inbox.decide(verdicts) if verdicts else None
    if decided:
        waiting.decided(one.proposal for one in decided.done)
        again += [f"{one.proposal.entry}: {why}" for one, why in decided.again]
    again = [*map(request.app.state.site.said, again)]
    if request.headers.get("accept") == "application/json":
        states = inbox.states({one.proposal.entry for one in verdicts})
        return JSONResponse({"again": again, "last": inbox.last(), "states": states})
    if again:
        return _page(request, form.get("kind"), form.get("page"), again, status=409)
    return _back(form)


def _is_there(key: str, queue: Queue) -> bool:
    return any(one.key == key for one in queue.proposals) or any(item.id == key for item in queue.documents)


def _undo(request: Request, form: forms.Form) -> Response:
    waiting = request.app.state.site.waiting
    try:
        with waiting.deciding:
            waiting.inbox.undo()
            waiting.undone()
    except PolicyKBError as error:
        return _page(request, form.get("kind"), form.get("page"), [str(error)], status=409)
    return _back(form)


def _back(form: forms.Form) -> Response:
    given = {name: value for name in ("kind", "page") if (value := form.get(name))}
    return RedirectResponse(f"/inbox?{urlencode(given)}" if given else "/inbox", 303)


def _page(request: Request, kind: str, number: str, again: Iterable[str], status: int = 200) -> Response:
    site = request.app.state.site
    kb, inbox = site.kb, site.waiting.inbox
    queue, complete = site.waiting.now()
    counts = Counter[str](one.kind for one in queue.proposals) + Counter(document=len(queue.documents))
    kind = kind if kind in _TABS else ""
    shown: list[Item | Proposal] = [*queue.documents] if kind in ("", "document") else []
    shown += [one for one in queue.proposals if kind in ("", one.kind)]
    pages = max(1, -(-len(shown) // _ON_A_PAGE))
    at = min(int(number), pages) if number.isascii() and number.isdigit() and 0 < len(number) < 6 else 1
    some = shown[(max(at, 1) - 1) * _ON_A_PAGE :][:_ON_A_PAGE]
    proposals = [one for one in some if isinstance(one, Proposal)]
    entries = _entries(kb, {one.entry for one in proposals})
    return forms.page(
        request, "inbox.html.j2", status,
        tabs=[("", len(shown) if not kind else queue.total), *((one, counts[one]) for one in _TABS if counts[one])],
        kind=kind, at=at, pages=pages, again=list(again), complete=complete, last=inbox.last(),
        problems=[site.said(one.problem) for one in queue.problems],
        documents=[(item, title_of(item)) for item in some if not isinstance(item, Proposal)],
        rows=[_row(one, *entries.get(one.entry, (one.entry, "", ""))) for one in proposals],
        vocabulary=list(kb.vocabulary) if any(one.kind == "tag" for one in proposals) else [],
        kinds=kinds(), relation_labels=relation_words()["label"],
    )  # fmt: skip


def kinds() -> dict[str, str]:
    """What each kind of proposal is called."""
    labels = (_("New document"), _("Proposed tag"), _("Proposed relation"), _("Doubtful field"), _("Finding"))
    return dict(zip(("document", *KINDS), labels, strict=True))


def _entries(kb: KnowledgeBase, ids: set[str]) -> dict[str, tuple[str, str, str]]:
    """The title of entries, the state of their files and what stands in them, by id."""
    found: dict[str, tuple[str, str, str]] = {}
    for id, path in kb.corpus.files_of(ids).items() if ids else ():
        with suppress(DocumentError):  # it went just now
            content = kb.corpus.read_bytes(path)
            title = kb.corpus.examine(path).fields.get("title", id)
            found[id] = title, state_of(content), content.decode("utf-8", "replace")
    return found


def _row(one: Proposal, title: str, state: str, text: str) -> Row:
    label = BY_NAME[one.name].label if one.name in BY_NAME and BY_NAME[one.name].label else one.name
    evidence = with_words_marked(Markup.escape(one.quote), one.words)
    completed = {"tag": "tags"}.get(one.kind, "")
    foreign = bool(one.item) and fold(one.quote) not in fold(text)
    return Row(one, title, label, evidence, said_where(one.where), state, completed, foreign)


def entry_address(id: str) -> str:
    """The page of an entry."""
    return f"/entry/{quote(id, safe='')}"
