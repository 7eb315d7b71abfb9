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

from policykb.errors import CorpusError, PolicyKBError
from policykb.i18n import _

if TYPE_CHECKING:
    from policykb.kb import KnowledgeBase
    from policykb.search.links import Links

# Characters of an answer. A Chinese character is at most 1.3 tokens of the usual models: under 25,000 tokens.
LONGEST = 18_000
_SENTENCE = 400  # characters of a sentence that is quoted as evidence

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


def fitting(items: Sequence[Record], start: int, room: int = LONGEST) -> tuple[list[Record], str | None]:
    """As many items from ``start`` on as fit into ``room`` characters, and the cursor of the rest.

    At least one is given, so that the next question comes further.
    """
    given: list[Record] = []
    for one in items[start:]:
        room -= len(written(one))
        if given and room < 0:
            break
        given.append(one)
    after = start + len(given)
    return given, str(after) if after < len(items) else None


def cut(sentence: str) -> str:
    """A sentence, with an ellipsis for its end where it is too long to be read."""
    return sentence if len(sentence) <= _SENTENCE else f"{sentence[:_SENTENCE]}…"


def written(record: object) -> str:
    """A record as an assistant reads it: JSON without needless spaces."""
    said = json.dumps(record, ensure_ascii=False, separators=(",", ":"), default=str)
    return said.encode("utf-8", "backslashreplace").decode()
