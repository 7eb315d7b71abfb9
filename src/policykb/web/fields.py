"""The fields of an entry in a form: what stands there, what a person made of it, and what came in between."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from markupsafe import Markup

from policykb.i18n import _
from policykb.inbox.documents import EDITABLE, written
from policykb.render.wheres import said_where
from policykb.web.view import with_words_marked

if TYPE_CHECKING:
    from policykb.inbox.proposal import Proposal
    from policykb.kb import KnowledgeBase
    from policykb.web.forms import Form

_USUAL = ("title", "date", "issuers", "number", "kind", "tags", "effective", "source")  # shown though they are empty
_LISTED = {"issuers": "issuer", "tags": "tag", "kind": "kind", "status": "status"}  # completed from the values in use

Values = Mapping[str, Sequence[str]]  # of each field, as a person writes them


class FormField(NamedTuple):
    """A field of the form. ``values`` are one or, where ``many``, several, each with a box of its own.

    ``now`` is what the file says where somebody else changed it meanwhile, ``where``, ``sure``, ``evidence`` and
    ``place`` say what it was read from, ``problem`` what is wrong with it.
    """

    name: str
    label: str
    type: str
    values: Sequence[str]
    many: bool
    completed: bool
    now: str = ""
    where: str = ""
    sure: int | None = None
    evidence: Markup = Markup()
    place: bool = False
    problem: str = ""

    @property
    def usual(self) -> bool:
        """Whether it is shown at once."""
        return bool(self.name in _USUAL or self.values or self.now or self.problem)


def standing(fields: Mapping[str, Any]) -> dict[str, list[str]]:
    """The values of an entry's fields as a form has them; ``fields`` are those of an `EntryReading`."""
    found = {}
    for one in EDITABLE:
        value = fields.get(one.name)
        found[one.name] = [written(part) for part in value] if isinstance(value, tuple) else [written(value)]
        found[one.name] = [part for part in found[one.name] if part]
    return found


def sent(form: Form) -> dict[str, list[str]]:
    """The values that a form was sent with."""
    return {one.name: [part for value in form.all(one.name) if (part := " ".join(value.split()))] for one in EDITABLE}


def as_shown(values: Values, body: str) -> str:
    """What a form was filled with, to be sent along: so that it is known afterwards what a person changed."""
    return json.dumps({"values": values, "body": _digest(body)}, ensure_ascii=False)


def _before(form: Form) -> tuple[dict[str, Any], str]:
    """What a form was filled with: the values, and the digest of the text."""
    try:
        before = json.loads(form.get("was"))
        return dict(before["values"]), str(before["body"])
    except (ValueError, LookupError, TypeError):
        return {}, ""


def is_other_text(form: Form, body: str) -> bool:
    """Whether a text is not the one that the form was filled with."""
    return _digest(body) != _before(form)[1]


def changed(form: Form) -> tuple[dict[str, list[str]], str | None]:
    """The fields, and the text, that differ from what the form was filled with; None for a text that does not."""
    values, digest = _before(form)
    made = {name: value for name, value in sent(form).items() if value != values.get(name, [])}
    body = form.get("body")
    given = any(name == "body" for name, _value in form.fields)
    return made, body if given and _digest(body) != digest else None


def _digest(body: str) -> str:
    plain = body.replace("\r\n", "\n").replace("\r", "\n").strip()
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()


def form_fields(
    values: Values, *, read: Iterable[Proposal] = (), now: Values | None = None, places: Iterable[str] = (),
    problem: tuple[str, str] = ("", ""),
) -> list[FormField]:  # fmt: skip
    """The fields in order; ``read`` says what was read for each, ``now`` what the file says where that is not shown,
    ``places`` which stand in the text that is shown beside, ``problem`` a field's name and what is wrong with it."""
    evidence = {one.name: one for one in read}
    there = set(places)
    found = []
    for one in EDITABLE:
        said, own = evidence.get(one.name), list(values.get(one.name, ()))
        other = list(now.get(one.name, ())) if now is not None else own
        field = FormField(
            one.name, one.label or _("Number of departments"), one.type, own, one.is_list, one.name in _LISTED,
            "、".join(other) if other != own else "", problem=problem[1] if problem[0] in one.all_keys else "",
        )  # fmt: skip
        if said:
            field = field._replace(
                where=said_where(said.where),
                sure=None if said.sureness is None else round(said.sureness * 100),
                evidence=with_words_marked(Markup.escape(said.quote), said.words),
                place=one.name in there,
            )
        found.append(field)
    return found


def names(kb: KnowledgeBase) -> dict[str, list[str]]:
    """What boxes are completed from: the names that lists have, and those in use."""
    known: dict[str, Iterable[str]] = {"issuers": (organ.name for organ in kb.authority), "tags": kb.vocabulary}
    return {name: sorted({*known.get(name, ()), *kb.engine.terms(field)}) for name, field in _LISTED.items()}
