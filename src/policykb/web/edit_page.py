"""``/edit/ID``: an entry's front matter in a form, its text in a plain box; unknown keys and comments stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from policykb.corpus import entry_format
from policykb.corpus.corpus import Corpus
from policykb.errors import CorpusError, DocumentError, PolicyKBError
from policykb.files.journal import Write
from policykb.i18n import _
from policykb.inbox.decisions import state_of
from policykb.inbox.documents import in_front_matter
from policykb.web import fields, forms
from policykb.web.entry_page import file_of
from policykb.web.inbox_page import entry_address

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request


def show(request: Request) -> Response:
    """The form as the file is now; a file that cannot be read as an entry is shown whole."""
    return _form(request, file_of(request))


async def save(request: Request) -> Response:
    """What a person made of it, written if nobody else changed the file, else shown again with both."""
    form = await forms.read(request)
    return await run_in_threadpool(_save, request, form)


def _save(request: Request, form: forms.Form) -> Response:
    path, site = file_of(request), request.app.state.site
    if not form.trusted:  # nothing that was typed is lost
        return _form(request, path, form, _("the page was older than this server; look at it, and save once more"), 403)
    kb = site.kb
    try:
        if form.get("state") != state_of(kb.corpus.read_bytes(path)):
            said = _("the file was changed meanwhile: what you changed is kept here; look at it, and save once more")
            return _form(request, path, form, said, 409)
        with site.waiting.deciding:
            kb.corpus.finish_change(kb.say)
            write = _written(kb.corpus, path, form)
            if state_of(write.expected or b"") != form.get("state"):
                raise CorpusError(_("{path}: changed since it was read; look again").format(path=path))
            kb.corpus.write([write])
    except DocumentError as error:
        return _form(request, path, form, str(error), 400, problem=(error.key or "", error.problem))
    except PolicyKBError as error:
        return _form(request, path, form, str(error), 409)
    return RedirectResponse(entry_address(path.stem), 303)


def _written(corpus: Corpus, path: Path, form: forms.Form) -> Write:
    """The file with what a person changed. Raises DocumentError where it would be no entry any more."""
    if whole := form.get("whole"):
        before = corpus.read_bytes(path)
        text = whole.replace("\r\n", "\n").replace("\r", "\n")
        if b"\r\n" in before:
            text = text.replace("\n", "\r\n")
        entry_format.parse(text, id=path.stem, path=path)
        return Write(path, text.encode("utf-8", "replace"), before)
    made, body = fields.changed(form)
    return corpus.revision(path, {name: in_front_matter(name, value) for name, value in made.items()}, body)


def _form(
    request: Request, path: Path, form: forms.Form | None = None, said: str = "", status: int = 200,
    problem: tuple[str, str] = ("", ""),
) -> Response:  # fmt: skip
    kb = request.app.state.site.kb
    content = kb.corpus.read_bytes(path)
    reading = kb.corpus.examine(path)
    text = content.decode("utf-8", "replace")
    shown = {"id": path.stem, "state": state_of(content), "problem": said, "problems": reading.problems}
    if reading.policy is None or (form and form.get("whole")):
        shown["whole"] = form.get("whole") if form and form.get("whole") else text
        return forms.page(request, "edit.html.j2", status, title=path.stem, **shown)
    now = fields.standing(reading.fields)
    values, body, other = dict(now), reading.policy.body, ""
    if form:
        made, written = fields.changed(form)
        values |= made
        if written is not None:
            body, other = written, body if fields.is_other_text(form, body) else ""
    return forms.page(
        request, "edit.html.j2", status, title=reading.policy.title, whole="", body=body, other=other,
        fields=fields.form_fields(values, now=now, problem=problem), names=fields.names(kb),
        was=fields.as_shown(now, reading.policy.body), **shown,
    )  # fmt: skip
