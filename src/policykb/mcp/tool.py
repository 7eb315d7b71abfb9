"""`Tool`: one thing that an assistant may ask; `Desk`: what it is answered from.

What only a model reads, descriptions and schemas, is in English; titles and errors are in the user's language.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from policykb.domain.daterange import DateRange
from policykb.domain.dates_in_text import parse_day
from policykb.errors import CorpusError, PolicyKBError
from policykb.i18n import _
from policykb.text.visible import visible

if TYPE_CHECKING:
    from policykb.kb import KnowledgeBase
    from policykb.search.links import Links

# Characters of an answer. A Chinese character is at most 1.3 tokens of the usual models: under 25,000 tokens.
LONGEST = 18_000
_SENTENCE = 400  # characters of a sentence that is quoted as evidence
_SHORTER = ((400, 50), (200, 20), (80, 10), (40, 5))  # characters of a text, and items of a list, of what is too long

T = TypeVar("T")
Arguments = Mapping[str, Any]
Record = dict[str, Any]


@dataclass(frozen=True)
class Desk:
    """The knowledge base that is asked, and the clock: ``today`` is called for each question."""

    kb: KnowledgeBase
    today: Callable[[], date]

    def linked(self, read: Callable[[Links], T]) -> T:
        """What ``read`` makes of the relations, brought up to date with the files."""
        self.kb.engine.open()
        return self.kb.engine.linked(read)

    def entry(self, id: str) -> Path:
        """The file of the entry of that id, or of the only one that contains it. Raises CorpusError."""
        try:
            return self.kb.corpus.resolve(id)
        except CorpusError as error:
            raise CorpusError(_("{error}; policy_search gives ids").format(error=error)) from None


class Tool(NamedTuple):
    """``takes`` are the arguments as JSON Schema, each by its name, ``needs`` those that must be given.

    ``gives`` is the schema of the answer, None where it is left unsaid: a schema costs room in every conversation.
    ``answer`` raises `PolicyKBError` for what cannot be answered, in words that say what to do.
    """

    name: str
    title: str
    says: str
    takes: Mapping[str, Any]
    answer: Callable[[Desk, Arguments], Record]
    needs: Sequence[str] = ()
    gives: Mapping[str, Any] | None = None
    writes: bool = False

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the arguments; names that there are not are refused."""
        return {
            "type": "object", "properties": dict(self.takes), "required": list(self.needs),
            "additionalProperties": False,
        }  # fmt: skip


def text(says: str, **more: Any) -> dict[str, Any]:
    """The schema of an argument that is a text."""
    return {"type": "string", "maxLength": 4000, "description": says, **more}


def names(says: str) -> dict[str, Any]:
    """The schema of an argument that is a list of names."""
    return {"type": "array", "items": {"type": "string", "maxLength": 400}, "maxItems": 50, "description": says}


def cursor() -> dict[str, Any]:
    """The schema of the argument that asks for what did not fit into the answer before."""
    return text("`cursor` of the answer before, for what follows", maxLength=20)


def place(arguments: Arguments) -> int:
    """From which item on an answer is asked for. Raises PolicyKBError for what no answer gave as its cursor."""
    written = arguments.get("cursor", "0")
    if not (written.isascii() and written.isdigit() and len(written) < 10):
        raise PolicyKBError(_("cursor is what an answer gave as its cursor, not {text}").format(text=written[:20]))
    return int(written)


def fitting(items: Sequence[Record], start: int, beside: Record | None = None) -> tuple[list[Record], str | None]:
    """As many items from ``start`` on as fit into an answer ``beside`` the rest of it, and the cursor of what is left.

    At least one is given, shortened where it is too long, so that the next question comes further.
    """
    room = LONGEST - len(written(beside or {}))
    given: list[Record] = []
    for one in items[start:]:
        some = one if given else shortened(one, room)
        room -= len(written(some))
        if given and room < 0:
            break
        given.append(some)
    after = start + len(given)
    return given, str(after) if after < len(items) else None


def as_of(arguments: Arguments, today: date) -> date | None:
    """The day that ``as_of`` names, of a period its last; None where it is not given. Raises DateError."""
    written = arguments.get("as_of")
    return (DateRange.parse(written, today=today).last or parse_day(written)) if written else None


def shortened(record: Record, room: int) -> Record:
    """A record with long texts and lists cut, and ``shortened`` in it that says so, where it is too long for ``room``.

    What one document says of itself must not keep others from being read.
    """
    some = record
    for longest, most in _SHORTER:
        if len(written(some)) <= room:
            break
        some = {name: _within(value, longest, most) for name, value in record.items()} | {"shortened": True}
    return some


def cut(sentence: str, longest: int = _SENTENCE) -> str:
    """A sentence, with an ellipsis for its end where it is too long to be read."""
    return sentence if len(sentence) <= longest else f"{sentence[:longest]}…"


def written(record: object) -> str:
    """A record as an assistant reads it: JSON without needless spaces, and with nothing hidden in it.

    What a person does not see in a document, directions, controls and characters of no width, does not reach an
    assistant as it stands either.
    """
    return json.dumps(_shown(record), ensure_ascii=False, separators=(",", ":"), default=str)


def _shown(value: Any) -> Any:
    """A value whose texts have nothing hidden; marks for the ends of lines stay."""
    if isinstance(value, str):
        return value if value.isprintable() else visible(value)
    if isinstance(value, Mapping):
        return {_shown(name): _shown(part) for name, part in value.items()}
    return [_shown(part) for part in value] if isinstance(value, list | tuple) else value


def _within(value: Any, longest: int, most: int) -> Any:
    """A value whose texts and lists are no longer than that."""
    if isinstance(value, str):
        return cut(value, longest)
    if isinstance(value, Mapping):
        return {name: _within(part, longest, most) for name, part in value.items()}
    return [_within(part, longest, most) for part in value[:most]] if isinstance(value, list | tuple) else value
