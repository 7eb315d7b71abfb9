"""What pages are sent: forms, bounded in size, number and time, each with a token that only pages of ours have."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, NamedTuple

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from policykb.errors import PolicyKBError
from policykb.i18n import _
from policykb.web import view

if TYPE_CHECKING:
    from starlette.responses import HTMLResponse
    from starlette.types import Message

FORM = 25 << 20  # bytes of a form without files; the text of an entry may be long
UPLOAD = 100 << 20  # bytes of all files that are sent at once
MOST_FILES = 20
_MOST_FIELDS = 2_000
_SECONDS = 120.0  # for all of it
_PATIENCE = 20.0  # seconds between two pieces of it
_AT_ONCE = 4  # forms with files that are read at a time: these are in memory

_COOKIE = "policykb"
_SECRET = secrets.token_bytes(32)
_VALUE = re.compile(r"[0-9a-f]{32}")
_reading = asyncio.Semaphore(_AT_ONCE)


class FormError(PolicyKBError):
    """A form that is not taken; ``status`` is that of the answer."""

    def __init__(self, problem: str, status: int) -> None:
        self.status = status
        super().__init__(problem)


class File(NamedTuple):
    """A file that was sent; ``name`` is what it is called there: text, never a path."""

    name: str
    data: bytes


class Form(NamedTuple):
    """What was sent: values by name, in order, and files. ``trusted``: it has the token of a page of ours."""

    fields: Sequence[tuple[str, str]]
    files: Sequence[File]
    trusted: bool

    def get(self, name: str) -> str:
        """The first value of a name, empty where there is none."""
        return next((value for one, value in self.fields if one == name), "")

    def all(self, name: str) -> list[str]:
        """The values of a name."""
        return [value for one, value in self.fields if one == name]


def page(request: Request, name: str, /, status: int = 200, **values: Any) -> HTMLResponse:
    """A page with forms: a template that gets the ``token`` for them."""
    cookie = _cookie(request) or secrets.token_hex(16)
    answer = view.page(request, name, status, token=_token(cookie), **values)
    if cookie != _cookie(request):
        answer.set_cookie(_COOKIE, cookie, httponly=True, samesite="strict", path="/")
    answer.headers["cache-control"] = "no-store"
    return answer


async def read(request: Request, *, largest: int = FORM, files: int = 0) -> Form:
    """The form of a request. Raises `FormError` where it is too large, too slow or no form."""
    received = 0

    async def receive() -> Message:
        nonlocal received
        message = await asyncio.wait_for(request.receive(), _PATIENCE)
        received += len(message.get("body", b""))
        if received > largest:
            raise FormError(_too_large(largest), 413)
        return message

    length = request.headers.get("content-length", "0")
    if not length.isdigit() or len(length) > 18 or int(length) > largest:
        raise FormError(_too_large(largest), 413)
    try:
        async with asyncio.timeout(_SECONDS), _reading if files else nullcontext():
            bounded = Request(request.scope, receive)
            async with bounded.form(max_files=files, max_fields=_MOST_FIELDS, max_part_size=largest) as form:
                found = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
                if len(found) > _MOST_FIELDS:  # not every version of starlette counts those of a form without files
                    raise HTTPException(400, "Too many fields")
                sent = [value for _name, value in form.multi_items() if isinstance(value, UploadFile)]
                read = [File(one.filename or "", await one.read()) for one in sent if one.filename or one.size]
    except TimeoutError:
        raise FormError(_("what was sent took too long to arrive"), 408) from None
    except ClientDisconnect:
        raise FormError(_("what was sent did not arrive whole"), 400) from None
    except HTTPException as error:
        raise FormError(
            _("what was sent is no form of this page: {problem}").format(problem=error.detail), 400
        ) from None
    cookie = _cookie(request)
    given = next((value for name, value in found if name == "token"), "")
    trusted = bool(cookie) and hmac.compare_digest(_token(cookie).encode(), given.encode("utf-8", "replace"))
    return Form(found, read, trusted)


async def trusted(request: Request, *, largest: int = FORM, files: int = 0) -> Form:
    """As `read`; raises `FormError` for a form without the token of a page of ours, too."""
    form = await read(request, largest=largest, files=files)
    if not form.trusted:
        raise FormError(_("the page is older than this server: load it again, then send it once more"), 403)
    return form


def _too_large(largest: int) -> str:
    return _("what was sent is larger than {number} MB").format(number=largest >> 20)


def _cookie(request: Request) -> str:
    value = request.cookies.get(_COOKIE, "")
    return value if _VALUE.fullmatch(value) else ""


def _token(cookie: str) -> str:
    return hmac.new(_SECRET, cookie.encode(), hashlib.sha256).hexdigest()
