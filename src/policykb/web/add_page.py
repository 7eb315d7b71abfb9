"""``/add`` and ``/inbox/ID``: documents that come in, each a draft: what was read where, corrected and taken in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from markupsafe import Markup, escape
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from policykb.corpus import entry_format
from policykb.errors import DocumentError, PolicyKBError, SourceError
from policykb.i18n import _
from policykb.importing.fetching import fetch, is_url
from policykb.inbox.documents import text_of
from policykb.inbox.places import AT_THE_END
from policykb.web import fields, forms
from policykb.web.inbox_page import entry_address

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from starlette.requests import Request

    from policykb.inbox.documents import Compared
    from policykb.inbox.items import Item
    from policykb.inbox.proposal import Proposal

_SHOWN = 60_000, 8_000  # characters of a long text that are shown: its beginning and its end
_LONGEST = 400_000  # characters of a text that is corrected in a box


class Arrived(NamedTuple):
    """What became of something that was added: its draft, or why it was refused."""

    name: str
    item: Item | None
    refused: str = ""


def show(request: Request) -> Response:
    """The form for files, a text or an address."""
    return forms.page(request, "add.html.j2", arrived=(), url="", text="")


async def add(request: Request) -> Response:
    """Takes in what was sent; one document leads to its draft."""
    form = await forms.read(request, largest=forms.UPLOAD, files=forms.MOST_FILES)
    return await run_in_threadpool(_add, request, form)


def _add(request: Request, form: forms.Form) -> Response:
    url, text = form.get("url").strip(), form.get("text")
    if not form.trusted:
        said = _("the page is older than this server: load it again, then send it once more")
        return forms.page(request, "add.html.j2", 403, arrived=[Arrived("", None, said)], url=url, text=text)
    arrived = [_arrived(request, *one) for one in _sent(form.files, url, text)]
    if not arrived:
        arrived = [Arrived("", None, _("choose a file, paste a text, or write an address"))]
    if len(arrived) == 1 and arrived[0].item:
        return RedirectResponse(f"/inbox/{arrived[0].item.id}", 303)
    refused = any(one.item is None for one in arrived)
    return forms.page(
        request, "add.html.j2", 400 if refused else 200, arrived=arrived, url=url if refused else "",
        text=text if refused else "",
    )  # fmt: skip


def _sent(files: Any, url: str, text: str) -> Iterator[tuple[str, bytes | None, str]]:
    """The name, the bytes where they are there, and the address of each thing that was sent."""
    for file in files:
        yield file.name, file.data, ""
    if text.strip():
        yield _("pasted text"), text.encode("utf-8", "replace"), url
    elif url:
        yield url, None, url


def _arrived(request: Request, name: str, data: bytes | None, url: str) -> Arrived:
    try:
        if data is None:
            if not is_url(url):
                raise SourceError(_("{url}: only http:// and https:// are fetched").format(url=url))
            fetched = fetch(url)
            data, name, url = fetched.data, fetched.name, fetched.url
        return Arrived(name, request.app.state.site.waiting.inbox.add(data, name=name, url=url))
    except PolicyKBError as error:
        return Arrived(name, None, request.app.state.site.said(str(error)))


def draft(request: Request) -> Response:
    """A document that waits: field by field what was read, and the text in which it stands."""
    item = request.app.state.site.waiting.inbox.item(request.path_params["id"])
    return _draft(request, item)


def original(request: Request) -> Response:
    """The document as it came: saved, never shown."""
    inbox = request.app.state.site.waiting.inbox
    item = inbox.item(request.path_params["id"])
    headers = {"content-disposition": f'attachment; filename="original{item.suffix}"'}
    return Response(inbox.original(item) or b"", media_type="application/octet-stream", headers=headers)


async def decide(request: Request) -> Response:
    """The draft corrected, and then kept, taken in, put into an entry, or rejected."""
    form = await forms.read(request)
    return await run_in_threadpool(_decide, request, form)


def _decide(request: Request, form: forms.Form) -> Response:
    waiting, id = request.app.state.site.waiting, request.path_params["id"]
    inbox, do = waiting.inbox, form.get("do")
    item = inbox.item(id)
    if not form.trusted:
        said = _("the page was older than this server; look at it, and save once more")
        return _draft(request, item, form, said, 403)
    try:
        with waiting.deciding:
            if do == "reject":
                inbox.turn_away(id)
                return RedirectResponse("/inbox", 303)
            made, body = fields.changed(form)
            if made or body is not None:
                item = inbox.correct(id, made, body)
            if do in ("accept", "anyway", "join"):
                to = form.get("to") if do == "join" else ""
                return RedirectResponse(entry_address(inbox.take_in(id, to=to, anyway=do == "anyway")), 303)
    except DocumentError as error:
        return _draft(request, item, form, str(error), 400, problem=(error.key or "", error.problem))
    except PolicyKBError as error:
        return _draft(request, item, form, str(error), 409)
    return RedirectResponse(f"/inbox/{id}", 303)


def _draft(
    request: Request, item: Item, form: forms.Form | None = None, said: str = "", status: int = 200,
    problem: tuple[str, str] = ("", ""),
) -> Response:  # fmt: skip
    site = request.app.state.site
    inbox = site.waiting.inbox
    reading = entry_format.examine(item.draft or "", id=item.id)
    now = fields.standing(reading.fields)
    values, body = dict(now), str(reading.fields.get("body", ""))
    was = fields.as_shown(now, body)
    if form:
        made, written = fields.changed(form)
        values, body, was = values | made, body if written is None else written, form.get("was")
    known: Compared | None = inbox.compared(item) if reading.policy else None
    shown, places = _text(inbox.original(item), item)
    return forms.page(
        request, "draft.html.j2", status, item=item, problem=said, body=body if len(body) <= _LONGEST else None,
        title="、".join(values.get("title", ())), known=known, text=shown, names=fields.names(site.kb), was=was,
        fields=fields.form_fields(values, read=item.proposals, places=places, problem=problem),
    )  # fmt: skip


def _text(original: bytes | None, item: Item) -> tuple[Markup, set[str]]:
    """The text of a document with what was read from it marked, and the fields whose place is among these."""
    if original is None:
        return Markup(), set()
    try:
        text = text_of(original, f"document{item.suffix}")
    except SourceError:
        return Markup(), set()
    cut = ""
    if len(text) > sum(_SHOWN):
        cut = text[: _SHOWN[0]] + "\n……\n" + text[-_SHOWN[1] :]
    return marked(cut or text, {one.name: one for one in item.proposals})


def marked(text: str, read: Mapping[str, Proposal]) -> tuple[Markup, set[str]]:
    """A text with the words of each proposal marked; each is reached as ``#at-NAME``."""
    spans: list[tuple[int, int, str]] = []
    for name, one in read.items():
        last = any(end in one.where for end in AT_THE_END)
        for word in one.words:
            pattern = r"\s*".join(map(re.escape, "".join(word.split())))
            found = list(re.finditer(pattern, text)) if pattern else []
            if found:
                spans.append((*found[-1 if last else 0].span(), name))
    parts, position, placed = [], 0, set[str]()
    for start, end, name in sorted(spans, key=lambda span: (span[0], -span[1])):
        anchor = "" if name in placed else f' id="at-{name}"'
        placed.add(name)
        if start < position:  # within another one
            parts.append(f"<span{anchor}></span>" if anchor else "")
            continue
        parts += [escape(text[position:start]), f"<mark{anchor}>{escape(text[start:end])}</mark>"]
        position = end
    parts.append(escape(text[position:]))
    return Markup("".join(map(str, parts))), placed
